"""One's own calculations: listed with where they stand, cancelled, and led to their answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.pages.calculations import refresh, rows_of, standing
from dashboard.services import Store, make_services
from dashboard.services.years import Asked
from dashboard.views.years_question import parameters_of
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.settings import StoreSettings
from tests.dashboard.conftest import Visitor, person
from tests.jobs.builders import workplace
from tests.years_site import make_years_store

PATH = "/es/lomas/calculations"


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    made = make_years_store(tmp_path, needs=3, programmes=3, areas=2)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def services(store):
    return make_services(store)


@pytest.fixture
def see(services):
    def context(login: str = "ana") -> PageContext:
        user = person(services, login)
        return PageContext("es", site=services.sites.find(user, "lomas"), user=user, page="calculations")

    return context


def ask(services, context, years=2):
    planned = services.years.planned(context.user, context.site, Asked(n_years=years))
    asked = {**parameters_of(planned), "draws": 20}
    return services.jobs.start(context.user, context.site, "plan-draws", asked)


def visitor(store, services, login):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    return Visitor(app.server.test_client(), login)


def test_a_calculation_that_waits_can_be_cancelled_and_one_that_is_done_leads_to_its_answer(
    store, services, see, tmp_path
):
    context = see()
    done = ask(services, context)
    run_job(workplace(store.factory, tmp_path, kinds=KINDS), done.id)
    waiting = ask(services, context, years=3)
    rows = {row.id: row for row in rows_of(services, context)}
    assert (rows[waiting.id].state, rows[waiting.id].can_cancel, rows[waiting.id].address) == ("espera", True, "")
    assert rows[done.id].state == "terminado"
    assert rows[done.id].address == "/es/lomas/certainty?scenario=today&years=2"
    assert "Presupuesto vigente · 2 años" in rows[done.id].question


def test_nobody_sees_what_another_person_asked_for(services, see):
    ask(services, see())
    assert rows_of(services, see("carla")) == []


def test_the_list_is_written_anew_only_where_something_changed(services, see):
    context = see()
    job = ask(services, context)
    seen = standing(rows_of(services, context))
    unchanged, _now, is_over = refresh(services, context, seen)
    assert unchanged.__class__.__name__ == "NoUpdate"
    assert not is_over
    services.jobs.cancel(context.user, context.site, job.id)
    changed, _now, is_over = refresh(services, context, seen)
    assert "cancelado" in str(changed)
    assert is_over


def test_the_button_cancels_and_strangers_see_nothing(store, services, see):
    job = ask(services, see())
    ana = visitor(store, services, "ana")
    assert job.id in ana.open(PATH).text
    answer = ana.client.post(f"{PATH}/cancel", data={"job": job.id, "csrf_token": ana.token()})
    assert answer.status_code == 303
    assert services.jobs.job(see().user, see().site, job.id).state == "cancelled"
    assert job.id not in visitor(store, services, "carla").open(PATH).text
    carla = visitor(store, services, "carla")
    assert carla.client.post(f"{PATH}/cancel", data={"job": job.id, "csrf_token": carla.token()}).status_code == 404


def test_a_list_leaves_what_jobs_made_where_it_is(store, services, see, tmp_path):
    context = see()
    run_job(workplace(store.factory, tmp_path, kinds=KINDS), ask(services, context).id)
    assert services.jobs.list(context.user, context.site)[0].result is None
    assert services.jobs.latest(context.user, context.site, "plan-draws").result["years_drawn"]
