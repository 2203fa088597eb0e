"""Work that runs in the background: who asked for what, how far it is, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime

ACTIVE = text("state IN ('queued', 'running')")


class Job(Base):
    """One run of one kind of work. It belongs to its owner: nobody else finds it."""

    __tablename__ = "job"
    # At most one that waits or runs of a kind and person, however many processes are asked at once.
    __table_args__ = (
        Index("uq_job_active", "owner_id", "kind", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
        Index("ix_job_state_heartbeat_at", "state", "heartbeat_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # random: it says nothing of other jobs
    kind: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    parameters_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))  # queued, running, done, failed, cancelled
    is_cancel_wanted: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)  # how often a worker has taken it
    worker: Mapped[str | None] = mapped_column(String(120))  # who has it, or had it last
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]  # null: not known
    step: Mapped[str] = mapped_column(String(60), default="")  # what is being done, a key of the screens' words
    result: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    file_name: Mapped[str | None] = mapped_column(String(200))
    file_type: Mapped[str | None] = mapped_column(String(100))
    file_content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # facts of the error
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)  # last sign of life of whoever has it
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
