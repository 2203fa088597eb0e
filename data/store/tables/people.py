"""Accounts, roles, log-in attempts and the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class User(Base):
    """Somebody who can log in. `user` is a reserved word in PostgreSQL, hence the table's name."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str]  # argon2id
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Role(Base):
    """The roles there are: public, official, monitor, surveyor, admin."""

    __tablename__ = "role"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)


class UserRole(Base):
    """A role somebody holds, at one site or (site null) at all."""

    __tablename__ = "user_role"
    __table_args__ = (
        UniqueConstraint("user_id", "role_code", "site_id"),
        # Nulls differ from each other, so that a role at all sites needs its own rule.
        Index(
            "uq_user_role_everywhere",
            "user_id",
            "role_code",
            unique=True,
            sqlite_where=text("site_id IS NULL"),
            postgresql_where=text("site_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role_code: Mapped[str] = mapped_column(ForeignKey("role.code"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))


class LoginAttempt(Base):
    """Attempts are counted in the database, so that all workers see the same number."""

    __tablename__ = "login_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    login: Mapped[str] = mapped_column(String(80), index=True)
    address: Mapped[str] = mapped_column(String(60), index=True)
    succeeded: Mapped[bool]


class AuditEntry(Base):
    """Who changed what, and when. Rows are only ever added."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(80))  # log-in name, or "command line"
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    action: Mapped[str] = mapped_column(String(60))  # e.g. scenario.save, survey.import
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
