"""Which sites there are. Their names are public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, require
from data.store.sites import find_site, list_sites
from data.store.tables import Site

if TYPE_CHECKING:
    from dashboard.services import Store


class SiteService:
    """Finds and lists sites."""

    def __init__(self, store: Store):
        self._store = store

    def find(self, user: Person, slug: str) -> SiteRef | None:
        """The site of an address, or None."""
        require(user, EVERYBODY, None)
        with self._store.factory() as session:
            site = find_site(session, slug)
            return site_ref(site) if site else None

    def list(self, user: Person) -> list[SiteRef]:
        """All sites by name."""
        require(user, EVERYBODY, None)
        with self._store.factory() as session:
            return [site_ref(site) for site in list_sites(session)]


def site_ref(site: Site) -> SiteRef:
    return SiteRef(site.id, site.slug, site.name, site.country, site.currency, site.is_synthetic, site.source)
