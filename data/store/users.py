"""Accounts and the roles they hold, and the record of log-in attempts. Hashing lies in `data.accounts`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store.tables import LoginAttempt, Role, User, UserRole

ROLES = ("public", "official", "monitor", "surveyor", "admin")
LONGEST_LOGIN, LONGEST_DISPLAY_NAME = 80, 120
LOGIN = re.compile(r"[a-z0-9._@-]{1,80}")  # small letters only: Ana and ana are one person


def ensure_roles(session: Session) -> None:
    """The role table holds every role of `ROLES`."""
    held = set(session.scalars(select(Role.code)))
    session.add_all(Role(code=code) for code in ROLES if code not in held)
    session.flush()


def find_user(session: Session, login: str) -> User | None:
    """The account of a log-in name, or None."""
    return session.scalar(select(User).where(User.login == login))


def load_user(session: Session, login: str) -> User:
    """The account of a log-in name; NotFoundError when there is none."""
    user = find_user(session, login)
    if user is None:
        raise NotFoundError("user", login)
    return user


def list_users(session: Session) -> list[User]:
    """All accounts by log-in name."""
    return list(session.scalars(select(User).order_by(User.login)))


def add_user(session: Session, *, login: str, display_name: str, password_hash: str, actor: str) -> User:
    """Add an account; InputError when the log-in name is taken or cannot be one."""
    if not LOGIN.fullmatch(login):
        message = (
            f"'{login}' cannot be a log-in name. Use up to {LONGEST_LOGIN} small letters, digits and . - _ @ signs."
        )
        raise InputError(Problem("user.login", message, value=login))
    if find_user(session, login):
        raise InputError(Problem("user.exists", f"There is a user '{login}' already. Choose another log-in name."))
    user = User(
        login=login,
        display_name=display_name.strip()[:LONGEST_DISPLAY_NAME] or login,
        password_hash=password_hash,
        is_active=True,
        created_at=datetime.now(UTC),
    )
    session.add(user)
    session.flush()
    audit.record(session, actor, "user.add", login, None, {"display_name": user.display_name})
    return user


def roles_of(session: Session, user_id: int) -> frozenset[tuple[str, int | None]]:
    """Pairs of role and site id; site id None means every site."""
    rows = session.execute(select(UserRole.role_code, UserRole.site_id).where(UserRole.user_id == user_id))
    return frozenset((role, site) for role, site in rows)


def give_role(session: Session, user: User, role: str, site_id: int | None, actor: str) -> None:
    """Give a role at one site or, with `site_id` None, at all. Giving it twice changes nothing."""
    if role not in ROLES:
        raise InputError(Problem("user.role", f"There is no role '{role}'. The roles are: {', '.join(ROLES)}."))
    if (role, site_id) in roles_of(session, user.id):
        return
    ensure_roles(session)
    session.add(UserRole(user_id=user.id, role_code=role, site_id=site_id))
    session.flush()
    audit.record(session, actor, "user.role.give", user.login, site_id, {"role": role})


def take_role(session: Session, user: User, role: str, site_id: int | None, actor: str) -> None:
    """Take a role away; NotFoundError if it is not held there."""
    if (role, site_id) not in roles_of(session, user.id):
        raise NotFoundError(f"role of '{user.login}'", role)
    place = UserRole.site_id.is_(None) if site_id is None else UserRole.site_id == site_id
    session.execute(delete(UserRole).where(UserRole.user_id == user.id, UserRole.role_code == role, place))
    audit.record(session, actor, "user.role.take", user.login, site_id, {"role": role})


def start_attempt(session: Session, login: str, address: str, at: datetime) -> LoginAttempt:
    """Count an attempt as failed until it succeeds, so that many at once cannot slip through."""
    attempt = LoginAttempt(at=at, login=login, address=address, succeeded=False)
    session.add(attempt)
    session.flush()
    return attempt


def last_failures(session: Session, number: int, *, login: str | None = None, address: str = "") -> list[datetime]:
    """Moments of the last failed attempts with a log-in name or, without one, from an address; the newest first."""
    same = LoginAttempt.address == address if login is None else LoginAttempt.login == login
    query = select(LoginAttempt.at).where(LoginAttempt.succeeded.is_(False), same)
    return list(session.scalars(query.order_by(LoginAttempt.at.desc(), LoginAttempt.id.desc()).limit(number)))


def forget_attempts(session: Session, before: datetime) -> None:
    """Remove old attempts: network addresses are not kept longer than they serve."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < before))
