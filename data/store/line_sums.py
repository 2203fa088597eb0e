"""Sums of budget lines by year and approved tag: made by the database, kept, and known to be out of date when they are.

Whatever writes budget lines, or moves the tag of one that counts, calls `add_changes` in the same transaction. A sum is
good where its stamp is that of the changes; a reader takes the stamp first and sums afterwards, so that what changes in
between makes the sum out of date and never the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, String, and_, case, cast, func, select, update
from sqlalchemy.orm import Session, aliased

from budget_model.spending.lines import STAGES
from budget_model.spending.sums import PAIRS
from data.store.bulk import insert_if_absent, insert_rows
from data.store.tables import BudgetLine, BudgetLineChange, BudgetLineSum, LineTag, LineTagVersion

Year = tuple[int, int]  # site, year
CONTENT = cast(LineTagVersion.content, String)  # the same text is the same tag


def _same_line(line: Any) -> Any:
    return and_(LineTag.site_id == line.site_id, LineTag.year == line.year, LineTag.code == line.code)


SAME_LINE = _same_line(BudgetLine)


@dataclass(frozen=True)
class StoredSums:
    """Sums of the lines of a year whose approved tag has one content (None: no approved tag)."""

    content: str | None
    lines: int
    amounts: dict[str, Decimal | None]
    numbers: dict[str, int]
    pairs: dict[tuple[str, str], tuple[int, Decimal | None, Decimal | None]]


@dataclass(frozen=True)
class SeriesSum:
    """Lines of one series, year and tag that have a stage: their number and amount."""

    year: int
    series: str
    content: str | None
    lines: int
    amount: Decimal


def add_changes(session: Session, site_id: int, years: Iterable[int]) -> None:
    """Say that lines of these years, or tags of them that count, change in this transaction."""
    now = datetime.now(UTC)
    insert_rows(session, BudgetLineChange, [{"site_id": site_id, "year": year, "at": now} for year in sorted(years)])


def stamps(session: Session, site_ids: Collection[int]) -> dict[Year, str]:
    """The state of every year that ever had lines, also of those whose lines are all gone."""
    columns = (BudgetLineChange.site_id, BudgetLineChange.year)
    query = select(*columns, func.count(), func.max(BudgetLineChange.id)).group_by(*columns)
    rows = session.execute(query.where(BudgetLineChange.site_id.in_(list(site_ids))))
    return {(row[0], row[1]): f"{row[2]}:{row[3]}" for row in rows}


def find_documents(session: Session, site_ids: Collection[int]) -> dict[Year, tuple[str, str]]:
    """Stamps and documents of the sums that are kept."""
    query = select(BudgetLineSum).where(BudgetLineSum.site_id.in_(list(site_ids)))
    return {(one.site_id, one.year): (one.stamp, one.document) for one in session.scalars(query)}


def keep_document(session: Session, site_id: int, year: int, stamp: str, document: str) -> None:
    """Keep sums in place of earlier ones."""
    row = {"site_id": site_id, "year": year, "stamp": stamp, "document": document}
    if not insert_if_absent(session, BudgetLineSum, row):
        place = update(BudgetLineSum).where(BudgetLineSum.site_id == site_id, BudgetLineSum.year == year)
        session.execute(place.values(stamp=stamp, document=document))


def sum_year(session: Session, site_id: int, year: int) -> list[StoredSums]:
    """Exact sums of a year's lines by the content of their approved tags, in one statement."""
    query = _with_tags(select(CONTENT, func.count(), *_sums()))
    query = query.where(BudgetLine.site_id == site_id, BudgetLine.year == year).group_by(CONTENT)
    return [_stored(row) for row in session.execute(query)]


def sum_tagged_series(session: Session, site_id: int, stage: str) -> list[SeriesSum]:
    """The lines of all series that have an approved tag in any year, and of no other."""
    found, tagged = aliased(BudgetLine), _approved(select(BudgetLine.series).distinct(), site_id).subquery()
    query = select(found.year, found.series, CONTENT, func.count(), func.sum(getattr(found, stage)))
    query = query.select_from(tagged).join(found, and_(found.site_id == site_id, found.series == tagged.c.series))
    query = query.join(LineTag, _same_line(found), isouter=True)
    query = query.join(LineTagVersion, LineTagVersion.id == LineTag.approved_id, isouter=True)
    query = query.where(getattr(found, stage).is_not(None))
    return [SeriesSum(*row) for row in session.execute(query.group_by(found.year, found.series, CONTENT))]


def list_tagged(session: Session, site_id: int, year: int) -> Iterator[tuple[str, str, dict[str, Decimal | None]]]:
    """Code, content of the approved tag and amounts of the tagged lines of a year, by code."""
    columns = [getattr(BudgetLine, stage) for stage in STAGES]
    query = _approved(select(BudgetLine.code, CONTENT, *columns), site_id)
    query = query.join(LineTagVersion, LineTagVersion.id == LineTag.approved_id)
    for code, content, *amounts in session.execute(query.where(LineTag.year == year).order_by(LineTag.code)):
        if code is not None:  # else the line is gone
            yield code, content, dict(zip(STAGES, amounts, strict=True))


def _approved(query: Select[Any], site_id: int) -> Select[Any]:
    """From tags to their lines and not the other way round, as SQLite would choose: tagged lines are few of all."""
    joined = query.select_from(LineTag).join(BudgetLine, SAME_LINE, isouter=True)
    return joined.where(LineTag.site_id == site_id, LineTag.approved_id.is_not(None))


def list_gone(session: Session, site_id: int, year: int) -> list[str]:
    """Codes with an approved tag that the budget of the year no longer has."""
    query = _approved(select(LineTag.code), site_id).where(LineTag.year == year, BudgetLine.id.is_(None))
    return list(session.scalars(query.order_by(LineTag.code)))


def _with_tags(query: Select[Any]) -> Select[Any]:
    joined = query.select_from(BudgetLine).join(LineTag, SAME_LINE, isouter=True)
    return joined.join(LineTagVersion, LineTagVersion.id == LineTag.approved_id, isouter=True)


def _sums() -> list[Any]:
    found: list[Any] = []
    for stage in STAGES:
        column = getattr(BudgetLine, stage)
        found += [func.sum(column), func.count(column)]
    for first, second in PAIRS:
        before, after = getattr(BudgetLine, first), getattr(BudgetLine, second)
        both = and_(before.is_not(None), after.is_not(None))
        found += [func.count(case((both, 1))), func.sum(case((both, before))), func.sum(case((both, after)))]
    return found


def _stored(row: Any) -> StoredSums:
    content, lines, *cells = row
    split = 2 * len(STAGES)
    amounts = dict(zip(STAGES, cells[:split:2], strict=True))
    numbers = dict(zip(STAGES, cells[1:split:2], strict=True))
    parts = zip(*(cells[split + place :: 3] for place in range(3)), strict=True)
    return StoredSums(content, lines, amounts, numbers, dict(zip(PAIRS, parts, strict=True)))
