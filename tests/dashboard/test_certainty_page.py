"""How sure a scenario is: the point estimate at once, intervals from a job, chances, the tornado, files."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from budget_model.coverage.draws_report import draws_document
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.project import build_horizon
from budget_model.coverage.uncertainty import run_draws
from budget_model.errors import InputError, NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.pages import certainty
from dashboard.services import Store, make_services
from dashboard.services.years import Asked
from dashboard.views import certainty as view
from dashboard.views.tornado import tornado_sentence, tornado_view
from dashboard.views.years_question import parameters_of
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.plain import plain
from data.settings import StoreSettings
from data.store.jobs import JobState
from data.workflows.growth import Growth
from data.workflows.planned import PlanQuestion, plan_question_document, read_plan_question
from tests.dashboard.conftest import Visitor, person, site_fixtures
from tests.jobs.builders import workplace
from tests.years_site import SERVICE, make_years_store

PATH = "/es/lomas/certainty"
DRAWS = 80


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_years_store(tmp_path_factory.mktemp("certainty"))
    yield made
    made.factory.kw["bind"].dispose()


services, ana, lomas = site_fixtures()


@pytest.fixture
def see_es(ana, lomas):
    return PageContext("es", site=lomas, user=ana, page="certainty")


@pytest.fixture(scope="module")
def cut(services, ana, lomas):
    """A service at half of its money: it meets less than today's budget in every draw."""
    loaded = services.simulate.workbench(ana, lomas).loaded
    total = loaded.model.baseline[loaded.model.programmes.index(SERVICE)].sum()
    half = {SERVICE: str(Decimal(str(round(total / 2, 2))))}
    return services.scenarios.save(ana, lomas, loaded.sha256, half, "Un recorte", "")


@pytest.fixture(scope="module")
def today(services, ana, lomas):
    loaded = services.simulate.workbench(ana, lomas).loaded
    return services.scenarios.save(ana, lomas, loaded.sha256, {}, "Como hoy", "")


@pytest.fixture(scope="module")
def enter(store, services):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    return lambda login: Visitor(app.server.test_client(), login)


def computed(store, services, user, site, folder, asked):
    """The question of the page, drawn by a worker."""
    planned = services.years.planned(user, site, asked)
    news = services.jobs.start(user, site, "plan-draws", {**parameters_of(planned), "draws": DRAWS})
    run_job(workplace(store.factory, folder, kinds=KINDS), news.id)
    done = services.jobs.job(user, site, news.id)
    assert done.state is JobState.DONE, done.failure
    return planned, done


def test_a_question_survives_being_written_down():
    question = PlanQuestion("a", 3, 4, 5, Growth(0.03, 0.01, None), 200, 9)
    assert read_plan_question(plan_question_document(question)) == question


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"scenario": "3"}, "plan-scenario"),
        ({"scenario": True}, "plan-scenario"),
        ({"against": 0}, "plan-scenario"),
        ({"years": 11}, "plan-years"),
        ({"years": "5"}, "plan-years"),
        ({"draws": 1}, "plan-draws"),
        ({"price_growth": 0.6}, "price-rate"),
        ({"population_growth": float("nan")}, "population-rate"),
    ],
)
def test_a_question_that_is_none_is_refused_before_anything_is_stored(asked, rule):
    with pytest.raises(InputError) as refused:
        read_plan_question({"model": "a", **asked})
    assert [problem.rule for problem in refused.value.problems] == [rule]


def test_the_intervals_are_those_of_the_same_draws_without_a_queue(store, services, ana, lomas, cut, tmp_path):
    planned, news = computed(store, services, ana, lomas, tmp_path, Asked(str(cut.id), 2, Growth(price_growth=0.1)))
    horizon = build_horizon(planned.result.horizon.calibrated, 2)
    draws = run_draws(horizon, [planned.result.plan], DRAWS, 0)
    expected = plain(draws_document(simulate_plan(horizon, planned.result.plan), draws, draws.plans[0]))
    assert news.result["years_drawn"] == expected["years"]
    assert news.result["horizon"] == expected["horizon"]
    assert news.result["beats_other"] is None


def test_every_figure_of_the_table_lies_within_its_interval(store, services, ana, lomas, cut, see_es, tmp_path):
    planned, news = computed(store, services, ana, lomas, tmp_path, Asked(str(cut.id), 1))
    for group in news.result["years_drawn"][0]["groups"].values():
        assert group["coverage_p5"] < group["coverage"] < group["coverage_p95"]
    rows = view.main_rows(news.result, planned, see_es)
    assert all(len(row) == 4 for row in rows)
    assert all("–" not in (row[2], row[3]) for row in rows if row[0].startswith("Mujeres"))


def test_a_cut_never_beats_todays_budget_and_the_other_scenario_says_the_same(
    store, services, ana, lomas, cut, today, see_es, tmp_path
):
    _planned, news = computed(store, services, ana, lomas, tmp_path, Asked(str(cut.id), 1, against_id=str(today.id)))
    assert news.result["beats_other"] == news.result["beats_baseline"]  # the other one is today's budget
    for found in news.result["beats_baseline"]["groups"].values():
        assert found["better"] == 0
        assert found["worse"] > 0
    shown = str(certainty.show_draws(services, see_es, news))
    assert "en 0 % de los sorteos, menos en" in shown.replace("\\xa0", " ")
    assert f"s{cut.id}=on" in shown  # the way to the comparison side by side
    assert f"s{today.id}=on" in shown


def test_the_tornado_has_the_widest_bar_first_and_says_its_name(store, services, ana, lomas, cut, see_es, tmp_path):
    planned, news = computed(store, services, ana, lomas, tmp_path, Asked(str(cut.id), 1))
    found = tornado_view(news.result, planned, see_es)
    widths = [bar.width for bar in found.bars]
    assert widths == sorted(widths, reverse=True)
    assert len(found.bars) + found.still == len(news.result["tornado"]["bars"])
    assert found.bars[0].name in tornado_sentence(found, see_es)
    # as stated: the persons whom the cut leaves uncovered, over both groups
    change = planned.result.groups.covered - planned.result.groups.covered_baseline
    assert found.stated == pytest.approx(float(change.sum()))
    assert found.stated < 0


def test_todays_budget_is_judged_by_its_coverage(store, services, ana, lomas, see_es, tmp_path):
    planned, news = computed(store, services, ana, lomas, tmp_path, Asked(None, 1))
    found = tornado_view(news.result, planned, see_es)
    groups = planned.result.groups
    assert found.is_share
    assert found.stated == pytest.approx(float(groups.covered.sum() / groups.needs.sum()))


def test_a_model_without_any_range_is_not_called_sure(tmp_path, see_es):
    store = make_years_store(tmp_path, has_doubt=False)
    services = make_services(store)
    ana = person(services, "ana")
    lomas = services.sites.find(ana, "lomas")
    _planned, news = computed(store, services, ana, lomas, tmp_path, Asked(None, 1))
    shown = str(certainty.show_draws(services, PageContext("es", site=lomas, user=ana), news))
    assert "no declara error de la encuesta ni rangos" in shown
    assert "certainty-tornado" not in shown
    store.factory.kw["bind"].dispose()


def test_the_page_shows_the_estimate_at_once_and_refuses_strangers(enter, cut):
    shown = enter("ana").open(PATH, f"?scenario={cut.id}").text
    assert "Un recorte" in shown
    assert "certainty-draws-start" in shown
    assert "Un recorte" not in enter(None).open(PATH, f"?scenario={cut.id}").text


def test_the_files_of_a_calculation_are_its_owners(store, services, ana, lomas, cut, enter, tmp_path):
    _planned, news = computed(store, services, ana, lomas, tmp_path, Asked(str(cut.id), 2))
    text = enter("ana").get(f"{PATH}/certainty.csv?job={news.id}").data.decode("utf-8-sig")
    women = news.result["years_drawn"][1]["groups"]["women"]
    assert ",".join(repr(women[name]) for name in ("coverage", "coverage_p5", "coverage_p95")) in text
    assert "80 sorteos, semilla 0" in text
    assert enter("ana").get(f"{PATH}/certainty.xlsx?job={news.id}").status_code == 200
    assert enter("carla").get(f"{PATH}/certainty.csv?job={news.id}").status_code == 404
    assert enter("ana").get(f"{PATH}/certainty.csv?job=none").status_code == 404


def test_a_calculation_whose_model_has_changed_says_so(store, services, ana, lomas, see_es, tmp_path):
    _planned, news = computed(store, services, ana, lomas, tmp_path, Asked(None, 1))
    import dataclasses

    older = dataclasses.replace(news, parameters={**news.parameters, "model": "0" * 64})
    assert "cambiaron desde entonces" in str(certainty.show_draws(services, see_es, older))


def test_somebody_elses_calculation_is_not_there(store, services, ana, lomas, tmp_path):
    _planned, news = computed(store, services, ana, lomas, tmp_path, Asked(None, 1))
    carla = person(services, "carla")
    with pytest.raises(NotFoundError):
        services.jobs.job(carla, lomas, news.id)
