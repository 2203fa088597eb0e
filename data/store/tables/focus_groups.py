"""Focus groups: versions of sessions, the priorities named in them, and how they are mixed into the model's weights."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, Share, UtcDateTime


class FocusGroupSession(Base):
    """One version of one session. A version never changes: an edit and a withdrawal are further versions."""

    __tablename__ = "focus_group_session"
    __table_args__ = (UniqueConstraint("site_id", "code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]  # 1, 2, …; the highest counts
    state: Mapped[str] = mapped_column(String(20))  # active, withdrawn
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))  # log-in name, or "command line"
    reason: Mapped[str] = mapped_column(default="")  # of an edit or a withdrawal
    held_on: Mapped[date]
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)  # level 0: people of the whole site
    place: Mapped[str] = mapped_column(String(200))
    composition: Mapped[str] = mapped_column(String(10))  # women, men, mixed
    facilitator: Mapped[str] = mapped_column(String(200))  # an organisation, never a person
    method: Mapped[str] = mapped_column(String(10))  # points, ranks
    participants: Mapped[dict[str, dict[str, int]]] = mapped_column(JSON)  # sex -> age band -> persons
    findings: Mapped[str]
    quotes: Mapped[list[str]] = mapped_column(JSON)  # without names
    hints_accepted: Mapped[int] = mapped_column(default=0)  # places that looked like a name, stored on confirmation
    is_synthetic: Mapped[bool] = mapped_column(default=False)


class FocusGroupPriority(Base):
    """Points or rank that a group gave to a need in a version of a session. No row: it was not on the table."""

    __tablename__ = "focus_group_priority"
    __table_args__ = (UniqueConstraint("session_id", "indicator_code", "target_group"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("focus_group_session.id"), index=True)
    indicator_code: Mapped[str] = mapped_column(String(40))
    target_group: Mapped[str] = mapped_column(String(20))  # women, men
    score: Mapped[float]


class PriorityMix(Base):
    """How much the focus groups count in the weights of a site's model. Rows are only ever added; the last counts."""

    __tablename__ = "priority_mix"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String(80))
    focus_share: Mapped[Decimal] = mapped_column(Share)  # 0: survey only, 1: focus groups only
    weighting: Mapped[str] = mapped_column(String(20))  # of sessions: participants, session
    reason: Mapped[str] = mapped_column(default="")
