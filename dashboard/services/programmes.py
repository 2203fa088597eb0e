"""Programmes of a site with their parameters, sources, needs served and today's money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import SIGNED_IN, require
from data.store.tables import BudgetLine, Indicator, Programme, ProgrammeLineShare, ProgrammeNeedLink

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
    year = session.scalar(select(func.max(BudgetLine.year)).where(BudgetLine.site_id == site_id))
    query = select(Programme).where(Programme.site_id == site_id).order_by(Programme.position, Programme.code)
    served = needs_served(session, site_id)
    lines = feeding_lines(session, site_id, year)
    found = [programme_info(p, served.get(p.id, ()), lines.get(p.id, ())) for p in session.scalars(query)]
    return ProgrammeList(year, tuple(found))


def needs_served(session: Session, site_id: int) -> dict[int, tuple[ServedNeed, ...]]:
    labels = indicator_labels(session, site_id)
    query = select(ProgrammeNeedLink).join(Programme, Programme.id == ProgrammeNeedLink.programme_id)
    found: dict[int, list[ServedNeed]] = defaultdict(list)
    for link in session.scalars(query.where(Programme.site_id == site_id).order_by(ProgrammeNeedLink.indicator_code)):
        label = labels.get(link.indicator_code, {"es": link.indicator_code})
        need = ServedNeed(
            link.indicator_code, label, link.reach, link.effectiveness, link.ceiling, link.response, link.source
        )
        found[link.programme_id].append(need)
    return {programme: tuple(needs) for programme, needs in found.items()}


def indicator_labels(session: Session, site_id: int) -> dict[str, Mapping[str, str]]:
    """Label by code; of several versions the newest."""
    query = select(Indicator).where(Indicator.site_id == site_id).order_by(Indicator.version)
    return {indicator.code: indicator.definition["label"] for indicator in session.scalars(query)}


def feeding_lines(session: Session, site_id: int, year: int | None) -> dict[int, tuple[FeedingLine, ...]]:
    """Lines of `year` by programme id."""
    query = (
        select(ProgrammeLineShare, BudgetLine)
        .join(BudgetLine, BudgetLine.id == ProgrammeLineShare.budget_line_id)
        .where(BudgetLine.site_id == site_id, BudgetLine.year == year)
        .order_by(BudgetLine.code)
    )
    found: dict[int, list[FeedingLine]] = defaultdict(list)
    for share, line in session.execute(query):
        amount = line.pim if line.pim is not None else line.pia
        part = amount * share.share if amount is not None else None
        found[share.programme_id].append(FeedingLine(line.code, share.share, part))
    return {programme: tuple(lines) for programme, lines in found.items()}


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
