"""Budget lines beside programmes and needs, and saved scenarios written back as proposed modifications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, SIGNED_IN, require
from data.store.lines import list_years
from data.workflows.line_links import SiteLinks, load_links
from data.workflows.models import latest_budget_year
from data.workflows.modification import ProposedModification, propose_modification

if TYPE_CHECKING:
    from dashboard.services import Store

READ_MODIFICATIONS = "see a proposed modification of the budget"


@dataclass(frozen=True)
class LinkYears:
    """Years with lines, and the one that is shown; None where there is none."""

    years: tuple[int, ...]
    year: int | None


class LinkService:
    """Reads links; makes modifications. Nothing here changes what is stored."""

    def __init__(self, store: Store):
        self._store = store

    def years(self, user: Person, site: SiteRef, year: str | None) -> LinkYears:
        """The years of a site; a year that is not there falls back to the last with a modified budget."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            years = tuple(list_years(session, site.id))
            latest = latest_budget_year(session, site.id)
        number = int(year) if year and year.isdigit() else None
        return LinkYears(years, number if number in years else latest or max(years, default=None))

    def links(self, user: Person, site: SiteRef, year: int) -> SiteLinks:
        """The links of a year that has lines."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            return load_links(session, site.id, year)

    def modification(self, user: Person, site: SiteRef, scenario_id: int, basis: str) -> ProposedModification:
        """A scenario by line and funding source, for officials; raises as `propose_modification`."""
        require(user, PLANNERS, site, READ_MODIFICATIONS)
        with self._store.factory() as session:
            return propose_modification(session, site.id, scenario_id, basis)
