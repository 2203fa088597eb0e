"""Budgets and inhabitants of the municipalities of a country: public figures that belong to no site."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, Money, UtcDateTime


class MunicipalBudget(Base):
    """The amounts of a municipality in a year, as the ministry publishes them."""

    __tablename__ = "municipal_budget"
    __table_args__ = (UniqueConstraint("country", "year", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166-1 alpha-2
    year: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))  # Peru: ubigeo and SEC_EJEC, 150142-301291
    name: Mapped[str] = mapped_column(String(200))
    department: Mapped[str] = mapped_column(String(80))
    province: Mapped[str] = mapped_column(String(80))
    governs: Mapped[str] = mapped_column(String(10))  # district, province
    pia: Mapped[Decimal | None] = mapped_column(Money)
    pim: Mapped[Decimal | None] = mapped_column(Money)
    certified: Mapped[Decimal | None] = mapped_column(Money)
    committed: Mapped[Decimal | None] = mapped_column(Money)
    accrued: Mapped[Decimal | None] = mapped_column(Money)
    paid: Mapped[Decimal | None] = mapped_column(Money)
    source_file: Mapped[str] = mapped_column(String(200))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by: Mapped[str] = mapped_column(String(80))


class DistrictPopulation(Base):
    """Inhabitants of a district. Women and men are null where the source does not tell them apart."""

    __tablename__ = "district_population"
    __table_args__ = (UniqueConstraint("country", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(20))  # Peru: ubigeo of INEI
    year: Mapped[int]
    persons: Mapped[int]
    women: Mapped[int | None]
    men: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(300))
