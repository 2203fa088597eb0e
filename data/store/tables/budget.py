"""Budget lines, and the programmes that turn their money into met needs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, Money, Share, UtcDateTime


class BudgetLine(Base):
    """One line of one year's budget with its stages. A stage that the source lacks is null, never 0."""

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("site_id", "year", "code"),
        Index("ix_budget_line_site_id_series", "site_id", "series"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    year: Mapped[int] = mapped_column(index=True)
    code: Mapped[str] = mapped_column(String(200))  # the columns that together name the line, joined by '/'
    series: Mapped[str] = mapped_column(String(32))  # digest of what the line is called in every year
    labels: Mapped[dict[str, str]] = mapped_column(
        JSON
    )  # entity, function, programme, activity, source ... as in the file
    plain_words: Mapped[str] = mapped_column(Text)  # code and label texts in plain letters: what is searched through
    pia: Mapped[Decimal | None] = mapped_column(Money)
    pim: Mapped[Decimal | None] = mapped_column(Money)
    certified: Mapped[Decimal | None] = mapped_column(Money)
    committed: Mapped[Decimal | None] = mapped_column(Money)
    accrued: Mapped[Decimal | None] = mapped_column(Money)
    paid: Mapped[Decimal | None] = mapped_column(Money)
    gender_share: Mapped[Decimal | None] = mapped_column(Share)  # 0-1 as the source states it; null = not stated
    source_file: Mapped[str]
    source_sha256: Mapped[str] = mapped_column(String(64))
    source_line: Mapped[int | None]


class Programme(Base):
    """What money buys. Every parameter carries its source, or the word *assumption*, in `sources`."""

    __tablename__ = "programme"
    __table_args__ = (UniqueConstraint("site_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[dict[str, str]] = mapped_column(JSON)  # by language
    heading: Mapped[dict[str, str]] = mapped_column(JSON)  # the group it is shown under, by language
    position: Mapped[int] = mapped_column(default=0)
    unit_cost: Mapped[Decimal] = mapped_column(Money)  # currency / person / year
    unit_cost_low: Mapped[Decimal | None] = mapped_column(Money)
    unit_cost_high: Mapped[Decimal | None] = mapped_column(Money)
    capacity: Mapped[float | None]  # persons / year, whole site; null = no limit known
    durability_years: Mapped[int] = mapped_column(default=1)
    stated_baseline: Mapped[Decimal | None] = mapped_column(Money)  # only where no budget lines are linked
    floor: Mapped[Decimal | None] = mapped_column(Money)  # whole site
    ceiling: Mapped[Decimal | None] = mapped_column(Money)  # whole site
    is_locked: Mapped[bool] = mapped_column(default=False)
    lock_reason: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))  # by language, with the law
    area_split: Mapped[Any] = mapped_column(JSON)  # "need", "population" or {area code: share}
    beneficiaries: Mapped[dict[str, float] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # persons by group, register
    sources: Mapped[dict[str, str]] = mapped_column(JSON)  # parameter -> source or "assumption: ..."
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # counts changes; the last in its history
    price_year: Mapped[int | None]  # of the amounts; null: not stated
    running_cost: Mapped[Decimal | None] = mapped_column(Money)  # of a work, currency / person it serves / later year


class ProgrammeVersion(Base):
    """A programme as it stood after a change. Versions are only ever added; the number goes on when one comes back."""

    __tablename__ = "programme_version"
    __table_args__ = (UniqueConstraint("site_id", "programme_code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    programme_code: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]  # 1, 2, …
    action: Mapped[str] = mapped_column(String(10))  # add, change, remove, found: as it stood before its history began
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))  # log-in name, or "command line"
    origin: Mapped[str] = mapped_column(String(200))  # page, or the file that it came from
    reason: Mapped[str] = mapped_column(default="")
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # as in a programmes file
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # path, before, after
    model_sha256: Mapped[str | None] = mapped_column(String(64))  # the model that the site's data then gave


class ProgrammeLineShare(Base):
    """The share of a budget line that feeds a programme."""

    __tablename__ = "programme_line_share"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    budget_line_id: Mapped[int] = mapped_column(ForeignKey("budget_line.id"), primary_key=True)
    share: Mapped[Decimal] = mapped_column(Share)  # 0-1


class ProgrammeNeedLink(Base):
    """That a programme meets a need, how well, and for whom."""

    __tablename__ = "programme_need_link"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    indicator_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    reach: Mapped[Any] = mapped_column(JSON)  # "need", "register", {"survey": indicator code} or {group: share}
    effectiveness: Mapped[float]  # 0-1
    effectiveness_low: Mapped[float | None]
    effectiveness_high: Mapped[float | None]
    ceiling: Mapped[float]  # 0-1
    response: Mapped[str] = mapped_column(String(20))  # linear, exponential, tanh
    source: Mapped[str]
