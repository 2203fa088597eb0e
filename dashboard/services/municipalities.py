"""All municipalities of a country beside each other: which years are kept, a ranking, one municipality's years."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.spending.municipal_comparison import Comparison
from budget_model.spending.prices import PriceIndex
from budget_model.spending.ranking import OF_LINES, MunicipalYear, rank
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, SIGNED_IN, may, require
from data.store import municipalities as store
from data.store.municipalities import YearSource
from data.store.sites import load_site
from data.workflows.municipal_comparison import Question, answer_question, with_lines
from data.workflows.municipal_lines import MunicipalLines, has_invented_lines, lines_of_municipalities
from data.workflows.municipalities import ImportedBudgets, import_budgets, import_population
from data.workflows.statement import counting_schemes
from data.workflows.trends import counting_scheme, site_index

if TYPE_CHECKING:
    from dashboard.services import Store

UNSAFE = re.compile(r"[^\w.() -]+")
KEEPERS = frozenset({"monitor", "admin"})
MOST_ANSWERS = 128  # kept ready in a process


@dataclass(frozen=True)
class MunicipalChoices:
    """What can be chosen, and where it comes from. `own_code` None: the site's municipality is not among them.

    provinces : by department
    has_women : whether inhabitants are told apart by sex anywhere
    index : of prices, the site's own or its country's; None where there is none
    """

    years: tuple[YearSource, ...]
    provinces: Mapping[str, tuple[str, ...]]
    population: tuple[str, int] | None  # source and year
    has_women: bool
    index: PriceIndex | None
    schemes: tuple[str, ...]
    own_code: str | None
    may_import: bool

    @property
    def departments(self) -> tuple[str, ...]:
        return tuple(self.provinces)


@dataclass(frozen=True)
class Compared:
    """The answer to a question; `kept` are municipalities with lines here, None where the measure needs none."""

    comparison: Comparison
    kept: tuple[MunicipalYear, ...] | None


@dataclass(frozen=True)
class OneMunicipality:
    """A municipality over its years, oldest first, its place in each, and its lines by year where they are kept.

    places : by year: place and how many have a value; None where it has none
    """

    years: tuple[MunicipalYear, ...]
    places: Mapping[int, tuple[int, int] | None]
    lines: tuple[MunicipalLines, ...]
    is_invented_site: bool


@dataclass(frozen=True)
class Read:
    """What was read of a country while its content had a mark; `serial` tells one reading from another."""

    mark: Any
    serial: int
    by_year: dict[int, tuple[MunicipalYear, ...]]


class MunicipalityService:
    """Reads budgets of municipalities, which are public; keeps files of them."""

    def __init__(self, store_: Store):
        self._store = store_
        self._read: dict[str, Read] = {}  # by country
        self._serials = itertools.count()
        self._answers: dict[Any, Comparison] = {}

    def choices(self, user: Person, site: SiteRef) -> MunicipalChoices:
        """Years, departments and sources of the site's country."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            years = store.list_year_sources(session, site.country)
            own_site = load_site(session, site.slug)
            district, index = own_site.official_code, site_index(session, own_site)
            _serial, by_year = self._budgets(session, site.country)
            population = store.population_source(session, site.country)
            has_women = store.population_has_women(session, site.country)
        newest = by_year[max(by_year)] if by_year else ()
        own = next((one.code for one in newest if district and one.code.startswith(f"{district}-")), None)
        may_import = may(user, KEEPERS, site)
        schemes = counting_schemes()
        return MunicipalChoices(years, _provinces(by_year), population, has_women, index, schemes, own, may_import)

    def compared(self, user: Person, site: SiteRef, question: Question, scheme: str) -> Compared:
        """The answer to a question about the municipalities of the site's country; InputError for an unknown year."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            serial, by_year = self._budgets(session, site.country)
            index = site_index(session, load_site(session, site.slug))
            if question.measure in OF_LINES:
                there = with_lines(by_year, self._lines(session, user, site, scheme))
                kept = tuple(one for one in there.get(question.year, ()) if one.gender is not None)
                return Compared(answer_question(question, there, index), kept)
        key = (serial, question, index.source if index else "", _levels(index))
        if key not in self._answers:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[key] = answer_question(question, by_year, index)
        return Compared(self._answers[key], None)

    def one(self, user: Person, site: SiteRef, code: str, measure: str, scheme: str) -> OneMunicipality:
        """One municipality; without years where it is not kept."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            _serial, by_year = self._budgets(session, site.country)
            lines = self._lines(session, user, site, scheme)
            invented = has_invented_lines(session, site.slug)
            is_own = load_site(session, site.slug).official_code == code[: store.DISTRICT_DIGITS]
        there = with_lines(by_year, lines) if measure in OF_LINES else by_year
        years = tuple(one for year in sorted(there) for one in there[year] if one.code == code)
        places = {one.year: _place(there[one.year], measure, code) for one in years}
        own_lines = lines.get(code[: store.DISTRICT_DIGITS], ()) if years else ()
        return OneMunicipality(years, places, own_lines, invented and is_own)

    def _budgets(self, session: Session, country: str) -> tuple[int, dict[int, tuple[MunicipalYear, ...]]]:
        """All budgets of a country, read anew only where they have changed; another number for what is read anew."""
        mark = store.content_mark(session, country)
        kept = self._read.get(country)
        if kept is None or kept.mark != mark:
            kept = Read(mark, next(self._serials), store.list_all_budgets(session, country))
            self._read[country] = kept
        return kept.serial, kept.by_year

    def _lines(
        self, session: Session, user: Person, site: SiteRef, scheme: str
    ) -> dict[str, tuple[MunicipalLines, ...]]:
        """Lines of the sites whose lines this person may see."""
        return lines_of_municipalities(
            session, site.country, counting_scheme(scheme), lambda one: may(user, SIGNED_IN, one)
        )

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


def _provinces(by_year: Mapping[int, tuple[MunicipalYear, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for there in by_year.values():
        for one in there:
            found.setdefault(one.department, set()).add(one.province)
    return {department: tuple(sorted(found[department])) for department in sorted(found)}


def _levels(index: PriceIndex | None) -> tuple[tuple[int, Any], ...]:
    return tuple(sorted(index.values.items())) if index else ()


def _place(there: Iterable[MunicipalYear], measure: str, code: str) -> tuple[int, int] | None:
    """Place in the whole country; the same measure in every year."""
    found = rank(there, measure)
    own = found.find(code)
    return (own.place, len(found.ranked)) if own else None


@contextmanager
def uploaded(name: str, stream: IO[bytes]) -> Iterator[Path]:
    """An upload as a file under its own name, which messages then have; it is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (UNSAFE.sub("_", Path(name).name)[:120].lstrip(".") or "file")
        with path.open("wb") as target:
            shutil.copyfileobj(stream, target)
        yield path
