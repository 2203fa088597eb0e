"""All municipalities of a country beside each other: which years are kept, a ranking, one municipality's years."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.spending.municipal_comparison import Comparison
from budget_model.spending.prices import PriceIndex
from budget_model.spending.ranking import OF_LINES, MunicipalYear, Ranking, rank
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, SIGNED_IN, may, require
from data.store import municipalities as store
from data.store.municipalities import YearSource
from data.store.sites import load_site
from data.workflows.municipal_comparison import Question, answer_question, with_lines
from data.workflows.municipal_lines import MunicipalLines, has_invented_lines, lines_of_municipalities
from data.workflows.municipalities import ImportedBudgets, import_budgets, import_population
from data.workflows.statement import counting_scheme, counting_schemes
from data.workflows.trends import site_index

if TYPE_CHECKING:
    from dashboard.services import Store

UNSAFE = re.compile(r"[^\w.() -]+")
KEEPERS = frozenset({"monitor", "admin"})
MOST_ANSWERS = 128  # kept ready in a process


@dataclass(frozen=True)
class Read:
    """What was read of a country while its content had a mark; `serial` tells one reading from another.

    years : the newest first
    provinces : by department
    population : source and year of the inhabitants; None where there are none
    """

    mark: Any
    serial: int
    by_year: dict[int, tuple[MunicipalYear, ...]]
    years: tuple[YearSource, ...]
    provinces: Mapping[str, tuple[str, ...]]
    population: tuple[str, int] | None
    has_women: bool


@dataclass(frozen=True)
class MunicipalChoices:
    """What can be chosen, and where it comes from. `own_code` None: the site's municipality is not among them.

    has_women : whether inhabitants are told apart by sex anywhere
    index : of prices, the site's own or its country's; None where there is none
    read : the budgets that all this was taken from; what is asked next stands on the same ones
    """

    read: Read
    index: PriceIndex | None
    schemes: tuple[str, ...]
    own_code: str | None
    may_import: bool

    @property
    def years(self) -> tuple[YearSource, ...]:
        return self.read.years

    @property
    def provinces(self) -> Mapping[str, tuple[str, ...]]:
        return self.read.provinces

    @property
    def population(self) -> tuple[str, int] | None:
        """Source and year."""
        return self.read.population

    @property
    def has_women(self) -> bool:
        return self.read.has_women

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


class MunicipalityService:
    """Reads budgets of municipalities, which are public; keeps files of them."""

    def __init__(self, store_: Store):
        self._store = store_
        self._read: dict[str, Read] = {}  # by country
        self._serials = itertools.count()
        self._answers: dict[Any, Comparison] = {}
        self._rankings: dict[tuple[int, int, str], Ranking] = {}

    def choices(self, user: Person, site: SiteRef) -> MunicipalChoices:
        """Years, departments and sources of the site's country."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            own_site = load_site(session, site.slug)
            district, index = own_site.official_code, site_index(session, own_site)
            read = self._country(session, site.country)
        newest = read.by_year[read.years[0].year] if read.years else ()
        own = next((one.code for one in newest if district and one.code.startswith(f"{district}-")), None)
        return MunicipalChoices(read, index, counting_schemes(), own, may(user, KEEPERS, site))

    def compared(
        self, user: Person, site: SiteRef, question: Question, scheme: str, there: MunicipalChoices
    ) -> Compared:
        """The answer to a question about the municipalities of the site's country; InputError for an unknown year.

        there : what `choices` gave for this site
        """
        require(user, EVERYBODY, site)
        read, index = there.read, there.index
        if question.measure in OF_LINES:
            with self._store.factory() as session:
                known = with_lines(read.by_year, self._lines(session, user, site, scheme))
            kept = tuple(one for one in known.get(question.year, ()) if one.gender is not None)
            return Compared(answer_question(question, known, index), kept)
        key = (read.serial, question, index.source if index else "", _levels(index))
        if key not in self._answers:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[key] = answer_question(question, read.by_year, index)
        return Compared(self._answers[key], None)

    def one(self, user: Person, site: SiteRef, code: str, measure: str, scheme: str) -> OneMunicipality:
        """One municipality; without years where it is not kept."""
        require(user, EVERYBODY, site)
        with self._store.factory() as session:
            read = self._country(session, site.country)
            lines = self._lines(session, user, site, scheme)
            invented = has_invented_lines(session, site.slug)
            is_own = load_site(session, site.slug).official_code == code[: store.DISTRICT_DIGITS]
        there = with_lines(read.by_year, lines) if measure in OF_LINES else read.by_year
        years = tuple(one for year in sorted(there) for one in there[year] if one.code == code)
        if measure in OF_LINES:
            places = {one.year: _place(rank(there[one.year], measure), code) for one in years}
        else:
            places = {one.year: _place(self._ranking(read, one.year, measure), code) for one in years}
        own_lines = lines.get(code[: store.DISTRICT_DIGITS], ()) if years else ()
        return OneMunicipality(years, places, own_lines, invented and is_own)

    def _ranking(self, read: Read, year: int, measure: str) -> Ranking:
        """Of the whole country: the same for every municipality that is opened."""
        key = (read.serial, year, measure)
        if key not in self._rankings:
            if len(self._rankings) >= MOST_ANSWERS:
                self._rankings.clear()
            self._rankings[key] = rank(read.by_year[year], measure)
        return self._rankings[key]

    def _country(self, session: Session, country: str) -> Read:
        """All that is kept of a country, read anew only where it has changed."""
        mark = store.content_mark(session, country)
        kept = self._read.get(country)
        if kept is None or kept.mark != mark:
            kept = _read(session, country, mark, next(self._serials))
            self._read[country] = kept
        return kept

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


def _read(session: Session, country: str, mark: Any, serial: int) -> Read:
    by_year = store.list_all_budgets(session, country)
    population = store.population_source(session, country)
    has_women = store.population_has_women(session, country)
    years = store.list_year_sources(session, country)
    return Read(mark, serial, by_year, years, _provinces(by_year), population, has_women)


def _provinces(by_year: Mapping[int, tuple[MunicipalYear, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for there in by_year.values():
        for one in there:
            found.setdefault(one.department, set()).add(one.province)
    return {department: tuple(sorted(found[department])) for department in sorted(found)}


def _levels(index: PriceIndex | None) -> tuple[tuple[int, Any], ...]:
    return tuple(sorted(index.values.items())) if index else ()


def _place(found: Ranking, code: str) -> tuple[int, int] | None:
    """Place in the whole country, and of how many."""
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
