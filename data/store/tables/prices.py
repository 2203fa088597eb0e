"""A site's own price index: a value a year, with where it comes from."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, Money, UtcDateTime


class PriceLevel(Base):
    """The average level of prices of one year, in an index whose base does not matter."""

    __tablename__ = "price_level"
    __table_args__ = (UniqueConstraint("site_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    year: Mapped[int]
    value: Mapped[Decimal] = mapped_column(Money)  # above 0, four decimals
    source: Mapped[str]  # the same for all years of a site
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
