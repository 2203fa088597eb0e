"""Imports of budget files: what each read, kept and changed; and the mappings that a site keeps for its tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class BudgetImport(Base):
    """One import of one file. Amounts stand as text of exact decimals."""

    __tablename__ = "budget_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    source_file: Mapped[str]
    source_sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(20))  # mef, consulta, fdp, table, export
    municipality: Mapped[str | None] = mapped_column(String(40))  # the rows that were kept; null = all of them
    rows_read: Mapped[int | None]  # null: the source does not count rows
    rows_kept: Mapped[int | None]
    new_count: Mapped[int]
    changed_count: Mapped[int]
    unchanged_count: Mapped[int]
    gone_count: Mapped[int]
    has_removed: Mapped[bool]  # whether the lines that are gone were removed
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)  # year -> {lines, before, file, after: stage -> amount}
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class BudgetImportChange(Base):
    """One line that an import found new, changed or gone. Lines of a year that was empty before are counted only."""

    __tablename__ = "budget_import_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("budget_import.id"), index=True)
    year: Mapped[int]
    code: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))  # new, moved (an amount), relabelled, gone
    name: Mapped[str]  # what the line is called
    is_tagged: Mapped[bool]
    before: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # stage -> amount; null: was not there
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class BudgetMapping(Base):
    """A mapping of a table's columns that a site keeps, as its YAML text. Saving again replaces it."""

    __tablename__ = "budget_mapping"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str]
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
