"""Passwords and log-in: argon2id hashes, attempts limited across all workers, the same answer for every failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.store import users
from data.store.engine import transaction

HASHER = PasswordHasher()
FAILURES_ALLOWED = 5
WINDOW = timedelta(minutes=1)
SHORTEST_PASSWORD = 10


class Outcome(StrEnum):
    """How a log-in ended."""

    ADMITTED = "admitted"
    REFUSED = "refused"  # unknown name, wrong password or closed account: nobody learns which
    LOCKED = "locked"  # too many failures within the window


@dataclass(frozen=True)
class Account:
    """Somebody who may log in, with roles as pairs of role and site id (None: every site)."""

    id: int
    login: str
    display_name: str
    roles: frozenset[tuple[str, int | None]]


def hash_password(password: str) -> str:
    """Argon2id hash; InputError where the password is too short to be safe."""
    if len(password) < SHORTEST_PASSWORD:
        raise InputError(
            Problem("user.password", f"The password has {len(password)} characters; use {SHORTEST_PASSWORD} or more.")
        )
    return HASHER.hash(password)


@lru_cache(maxsize=1)
def _decoy_hash() -> str:
    """Hash that no password matches: verifying it takes as long as a real one."""
    return HASHER.hash("no account has this password, and no one can log in with it")


def verify_password(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash."""
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def log_in(
    factory: sessionmaker[Session], login: str, password: str, address: str, now: datetime | None = None
) -> tuple[Outcome, Account | None]:
    """Check a log-in and keep the attempt. Five failures a minute, by name or by address, lock for that minute."""
    now = now or datetime.now(UTC)
    with factory() as session:
        if users.count_failures(session, login, address, now - WINDOW) >= FAILURES_ALLOWED:
            return Outcome.LOCKED, None
        user = users.find_user(session, login)
        password_hash = user.password_hash if user else _decoy_hash()
        account = _account(session, user) if user and user.is_active else None
    # the slow part runs outside any transaction
    is_right = verify_password(password_hash, password) and account is not None
    with transaction(factory) as session:
        users.record_attempt(session, login, address, is_right)
    return (Outcome.ADMITTED, account) if is_right else (Outcome.REFUSED, None)


def load_account(factory: sessionmaker[Session], user_id: int) -> Account | None:
    """The active account of an id, with today's roles; None when it is closed or gone."""
    with factory() as session:
        user = session.get(users.User, user_id)
        return _account(session, user) if user and user.is_active else None


def _account(session: Session, user: users.User) -> Account:
    return Account(user.id, user.login, user.display_name, users.roles_of(session, user.id))
