"""A site's own price index in the store: replaced as a whole, because levels of two series must not be mixed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.store import audit
from data.store.tables import PriceLevel


def find_levels(session: Session, site_id: int) -> tuple[dict[int, Decimal], str] | None:
    """Values by year and their source; None where the site has no index of its own."""
    query = select(PriceLevel).where(PriceLevel.site_id == site_id).order_by(PriceLevel.year)
    rows = list(session.scalars(query))
    return ({row.year: row.value for row in rows}, rows[0].source) if rows else None


def replace_levels(session: Session, site_id: int, actor: str, values: Mapping[int, Decimal], source: str) -> None:
    """Put these years in place of whatever the site had; none takes its own index away."""
    session.execute(delete(PriceLevel).where(PriceLevel.site_id == site_id))
    now = datetime.now(UTC)
    session.add_all(
        PriceLevel(site_id=site_id, year=year, value=value, source=source, saved_at=now, saved_by=actor)
        for year, value in values.items()
    )
    session.flush()
    audit.record(session, actor, "prices.replace", source[:80], site_id, {"years": sorted(values)})
