"""Trends of counted money: the years of a site, other sites beside it, alerts, and the site's price index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, SIGNED_IN, may, require
from data.store.sites import list_sites, load_site
from data.workflows.line_sums import refresh_sums
from data.workflows.trends import (
    SiteTrend,
    Trend,
    YearAlerts,
    alert_year,
    keep_index,
    keep_population,
    load_alerts,
    load_site_trends,
    load_trend,
)

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class TrendView:
    """The site of the address, all sites that the person may see by name, and alerts of one year of the site."""

    own: Trend
    sites: tuple[SiteTrend, ...]
    alerts: YearAlerts | None
    may_keep_index: bool


class TrendService:
    """Reads trends, keeps price indices."""

    def __init__(self, store: Store):
        self._store = store

    def trends(self, user: Person, site: SiteRef, scheme: str, stage: str, year: int | None = None) -> TrendView:
        """Trends by one scheme of counting and one stage.

        year : of the alerts; None, or one that the site lacks: the newest of which anything is tagged
        """
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            seen = [one for one in list_sites(session) if may(user, SIGNED_IN, one)]
        refresh_sums(self._store.factory, [one.id for one in seen])
        with self._store.factory() as session:
            own = load_trend(session, load_site(session, site.slug), scheme, stage)
            sites = load_site_trends(session, seen, scheme, stage)
            asked = year if year in [one.year for one in own.years] else alert_year(own.years)
            alerts = None if asked is None else load_alerts(session, site.id, asked, scheme)
        return TrendView(own, tuple(sites), alerts, may(user, PLANNERS, site))

    def keep_index(self, user: Person, site: SiteRef, text: str, source: str) -> None:
        """Keep the site's own price index; InputError where the table is unsound."""
        require(user, PLANNERS, site, "keep a price index")
        keep_index(self._store.factory, site.slug, text, source, user.login)

    def keep_population(self, user: Person, site: SiteRef, text: str, source: str) -> None:
        """Keep the site's population by sex and year; InputError where the table is unsound."""
        require(user, PLANNERS, site, "keep the population")
        keep_population(self._store.factory, site.slug, text, source, user.login)
