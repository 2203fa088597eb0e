"""Municipalities of a country beside each other: execution, revision of the opening budget, money per inhabitant.

Exact: every measure is a fraction of amounts as the source gives them. Knows no file and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from budget_model.spending.lines import Amounts

DISTRICT, PROVINCE = "district", "province"  # what a municipality governs


@dataclass(frozen=True)
class MunicipalYear:
    """One municipality's budget of one year.

    amounts : currency units by stage; None = the source lacks it
    persons : inhabitants of the district of its seat; None = not known
    """

    code: str
    name: str
    department: str
    province: str
    governs: str  # DISTRICT, PROVINCE
    year: int
    amounts: Amounts
    persons: int | None = None


@dataclass(frozen=True)
class Ranked:
    """A municipality with its value and its place from the highest value; equal values share a place."""

    municipality: MunicipalYear
    value: Fraction
    place: int


@dataclass(frozen=True)
class Ranking:
    """Those with a value, the highest first, and those whose value is not known."""

    ranked: tuple[Ranked, ...]
    unknown: tuple[MunicipalYear, ...]

    def find(self, code: str) -> Ranked | None:
        return next((one for one in self.ranked if one.municipality.code == code), None)

    def deciles(self) -> tuple[Fraction, ...]:
        """Nine values: a tenth, two tenths … of the municipalities with a value have at most so much.

        The k-th is the smallest value that at least k tenths do not exceed; none where nobody has a value.
        """
        values = [one.value for one in reversed(self.ranked)]
        return tuple(values[-(-len(values) * tenth // 10) - 1] for tenth in range(1, 10)) if values else ()


Measure = Callable[[MunicipalYear], Fraction | None]


def execution(one: MunicipalYear) -> Fraction | None:
    """Share of the modified budget (PIM) that was accrued; None where one is unknown or the PIM is 0."""
    return _ratio(one.amounts.get("accrued"), one.amounts.get("pim"))


def revision(one: MunicipalYear) -> Fraction | None:
    """How much larger the modified budget (PIM) is than the opening one (PIA), as a share of that; can be negative."""
    ratio = _ratio(one.amounts.get("pim"), one.amounts.get("pia"))
    return None if ratio is None else ratio - 1


def budget_per_person(one: MunicipalYear) -> Fraction | None:
    """Modified budget (PIM) for each inhabitant, in units of the currency.

    Of municipalities of a district alone: one of a province also serves the other districts of it.
    """
    if one.governs != DISTRICT or one.persons is None:
        return None
    return _ratio(one.amounts.get("pim"), Decimal(one.persons))


def accrued_per_person(one: MunicipalYear) -> Fraction | None:
    """What was accrued for each inhabitant; as `budget_per_person`."""
    if one.governs != DISTRICT or one.persons is None:
        return None
    return _ratio(one.amounts.get("accrued"), Decimal(one.persons))


MEASURES: Mapping[str, Measure] = {
    "execution": execution,
    "revision": revision,
    "budget_per_person": budget_per_person,
    "accrued_per_person": accrued_per_person,
}


def _ratio(part: Decimal | None, whole: Decimal | None) -> Fraction | None:
    return None if part is None or not whole else Fraction(part) / Fraction(whole)


def rank(municipalities: Iterable[MunicipalYear], measure: str) -> Ranking:
    """Order by a measure of MEASURES; of equal values the code decides the order, and the place is the same.

    Raises
    ------
    KeyError : a measure that there is not.
    """
    value_of, valued, unknown = MEASURES[measure], [], []
    for one in municipalities:
        value = value_of(one)
        if value is None:
            unknown.append(one)
        else:
            valued.append((one, value))
    # The nearest float of a fraction never turns an order round: exact values decide where floats are equal.
    valued.sort(key=lambda pair: (-float(pair[1]), -pair[1], pair[0].code))
    return Ranking(tuple(_placed(valued)), tuple(sorted(unknown, key=lambda one: one.code)))


def _placed(valued: Sequence[tuple[MunicipalYear, Fraction]]) -> Iterable[Ranked]:
    place, last = 0, None
    for number, (one, value) in enumerate(valued, start=1):
        place = place if value == last else number
        last = value
        yield Ranked(one, value, place)
