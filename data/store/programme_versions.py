"""The history of programmes in the store: versions are added and listed, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from data.store.tables import ProgrammeVersion

LONGEST_ORIGIN = 200


@dataclass(frozen=True)
class Change:
    """One parameter of a programme, before and after; None where it was or is not stated."""

    path: str
    before: Any
    after: Any


def add_version(
    session: Session,
    site_id: int,
    code: str,
    action: str,
    actor: str,
    document: Mapping[str, Any] | None,
    changes: Sequence[Change],
    origin: str = "",
    reason: str = "",
) -> ProgrammeVersion:
    """The next version of a programme; the caller commits."""
    version = ProgrammeVersion(
        site_id=site_id,
        programme_code=code,
        version=last_version(session, site_id, code) + 1,
        action=action,
        saved_at=datetime.now(UTC),
        saved_by=actor,
        origin=origin[:LONGEST_ORIGIN],
        reason=reason.strip(),
        document=None if document is None else dict(document),
        changes=[{"path": change.path, "before": change.before, "after": change.after} for change in changes],
    )
    session.add(version)
    session.flush()
    return version


def last_version(session: Session, site_id: int, code: str) -> int:
    """The number of the last version; 0 where the programme has no history."""
    query = select(func.max(ProgrammeVersion.version)).where(ProgrammeVersion.site_id == site_id)
    return session.scalar(query.where(ProgrammeVersion.programme_code == code)) or 0


def list_versions(session: Session, site_id: int, code: str | None = None, limit: int = 100) -> list[ProgrammeVersion]:
    """Versions of a programme, or of all of a site, the newest first."""
    query = select(ProgrammeVersion).where(ProgrammeVersion.site_id == site_id)
    query = query if code is None else query.where(ProgrammeVersion.programme_code == code)
    return list(session.scalars(query.order_by(ProgrammeVersion.id.desc()).limit(limit)))


def versions_since(session: Session, site_id: int, code: str, version: int) -> list[ProgrammeVersion]:
    """What was changed after a version, the oldest first."""
    query = select(ProgrammeVersion).where(ProgrammeVersion.site_id == site_id, ProgrammeVersion.programme_code == code)
    return list(session.scalars(query.where(ProgrammeVersion.version > version).order_by(ProgrammeVersion.version)))


def load_version(session: Session, site_id: int, code: str, version: int) -> ProgrammeVersion:
    """One version; NotFoundError where there is none."""
    query = select(ProgrammeVersion).where(ProgrammeVersion.site_id == site_id, ProgrammeVersion.programme_code == code)
    found = session.scalar(query.where(ProgrammeVersion.version == version))
    if found is None:
        raise NotFoundError("version of the programme", f"{code} {version}")
    return found
