"""Column mappings that sites keep, one for each form (and one for files without a form)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store.tables import SurveyMappingRecord

LONGEST_FORM_ID = 80


def find_mapping(session: Session, site_id: int, form_id: str) -> SurveyMappingRecord | None:
    """The mapping last used with a form at a site; `form_id` is empty for files without a form."""
    wanted = select(SurveyMappingRecord).where(
        SurveyMappingRecord.site_id == site_id, SurveyMappingRecord.form_id == form_id[:LONGEST_FORM_ID]
    )
    return session.scalar(wanted)


def keep_mapping(session: Session, site_id: int, form_id: str, document: Mapping[str, Any], actor: str) -> None:
    """Keep a mapping in place of the earlier one."""
    row = find_mapping(session, site_id, form_id)
    if row is None:
        row = SurveyMappingRecord(site_id=site_id, form_id=form_id[:LONGEST_FORM_ID])
        session.add(row)
    row.document, row.saved_at, row.saved_by = dict(document), datetime.now(UTC), actor
    session.flush()
