"""The hand-made site `valle` with shapes of its two sectors, figures of both sexes together, and an earlier round."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from dashboard.services import Store
from data.store.engine import transaction
from data.store.tables import Area, Estimate, Indicator, PublishedFigure, Site, SurveyRound

SQUARES = {"S1": (-76.95, -12.2), "S2": (-76.94, -12.2)}
EARLIER = {"female": 0.40, "male": 0.35}  # WATER in the sectors of the earlier round


def square(west: float, south: float, size: float = 0.01) -> dict[str, object]:
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def add_map(store: Store) -> None:
    """Shapes, both sexes together, S2 with its own value for women, and round 2024-1 (exact figures only)."""
    with transaction(store.factory) as session:
        site = session.scalars(select(Site).where(Site.slug == "valle")).one()
        areas = {area.code: area for area in session.scalars(select(Area).where(Area.site_id == site.id))}
        for code, corner in SQUARES.items():
            areas[code].geometry = square(*corner)
        now = session.scalars(select(SurveyRound).where(SurveyRound.site_id == site.id)).one()
        water = session.scalars(select(Indicator).where(Indicator.site_id == site.id, Indicator.code == "WATER")).one()
        for table in (Estimate, PublishedFigure):
            row = session.scalars(
                select(table).where(
                    table.round_id == now.id,
                    table.indicator_id == water.id,
                    table.area_id == areas["S2"].id,
                    table.sex == "female",
                )
            ).one()
            row.estimate, row.count = 0.5, 250.0
        earlier = SurveyRound(
            site_id=site.id,
            code="2024-1",
            starts_on=date(2024, 3, 1),
            ends_on=date(2024, 4, 30),
            coverage_area="todo",
            coverage_rate=None,
            is_census=True,
            area_columns=["sector"],
            household_count=400,
            person_count=1800,
            state="validated",
            bank_path="valle/2024-1",
            content_sha256="0" * 64,
            source="test rows",
        )
        session.add(earlier)
        session.flush()
        for area in areas.values():
            for sex, share in EARLIER.items():
                figures = {"estimate": share, "n": 400, "population": 400.0, "count": share * 400}
                session.add(Estimate(round_id=earlier.id, indicator_id=water.id, area_id=area.id, sex=sex, **figures))


def add_needs(store: Store, count: int) -> None:
    """More indicators with long names, for pages that have to hold many."""
    with transaction(store.factory) as session:
        site = session.scalars(select(Site).where(Site.slug == "valle")).one()
        areas = session.scalars(select(Area).where(Area.site_id == site.id)).all()
        rounds = select(SurveyRound).where(SurveyRound.site_id == site.id, SurveyRound.code == "2026-1")
        now = session.scalars(rounds).one()
        for number in range(count):
            name = f"Personas que participan o votan en el presupuesto participativo o una organización {number}"
            definition = {
                "id": f"NEED{number}",
                "label": {"es": name},
                "level": "person",
                "universe": "age >= 0",
                "numerator": "x = 1",
                "direction": "down",
                "dimension": "participation",
                "version": 1,
            }
            indicator = Indicator(site_id=site.id, code=f"NEED{number}", version=1, definition=definition)
            session.add(indicator)
            session.flush()
            share = 0.6 - number / 100
            for area in areas:
                for sex in ("female", "male", "all"):
                    figures = {
                        "round_id": now.id,
                        "indicator_id": indicator.id,
                        "area_id": area.id,
                        "sex": sex,
                        "age_band": "all",
                        "estimate": share,
                        "n": 500,
                        "population": 500.0,
                        "count": 500 * share,
                    }
                    session.add(Estimate(**figures))
                    session.add(PublishedFigure(**figures, status="shown", least=20))
