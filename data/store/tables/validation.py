"""How a round became what is published: runs of the rules, corrections, changes of state, who took part."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class RoundEvent(Base):
    """A change of a round's state. Rows are only ever added."""

    __tablename__ = "round_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))  # log-in name, or "command line"
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)  # cases that remained, hash of corrections and of rules


class Correction(Base):
    """One answer put right, with who, when and why. Rows are only ever added; they are applied in this order."""

    __tablename__ = "correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    record: Mapped[str] = mapped_column(String(10))  # person, household
    record_id: Mapped[int] = mapped_column(BigInteger)
    column_name: Mapped[str] = mapped_column(String(200))  # * is the whole record
    old_value: Mapped[str | None]  # null: no answer
    new_value: Mapped[str | None]
    reason: Mapped[str]


class RoundRepresentation(Base):
    """An organisation of women (or another) that took part in the validation. Never names of persons."""

    __tablename__ = "round_representation"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    organisation: Mapped[str] = mapped_column(String(200))
    women: Mapped[int]
    men: Mapped[int]
    held_on: Mapped[date]
    conclusions: Mapped[str]


class ValidationRun(Base):
    """The rules held against a round: counts and grouped cases, as they stood."""

    __tablename__ = "validation_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    rules_file: Mapped[str] = mapped_column(String(200))
    rules_sha256: Mapped[str] = mapped_column(String(64))
    answers_sha256: Mapped[str] = mapped_column(String(64))  # of the files and the corrections together
    errors: Mapped[int]
    warnings: Mapped[int]
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
