"""Trends of counted money -> sentences, rows and series in the reader's language. No Dash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from budget_model.spending.alerts import Alert, AlertLine
from budget_model.spending.trends import DECIMALS, Change
from dashboard.context import PageContext
from dashboard.figures.bars import Bar
from dashboard.figures.trend import Series
from dashboard.services.trends import TrendView
from dashboard.views.trends_words import ALERT_HEADERS, ALERTS
from data.workflows.trends import ALERT_LINES, SiteTrend, SiteYear, Trend, TrendYear, YearAlerts
from data.writers.tables import Table

SHARE_DECIMALS = Decimal("0.000001")
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
    amount = one.as_tagged
    return None if amount is None or not one.series.total else amount / one.series.total


def rounded_share(share: Decimal | None) -> Decimal | None:
    """A share (0-1) as files carry it: six decimals are a ten-thousandth of a point."""
    return None if share is None else share.quantize(SHARE_DECIMALS)


def per_head_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Year"),
        _("Women"),
        _("Men"),
        _("As tagged, per woman"),
        _("As tagged, per person"),
        _("One taxonomy, per person"),
        _("Whole budget, per person"),
    ]


def per_head(trend: Trend, one: TrendYear) -> tuple[int | Decimal | None, ...]:
    """Women, men, and amounts of a year per woman and per person; None where the population of the year is missing."""
    population, year = trend.population, one.year
    if population is None or year not in population.counts:
        return (None,) * 6
    count = population.counts[year]
    return (
        count.women,
        count.men,
        population.per_woman(one.as_tagged, year),
        population.per_person(one.as_tagged, year),
        population.per_person(one.constant, year),
        population.per_person(one.series.total, year),
    )


def per_head_rows(trend: Trend, context: PageContext) -> list[list[str]]:
    """The newest year first."""
    formats, found = context.formats, []
    for one in reversed(trend.years):
        women, men, *amounts = per_head(trend, one)
        shown = [formats.money(amount, trend.currency, 2) for amount in amounts]
        found.append([str(one.year), formats.number(women), formats.number(men), *shown])
    return found


def population_sentence(trend: Trend, context: PageContext) -> str:
    """Whether the population is held, and which years it lacks."""
    _ = context.gettext
    if trend.population is None:
        return _("The population by sex is not held here: no amount per woman or person can be said. Give it below.")
    lacking = [str(one.year) for one in trend.years if one.year not in trend.population.counts]
    if not lacking:
        return _("Each year is divided by its own population.")
    return _("The population of {years} is not held: a dash stands there.", years=", ".join(lacking))


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


def ranking_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Municipality"),
        _("Year"),
        _("Share"),
        _("As tagged"),
        _("As tagged, per person"),
        _("Whole budget"),
        _("Unknown"),
        _("Execution of what counts"),
        _("Execution of the rest"),
    ]


def ranking_year(found: TrendView) -> int:
    """The year in which all stand beside each other: the newest that every site has, else this site's newest."""
    own = {one.year for one in found.own.years}
    shared = own.intersection(*({one.year for one in site.years} for site in found.sites))
    return max(shared or own)


def ranking(found: TrendView) -> list[tuple[SiteTrend, SiteYear | None]]:
    """Sites by the share that counts in one year, the same for all; unknown shares come last, then who lacks the year.

    Two sites in different years are not compared: prices, laws and how far a year has gone differ.
    """
    year = ranking_year(found)
    rows = [(site, next((one for one in site.years if one.year == year), None)) for site in found.sites]
    return sorted(rows, key=_place_in_ranking)


def _place_in_ranking(row: tuple[SiteTrend, SiteYear | None]) -> tuple[bool, bool, Decimal, str]:
    site, one = row
    share = one.share if one else None
    return one is None, share is None, -(share or Decimal(0)), site.name


def ranking_sentence(found: TrendView, context: PageContext) -> str:
    """Which year it is, and who lacks it."""
    _, year = context.gettext, ranking_year(found)
    told = _(
        "All in {year}. A full count of lines has no sampling error; what differs is how much is tagged.", year=year
    )
    without = [site.name for site, one in ranking(found) if one is None]
    if not without:
        return told
    return f"{told} {_('Without this year, which is not 0: {names}.', names=', '.join(without))}"


def ranking_cells(site: SiteTrend, one: SiteYear | None, context: PageContext) -> list[str]:
    """The cells after the name; dashes where the site lacks the year."""
    if one is None:
        return ["–"] * (len(ranking_header(context)) - 1)
    formats, currency = context.formats, site.currency
    return [
        str(one.year),
        formats.share(one.share),
        formats.money(one.as_tagged, currency, 2),
        formats.money(_per_person(site, one), currency, 2),
        formats.money(one.total, currency, 2),
        formats.money(one.untagged, currency, 2),
        formats.share(one.counted.counted_execution.rate),
        formats.share(one.counted.rest_rate),
    ]


def _per_person(site: SiteTrend, one: SiteYear) -> Decimal | None:
    return site.population.per_person(one.as_tagged, one.year) if site.population else None


def alert_sentence(alert: Alert, context: PageContext) -> str:
    share, number = context.formats.share, context.formats.number
    days = [None if day is None else date.fromisoformat(day) for day in (alert.since, alert.until)]
    since, until = (context.formats.date(day) for day in days)
    facts = {
        "year": alert.year,
        "own": share(alert.own),
        "rest": share(alert.rest),
        "number": number(len(alert.lines)),
        "since": since,
        "until": until,
    }
    return context.gettext(ALERTS[alert.rule], **facts)


def alert_rows(alert: Alert, found: YearAlerts, currency: str, context: PageContext) -> list[list[str]]:
    """The first lines behind an alert: those that fall short most."""
    return [_alert_row(line, alert, found, currency, context) for line in alert.lines[:ALERT_LINES]]


def _alert_row(line: AlertLine, alert: Alert, found: YearAlerts, currency: str, context: PageContext) -> list[str]:
    name = found.names.get(line.key, line.key[1])
    amounts = [context.formats.money(amount, currency, 2) for amount in (line.before, line.after)]
    return [name, line.key[1], *(amounts if alert.rule in ALERT_HEADERS else [])]


def alert_header(alert: Alert, context: PageContext) -> list[str]:
    _ = context.gettext
    return [_("Line"), _("Code"), *(_(title) for title in ALERT_HEADERS.get(alert.rule, ()))]


# --- files ---------------------------------------------------------------------------------------------------------


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
            _in_hundredths_of_cents(_per_person(site, one)),
            one.total,
            one.untagged,
            rounded_share(one.counted.counted_execution.rate),
            rounded_share(one.counted.rest_rate),
        )
        if one
        else (site.name, *[None] * 8)
        for site, one in rows
    ]
