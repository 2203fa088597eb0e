"""Budget lines with the tags that count, as the statements and trends of `budget_model.spending` take them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from budget_model.spending.counting import TaggedLine, count
from budget_model.spending.lines import STAGES
from budget_model.spending.schemes import Scheme
from budget_model.spending.tags import Tag
from budget_model.spending.trends import YearLine, series_key
from data.store import tags as store
from data.store.tables import BudgetLine
from data.workflows.tag_steps import stored_tag

Key = tuple[int, str]


@dataclass(frozen=True)
class CountingTag:
    """The approved tag of a line, and where its newest version stands."""

    tag: Tag
    version: int
    newest_state: str


def approved_tags(session: Session, site_id: int, year: int | None = None) -> dict[Key, CountingTag]:
    """Tags that were approved, by year and code; lines whose tag was never approved are not in it."""
    return {
        (head.year, head.code): CountingTag(stored_tag(approved.content), approved.version, head.state)
        for head, _, approved in store.current_and_approved(session, site_id, year)
        if approved is not None
    }


def newest_tags(session: Session, site_id: int, year: int | None = None) -> dict[Key, Tag]:
    """Newest versions whatever their state, for drafts only: they were not approved by a second person."""
    rows = store.current_and_approved(session, site_id, year)
    return {(head.year, head.code): stored_tag(newest.content) for head, newest, _ in rows}


def tagged_lines(session: Session, site_id: int, year: int | None = None) -> Iterator[TaggedLine]:
    """The lines that are there, each with its approved tag or none. Tags of lines that are gone count nothing."""
    tags = approved_tags(session, site_id, year)
    columns = [BudgetLine.year, BudgetLine.code, *(getattr(BudgetLine, stage) for stage in STAGES)]
    for row in session.execute(_ordered(select(*columns), site_id, year)):
        found = tags.get((row[0], row[1]))
        yield TaggedLine(row[0], row[1], dict(zip(STAGES, row[2:], strict=True)), found.tag if found else None)


def year_lines(session: Session, site_id: int, scheme: Scheme, stage: str) -> Iterator[YearLine]:
    """The lines of all years as `budget_model.spending.trends.counted_series` takes them, by one scheme and stage.

    Lines that lack the stage are left out: a missing amount is not 0.
    """
    tags = approved_tags(session, site_id)
    query = select(BudgetLine.year, BudgetLine.code, BudgetLine.labels, getattr(BudgetLine, stage))
    for year, code, labels, amount in session.execute(_ordered(query, site_id, None)):
        found = tags.get((year, code))
        if amount is not None:
            share = count(found.tag, scheme).share if found else None
            yield YearLine(year, series_key(code, labels), amount, share)


def _ordered(query: Select[Any], site_id: int, year: int | None) -> Select[Any]:
    """Rows of columns, not whole lines: of a large budget that is several times as quick."""
    own = query.where(BudgetLine.site_id == site_id).order_by(BudgetLine.year, BudgetLine.code)
    return own if year is None else own.where(BudgetLine.year == year)
