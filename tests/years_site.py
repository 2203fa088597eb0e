"""The made-up site with what years and draws need: one programme that builds works, ranges, and survey errors."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from dashboard.services import Store
from data.store.engine import transaction
from data.store.tables import Need, Programme, ProgrammeNeedLink
from tests.simulate_site import make_simulate_store

WORK, SERVICE = "p-00", "p-01"
DURABILITY_YEARS, RUNNING_COST = 10, Decimal("12.50")


def make_years_store(
    folder: Path, needs: int = 5, programmes: int = 5, areas: int = 3, has_doubt: bool = True
) -> Store:
    store = make_simulate_store(folder, needs, programmes, areas)
    with transaction(store.factory) as session:
        for programme in session.scalars(select(Programme)):
            if programme.code == WORK:
                programme.durability_years, programme.running_cost = DURABILITY_YEARS, RUNNING_COST
                programme.sources = {**programme.sources, "durability_years": "Norma técnica OS.050"}
            if has_doubt:
                cost = programme.unit_cost
                programme.unit_cost_low, programme.unit_cost_high = cost * Decimal("0.8"), cost * Decimal("1.3")
        if has_doubt:
            for link in session.scalars(select(ProgrammeNeedLink)):
                link.effectiveness_low, link.effectiveness_high = 0.6, 0.9
            for need in session.scalars(select(Need).where(Need.universe > 0)):
                need.deficit_standard_error = round(0.01 * need.universe, 1)
    return store
