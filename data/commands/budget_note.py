"""`budget note`: notes pinned to points in time of the trends of sites."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.orm import Session

from budget_model.spending.lines import STAGES
from budget_model.spending.notes import parse_note
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.store import budget_notes as store
from data.store.budget_notes import NoteVersion, PinnedNote
from data.store.sites import list_sites, load_site
from data.workflows.budget_notes import in_order, pin_note, withdraw_note


@click.group("note")
def note() -> None:
    """Notes of people beside the years of `budget trends`: what happened, when, who says it and what shows it."""


@note.command("add")
@click.option("--site", "sites", multiple=True, required=True, help="Slug of a site; several times for several.")
@click.option("--when", required=True, help="The year, a month or a day of it: 2023, 2023-05, 2023-05-14.")
@click.option("--text", required=True, help="What happened, in at most 600 letters.")
@click.option("--author", required=True, help="The name that stands beside the note.")
@click.option("--stage", type=click.Choice(STAGES), help="Of the money that it is about; left out: all of them.")
@click.option("--source", default="", help="What shows it: a document or an address.")
@json_option
@refuse_cleanly
def add(
    sites: tuple[str, ...], when: str, text: str, author: str, stage: str | None, source: str, as_json: bool
) -> None:
    """Pin a note to the trends of one or several sites. The very same note is not pinned twice.

    \b
    Example:
      python -m budget_model budget note add --site villa --when 2023-05 --author "Ana Quispe" \\
        --text "Ordinance 412 merged two programmes" --source https://example.pe/ordenanza-412
    """
    given = parse_note(when, text, stage or "", source)
    with opened_store() as opened:
        made = pin_note(opened.factory, sites, given, author, COMMAND_LINE)
    if as_json:
        print_json({"note": made.id, "version": made.version, "is_new": made.is_new})
    progress(f"Note {made.id} is pinned." if made.is_new else f"Note {made.id} says this already.")


@note.command("list")
@click.option("--site", help="Slug of a site; left out: of all.")
@click.option("--withdrawn", is_flag=True, help="Those too that were withdrawn.")
@json_option
@refuse_cleanly
def list_(site: str | None, withdrawn: bool, as_json: bool) -> None:
    """Notes in the order of their points in time; with --json all their versions.

    \b
    Example:
      python -m budget_model budget note list --site villa --withdrawn --json
    """
    with opened_store() as opened, opened.factory() as session:
        wanted = None if site is None else [load_site(session, site).id]
        found = [one for one in in_order(store.list_notes(session, wanted)) if withdrawn or one.is_active]
        documents = note_documents(session, found)
    if as_json:
        print_json({"site": site, "notes": documents})
        return
    header = ("note", "when", "stage", "sites", "text", "source", "author", "state")
    print_table(header, [_cells(one) for one in documents])


@note.command("withdraw")
@click.argument("number", metavar="NOTE", type=int)
@click.option("--reason", required=True, help="Why it should not stand any more.")
@click.option("--version", type=int, help="The version that you saw; refused where there is a newer one.")
@json_option
@refuse_cleanly
def withdraw(number: int, reason: str, version: int | None, as_json: bool) -> None:
    """Take a note (its number: `budget note list`) out of the trend. It stays on record with the reason.

    \b
    Example:
      python -m budget_model budget note withdraw 3 --reason "The ordinance was never published"
    """
    with opened_store() as opened:
        made = withdraw_note(opened.factory, number, reason, COMMAND_LINE, version)
    if as_json:
        print_json({"note": made.id, "version": made.version, "state": store.WITHDRAWN})
    progress(f"Note {number} is withdrawn.")


def note_documents(session: Session, notes: list[PinnedNote]) -> list[dict[str, Any]]:
    """Notes as JSON, each with its versions, the newest first."""
    slugs = {site.id: site.slug for site in list_sites(session)}
    return [
        {
            "note": one.id,
            **_version(one.newest),
            "sites": sorted(slugs[site_id] for site_id in one.site_ids),
            "versions": [_version(version) for version in one.versions],
        }
        for one in notes
    ]


def _version(one: NoteVersion) -> dict[str, Any]:
    return {
        "version": one.version,
        "state": one.state,
        "when": str(one.note.moment),
        "stage": one.note.stage,
        "text": one.note.text,
        "source": one.note.source or None,
        "author": one.author,
        "reason": one.reason or None,
        "saved_at": one.saved_at.isoformat(timespec="seconds"),
        "saved_by": one.saved_by,
    }


def _cells(one: dict[str, Any]) -> tuple[Any, ...]:
    names = ("note", "when", "stage", "sites", "text", "source", "author", "state")
    return tuple(", ".join(one[name]) if name == "sites" else one[name] for name in names)
