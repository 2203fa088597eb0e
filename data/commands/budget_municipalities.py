"""`budget municipalities`: budgets of all municipalities of a country kept, and ranked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from budget_model.errors import InputError, Problem
from budget_model.spending.ranking import MEASURES, Ranked, rank
from data.commands.files import INPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.store import municipalities as store
from data.workflows.municipalities import PERU, import_budgets, import_population

SHARES = ("execution", "revision")


@click.group("municipalities")
def municipalities() -> None:
    """Budgets of all municipalities of Peru beside each other: the ministry's query page, one row each."""


@municipalities.command("import")
@click.argument("file", type=INPUT_FILE)
@json_option
@refuse_cleanly
def import_(file: Path, as_json: bool) -> None:
    """Keep the budgets of a file of the ministry's query page; rows of the same year and code are updated.

    \b
    Example:
      python -m budget_model budget municipalities import consulta-2024.xlsx
    """
    with opened_store() as opened:
        done = import_budgets(opened.factory, file, COMMAND_LINE)
    counts = {"new": done.counts.new, "changed": done.counts.changed, "unchanged": done.counts.unchanged}
    if as_json:
        print_json({"years": list(done.years), **counts, "warnings": [str(one) for one in done.warnings]})
        return
    for one in done.warnings:
        progress(f"Warning: {one}")
    years = ", ".join(str(year) for year in done.years)
    progress(f"{years}: {counts['new']:,} new, {counts['changed']:,} changed, {counts['unchanged']:,} unchanged.")


@municipalities.command("population")
@click.argument("file", type=INPUT_FILE)
@click.option("--source", required=True, help="Who counted, and where it was published.")
@json_option
@refuse_cleanly
def population(file: Path, source: str, as_json: bool) -> None:
    """Keep the inhabitants of districts (`code,year,persons[,women,men]`, or the district table with densities).

    \b
    Example:
      python -m budget_model budget municipalities population ubigeo_distrito.csv --source "INEI, 2020"
    """
    with opened_store() as opened:
        kept = import_population(opened.factory, file, source, COMMAND_LINE)
    if as_json:
        print_json({"districts": kept})
        return
    progress(f"{kept:,} districts with inhabitants.")


@municipalities.command("rank")
@click.option("--year", type=int, help="Budget year; left out: the newest that is kept.")
@click.option("--by", "measure", type=click.Choice(tuple(MEASURES)), default="execution", show_default=True)
@click.option("--department", help="Only this department, as the file writes it.")
@click.option("--governs", type=click.Choice(("district", "province")), help="Only municipalities of districts, or …")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@json_option
@refuse_cleanly
def rank_(
    year: int | None, measure: str, department: str | None, governs: str | None, limit: int, as_json: bool
) -> None:
    """Municipalities by a measure, the highest first. Of a year that has not ended, amounts are as of the file's day.

    \b
    Example:
      python -m budget_model budget municipalities rank --year 2024 --by execution --department LIMA --json
    """
    with opened_store() as opened, opened.factory() as session:
        sources = store.list_year_sources(session, PERU)
        if not sources:
            message = "No budgets of municipalities are kept. Import a file with 'budget municipalities import'."
            raise InputError(Problem("municipal_none", message))
        chosen = year or sources[0].year
        if chosen not in {one.year for one in sources}:
            message = f"No budgets of {chosen} are kept. Years: {', '.join(str(one.year) for one in sources)}."
            raise InputError(Problem("municipal_year", message))
        there = store.list_budgets(session, PERU, chosen)
    kept = [one for one in there if department in (None, one.department) and governs in (None, one.governs)]
    if not kept:
        names = ", ".join(sorted({one.department for one in there}))
        message = f"No municipality fits. Departments: {names}."
        raise InputError(Problem("municipal_department", message))
    found = rank(kept, measure)
    if as_json:
        rows = [_document(one) for one in found.ranked[:limit]]
        unknown = [one.code for one in found.unknown]
        print_json({"year": chosen, "by": measure, "ranked": len(found.ranked), "rows": rows, "unknown": unknown})
        return
    lines = [(one.place, one.municipality.code, one.municipality.name, _text(one, measure)) for one in found.ranked]
    print_table(("place", "code", "municipality", measure), lines[:limit])
    progress(f"{len(found.ranked):,} with a value, {len(found.unknown):,} without.")


def _document(one: Ranked) -> dict[str, Any]:
    amounts = {stage: None if amount is None else f"{amount:f}" for stage, amount in one.municipality.amounts.items()}
    return {
        "place": one.place,
        "code": one.municipality.code,
        "name": one.municipality.name,
        "department": one.municipality.department,
        "value": float(one.value),
        "persons": one.municipality.persons,
        "amounts": amounts,
    }


def _text(one: Ranked, measure: str) -> str:
    return f"{float(one.value):.1%}" if measure in SHARES else f"{float(one.value):,.2f}"
