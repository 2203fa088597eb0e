"""Budgets and inhabitants of a country's municipalities in the store: kept by year and code, belonging to no site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from budget_model.spending.lines import STAGES
from budget_model.spending.ranking import MunicipalYear
from data.store.bulk import insert_rows
from data.store.lines import LineCounts
from data.store.tables import DistrictPopulation, MunicipalBudget

CONTENT = ("name", "department", "province", "governs", *STAGES)
DISTRICT_DIGITS = 6  # of a code, those that are the district's


@dataclass(frozen=True)
class YearSource:
    """Where a year's budgets come from."""

    year: int
    municipalities: int
    files: tuple[str, ...]
    imported_at: datetime


def save_budgets(
    session: Session, country: str, rows: Sequence[Mapping[str, Any]], file: str, actor: str
) -> LineCounts:
    """Add budgets and update those of the same year and code; municipalities that are not named stay.

    rows : `year, code`, and CONTENT with amounts as Decimals or None; what stays the same keeps its source
    """
    now = datetime.now(UTC)
    years = {row["year"] for row in rows}
    query = select(MunicipalBudget).where(MunicipalBudget.country == country, MunicipalBudget.year.in_(years))
    stored = {(one.year, one.code): one for one in session.scalars(query)}
    origin = {"source_file": file[:200], "imported_at": now, "imported_by": actor}
    new, changed = [], 0
    for row in rows:
        there = stored.get((row["year"], row["code"]))
        if there is None:
            new.append({"country": country, **row, **origin})
        elif any(getattr(there, name) != row[name] for name in CONTENT):
            changed += 1
            for name, value in {**{name: row[name] for name in CONTENT}, **origin}.items():
                setattr(there, name, value)
    session.flush()
    insert_rows(session, MunicipalBudget, new)
    return LineCounts(len(new), changed, len(rows) - len(new) - changed)


def replace_population(session: Session, country: str, rows: Iterable[Mapping[str, Any]], source: str) -> int:
    """Put these inhabitants in place of those of the country: two sources are not mixed."""
    session.execute(delete(DistrictPopulation).where(DistrictPopulation.country == country))
    return insert_rows(session, DistrictPopulation, ({"country": country, "source": source, **row} for row in rows))


def list_year_sources(session: Session, country: str) -> tuple[YearSource, ...]:
    """The years that there are budgets of, the newest first."""
    table = MunicipalBudget
    query = select(table.year, table.source_file, func.count(), func.max(table.imported_at))
    rows = session.execute(query.where(table.country == country).group_by(table.year, table.source_file))
    found: dict[int, YearSource] = {}
    for year, file, count, moment in rows:
        other = found.get(year)
        files = tuple(sorted({file, *(other.files if other else ())}))
        moments = [moment, *([other.imported_at] if other else [])]
        found[year] = YearSource(year, count + (other.municipalities if other else 0), files, max(moments))
    return tuple(found[year] for year in sorted(found, reverse=True))


def population_has_women(session: Session, country: str) -> bool:
    """Whether any district's inhabitants are told apart by sex."""
    table = DistrictPopulation
    return (
        session.scalar(select(table.id).where(table.country == country, table.women.is_not(None)).limit(1)) is not None
    )


def population_source(session: Session, country: str) -> tuple[str, int] | None:
    """Where inhabitants come from, and their year; None where there are none."""
    table = DistrictPopulation
    row = session.execute(
        select(table.source, func.max(table.year)).where(table.country == country).group_by(table.source)
    )
    found = row.first()
    return (found[0], found[1]) if found else None


def list_budgets(session: Session, country: str, year: int) -> tuple[MunicipalYear, ...]:
    """All municipalities of a year with the inhabitants of their districts, by code."""
    return list_all_budgets(session, country).get(year, ())


def list_all_budgets(session: Session, country: str) -> dict[int, tuple[MunicipalYear, ...]]:
    """All municipalities of every year that is kept, by code; years oldest first."""
    table = MunicipalBudget
    columns = [getattr(table, name) for name in ("year", "code", *CONTENT)]
    persons = _persons(session, country)
    rows = session.execute(select(*columns).where(table.country == country).order_by(table.year, table.code))
    found: dict[int, list[MunicipalYear]] = {}
    for row in rows.mappings():
        found.setdefault(row["year"], []).append(_municipal_year(row["year"], row, persons))
    return {year: tuple(there) for year, there in found.items()}


def content_mark(session: Session, country: str) -> tuple[tuple[object, ...], ...]:
    """Another value after every change of budgets or inhabitants: what was read under the same mark still holds.

    Every change of a budget writes its moment and file anew, and inhabitants are replaced as a whole. Moments are
    counted one by one: of two imports at once the earlier moment may be stored last.
    """
    budgets = select(MunicipalBudget.imported_at, func.count(), func.max(MunicipalBudget.id))
    budgets = budgets.where(MunicipalBudget.country == country).group_by(MunicipalBudget.imported_at)
    people = DistrictPopulation
    counted = select(people.code, people.persons, people.women, people.source, people.year)
    counted = counted.where(people.country == country).order_by(people.code)
    return (*map(tuple, session.execute(budgets)), *map(tuple, session.execute(counted)))


def _persons(session: Session, country: str) -> dict[str, tuple[int, int | None]]:
    """Inhabitants, and women among them, by district."""
    table = DistrictPopulation
    rows = session.execute(select(table.code, table.persons, table.women).where(table.country == country))
    return {row.code: (row.persons, row.women) for row in rows}


def _municipal_year(year: int, row: Mapping[str, Any], persons: Mapping[str, tuple[int, int | None]]) -> MunicipalYear:
    amounts = {stage: row[stage] for stage in STAGES}
    texts = (row["code"], row["name"], row["department"], row["province"], row["governs"])
    people, women = persons.get(row["code"][:DISTRICT_DIGITS], (None, None))
    return MunicipalYear(*texts, year, amounts, people, women)
