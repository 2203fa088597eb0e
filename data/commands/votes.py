"""`votes count`, `votes seal`: a vote in the `.pb` format counted by a rule, for women and men, with its record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from budget_model.assembly.counting import RULES, CountingRule
from budget_model.assembly.ties import TIE_RULES
from budget_model.assembly.utility import UTILITIES
from data.commands.files import INPUT_FILE, OUTPUT_FILE
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.commands.votes_site import boxes, cancel, close, codes, open_
from data.commands.votes_stored import export, import_, list_, record, study
from data.commands.votes_tallies import sign, tally
from data.readers.files import write_file
from data.readers.pabulib import PabulibFile, read_pabulib
from data.workflows.votes import (
    AS_ANNOUNCED,
    check_countable,
    chosen_rule,
    count_document,
    exclusive_pairs,
    lines_of,
    sealed_vote,
)


def counting_options(function: Any) -> Any:
    """The options that say how a vote is counted."""
    options = (
        click.option("--rule", default=AS_ANNOUNCED, show_default=True, help=f"{AS_ANNOUNCED}, {', '.join(RULES)}."),
        click.option(
            "--ties",
            help=f"{', '.join(TIE_RULES)}; with commas. Without: as the file announces, else lexicographic.",
        ),
        click.option("--utility", help=f"What a choice is worth to its voter: {', '.join(UTILITIES)}."),
        click.option("--exclusive", multiple=True, metavar="A,B", help="Projects of which only one may win."),
        click.option("--least-votes", type=click.IntRange(0), help="Projects with fewer votes do not take part."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group()
def votes() -> None:
    """Count votes on proposals; seal what was counted; keep the votes of a site."""


for command in (import_, export, list_, study, record, open_, codes, boxes, tally, sign, close, cancel):
    votes.add_command(command)


@votes.command("count")
@click.argument("file", metavar="FILE.pb", type=INPUT_FILE)
@counting_options
@click.option("--by", metavar="COLUMN", help="Results by a column of the ballots, such as sex.")
@click.option("--benchmark", type=click.IntRange(1, 1_000_000), help="Relabellings to compare the difference with.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the relabellings.")
@json_option
@refuse_cleanly
def count(
    file: Path,
    rule: str,
    ties: str | None,
    utility: str | None,
    exclusive: tuple[str, ...],
    least_votes: int | None,
    by: str | None,
    benchmark: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Who wins, round by round, and what the others lacked.

    \b
    Example:
      python -m budget_model votes count vote.pb --rule mes-add1u --ties cheapest --by sex --benchmark 1000
    """
    read = _read(file)
    with lines_of(read, file.name):
        chosen = chosen_rule(read.election, rule, ties, utility, exclusive_pairs(exclusive), least_votes)
    document = count_document(read.election, chosen, by, benchmark, seed)
    if as_json:
        print_json(document)
    else:
        _print_for_people(read, chosen, document)


@votes.command("seal")
@click.argument("file", metavar="FILE.pb", type=INPUT_FILE)
@click.argument("target", metavar="RECORD.json", type=OUTPUT_FILE)
@counting_options
@json_option
@refuse_cleanly
def seal(
    file: Path,
    target: Path,
    rule: str,
    ties: str | None,
    utility: str | None,
    exclusive: tuple[str, ...],
    least_votes: int | None,
    as_json: bool,
) -> None:
    """Count, and write the record with which anybody counts again: ballots, rule, tie rule, winners, hash.

    \b
    Example:
      python -m budget_model votes seal vote.pb record.json --rule greedy
    """
    read = _read(file)
    with lines_of(read, file.name):
        chosen = chosen_rule(read.election, rule, ties, utility, exclusive_pairs(exclusive), least_votes)
    record = sealed_vote(read, chosen)
    write_file(target, (json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode())
    if as_json:
        print_json({"target": str(target), "hash": record["hash"]})
    else:
        progress(f"Sealed in {target}: {record['hash']}")


def _read(file: Path) -> PabulibFile:
    read = read_pabulib(file)
    for warning in read.warnings:
        progress(f"Note: {warning}")
    check_countable(read, file.name)
    return read


def _print_for_people(read: PabulibFile, rule: CountingRule, document: dict[str, Any]) -> None:
    names = {one.id: one.name or one.id for one in read.election.proposals}
    costs = {one.id: one.cost for one in read.election.proposals}
    winners = [
        (place + 1, name, names[name][:60], f"{float(costs[name]):,.2f}")
        for place, name in enumerate(document["winners"])
    ]
    click.echo(f"Rule {rule.rule}, ties {rule.ties}; {read.election.ballots.voter_count:,} ballots\n")
    print_table(("place", "project", "name", "cost"), winners)
    click.echo(f"\nCost {document['cost']} of {document['budget']} {read.election.meta.get('currency', '')}".rstrip())
    for tie in document["ties"]:
        place = f"in round {tie['round']}" if tie["round"] else "while the parts were smaller"
        doubt = "" if tie.get("certain", True) else " (may decide: too many orders to try)"
        click.echo(f"Tie {place} between {', '.join(tie['tied'])}: {tie['chosen']} by {tie['rule']}{doubt}")
    for label, one in document.get(next((key for key in document if key.startswith("by_")), ""), {}).items():
        click.echo(
            f"{label}: {one['voters']:,} voters, {one['satisfaction']:.2f} of their choices won on average, "
            f"{one['exclusion']:.1%} have none"
        )
    if "benchmark" in document:
        found = document["benchmark"]
        verdict = "more than chance" if found["more_than_chance"] else "not more than chance would often bring"
        click.echo(
            f"Lists of {' and '.join(found['groups'])} differ in {found['difference']} projects; shuffled labels give "
            f"{found['mean_difference_by_chance']:.2f} on average (p = {found['p_value']:.3f}): {verdict}."
        )
