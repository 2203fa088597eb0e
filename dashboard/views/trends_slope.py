"""From the first to the last year: a line a municipality, or a class of tags where there is one municipality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from budget_model.spending.schemes import Scheme
from budget_model.spending.sums import class_amounts
from dashboard.context import PageContext
from dashboard.figures.slope import Slope
from dashboard.services.trends import TrendView
from dashboard.views.statement import class_name
from data.workflows.trends import SiteTrend, SiteYear

MOST_LINES = 10  # of a chart; the table has all


@dataclass(frozen=True)
class SlopeLine:
    """Shares of the whole budget (0-1) in the first and the last year."""

    name: str
    start: Decimal
    end: Decimal
    is_own: bool = False

    @property
    def change(self) -> Decimal:
        return self.end - self.start


@dataclass(frozen=True)
class Slopes:
    """All lines, the largest share of the last year first. `lacking`: of which one of the years is not known.

    `unknown` : share of the whole budget (0-1) that is in no class in the first and the last year; of classes only
    """

    years: tuple[int, int]
    by_site: bool
    lines: tuple[SlopeLine, ...]
    lacking: tuple[str, ...] = ()
    unknown: tuple[Decimal, Decimal] | None = None

    @property
    def shown(self) -> tuple[SlopeLine, ...]:
        """Those of the chart: the site's own, and of the others those that changed most."""
        others = sorted((one for one in self.lines if not one.is_own), key=lambda one: (-abs(one.change), one.name))
        own = [one for one in self.lines if one.is_own]
        chosen = {one.name for one in (*own, *others[: MOST_LINES - len(own)])}
        return tuple(one for one in self.lines if one.name in chosen)


def slopes(found: TrendView, scheme: Scheme, context: PageContext) -> Slopes | None:
    """From the first year of this site with tags; None where there are fewer than two years, or none has both."""
    tagged = [one.year for one in found.own.years if one.as_tagged is not None]
    years = [one.year for one in found.own.years if tagged and one.year >= tagged[0]]
    if len(years) < 2:
        return None
    ends = (years[0], years[-1])
    made = _by_site(found, ends) if len(found.sites) > 1 else _by_class(found.sites, scheme, ends, context)
    return made if made.lines else None


def _by_site(found: TrendView, ends: tuple[int, int]) -> Slopes:
    lines, lacking = [], []
    for site in found.sites:
        shares = {one.year: one.share for one in site.years}
        start, end = (shares.get(year) for year in ends)
        if start is None or end is None:
            lacking.append(site.name)
        else:
            lines.append(SlopeLine(site.name, start, end, site.slug == found.own.slug))
    return Slopes(ends, True, _ordered(lines), tuple(lacking))


def _by_class(sites: Sequence[SiteTrend], scheme: Scheme, ends: tuple[int, int], context: PageContext) -> Slopes:
    """A class that a year does not have is 0 of it only where the year has tags at all."""
    years = {one.year: one for site in sites for one in site.years if one.as_tagged is not None and one.total}
    if not all(year in years for year in ends):
        return Slopes(ends, False, ())
    first, last = (
        {code: amount / years[year].total for code, amount in _classes(years[year], scheme).items()} for year in ends
    )
    shares = [(code, first.get(code, Decimal(0)), last.get(code, Decimal(0))) for code in sorted({*first, *last})]
    lines = [SlopeLine(class_name(scheme, code, context), start, end) for code, start, end in shares]
    return Slopes(ends, False, _ordered(lines), unknown=(1 - sum(first.values()), 1 - sum(last.values())))


def _classes(one: SiteYear, scheme: Scheme) -> dict[str, Decimal]:
    return class_amounts(one.groups, scheme, one.stage)


def _ordered(lines: Sequence[SlopeLine]) -> tuple[SlopeLine, ...]:
    return tuple(sorted(lines, key=lambda one: (-one.end, one.name)))


def slope_marks(found: Slopes, context: PageContext) -> list[Slope]:
    share = context.formats.share
    return [
        Slope(one.name, float(one.start), float(one.end), (share(one.start), share(one.end)), one.is_own)
        for one in found.shown
    ]


def slope_sentence(found: Slopes, context: PageContext) -> str:
    """How many rose and fell, and who changed most; of whom nothing can be said."""
    _, (start, end) = context.gettext, found.years
    most = max(found.lines, key=lambda one: abs(one.change))
    told = _(
        "From {start} to {end} the share rose in {up} and fell in {down} of {all}; most changed {name}: {change}.",
        start=start,
        end=end,
        up=sum(one.change > 0 for one in found.lines),
        down=sum(one.change < 0 for one in found.lines),
        all=len(found.lines),
        name=most.name,
        change=context.formats.points(float(most.change)),
    )
    if found.lacking:
        told += " " + _("Not known in one of the two years: {names}.", names=", ".join(found.lacking))
    return f"{told} {_tagging(found, context)}"


def _tagging(found: Slopes, context: PageContext) -> str:
    """What a slope cannot tell apart: money that moved, and lines that were looked at meanwhile."""
    _, share = context.gettext, context.formats.share
    if found.unknown is None:
        return _("Shares are as tagged in each year: one may also rise because more lines were looked at.")
    before, after = found.unknown
    return _(
        "Nothing is known of {before} of the budget in {start} and of {after} in {end}: a share may also rise because "
        "more lines were looked at.",
        before=share(before),
        after=share(after),
        start=found.years[0],
        end=found.years[1],
    )


def slope_rows(found: Slopes, context: PageContext) -> list[list[str]]:
    share, points = context.formats.share, context.formats.points
    return [[one.name, share(one.start), share(one.end), points(float(one.change))] for one in found.lines]
