"""Municipalities beside each other -> sentences, classes and rows in the reader's language. No Dash."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from budget_model.errors import Problem
from budget_model.spending.lines import STAGES
from budget_model.spending.municipal_comparison import NOMINAL, REAL, Comparison
from budget_model.spending.ranking import (
    DISTRICT,
    MEASURES,
    NOMINAL_FACTOR,
    OF_LINES,
    PROVINCE,
    MunicipalYear,
    Ranked,
    Ranking,
)
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.municipalities import MunicipalChoices
from dashboard.views.budget import stage_names
from dashboard.views.budget_imports import place_words, problem_words
from data.writers.tables import Cell, Table

MEASURE_NAMES = {
    "execution": mark("Accrued, % of the modified budget (PIM)"),
    "payment": mark("Paid, % of what was accrued"),
    "revision": mark("Modified budget against the opening one (PIM against PIA), %"),
    "budget_per_person": mark("Modified budget (PIM) for each inhabitant"),
    "accrued_per_person": mark("Accrued for each inhabitant"),
    "paid_per_person": mark("Paid for each inhabitant"),
    "budget_per_woman": mark("Modified budget (PIM) for each woman"),
    "accrued_per_woman": mark("Accrued for each woman"),
    "paid_per_woman": mark("Paid for each woman"),
    "counted_share": mark("Tagged here: share that counts by the scheme, % of the PIM"),
    "declared_share": mark("Declared: marked by the ministry's own file, % of the PIM"),
}
SIZE_NAMES = {
    "under_5000": mark("Fewer than 5,000 inhabitants"),
    "5000_to_19999": mark("5,000 to 19,999 inhabitants"),
    "20000_to_99999": mark("20,000 to 99,999 inhabitants"),
    "100000_and_more": mark("100,000 inhabitants and more"),
}
PRICE_NAMES = {NOMINAL: mark("Of each year (nominal)"), REAL: mark("Of one year (real)")}
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
SHARES = tuple(name for name, measure in MEASURES.items() if not measure.is_money)
SMALL_WORDS = frozenset(("de", "del", "la", "las", "los", "y"))
SHOWN_STAGES = ("pia", "pim", "accrued", "paid")
LISTED, AROUND = 10, 3  # rows at each end, and beside the municipality in question
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


def place_name(name: str) -> str:
    """A name in capitals as one writes it: Madre de Dios."""
    first, *others = name.title().split(" ") or [""]
    return " ".join([first, *(word.lower() if word.lower() in SMALL_WORDS else word for word in others)])


def short_name(one: MunicipalYear) -> str:
    """What it governs by name: the kind of municipality stands beside it or in the file."""
    return place_name(OFFICIAL.sub("", one.name))


def long_name(one: MunicipalYear) -> str:
    """With province and department: of several names there are many in one department."""
    return f"{short_name(one)} ({place_name(one.province)}, {place_name(one.department)})"


def difference_text(value: Fraction, measure: str, currency: str, context: PageContext) -> str:
    if measure in SHARES:
        return context.formats.points(float(value))
    money = context.formats.money(float(value), currency)
    return f"+{money}" if value > 0 else money


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
        name=long_name(own.municipality),
        value=value_text(own.value, measure, currency, context),
        place=number(own.place),
    )
    return f"{told} {place}"


def classes(found: Ranking, own: Ranked | None, measure: str, currency: str, context: PageContext) -> Classes:
    """Up to ten classes with round borders, from the lowest value; the last holds whatever is above nine tenths."""
    values = [one.value for one in found.ranked]
    if not values:
        return Classes((), (), None)
    low, high = values[-1], found.deciles()[-1]  # the highest value stands first
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
    names = [_("Place"), _("Municipality"), _(MEASURE_NAMES[measure]), _("Province"), _("Department")]
    stages = stage_names(context)
    return [*names, *(stages[stage] for stage in SHOWN_STAGES), _("Inhabitants")]


def cells(one: Ranked, measure: str, currency: str, context: PageContext) -> list[str]:
    """All but place and name."""
    there, formats = one.municipality, context.formats
    money = [money_text(there, stage, currency, context) for stage in SHOWN_STAGES]
    persons = "–" if there.persons is None else formats.number(there.persons)
    names = [place_name(there.province), place_name(there.department)]
    return [value_text(one.value, measure, currency, context), *names, *money, persons]


def money_text(one: MunicipalYear, stage: str, currency: str, context: PageContext) -> str:
    """At the prices that were asked for."""
    amount = one.amounts.get(stage)
    if amount is None or one.price_factor is None:
        return "–"
    return context.formats.money(float(Fraction(amount) * one.price_factor), currency)


def figure_rows(years: Sequence[MunicipalYear], currency: str, context: PageContext) -> list[list[str]]:
    """One municipality's figures, a row each: name, then the newest year first. A dash is unknown, not 0."""
    _, number, newest_first = context.gettext, context.formats.number, list(reversed(years))
    rows = [
        [name, *(money_text(one, stage, currency, context) for one in newest_first)]
        for stage, name in stage_names(context).items()
    ]
    rows += [
        [_(text), *(value_text(MEASURES[name](one), name, currency, context) for one in newest_first)]
        for name, text in MEASURE_NAMES.items()
        if name not in OF_LINES
    ]
    counts = ((_("Inhabitants"), "persons"), (_("Women"), "women"))
    return rows + [
        [name, *("–" if (count := getattr(one, key)) is None else number(count) for one in newest_first)]
        for name, key in counts
    ]


def sources(there: MunicipalChoices, year: int | None, is_real: bool, context: PageContext) -> list[str]:
    """Whence budgets (of a year, None: of all), inhabitants and, for real prices, the index come."""
    _ = context.gettext
    told = [
        _(
            "Ministry of Economy and Finance, query page ({files}), brought in on {date}",
            files=", ".join(kept.files),
            date=context.formats.date(kept.imported_at.date()),
        )
        for kept in there.years
        if year in (None, kept.year)
    ]
    told += [f"{there.population[0]} ({there.population[1]})"] if there.population else []
    told += [there.index.source] if is_real and there.index else []
    return list(dict.fromkeys(told))


def export_tables(found: Comparison, measure: str, context: PageContext) -> list[Table]:
    """The ranking with what has no value at its end, the places, and all changes."""
    _ = context.gettext
    name = _(MEASURE_NAMES[measure])
    places = [
        (one.name, one.department, one.province, *(_number(pooled.value) for pooled in one.values))
        for one in found.places
    ]
    years = [str(year) for year in found.years]
    tables = [
        export_table(found.ranking, measure, context),
        Table(_("Places"), (_("Name"), _("Department"), _("Province"), *(f"{name} {year}" for year in years)), places),
    ]
    if len(years) > 1:
        head = (_("Code"), _("Municipality"), _("Department"), _("Province"), years[0], years[-1], _("Difference"))
        rows = [
            (*_names(one.municipality), *map(_number, (one.first, one.last, one.difference))) for one in found.changes
        ]
        tables.append(Table(_("Changes"), head, rows))
    return tables


def _names(one: MunicipalYear) -> tuple[Cell, ...]:
    return (one.code, one.name, one.department, one.province)


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def export_table(found: Ranking, measure: str, context: PageContext) -> Table:
    """Everything that was ranked, and at the end what has no value."""
    _ = context.gettext
    names = stage_names(context)
    head = [_("Place"), _("Code"), _("Municipality"), _("Department"), _("Province"), _(MEASURE_NAMES[measure])]
    rows = [(one.place, *_export_row(one.municipality, float(one.value))) for one in found.ranked]
    rows += [(None, *_export_row(one, None)) for one in found.unknown]
    lines = (_("Lines"), _("Lines that were looked at")) if measure in OF_LINES else ()
    columns = (*head, *(names[stage] for stage in STAGES), _("Inhabitants"), _("Women"), *lines)
    return Table(_("Municipalities"), columns, [row[: len(columns)] for row in rows])


def _export_row(one: MunicipalYear, value: float | None) -> tuple[Cell, ...]:
    """Amounts at the prices that were asked for: exact where they are nominal."""
    amounts = (_priced(one.amounts.get(stage), one.price_factor) for stage in STAGES)
    lines = (one.gender.lines, one.gender.looked_at) if one.gender else (None, None)
    return (one.code, one.name, one.department, one.province, value, *amounts, one.persons, one.women, *lines)


def _priced(amount: Decimal | None, factor: Fraction | None) -> Cell:
    if amount is None or factor is None:
        return None
    return amount if factor == NOMINAL_FACTOR else float(Fraction(amount) * factor)
