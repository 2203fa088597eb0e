"""`budget municipalities`: budgets of all municipalities of a country kept, and ranked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from budget_model.errors import InputError, Problem
from budget_model.spending.municipal_comparison import NOMINAL, REAL, SIZES, Comparison, Place, Selection
from budget_model.spending.ranking import MEASURES, OF_LINES, MunicipalYear, Ranked
from data.commands.files import INPUT_FILE
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.price_index import country_index
from data.store import municipalities as store
from data.store.sites import load_site
from data.workflows.municipal_comparison import Question, answer_question, with_lines
from data.workflows.municipal_lines import lines_of_municipalities
from data.workflows.municipalities import PERU, import_budgets, import_population
from data.workflows.statement import DEFAULT_SCHEME, counting_scheme
from data.workflows.trends import site_index


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


def comparison_options(command: Callable[..., None]) -> Callable[..., None]:
    """What `rank` and `places` ask alike."""
    for option in reversed(
        (
            click.option("--year", type=int, help="Budget year, the same for all; left out: the newest that is kept."),
            click.option("--by", "measure", type=click.Choice(tuple(MEASURES)), default="execution", show_default=True),
            click.option("--department", default="", help="Only this department, as the file writes it."),
            click.option("--province", default="", help="Only this province of it."),
            click.option("--governs", type=click.Choice(("district", "province")), default=None),
            click.option("--size", type=click.Choice(tuple(SIZES)), default=None, help="Inhabitants."),
            click.option("--prices", type=click.Choice((NOMINAL, REAL)), default=NOMINAL, show_default=True),
            click.option("--site", help="Site whose own price index is used; left out: the country's."),
            click.option("--scheme", default=DEFAULT_SCHEME, show_default=True, help="That counts tagged money."),
        )
    ):
        command = option(command)
    return command


@municipalities.command("rank")
@comparison_options
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@json_option
@refuse_cleanly
def rank_(limit: int, as_json: bool, **asked: Any) -> None:
    """Municipalities by a measure, the highest first. Of a year that has not ended, amounts are as of the file's day.

    \b
    Example:
      python -m budget_model budget municipalities rank --year 2024 --by execution --department LIMA --json
    """
    question, found = compared(asked)
    ranking = found.ranking
    if as_json:
        rows = [_document(one) for one in ranking.ranked[:limit]]
        unknown = [one.code for one in ranking.unknown]
        head = {"year": question.year, "by": question.measure, **_prices(question, found)}
        print_json({**head, "ranked": len(ranking.ranked), "rows": rows, "unknown": unknown})
        return
    lines = [
        (one.place, one.municipality.code, *_names(one.municipality), _text(one.value, question.measure))
        for one in ranking.ranked
    ]
    print_table(("place", "code", "municipality", "province", "department", question.measure), lines[:limit])
    progress(f"{len(ranking.ranked):,} with a value, {len(ranking.unknown):,} without.")


@municipalities.command("places")
@comparison_options
@json_option
@refuse_cleanly
def places(as_json: bool, **asked: Any) -> None:
    """Departments as wholes over the years; of a department its provinces, of a province its municipalities.

    \b
    Example:
      python -m budget_model budget municipalities places --department LIMA --by revision
    """
    question, found = compared(asked)
    if as_json:
        rows = [_place(one, found.years) for one in found.places]
        together = dict(zip(found.years, (_float(one.value) for one in found.together), strict=True))
        changes = [
            {"code": one.municipality.code, **{k: float(getattr(one, k)) for k in ("first", "last", "difference")}}
            for one in found.changes
        ]
        head = {"by": question.measure, "years": list(found.years), **_prices(question, found)}
        print_json({**head, "together": together, "places": rows, "changes": changes})
        return
    values = [
        (one.name, *("–" if pooled.value is None else _text(pooled.value, question.measure) for pooled in one.values))
        for one in found.places
    ]
    print_table(("place", *(str(year) for year in found.years)), values)


def compared(asked: Mapping[str, Any]) -> tuple[Question, Comparison]:
    """The answer to what the options ask; InputError where nothing is kept or fits."""
    with opened_store() as opened, opened.factory() as session:
        by_year = store.list_all_budgets(session, PERU)
        if not by_year:
            message = "No budgets of municipalities are kept. Import a file with 'budget municipalities import'."
            raise InputError(Problem("municipal_none", message))
        index = site_index(session, load_site(session, asked["site"])) if asked["site"] else country_index(PERU)
        if asked["measure"] in OF_LINES:
            scheme = counting_scheme(asked["scheme"])
            by_year = with_lines(by_year, lines_of_municipalities(session, PERU, scheme, lambda _site: True))
    names = ("department", "province", "governs", "size")
    selection = Selection(**{name: asked[name] or "" for name in names})
    question = Question(asked["year"] or max(by_year), asked["measure"], selection, asked["prices"])
    found = answer_question(question, by_year, index)
    if not found.ranking.ranked and not found.ranking.unknown:
        departments = ", ".join(sorted({one.department for one in by_year[question.year]}))
        raise InputError(Problem("municipal_department", f"No municipality fits. Departments: {departments}."))
    return question, found


def _prices(question: Question, found: Comparison) -> dict[str, Any]:
    return {"prices": question.prices, "base_year": found.base_year, "without_index": list(found.without_index)}


def _names(one: MunicipalYear) -> tuple[str, str, str]:
    return one.name, one.province, one.department


def _document(one: Ranked) -> dict[str, Any]:
    there = one.municipality
    amounts = {stage: None if amount is None else f"{amount:f}" for stage, amount in there.amounts.items()}
    lines = {"lines": there.gender.lines, "looked_at": there.gender.looked_at} if there.gender else {}
    return {
        "place": one.place,
        "code": there.code,
        "name": there.name,
        "province": there.province,
        "department": there.department,
        "value": float(one.value),
        "persons": there.persons,
        "women": there.women,
        "amounts": amounts,  # at the prices of the year
        **lines,
    }


def _place(one: Place, years: Sequence[int]) -> dict[str, Any]:
    values = [
        {"year": year, "value": _float(pooled.value), "municipalities": pooled.municipalities - pooled.left_out}
        for year, pooled in zip(years, one.values, strict=True)
    ]
    names = {"name": one.name, "department": one.department, "province": one.province, "code": one.code}
    return {**names, "values": values}


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _text(value: Fraction, measure: str) -> str:
    return f"{float(value):,.2f}" if MEASURES[measure].is_money else f"{float(value):.1%}"
