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
from data.store.engine import one_at_a_time, transaction
from data.store.tables import LoginAttempt, User

HASHER = PasswordHasher()
FAILURES_ALLOWED = 5
WINDOW = timedelta(minutes=1)
KEPT = timedelta(days=1)  # attempts, with the address they came from
LONGEST_ADDRESS = 60
LOGIN_LOCK = 7_216_340_952
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
    """Check a log-in. Five failures within a minute, by name or from an address, lock it for a minute.

    The attempt counts as failed before the password is looked at: a thousand at once are counted like a thousand in
    a row. A name that nobody has takes as long and is locked like any other. An attempt while locked is not counted.
    """
    now = now or datetime.now(UTC)
    login, address = stored_login(login), address[:LONGEST_ADDRESS]
    with transaction(factory) as session:
        one_at_a_time(session, LOGIN_LOCK)
        if _is_locked(session, login, address, now):
            return Outcome.LOCKED, None
        users.forget_attempts(session, now - KEPT)
        attempt_id = users.start_attempt(session, login, address, now).id
        user = users.find_user(session, login)
        password_hash = user.password_hash if user else _decoy_hash()
        account = _account(session, user) if user and user.is_active else None
    # the slow part runs outside any transaction
    if not verify_password(password_hash, password) or account is None:
        return Outcome.REFUSED, None
    with transaction(factory) as session:
        session.get_one(LoginAttempt, attempt_id).succeeded = True
    return Outcome.ADMITTED, account


def stored_login(login: str) -> str:
    """A log-in name as it is stored: without space around it, in small letters."""
    return login.strip().lower()[: users.LONGEST_LOGIN]


def _is_locked(session: Session, login: str, address: str, now: datetime) -> bool:
    """Whether the last failures fell within one window that ended less than a window ago."""
    by_login = users.last_failures(session, FAILURES_ALLOWED, login=login)
    by_address = users.last_failures(session, FAILURES_ALLOWED, address=address)
    return any(
        len(moments) == FAILURES_ALLOWED and moments[0] - moments[-1] <= WINDOW and now - moments[0] < WINDOW
        for moments in (by_login, by_address)
    )


def load_account(factory: sessionmaker[Session], user_id: int) -> Account | None:
    """The active account of an id, with today's roles; None when it is closed or gone."""
    with factory() as session:
        user = session.get(User, user_id)
        return _account(session, user) if user and user.is_active else None


def _account(session: Session, user: User) -> Account:
    return Account(user.id, user.login, user.display_name, users.roles_of(session, user.id))
