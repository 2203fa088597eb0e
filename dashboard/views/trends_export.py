"""Tables of the file that a trend is given out as: exact amounts. No Dash."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from budget_model.spending.trends import DECIMALS
from dashboard.context import PageContext
from dashboard.services.trends import TrendView
from dashboard.views.trends import change_header, changes, real_constant_of, share_of, year_header
from dashboard.views.trends_per_head import per_head, per_head_header
from dashboard.views.trends_ranking import amount_per_person, ranking, ranking_header
from data.workflows.trends import SiteTrend, SiteYear
from data.writers.tables import Table

SHARE_DECIMALS = Decimal("0.000001")


def rounded_share(share: Decimal | None) -> Decimal | None:
    """A share (0-1) as files carry it: six decimals are a ten-thousandth of a point."""
    return None if share is None else share.quantize(SHARE_DECIMALS)


def export_tables(found: TrendView, context: PageContext) -> list[Table]:
    """Years of the site, changes taken apart, and the sites beside each other: exact amounts."""
    _ = context.gettext
    own = found.own
    years = [
        (
            one.year,
            one.series.total,
            one.as_tagged,
            rounded_share(share_of(one)),
            one.constant,
            real_constant_of(one),
            one.series.untagged,
            rounded_share(one.counted.counted_execution.rate),
            rounded_share(one.counted.rest_rate),
        )
        for one in own.years
    ]
    changed = [(year, *parts) for year, parts in changes(own)]
    return [
        Table(_("Years"), year_header(own, context), years),
        Table(_("Changes"), change_header(context), changed),
        Table(
            _("Per woman and per person"),
            per_head_header(context),
            [(one.year, *map(_in_hundredths_of_cents, per_head(own, one))) for one in own.years],
        ),
        Table(_("Municipalities"), ranking_header(context), _ranking_table(ranking(found))),
    ]


def _in_hundredths_of_cents(number: int | Decimal | None) -> int | Decimal | None:
    """An amount per person as files carry it; whole numbers of persons stay as they are."""
    return number.quantize(DECIMALS) if isinstance(number, Decimal) else number


def _ranking_table(rows: Sequence[tuple[SiteTrend, SiteYear | None]]) -> list[tuple[str | int | Decimal | None, ...]]:
    return [
        (
            site.name,
            one.year,
            rounded_share(one.share),
            one.as_tagged,
            _in_hundredths_of_cents(amount_per_person(site, one)),
            one.total,
            one.untagged,
            rounded_share(one.counted.counted_execution.rate),
            rounded_share(one.counted.rest_rate),
        )
        if one
        else (site.name, *[None] * 8)
        for site, one in rows
    ]
