"""The store that a command works on: opened from the settings, closed when the command ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from data.settings import StoreSettings
from data.store.audit import COMMAND_LINE
from data.store.engine import make_engine, session_factory
from data.store.migrate import migrate

__all__ = ["COMMAND_LINE", "OpenedStore", "opened_store"]


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
