"""`programmes`: what money buys at a site."""

from __future__ import annotations

from pathlib import Path

import click

from data.commands.files import INPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.workflows.programmes import import_programmes


@click.group("programmes")
def programmes() -> None:
    """Programmes of a site."""


@programmes.command("import")
@click.argument("site")
@click.argument("file", type=INPUT_FILE)
@click.option("--budget-year", type=int, help="Year of the budget lines named; default: the latest with a PIM.")
@json_option
@refuse_cleanly
def import_(site: str, file: Path, budget_year: int | None, as_json: bool) -> None:
    """Make the programmes of a YAML file the site's programmes.

    \b
    Example:
      python -m budget_model programmes import nairobi data/examples/nairobi/programmes.yaml
    """
    with opened_store() as store:
        done = import_programmes(store.factory, site, file, COMMAND_LINE, budget_year)
    for code in done.removed:
        progress(f"Note: programme '{code}' is not in the file and was removed.")
    if as_json:
        document = {
            "programmes": list(done.programmes),
            "removed": list(done.removed),
            "budget_year": done.budget_year,
        }
        print_json(document)
    else:
        print_table(("programme",), [(code,) for code in done.programmes])
