"""Municipalities as small charts beside each other on one scale -> charts, sentence and rows. No Dash."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from dashboard.context import PageContext
from dashboard.services.trends import TrendView

STEP = Decimal("0.05")  # of the scale


@dataclass(frozen=True)
class SmallChart:
    """A municipality's share that counts in each of the years; None where it is unknown, which is not 0."""

    slug: str
    name: str
    shares: tuple[Decimal | None, ...]

    @property
    def newest(self) -> Decimal | None:
        """The share of the last of the years that all charts have."""
        return self.shares[-1]


@dataclass(frozen=True)
class SmallCharts:
    """All of them, the largest share of the last year first. `top`: share at the upper edge of each."""

    years: tuple[int, ...]
    charts: tuple[SmallChart, ...]
    top: Decimal


def small_charts(found: TrendView) -> SmallCharts:
    """The charts of the municipalities that the person may see, over every year that one of them has."""
    trends = found.sites
    years = tuple(sorted({one.year for trend in trends for one in trend.years}))
    charts = []
    for trend in trends:
        shares = {one.year: one.share for one in trend.years}
        charts.append(SmallChart(trend.slug, trend.name, tuple(shares.get(year) for year in years)))
    charts.sort(key=lambda one: (one.newest is None, -(one.newest or Decimal(0)), one.name))
    largest = max((share for one in charts for share in one.shares if share is not None), default=Decimal(0))
    steps = (largest / STEP).to_integral_value(ROUND_CEILING)
    return SmallCharts(years, tuple(charts), max(steps, Decimal(1)) * STEP)


def small_charts_sentence(shown: SmallCharts, context: PageContext) -> str:
    """What the charts say at a glance, and of how many nothing is known."""
    _, share = context.gettext, context.formats.share
    year = shown.years[-1]
    known = [one for one in shown.charts if one.newest is not None]
    unknown = len(shown.charts) - len(known)
    if not known:
        return _("Of none of the {count} municipalities the share of {year} is known.", count=unknown, year=year)
    told = _(
        "In {year} the share that counts goes from {least} ({lowest}) to {most} ({highest}).",
        year=year,
        least=share(known[-1].newest),
        lowest=known[-1].name,
        most=share(known[0].newest),
        highest=known[0].name,
    )
    if len(known) == 1:
        told = _(
            "In {year} {name} has a share of {share}.", year=year, name=known[0].name, share=share(known[0].newest)
        )
    if not unknown:
        return told
    more = context.ngettext(
        "Of {number} municipality it is unknown, which is not 0.",
        "Of {number} municipalities it is unknown, which is not 0.",
        unknown,
        number=str(unknown),
    )
    return f"{told} {more}"


def small_charts_rows(shown: SmallCharts, context: PageContext) -> list[list[str]]:
    """Name and the share of each year."""
    share = context.formats.share
    return [[one.name, *("–" if value is None else share(value) for value in one.shares)] for one in shown.charts]
