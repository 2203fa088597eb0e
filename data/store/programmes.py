"""Programmes in the store, with the budget lines that feed them and the needs they meet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from data.store import audit
from data.store.tables import BudgetLine, Programme, ProgrammeLineShare, ProgrammeNeedLink


def list_programmes(session: Session, site_id: int) -> list[Programme]:
    """Programmes of a site in their order."""
    query = select(Programme).where(Programme.site_id == site_id)
    return list(session.scalars(query.order_by(Programme.position, Programme.code)))


def load_programme(session: Session, site_id: int, code: str) -> Programme:
    """One programme; NotFoundError if the site has none of that code."""
    programme = session.scalar(select(Programme).where(Programme.site_id == site_id, Programme.code == code))
    if programme is None:
        raise NotFoundError("programme", code)
    return programme


def save_programme(
    session: Session,
    site_id: int,
    actor: str,
    code: str,
    columns: Mapping[str, Any],
    lines: Mapping[int, Decimal],
    links: Sequence[Mapping[str, Any]],
) -> Programme:
    """Add a programme, or make the stored one of this code what is given here.

    columns : of the table `programme`, without `id`, `site_id`, `code`
    lines : id of a budget line -> the share of it (0-1) that feeds the programme
    links : columns of `programme_need_link`, without `programme_id`
    """
    programme = session.scalar(select(Programme).where(Programme.site_id == site_id, Programme.code == code))
    action = "programme.change" if programme else "programme.add"
    programme = programme or Programme(site_id=site_id, code=code)
    for name, value in columns.items():
        setattr(programme, name, value)
    session.add(programme)
    session.flush()
    _remove_links(session, [programme.id])
    session.add_all(
        ProgrammeLineShare(programme_id=programme.id, budget_line_id=line_id, share=share)
        for line_id, share in lines.items()
    )
    session.add_all(ProgrammeNeedLink(programme_id=programme.id, **link) for link in links)
    session.flush()
    detail = {"lines": len(lines), "needs": [link["indicator_code"] for link in links]}
    audit.record(session, actor, action, f"programme {code}", site_id, detail)
    return programme


def remove_other_programmes(session: Session, site_id: int, actor: str, kept: Collection[str]) -> tuple[str, ...]:
    """Remove the programmes whose code is not in `kept`; gives their codes."""
    others = [programme for programme in list_programmes(session, site_id) if programme.code not in kept]
    _remove_links(session, [programme.id for programme in others])
    for programme in others:
        audit.record(session, actor, "programme.remove", f"programme {programme.code}", site_id)
        session.delete(programme)
    session.flush()
    return tuple(programme.code for programme in others)


def _remove_links(session: Session, programme_ids: Sequence[int]) -> None:
    for table in (ProgrammeLineShare, ProgrammeNeedLink):
        session.execute(delete(table).where(table.programme_id.in_(programme_ids)))
    session.expire_all()


def links_by_programme(session: Session, site_id: int) -> dict[int, list[ProgrammeNeedLink]]:
    """Programme id -> the needs it meets, by indicator code."""
    query = (
        select(ProgrammeNeedLink)
        .join(Programme, Programme.id == ProgrammeNeedLink.programme_id)
        .where(Programme.site_id == site_id)
        .order_by(ProgrammeNeedLink.programme_id, ProgrammeNeedLink.indicator_code)
    )
    result: dict[int, list[ProgrammeNeedLink]] = {}
    for link in session.scalars(query):
        result.setdefault(link.programme_id, []).append(link)
    return result


def lines_by_programme(
    session: Session, site_id: int, year: int | None = None
) -> dict[int, list[tuple[BudgetLine, Decimal]]]:
    """Programme id -> the lines that feed it and their share (0-1), of one year or of all, by year and code."""
    query = (
        select(ProgrammeLineShare.programme_id, BudgetLine, ProgrammeLineShare.share)
        .join(BudgetLine, BudgetLine.id == ProgrammeLineShare.budget_line_id)
        .join(Programme, Programme.id == ProgrammeLineShare.programme_id)
        .where(Programme.site_id == site_id)
        .order_by(BudgetLine.year, BudgetLine.code)
    )
    if year is not None:
        query = query.where(BudgetLine.year == year)
    result: dict[int, list[tuple[BudgetLine, Decimal]]] = {}
    for programme_id, line, share in session.execute(query):
        result.setdefault(programme_id, []).append((line, share))
    return result
