"""A made-up site with needs and programmes for the Simulate page: sectors on a grid, seeded figures, one locked line.

Site `lomas`: official ana, monitor carla. Site `otra`: the same shape, no geometry; official beto.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from dashboard.services import Store, open_store
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.tables import (
    Area,
    Base,
    Indicator,
    Need,
    Programme,
    ProgrammeNeedLink,
    Role,
    Site,
    SurveyRound,
    User,
    UserRole,
)
from tests.dashboard_seed import HASHER

DIMENSIONS = ("water", "health", "education", "care", "violence", "work")
HEADINGS = (
    ("Cuidado", "Care"),
    ("Servicios básicos", "Basic services"),
    ("Salud", "Health"),
    ("Protección", "Protection"),
)
ROLES = ("public", "official", "monitor", "surveyor", "admin")


def make_simulate_store(folder: Path, needs: int = 14, programmes: int = 12, areas: int = 9) -> Store:
    """A filled SQLite store in `folder`."""
    store = open_store(StoreSettings(f"sqlite:///{folder / 'simulate.sqlite'}", folder / "bank"))
    Base.metadata.create_all(store.factory.kw["bind"])
    with transaction(store.factory) as session:
        session.add_all(Role(code=code) for code in ROLES)
        lomas = add_site(session, "lomas", "Lomas de Ensayo", needs, programmes, areas, has_shapes=True)
        otra = add_site(session, "otra", "Otra Municipalidad", needs, programmes, areas, has_shapes=False)
        add_user(session, "ana", "Ana Quispe", "official", lomas.id)
        add_user(session, "carla", "Carla Díaz", "monitor", lomas.id)
        add_user(session, "beto", "Beto Rojas", "official", otra.id)
    return store


def add_user(session: Session, login: str, name: str, role: str, site_id: int) -> None:
    user = User(
        login=login,
        display_name=name,
        password_hash=HASHER.hash("una clave de prueba"),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    session.add(user)
    session.flush()
    session.add(UserRole(user_id=user.id, role_code=role, site_id=site_id))


def add_site(session: Session, slug: str, name: str, needs: int, programmes: int, areas: int, has_shapes: bool) -> Site:
    generator = np.random.default_rng(len(slug))
    site = Site(slug=slug, name=name, country="PE", currency="PEN", is_synthetic=True, source="made up for tests")
    session.add(site)
    session.flush()
    sectors = add_areas(session, site, areas, has_shapes)
    survey_round = add_round(session, site)
    codes = [f"N{number:02}" for number in range(needs)]
    for number, code in enumerate(codes):
        add_need(session, site, survey_round, code, number, sectors, generator)
    for number in range(programmes):
        served = sorted({codes[number % needs], codes[(3 * number + 1) % needs]})
        add_programme(session, site, number, served, generator)
    session.flush()
    return site


def add_areas(session: Session, site: Site, count: int, has_shapes: bool) -> list[Area]:
    whole = Area(site_id=site.id, level=0, code=site.slug, name=site.name)
    session.add(whole)
    session.flush()
    side = int(np.ceil(np.sqrt(count)))
    areas = []
    for number in range(count):
        x, y = -76.95 + 0.01 * (number % side), -12.2 + 0.01 * (number // side)
        ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]
        shape = {"type": "Polygon", "coordinates": [ring]} if has_shapes else None
        areas.append(
            Area(
                site_id=site.id,
                parent_id=whole.id,
                level=1,
                code=f"{site.slug}-S{number + 1}",
                name=f"Sector {number + 1}",
                geometry=shape,
            )
        )
    session.add_all(areas)
    session.flush()
    return areas


def add_round(session: Session, site: Site) -> SurveyRound:
    survey_round = SurveyRound(
        site_id=site.id,
        code="2026-1",
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 4, 30),
        coverage_area="todo el distrito",
        coverage_rate=0.93,
        is_census=True,
        area_columns=["sector"],
        household_count=9000,
        person_count=36000,
        state="published",
        bank_path=f"{site.slug}/2026-1",
        content_sha256="0" * 64,
        source="made up for tests",
    )
    session.add(survey_round)
    session.flush()
    return survey_round


def add_need(
    session: Session,
    site: Site,
    survey_round: SurveyRound,
    code: str,
    number: int,
    areas: list[Area],
    generator: np.random.Generator,
) -> None:
    definition = {
        "id": code,
        "label": {"es": f"Personas sin servicio {number}", "en": f"People without service {number}"},
        "dimension": DIMENSIONS[number % len(DIMENSIONS)],
        "direction": "down",
        "version": 1,
    }
    indicator = Indicator(site_id=site.id, code=code, version=1, definition=definition)
    session.add(indicator)
    session.flush()
    level = generator.uniform(0.1, 0.6)
    for area in areas:
        for group in ("women", "men"):
            universe = float(generator.integers(400, 2600))
            share = np.clip(level + generator.normal(0.05 if group == "women" else -0.03, 0.05), 0.02, 0.95)
            if number == 3 and group == "men":
                universe, share = 0.0, 0.0  # a need that concerns women only
            session.add(
                Need(
                    round_id=survey_round.id,
                    indicator_id=indicator.id,
                    area_id=area.id,
                    target_group=group,
                    universe=universe,
                    deficit=round(universe * share, 1),
                )
            )


def add_programme(session: Session, site: Site, number: int, served: list[str], generator: np.random.Generator) -> None:
    spanish, english = HEADINGS[number % len(HEADINGS)]
    is_locked = number == 2
    baseline = Decimal(int(generator.integers(60, 2600))) * 1000 + Decimal("0.50") * (number % 2)
    if number == 5:
        baseline = Decimal(0)  # a programme that has no money yet
    programme = Programme(
        site_id=site.id,
        code=f"p-{number:02}",
        name={"es": f"Programa municipal {number}", "en": f"Municipal programme {number}"},
        heading={"es": spanish, "en": english},
        position=number,
        unit_cost=Decimal(int(generator.integers(150, 1900))),
        capacity=None,
        durability_years=1,
        stated_baseline=baseline,
        is_locked=is_locked,
        lock_reason={"es": "Ley 27470: Vaso de Leche.", "en": "Law 27470: Glass of Milk."} if is_locked else None,
        area_split="need",
        sources={"baseline": "assumption: test"},
    )
    session.add(programme)
    session.flush()
    for need in served:
        session.add(
            ProgrammeNeedLink(
                programme_id=programme.id,
                indicator_code=need,
                reach="need",
                effectiveness=0.8,
                ceiling=0.9,
                response=("exponential", "linear", "tanh")[number % 3],
                source="assumption: test",
            )
        )
