"""Records of budget imports, and the mappings of tables that a site keeps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store.bulk import insert_rows
from data.store.tables import AuditEntry, BudgetImport, BudgetImportChange, BudgetMapping

LONGEST_NAME = 80
UPLOAD = "budget.upload"  # action of the trail


def add_import(session: Session, record: BudgetImport, changes: Sequence[dict[str, Any]]) -> BudgetImport:
    """Keep a record with its changes (columns of `BudgetImportChange` without `import_id`)."""
    session.add(record)
    session.flush()
    insert_rows(session, BudgetImportChange, ({"import_id": record.id, **change} for change in changes))
    return record


def note_upload(session: Session, site_id: int, actor: str, upload: str, import_id: int) -> None:
    """Keep, in the trail, which import an upload became."""
    audit.record(session, actor, UPLOAD, upload, site_id, {"import": import_id})


def find_import_of_upload(session: Session, site_id: int, upload: str) -> int | None:
    """The import that an upload became; None where it was not imported."""
    query = select(AuditEntry.detail).where(AuditEntry.site_id == site_id, AuditEntry.action == UPLOAD)
    detail = session.scalar(query.where(AuditEntry.subject == upload))
    return None if detail is None else int(detail["import"])


def list_imports(session: Session, site_id: int, limit: int = 50) -> list[BudgetImport]:
    """The newest imports first."""
    query = select(BudgetImport).where(BudgetImport.site_id == site_id).order_by(BudgetImport.id.desc())
    return list(session.scalars(query.limit(limit)))


def load_import(session: Session, site_id: int, import_id: int) -> BudgetImport:
    """One import of the site; NotFoundError."""
    found = session.get(BudgetImport, import_id)
    if found is None or found.site_id != site_id:
        raise NotFoundError("budget import", str(import_id))
    return found


def count_changes(session: Session, import_id: int) -> dict[str, int]:
    """Kept changes by kind."""
    query = select(BudgetImportChange.kind, func.count()).where(BudgetImportChange.import_id == import_id)
    return {row[0]: row[1] for row in session.execute(query.group_by(BudgetImportChange.kind))}


def list_changes(
    session: Session, import_id: int, kind: str | None = None, limit: int = 200, offset: int = 0
) -> list[BudgetImportChange]:
    """Changes in the order of the lines: those of tagged lines first."""
    query = select(BudgetImportChange).where(BudgetImportChange.import_id == import_id)
    query = query if kind is None else query.where(BudgetImportChange.kind == kind)
    order = (BudgetImportChange.is_tagged.desc(), BudgetImportChange.id)
    return list(session.scalars(query.order_by(*order).limit(limit).offset(offset)))


def late_imports(session: Session, site_id: int, year: int) -> list[tuple[BudgetImport, BudgetImport]]:
    """Imports of a year's lines that came in from its December to the next January, each behind the one before it."""
    query = select(BudgetImport).where(BudgetImport.site_id == site_id).order_by(BudgetImport.at, BudgetImport.id)
    of_year = [one for one in session.scalars(query) if str(year) in one.totals]
    return [
        (before, one)
        for before, one in itertools.pairwise(of_year)
        if (one.at.year, one.at.month) in ((year, 12), (year + 1, 1))
    ]


def amounts_moved(session: Session, import_id: int, year: int, stage: str) -> dict[str, tuple[Decimal, Decimal]]:
    """By code: the amount of a stage before and after an import, of the lines of a year that were there both times."""
    query = select(BudgetImportChange).where(BudgetImportChange.import_id == import_id, BudgetImportChange.year == year)
    pairs = {one.code: ((one.before or {}).get(stage), (one.after or {}).get(stage)) for one in session.scalars(query)}
    return {
        code: (Decimal(before), Decimal(after))
        for code, (before, after) in pairs.items()
        if before is not None and after is not None
    }


def list_mappings(session: Session, site_id: int) -> list[BudgetMapping]:
    """Mappings of a site by name."""
    query = select(BudgetMapping).where(BudgetMapping.site_id == site_id).order_by(BudgetMapping.name)
    return list(session.scalars(query))


def load_mapping(session: Session, site_id: int, name: str) -> BudgetMapping:
    """A mapping by name; NotFoundError."""
    query = select(BudgetMapping).where(BudgetMapping.site_id == site_id, BudgetMapping.name == name)
    found = session.scalar(query)
    if found is None:
        raise NotFoundError("mapping", name)
    return found


def save_mapping(session: Session, site_id: int, name: str, text: str, actor: str) -> BudgetMapping:
    """Keep a mapping under a name, in place of the one that has it. The text is checked by the caller."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        message = f"A mapping needs a name of 1 to {LONGEST_NAME} characters."
        raise InputError(Problem("mapping_name", message, value=name))
    query = select(BudgetMapping).where(BudgetMapping.site_id == site_id, BudgetMapping.name == name.strip())
    kept = session.scalar(query)
    if kept is None:
        kept = BudgetMapping(site_id=site_id, name=name.strip())
        session.add(kept)
    kept.text, kept.saved_at, kept.saved_by = text, datetime.now(UTC), actor
    session.flush()
    audit.record(session, actor, "budget.mapping", kept.name, site_id)
    return kept
