"""Notes pinned to points in time of the trends of sites, in versions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class BudgetNote(Base):
    """A note; `version` is its newest, which counts."""

    __tablename__ = "budget_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]


class BudgetNoteSite(Base):
    """A site that a note is pinned to. They are chosen once."""

    __tablename__ = "budget_note_site"
    __table_args__ = (UniqueConstraint("note_id", "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("budget_note.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)


class BudgetNoteVersion(Base):
    """One version of a note. A version never changes: a change and a withdrawal are further versions."""

    __tablename__ = "budget_note_version"
    __table_args__ = (UniqueConstraint("note_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("budget_note.id"), index=True)
    version: Mapped[int]  # 1, 2, …
    state: Mapped[str] = mapped_column(String(20))  # active, withdrawn
    year: Mapped[int]
    month: Mapped[int | None]
    day: Mapped[int | None]
    stage: Mapped[str | None] = mapped_column(String(20))  # null: all stages
    text: Mapped[str]
    source: Mapped[str]  # evidence: a document or an address; empty where none is named
    author: Mapped[str] = mapped_column(String(120))  # the name that stands beside the words
    reason: Mapped[str]  # of a change or a withdrawal
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))  # log-in name, or "command line"
