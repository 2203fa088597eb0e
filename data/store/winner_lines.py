"""Which budget lines carry out which winners of the participatory budget."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store.tables import AssemblyProcess, BudgetLine, WinnerLine

MADE, MATCHED = "made", "matched"


def list_winner_lines(session: Session, process_id: int) -> list[WinnerLine]:
    """Of a process, by proposal, year and line."""
    query = select(WinnerLine).where(WinnerLine.process_id == process_id)
    return list(session.scalars(query.order_by(WinnerLine.proposal_code, WinnerLine.year, WinnerLine.line_code)))


def list_links_of_line(session: Session, site_id: int, year: int, code: str) -> list[WinnerLine]:
    """All winners of a site, of any year's process, that a line carries out."""
    query = (
        select(WinnerLine)
        .join(AssemblyProcess, AssemblyProcess.id == WinnerLine.process_id)
        .where(AssemblyProcess.site_id == site_id, WinnerLine.year == year, WinnerLine.line_code == code)
    )
    return list(session.scalars(query))


def find_lines(session: Session, site_id: int, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], BudgetLine]:
    """Lines by year and code; those that the budget does not have are not among them."""
    years, codes = {year for year, _ in keys}, {code for _, code in keys}
    query = select(BudgetLine).where(
        BudgetLine.site_id == site_id, BudgetLine.year.in_(years), BudgetLine.code.in_(codes)
    )
    found = {(line.year, line.code): line for line in session.scalars(query)}
    return {key: line for key, line in found.items() if key in set(keys)}
