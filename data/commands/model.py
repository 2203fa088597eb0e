"""`model`: the budget model of a site in its portable form."""

from __future__ import annotations

from pathlib import Path

import click

from data.commands.files import OUTPUT_FILE
from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, progress, refuse_cleanly
from data.store.sites import load_site
from data.workflows.models import build_model, latest_round_id
from data.workflows.programme_files import model_yaml


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
