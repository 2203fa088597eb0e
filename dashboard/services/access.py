"""The door of every service: `require` raises `AccessError` unless one of the roles is held at the site."""

from __future__ import annotations

from typing import Protocol

from budget_model.errors import AccessError
from dashboard.auth.person import PUBLIC, Person

EVERYBODY = frozenset({PUBLIC, "surveyor", "monitor", "official", "admin"})
SIGNED_IN = frozenset({"surveyor", "monitor", "official", "admin"})  # may read what the public may not
PLANNERS = frozenset({"official", "admin"})  # may change scenarios and programmes


class HasId(Protocol):
    """A site, or whatever stands for it."""

    @property
    def id(self) -> int: ...


def require(user: Person, roles: frozenset[str], site: HasId | None, action: str = "see this page") -> None:
    """Pass if `user` holds one of `roles` at `site` (None: at any site); else raise `AccessError`.

    Raises
    ------
    AccessError : names the action and the strongest role held.
    """
    held = user.roles_at(site.id) if site is not None else user.roles_anywhere()
    if not held & roles:
        raise AccessError(action, "/".join(sorted(held - {PUBLIC})) or PUBLIC)


def may(user: Person, roles: frozenset[str], site: HasId | None) -> bool:
    """Whether `require` would pass."""
    held = user.roles_at(site.id) if site is not None else user.roles_anywhere()
    return bool(held & roles)
