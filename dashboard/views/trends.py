"""Trends of counted money -> sentences, rows and series in the reader's language. No Dash."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from budget_model.spending.counting import share_of_whole
from budget_model.spending.trends import Change
from dashboard.context import PageContext
from dashboard.figures.bars import Bar
from dashboard.figures.trend import Series
from data.workflows.trends import Trend, TrendYear

PARTS = 5  # of a change: all of it, and what it is made of


def finding(trend: Trend, context: PageContext) -> str:
    """From the first to the last year of which something is known: money and change of tags told apart."""
    _, money = context.gettext, context.formats.millions
    if len(trend.years) < 2:
        return _("There is one year only: a trend needs at least two.")
    known = [one for one in trend.years if one.constant is not None]
    if len(known) < 2:
        return _("Fewer than two years have tags that go on in another year: no change of money can be told.")
    first, last = known[0], known[-1]
    told = _(
        "With the tags of today, counted money went from {first} in {start} to {last} in {end}.",
        first=money(first.constant, trend.currency),
        last=money(last.constant, trend.currency),
        start=first.year,
        end=last.year,
    )
    told += left_out_words((first, last), trend, context)
    if first.as_tagged is None:
        return told + " " + _("Nothing of {start} is tagged in that year itself.", start=first.year)
    return f"{told} " + _(
        "As tagged in each year it went from {first} to {last}; the difference is a change of tags and no money.",
        first=money(first.as_tagged, trend.currency),
        last=money(last.as_tagged, trend.currency),
    )


def left_out_words(ends: Sequence[TrendYear], trend: Trend, context: PageContext) -> str:
    """What of both years the change does not speak of, so that more tags are not read as more money."""
    _, money = context.gettext, context.formats.millions
    parts = [
        _("{amount} of {year}", amount=money(one.series.constant_unknown, trend.currency), year=one.year)
        for one in ends
        if one.series.constant_unknown
    ]
    if not parts:
        return ""
    told = _(
        "Left out of this, because no year has a tag for all the money of their lines: {parts}.", parts=", ".join(parts)
    )
    return f" {told}"


def real_constant_of(one: TrendYear) -> Decimal | None:
    return None if one.constant is None else one.real_constant


def price_sentence(trend: Trend, context: PageContext) -> str:
    """At which prices the real amounts are, and which years the index lacks."""
    _ = context.gettext
    if trend.index is None:
        return _("There is no price index for this site: amounts are nominal.")
    lacking = [str(one.year) for one in trend.years if one.year not in trend.index.values]
    if trend.base_year is None:
        return _("The price index has none of these years: amounts are nominal.")
    told = _("Real amounts are at prices of {year}.", year=trend.base_year)
    if not lacking:
        return told
    return told + " " + _("The index lacks {years}: no real amount is shown there.", years=", ".join(lacking))


def year_header(trend: Trend, context: PageContext) -> list[str]:
    _ = context.gettext
    real = _("One taxonomy, prices of {year}", year=trend.base_year) if trend.base_year else _("One taxonomy, real")
    return [
        _("Year"),
        _("Whole budget"),
        _("As tagged"),
        _("Share"),
        _("One taxonomy"),
        real,
        _("Unknown"),
        _("Execution of what counts"),
        _("Execution of the rest"),
    ]


def year_rows(trend: Trend, context: PageContext) -> list[list[str]]:
    """The newest year first."""
    return [_year_row(one, trend, context) for one in reversed(trend.years)]


def _year_row(one: TrendYear, trend: Trend, context: PageContext) -> list[str]:
    formats, currency = context.formats, trend.currency
    series = one.series
    return [
        str(one.year),
        formats.money(series.total, currency, 2),
        formats.money(one.as_tagged, currency, 2),
        formats.share(share_of(one)),
        formats.money(one.constant, currency, 2),
        formats.money(real_constant_of(one), currency, 2),
        formats.money(series.untagged, currency, 2),
        formats.share(one.counted.counted_execution.rate),
        formats.share(one.counted.rest_rate),
    ]


def share_of(one: TrendYear) -> Decimal | None:
    """Counted / whole budget as tagged; None where nothing is tagged, which is not 0, or the budget is 0."""
    return share_of_whole(one.as_tagged, one.series.total)


def change_rows(trend: Trend, context: PageContext) -> list[list[str]]:
    """How each year's counted amount came from that of the year before; the parts add up exactly."""
    return [
        [str(year), *(_signed(amount, trend.currency, context) for amount in parts)]
        for year, parts in changes(trend)[::-1]
    ]


def changes(trend: Trend) -> list[tuple[int, tuple[Decimal | None, ...]]]:
    """Year and parts of its change; None where nothing is tagged in one of the two years: unknown is no 0."""
    unknown: tuple[Decimal | None, ...] = (None,) * PARTS
    return [
        (after.year, unknown if after.series.change is None else _parts(after.series.change))
        for after in trend.years[1:]
    ]


def incomparable_sentence(trend: Trend, context: PageContext) -> str:
    """Which years no change is told of, because nothing of them is tagged; empty where there is none."""
    unknown = [str(one.year) for one in trend.years if one.as_tagged is None]
    if not unknown:
        return ""
    return context.gettext(
        "Nothing of {years} is tagged: its counted money is unknown and not 0, so that no change from it or to it can "
        "be told.",
        years=", ".join(unknown),
    )


def without_stage_sentence(trend: Trend, context: PageContext) -> str:
    """Years that the chosen stage is lacking of; empty where there is none."""
    if not trend.without_stage:
        return ""
    return context.gettext(
        "No line of {years} has this stage in its file: these years are left out, which is not 0.",
        years=", ".join(str(year) for year in trend.without_stage),
    )


def _parts(change: Change) -> tuple[Decimal, ...]:
    return (change.total, change.money, change.retag, change.entered, change.left)


def _signed(amount: Decimal | None, currency: str, context: PageContext) -> str:
    text = context.formats.money(amount, currency, 2)
    return f"+{text}" if amount is not None and amount > 0 else text


def change_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [_("Year"), _("Change"), _("Money"), _("Change of tags"), _("Lines that came"), _("Lines that left")]


def year_series(trend: Trend, context: PageContext) -> list[Series]:
    """The chart: as tagged, by one taxonomy, and real where the index has the year."""
    _ = context.gettext
    found = [
        Series(_("As tagged"), tuple(_bar(one.as_tagged, trend, context) for one in trend.years)),
        Series(_("One taxonomy"), tuple(_bar(one.constant, trend, context) for one in trend.years)),
    ]
    if any(real_constant_of(one) is not None for one in trend.years):
        real = tuple(_bar(real_constant_of(one), trend, context) for one in trend.years)
        found.append(Series(_("One taxonomy, prices of {year}", year=trend.base_year), real))
    return found


def _bar(amount: Decimal | None, trend: Trend, context: PageContext) -> Bar | None:
    if amount is None:
        return None
    return Bar(float(amount) / 1e6, context.formats.money(amount, trend.currency, 2))
