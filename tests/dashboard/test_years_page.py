"""A scenario through its years: as the one-year model says with other money, told in words, taken away as files."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from budget_model.coverage.scenario import evaluate
from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.pages.years import show_lines
from dashboard.services import Store, make_services
from dashboard.services.years import Asked
from dashboard.shown_errors import ToldError
from dashboard.views import years as view
from dashboard.views.years_assumptions import growth_sentences, limit_sentences, unstated_sentence, work_rows
from dashboard.views.years_question import asked_of, query_of
from dashboard.views.years_reasons import whole_numbers, work_columns, work_of_years, work_rows_of
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.tables import Programme
from data.workflows.growth import Growth
from tests.dashboard.conftest import Visitor, person, site_fixtures
from tests.years_site import DURABILITY_YEARS, RUNNING_COST, SERVICE, WORK, make_years_store

PATH = "/es/lomas/years"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_years_store(tmp_path_factory.mktemp("years"), has_doubt=False)
    yield made
    made.factory.kw["bind"].dispose()


services, ana, lomas = site_fixtures()


@pytest.fixture
def see_es(ana, lomas):
    return PageContext("es", site=lomas, user=ana, page="years")


@pytest.fixture(scope="module")
def scenario(services, ana, lomas):
    """A service at half of its money."""
    loaded = services.simulate.workbench(ana, lomas).loaded
    total = loaded.model.baseline[loaded.model.programmes.index(SERVICE)].sum()
    half = {SERVICE: str(Decimal(str(round(total / 2, 2))))}
    return services.scenarios.save(ana, lomas, loaded.sha256, half, "La mitad", "")


@pytest.fixture(scope="module")
def enter(store, services):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    return lambda login: Visitor(app.server.test_client(), login)


def amounts_with(model, **factors):
    """Today's amounts, some programmes times a factor."""
    amounts = model.baseline.copy()
    for code, factor in factors.items():
        amounts[model.programmes.index(code.replace("_", "-"))] *= factor
    return amounts


def test_a_year_of_dearer_prices_is_the_one_year_model_with_less_money(services, ana, lomas):
    planned = services.years.planned(ana, lomas, Asked(n_years=2, growth=Growth(price_growth=0.25)))
    model = planned.loaded.model
    # year 2: each unit costs a quarter more; the work serves 1 / 1.25 + 0.9 of what its money serves in year 1
    amounts = model.baseline / 1.25
    amounts[model.programmes.index(WORK)] = model.baseline[model.programmes.index(WORK)] * (1 / 1.25 + 0.9)
    assert np.allclose(
        planned.result.years[1].coverage, evaluate(planned.loaded.calibrated, amounts), atol=1e-12, equal_nan=True
    )


def test_a_work_goes_on_serving_and_must_be_run(services, ana, lomas):
    planned = services.years.planned(ana, lomas, Asked(n_years=2))
    model = planned.loaded.model
    amounts = amounts_with(model, p_00=1 + 0.9)
    assert np.allclose(
        planned.result.years[1].coverage, evaluate(planned.loaded.calibrated, amounts), atol=1e-12, equal_nan=True
    )
    row = model.programmes.index(WORK)
    built = (model.baseline[row] / model.unit_cost[row]).sum()
    assert planned.result.running_cost[1].sum() == pytest.approx(0.9 * built * float(RUNNING_COST))
    assert planned.result.running_cost[0].sum() == 0


def test_year_one_is_the_saved_scenario(services, ana, lomas, scenario):
    planned = services.years.planned(ana, lomas, Asked(str(scenario.id), 3))
    for group, share in zip(planned.loaded.model.groups, planned.result.years[0].groups.coverage, strict=True):
        assert share == pytest.approx(scenario.coverage[group], abs=1e-12)


def test_amounts_grow_with_the_budget_and_people_with_their_rate(services, ana, lomas, scenario):
    growth = Growth(budget_growth=0.1, population_growth=0.02)
    planned = services.years.planned(ana, lomas, Asked(str(scenario.id), 3, growth))
    plan = planned.result.plan
    assert np.allclose(plan[2], 1.21 * plan[0])
    assert view.people_index(planned) == pytest.approx([1, 1.02, 1.0404])


def test_a_budget_that_running_costs_exceed_is_told_by_year(services, ana, lomas, see_es):
    planned = services.years.planned(ana, lomas, Asked(n_years=2))
    told = limit_sentences(planned, see_es)
    assert len(told) == 1
    assert told[0].startswith("Año 2:")
    excess = see_es.formats.money(float(planned.result.running_cost[1].sum()), "PEN")
    assert f"en {excess}" in told[0]


def test_what_lasts_is_shown_with_its_source_and_services_are_not(services, ana, lomas, see_es):
    rows = work_rows(services.years.planned(ana, lomas, Asked(n_years=2)), see_es)
    assert [row[0] for row in rows] == ["Programa municipal 0"]
    assert rows[0][1:4] == [f"{DURABILITY_YEARS} años", "Norma técnica OS.050", "S/\u00a012.50"]


def test_gains_and_losses_of_the_years_are_added_up_apart(services, ana, lomas, scenario, see_es):
    planned = services.years.planned(ana, lomas, Asked(str(scenario.id), 4))
    rows = view.person_rows(planned, see_es)
    assert len(rows) == 5
    lost = sum(float(year.groups.lost.sum()) for year in planned.result.years)
    assert planned.result.groups.lost.sum() == pytest.approx(lost)
    assert planned.result.groups.gained.sum() == 0
    assert see_es.formats.number(lost) in view.finding(planned, see_es)


def test_a_need_that_concerns_women_only_has_no_row_for_men(services, ana, lomas, see_es):
    planned = services.years.planned(ana, lomas, Asked(n_years=2))
    named = [(row[0], row[1]) for row in view.need_rows(planned, see_es)]
    only = [group for need, group in named if need.endswith("servicio 3")]
    assert only == ["Mujeres"]
    assert "hombres: no corresponde" in view.lines_sentence(view.lines_of(planned, "N03", see_es), see_es)


def test_growth_that_nobody_stated_is_said_to_be_none(services, ana, lomas, see_es):
    assert all("igual todos los años" in text for text in growth_sentences(planned_today(services, ana, lomas), see_es))


def planned_today(services, ana, lomas):
    return services.years.planned(ana, lomas, Asked(n_years=2))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"years": "0"}, "plan-years"),
        ({"years": "11"}, "plan-years"),
        ({"years": "five"}, "plan-years"),
        ({"years": "²"}, "plan-years"),
        ({"prices": "much"}, "price-rate"),
        ({"prices": "nan"}, "price-rate"),
        ({"people": "51"}, "population-rate"),
        ({"money": "-50.1"}, "budget-rate"),
    ],
)
def test_an_address_that_cannot_be_read_is_told(query, words):
    assert [problem.rule for problem in asked_of(query)[1]] == [words]


def test_a_rate_may_have_a_decimal_comma():
    assert asked_of({"prices": "2,5", "people": " -1.5 % "})[0].growth == Growth(0.025, -0.015)


def test_an_address_survives_being_written_down():
    asked = Asked("7", 4, Growth(0.025, None, -0.01), "9")
    assert asked_of(query_of(asked)) == (asked, [])


def test_the_page_tells_what_it_cannot_read_and_shows_no_figure(enter):
    told = enter("ana").open(PATH, "?years=40").text
    assert "Elija de 1 a 10 a\\u00f1os" in told
    assert "years-chart" not in told


def test_a_scenario_of_another_site_and_a_stranger_find_nothing(services, enter, scenario):
    assert "La mitad" not in enter(None).open(PATH, f"?scenario={scenario.id}").text
    assert "La mitad" not in enter("beto").open("/es/otra/years", f"?scenario={scenario.id}").text
    beto = person(services, "beto")
    otra, lomas = (
        services.sites.find(person(services, login), slug) for login, slug in (("beto", "otra"), ("ana", "lomas"))
    )
    with pytest.raises(NotFoundError):
        services.years.planned(beto, otra, Asked(str(scenario.id)))
    with pytest.raises(AccessError):
        services.years.planned(beto, lomas, Asked())


def test_the_page_shows_the_scenario_and_its_files_hold_the_same(enter, services, ana, lomas, scenario):
    visitor = enter("ana")
    shown = visitor.open(PATH, f"?scenario={scenario.id}&years=3&prices=4").text
    assert "La mitad" in shown
    assert "years-chart" in shown
    answer = visitor.get(f"{PATH}/years.csv?scenario={scenario.id}&years=3&prices=4")
    text = answer.data.decode("utf-8-sig")
    assert "Precios (costos unitarios y de operación): +4.0\u00a0% al año" in text
    planned = services.years.planned(ana, lomas, Asked(str(scenario.id), 3, Growth(price_growth=0.04)))
    assert repr(float(planned.result.years[2].needs.coverage[0, 0])) in text
    assert visitor.get(f"{PATH}/years.xlsx?years=2").status_code == 200
    refused = visitor.get(f"{PATH}/years.csv?years=99")
    assert refused.status_code == 400
    assert visitor.get(f"{PATH}/years.csv?yeras=2").status_code == 400


def test_the_work_of_every_year_adds_up_to_what_is_covered(services, ana, lomas, scenario, see_es):
    planned = services.years.planned(ana, lomas, Asked(str(scenario.id), 4, Growth(population_growth=0.02)))
    work = work_of_years(planned)
    for year, result in enumerate(planned.result.years):
        np.testing.assert_allclose(work[year].sum(axis=0), result.groups.covered, rtol=1e-12)
    np.testing.assert_allclose(work.sum(axis=(0, 1)), planned.result.groups.covered, rtol=1e-12)
    for g in range(len(planned.loaded.model.groups)):
        shown = whole_numbers(work[:, :, g])
        assert np.abs(shown - work[:, :, g]).max() <= 1
        assert shown.sum(axis=1).tolist() == [round(one.groups.covered[g]) for one in planned.result.years]
        rows = work_rows_of(planned, g, see_es)
        assert len(rows[0]) == len(work_columns(planned, see_es)) == 6


def test_whole_numbers_give_the_rest_to_the_largest_remainders():
    # 1.6 + 2.5 + 0.4 = 4.5, rounded to the even 4: 1 + 2 + 0 leaves one, for 1.6
    assert whole_numbers(np.array([[1.6, 2.5, 0.4]])).tolist() == [[2, 2, 0]]


def test_another_need_draws_another_chart(services, see_es):
    figure = show_lines(services, see_es, {"years": "3"}, "N01")
    assert "servicio 1" in str(figure)
    with pytest.raises(ToldError):
        show_lines(services, see_es, {"years": "x"}, "N01")


def test_two_scenarios_of_different_models_are_not_held_against_each_other(store, services, ana, lomas, scenario):
    from sqlalchemy import select

    from data.store.engine import transaction
    from data.store.tables import Programme, Site

    with transaction(store.factory) as session:
        site = session.scalars(select(Site).where(Site.slug == "lomas")).one()
        changed = session.scalars(select(Programme).where(Programme.site_id == site.id, Programme.code == "p-03")).one()
        before, changed.unit_cost = changed.unit_cost, changed.unit_cost + 1
    try:
        sha256 = services.simulate.workbench(ana, lomas).loaded.sha256
        assert sha256 != scenario.model_sha256
        newer = services.scenarios.save(ana, lomas, sha256, {}, "Con otro costo", "")
        with pytest.raises(InputError, match="rests on another model"):
            services.years.planned(ana, lomas, Asked(str(newer.id), 1, against_id=str(scenario.id)))
        planned = services.years.planned(ana, lomas, Asked(str(scenario.id)))
        assert planned.loaded.sha256 == scenario.model_sha256
        assert not planned.workbench.is_current
    finally:
        with transaction(store.factory) as session:
            session.get_one(Programme, changed.id).unit_cost = before


def test_a_running_cost_that_nobody_stated_is_no_zero(tmp_path):
    store = make_years_store(tmp_path, has_doubt=False)
    services = make_services(store)
    ana = person(services, "ana")
    lomas = services.sites.find(ana, "lomas")
    see = PageContext("en", site=lomas, user=ana, page="years")

    def told(cost: Decimal | None) -> str:
        with transaction(store.factory) as session:
            session.query(Programme).filter_by(code=WORK, site_id=lomas.id).one().running_cost = cost
        planned = services.years.planned(ana, lomas, Asked(n_years=3))
        return f"{work_rows(planned, see)} {unstated_sentence(planned, see)} {view.figures(planned, see)}"

    unstated, zero = told(None), told(Decimal(0))
    store.factory.kw["bind"].dispose()
    assert "not stated (counted as 0)" in unstated
    assert "For 1 programme whose works last no running cost is stated" in unstated
    assert "running costs of works: none is stated" in unstated
    assert "not stated" not in zero  # a stated zero stays one
    assert "S/ 0.00" in zero.replace("\N{NO-BREAK SPACE}", " ").replace("\\xa0", " ")
