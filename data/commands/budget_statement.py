"""`budget statement`: the gender budget statement of a site and year, by one scheme of counting."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from budget_model.spending.lines import STAGES, amount_text
from budget_model.spending.statement import Amounts, Breakdown, Counted, Part
from data.commands.files import OUTPUT_FILE
from data.commands.opened import opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.commands.statement_file import write_statement
from data.store.sites import load_site
from data.workflows.statement import CONTRIBUTORS, DEFAULT_SCHEME, Statement, load_statement

NO_REST = (
    "No line with a modified budget has a tag that this scheme can count by: what counts and the rest are unknown, "
    "which is not 0."
)


@click.command("statement")
@click.option("--site", required=True, help="Slug of the site.")
@click.option("--year", type=int, required=True, help="The year.")
@click.option("--scheme", default=DEFAULT_SCHEME, show_default=True, help="Id of the one scheme that counts the money.")
@click.option("--stage", type=click.Choice(STAGES), default="pim", show_default=True)
@click.option("--output", type=OUTPUT_FILE, metavar="FILE.pdf|FILE.xlsx|FILE.csv", help="Write the statement here.")
@click.option("--language", type=click.Choice(("es", "en")), default="es", show_default=True, help="Of the file.")
@json_option
@refuse_cleanly
def statement(site: str, year: int, scheme: str, stage: str, output: Path | None, language: str, as_json: bool) -> None:
    """Money by marker, women's share, policy and beneficiary; what counts, declared and executed; the floor of 5 %.

    Approved tags only. What nobody has tagged is unknown and stands beside the classes.

    \b
    Example:
      python -m budget_model budget statement --site villa --year 2026 --scheme ph_hgdg --json
      python -m budget_model budget statement --site villa --year 2026 --output statement.pdf --language en
    """
    with opened_store() as opened, opened.factory() as session:
        place = load_site(session, site)
        found = load_statement(session, place.id, year, scheme, stage)
        if output is not None:
            write_statement(output, place, found, language)
            progress(f"Written: {output}")
    if as_json:
        print_json({"site": site, **statement_document(found)})
    elif output is None:
        print_statement(found)


def print_statement(found: Statement) -> None:
    """The statement as tables for people."""
    stage = found.stage
    for one in found.breakdowns.values():
        rows = [(part.code, part.lines, _money(part.amounts[stage])) for part in one.classes]
        rows += [(f"unknown: {part.code}", part.lines, _money(part.amounts[stage])) for part in one.unknown]
        print_table(
            (one.scheme, "lines", stage), [*rows, ("whole budget", one.whole.lines, _money(one.whole.amounts[stage]))]
        )
        click.echo()
    counted = found.counted
    rows = [(name, _money(counted.amounts[name]), _money(counted.unknown[name])) for name in STAGES]
    print_table((f"stage, by {counted.scheme}", "counted", "unknown"), rows)
    print_table(
        ("execution (accrued / modified)", "rate"),
        [("what counts", _rate(counted.counted_execution.rate)), ("the rest", _rate(counted.rest_rate))],
    )
    if counted.rest is None:
        click.echo(NO_REST)
    if found.floor is not None:
        click.echo(f"Floor of {found.floor.floor:.0%} by {found.floor_by}: {found.floor.verdict}.")


def _money(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount:,f}"


def _rate(rate: Decimal | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"


def statement_document(found: Statement) -> dict[str, Any]:
    """The statement as JSON: exact decimals as text, what is unknown as null."""
    floor = found.floor
    return {
        "year": found.year,
        "stage": found.stage,
        "classes": {name: _breakdown(one) for name, one in found.breakdowns.items()},
        "policy_beneficiary": [
            {"policy": row, "beneficiary": column, "lines": lines, "amount": amount_text(amount)}
            for (row, column), (lines, amount) in sorted(found.cross.items())
        ],
        "counted": _counted(found.counted),
        "floor": None
        if floor is None
        else {
            "counted_by": found.floor_by,
            "floor": _text(floor.floor),
            "least": _text(floor.least),
            "most": _text(floor.most),
            "verdict": floor.verdict,
        },
        "files": list(found.files),
    }


def _breakdown(one: Breakdown) -> dict[str, Any]:
    parts = {"classes": one.classes, "unknown": one.unknown}
    return {**{name: [_part(part) for part in own] for name, own in parts.items()}, "whole": _part(one.whole)}


def _part(part: Part) -> dict[str, Any]:
    largest = part.largest
    return {
        "code": part.code,
        "lines": part.lines,
        **_amounts(part.amounts),
        "largest": None if largest is None else {"code": largest.key[1], "amount": amount_text(largest.amount)},
    }


def _amounts(amounts: Amounts) -> dict[str, str | None]:
    return {stage: None if amount is None else amount_text(amount) for stage, amount in amounts.items()}


def _counted(one: Counted) -> dict[str, Any]:
    return {
        "scheme": one.scheme,
        "lines": one.lines,
        "amounts": _amounts(one.amounts),
        "unknown": _amounts(one.unknown),
        "total": _amounts(one.total),
        "execution": _text(one.counted_execution.rate),
        "execution_of_the_rest": _text(one.rest_rate),
        "execution_reason": None if one.rest is not None else NO_REST,
        "execution_of_the_unknown": _text(one.unknown_execution.rate),
        "largest": [
            {"code": part.key[1], "amount": amount_text(part.amount), "share": _text(part.share)}
            for part in one.contributions[:CONTRIBUTORS]
        ],
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
