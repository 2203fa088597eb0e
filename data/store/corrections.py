"""The log of corrections of a round, in the order in which they are applied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.store import audit
from data.store.bulk import insert_rows
from data.store.tables import Correction, SurveyRound


def list_corrections(session: Session, round_id: int) -> list[Correction]:
    """All corrections of a round in their order."""
    return list(session.scalars(select(Correction).where(Correction.round_id == round_id).order_by(Correction.id)))


def recent_corrections(session: Session, round_id: int, limit: int) -> list[Correction]:
    """The newest first."""
    query = select(Correction).where(Correction.round_id == round_id).order_by(Correction.id.desc())
    return list(session.scalars(query.limit(limit)))


def count_corrections(session: Session, round_id: int) -> int:
    return session.scalar(select(func.count()).where(Correction.round_id == round_id)) or 0


def add_corrections(session: Session, survey_round: SurveyRound, actor: str, rows: Iterable[dict[str, Any]]) -> int:
    """Append to the log with its audit entry; the answers themselves stay out of the audit trail."""
    now = datetime.now(UTC)
    complete = [{"round_id": survey_round.id, "at": now, "actor": actor, **row} for row in rows]
    insert_rows(session, Correction, complete)
    detail = {"corrections": len(complete), "columns": sorted({row["column_name"] for row in complete})}
    audit.record(session, actor, "survey.correct", f"round {survey_round.code}", survey_round.site_id, detail)
    return len(complete)


def corrections_sha256(corrections: Iterable[Correction]) -> str:
    """Hash of what the log changes, in its order; of an empty log the hash of nothing."""
    digest = hashlib.sha256()
    for one in corrections:
        line = [one.record, one.record_id, one.column_name, one.old_value, one.new_value]
        digest.update(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()
