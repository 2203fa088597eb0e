"""Helpers for the tests of what is stored."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Engine, select

from data.store.tables import Base


def store_fingerprint(engine: Engine, bank_folder: Path | None = None) -> str:
    """Hash of every row of every table, the audit trail included, and of every file of the data bank."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            digest.update(f"{table.name}:{rows!r}".encode())
    if bank_folder and bank_folder.exists():
        for file in sorted(bank_folder.rglob("*")):
            content = file.read_bytes() if file.is_file() else b""
            digest.update(f"{file.relative_to(bank_folder)}".encode() + content)
    return digest.hexdigest()
