"""Answers to scorecards in versions: rows are only ever added, the newest counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class ScorecardAnswer(Base):
    """One answer of a site to one question of a scorecard, about one year, as somebody gave it."""

    __tablename__ = "scorecard_answer"
    __table_args__ = (UniqueConstraint("site_id", "card", "year", "question", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    card: Mapped[str] = mapped_column(String(40))
    card_version: Mapped[int]  # of the scorecard that was answered
    year: Mapped[int]
    question: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]  # 1, 2, …
    value: Mapped[str | None] = mapped_column(String(40))  # code of an answer; null: taken back, not assessed
    evidence: Mapped[list[str]] = mapped_column(JSON)  # documents, addresses
    note: Mapped[str] = mapped_column(default="")
    prefill: Mapped[str | None] = mapped_column(String(40))  # what the system held, where its proposal was taken over
    prefill_facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # as they stood then
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))  # log-in name, or "command line"
