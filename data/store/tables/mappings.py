"""Column mappings that a site keeps, so that the next round of the same form needs no questions twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class SurveyMappingRecord(Base):
    """The mapping that was last used with a form at a site."""

    __tablename__ = "survey_mapping"
    __table_args__ = (UniqueConstraint("site_id", "form_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    form_id: Mapped[str] = mapped_column(String(80))  # empty for files that came without a form
    document: Mapped[dict[str, Any]] = mapped_column(JSON)  # as in a mapping file
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
