"""`model`: the budget model of a site in its portable form."""

from __future__ import annotations

from pathlib import Path

import click

from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.files import read_text
from data.store.sites import load_site
from data.workflows.models import build_model, latest_round_id
from data.workflows.portable_programmes import read_portable
from data.workflows.programme_files import model_yaml
from data.workflows.programmes import save_edit


@click.group("model")
def model() -> None:
    """The budget model of a site."""


@model.command("export")
@click.argument("site")
@click.option("--file", "file", type=OUTPUT_FILE, help="Default: standard output.")
@json_option
@refuse_cleanly
def export(site: str, file: Path | None, as_json: bool) -> None:
    """Write the model of today's data as YAML, as `simulate` and `optimise` read it.

    \b
    Example:
      python -m budget_model model export nairobi --file nairobi_model.yaml
    """
    with opened_store() as store, store.factory() as session:
        found = load_site(session, site)
        text = model_yaml(session, found)
        document = build_model(session, found.id, latest_round_id(session, found.id)) if as_json else {}
    if file is not None:
        file.write_text(text, encoding="utf-8")
        progress(f"Wrote {file}.")
    if as_json:
        print_json(document)
    elif file is None:
        click.echo(text, nl=False)


@model.command("import")
@click.argument("site")
@click.argument("file", type=INPUT_FILE)
@json_option
@refuse_cleanly
def import_(site: str, file: Path, as_json: bool) -> None:
    """Take the programmes of a portable model over into a site; needs, limits and objective stay the site's own.

    \b
    Example:
      python -m budget_model model import nairobi nairobi_model.yaml
    """
    with opened_store() as store:
        with store.factory() as session:
            read = read_portable(session, load_site(session, site), read_text(file), file.name)
        saved = save_edit(store.factory, site, read.edit, COMMAND_LINE)
    if read.other_need_cells:
        progress(f"Note: in {read.other_need_cells} cells the needs of the file differ; the site's own are kept.")
    changed = {one.code: one.action for one in saved.edited}
    if as_json:
        document = {"programmes": changed, "model": saved.model_sha256, "other_need_cells": read.other_need_cells}
        print_json(document)
    else:
        print_table(("programme", "action"), list(changed.items()))
