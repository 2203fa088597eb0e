"""Departments, provinces and municipalities over the years, changes, and what is known of lines -> words. No Dash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from budget_model.spending.municipal_comparison import Change, Comparison, Place, Selection
from budget_model.spending.ranking import MEASURES, MunicipalYear
from dashboard.context import PageContext
from dashboard.views.municipalities import (
    MEASURE_NAMES,
    OFFICIAL,
    SHARES,
    difference_text,
    long_name,
    place_name,
    value_text,
)

MOST_CHANGES = 4  # rises, and as many falls
APART = Fraction(1, 4)  # of execution: years so far apart are not both whole
UNTIL_YEARS_END = (
    "execution",
    "payment",
    "accrued_per_person",
    "accrued_per_woman",
    "paid_per_person",
    "paid_per_woman",
)
LEAST_TOP = {True: 0.05, False: 1.0}  # of a scale, by whether it is of shares


@dataclass(frozen=True)
class Strip:
    """A small chart: a name, a value a year (None: unknown), and the sentence under the name."""

    name: str
    values: tuple[float | None, ...]
    told: str
    department: str
    province: str
    code: str


@dataclass(frozen=True)
class Strips:
    """Small charts on one scale from `low` (0, or below where a value is) to `top`."""

    strips: tuple[Strip, ...]
    low: float
    top: float


def places_title(selection: Selection, context: PageContext) -> str:
    _ = context.gettext
    if selection.province:
        return _("Municipalities of {name} over the years", name=place_name(selection.province))
    if selection.department:
        return _("Provinces of {name} over the years", name=place_name(selection.department))
    return _("Departments over the years")


def place_strips(found: Comparison, measure: str, currency: str, context: PageContext) -> Strips:
    """The largest value of the last whole year first; unknown ones last. Years that had not ended are not drawn."""
    left_out = years_left_out(found, measure)
    titles = year_titles(found, measure, context)
    strips = []
    for one in _ordered(found, measure):
        texts = [value_text(pooled.value, measure, currency, context) for pooled in one.values]
        told = " · ".join(f"{title}: {text}" for title, text in zip(titles, texts, strict=True))
        values = tuple(
            None if pooled.value is None or year in left_out else float(pooled.value)
            for year, pooled in zip(found.years, one.values, strict=True)
        )
        name = place_name(OFFICIAL.sub("", one.name))
        strips.append(Strip(name, values, told, one.department, one.province, one.code))
    return _scaled(strips, measure)


def _ordered(found: Comparison, measure: str) -> list[Place]:
    newest = _last_whole(found, measure)

    def order(one: Place) -> tuple[bool, float, str]:
        value = one.values[newest].value
        return (value is None, -float(value or 0), one.name)

    return sorted(found.places, key=order)


def _last_whole(found: Comparison, measure: str) -> int:
    """Where the last year stands that had ended, or of which the measure says something before it ends."""
    left_out = years_left_out(found, measure)
    return max(place for place, year in enumerate(found.years) if year not in left_out)


def years_left_out(found: Comparison, measure: str) -> frozenset[int]:
    """Years that this measure cannot be drawn of, because they had probably not ended when their file was made."""
    return unended_years(found) if measure in UNTIL_YEARS_END else frozenset()


def unended_years(found: Comparison) -> frozenset[int]:
    """Years of which all together had accrued less by a quarter of the modified budget than in another year."""
    known = [(year, one.value) for year, one in zip(found.years, found.execution, strict=True) if one.value is not None]
    most = max((value for _year, value in known), default=Fraction(0))
    return frozenset(year for year, value in known if most - value >= APART)


def year_titles(found: Comparison, measure: str, context: PageContext) -> list[str]:
    """The years, with what is to be known of those that had not ended."""
    left_out = years_left_out(found, measure)
    return [context.gettext("{year} (not ended)", year=y) if y in left_out else str(y) for y in found.years]


def left_out_sentence(found: Comparison, measure: str, context: PageContext) -> str:
    """Why the small charts lack years; empty where they have all of them."""
    years = ", ".join(str(year) for year in sorted(years_left_out(found, measure)))
    if not years:
        return ""
    return context.gettext(
        "Not drawn: {years}, which had probably not ended when the file was made. The amounts until then stand under "
        "each name and in the table.",
        years=years,
    )


def change_strips(
    changes: Sequence[Change], years: Sequence[int], measure: str, currency: str, context: PageContext
) -> Strips:
    """The largest rises, then the largest falls, the largest fall last."""
    strips = []
    for one in shown_changes(changes):
        first, last = (value_text(value, measure, currency, context) for value in (one.first, one.last))
        difference = difference_text(one.difference, measure, currency, context)
        told = f"{years[0]}: {first} → {years[-1]}: {last} ({difference})"
        where = one.municipality
        values = (float(one.first), float(one.last))
        strips.append(Strip(long_name(where), values, told, where.department, where.province, where.code))
    return _scaled(strips, measure)


def shown_changes(changes: Sequence[Change]) -> list[Change]:
    """Of changes that begin with the largest rise and end with the largest fall."""
    rises = [one for one in changes[:MOST_CHANGES] if one.difference > 0]
    falls = [one for one in changes[-MOST_CHANGES:] if one.difference < 0]
    return [*rises, *falls]


def _scaled(strips: Sequence[Strip], measure: str) -> Strips:
    known = [value for one in strips for value in one.values if value is not None]
    top = max([*known, LEAST_TOP[measure in SHARES]])
    step = 10.0 ** math.floor(math.log10(top)) / 2
    return Strips(tuple(strips), min([0.0, *known]), math.ceil(top / step) * step)


def scale_sentence(shown: Strips, measure: str, currency: str, years: Sequence[int], context: PageContext) -> str:
    low, top = (value_text(Fraction(end), measure, currency, context).lstrip("+") for end in (shown.low, shown.top))
    return context.gettext(
        "{name}, {first} to {last}; every chart goes from {low} to {top}. A year without a dot is unknown, not 0.",
        name=context.gettext(MEASURE_NAMES[measure]),
        first=years[0],
        last=years[-1],
        low=low,
        top=top,
    )


def places_sentence(found: Comparison, shown: Strips, measure: str, currency: str, context: PageContext) -> str:
    """Which is highest and which lowest in the last whole year, and all together."""
    _, last = context.gettext, _last_whole(found, measure)
    year = found.years[last]
    known = [one for one in shown.strips if one.values[last] is not None]
    if not known:
        return _("None of them has this figure in {year}; that is unknown, not 0.", year=year)
    whole = value_text(found.together[last].value, measure, currency, context)
    values = [value_text(Fraction(one.values[last] or 0), measure, currency, context) for one in (known[0], known[-1])]
    if len(known) == 1:
        return _("In {year} {name} has {value}.", year=year, name=known[0].name, value=values[0])
    return _(
        "In {year} from {low} ({lowest}) to {high} ({highest}); all together {whole}.",
        year=year,
        low=values[1],
        lowest=known[-1].name,
        high=values[0],
        highest=known[0].name,
        whole=whole,
    )


def places_rows(found: Comparison, measure: str, currency: str, context: PageContext) -> list[list[str]]:
    """Name, the value of each year, and how many municipalities stand in the newest sum."""
    rows = []
    for one in _ordered(found, measure):
        newest = one.values[-1]
        texts = [value_text(pooled.value, measure, currency, context) for pooled in one.values]
        counted = context.formats.number(newest.municipalities - newest.left_out)
        rows.append([place_name(OFFICIAL.sub("", one.name)), *texts, counted])
    return rows


def changes_sentence(changes: Sequence[Change], years: Sequence[int], context: PageContext) -> str:
    signs = [one.difference.numerator for one in changes]
    rises, falls = sum(1 for sign in signs if sign > 0), sum(1 for sign in signs if sign < 0)
    number = context.formats.number
    return context.gettext(
        "From {first} to {last} it rose in {rises} and fell in {falls} of {count} municipalities.",
        first=years[0],
        last=years[-1],
        rises=number(rises),
        falls=number(falls),
        count=number(len(changes)),
    )


def change_rows(changes: Sequence[Change], measure: str, currency: str, context: PageContext) -> list[list[str]]:
    return [
        [
            long_name(one.municipality),
            value_text(one.first, measure, currency, context),
            value_text(one.last, measure, currency, context),
            difference_text(one.difference, measure, currency, context),
        ]
        for one in shown_changes(changes)
    ]


def unequal_years_sentence(found: Comparison, context: PageContext) -> str:
    """That a year seems not to be whole, where execution of all together says so; empty otherwise."""
    known = [(year, one.value) for year, one in zip(found.years, found.execution, strict=True) if one.value is not None]
    if len(known) < 2:
        return ""
    (low, least), (high, most) = (pick(known, key=lambda pair: pair[1]) for pick in (min, max))
    if most - least < APART:
        return ""
    share = context.formats.share
    return context.gettext(
        "All together had accrued {least} of the modified budget in {low} and {most} in {high}: {low} had probably not "
        "ended when its file was made. Between these years only the opening (PIA) and the modified budget (PIM) can be "
        "compared.",
        least=share(float(least)),
        low=low,
        most=share(float(most)),
        high=high,
    )


def price_sentence(found: Comparison, is_real: bool, context: PageContext) -> str:
    """At which prices the amounts are, and which years have no real ones."""
    return price_words(found.base_year, found.without_index, is_real, context)


def price_words(base_year: int | None, without: Sequence[int], is_real: bool, context: PageContext) -> str:
    """As `price_sentence`, of a base year and the years without an index."""
    _ = context.gettext
    if not is_real:
        return _("Amounts are nominal: of each year's own prices.")
    if base_year is None:
        return _(
            "The price index has none of these years: there are no real amounts, and none are made up. The page Trends "
            "takes an index of one's own."
        )
    told = _("Amounts are real: at prices of {year}.", year=base_year)
    if not without:
        return told
    years = ", ".join(str(year) for year in without)
    return f"{told} {_('The price index lacks {years}: no real amounts there.', years=years)}"


def lines_sentence(kept: Sequence[MunicipalYear], count: int, year: int, context: PageContext) -> str:
    """Of how many municipalities lines are kept, and how far they have been looked at."""
    _, number = context.gettext, context.formats.number
    told = _(
        "Lines of {kept} of {count} municipalities are kept here for {year}. Of the others nothing is known: that is "
        "not 0 %.",
        kept=number(len(kept)),
        count=number(count),
        year=year,
    )
    lines, looked = (sum(getattr(one.gender, name) for one in kept if one.gender) for name in ("lines", "looked_at"))
    if not lines:
        return told
    seen = _("{looked} of their {lines} lines have been looked at.", looked=number(looked), lines=number(lines))
    return f"{told} {seen}"


def lines_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Municipality"),
        _("Lines"),
        _("Lines that were looked at"),
        _("Looked at, % of the PIM"),
        _("Counts by the scheme, % of the PIM"),
        _("Declared in the file, % of the PIM"),
    ]


def lines_cells(one: MunicipalYear, context: PageContext) -> list[str]:
    """All but the name. What was not looked at has no share; that is not 0 %."""
    there, formats = one.gender, context.formats
    if there is None:
        return ["–"] * 5
    looked = formats.share(there.looked_at_amount / there.total) if there.total else "–"
    counted, declared = (MEASURES[name](one) for name in ("counted_share", "declared_share"))
    told = (
        context.gettext("0 of its {lines} lines have been looked at", lines=formats.number(there.lines))
        if not there.looked_at
        else value_text(counted, "counted_share", "", context)
    )
    return [
        formats.number(there.lines),
        formats.number(there.looked_at),
        looked,
        told,
        value_text(declared, "declared_share", "", context),
    ]
