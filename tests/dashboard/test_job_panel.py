"""A calculation in the background on a page: started, watched, cancelled by its owner, and nobody else's business."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from dash import html

from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.app import create_app
from dashboard.components.job_panel import NO_JOB, JobPanel
from dashboard.config import Settings
from dashboard.services import Store, make_services
from dashboard.services.access import SIGNED_IN
from dashboard.views.jobs import job_view
from data.jobs.execution import run_job
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.jobs import claim_job, keep_alive
from tests.dashboard.conftest import Visitor, person
from tests.dashboard_seed import make_store
from tests.jobs.builders import KINDS, workplace

PATH = "/es/valle/calc"
PANEL = JobPanel(
    name="calc",
    kind="count",
    start_label="Cancel",
    parameters=lambda services, context, *values: {"to": 3},
    show=lambda services, context, news: html.P(f"sum {news.result['sum']}"),
)
PARTS = ("job.data", "timer.disabled", "start.disabled", "cancel.hidden", "status.children", "progress.children")
OUTPUT = ".." + "...".join(f"calc-{part}" for part in (*PARTS, "ended.data")) + ".."


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    made = make_store(tmp_path)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def services(store):
    return make_services(store, KINDS)


@pytest.fixture
def visit(store, services):
    page = SimpleNamespace(
        NAME="calc",
        TITLE="Cancel",
        GROUP=None,
        ROLES=SIGNED_IN,
        layout=lambda services, context: PANEL.layout(
            services, context, services.jobs.latest(context.user, context.site, "count")
        ),
        register_callbacks=lambda app, services: PANEL.register(app, services),
    )
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services, [page])
    return lambda login: Visitor(app.server.test_client(), login)


def press(visitor: Visitor, part: str, job_id: str | None = None) -> Any:
    inputs = {"calc-start.n_clicks": None, "calc-cancel.n_clicks": None, "calc-timer.n_intervals": 0}
    changed = next(key for key in inputs if key.startswith(f"calc-{part}."))
    state = {"calc-job.data": job_id, "location.pathname": PATH}
    return visitor.callback(OUTPUT, {**inputs, changed: 1}, state, changed=changed)


def fetched(visitor: Visitor, job_id: str | None) -> Any:
    """The result that the panel fetches once its job has ended."""
    return visitor.callback("calc-result.children", {"calc-ended.data": job_id}, {"location.pathname": PATH})


def parts_of(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {name.removeprefix("calc-"): values for name, values in answer.get_json()["response"].items()}


def test_a_calculation_is_started_watched_and_shown_when_it_is_done(visit, store, tmp_path):
    ana = visit("ana")
    started = parts_of(ana_press := press(ana, "start"))
    job_id = started["job"]["data"]
    assert started["timer"]["disabled"] is False, ana_press.text
    assert started["start"]["disabled"] is True
    assert started["cancel"]["hidden"] is False
    assert "Espera su turno" in str(started["status"])
    with transaction(store.factory) as session:
        claim_job(session, job_id, "one")
        keep_alive(session, job_id, "one", (1, 4, "draws"))
    running = parts_of(press(ana, "timer", job_id))
    assert "Sorteando" in str(running["status"])
    assert "'value': '25'" in str(running["progress"])
    assert "1 de 4" in str(running["progress"])
    assert "ended" not in running
    assert started["ended"]["data"] == NO_JOB


def test_a_done_job_stops_the_asking_and_another_page_load_still_shows_it(visit, store, tmp_path):
    ana = visit("ana")
    job_id = parts_of(press(ana, "start"))["job"]["data"]
    run_job(workplace(store.factory, tmp_path), job_id)
    done = parts_of(press(ana, "timer", job_id))
    assert (done["timer"]["disabled"], done["start"]["disabled"], done["cancel"]["hidden"]) == (True, False, True)
    assert done["ended"]["data"] == job_id
    assert "sum 6" in fetched(ana, job_id).text
    assert fetched(ana, NO_JOB).get_json()["response"]["calc-result"]["children"] is None  # a new start clears it
    again = ana.open(PATH).text
    assert "sum 6" in again
    assert job_id in again


def test_a_panel_that_a_browser_inserts_keeps_the_result_of_its_layout(visit, store, services, see, tmp_path):
    ana = visit("ana")
    job_id = parts_of(press(ana, "start"))["job"]["data"]
    run_job(workplace(store.factory, tmp_path), job_id)
    inserted = fetched(ana, None)  # what a store without a value makes of being inserted
    assert inserted.get_json()["response"] == {}, inserted.text
    context = see("ana")
    shown = PANEL.layout(services, context, services.jobs.job(context.user, context.site, job_id))
    held = {part.id: part.data for part in shown.children if getattr(part, "id", "").endswith(("-job", "-ended"))}
    assert held == {"calc-job": job_id, "calc-ended": job_id}


def test_cancelling_stops_it(visit, store):
    ana = visit("ana")
    job_id = parts_of(press(ana, "start"))["job"]["data"]
    cancelled = parts_of(press(ana, "cancel", job_id))
    assert "se canceló" in str(cancelled["status"])
    assert cancelled["timer"]["disabled"] is True


def test_the_job_of_somebody_else_is_not_there(visit, store, services, see, tmp_path):
    job_id = parts_of(press(visit("ana"), "start"))["job"]["data"]
    carla = visit("carla")
    for part in ("timer", "cancel"):
        answer = press(carla, part, job_id)
        assert job_id not in answer.text
        assert "sum" not in answer.text
    run_job(workplace(store.factory, tmp_path), job_id)
    assert "sum" not in fetched(carla, job_id).text
    assert job_id not in carla.open(PATH).text
    carla_herself = person(services, "carla")
    for method in (services.jobs.job, services.jobs.cancel, services.jobs.file):
        with pytest.raises(NotFoundError):
            method(carla_herself, see("carla").site, job_id)
    assert services.jobs.list(carla_herself, see("carla").site) == []
    assert services.jobs.list(see(None).user, see("ana").site) == []


def test_only_the_roles_of_the_kind_may_ask(services, see):
    carla, ana = see("carla"), see("ana")
    with pytest.raises(AccessError):
        services.jobs.start(carla.user, carla.site, "count", {"to": 3})
    with pytest.raises(InputError, match="whole number"):
        services.jobs.start(ana.user, ana.site, "count", {"to": "many"})
    with pytest.raises(InputError, match="Nobody here knows"):
        services.jobs.start(ana.user, ana.site, "other", {})
    assert services.jobs.list(ana.user, ana.site) == []


def test_a_failure_is_said_in_the_language_of_the_page(services, store, see, tmp_path):
    ana = see("ana")
    news = services.jobs.start(ana.user, ana.site, "refuse", {})
    run_job(workplace(store.factory, tmp_path), news.id)
    view = job_view(services.jobs.job(ana.user, ana.site, news.id), ana)
    assert view.status == "El cálculo falló. No se cambió nada."
    assert view.sentences == ("care: 5.0 supera el máximo permitido, 3.0.",)
    assert "An inner matter" not in str(view)


def test_the_last_job_of_the_same_question_is_found_again(services, see):
    ana = see("ana")
    news = services.jobs.start(ana.user, ana.site, "count", {"to": 3})
    assert services.jobs.latest(ana.user, ana.site, "count", {"to": 3}).id == news.id
    assert services.jobs.latest(ana.user, ana.site, "count", {"to": 4}) is None
    assert services.jobs.latest(ana.user, ana.site, "file") is None
