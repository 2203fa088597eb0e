"""Lines that an import changes, or would change, in a list for each kind of change. No Dash."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budget_model.spending.lines import Amounts
from dashboard.context import PageContext
from dashboard.services.budget_imports import CHANGES_SHOWN, ImportDetail
from dashboard.views.budget_imports import Cells, amount_text
from dashboard.views.budget_imports_words import KINDS, SHORT_STAGES
from data.store.tables import BudgetImportChange
from data.workflows.budget_diff import LineChange, change_row

ORDER = ("gone", "moved", "relabelled", "new")  # what may be lost comes first
ARROW = " → "


@dataclass(frozen=True)
class ChangeList:
    """The lines of one kind of change; `unlisted` counts those that are left out."""

    title: str
    header: list[str]
    rows: list[Cells]
    unlisted: int


def _header(has_years: bool, context: PageContext) -> list[str]:
    _ = context.gettext
    years = [_("Year")] if has_years else []
    return [_("Line"), _("Code"), *years, _("Tagged"), *(_(name) for name in SHORT_STAGES.values())]


def preview_lists(changes: Sequence[LineChange], context: PageContext) -> list[ChangeList]:
    """Changes of a preview, those of tagged lines first, then the largest ones."""

    def rows_of(kind: str) -> Iterable[Mapping[str, Any]]:
        of_kind = sorted((one for one in changes if one.kind == kind), key=_importance)
        return (change_row(one) for one in of_kind[:CHANGES_SHOWN])

    totals = {kind: sum(one.kind == kind for one in changes) for kind in ORDER}
    return _lists(rows_of, totals, {one.year for one in changes}, context)


def record_lists(detail: ImportDetail, context: PageContext) -> list[ChangeList]:
    """The kept changes of an import, those of tagged lines first."""

    def rows_of(kind: str) -> Iterable[Mapping[str, Any]]:
        return (_kept_row(one) for one in detail.changes if one.kind == kind)

    return _lists(rows_of, detail.counts, {int(year) for year in detail.record.totals}, context)


def _lists(
    rows_of: Callable[[str], Iterable[Mapping[str, Any]]],
    totals: Mapping[str, int],
    years: Collection[int],
    context: PageContext,
) -> list[ChangeList]:
    """The year of a line stands beside it only where there are several."""
    lists, has_years = [], len(years) > 1
    of_year = "" if has_years else "".join(f", {year}" for year in years)
    for kind in ORDER:
        total = totals.get(kind, 0)
        if not total:
            continue
        name = context.gettext(KINDS[kind])
        rows = [_cells(row, has_years, context) for row in rows_of(kind)]
        title = f"{name}{of_year}: {context.formats.number(total)}"
        lists.append(ChangeList(title, _header(has_years, context), rows, total - len(rows)))
    return lists


def _importance(change: LineChange) -> tuple[bool, Decimal, int, str]:
    """Sorts tagged lines first, then by how far the amount that moves most is moved."""
    return (not change.is_tagged, -largest_move(change.before, change.after), change.year, change.code)


def largest_move(before: Amounts | None, after: Amounts | None) -> Decimal:
    """Of PIA, PIM and accrued; an amount that is missing on one side moves by the whole of the other's."""
    moves = [abs(((after or {}).get(stage) or 0) - ((before or {}).get(stage) or 0)) for stage in SHORT_STAGES]
    return Decimal(max(moves))


def _kept_row(change: BudgetImportChange) -> dict[str, Any]:
    names = ("year", "code", "name", "is_tagged", "before", "after")
    return {name: getattr(change, name) for name in names}


def _cells(row: Mapping[str, Any], has_years: bool, context: PageContext) -> Cells:
    tagged = context.gettext("yes") if row["is_tagged"] else ""
    amounts = [_moved(row["before"], row["after"], stage, context) for stage in SHORT_STAGES]
    years = [str(row["year"])] if has_years else []
    return [row["name"], row["code"], *years, tagged, *amounts]


def _moved(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, stage: str, context: PageContext) -> str:
    """An amount before and after; one alone where the line was or is not there, or where the amount stays."""
    sides = [amount_text(amounts.get(stage), context) for amounts in (before, after) if amounts is not None]
    return ARROW.join(dict.fromkeys(sides))
