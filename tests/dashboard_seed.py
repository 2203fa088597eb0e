"""A small site with hand-made rows, so that every number on a page can be worked out by hand.

Site `valle` (synthetic): census of 2 sectors; `pampa`: a sample of one area. Users: ana (official at valle),
pampa_official (official at pampa only).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from dashboard.services import Store, open_store
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.lines import load_line, save_lines
from data.store.tables import (
    Area,
    Base,
    BudgetLine,
    Estimate,
    Indicator,
    Programme,
    ProgrammeLineShare,
    ProgrammeNeedLink,
    PublishedFigure,
    Role,
    Site,
    SurveyRound,
    User,
    UserRole,
)

PASSWORD = "una clave de prueba"
HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # quick: only for tests
# code, Spanish, English, dimension, sensitive, is a mean
INDICATORS = [
    ("WATER", "Personas sin agua segura", "People without safe water", "water", False, False),
    ("ILLIT", "Personas que no saben leer", "Illiteracy", "education", False, False),
    ("HINS", "Personas sin seguro de salud", "People without health insurance", "health", False, False),
    ("RARE", "Personas con algo raro", "People with something rare", "health", False, False),
    ("IPV12", "Violencia de pareja", "Partner violence", "violence", True, False),
    ("UNPAID", "Horas de trabajo no remunerado", "Hours of unpaid work", "care", False, True),
]
# site-level share (or mean) of women and men, each of 1,000 persons
LEVELS = {
    "WATER": (0.30, 0.20),
    "ILLIT": (0.06, 0.02),
    "HINS": (0.25, 0.35),
    "RARE": (0.004, 0.02),  # 4 women: too few for the public
    "IPV12": (0.40, None),
    "UNPAID": (38.5, 15.25),
}
UNIVERSE = 1000


def make_store(folder: Path) -> Store:
    """A migrated, filled SQLite store in `folder`."""
    store = open_store(StoreSettings(f"sqlite:///{folder / 'test.sqlite'}", folder / "bank"))
    Base.metadata.create_all(store.factory.kw["bind"])
    with transaction(store.factory) as session:
        fill(session)
    return store


def fill(session: Session) -> None:
    valle = add_site(session, "valle", "Valle Sintético", is_synthetic=True)
    pampa = add_site(session, "pampa", "Pampa de Muestra", is_synthetic=False)
    add_survey(session, valle, ["S1", "S2"], is_census=True)
    add_survey(session, pampa, [], is_census=False)
    add_money(session, valle)
    session.add_all(Role(code=code) for code in ("public", "official", "monitor", "surveyor", "admin"))
    session.flush()
    add_user(session, "ana", "Ana Quispe", "official", valle.id)
    add_user(session, "beto", "Beto Rojas", "official", pampa.id)
    add_user(session, "carla", "Carla Díaz", "monitor", valle.id)
    add_user(session, "gone", "Ya no está", "admin", None, is_active=False)


def add_site(session: Session, slug: str, name: str, is_synthetic: bool) -> Site:
    site = Site(slug=slug, name=name, country="PE", currency="PEN", is_synthetic=is_synthetic, source="test rows")
    session.add(site)
    session.flush()
    return site


def add_survey(session: Session, site: Site, sectors: list[str], is_census: bool) -> None:
    whole = Area(site_id=site.id, level=0, code=site.slug, name=site.name)
    session.add(whole)
    session.flush()
    areas = [Area(site_id=site.id, parent_id=whole.id, level=1, code=code, name=f"Sector {code}") for code in sectors]
    survey_round = SurveyRound(
        site_id=site.id,
        code="2026-1",
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 4, 30),
        coverage_area="todo el distrito",
        coverage_rate=0.93,
        is_census=is_census,
        area_columns=["sector"],
        household_count=500,
        person_count=2 * UNIVERSE,
        state="published",
        bank_path=f"{site.slug}/2026-1",
        content_sha256="0" * 64,
        source="test rows",
    )
    session.add_all([*areas, survey_round])
    session.flush()
    for definition in INDICATORS:
        indicator = add_indicator(session, site, *definition)
        for area in [whole, *areas]:
            add_estimates(session, survey_round, indicator, area, is_census)
            add_published(session, survey_round, indicator, area)


def add_indicator(
    session: Session, site: Site, code: str, es: str, en: str, dimension: str, sensitive: bool, is_mean: bool
) -> Indicator:
    definition: dict[str, Any] = {
        "id": code,
        "label": {"es": es, "en": en},
        "level": "person",
        "universe": "age >= 0",
        "numerator": None if is_mean else "x = 1",
        "mean": "hours" if is_mean else None,
        **({"unit": {"es": "horas por semana", "en": "hours a week"}} if is_mean else {}),
        "direction": "down",
        "dimension": dimension,
        "sensitive": sensitive,
        "version": 1,
        "source": "test",
    }
    indicator = Indicator(site_id=site.id, code=code, version=1, definition=definition)
    session.add(indicator)
    session.flush()
    return indicator


def add_estimates(
    session: Session, survey_round: SurveyRound, indicator: Indicator, area: Area, is_census: bool
) -> None:
    number = UNIVERSE if area.level == 0 else UNIVERSE // 2
    for sex, level in zip(("female", "male"), LEVELS[indicator.code], strict=True):
        if level is None:
            continue
        error = None if is_census else 0.02
        session.add(
            Estimate(
                round_id=survey_round.id,
                indicator_id=indicator.id,
                area_id=area.id,
                sex=sex,
                estimate=level,
                standard_error=error,
                ci_low=None if is_census else level - 0.0392,
                ci_high=None if is_census else level + 0.0392,
                n=number,
                population=float(number),
                count=level * number,
            )
        )


def add_published(session: Session, survey_round: SurveyRound, indicator: Indicator, area: Area) -> None:
    """Counts to the nearest 5; what rests on fewer than 20 persons is hidden."""
    number = UNIVERSE if area.level == 0 else UNIVERSE // 2
    is_mean = bool(indicator.definition["mean"])
    for sex, level in zip(("female", "male"), LEVELS[indicator.code], strict=True):
        count = None if level is None or is_mean else 5 * round(level * number / 5)
        is_shown = level is not None and (count is None or 20 <= count <= number - 20)
        session.add(
            PublishedFigure(
                round_id=survey_round.id,
                indicator_id=indicator.id,
                area_id=area.id,
                sex=sex,
                age_band="all",
                status="nobody" if level is None else "shown" if is_shown else "protected",
                least=20,
                estimate=(level if count is None else count / number) if is_shown else None,
                n=number if level is not None else None,
                population=float(number) if level is not None else None,
                count=float(count) if is_shown and count is not None else None,
            )
        )


def add_money(session: Session, site: Site) -> None:
    """2025: 900,000 modified. 2026: 1,000,000 modified, 600,000 accrued; 300,000 of it feeds programmes with needs."""
    rows = [
        (2025, "20-1", "Salud", "400000.00", "400000.00", "390000.00", None),
        (2025, "18-1", "Saneamiento", "500000.00", "500000.00", "450000.10", None),
        (2026, "20-1", "Salud", "400000.00", "450000.50", "300000.00", Decimal("0.5")),
        (2026, "18-1", "Saneamiento", "500000.00", "549999.50", "300000.00", None),
    ]
    named = [
        {
            "year": year,
            "code": code,
            "labels": {"function": function, "activity": f"Actividad {code}"},
            "pia": Decimal(pia),
            "pim": Decimal(pim),
            "accrued": Decimal(accrued),
            "gender_share": share,
            "source_file": f"gasto_{year}.csv",
            "source_sha256": "0" * 64,
        }
        for year, code, function, pia, pim, accrued, share in rows
    ]
    save_lines(session, site.id, "seed", named)
    lines = [load_line(session, site.id, row["year"], row["code"]) for row in named]
    add_programme(session, site, "network", "Redes de agua", "Agua", lines[3], Decimal("0.4"), ["WATER"])
    add_programme(session, site, "clinic", "Postas de salud", "Salud", lines[2], Decimal("0.2"), ["HINS"])
    add_programme(session, site, "park", "Parques", "Ambiente", lines[2], Decimal("0.1"), [])


def add_programme(
    session: Session, site: Site, code: str, name: str, heading: str, line: BudgetLine, share: Decimal, needs: list[str]
) -> None:
    programme = Programme(
        site_id=site.id,
        code=code,
        name={"es": name, "en": f"{name} (en)"},
        heading={"es": heading, "en": f"{heading} (en)"},
        unit_cost=Decimal("140"),
        unit_cost_low=Decimal("110"),
        unit_cost_high=Decimal("190"),
        capacity=None,
        durability_years=20 if code == "network" else 1,
        is_locked=code == "park",
        lock_reason={"es": "Ley 12345", "en": "Law 12345"} if code == "park" else None,
        area_split="need",
        beneficiaries={"women": 120, "men": 100},
        sources={
            "unit_cost": "assumption: a round figure",
            "durability_years": "manual of works",
            "beneficiaries": "register",
        },
    )
    session.add(programme)
    session.flush()
    session.add(ProgrammeLineShare(programme_id=programme.id, budget_line_id=line.id, share=share))
    for need in needs:
        session.add(
            ProgrammeNeedLink(
                programme_id=programme.id,
                indicator_code=need,
                reach="need",
                effectiveness=0.9,
                ceiling=0.95,
                response="exponential",
                source="assumption: expert view",
            )
        )


def add_user(session: Session, login: str, name: str, role: str, site_id: int | None, is_active: bool = True) -> None:
    user = User(
        login=login,
        display_name=name,
        password_hash=HASHER.hash(PASSWORD),
        is_active=is_active,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    session.add(user)
    session.flush()
    session.add(UserRole(user_id=user.id, role_code=role, site_id=site_id))
