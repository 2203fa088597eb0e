"""Municipalities beside each other in one year -> order, sentence and cells. No Dash."""

from __future__ import annotations

from decimal import Decimal

from dashboard.context import PageContext
from dashboard.services.trends import TrendView
from data.workflows.trends import SiteTrend, SiteYear


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
        formats.money(amount_per_person(site, one), currency, 2),
        formats.money(one.total, currency, 2),
        formats.money(one.untagged, currency, 2),
        formats.share(one.counted.counted_execution.rate),
        formats.share(one.counted.rest_rate),
    ]


def amount_per_person(site: SiteTrend, one: SiteYear) -> Decimal | None:
    return site.population.per_person(one.as_tagged, one.year) if site.population else None
