"""That budget lines of a year changed, and sums of the year that are good as long as nothing changed since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base, UtcDateTime


class BudgetLineChange(Base):
    """That lines of a site's year, or tags that count of them, changed. Rows are only added, with the change itself.

    How many there are and which is the last says whether a sum is still good, also where two changes end in another
    order than they began.
    """

    __tablename__ = "budget_line_change"
    __table_args__ = (Index("ix_budget_line_change_site_id_year", "site_id", "year", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    year: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class BudgetLineSum(Base):
    """Sums of a year's lines by tag, made from the lines as they stood after the changes that `stamp` names."""

    __tablename__ = "budget_line_sum"
    __table_args__ = (UniqueConstraint("site_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    year: Mapped[int]
    stamp: Mapped[str] = mapped_column(String(60))
    document: Mapped[str] = mapped_column(Text)  # JSON, exact decimals as text
