"""The participatory budget of a year: its process, who took part, proposals in versions, and votes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, Degrees, Money, Share, UtcDateTime


class AssemblyProcess(Base):
    """The participatory budget of a site in a year: what was announced. One row; the audit trail keeps its changes."""

    __tablename__ = "assembly_process"
    __table_args__ = (UniqueConstraint("site_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    year: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
    phases: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # {phase, starts_on, ends_on}, days as ISO texts
    envelope: Mapped[Decimal | None] = mapped_column(Money)  # currency, for the whole site
    zone_envelopes: Mapped[dict[str, str]] = mapped_column(JSON)  # area code -> exact amount as text
    rule: Mapped[str] = mapped_column(String(40))
    ties: Mapped[str] = mapped_column(String(80))
    least_votes: Mapped[int | None]  # None: what the file of the vote says
    least_group: Mapped[int]  # no result of a group of fewer voters is shown
    citation: Mapped[str] = mapped_column(default="")  # law, regulation, local ordinance
    effective_on: Mapped[date | None]  # of what is cited
    criteria: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))  # the matrix, if announced
    quorum: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # None: none was announced
    is_synthetic: Mapped[bool] = mapped_column(default=False)


class AssemblyParticipants(Base):
    """How many people of a sex, an age group, a zone and an organisation registered as participants. Never who."""

    __tablename__ = "assembly_participants"
    __table_args__ = (
        UniqueConstraint(
            "process_id", "sex", "age_band", "area_id", "organisation", name="uq_assembly_participants_group"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("assembly_process.id"), index=True)
    sex: Mapped[str] = mapped_column(String(10))  # female, male, other (another, or not stated)
    age_band: Mapped[str] = mapped_column(String(10))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)  # level 0: not told by zone
    organisation: Mapped[str] = mapped_column(String(120), default="")  # that they stand for; "": not told
    persons: Mapped[int]


class AssemblyProposal(Base):
    """One version of one proposal. A version never changes: an edit, a review and a withdrawal are further versions."""

    __tablename__ = "assembly_proposal"
    __table_args__ = (
        UniqueConstraint("process_id", "code", "version"),
        UniqueConstraint("process_id", "sent_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("assembly_process.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]  # 1, 2, …; the highest counts
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
    title: Mapped[dict[str, str]] = mapped_column(JSON)  # by language
    description: Mapped[dict[str, str]] = mapped_column(JSON)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)  # level 0: the whole site
    cost: Mapped[Decimal | None] = mapped_column(Money)  # None: not priced yet
    category: Mapped[str] = mapped_column(String(80))
    need_code: Mapped[str | None] = mapped_column(String(40))  # an indicator of the site
    women: Mapped[int | None]  # who benefits, persons a year; None: not stated
    men: Mapped[int | None]
    unit_cost: Mapped[Decimal | None] = mapped_column(Money)  # currency a person and year
    state: Mapped[str] = mapped_column(String(20))  # of `STATES` in budget_model.assembly.proposals
    reason: Mapped[str] = mapped_column(default="")  # of the review; compulsory with every state but the first
    excludes: Mapped[list[str]] = mapped_column(JSON)  # codes of proposals of which only one may win
    merged_into: Mapped[str | None] = mapped_column(String(40))  # code of the proposal that it became part of
    longitude: Mapped[Decimal | None] = mapped_column(Degrees)  # WGS 84, within the site; None: not stated
    latitude: Mapped[Decimal | None] = mapped_column(Degrees)
    photo_sha256: Mapped[str | None] = mapped_column(String(64))  # of a photo of the process
    photo_text: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # what it shows, by language
    sent_key: Mapped[str | None] = mapped_column(String(64))  # of the form it came with: sent twice, it counts once
    is_synthetic: Mapped[bool] = mapped_column(default=False)


class AssemblyPhoto(Base):
    """A photo of a proposal, written anew without anything about where it was taken. It never changes."""

    __tablename__ = "assembly_photo"
    __table_args__ = (UniqueConstraint("process_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("assembly_process.id"))
    sha256: Mapped[str] = mapped_column(String(64))  # of `content`
    content: Mapped[bytes] = mapped_column(LargeBinary)  # JPEG
    small: Mapped[bytes] = mapped_column(LargeBinary)  # JPEG for lists and phones
    width: Mapped[int]  # pixels of `content`
    height: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))


class AssemblyVote(Base):
    """A vote as it came in, byte by byte, and what was counted from it."""

    __tablename__ = "assembly_vote"

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("assembly_process.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)  # level 0: the whole site
    state: Mapped[str] = mapped_column(String(20))  # counted, replaced
    source_file: Mapped[str]
    source_sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)  # the .pb file
    ballots: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(default="")  # why it took the place of an earlier one
    result: Mapped[dict[str, Any]] = mapped_column(JSON)  # by the rule announced
    study: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # other rules, chance
    record: Mapped[dict[str, Any]] = mapped_column(JSON)  # sealed; ballots without anything of persons
    is_synthetic: Mapped[bool] = mapped_column(default=False)


class AssemblyScore(Base):
    """What the proposals of a process would do for the needs of a round, as it was computed last."""

    __tablename__ = "assembly_score"
    __table_args__ = (UniqueConstraint("process_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("assembly_process.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    # (K, D, 2) persons in float32: women and men in every draw, by `content["drawn_codes"]`; only lists ask for it
    drawn: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class WinnerLine(Base):
    """That a budget line carries out a winner. The line is named by year and code: it may go and return."""

    __tablename__ = "winner_line"
    __table_args__ = (UniqueConstraint("process_id", "proposal_code", "year", "line_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[int] = mapped_column(ForeignKey("assembly_process.id"), index=True)
    proposal_code: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]  # of the budget
    line_code: Mapped[str] = mapped_column(String(200))
    share: Mapped[Decimal] = mapped_column(Share)  # of the line's money that is the winner's, above 0 to 1
    origin: Mapped[str] = mapped_column(String(10))  # made: written from the winner; matched: by a person
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
