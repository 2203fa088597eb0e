"""What the public can read does not depend on exact figures: change all of those, and no public byte changes.

The demonstration site is walked as a stranger and as an official of another site, once as it is, and once after every
exact figure (estimates, needs, models, results of scenarios, runs of rules) has been changed and the answers are gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Float, Integer, Numeric, select, update
from sqlalchemy.orm import Session

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import Store, make_services, open_store
from data.accounts import hash_password
from data.demo.build import SLUG, build_demo
from data.settings import StoreSettings
from data.store import users
from data.store.engine import transaction
from data.store.tables import Estimate, ModelSnapshot, Need, Publication, PublishedFigure, Scenario, ValidationRun
from tests.public_walk import PublicWalk, readable

PUBLIC = ("", "needs", "map", "profile")
FOREIGN = ("vecina", "una clave de prueba")
# columns that hold what the survey found, exactly; of JSON documents every number in them
EXACT = {
    Estimate: None,
    Need: ("universe", "deficit", "deficit_standard_error"),
    ModelSnapshot: ("document",),
    Scenario: ("result",),
    ValidationRun: ("result", "errors", "warnings"),
    Publication: ("secret", "rounded_sets"),
}


@pytest.fixture(scope="module")
def store(migrated_sqlite, tmp_path_factory) -> Iterator[Store]:
    """A small demonstration site: 1,500 households in 60 neighbourhoods, so that nearly every cell there is small."""
    folder = tmp_path_factory.mktemp("public")
    url = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'store.sqlite')}"
    made = open_store(StoreSettings(url, folder / "bank"))
    build_demo(made.factory, made.bank_folder, households=1500)
    yield made
    made.factory.kw["bind"].dispose()


STARTS = ["/en/", "/es/", *(f"/{language}/{SLUG}/{page}" for language in ("es", "en") for page in PUBLIC)]


def walked(store: Store, log_in: tuple[str, str] | None = None, starts: Sequence[str] = STARTS) -> dict[str, bytes]:
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), make_services(store))
    client = app.server.test_client()
    if log_in:
        token = client.get("/es/login").text.partition('name="csrf_token" value="')[2].partition('"')[0]
        fields = {"login": log_in[0], "password": log_in[1], "csrf_token": token}
        assert client.post("/es/login", data=fields).status_code == 302
        client.get("/es/")
    return PublicWalk(app, client).walk(*starts, is_followed=log_in is None)


@pytest.fixture(scope="module")
def answers(store) -> dict[str, bytes]:
    return walked(store)


def changed(value: Any) -> Any:
    """The same document with every number another one."""
    if isinstance(value, dict):
        return {key: changed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [changed(one) for one in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return value * 2 + 3 if isinstance(value, int) else value * 0.37 + 0.0101


def change_exact_figures(session: Session) -> int:
    """Every exact figure of the store becomes another one; returns how many columns were changed."""
    columns = 0
    for table, names in EXACT.items():
        kinds = {column.name: column.type for column in table.__table__.columns}
        fixed = {column.name for column in table.__table__.columns if column.primary_key or column.foreign_keys}
        for name in names or set(kinds) - fixed:
            if isinstance(kinds[name], Float | Integer | Numeric):
                session.execute(update(table).values({name: getattr(table, name) * 2 + 1}))
            elif names:
                key = table.__table__.primary_key.columns[0]
                for row in session.scalars(select(table)):
                    old = getattr(row, name)
                    new = "f" * len(old) if isinstance(old, str) else changed(old)
                    session.execute(update(table).where(key == getattr(row, key.name)).values({name: new}))
            columns += 1
    return columns


def test_the_walk_reaches_every_public_page_file_and_area(store, answers):
    paths = {name.partition("?")[0] for name in answers}
    assert {f"/en/{SLUG}/{page}" for page in PUBLIC} <= paths
    files = ["needs/needs.csv", "needs/needs.xlsx", "map/picture.json", "map/map.geojson", "map/map.svg"]
    files += ["map/map.csv", "map/map.xlsx", "map/areas.json", "profile/map.svg"]
    assert {f"/en/{SLUG}/{name}" for name in files} <= paths
    assert sum(name.startswith(f"/en/{SLUG}/profile?area=") for name in answers) >= 4
    assert sum(name.startswith("callback ") for name in answers) >= 3
    assert all(not body.startswith(b"5") for body in answers.values()), [
        name for name, body in answers.items() if body.startswith(b"5")
    ]


def test_nothing_public_depends_on_exact_figures(store, answers, tmp_path):
    """If a public byte moved with an exact figure, somebody could read that figure from it."""
    with transaction(store.factory) as session:
        user = users.add_user(
            session,
            login=FOREIGN[0],
            display_name="De otro sitio",
            password_hash=hash_password(FOREIGN[1]),
            actor="test",
        )
        assert user.id
    foreign = walked(store, FOREIGN)
    kept = tmp_path / "kept.sqlite"
    engine = store.factory.kw["bind"]
    engine.dispose()
    shutil.copy(engine.url.database, kept)
    try:
        with transaction(store.factory) as session:
            assert change_exact_figures(session) >= 10
        bare = replace(store, bank_folder=tmp_path / "no answers here")
        again, foreign_again = walked(bare), walked(bare, FOREIGN)
    finally:
        engine.dispose()
        shutil.copy(kept, engine.url.database)
    assert set(again) == set(answers)
    assert [name for name in answers if again[name] != answers[name]] == []
    assert [name for name in foreign if foreign_again[name] != foreign[name]] == []


def test_officials_of_the_site_see_the_change_that_the_public_does_not(store, tmp_path):
    """So the change is one that shows where exact figures are shown, and the test above is able to fail."""
    login, starts = ("demo-oficial", "presupuesto-demo"), [f"/en/{SLUG}/needs/needs.csv"]
    before = walked(store, login, starts)
    kept, engine = tmp_path / "kept.sqlite", store.factory.kw["bind"]
    engine.dispose()
    shutil.copy(engine.url.database, kept)
    try:
        with transaction(store.factory) as session:
            change_exact_figures(session)
        after = walked(store, login, starts)
    finally:
        engine.dispose()
        shutil.copy(kept, engine.url.database)
    assert [name for name in before if after[name] != before[name]] == starts


def test_no_hidden_figure_stands_in_a_public_table(store, answers):
    """What is protected holds no number at all, so there is none to show."""
    with store.factory() as session:
        hidden = session.scalars(select(PublishedFigure).where(PublishedFigure.status == "protected")).all()
    assert len(hidden) > 100
    for figure in hidden:
        assert (figure.estimate, figure.count, figure.standard_error, figure.ci_low, figure.ci_high) == (None,) * 5
    assert "IPV12" not in readable({n: b for n, b in answers.items() if "IPV12" not in n})
