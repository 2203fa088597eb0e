"""Municipalities beside each other -> sentences, classes and rows in the reader's language. No Dash."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from budget_model.errors import Problem
from budget_model.spending.lines import STAGES
from budget_model.spending.ranking import DISTRICT, MEASURES, PROVINCE, MunicipalYear, Ranked, Ranking
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.views.budget import stage_names
from dashboard.views.budget_imports import place_words, problem_words
from data.writers.tables import Table

MEASURE_NAMES = {
    "execution": mark("Accrued, % of the modified budget (PIM)"),
    "revision": mark("Modified budget against the opening one (PIM against PIA), %"),
    "budget_per_person": mark("Modified budget (PIM) for each inhabitant"),
    "accrued_per_person": mark("Accrued for each inhabitant"),
}
GOVERNS_NAMES = {DISTRICT: mark("Municipalities of districts"), PROVINCE: mark("Municipalities of provinces")}
PROBLEMS = {
    "municipal_source": mark(
        "This is no file of the ministry's query page by municipality. Lines of one municipality come in on the page "
        "“Budget files”."
    ),
    "population_header": mark(
        "The first line must be “code,year,persons”, with “women,men” where they are told apart; or the district table "
        "with “inei”, “superficie” and “pob_densidad_2020”."
    ),
    "population_number": mark("Write a whole number, digits alone."),
    "population_code": mark("The code of the district is missing."),
    "population_year": mark("This is not a year of a count."),
    "population_sum": mark("Women and men do not add up to the persons. Correct the row."),
    "population_density": mark("Area times density is no whole number of persons. Correct the row."),
    "population_repeated": mark("This district stands twice. Keep one year of each district."),
    "population_source": mark("State who counted the inhabitants and where it was published."),
}
SHARES = ("execution", "revision")
LISTED, AROUND = 10, 4  # rows at each end, and beside the municipality in question
CLASSES = 10
OFFICIAL = re.compile(r"^MUNICIPALIDAD (?:DISTRITAL|PROVINCIAL|METROPOLITANA) DE\s+", re.IGNORECASE)
NICE = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Classes:
    """Classes of equal width, the last open: labels, how many in each, and the class of the one in question."""

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    marked: int | None


def refusal_sentences(problems: Sequence[Problem], context: PageContext) -> list[str]:
    """Each problem with its place and what was found there."""
    told = []
    for problem in problems:
        words = PROBLEMS.get(problem.rule)
        sentence = context.gettext(words) if words else problem_words(problem.rule, problem.message, context)
        found = [place_words(problem, context), f"“{problem.value}”" if problem.value else ""]
        told.append(": ".join([*(part for part in found if part), sentence]))
    return told


def value_text(value: Fraction | None, measure: str, currency: str, context: PageContext) -> str:
    if value is None:
        return "–"
    if measure in SHARES:
        share = context.formats.share(float(value))
        return f"+{share}" if measure == "revision" and value > 0 else share
    return context.formats.money(float(value), currency)


def short_name(one: MunicipalYear) -> str:
    """What it governs by name: the kind of municipality stands beside it or in the file."""
    return OFFICIAL.sub("", one.name).title()


def finding(found: Ranking, own: Ranked | None, measure: str, year: int, currency: str, context: PageContext) -> str:
    """Where the municipality in question stands, and the middle one."""
    _, number = context.gettext, context.formats.number
    deciles = found.deciles()
    if not deciles:
        return _("No municipality of this selection has this figure.")
    middle = value_text(deciles[4], measure, currency, context)
    told = _(
        "{name} in {year}: half of the {count} municipalities have at most {middle}.",
        name=_(MEASURE_NAMES[measure]),
        year=year,
        count=number(len(found.ranked)),
        middle=middle,
    )
    if own is None:
        return told
    place = _(
        "{name} has {value}: place {place} from the highest.",
        name=short_name(own.municipality),
        value=value_text(own.value, measure, currency, context),
        place=number(own.place),
    )
    return f"{told} {place}"


def classes(found: Ranking, own: Ranked | None, measure: str, currency: str, context: PageContext) -> Classes:
    """Up to ten classes with round borders, from the lowest value; the last holds whatever is above nine tenths."""
    values = [one.value for one in found.ranked]
    if not values:
        return Classes((), (), None)
    low, high = min(values), found.deciles()[-1]
    width = _nice_width(float(high - low) / (CLASSES - 1))
    start = math.floor(float(low) / width)
    places = [min(math.floor(float(value) / width) - start, CLASSES - 1) for value in values]
    last = max(places)
    labels = [
        _label((start + place) * width, width, place == CLASSES - 1, measure, context) for place in range(last + 1)
    ]
    counts = [places.count(place) for place in range(last + 1)]
    marked = min(math.floor(float(own.value) / width) - start, CLASSES - 1) if own else None
    return Classes(tuple(labels), tuple(counts), marked)


def _nice_width(width: float) -> float:
    if width <= 0:
        return 1.0
    base = 10.0 ** math.floor(math.log10(width))
    return next(base * step for step in NICE if base * step >= width * (1 - 1e-9))


def _label(start: float, width: float, is_open: bool, measure: str, context: PageContext) -> str:
    factor = 100 if measure in SHARES else 1
    decimals = 0 if width * factor >= 1 else 1
    low, high = (context.formats.number(value * factor, decimals) for value in (start, start + width))
    if is_open:
        return context.gettext("{low} and more", low=low)
    return f"{low}–{high}"


def shown_rows(found: Ranking, own: Ranked | None) -> list[Ranked]:
    """Both ends and the neighbourhood of the municipality in question; all of them where they are few."""
    ranked = found.ranked
    if len(ranked) <= 3 * LISTED:
        return list(ranked)
    middle = ranked.index(own) if own else 0
    kept = {*range(LISTED), *range(len(ranked) - LISTED, len(ranked))}
    kept |= set(range(max(0, middle - AROUND), min(len(ranked), middle + AROUND + 1))) if own else set()
    return [ranked[place] for place in sorted(kept)]


def header(measure: str, context: PageContext) -> list[str]:
    _ = context.gettext
    stages = stage_names(context)
    amounts = [stages["pia"], stages["pim"], stages["accrued"]]
    return [_("Place"), _("Municipality"), _("Department"), _(MEASURE_NAMES[measure]), *amounts, _("Inhabitants")]


def cells(one: Ranked, measure: str, currency: str, context: PageContext) -> list[str]:
    """All but place and name."""
    there, formats = one.municipality, context.formats
    money = [_money(there, stage, currency, context) for stage in ("pia", "pim", "accrued")]
    persons = "–" if there.persons is None else formats.number(there.persons)
    return [there.department, value_text(one.value, measure, currency, context), *money, persons]


def _money(one: MunicipalYear, stage: str, currency: str, context: PageContext) -> str:
    amount = one.amounts.get(stage)
    return "–" if amount is None else context.formats.money(amount, currency)


def year_header(context: PageContext) -> list[str]:
    names = stage_names(context)
    return [
        context.gettext("Year"),
        *(names[stage] for stage in STAGES),
        *(context.gettext(MEASURE_NAMES[m]) for m in MEASURES),
    ]


def year_rows(years: Sequence[MunicipalYear], currency: str, context: PageContext) -> list[list[str]]:
    """One municipality's years, the newest first."""
    return [
        [
            str(one.year),
            *(_money(one, stage, currency, context) for stage in STAGES),
            *(value_text(measure(one), name, currency, context) for name, measure in MEASURES.items()),
        ]
        for one in reversed(years)
    ]


def export_table(found: Ranking, measure: str, context: PageContext) -> Table:
    """Everything that was ranked, and at the end what has no value."""
    _ = context.gettext
    names = stage_names(context)
    head = [_("Place"), _("Code"), _("Municipality"), _("Department"), _("Province"), _(MEASURE_NAMES[measure])]
    rows = [(one.place, *_export_row(one.municipality, float(one.value))) for one in found.ranked]
    rows += [(None, *_export_row(one, None)) for one in found.unknown]
    columns = (*head, *(names[stage] for stage in STAGES), _("Inhabitants"))
    return Table(_("Municipalities"), columns, rows)


def _export_row(one: MunicipalYear, value: float | None) -> tuple[object, ...]:
    amounts = (one.amounts.get(stage) for stage in STAGES)
    return (one.code, one.name, one.department, one.province, value, *amounts, one.persons)
