"""The population of a municipality by sex and year, with where it comes from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class PopulationCount(Base):
    """Women and men of one year, as a census, a register or a projection has them."""

    __tablename__ = "population_count"
    __table_args__ = (UniqueConstraint("site_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    year: Mapped[int]
    women: Mapped[int]
    men: Mapped[int]
    source: Mapped[str]  # the same for all years of a site
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[str] = mapped_column(String(80))
