"""What women and men of a site lack most, and what today's budget does about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, require
from dashboard.services.budget import YearTotals, load_years, size_of
from dashboard.services.findings import Findings, Gap
from dashboard.services.needs import NeedsService
from dashboard.services.programmes import ProgrammeInfo, load_programmes

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class NeedAndMoney:
    """A need with the programmes that serve it and the money those receive (for all that they serve)."""

    gap: Gap
    programmes: tuple[ProgrammeInfo, ...]

    @property
    def money(self) -> Decimal | None:
        """None where programmes serve it but no money of theirs is known; 0 where nobody serves it."""
        amounts = [programme.baseline for programme in self.programmes if programme.baseline is not None]
        return sum(amounts, Decimal(0)) if amounts or not self.programmes else None


@dataclass(frozen=True)
class HeadingMoney:
    """Money of the programmes under one heading."""

    heading: Mapping[str, str]
    money: Decimal
    programme_count: int


@dataclass(frozen=True)
class Overview:
    """The first screen of a site."""

    findings: Findings
    needs: tuple[NeedAndMoney, ...]  # most persons first; without means and without suppressed cells
    headings: tuple[HeadingMoney, ...]  # most money first
    year: int | None
    budget: Decimal | None  # all lines of the year, modified (else opening); without lines: all programmes
    is_budget_from_lines: bool
    linked: Decimal | None  # money of programmes that serve at least one need
    files: tuple[str, ...]
    programme_count: int

    @property
    def linked_share(self) -> Decimal | None:
        return self.linked / self.budget if self.linked is not None and self.budget else None

    @property
    def unserved(self) -> tuple[NeedAndMoney, ...]:
        return tuple(need for need in self.needs if not need.programmes)


class OverviewService:
    """Puts needs and money side by side."""

    def __init__(self, store: Store, needs: NeedsService):
        self._store, self._needs = store, needs

    def overview(self, user: Person, site: SiteRef, round_code: str | None = None) -> Overview:
        """The whole site in a round (without a code in the one that counts); the public sees protected aggregates."""
        require(user, EVERYBODY, site)
        findings = self._needs.findings(user, site, round_code=round_code)
        with self._store.factory() as session:
            return make_overview(session, site.id, findings)


def make_overview(session: Session, site_id: int, findings: Findings) -> Overview:
    listed = load_programmes(session, site_id)
    years = load_years(session, site_id)
    lines = next((total for total in years if total.year == listed.year), None)
    return Overview(
        findings=findings,
        needs=rank_needs(findings, listed.programmes),
        headings=money_by_heading(listed.programmes),
        year=listed.year,
        budget=whole_budget(lines, listed.programmes),
        is_budget_from_lines=lines is not None,
        linked=total_baseline(tuple(p for p in listed.programmes if p.serves and counts(p, lines))),
        files=lines.files if lines else (),
        programme_count=len(listed.programmes),
    )


def counts(programme: ProgrammeInfo, lines: YearTotals | None) -> bool:
    """Where the budget is the sum of lines, money stated by hand is not part of it."""
    return lines is None or not programme.is_baseline_stated


def rank_needs(findings: Findings, programmes: tuple[ProgrammeInfo, ...]) -> tuple[NeedAndMoney, ...]:
    by_need: dict[str, list[ProgrammeInfo]] = defaultdict(list)
    for programme in programmes:
        for need in programme.serves:
            by_need[need.code].append(programme)
    known = [gap for gap in findings.gaps if gap.lacking]  # None: not known; 0: nobody lacks it
    ranked = sorted(known, key=lambda gap: (-(gap.lacking or 0), gap.code))
    return tuple(NeedAndMoney(gap, tuple(by_need.get(gap.code, ()))) for gap in ranked)


def money_by_heading(programmes: tuple[ProgrammeInfo, ...]) -> tuple[HeadingMoney, ...]:
    groups: dict[str, list[ProgrammeInfo]] = defaultdict(list)
    for programme in programmes:
        groups[repr(sorted(programme.heading.items()))].append(programme)
    found = [HeadingMoney(g[0].heading, total_baseline(tuple(g)) or Decimal(0), len(g)) for g in groups.values()]
    return tuple(sorted(found, key=lambda item: (-item.money, repr(item.heading))))


def total_baseline(programmes: tuple[ProgrammeInfo, ...]) -> Decimal | None:
    amounts = [programme.baseline for programme in programmes if programme.baseline is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def whole_budget(lines: YearTotals | None, programmes: tuple[ProgrammeInfo, ...]) -> Decimal | None:
    return size_of(lines.amounts) if lines else total_baseline(programmes)
