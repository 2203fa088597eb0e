"""Accounts and the roles they hold, and the record of log-in attempts. Hashing lies in `data.accounts`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store.tables import LoginAttempt, Role, User, UserRole

ROLES = ("public", "official", "monitor", "surveyor", "admin")


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
    """Add an account; InputError when the log-in name is taken or empty."""
    if not login.strip() or login != login.strip():
        raise InputError(Problem("user.login", f"'{login}' cannot be a log-in name: it is empty or has blanks around."))
    if find_user(session, login):
        raise InputError(Problem("user.exists", f"There is a user '{login}' already. Choose another log-in name."))
    user = User(
        login=login,
        display_name=display_name.strip() or login,
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
    audit.record(session, actor, "user.role", user.login, site_id, {"role": role})


def record_attempt(session: Session, login: str, address: str, succeeded: bool) -> None:
    """Keep a log-in attempt, so that all workers count the same."""
    session.add(LoginAttempt(at=datetime.now(UTC), login=login[:80], address=address[:60], succeeded=succeeded))


def count_failures(session: Session, login: str, address: str, since: datetime) -> int:
    """Failed attempts for the log-in name or from the address since a moment."""
    query = (
        select(func.count())
        .select_from(LoginAttempt)
        .where(
            LoginAttempt.succeeded.is_(False),
            LoginAttempt.at >= since,
            or_(LoginAttempt.login == login[:80], LoginAttempt.address == address[:60]),
        )
    )
    return session.scalar(query) or 0
