"""Who may do what with tags: asked at the last door before the store, for pages and command line alike."""

from __future__ import annotations

from sqlalchemy.orm import Session

from budget_model.errors import AccessError, InputError, Problem
from data.store.audit import COMMAND_LINE
from data.store.users import find_user, roles_of

TAGGERS = frozenset({"official", "admin"})  # propose, review, approve, return
DOUBTERS = TAGGERS | {"monitor"}  # dispute; rate blind, which changes no figure


def require_role(session: Session, actor: str, site_id: int, roles: frozenset[str], action: str) -> None:
    """Pass if the account is open and holds one of the roles at the site.

    What is done on the command line without a name passes: whoever runs it owns the machine. Steps that need a second
    person ask for a name besides (`require_name`).
    Raises AccessError.
    """
    if actor == COMMAND_LINE:
        return
    user = find_user(session, actor)
    held = {role for role, site in roles_of(session, user.id) if site in (None, site_id)} if user else set()
    if user is None or not user.is_active or not held & roles:
        raise AccessError(action, "/".join(sorted(held)) or "public")


def require_name(actor: str, action: str) -> None:
    """Refuse a step that must be a person's where nobody says who it is."""
    if actor == COMMAND_LINE:
        message = f"To {action} a tag takes a person whose name stands beside it. Say who you are: --as LOGIN."
        raise InputError(Problem("tag_nameless", message))
