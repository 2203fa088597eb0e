"""Sites and their areas."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base


class Site(Base):
    """A municipality (or settlement group) that keeps a CBMS."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)  # stands in addresses: /es/<slug>/...
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166-1 alpha-2
    official_code: Mapped[str | None] = mapped_column(String(40))  # Peru: ubigeo
    currency: Mapped[str] = mapped_column(String(3))  # ISO 4217
    is_synthetic: Mapped[bool] = mapped_column(default=False)  # marked on every screen and export
    source: Mapped[str] = mapped_column(default="")  # whence name, areas and geometry come


class Area(Base):
    """A piece of a site; level 0 is the site itself, 1 its sectors, 2 their neighbourhoods."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("site_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    level: Mapped[int]
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    geometry: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # GeoJSON geometry, WGS 84
