"""Many rows at once, without an object for each; and rows that may be there already."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from data.store.tables import Base

ROWS_AT_ONCE = 5_000


def insert_rows(session: Session, table: type[Base], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows in batches; gives how many. A column that a row leaves out gets its default."""
    iterator, count = iter(rows), 0
    while batch := list(itertools.islice(iterator, ROWS_AT_ONCE)):
        session.execute(insert(_core(table)), [dict(row) for row in batch])
        count += len(batch)
    return count


def insert_if_absent(session: Session, table: type[Base], row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there, also if another process inserts it meanwhile; says whether it was new."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_core(table)).values(**row).on_conflict_do_nothing()
    return bool(session.connection().execute(statement).rowcount)


def _core(table: type[Base]) -> Table:
    found = table.__table__
    assert isinstance(found, Table)
    return found
