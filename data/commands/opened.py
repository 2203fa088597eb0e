"""The store that a command works on: opened from the settings, closed when the command ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import AccessError
from data.settings import StoreSettings
from data.store.audit import COMMAND_LINE
from data.store.engine import make_engine, session_factory
from data.store.migrate import migrate
from data.store.sites import load_site
from data.store.users import load_user, roles_of

__all__ = ["BY", "COMMAND_LINE", "OpenedStore", "acting_login", "opened_store"]


BY = click.option("--by", metavar="LOGIN", help="Log-in name of the person who does it; the command line if left out.")


@dataclass(frozen=True)
class OpenedStore:
    """Database sessions and the data bank folder."""

    factory: sessionmaker[Session]
    bank_folder: Path


@contextmanager
def opened_store(settings: StoreSettings | None = None) -> Iterator[OpenedStore]:
    """The store of the settings, its tables up to date."""
    settings = settings or StoreSettings.from_environment()
    migrate(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        yield OpenedStore(session_factory(engine), settings.bank_folder)
    finally:
        engine.dispose()


def acting_login(store: OpenedStore, site: str, by: str | None, roles: frozenset[str]) -> str:
    """Who does it: the account named with --by, which must hold one of the roles at the site, or the command line."""
    if by is None:
        return COMMAND_LINE
    with store.factory() as session:
        site_id = load_site(session, site).id
        held = {role for role, where in roles_of(session, load_user(session, by).id) if where in (None, site_id)}
    if not held & roles:
        raise AccessError("this step of a survey round", "/".join(sorted(held)) or "public")
    return by
