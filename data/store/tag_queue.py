"""Budget lines with where their tags stand: filtered, sorted, a page at a time, summed by a label, by the database.

For grids of tens of thousands of lines: whatever a reader asks for, only the rows of one page are loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from budget_model.spelling import plain
from data.store.line_sums import SAME_LINE
from data.store.lines import STAGES
from data.store.tables import BudgetLine, LineTag
from data.store.tag_counts import UNTAGGED, count_quickly

MOST_ROWS = 1_000  # of one page
LABEL = "label:"
HEAD_COLUMNS = ("marker", "sharp", "policy", "beneficiary", "scheme")  # filtered by one or more of their values
SORTABLE = ("code", *STAGES, "state", *HEAD_COLUMNS, "women_share", "counted_share", "updated_at", "author")


@dataclass(frozen=True)
class QueueQuery:
    """What is asked for.

    states : of `data.store.tags.STATES` and `UNTAGGED`; none = all
    values : column of `HEAD_COLUMNS` -> values that will do
    labels : label -> text that it must be
    text : words that must all stand in code or labels, whatever their case and accents
    sort : (column of `SORTABLE`, or `label:<name>`, is descending), the first one first
    """

    year: int
    states: Sequence[str] = ()
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    is_locked: bool | None = None
    is_approved: bool | None = None
    not_author: str | None = None  # lines whose content this person did not write: what she may review
    sort: Sequence[tuple[str, bool]] = ()
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True)
class QueueRow:
    """A line and its tag. Untagged: version 0, state `UNTAGGED`, and no facets."""

    year: int
    code: str
    labels: Mapping[str, str]
    amounts: Mapping[str, Decimal | None]
    gender_share: Decimal | None  # as the source of the line states it
    version: int
    state: str
    marker: str | None
    sharp: str | None
    policy: str | None
    beneficiary: str | None
    women_share: Decimal | None
    scheme: str | None
    counted_share: Decimal | None
    is_locked: bool
    is_capital: bool
    author: str | None
    updated_by: str | None
    updated_at: datetime | None
    is_approved: bool  # some version of it counts


@dataclass(frozen=True)
class QueueGroup:
    """The lines of a query that share a label."""

    label: str  # "": they do not have it
    lines: int
    tagged: int
    approved: int
    amounts: Mapping[str, Decimal | None]


def list_rows(session: Session, site_id: int, query: QueueQuery) -> list[QueueRow]:
    """The rows of one page. InputError for a column that cannot be sorted or filtered by."""
    _refuse_page(query)
    ids = _filtered(site_id, query, select(BudgetLine.id)).order_by(*_order(query))
    return _whole_rows(session, list(session.scalars(ids.offset(query.offset).limit(query.limit))))


def _refuse_page(query: QueueQuery) -> None:
    if not 0 < query.limit <= MOST_ROWS or query.offset < 0:
        raise InputError(Problem("queue_page", f"A page has 1 to {MOST_ROWS} rows, from row 0 on."))


def _whole_rows(session: Session, wanted: Sequence[int]) -> list[QueueRow]:
    """The lines of these ids in their order: sorting whole rows would take long."""
    whole = _joined(select(BudgetLine.id, *_COLUMNS)).where(BudgetLine.id.in_(wanted))
    found = {row[0]: _row(row[1:]) for row in session.execute(whole)}
    return [found[line_id] for line_id in wanted if line_id in found]


def count_rows(session: Session, site_id: int, query: QueueQuery) -> int:
    """How many lines the query has, over all pages."""
    return session.scalar(_filtered(site_id, query, select(func.count()))) or 0


def list_page(session: Session, site_id: int, query: QueueQuery) -> tuple[list[QueueRow], int]:
    """The rows of one page, and how many lines the query has: words are looked for once for both."""
    if not query.text:
        count = count_quickly(session, site_id, query)
        return list_rows(session, site_id, query), count_rows(session, site_id, query) if count is None else count
    _refuse_page(query)
    selected = _filtered(site_id, query, select(BudgetLine.id, func.count().over())).order_by(*_order(query))
    found = session.execute(selected.offset(query.offset).limit(query.limit)).all()
    count = found[0][1] if found else count_rows(session, site_id, query) if query.offset else 0
    return _whole_rows(session, [row[0] for row in found]), count


def find_row(session: Session, site_id: int, year: int, code: str) -> QueueRow | None:
    """One line with where its tag stands; None where it is not in the budget."""
    named = (BudgetLine.site_id == site_id, BudgetLine.year == year, BudgetLine.code == code)
    found = session.execute(_joined(select(*_COLUMNS)).where(*named)).first()
    return _row(found) if found else None


def list_keys(session: Session, site_id: int, query: QueueQuery) -> list[tuple[int, str]]:
    """Year and code of all lines of the query, for a bulk step."""
    selected = _filtered(site_id, query, select(BudgetLine.year, BudgetLine.code)).order_by(BudgetLine.code)
    return [(row[0], row[1]) for row in session.execute(selected)]


def list_groups(session: Session, site_id: int, query: QueueQuery, label: str) -> list[QueueGroup]:
    """Lines and exact sums of the query by the text of a label, in the order of the texts."""
    name = func.coalesce(BudgetLine.labels[label].as_string(), "")
    sums = [func.sum(getattr(BudgetLine, stage)) for stage in STAGES]
    is_approved = case((LineTag.approved_id.is_not(None), 1), else_=0)
    counts = (func.count(BudgetLine.id), func.count(LineTag.id), func.sum(is_approved))
    selected = _filtered(site_id, query, select(name, *counts, *sums)).group_by(name).order_by(name)
    return [
        QueueGroup(row[0], row[1], row[2], int(row[3] or 0), dict(zip(STAGES, row[4:], strict=True)))
        for row in session.execute(selected)
    ]


def _joined(selected: Select[Any]) -> Select[Any]:
    """Lines with their tags, if they have one."""
    return selected.select_from(BudgetLine).outerjoin(LineTag, SAME_LINE)


def _filtered(site_id: int, query: QueueQuery, selected: Select[Any]) -> Select[Any]:
    """Joined to no more than the query needs: the database then counts tens of thousands of lines in an index."""
    names_tags = _names_tags(query) or any(table is LineTag.__table__ for table in selected.get_final_froms())
    if _wants_tagged(query):
        joined = selected.select_from(BudgetLine).join(LineTag, SAME_LINE)
    elif names_tags:
        joined = _joined(selected)
    else:
        joined = selected.select_from(BudgetLine)
    return joined.where(BudgetLine.site_id == site_id, BudgetLine.year == query.year, *_conditions(query))


def _wants_tagged(query: QueueQuery) -> bool:
    """Whether lines without a tag cannot be among those asked for."""
    is_tagged = bool(query.states) and UNTAGGED not in query.states
    return is_tagged or any(query.values.values()) or bool(query.is_approved) or query.not_author is not None


def _names_tags(query: QueueQuery) -> bool:
    """Whether a condition or the order looks at tags."""
    sorts = any(not name.startswith(LABEL) and name not in ("code", *STAGES) for name, _ in query.sort)
    return sorts or bool(query.states) or query.is_locked is not None or query.is_approved is not None


def _conditions(query: QueueQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.states:
        found.append(func.coalesce(LineTag.state, UNTAGGED).in_(list(query.states)))
    for name, values in query.values.items():
        _refuse_unknown(name, HEAD_COLUMNS)
        if values:
            found.append(getattr(LineTag, name).in_(list(values)))
    found += [BudgetLine.labels[name].as_string() == text for name, text in query.labels.items()]
    found += [_contains(word) for word in query.text.split()]
    if query.is_locked is not None:
        found.append(func.coalesce(LineTag.is_locked, False) == query.is_locked)
    if query.is_approved is not None:
        found.append(LineTag.approved_id.is_not(None) if query.is_approved else LineTag.approved_id.is_(None))
    if query.not_author is not None:
        found.append(LineTag.author != query.not_author)
    return found


def _contains(word: str) -> ColumnElement[bool]:
    """Neither case nor accents matter: `educación` finds EDUCACION, on either database."""
    return BudgetLine.plain_words.contains(plain(word), autoescape=True)


def _order(query: QueueQuery) -> list[Any]:
    order = []
    for name, is_descending in query.sort:
        if name.startswith(LABEL):
            column: Any = BudgetLine.labels[name.removeprefix(LABEL)].as_string()
        else:
            _refuse_unknown(name, SORTABLE)
            column = getattr(BudgetLine if name in ("code", *STAGES) else LineTag, name)
        order.append((column.desc() if is_descending else column.asc()).nulls_last())
    return [*order, BudgetLine.code]


def _refuse_unknown(name: str, known: Sequence[str]) -> None:
    if name not in known:
        message = f"Lines cannot be sorted or filtered by '{name}'. There are: {', '.join(known)}."
        raise InputError(Problem("queue_column", message, value=name))


_FACETS = ("marker", "sharp", "policy", "beneficiary", "women_share", "scheme", "counted_share")
_HEAD = ("is_locked", "is_capital", "author", "updated_by", "updated_at", "approved_id", "version", "state", *_FACETS)
_LINE = ("year", "code", "labels", "gender_share", *STAGES)
_COLUMNS = (*(getattr(BudgetLine, name) for name in _LINE), *(getattr(LineTag, name) for name in _HEAD))


def _row(found: Sequence[Any]) -> QueueRow:
    """The columns of a line and of its tag, which are null where it has none."""
    line, head = dict(zip(_LINE, found, strict=False)), dict(zip(_HEAD, found[len(_LINE) :], strict=True))
    return QueueRow(
        **{name: line[name] for name in ("year", "code", "labels", "gender_share")},
        amounts={stage: line[stage] for stage in STAGES},
        version=head["version"] or 0,
        state=head["state"] or UNTAGGED,
        **{name: head[name] for name in _FACETS},
        is_locked=bool(head["is_locked"]),
        is_capital=bool(head["is_capital"]),
        **{name: head[name] for name in ("author", "updated_by", "updated_at")},
        is_approved=head["approved_id"] is not None,
    )
