"""What a site knows of the users of its programmes: counted tables, fees, hours of unpaid work that they spare."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class IncidenceInput(Base):
    """A file that was taken in. They are only ever added; the newest of a kind counts."""

    __tablename__ = "incidence_input"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # users, questions
    document: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `data/workflows/incidence_inputs.py` writes it
    file_name: Mapped[str] = mapped_column(String(200))
    content_sha256: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))  # log-in name, or "command line"
