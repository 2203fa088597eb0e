"""The audit trail: who changed what, and when. Entries are only ever added, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.store.tables import AuditEntry

COMMAND_LINE = "command line"  # the actor of what is done without a log-in


def record(
    session: Session,
    actor: str,
    action: str,
    subject: str,
    site_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry; it is stored with the change it tells of, or not at all.

    actor : log-in name, or `COMMAND_LINE`
    action : subject and verb, e.g. `scenario.save`
    detail : plain JSON; never passwords, never answers of persons
    """
    entry = AuditEntry(
        at=datetime.now(UTC),
        actor=actor,
        site_id=site_id,
        action=action,
        subject=subject[:200],
        detail=dict(detail or {}),
    )
    session.add(entry)
    return entry


def newest_entry(session: Session, site_id: int, beginning: str) -> int:
    """Id of a site's newest entry whose action begins so; 0 where there is none."""
    query = select(func.max(AuditEntry.id)).where(
        AuditEntry.site_id == site_id, AuditEntry.action.startswith(beginning, autoescape=True)
    )
    return session.scalar(query) or 0


def list_entries(session: Session, site_id: int | None = None, limit: int = 100) -> list[AuditEntry]:
    """The newest entries first; of one site, or of everything."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    return list(session.scalars(query if site_id is None else query.where(AuditEntry.site_id == site_id)))
