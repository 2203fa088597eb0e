"""Programmes of a site with their parameters, sources, needs served and today's money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import SIGNED_IN, require
from data.store.indicators import list_indicators
from data.store.lines import list_years
from data.store.programmes import lines_by_programme, links_by_programme, list_programmes
from data.store.tables import BudgetLine, Programme, ProgrammeNeedLink

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class ServedNeed:
    """A need that a programme serves, and how well."""

    code: str
    label: Mapping[str, str]
    reach: Any  # "need" or {group: share}
    effectiveness: float  # 0-1
    ceiling: float  # 0-1
    response: str
    source: str


@dataclass(frozen=True)
class FeedingLine:
    """A budget line that feeds a programme, with its share and the amount that makes."""

    code: str
    share: Decimal
    amount: Decimal | None  # of the modified (else opening) budget


@dataclass(frozen=True)
class ProgrammeInfo:
    """A programme as stored. Amounts in the site's currency; `baseline` None where no money is known."""

    code: str
    name: Mapping[str, str]
    heading: Mapping[str, str]
    unit_cost: Decimal  # currency / person / year
    unit_cost_low: Decimal | None
    unit_cost_high: Decimal | None
    capacity: float | None  # persons / year
    durability_years: int
    baseline: Decimal | None
    is_baseline_stated: bool  # stated by hand rather than summed from budget lines
    is_locked: bool
    lock_reason: Mapping[str, str] | None
    beneficiaries: Mapping[str, float] | None
    serves: tuple[ServedNeed, ...]
    lines: tuple[FeedingLine, ...]
    sources: Mapping[str, str]
    running_cost: Decimal | None = None  # currency / person served by a work of earlier years / year; None: not stated


@dataclass(frozen=True)
class ProgrammeList:
    """All programmes, and the budget year that their money is of (None: no lines)."""

    year: int | None
    programmes: tuple[ProgrammeInfo, ...]


class ProgrammeService:
    """Reads programmes."""

    def __init__(self, store: Store):
        self._store = store

    def programmes(self, user: Person, site: SiteRef) -> ProgrammeList:
        """All programmes of the site in the order of their positions."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            return load_programmes(session, site.id)


def load_programmes(session: Session, site_id: int) -> ProgrammeList:
    """Programmes with the money of the last year that has budget lines."""
    years = list_years(session, site_id)
    year = years[-1] if years else None
    served = needs_served(session, site_id)
    lines = feeding_lines(session, site_id, year)
    found = [programme_info(p, served.get(p.id, ()), lines.get(p.id, ())) for p in list_programmes(session, site_id)]
    return ProgrammeList(year, tuple(found))


def needs_served(session: Session, site_id: int) -> dict[int, tuple[ServedNeed, ...]]:
    labels = {indicator.code: indicator.definition["label"] for indicator in list_indicators(session, site_id)}
    return {
        programme: tuple(_served(link, labels) for link in links)
        for programme, links in links_by_programme(session, site_id).items()
    }


def _served(link: ProgrammeNeedLink, labels: Mapping[str, Mapping[str, str]]) -> ServedNeed:
    label = labels.get(link.indicator_code, {"es": link.indicator_code})
    return ServedNeed(
        link.indicator_code, label, link.reach, link.effectiveness, link.ceiling, link.response, link.source
    )


def feeding_lines(session: Session, site_id: int, year: int | None) -> dict[int, tuple[FeedingLine, ...]]:
    """Lines of `year` by programme id."""
    if year is None:
        return {}
    return {
        programme: tuple(_feeding(line, share) for line, share in lines)
        for programme, lines in lines_by_programme(session, site_id, year).items()
    }


def _feeding(line: BudgetLine, share: Decimal) -> FeedingLine:
    amount = line.pim if line.pim is not None else line.pia
    return FeedingLine(line.code, share, amount * share if amount is not None else None)


def programme_info(row: Programme, serves: tuple[ServedNeed, ...], lines: tuple[FeedingLine, ...]) -> ProgrammeInfo:
    amounts = [line.amount for line in lines if line.amount is not None]
    from_lines = sum(amounts, Decimal(0)) if amounts else None
    return ProgrammeInfo(
        code=row.code,
        name=row.name,
        heading=row.heading,
        unit_cost=row.unit_cost,
        unit_cost_low=row.unit_cost_low,
        unit_cost_high=row.unit_cost_high,
        capacity=row.capacity,
        durability_years=row.durability_years,
        baseline=from_lines if from_lines is not None else row.stated_baseline,
        is_baseline_stated=from_lines is None and row.stated_baseline is not None,
        is_locked=row.is_locked,
        lock_reason=row.lock_reason,
        beneficiaries=row.beneficiaries,
        serves=serves,
        lines=lines,
        sources=row.sources,
        running_cost=row.running_cost,
    )
