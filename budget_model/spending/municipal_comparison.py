"""Municipalities of a country over the same years: a selection, its ranking, its places as wholes, its changes.

A ranking is of one year, the same for all: who has no budget of that year stands in none. Knows no file and no store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from budget_model.spending.prices import PriceIndex
from budget_model.spending.ranking import (
    MEASURES,
    NOMINAL_FACTOR,
    Measure,
    MunicipalYear,
    Pooled,
    Ranking,
    rank_values,
)

NOMINAL, REAL = "nominal", "real"
SIZES: Mapping[str, tuple[int, int | None]] = {  # inhabitants, from and below
    "under_5000": (0, 5_000),
    "5000_to_19999": (5_000, 20_000),
    "20000_to_99999": (20_000, 100_000),
    "100000_and_more": (100_000, None),
}
ByYear = Mapping[int, Sequence[MunicipalYear]]
Values = Sequence[tuple[MunicipalYear, Fraction | None]]


@dataclass(frozen=True)
class Selection:
    """Which municipalities; an empty text is all of them. `size`: a key of SIZES; an unknown size has none."""

    department: str = ""
    province: str = ""
    governs: str = ""
    size: str = ""

    def keeps(self, one: MunicipalYear) -> bool:
        return (
            self.department in ("", one.department)
            and self.province in ("", one.province)
            and self.governs in ("", one.governs)
            and self._has_size(one)
        )

    def _has_size(self, one: MunicipalYear) -> bool:
        if not self.size:
            return True
        least, below = SIZES[self.size]
        return one.persons is not None and least <= one.persons and (below is None or one.persons < below)


@dataclass(frozen=True)
class Place:
    """A department, a province or a municipality over the years; `code` is empty but for a municipality."""

    name: str
    department: str
    province: str
    code: str
    values: tuple[Pooled, ...]


@dataclass(frozen=True)
class Change:
    """A municipality's value in the first and in the last year; `difference` is last less first."""

    municipality: MunicipalYear
    first: Fraction
    last: Fraction

    @cached_property
    def difference(self) -> Fraction:
        return self.last - self.first


@dataclass(frozen=True)
class Comparison:
    """What the pages and the command line show of one question.

    years : all that are kept, oldest first
    ranking : of the year that was asked for, and of the selection
    together : the whole selection as one, by year
    execution : accrued over modified budget of the whole selection, by year; it tells years that are not whole
    places : departments; of a chosen department its provinces; of a chosen province its municipalities
    changes : from the first to the last year, the largest rise first; who lacks one of the years is not in it
    base_year : of real prices; None where amounts are nominal, or where the index has none of the years
    without_index : years that have no real amounts
    """

    years: tuple[int, ...]
    ranking: Ranking
    together: tuple[Pooled, ...]
    execution: tuple[Pooled, ...]
    places: tuple[Place, ...]
    changes: tuple[Change, ...]
    base_year: int | None
    without_index: tuple[int, ...]


def compare(
    by_year: ByYear,
    year: int,
    measure: str,
    selection: Selection,
    prices: str = NOMINAL,
    index: PriceIndex | None = None,
) -> Comparison:
    """Everything that one question shows.

    Raises
    ------
    KeyError : a year that is not kept, or a measure that there is not.
    """
    years, counted = tuple(sorted(by_year)), MEASURES[measure]
    base = index.newest_of(years) if index and prices == REAL else None
    factors = {one: price_factor(one, base, prices, index) for one in years}
    kept = {one: _kept(by_year[one], selection, factors[one]) for one in years}
    values = {one: [(there, counted(there)) for there in kept[one]] for one in {year, years[0], years[-1]}}
    return Comparison(
        years,
        rank_values(values[year]),
        tuple(counted.pooled(kept[one]) for one in years),
        tuple(MEASURES["execution"].pooled(kept[one]) for one in years),
        _places(kept, counted, selection),
        _changes(values[years[0]], values[years[-1]]) if len(years) > 1 else (),
        base,
        tuple(one for one in years if factors[one] is None),
    )


def price_factor(year: int, base_year: int | None, prices: str, index: PriceIndex | None) -> Fraction | None:
    """By what an amount of the year is multiplied; None where the index lacks it. Nominal: 1."""
    if prices == NOMINAL:
        return NOMINAL_FACTOR
    if index is None or base_year is None or year not in index.values:
        return None
    return Fraction(index.values[base_year]) / Fraction(index.values[year])


def _kept(there: Iterable[MunicipalYear], selection: Selection, factor: Fraction | None) -> list[MunicipalYear]:
    kept = [one for one in there if selection.keeps(one)]
    return kept if factor is NOMINAL_FACTOR else [replace(one, price_factor=factor) for one in kept]


def _places(kept: Mapping[int, Sequence[MunicipalYear]], measure: Measure, selection: Selection) -> tuple[Place, ...]:
    """By name of department, province and municipality."""
    years = sorted(kept)
    found: dict[tuple[str, str, str], dict[int, list[MunicipalYear]]] = defaultdict(lambda: defaultdict(list))
    names: dict[tuple[str, str, str], str] = {}
    for year in years:
        for one in kept[year]:
            key, name = _place_of(one, selection)
            found[key][year].append(one)
            names[key] = name
    return tuple(
        Place(names[key], *key, tuple(measure.pooled(found[key][year]) for year in years)) for key in sorted(found)
    )


def _place_of(one: MunicipalYear, selection: Selection) -> tuple[tuple[str, str, str], str]:
    if not selection.department:
        return (one.department, "", ""), one.department
    if not selection.province:
        return (one.department, one.province, ""), one.province
    return (one.department, one.province, one.code), one.name


def _changes(first: Values, last: Values) -> tuple[Change, ...]:
    before = {one.code: value for one, value in first}
    found = []
    for one, later in last:
        earlier = before.get(one.code)
        if earlier is not None and later is not None:
            found.append(Change(one, earlier, later))
    return tuple(sorted(found, key=lambda change: (-float(change.difference), change.municipality.code)))
