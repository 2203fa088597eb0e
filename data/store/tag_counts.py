"""Lines of a year by where their tags stand, without a walk over all of them.

Tags are counted in an index. How many lines the year has, and which tags are of lines that an import removed, changes
with the lines alone (no step can be taken on a line that is gone): this is counted once for each state of the year's
lines, which `budget_line_change` tells, and kept in the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from data.store.line_sums import SAME_LINE
from data.store.tables import BudgetLine, BudgetLineChange, LineTag
from data.store.tags import STATES

if TYPE_CHECKING:
    from data.store.tag_queue import QueueQuery

UNTAGGED = "untagged"


@dataclass(frozen=True)
class YearLines:
    """What of the counts changes with the lines alone. `gone`: tags of lines that are no longer there, by state."""

    lines: int
    gone: Mapping[str, int]


_kept: WeakKeyDictionary[Engine, dict[tuple[int, int], tuple[Any, YearLines]]] = WeakKeyDictionary()


def count_states(session: Session, site_id: int, year: int) -> dict[str, int]:
    """Lines of a year by where their tags stand; every state is there."""
    of_lines = _year_lines(session, site_id, year)
    tags = _by_state(session, site_id, year)
    found = {state: tags.get(state, 0) - of_lines.gone.get(state, 0) for state in STATES}
    return {UNTAGGED: of_lines.lines - sum(found.values()), **found}


def count_quickly(session: Session, site_id: int, query: QueueQuery) -> int | None:
    """Lines of a query that asks for nothing but states; None where it asks for more."""
    if not query.states and count_by_states(query, {}) is not None:
        return _year_lines(session, site_id, query.year).lines
    return count_by_states(query, count_states(session, site_id, query.year))


def count_by_states(query: QueueQuery, states: Mapping[str, int]) -> int | None:
    """Lines of a query from `count_states` of its year; None where it asks for more than states."""
    asks_more = query.text or query.labels or any(query.values.values()) or query.not_author is not None
    if asks_more or query.is_locked is not None or query.is_approved is not None:
        return None
    return sum(number for state, number in states.items() if not query.states or state in query.states)


def _by_state(session: Session, site_id: int, year: int) -> dict[str, int]:
    tags = select(LineTag.state, func.count()).where(LineTag.site_id == site_id, LineTag.year == year)
    return {row[0]: row[1] for row in session.execute(tags.group_by(LineTag.state))}


def _year_lines(session: Session, site_id: int, year: int) -> YearLines:
    """The stamp first and the counts afterwards: what changes in between is counted anew the next time."""
    kept = _kept.setdefault(session.get_bind().engine, {})
    stamp = _stamp(session, site_id, year)
    found = kept.get((site_id, year))
    if found is not None and stamp is not None and found[0] == stamp:
        return found[1]
    counted = _counted(session, site_id, year)
    kept[site_id, year] = (stamp, counted)
    return counted


def _stamp(session: Session, site_id: int, year: int) -> Any:
    """How many changes there were and which is the last; None where nobody told of any.

    With its time: SQLite gives the number of a change that was taken back to another one.
    """
    change = BudgetLineChange
    query = select(func.count(), func.max(change.id), func.max(change.at))
    row = session.execute(query.where(change.site_id == site_id, change.year == year)).one()
    return tuple(row) if row[0] else None


def _counted(session: Session, site_id: int, year: int) -> YearLines:
    lines = select(func.count()).select_from(BudgetLine).where(BudgetLine.site_id == site_id, BudgetLine.year == year)
    standing = select(LineTag.state, func.count()).select_from(LineTag).join(BudgetLine, SAME_LINE)
    standing = standing.where(LineTag.site_id == site_id, LineTag.year == year).group_by(LineTag.state)
    there = {row[0]: row[1] for row in session.execute(standing)}
    tags = _by_state(session, site_id, year)
    gone = {state: number - there.get(state, 0) for state, number in tags.items()}
    return YearLines(session.scalar(lines) or 0, {state: number for state, number in gone.items() if number})
