"""Budget lines of a site: totals by year and stage, by any label of the lines, and what their source says of gender."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import SIGNED_IN, require
from data.store.lines import files_by_year, list_lines, totals_by_year
from data.store.tables import BudgetLine

if TYPE_CHECKING:
    from dashboard.services import Store

STAGES = ("pia", "pim", "certified", "committed", "accrued", "paid")
Amounts = Mapping[str, Decimal | None]  # by stage; None: the source lacks the stage


@dataclass(frozen=True)
class YearTotals:
    """One year's budget: number of lines, amounts by stage, the source files."""

    year: int
    line_count: int
    amounts: Amounts
    files: tuple[str, ...]

    @property
    def execution_rate(self) -> Decimal | None:
        return execution_rate(self.amounts)


@dataclass(frozen=True)
class PartTotals:
    """The lines of one year that share a label."""

    label: str
    line_count: int
    amounts: Amounts

    @property
    def execution_rate(self) -> Decimal | None:
        return execution_rate(self.amounts)


@dataclass(frozen=True)
class GenderTotals:
    """What lines with a stated share for women or gender add up to: whole lines, and amount × share."""

    line_count: int
    stage: str
    full: Decimal
    weighted: Decimal


@dataclass(frozen=True)
class BudgetView:
    """What the budget page shows."""

    years: tuple[YearTotals, ...]
    year: int | None
    label_keys: tuple[str, ...]  # labels that the lines of the year carry
    label_key: str | None
    parts: tuple[PartTotals, ...]
    gender: GenderTotals | None


class BudgetService:
    """Reads budget lines."""

    def __init__(self, store: Store):
        self._store = store

    def budget(self, user: Person, site: SiteRef, year: int | None = None, label_key: str | None = None) -> BudgetView:
        """Totals of all years; of `year` (default: the last) the parts by `label_key` (default: the function)."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            years = load_years(session, site.id)
            known = [total.year for total in years]
            chosen = year if year in known else max(known, default=None)
            lines = list_lines(session, site.id, chosen) if chosen is not None else []
        keys = label_keys(lines)
        key = label_key if label_key in keys else preferred_key(keys)
        return BudgetView(years, chosen, keys, key, group_lines(lines, key) if key else (), gender_totals(lines))


def execution_rate(amounts: Amounts) -> Decimal | None:
    """Accrued / modified budget; None where either is missing or nothing was budgeted."""
    accrued, modified = amounts.get("accrued"), amounts.get("pim")
    return accrued / modified if accrued is not None and modified else None


def load_years(session: Session, site_id: int) -> tuple[YearTotals, ...]:
    """Exact sums by year, oldest first. A stage is None only where no line of the year has it."""
    files = files_by_year(session, site_id)
    return tuple(
        YearTotals(one.year, one.lines, one.amounts, files[one.year]) for one in totals_by_year(session, site_id)
    )


def label_keys(lines: Iterable[BudgetLine]) -> tuple[str, ...]:
    """Labels in the order in which the lines name them."""
    return tuple(dict.fromkeys(key for line in lines for key in line.labels))


def preferred_key(keys: tuple[str, ...]) -> str | None:
    wanted = ("function", "heading", "programme")
    return next((key for key in wanted if key in keys), keys[0] if keys else None)


def group_lines(lines: Iterable[BudgetLine], key: str) -> tuple[PartTotals, ...]:
    """Totals of lines by the label `key`, greatest modified (else opening) budget first."""
    groups: dict[str, list[BudgetLine]] = defaultdict(list)
    for line in lines:
        groups[str(line.labels.get(key, ""))].append(line)
    parts = [PartTotals(label, len(group), sum_stages(group)) for label, group in groups.items()]
    return tuple(sorted(parts, key=lambda part: (-size_of(part.amounts), part.label)))


def sum_stages(lines: list[BudgetLine]) -> dict[str, Decimal | None]:
    found = {stage: [a for line in lines if (a := getattr(line, stage)) is not None] for stage in STAGES}
    return {stage: sum(amounts, Decimal(0)) if amounts else None for stage, amounts in found.items()}


def size_of(amounts: Amounts) -> Decimal:
    return next((a for stage in ("pim", "pia", "accrued") if (a := amounts.get(stage)) is not None), Decimal(0))


def gender_totals(lines: list[BudgetLine]) -> GenderTotals | None:
    """None where no line states a share. Counted at the latest stage that the lines have."""
    stated = [line for line in lines if line.gender_share]
    stage = next((s for s in ("accrued", "pim", "pia") if any(getattr(line, s) is not None for line in stated)), None)
    if not stated or stage is None:
        return None
    amounts = [(getattr(line, stage) or Decimal(0), line.gender_share or Decimal(0)) for line in stated]
    weighted = sum((amount * share for amount, share in amounts), Decimal(0))
    return GenderTotals(len(stated), stage, sum((amount for amount, _ in amounts), Decimal(0)), weighted)
