"""Log-in: passwords, attempts counted in the database (so that all workers see them), the person with her roles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from dashboard.auth.person import Person
from data.store.engine import transaction
from data.store.tables import LoginAttempt, User, UserRole

if TYPE_CHECKING:
    from dashboard.services import Store

WINDOW = timedelta(minutes=10)
MOST_FAILURES_OF_LOGIN = 5
MOST_FAILURES_OF_ADDRESS = 30  # a whole office may share one
LONGEST_LOGIN = 80
hasher = PasswordHasher()


class Refusal(StrEnum):
    """Why somebody was not let in."""

    WRONG = "wrong"
    TOO_MANY = "too many"


class AccountService:
    """Checks passwords and finds persons. The only service that is asked by strangers."""

    minutes_to_wait = int(WINDOW.total_seconds() // 60)

    def __init__(self, store: Store):
        self._store = store

    def person(self, user_id: int) -> Person | None:
        """The active user of a session, or None."""
        with self._store.factory() as session:
            user = session.get(User, user_id)
            return make_person(session, user) if user and user.is_active else None

    def log_in(self, login: str, password: str, address: str) -> Person | Refusal:
        """The person, or why not. Every attempt is recorded; too many failures close the door for a while."""
        login, now = login[:LONGEST_LOGIN], datetime.now(UTC)
        with transaction(self._store.factory) as session:
            if is_closed(session, login, address, now):
                return Refusal.TOO_MANY
            user = session.scalar(select(User).where(User.login == login))
            is_right = matches(user.password_hash if user else unknown_hash(), password)
            is_in = bool(user and user.is_active and is_right)
            session.add(LoginAttempt(at=now, login=login, address=address, succeeded=is_in))
            return make_person(session, user) if user and is_in else Refusal.WRONG


def is_closed(session: Session, login: str, address: str, now: datetime) -> bool:
    """Whether this log-in name or this network address has failed too often within the window."""
    recent = (LoginAttempt.at > now - WINDOW, LoginAttempt.succeeded.is_(False))
    query = select(LoginAttempt.login, func.count()).where(
        *recent, or_(LoginAttempt.login == login, LoginAttempt.address == address)
    )
    by_login = dict(session.execute(query.group_by(LoginAttempt.login)).tuples().all())
    of_address = select(func.count()).where(*recent, LoginAttempt.address == address)
    is_address_closed = (session.scalar(of_address) or 0) >= MOST_FAILURES_OF_ADDRESS
    return by_login.get(login, 0) >= MOST_FAILURES_OF_LOGIN or is_address_closed


def matches(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def unknown_hash() -> str:
    """Checked in place of a user who does not exist, so that the time taken tells nothing."""
    return hasher.hash("nobody has this password")


def make_person(session: Session, user: User) -> Person:
    held = session.execute(select(UserRole.role_code, UserRole.site_id).where(UserRole.user_id == user.id)).tuples()
    return Person(user.id, user.login, user.display_name, frozenset(held.all()))
