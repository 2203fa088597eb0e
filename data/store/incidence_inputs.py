"""Files about the users of programmes in the store: added and listed, never changed; the newest of a kind counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store import audit
from data.store.tables import IncidenceInput

USERS, QUESTIONS = "users", "questions"
KINDS = (USERS, QUESTIONS)
LONGEST_NAME = 200


def add_input(
    session: Session,
    site_id: int,
    kind: str,
    document: Mapping[str, Any],
    actor: str,
    file_name: str,
    content_sha256: str,
) -> IncidenceInput:
    """Keep a file's content; an empty document withdraws what was there. The caller commits."""
    row = IncidenceInput(
        site_id=site_id,
        kind=kind,
        document=dict(document),
        file_name=file_name[:LONGEST_NAME],
        content_sha256=content_sha256,
        saved_at=datetime.now(UTC),
        saved_by=actor,
    )
    session.add(row)
    session.flush()
    action = "incidence.import" if document else "incidence.withdraw"
    audit.record(session, actor, action, kind, site_id, {"file": row.file_name, "sha256": content_sha256})
    return row


def latest_input(session: Session, site_id: int, kind: str) -> IncidenceInput | None:
    """The newest of a kind; None where there is none, or where it was withdrawn."""
    query = select(IncidenceInput).where(IncidenceInput.site_id == site_id, IncidenceInput.kind == kind)
    found = session.scalars(query.order_by(IncidenceInput.id.desc()).limit(1)).first()
    return found if found is not None and found.document else None


def list_inputs(session: Session, site_id: int, limit: int = 20) -> list[IncidenceInput]:
    """The newest first, withdrawals included."""
    query = select(IncidenceInput).where(IncidenceInput.site_id == site_id)
    return list(session.scalars(query.order_by(IncidenceInput.id.desc()).limit(limit)))
