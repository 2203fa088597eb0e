"""Subscriptions to digests of alerts, and the digests that were made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class DigestSubscription(Base):
    """What somebody wants to be told, how often, and where to. Never a secret of a mail server."""

    __tablename__ = "digest_subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    sites: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # slugs; null: all that the person may see
    scheme: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(String(20))
    rules: Mapped[list[str]] = mapped_column(JSON)  # cut, slow, gone, december
    language: Mapped[str] = mapped_column(String(2))
    frequency: Mapped[str] = mapped_column(String(10))  # weekly, monthly, import
    delivery: Mapped[str] = mapped_column(String(10))  # file, mail
    address: Mapped[str | None] = mapped_column(String(254))  # of mail
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # unsubscribed


class DigestIssue(Base):
    """One digest of a subscription for a period: at most one, delivered at most once."""

    __tablename__ = "digest_issue"
    __table_args__ = (UniqueConstraint("subscription_id", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("digest_subscription.id"), index=True)
    period: Mapped[str] = mapped_column(String(40))  # 2026-W48, 2026-11, import-57 (the newest import that it knows)
    state: Mapped[str] = mapped_column(String(10))  # making, failed, delivered
    attempted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error_rule: Mapped[str | None] = mapped_column(String(20))  # why the last attempt failed, for screens
    error: Mapped[str] = mapped_column(default="")  # the same as a sentence, for the command line
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # of what was delivered
    content_sha256: Mapped[str | None] = mapped_column(String(64))
    place: Mapped[str | None] = mapped_column(String(300))  # file below the digest folder, or the mail address
