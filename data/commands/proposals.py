"""`proposals`: what people propose for the participatory budget of a year."""

from __future__ import annotations

from pathlib import Path

import click

from budget_model.assembly.proposals import STATES, cells_of
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.store.assembly import list_proposals, load_process
from data.store.sites import load_site
from data.workflows.proposals import export_proposals, import_proposals, record_of, zone_codes


@click.group("proposals")
def proposals() -> None:
    """Proposals for the participatory budget of a site."""


@proposals.command("import")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", type=INPUT_FILE)
@json_option
@refuse_cleanly
def import_(site: str, year: int, file: Path, as_json: bool) -> None:
    """Add or change the proposals of a CSV or XLSX file: all of them or none.

    The file has the column code and any of those that an export has. A proposal that is there becomes its next
    version where something differs; proposals that the file does not name stay as they are.

    \b
    Example:
      python -m budget_model proposals import villa-salvador 2027 propuestas.xlsx
    """
    with opened_store() as store:
        done = import_proposals(store.factory, site, year, file, COMMAND_LINE)
    if as_json:
        named = {"added": list(done.added), "changed": list(done.changed), "unchanged": list(done.unchanged)}
        print_json({"site": site, "year": year, **named})
        return
    counts = [("added", len(done.added)), ("changed", len(done.changed)), ("unchanged", len(done.unchanged))]
    print_table(("proposals", ""), counts)


@proposals.command("export")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", type=OUTPUT_FILE)
@json_option
@refuse_cleanly
def export(site: str, year: int, file: Path, as_json: bool) -> None:
    """Write the proposals of a year as CSV or XLSX, as an import reads them.

    \b
    Example:
      python -m budget_model proposals export villa-salvador 2027 propuestas.csv
    """
    with opened_store() as store:
        count = export_proposals(store.factory, site, year, file)
    progress(f"{count:,} proposals written to {file}.")
    if as_json:
        print_json({"site": site, "year": year, "proposals": count, "file": str(file)})


@proposals.command("list")
@click.argument("site")
@click.argument("year", type=int)
@click.option("--state", type=click.Choice(STATES), help="Only proposals in this state.")
@json_option
@refuse_cleanly
def list_(site: str, year: int, state: str | None, as_json: bool) -> None:
    """The proposals of a year.

    \b
    Example:
      python -m budget_model proposals list villa-salvador 2027 --state feasible
    """
    with opened_store() as store, store.factory() as session:
        found = load_site(session, site)
        zones = zone_codes(session, found.id)
        rows = [
            {**cells_of(record_of(row, zones)), "version": row.version}
            for row in list_proposals(session, load_process(session, found.id, year).id)
            if state in (None, row.state)
        ]
    if as_json:
        print_json({"site": site, "year": year, "proposals": rows})
        return
    shown = [(row["code"], (row["title_es"] or row["title_en"])[:50], row["cost"], row["state"]) for row in rows]
    print_table(("code", "title", "cost", "state"), shown)
