"""What everybody may see of a round: its protected figures, made once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class Publication(Base):
    """The publication of a round. `secret` and `rounded_sets` never leave the database: they would undo the protection.

    They are kept so that publishing again gives the same figures.
    """

    __tablename__ = "publication"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    secret: Mapped[str] = mapped_column(String(64))  # hexadecimal
    rounded_sets: Mapped[dict[str, Any]] = mapped_column(JSON)  # base -> "key/size" -> rounded finest cells
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)  # method, bases, thresholds; may be shown


class PublishedFigure(Base):
    """One protected figure. Null: hidden, because too few persons are behind it (`status` says so)."""

    __tablename__ = "published_figure"
    __table_args__ = (UniqueConstraint("round_id", "indicator_id", "area_id", "sex", "age_band"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    sex: Mapped[str] = mapped_column(String(10))  # female, male, all
    age_band: Mapped[str] = mapped_column(String(20))  # e.g. 15-24, or all
    status: Mapped[str] = mapped_column(String(20))  # shown, protected (hidden), nobody (the universe has none)
    least: Mapped[int]  # smallest rounded count, inside and outside the numerator, that is shown
    estimate: Mapped[float | None]
    standard_error: Mapped[float | None]
    ci_low: Mapped[float | None]
    ci_high: Mapped[float | None]
    cv: Mapped[float | None]
    n: Mapped[int | None]  # persons in the universe, unweighted, rounded
    population: Mapped[float | None]  # persons in the universe, weighted, from rounded counts
    count: Mapped[float | None]  # persons in the numerator, weighted, from rounded counts; null for a mean
