"""A price index by year, and amounts at the prices of one year. Years that the index lacks have no real amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

MONTHS = 12
DIGITS = 40
INDEX_DECIMALS = Decimal("0.0001")


@dataclass(frozen=True)
class PriceIndex:
    """Average level of prices by year; only ratios count. `source` says who measured it, and how it was made."""

    values: Mapping[int, Decimal]
    source: str

    def newest_of(self, years: Sequence[int]) -> int | None:
        """The newest of these years that the index has; None where it has none of them."""
        return max((year for year in years if year in self.values), default=None)

    def real(self, amount: Decimal | None, year: int, base_year: int | None) -> Decimal | None:
        """The amount of `year` at prices of `base_year`; None where amount or index is missing.

        real = amount × index(base_year) / index(year)
        """
        if amount is None or base_year is None or year not in self.values or base_year not in self.values:
            return None
        with localcontext(prec=DIGITS):
            return amount * self.values[base_year] / self.values[year]


def yearly_averages(monthly_percent: Mapping[int, Sequence[Decimal]]) -> dict[int, Decimal]:
    """Average index of each complete year from changes month by month, in percent of the month before.

    The level before the first month is 100; the years follow each other without a gap. A year with fewer than twelve
    months has no average. Raises ValueError where a year is missing in between.
    """
    years = sorted(monthly_percent)
    if years != list(range(years[0], years[0] + len(years))) if years else False:
        raise ValueError("the years of a price index must follow each other")
    level, averages = Decimal(100), {}
    with localcontext(prec=DIGITS):
        for year in years:
            levels = []
            for change in monthly_percent[year]:
                level *= 1 + change / 100
                levels.append(level)
            if len(levels) == MONTHS:
                averages[year] = (sum(levels, Decimal(0)) / MONTHS).quantize(INDEX_DECIMALS)
    return averages
