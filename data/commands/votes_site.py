"""`votes open`, `votes codes`, `votes boxes`, `votes close`, `votes cancel`: votes on the site with printed codes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from budget_model.assembly.ballot_forms import KINDS
from budget_model.assembly.ballot_groups import LABELS
from budget_model.errors import NotFoundError
from data.commands.files import OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.files import write_file
from data.settings import StoreSettings
from data.store import assembly
from data.store import ballots as store
from data.store.areas import list_areas
from data.store.sites import load_site
from data.store.tables import BallotBox
from data.workflows.ballot_boxes import BoxToOpen, cancel_box, open_box, site_zone
from data.workflows.ballot_codes import MOST_CODES, CodeGroup, make_codes
from data.workflows.closing import close_box
from data.workflows.code_sheets import sheet_of

MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
zone_option = click.option("--zone", default="", metavar="AREA", help="Code of an area that votes on its own.")


@click.command("open")
@click.argument("site")
@click.argument("year", type=int)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="Of ballot.")
@click.option("--most", type=int, help="Choices, places or points, where the ballot has a number.")
@click.option("--opens", type=MOMENT, required=True, help="By the clock of the site.")
@click.option("--closes", type=MOMENT, required=True)
@click.option(
    "--by", "asks", multiple=True, help=f"Groups that results are wanted by, with commas: {', '.join(LABELS)}."
)
@zone_option
@json_option
@refuse_cleanly
def open_(
    site: str, year: int, kind: str, most: int | None, opens: datetime, closes: datetime, asks: tuple[str, ...],
    zone: str, as_json: bool,
) -> None:  # fmt: skip
    """Open a vote on the site: proposals, envelope and rule stay as they are until it is closed.

    \b
    Example:
      python -m budget_model votes open villa-salvador 2027 --kind k-approval --most 3 \\
        --opens 2026-12-01T08:00 --closes 2026-12-07T18:00 --by sex
    """
    names = tuple(name.strip() for name in ",".join(asks).split(",") if name.strip())
    with opened_store() as opened:
        with opened.factory() as session:
            clock = site_zone(load_site(session, site).country)
        wanted = BoxToOpen(kind, most, opens.replace(tzinfo=clock), closes.replace(tzinfo=clock), names, zone)
        box = open_box(opened.factory, site, year, wanted, COMMAND_LINE)
        with opened.factory() as session:
            document = _document(session, site, box)
    _print([document], site, year, as_json)


@click.command("codes")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", metavar="SHEET.pdf", type=OUTPUT_FILE)
@click.option("--number", type=click.IntRange(1, MOST_CODES), required=True)
@click.option("--address", required=True, help="Of the ballot, as phones reach it: https://…/es/SITE/ballot.")
@click.option("--sex", type=click.Choice(["F", "M"]), default=None, help="Of the people who get these codes.")
@click.option("--age", default="", help="Age band of the people who get these codes.")
@click.option("--of-zone", default="", metavar="AREA", help="Zone of the people who get these codes.")
@zone_option
@json_option
@refuse_cleanly
def codes(
    site: str, year: int, file: Path, number: int, address: str, sex: str | None, age: str, of_zone: str, zone: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Make codes for the vote that is open and write them as a sheet to print. They are kept nowhere else.

    SECRET_KEY must be that of the dashboard: only hashes with this key are stored.

    \b
    Example:
      python -m budget_model votes codes villa-salvador 2027 codigos.pdf --number 200 --sex F \\
        --address https://presupuesto.example.pe/es/villa-salvador/ballot
    """
    settings = StoreSettings.from_environment()
    with opened_store(settings) as opened:
        with opened.factory() as session:
            box = find_box(session, site, year, zone)
        group = CodeGroup(sex or "", age, of_zone)
        made = make_codes(opened.factory, site, box.id, number, group, settings.secret, COMMAND_LINE)
        with opened.factory() as session:
            content, _name = sheet_of(session, load_site(session, site), made, address)
    write_file(file, content)
    progress(f"{number} codes written to {file}. They are stored nowhere else.")
    if as_json:
        print_json({"site": site, "year": year, "file": str(file), "codes": number})


@click.command("boxes")
@click.argument("site")
@click.argument("year", type=int)
@json_option
@refuse_cleanly
def boxes(site: str, year: int, as_json: bool) -> None:
    """The votes on the site of a year: how many codes, how many have voted. Never what.

    \b
    Example:
      python -m budget_model votes boxes villa-salvador 2027 --json
    """
    with opened_store() as opened, opened.factory() as session:
        process = assembly.load_process(session, load_site(session, site).id, year)
        documents = [_document(session, site, box) for box in store.list_boxes(session, process.id)]
    _print(documents, site, year, as_json)


@click.command("close")
@click.argument("site")
@click.argument("year", type=int)
@click.option("--reason", default="", help="Why it is closed before its time.")
@zone_option
@json_option
@refuse_cleanly
def close(site: str, year: int, reason: str, zone: str, as_json: bool) -> None:
    """Close the vote that is open, count it by the rule announced, and remove codes and ballots.

    \b
    Example:
      python -m budget_model votes close villa-salvador 2027
    """
    with opened_store() as opened:
        with opened.factory() as session:
            box = find_box(session, site, year, zone)
        done = close_box(opened.factory, site, box.id, COMMAND_LINE, reason)
    winners = done.vote.result["outcome"]["winners"] if done.vote else []
    ballots = done.vote.ballots if done.vote else 0
    if as_json:
        document = {"site": site, "year": year, "zone": zone, "ballots": ballots, "winners": winners}
        print_json({**document, "statistics": done.box.statistics})
        return
    click.echo(f"{ballots:,} ballots. Winners: {', '.join(winners) or 'none'}.")


@click.command("cancel")
@click.argument("site")
@click.argument("year", type=int)
@click.option("--reason", required=True)
@zone_option
@json_option
@refuse_cleanly
def cancel(site: str, year: int, reason: str, zone: str, as_json: bool) -> None:
    """Take back a vote in which nobody has voted; its codes are void.

    \b
    Example:
      python -m budget_model votes cancel villa-salvador 2027 --reason "wrong kind of ballot"
    """
    with opened_store() as opened:
        with opened.factory() as session:
            box = find_box(session, site, year, zone)
        cancel_box(opened.factory, site, box.id, reason, COMMAND_LINE)
    progress("Taken back.")
    if as_json:
        print_json({"site": site, "year": year, "zone": zone, "is_cancelled": True, "reason": reason})


def find_box(session: Session, site: str, year: int, zone: str) -> BallotBox:
    """The vote that is open for a zone, or for the whole site."""
    site_id = load_site(session, site).id
    process = assembly.load_process(session, site_id, year)
    areas = {area.code if area.level else "": area.id for area in list_areas(session, site_id)}
    found = store.find_open_box(session, process.id, areas[zone]) if zone in areas else None
    if found is None:
        raise NotFoundError("ballot box", f"{year} {zone}".strip())
    return found


def _document(session: Session, site: str, box: BallotBox) -> dict[str, Any]:
    areas = {area.id: area.code if area.level else "" for area in list_areas(session, load_site(session, site).id)}
    batches = store.list_batches(session, box.id)
    return {
        "zone": areas[box.area_id],
        "state": box.state,
        "kind": box.kind,
        "most": box.most,
        "opens_at": box.opens_at.isoformat(timespec="minutes"),
        "closes_at": box.closes_at.isoformat(timespec="minutes"),
        "by": box.asks,
        "rule": box.rule,
        "envelope": box.envelope,
        "proposals": [one["code"] for one in box.projects],
        "codes": sum(one.batch.codes for one in batches),
        "used": box.statistics["ballots"] if box.statistics else sum(one.used for one in batches),
        "statistics": box.statistics,
    }


def _print(documents: list[dict[str, Any]], site: str, year: int, as_json: bool) -> None:
    if as_json:
        print_json({"site": site, "year": year, "votes": documents})
        return
    names = ("zone", "state", "kind", "opens_at", "closes_at", "codes", "used")
    print_table(names, [[one[name] or (site if name == "zone" else one[name]) for name in names] for one in documents])
