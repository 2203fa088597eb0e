"""Helpers for the tests of what is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.store.tables import AuditEntry, Base, BudgetLine


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


def audit_entries(session: Session, site_id: int | None = None) -> list[AuditEntry]:
    """Entries of a site, or of everything; the newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    return list(session.scalars(query if site_id is None else query.where(AuditEntry.site_id == site_id)))


def line_of(session: Session, site_id: int, year: int, code: str) -> BudgetLine:
    """One budget line that is there."""
    query = select(BudgetLine).where(BudgetLine.site_id == site_id, BudgetLine.year == year, BudgetLine.code == code)
    return session.scalars(query).one()


def form_body(fields: Mapping[str, str]) -> dict[str, Any]:
    """A form of texts as options of a test client's `post`: the client's own leaves large ones open."""
    edge = "edge-of-a-part"
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    body = "".join([*parts, f"--{edge}--\r\n"]).encode()
    return {"data": body, "content_type": f"multipart/form-data; boundary={edge}"}
