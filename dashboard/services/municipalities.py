"""All municipalities of a country beside each other: which years are kept, a ranking, one municipality's years."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from budget_model.spending.ranking import MunicipalYear, Ranking, rank
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, may, require
from data.store import municipalities as store
from data.store.municipalities import YearSource
from data.store.sites import load_site
from data.workflows.municipalities import ImportedBudgets, import_budgets, import_population

if TYPE_CHECKING:
    from dashboard.services import Store

UNSAFE = re.compile(r"[^\w.() -]+")
KEEPERS = frozenset({"monitor", "admin"})


@dataclass(frozen=True)
class MunicipalChoices:
    """What can be chosen, and where it comes from. `own_code` None: the site's municipality is not among them."""

    years: tuple[YearSource, ...]
    departments: tuple[str, ...]
    population: tuple[str, int] | None  # source and year
    own_code: str | None
    may_import: bool


class MunicipalityService:
    """Reads budgets of municipalities, which are public; keeps files of them."""

    def __init__(self, store_: Store):
        self._store = store_

    def choices(self, user: Person, site: SiteRef) -> MunicipalChoices:
        """Years, departments and sources of the site's country."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            years = store.list_year_sources(session, site.country)
            district = load_site(session, site.slug).official_code
            departments = store.list_departments(session, site.country, years[0].year) if years else ()
            own = store.find_code(session, site.country, years[0].year, district) if years and district else None
            population = store.population_source(session, site.country)
        return MunicipalChoices(years, departments, population, own, may(user, KEEPERS, site))

    def ranking(self, user: Person, site: SiteRef, year: int, measure: str, department: str, governs: str) -> Ranking:
        """Municipalities of a year; empty department and `governs` are all of them."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            there = store.list_budgets(session, site.country, year)
        kept = [one for one in there if department in ("", one.department) and governs in ("", one.governs)]
        return rank(kept, measure)

    def years_of(self, user: Person, site: SiteRef, code: str) -> tuple[MunicipalYear, ...]:
        """The years of one municipality; none where it is not kept."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            return store.list_years_of(session, site.country, code)

    def take_budgets(self, user: Person, site: SiteRef, name: str, stream: IO[bytes]) -> ImportedBudgets:
        """Keep an uploaded file of the ministry's query page; InputError with every problem, nothing then stored."""
        require(user, KEEPERS, site, "keep budgets of municipalities")
        with uploaded(name, stream) as path:
            return import_budgets(self._store.factory, path, user.login)

    def take_population(self, user: Person, site: SiteRef, name: str, stream: IO[bytes], source: str) -> int:
        """Keep uploaded inhabitants of districts; InputError with every problem, nothing then stored."""
        require(user, KEEPERS, site, "keep inhabitants of districts")
        with uploaded(name, stream) as path:
            return import_population(self._store.factory, path, source, user.login)


@contextmanager
def uploaded(name: str, stream: IO[bytes]) -> Iterator[Path]:
    """An upload as a file under its own name, which messages then have; it is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (UNSAFE.sub("_", Path(name).name)[:120].lstrip(".") or "file")
        with path.open("wb") as target:
            shutil.copyfileobj(stream, target)
        yield path
