"""Models as they stood when somebody used them, and the scenarios people saved."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, Money, UtcDateTime


class ModelSnapshot(Base):
    """A portable model document under the hash of its content: a scenario can always be run again on it."""

    __tablename__ = "model_snapshot"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"))
    budget_year: Mapped[int | None]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Scenario(Base):
    """A saved allocation of one year, or plan of several. Saving again makes another row; nothing is overwritten."""

    __tablename__ = "scenario"
    __table_args__ = (UniqueConstraint("site_id", "owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    model_sha256: Mapped[str] = mapped_column(ForeignKey("model_snapshot.sha256"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, Any]] = mapped_column(JSON)  # totals as the server computed them, of a plan over its years
    n_years: Mapped[int] = mapped_column(default=1, server_default="1")
    growth: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # a year, as stated
    limits: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # assumed, of its search


class Allocation(Base):
    """Money of a scenario by year of its plan (1: the year that the model describes), programme and area."""

    __tablename__ = "allocation"

    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1, server_default="1")
    programme_code: Mapped[str] = mapped_column(String(80), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(80), primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Money)
