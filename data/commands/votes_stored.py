"""`votes import|export|list|study|record`: votes of a site's participatory budget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from budget_model.assembly.counting import RULES
from budget_model.assembly.ties import TIE_RULES
from budget_model.errors import NotFoundError
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.files import write_file
from data.store import assembly as store
from data.store.areas import list_areas
from data.store.sites import load_site
from data.store.tables import AssemblyVote
from data.workflows.stored_votes import import_vote, read_vote_file, vote_content
from data.workflows.vote_studies import RELABELLINGS, study_vote
from data.workflows.votes import AS_ANNOUNCED

zone_option = click.option("--zone", default="", metavar="AREA", help="Code of an area that votes on its own.")


@click.command("import")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", metavar="FILE.pb", type=INPUT_FILE)
@zone_option
@click.option("--rule", help=f"Instead of the process's: {AS_ANNOUNCED}, {', '.join(RULES)}.")
@click.option("--ties", help=f"Instead of the process's: {', '.join(TIE_RULES)}; with commas.")
@click.option("--reason", default="", help="Why this vote takes the place of one that is there.")
@json_option
@refuse_cleanly
def import_(
    site: str, year: int, file: Path, zone: str, rule: str | None, ties: str | None, reason: str, as_json: bool
) -> None:
    """Store a vote in the .pb format and count it by the rule that the process announces.

    Without a rule in the process, the rule is the one that the file announces.

    \b
    Example:
      python -m budget_model votes import villa-salvador 2027 vote.pb
    """
    given = read_vote_file(file, zone, rule=rule, ties=ties, reason=reason)
    with opened_store() as opened:
        done = import_vote(opened.factory, site, year, given, COMMAND_LINE)
    for note in done.notes:
        progress(f"Note: {note}")
    document = {"site": site, "year": year, "zone": zone, "is_new": done.is_new, **vote_document(done.vote)}
    if as_json:
        print_json({**document, "notes": list(done.notes)})
        return
    if not done.is_new:
        progress("The very same vote was there already; nothing was changed.")
    _print_winners(done.vote)


@click.command("export")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", metavar="FILE.pb", type=OUTPUT_FILE)
@zone_option
@json_option
@refuse_cleanly
def export(site: str, year: int, file: Path, zone: str, as_json: bool) -> None:
    """Write a stored vote as it came in, byte by byte, with all that its ballots tell of voters.

    \b
    Example:
      python -m budget_model votes export villa-salvador 2027 vote.pb
    """
    with opened_store() as opened, opened.factory() as session:
        content, name = vote_content(session, load_site(session, site).id, year, zone)
    write_file(file, content)
    progress(f"{name} written to {file}.")
    if as_json:
        print_json({"site": site, "year": year, "file": str(file), "bytes": len(content)})


@click.command("record")
@click.argument("site")
@click.argument("year", type=int)
@click.argument("file", metavar="RECORD.json", type=OUTPUT_FILE)
@zone_option
@json_option
@refuse_cleanly
def record(site: str, year: int, file: Path, zone: str, as_json: bool) -> None:
    """Write the sealed record of a vote, which anybody counts again with `verify`. It tells nothing of voters.

    \b
    Example:
      python -m budget_model votes record villa-salvador 2027 record.json
    """
    with opened_store() as opened, opened.factory() as session:
        sealed = _vote_of(session, load_site(session, site).id, year, zone).record
    write_file(file, (json.dumps(sealed, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode())
    progress(f"Sealed in {file}: {sealed['hash']}")
    if as_json:
        print_json({"file": str(file), "hash": sealed["hash"]})


@click.command("list")
@click.argument("site")
@click.argument("year", type=int)
@json_option
@refuse_cleanly
def list_(site: str, year: int, as_json: bool) -> None:
    """The votes of a year and who won.

    \b
    Example:
      python -m budget_model votes list villa-salvador 2027 --json
    """
    with opened_store() as opened, opened.factory() as session:
        found = load_site(session, site)
        names = {area.id: area.code for area in list_areas(session, found.id) if area.level}
        rows = [
            {"zone": names.get(vote.area_id, ""), **vote_document(vote), "study": vote.study}
            for vote in store.list_votes(session, store.load_process(session, found.id, year).id)
        ]
    if as_json:
        print_json({"site": site, "year": year, "votes": rows})
        return
    shown = [(row["zone"] or site, row["ballots"], row["rule"]["rule"], ", ".join(row["winners"])) for row in rows]
    print_table(("zone", "ballots", "rule", "winners"), shown)


@click.command("study")
@click.argument("site")
@click.argument("year", type=int)
@zone_option
@click.option("--relabellings", type=click.IntRange(RELABELLINGS, 100_000), default=RELABELLINGS, show_default=True)
@json_option
@refuse_cleanly
def study(site: str, year: int, zone: str, relabellings: int, as_json: bool) -> None:
    """Compute what takes long and keep it with the vote: other rules, tie rules, women and men beside chance.

    \b
    Example:
      python -m budget_model votes study villa-salvador 2027 --relabellings 1000
    """
    with opened_store() as opened:
        with opened.factory() as session:
            vote = _vote_of(session, load_site(session, site).id, year, zone)
        done = study_vote(
            opened.factory, site, vote.id, COMMAND_LINE, relabellings, lambda d, total, step: progress(f"{step} …")
        )
    if as_json:
        print_json(done)
        return
    print_table(("rule", "winners"), [(one["name"], ", ".join(one.get("winners", ["–"]))) for one in done["rules"]])
    if done["benchmark"]:
        verdict = "more than chance" if done["benchmark"]["more_than_chance"] else "no more than chance"
        click.echo(f"Women and men: {done['benchmark']['difference']} proposals apart, {verdict}.")


def vote_document(vote: AssemblyVote) -> dict[str, Any]:
    """What the command line says of a vote."""
    outcome = vote.result["outcome"]
    return {
        "file": vote.source_file,
        "sha256": vote.source_sha256,
        "ballots": vote.ballots,
        "rule": vote.result["rule"],
        "winners": outcome["winners"],
        "cost": outcome["cost"],
        "budget": outcome["budget"],
        "ties": outcome["ties"],
        "hash": vote.record["hash"],
    }


def _vote_of(session: Any, site_id: int, year: int, zone: str) -> AssemblyVote:
    areas = {area.code if area.level else "": area.id for area in list_areas(session, site_id)}
    process = store.load_process(session, site_id, year)
    found = store.find_vote(session, process.id, areas[zone]) if zone in areas else None
    if found is None:
        raise NotFoundError("vote", f"{year} {zone}".strip())
    return found


def _print_winners(vote: AssemblyVote) -> None:
    projects, outcome = vote.result["projects"], vote.result["outcome"]
    rows = [
        (name, projects[name]["name"][:50], projects[name]["votes"], projects[name]["cost"])
        for name in outcome["winners"]
    ]
    print_table(("winner", "name", "votes", "cost"), rows)
    click.echo(f"\nCost {outcome['cost']} of {outcome['budget']}; {vote.ballots:,} ballots")
