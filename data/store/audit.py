"""The audit trail: who changed what, and when. Written in the transaction of the change; rows are only added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store.tables import AuditEntry

COMMAND_LINE = "command line"


def record(
    session: Session, actor: str, action: str, subject: str, site_id: int | None, detail: Mapping[str, Any]
) -> AuditEntry:
    """Add an entry; it is stored when the caller's transaction is."""
    entry = AuditEntry(
        at=datetime.now(UTC), actor=actor, action=action, subject=subject[:200], site_id=site_id, detail=dict(detail)
    )
    session.add(entry)
    return entry


def list_entries(session: Session, site_id: int | None = None, limit: int = 200) -> list[AuditEntry]:
    """Newest first, of one site or of all."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if site_id is not None:
        query = query.where(AuditEntry.site_id == site_id)
    return list(session.scalars(query))
