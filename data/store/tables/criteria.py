"""Points of proposals by the municipality's own criteria."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class AssemblyMark(Base):
    """Points of a proposal for a criterion, as they stand; the audit trail keeps earlier ones."""

    __tablename__ = "assembly_mark"
    __table_args__ = (UniqueConstraint("process_id", "proposal_code", "criterion"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("assembly_process.id"), index=True)
    proposal_code: Mapped[str] = mapped_column(String(40))
    criterion: Mapped[str] = mapped_column(String(40))
    points: Mapped[str] = mapped_column(String(20))  # exact, as a text
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
