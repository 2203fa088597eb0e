"""Gender tags of budget lines in versions, the newest of each line, and blind ratings of raters.

A line is named by site, year and code and not by its row: a line that a re-import removed keeps the history of its tag,
and has its tag again when it comes back.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, Share, UtcDateTime


class LineTagVersion(Base):
    """One version of one line's tag. A version never changes: whatever is done to a tag is a further version."""

    __tablename__ = "line_tag_version"
    __table_args__ = (UniqueConstraint("site_id", "year", "code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    year: Mapped[int]
    code: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]  # 1, 2, …
    state: Mapped[str] = mapped_column(String(20))  # proposed, reviewed, approved, disputed
    action: Mapped[str] = mapped_column(String(20))  # propose, review, approve, dispute, return
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))  # who took this step
    author: Mapped[str] = mapped_column(String(80))  # who wrote the content
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # the facets, see budget_model.spending.tags
    rationale: Mapped[str]  # of the content
    evidence: Mapped[list[str]] = mapped_column(JSON)  # of the content: documents, addresses
    reason: Mapped[str] = mapped_column(default="")  # of a dispute or a return; a remark of a review
    restored_version: Mapped[int | None]  # the version that a return went back to
    batch: Mapped[str | None] = mapped_column(String(40), index=True)  # the same for all lines of one bulk step


class LineTag(Base):
    """Where a line's tag stands: its newest version, and the one that counts because it was approved.

    The facets repeat those of the newest version, so that the database can filter and sort by them.
    """

    __tablename__ = "line_tag"
    __table_args__ = (
        UniqueConstraint("site_id", "year", "code"),
        Index("ix_line_tag_site_id_year_state", "site_id", "year", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    year: Mapped[int]
    code: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    version_id: Mapped[int] = mapped_column(ForeignKey("line_tag_version.id"), index=True)
    approved_id: Mapped[int | None] = mapped_column(ForeignKey("line_tag_version.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(80))
    author: Mapped[str] = mapped_column(String(80))
    marker: Mapped[str] = mapped_column(String(10))
    sharp: Mapped[str | None] = mapped_column(String(80))
    policy: Mapped[str | None] = mapped_column(String(80))
    beneficiary: Mapped[str | None] = mapped_column(String(80))
    women_share: Mapped[Decimal | None] = mapped_column(Share)  # 0-1; null = not known
    scheme: Mapped[str | None] = mapped_column(String(40))  # by which it is attributed
    counted_share: Mapped[Decimal | None] = mapped_column(Share)  # 0-1, by that scheme; null = nothing can be said
    is_locked: Mapped[bool]
    is_capital: Mapped[bool]


class LineRating(Base):
    """What a rater said of a line in one scheme without being shown its tag. Rows are only added; the last counts."""

    __tablename__ = "line_rating"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    year: Mapped[int]
    code: Mapped[str] = mapped_column(String(200))
    scheme: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(80))
    rater: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
