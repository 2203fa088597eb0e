"""The population of a municipality in the store: replaced as a whole, so that two sources are never mixed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from budget_model.spending.population import Count, Population
from data.store import audit
from data.store.tables import PopulationCount


def find_population(session: Session, site_id: int) -> Population | None:
    """Counts by year with their source; None where the site has none."""
    query = select(PopulationCount).where(PopulationCount.site_id == site_id).order_by(PopulationCount.year)
    rows = list(session.scalars(query))
    return Population({row.year: Count(row.women, row.men) for row in rows}, rows[0].source) if rows else None


def replace_population(session: Session, site_id: int, actor: str, counts: Mapping[int, Count], source: str) -> None:
    """Put these years in place of whatever the site had."""
    session.execute(delete(PopulationCount).where(PopulationCount.site_id == site_id))
    now = datetime.now(UTC)
    session.add_all(
        PopulationCount(
            site_id=site_id, year=year, women=one.women, men=one.men, source=source, saved_at=now, saved_by=actor
        )
        for year, one in counts.items()
    )
    session.flush()
    audit.record(session, actor, "population.replace", source[:80], site_id, {"years": sorted(counts)})
