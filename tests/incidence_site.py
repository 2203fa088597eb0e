"""A small site with answers, needs and programmes, for the page that divides money among people.

Site `testville`: official ana, monitor carla. Site `otra` has nothing but its official beto.
"""

from __future__ import annotations

from pathlib import Path

from dashboard.services import Store, open_store
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.tables import Base, Role, Site
from data.workflows.indicators import run_indicators
from data.workflows.programmes import import_programmes
from data.workflows.surveys import import_survey
from tests.simulate_site import ROLES, add_user
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES

HOMES = 40
QUESTIONS = """income: {column: income, source: "asked: income per head"}
hour_value: {value: 5.43, source: "minimum wage"}
programmes:
  jobs: {hours_saved: {women: 3, men: 0.5, source: "assumption: invented"}}
"""
TABLE = "programme,sex,fifth,users,source\n" + "".join(
    f"taps,{sex},{fifth},{users},count of 2026\n"
    for sex, of in (("women", (9, 7, 5, 3, 1)), ("men", (4, 3, 2, 1, 1)))
    for fifth, users in enumerate(of, start=1)
)


def make_incidence_store(folder: Path) -> Store:
    """A filled SQLite store in `folder`; nothing was brought in about users yet."""
    store = open_store(StoreSettings(f"sqlite:///{folder / 'incidence.sqlite'}", folder / "bank"))
    store.bank_folder.mkdir(parents=True, exist_ok=True)
    Base.metadata.create_all(store.factory.kw["bind"])
    with transaction(store.factory) as session:
        session.add_all(Role(code=code) for code in ROLES)
        sites = [Site(slug=slug, name=slug.title(), country="PE", currency="PEN") for slug in ("testville", "otra")]
        session.add_all(sites)
        session.flush()
        add_user(session, "ana", "Ana Quispe", "official", sites[0].id)
        add_user(session, "carla", "Carla Díaz", "monitor", sites[0].id)
        add_user(session, "beto", "Beto Rojas", "official", sites[1].id)
    files = {"persons": folder / "persons.csv", "households": folder / "households.csv", "map": folder / "map.yaml"}
    files["persons"].write_text(persons(), encoding="utf-8")
    files["households"].write_text(households(), encoding="utf-8")
    files["map"].write_text(MAPPING, encoding="utf-8")
    answers = {name: files[name] for name in ("persons", "households")}
    import_survey(store.factory, store.bank_folder, "testville", "2026", answers, files["map"], "ana")
    run_indicators(store.factory, store.bank_folder, "testville", "2026", CATALOGUE, "ana")
    import_programmes(store.factory, "testville", PROGRAMMES, "ana")
    return store


def persons() -> str:
    rows = [
        f"h{home},{sex},{20 + home % 50},{'yes' if (home + place) % 3 else 'no'},\n"
        for home in range(HOMES)
        for place, sex in enumerate("FM" if home % 4 else "FF")
    ]
    return "KEY,Sex,Age,Works,Phone\n" + "".join(rows)


def households() -> str:
    rows = [
        f"h{home},{'NS'[home % 2]},{'well' if home < 18 else 'tap'},{1 + home % 3},{100 + 37 * home}\n"
        for home in range(HOMES)
    ]
    return "KEY,Sector,Water,weight,income\n" + "".join(rows)
