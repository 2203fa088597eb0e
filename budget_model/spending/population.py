"""Women and men of a municipality by year, and amounts per woman and per person. A year without a count has neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Count:
    """Women (with girls) and men (with boys) of one year."""

    women: int
    men: int


@dataclass(frozen=True)
class Population:
    """Counts by year; `source` says who counted or projected. Years that it lacks are never filled in."""

    counts: Mapping[int, Count]
    source: str

    def per_woman(self, amount: Decimal | None, year: int) -> Decimal | None:
        """Amount of a year per woman; None where the amount or the count is missing."""
        found = self.counts.get(year)
        return None if amount is None or found is None else _over(amount, found.women)

    def per_person(self, amount: Decimal | None, year: int) -> Decimal | None:
        """Amount of a year per woman or man; None where the amount or the count is missing."""
        found = self.counts.get(year)
        return None if amount is None or found is None else _over(amount, found.women + found.men)


def _over(amount: Decimal, persons: int) -> Decimal | None:
    return amount / persons if persons else None
