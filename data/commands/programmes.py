"""`programmes`: what money buys at a site."""

from __future__ import annotations

from pathlib import Path

import click

from budget_model.errors import InputError
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, OpenedStore, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.atomica_book import is_program_book, read_program_book
from data.store.programme_versions import list_versions
from data.store.sites import load_site
from data.workflows.atomica_programmes import edit_of_book
from data.workflows.programme_edits import described
from data.workflows.programme_files import WORKBOOKS, in_place, programmes_workbook, programmes_yaml, read_edit
from data.workflows.programmes import ImportedProgrammes, import_programmes, save_edit

TOLD = ("programme", "version", "action", "saved_at", "saved_by", "origin")


@click.group("programmes")
def programmes() -> None:
    """Programmes of a site."""


@programmes.command("import")
@click.argument("site")
@click.argument("file", type=INPUT_FILE)
@click.option("--budget-year", type=int, help="Year of the budget lines named; default: the latest with a PIM.")
@click.option("--year", type=int, help="Of an Atomica program book: year of its figures; default: its last spending.")
@json_option
@refuse_cleanly
def import_(site: str, file: Path, budget_year: int | None, year: int | None, as_json: bool) -> None:
    """Make the programmes of a YAML file, or of a filled-in workbook (XLSX), the site's programmes.

    An Atomica program book (XLSX) adds its programmes to those that are there.

    \b
    Example:
      python -m budget_model programmes import nairobi data/examples/nairobi/programmes.yaml
    """
    with opened_store() as store:
        done = _imported(store, site, file, budget_year, year)
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


def _imported(
    store: OpenedStore, site: str, file: Path, budget_year: int | None, year: int | None
) -> ImportedProgrammes:
    """What came of a file; a workbook's problems come with their cells."""
    if file.suffix.lower() not in WORKBOOKS:
        return import_programmes(store.factory, site, file, COMMAND_LINE, budget_year)
    if is_program_book(file.read_bytes()):
        return _imported_book(store, site, file, budget_year, year)
    edit, read = read_edit(file.read_bytes(), file.name)
    try:
        saved = save_edit(store.factory, site, edit, COMMAND_LINE, budget_year)
    except InputError as refusal:
        raise in_place(refusal, read) from None
    removed = tuple(one.code for one in saved.edited if one.action == "remove")
    return ImportedProgrammes(tuple(edit.entries), removed, budget_year, saved.edited, saved.model_sha256)


def _imported_book(
    store: OpenedStore, site: str, file: Path, budget_year: int | None, year: int | None
) -> ImportedProgrammes:
    """What came of an Atomica program book; what of it is not taken over is told."""
    book = read_program_book(file.read_bytes(), file.name)
    with store.factory() as session:
        asked = edit_of_book(session, load_site(session, site), book, year)
    for note in asked.notes:
        progress(f"Note: {note}")
    saved = save_edit(store.factory, site, asked.edit, COMMAND_LINE, budget_year)
    return ImportedProgrammes(tuple(asked.edit.entries), (), budget_year, saved.edited, saved.model_sha256)


@programmes.command("export")
@click.argument("site")
@click.argument("file", type=OUTPUT_FILE)
@click.option("--language", type=click.Choice(["es", "en"]), default="es", show_default=True, help="Of a workbook.")
@json_option
@refuse_cleanly
def export(site: str, file: Path, language: str, as_json: bool) -> None:
    """Write the site's programmes as YAML, or as a workbook to fill in (XLSX), by the ending of FILE.

    \b
    Example:
      python -m budget_model programmes export nairobi programmes.xlsx --language en
    """
    with opened_store() as store, store.factory() as session:
        found = load_site(session, site)
        is_workbook = file.suffix.lower() in WORKBOOKS
        content = (
            programmes_workbook(session, found, language) if is_workbook else programmes_yaml(session, found).encode()
        )
    file.write_bytes(content)
    if as_json:
        print_json({"file": str(file), "bytes": len(content)})
    else:
        progress(f"Wrote {file}.")


@programmes.command("history")
@click.argument("site")
@click.argument("programme", required=False)
@json_option
@refuse_cleanly
def history(site: str, programme: str | None, as_json: bool) -> None:
    """Who changed which programme, when, from what to what; the newest first.

    \b
    Example:
      python -m budget_model programmes history nairobi network
    """
    with opened_store() as store, store.factory() as session:
        versions = list_versions(session, load_site(session, site).id, programme)
        rows = [
            {
                "programme": version.programme_code,
                "version": version.version,
                "action": version.action,
                "saved_at": version.saved_at.isoformat(timespec="seconds"),
                "saved_by": version.saved_by,
                "origin": version.origin,
                "reason": version.reason,
                "changes": version.changes,
                "model": version.model_sha256,
            }
            for version in versions
        ]
    if as_json:
        print_json({"versions": rows})
        return
    told = [(*(row[name] for name in TOLD), "; ".join(map(described, row["changes"][:5]))) for row in rows]
    print_table((*TOLD, "changes"), told)
