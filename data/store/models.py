"""Model snapshots: the portable model document under the hash of its content."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from string import hexdigits
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from data.store.bulk import insert_if_absent
from data.store.tables import ModelSnapshot

SHORTEST_BEGINNING = 12  # letters of a hash that may stand for the whole


def content_sha256(document: dict[str, Any]) -> str:
    """Hash of the canonical JSON (sorted keys, no blanks): equal content, equal hash."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def save_snapshot(
    session: Session, site_id: int, round_id: int, budget_year: int | None, document: dict[str, Any]
) -> ModelSnapshot:
    """Store the document unless the same content of the same site is there, also when two store it at once."""
    sha256 = content_sha256({"site": site_id, "round": round_id, "year": budget_year, "model": document})
    row = {
        "sha256": sha256,
        "site_id": site_id,
        "round_id": round_id,
        "budget_year": budget_year,
        "document": document,
        "created_at": datetime.now(UTC),
    }
    if session.get(ModelSnapshot, sha256) is None:
        insert_if_absent(session, ModelSnapshot, row)
    return session.get_one(ModelSnapshot, sha256)


def find_hash(session: Session, site_id: int, beginning: str) -> str | None:
    """The one hash of this site's models that begins so; None where none does, or several do."""
    if len(beginning) < SHORTEST_BEGINNING or set(beginning) - set(hexdigits.lower()):
        return None
    query = select(ModelSnapshot.sha256).where(
        ModelSnapshot.site_id == site_id, ModelSnapshot.sha256.startswith(beginning, autoescape=True)
    )
    found = session.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def load_snapshot(session: Session, site_id: int, sha256: str) -> ModelSnapshot:
    """A snapshot of this site; NotFoundError for an unknown one or another site's."""
    snapshot = session.get(ModelSnapshot, sha256)
    if snapshot is None or snapshot.site_id != site_id:
        raise NotFoundError("model", sha256[:12])
    return snapshot
