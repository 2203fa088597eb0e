"""`votes tally`, `votes sign`: counts of paper and of hands, by one person and again by another."""

from __future__ import annotations

from pathlib import Path

import click

from data.commands.files import INPUT_FILE
from data.commands.opened import BY, acting_login, opened_store
from data.commands.output import json_option, print_json, progress, refuse_cleanly
from data.commands.votes_site import find_box, zone_option
from data.readers.files import read_text
from data.workflows.tallies import WAYS, TallyToEnter, enter_tally, sign_tally

MAY_COUNT = frozenset({"official", "admin"})


@click.command("tally")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", metavar="COUNT.txt", type=INPUT_FILE)
@click.option("--place", required=True, help="Table or assembly of which this is the count.")
@click.option("--way", type=click.Choice(WAYS), required=True)
@click.option("--of-zone", default="", metavar="AREA", help="Zone of the people who were counted.")
@zone_option
@BY
@json_option
@refuse_cleanly
def tally(
    site: str, year: int, file: Path, place: str, way: str, of_zone: str, zone: str, by: str | None, as_json: bool
) -> None:
    """Enter a first count: lines `choices; women; men; others`. It counts when another person has signed it off.

    \b
    Example:
      python -m budget_model votes tally villa-salvador 2027 mesa3.txt --place "Mesa 3" --way paper --by ana
    """
    with opened_store() as opened:
        actor = acting_login(opened, site, by, MAY_COUNT)
        with opened.factory() as session:
            box = find_box(session, site, year, zone)
        given = TallyToEnter(way, place, read_text(file), of_zone)
        kept = enter_tally(opened.factory, site, box.id, given, actor)
    if as_json:
        print_json({"tally": kept.id, "place": kept.place, "state": kept.state, "rows": kept.rows})
        return
    progress(f"Count {kept.id} of {kept.place} kept. It waits for a second person.")


@click.command("sign")
@click.argument("site")
@click.argument("tally_id", metavar="COUNT", type=int)
@click.argument("file", metavar="COUNT.txt", type=INPUT_FILE)
@BY
@json_option
@refuse_cleanly
def sign(site: str, tally_id: int, file: Path, by: str | None, as_json: bool) -> None:
    """Sign off a count with a second count by another person; where they differ, every difference is told.

    \b
    Example:
      python -m budget_model votes sign villa-salvador 4 mesa3-otra-vez.txt --by beto
    """
    with opened_store() as opened:
        actor = acting_login(opened, site, by, MAY_COUNT)
        signed = sign_tally(opened.factory, site, tally_id, read_text(file), actor)
    if as_json:
        print_json({"tally": signed.id, "place": signed.place, "state": signed.state, "signed_by": signed.signed_by})
        return
    progress(f"Count {signed.id} of {signed.place} signed off.")
