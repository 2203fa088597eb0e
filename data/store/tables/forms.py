"""Versions of questionnaires that a site has published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class FormVersion(Base):
    """One version of one questionnaire at one site. A version never changes: another content is another version."""

    __tablename__ = "form_version"
    __table_args__ = (UniqueConstraint("site_id", "form_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    form_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    languages: Mapped[list[str]] = mapped_column(JSON)
    question_count: Mapped[int]
    modules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # file and sha256 of what was appended
    sha256: Mapped[str] = mapped_column(String(64))  # of the content
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # the XLSX workbook
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[str] = mapped_column(String(80))
