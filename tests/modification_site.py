"""A site whose programmes stand on lines of several funding sources, with a saved scenario, small enough for the hand.

Lines of 2026 (PIM, certified): parks `park-tax` 700.00 (100.00) of municipal taxes and `park-canon` 500.00 (0) of
canon; care `care-tax` 200.00 of taxes; pipes `pipe-canon` 900.00 of canon, capital; `other` 1,000.00, linked to none.
The scenario takes 1,000.00 from the parks; care gets 650.00 of it, the pipes 350.00.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from dashboard.services import Store, open_store
from data.settings import StoreSettings
from data.store.areas import AreaRecord, list_areas, save_areas
from data.store.engine import transaction
from data.store.lines import list_lines, save_lines
from data.store.programmes import save_programme
from data.store.rounds import save_round
from data.store.sites import load_site
from data.store.tables import Base, Indicator, Need, Role, Site
from data.store.users import load_user
from data.workflows.models import latest_round_id, snapshot
from data.workflows.scenarios import save_scenario
from tests.simulate_site import add_user
from tests.store_builders import budget_row, make_round, make_site

SLUG = "lomas"
TAXES, CANON = "IMPUESTOS MUNICIPALES", "CANON Y SOBRECANON, REGALIAS, RENTA DE ADUANAS Y PARTICIPACIONES"
LINES = (  # code, fund, category, PIM, certified
    ("park-tax", TAXES, "GASTO CORRIENTE", "700.00", "100.00"),
    ("park-canon", CANON, "GASTO DE CAPITAL", "500.00", "0.00"),
    ("care-tax", TAXES, "GASTO CORRIENTE", "200.00", "50.00"),
    ("pipe-canon", CANON, "GASTO DE CAPITAL", "900.00", "0.00"),
    ("other", TAXES, "GASTO CORRIENTE", "1000.00", "0.00"),
)
ALL = Decimal(1)
PROGRAMMES = {
    "parks": {"park-tax": ALL, "park-canon": ALL},
    "care": {"care-tax": ALL},
    "pipes": {"pipe-canon": ALL},
}
TOTALS = {"parks": Decimal("200.00"), "care": Decimal("850.00"), "pipes": Decimal("1250.00")}


def make_modification_store(folder: Path, further: Mapping[str, Mapping[str, Decimal]] | None = None) -> Store:
    """A filled SQLite store; ana is official and carla monitor of `lomas`, beto official elsewhere.

    `further`: programmes beside those of the scenario, as `fill` takes them.
    """
    store = open_store(StoreSettings(f"sqlite:///{folder / 'lines.sqlite'}", folder / "bank"))
    Base.metadata.create_all(store.factory.kw["bind"])
    with transaction(store.factory) as session:
        session.add_all(Role(code=code) for code in ("public", "official", "monitor", "surveyor", "admin"))
    fill(store.factory, programmes={**PROGRAMMES, **(further or {})})
    return store


def fill(
    factory: sessionmaker[Session],
    lines: Sequence[tuple[str, str, str, str, str]] = LINES,
    programmes: Mapping[str, Mapping[str, Decimal]] = PROGRAMMES,
    totals: Mapping[str, Decimal] = TOTALS,
) -> int:
    """The site in a migrated store; the number of its scenario. `programmes`: line -> share, by programme."""
    with transaction(factory) as session:
        site = make_site(session, SLUG)
        other = make_site(session, "otra")
        for login, role, where in (("ana", "official", site), ("carla", "monitor", site), ("beto", "official", other)):
            add_user(session, login, login.title(), role, where.id)
        add_need(session, site)
        save_lines(session, site.id, "test", [_row(*one) for one in lines])
        ids = {line.code: line.id for line in list_lines(session, site.id, 2026)}
        for code, shares in programmes.items():
            own = {ids[line]: share for line, share in shares.items()}
            save_programme(session, site.id, "test", code, columns(code), own, LINK)
    with transaction(factory) as session:
        site = load_site(session, SLUG)
        model = snapshot(session, site.id, latest_round_id(session, site.id), 2026)
        return save_scenario(session, site.id, model.sha256, "More care", load_user(session, "ana"), totals=totals).id


def _row(code: str, fund: str, category: str, pim: str, certified: str) -> dict[str, Any]:
    labels = {"activity": f"Activity {code}", "fund": fund, "category": category}
    return budget_row(code, labels=labels, pim=Decimal(pim), certified=Decimal(certified))


LINK = [
    {
        "indicator_code": "LACK",
        "reach": "need",
        "effectiveness": 0.8,
        "ceiling": 0.9,
        "response": "exponential",
        "source": "assumption",
    }
]


def columns(code: str) -> dict[str, Any]:
    return {
        "name": {"es": f"Programa {code}", "en": f"Programme {code}"},
        "heading": {"es": "Todo", "en": "All"},
        "unit_cost": Decimal(10),
        "ceiling": Decimal(5000),
        "durability_years": 1,
        "area_split": "need",
        "sources": {"unit_cost": "assumption"},
    }


def add_need(session: Session, site: Site) -> None:
    save_areas(session, site.id, "test", [AreaRecord("north", "North"), AreaRecord("south", "South")])
    made = save_round(session, "test", make_round(site.id))
    definition = {"id": "LACK", "label": {"es": "Falta", "en": "Lack"}, "direction": "down", "version": 1}
    indicator = Indicator(site_id=site.id, code="LACK", version=1, definition=definition)
    session.add(indicator)
    session.flush()

    for area in list_areas(session, site.id, 1):
        for group in ("women", "men"):
            session.add(
                Need(
                    round_id=made.id,
                    indicator_id=indicator.id,
                    area_id=area.id,
                    target_group=group,
                    universe=500.0,
                    deficit=300.0,
                )
            )
