"""Votes on the site: ballot boxes, codes printed beforehand, ballots. Nothing leads from a code to a ballot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class BallotBox(Base):
    """A vote on the site, of a whole site or of a zone, with all that was announced for it, as it was then."""

    __tablename__ = "ballot_box"

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("assembly_process.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)  # level 0: the whole site
    state: Mapped[str] = mapped_column(String(20))  # open, closed, cancelled
    kind: Mapped[str] = mapped_column(String(20))  # of ballot
    most: Mapped[int | None]  # choices, places or points; None where the kind has no number
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asks: Mapped[list[str]] = mapped_column(JSON)  # of sex, age, zone: what results are wanted by
    envelope: Mapped[str] = mapped_column(String(40))  # exact amount
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)  # rule, ties, least_votes, least_group
    projects: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # code, title, description, cost, excludes
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
    statistics: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # frozen when it was closed
    is_synthetic: Mapped[bool] = mapped_column(default=False)


class BallotCodeBatch(Base):
    """Codes that were printed together, for people of one group. How many, and never which."""

    __tablename__ = "ballot_code_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[int] = mapped_column(ForeignKey("ballot_box.id"), index=True)
    sex: Mapped[str] = mapped_column(String(1), default="")  # F, M; empty: not told
    age: Mapped[str] = mapped_column(String(10), default="")
    zone: Mapped[str] = mapped_column(String(40), default="")  # code of an area
    codes: Mapped[int]
    key_check: Mapped[str] = mapped_column(String(16))  # tells another key from a wrong code
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))


class BallotCode(Base):
    """A keyed hash of a code, and whether it has voted. Neither when nor what; removed when the box is closed."""

    __tablename__ = "ballot_code"
    __table_args__ = ({"sqlite_with_rowid": False},)  # ordered by the hash, not by when it came

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("ballot_code_batch.id"), index=True)
    is_used: Mapped[bool] = mapped_column(default=False)


class Ballot(Base):
    """What somebody chose. A key drawn by chance, no moment, no order; removed when the box is closed."""

    __tablename__ = "ballot"
    __table_args__ = ({"sqlite_with_rowid": False},)  # ordered by the key drawn, not by when it came

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    box_id: Mapped[int] = mapped_column(ForeignKey("ballot_box.id"), index=True)
    vote: Mapped[str]  # codes of proposals with commas
    points: Mapped[str] = mapped_column(default="")
    sex: Mapped[str] = mapped_column(String(1), default="")
    age: Mapped[str] = mapped_column(String(10), default="")
    zone: Mapped[str] = mapped_column(String(40), default="")


class WrongCode(Base):
    """An address from which a code came that there is not: guessing is slowed down. Kept for a day."""

    __tablename__ = "wrong_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    address: Mapped[str] = mapped_column(String(60), index=True)


class BallotTally(Base):
    """Ballots on paper or hands, counted by one person and again by another. It counts when both say the same."""

    __tablename__ = "ballot_tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[int] = mapped_column(ForeignKey("ballot_box.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))  # entered, signed, withdrawn
    way: Mapped[str] = mapped_column(String(10))  # paper, hands
    place: Mapped[str] = mapped_column(String(80))  # table or assembly
    zone: Mapped[str] = mapped_column(String(40), default="")  # code of an area
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # vote, points, female, male, other
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_by: Mapped[str] = mapped_column(String(80))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by: Mapped[str] = mapped_column(String(80), default="")
    leaving_by: Mapped[str] = mapped_column(String(80), default="")  # who asked to take a signed count out
    leaving_reason: Mapped[str] = mapped_column(String(400), default="")
