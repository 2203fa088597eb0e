"""The person in front of the screen, as pages and services know her: frozen, without password, with roles by site."""

from __future__ import annotations

from dataclasses import dataclass

PUBLIC = "public"


@dataclass(frozen=True)
class Person:
    """Somebody, perhaps anonymous. `roles` are pairs of role and site id; site id None means every site."""

    id: int | None
    login: str
    display_name: str
    roles: frozenset[tuple[str, int | None]] = frozenset()

    def roles_at(self, site_id: int | None) -> frozenset[str]:
        """Roles held at the site; everybody is *public* everywhere."""
        held = {role for role, site in self.roles if site is None or site == site_id}
        return frozenset(held | {PUBLIC})

    def roles_anywhere(self) -> frozenset[str]:
        return frozenset({role for role, _ in self.roles} | {PUBLIC})

    # What Flask-Login asks for
    @property
    def is_authenticated(self) -> bool:
        return self.id is not None

    @property
    def is_anonymous(self) -> bool:
        return self.id is None

    @property
    def is_active(self) -> bool:
        return True

    def get_id(self) -> str:
        return str(self.id)


ANONYMOUS = Person(id=None, login="", display_name="")
