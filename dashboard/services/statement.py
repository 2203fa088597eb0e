"""Gender budget statement of a site: by year, stage and one scheme of counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budget_model.spending.lines import STAGES
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import SIGNED_IN, require
from data.store.lines import list_years
from data.workflows.statement import DEFAULT_SCHEME, DEFAULT_STAGE, Statement, counting_schemes, load_statement

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class StatementChoices:
    """What can be chosen, and what is."""

    years: tuple[int, ...]
    schemes: tuple[str, ...]
    year: int | None
    scheme: str
    stage: str


class StatementService:
    """Reads statements."""

    def __init__(self, store: Store):
        self._store = store

    def choices(
        self, user: Person, site: SiteRef, year: str | None, scheme: str | None, stage: str | None
    ) -> StatementChoices:
        """The choices of an address; what is not there falls back to the newest year and the defaults."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            years = tuple(list_years(session, site.id))
        number = int(year) if year and year.isdigit() else None
        schemes = counting_schemes()
        return StatementChoices(
            years,
            schemes,
            number if number in years else max(years, default=None),
            scheme if scheme in schemes else DEFAULT_SCHEME,
            stage if stage in STAGES else DEFAULT_STAGE,
        )

    def statement(self, user: Person, site: SiteRef, chosen: StatementChoices) -> Statement:
        """The figures. The site must have lines of the year."""
        require(user, SIGNED_IN, site)
        assert chosen.year is not None  # pages ask only where there are years
        with self._store.factory() as session:
            return load_statement(session, site.id, chosen.year, chosen.scheme, chosen.stage)
