"""Counted money of each year through the stages of the budget, beside the rest -> sentence, bars and rows. No Dash."""

from __future__ import annotations

from decimal import Decimal

from dashboard.context import PageContext
from dashboard.figures.bars import Bar
from dashboard.views.budget import stage_names
from data.workflows.trends import Trend, TrendYear

STAGES = ("pia", "pim", "accrued", "paid")  # of a chart and a table; the files have all six


def stages_sentence(trend: Trend, context: PageContext) -> str:
    """The newest year: what was opened, modified, accrued and paid of the counted money, and how the rest did."""
    _, formats, one = context.gettext, context.formats, trend.years[-1]
    amounts = [(stage, one.counted.counted[stage]) for stage in STAGES]
    names = stage_names(context)
    told = "; ".join(
        f"{names[stage]}: {_('unknown') if amount is None else formats.millions(amount, trend.currency)}"
        for stage, amount in amounts
    )
    first = _("Counted money of {year}: {stages}.", year=one.year, stages=told)
    own, rest = one.counted.counted_execution.rate, one.counted.rest_rate
    if own is None or rest is None:
        return f"{first} {_('Execution of both sides cannot be compared.')}"
    second = _(
        "Of the modified budget, {own} of the counted money was accrued, of the rest {rest}.",
        own=formats.share(own),
        rest=formats.share(rest),
    )
    return f"{first} {second}"


def stage_bars(trend: Trend, context: PageContext) -> dict[str, list[Bar | None]]:
    """Millions by stage, a bar a year; None where it is not known."""
    return {stage: [_bar(one.counted.counted[stage], trend, context) for one in trend.years] for stage in STAGES}


def _bar(amount: Decimal | None, trend: Trend, context: PageContext) -> Bar | None:
    return None if amount is None else Bar(float(amount) / 1e6, context.formats.money(amount, trend.currency, 2))


def stages_header(context: PageContext) -> list[str]:
    _ = context.gettext
    names = stage_names(context)
    return [_("Year"), _("Part"), *(names[stage] for stage in STAGES), _("Execution (accrued / PIM)")]


def stages_rows(trend: Trend, context: PageContext) -> list[list[str]]:
    """The newest year first, each in two rows: what counts, and the rest, of which some is not known."""
    return [row for one in reversed(trend.years) for row in _year_rows(one, trend, context)]


def _year_rows(one: TrendYear, trend: Trend, context: PageContext) -> list[list[str]]:
    _, formats, sums = context.gettext, context.formats, one.counted
    parts = (
        (_("Counts"), sums.counted, sums.counted_execution.rate),
        (_("The rest"), {stage: sums.rest_of(stage) for stage in STAGES}, sums.rest_rate),
    )
    return [
        [
            str(one.year),
            name,
            *(formats.money(amounts[stage], trend.currency, 2) for stage in STAGES),
            formats.share(rate),
        ]
        for name, amounts, rate in parts
    ]
