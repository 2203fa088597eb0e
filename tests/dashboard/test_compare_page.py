"""Scenarios side by side: chosen by the address, computed again from what is stored, with chances on request."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from budget_model.errors import InputError, NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.pages.compare import show_maps
from dashboard.services import Store
from dashboard.views.compare import chosen_ids, compared_of, main_rows, money_rows
from dashboard.views.compare_map import class_bounds, classes_of, compare_map, map_sentence
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.settings import StoreSettings
from data.workflows.compared import load_plans, read_scenario_ids
from tests.dashboard.conftest import Visitor, site_fixtures
from tests.jobs.builders import workplace
from tests.simulate_site import make_simulate_store

PATH = "/es/lomas/compare"
FREE = "p-01"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_simulate_store(tmp_path_factory.mktemp("compare"), needs=5, programmes=5, areas=3)
    yield made
    made.factory.kw["bind"].dispose()


services, ana, lomas = site_fixtures()


@pytest.fixture(scope="module")
def two(services, ana, lomas):
    """Two scenarios: today's budget, and one programme at nine tenths."""
    loaded = services.simulate.workbench(ana, lomas).loaded
    total = loaded.model.baseline[loaded.model.programmes.index(FREE)].sum()
    less = {FREE: str(Decimal(str(round(0.9 * total, 2))))}
    first = services.scenarios.save(ana, lomas, loaded.sha256, {}, "Como hoy", "")
    second = services.scenarios.save(ana, lomas, loaded.sha256, less, "Un recorte", "para probar")
    return first, second


def compared(services, ana, lomas, saved):
    return compared_of(services.years.together(ana, lomas, [one.id for one in saved]))


def test_the_address_names_the_scenarios():
    assert chosen_ids({"s12": "on", "s3": "on", "x": "on", "s": "on", "sx": "on"}) == [3, 12]


@pytest.mark.parametrize("given", [None, [], [1], [1, 1], [1, 2, 3, 4, 5], ["1", 2], [True, 2], "12"])
def test_fewer_than_two_or_more_than_four_are_refused(given):
    with pytest.raises(InputError, match="2 to 4 different scenarios"):
        read_scenario_ids({"scenarios": given})


def test_a_scenario_that_is_not_there_is_not_found(store, lomas, two):
    with store.factory() as session, pytest.raises(NotFoundError):
        load_plans(session, lomas.id, [two[0].id, 99_999])


def test_a_cut_covers_less_and_nobody_gains(services, ana, lomas, two):
    today, cut = compared(services, ana, lomas, two)
    assert (cut.result.groups.coverage <= today.result.groups.coverage + 1e-12).all()
    assert (cut.result.groups.gained == 0).all()
    assert (cut.result.groups.lost > 0).any()


def test_the_table_has_a_column_for_each_scenario_and_names_what_differs_first(services, ana, lomas, two, see_es):
    both = compared(services, ana, lomas, two)
    rows = main_rows(both, see_es)
    assert {len(row) for row in rows} == {3}
    first = money_rows(both, see_es)[0]
    assert first[1] == first[2]  # today and the scenario that is today
    assert first[3] != first[2]


@pytest.fixture
def see_es(ana, lomas):
    from dashboard.context import PageContext

    return PageContext("es", site=lomas, user=ana)


def test_the_cut_is_worse_in_every_draw_that_differs(store, services, ana, lomas, two, tmp_path):
    news = services.jobs.start(ana, lomas, "compare", {"scenarios": [two[0].id, two[1].id]})
    run_job(workplace(store.factory, tmp_path, kinds=KINDS), news.id)
    result = services.jobs.job(ana, lomas, news.id).result
    for found in result["chances"][0][1]["groups"].values():
        assert found["worse"] == 0
        assert found["better"] + found["equal"] == pytest.approx(1)


def test_the_page_shows_both_and_refuses_strangers(store, services, two):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    query = f"?s{two[0].id}=on&s{two[1].id}=on"
    assert "Un recorte" not in Visitor(app.server.test_client(), None).open(PATH, query).text
    shown = Visitor(app.server.test_client(), "ana").open(PATH, query).text
    assert "Un recorte" in shown
    assert "Como hoy" in shown
    assert "Elija de dos a cuatro" in Visitor(app.server.test_client(), "ana").open(PATH, f"?s{two[0].id}=on").text


def test_the_maps_count_who_stays_uncovered_on_one_scale(services, ana, lomas, two, see_es):
    both = compared(services, ana, lomas, two)
    areas = services.simulate.area_names(ana, lomas)
    found = compare_map(both, areas, "-", "-", see_es)
    for one, panel in zip(both, found.panels, strict=True):
        lacking = one.loaded.model.universe - np.nan_to_num(one.result.years[0].covered)
        assert panel.persons == pytest.approx(lacking.sum(axis=(0, 2)))
        assert max(panel.classes) < len(found.legend) == len(found.colours)
    assert (found.panels[1].persons >= found.panels[0].persons - 1e-9).all()  # the cut covers less everywhere
    assert "Sector" in map_sentence(found, see_es)
    women = compare_map(both, areas, "N03", "men", see_es)  # a need that concerns women only
    assert all(set(panel.classes) == {-1} for panel in women.panels)
    assert map_sentence(women, see_es) == "Esta necesidad no corresponde a nadie aquí."


def test_an_area_belongs_to_the_class_whose_borders_hold_it():
    bounds = class_bounds([np.array([0.0, 10.0, 20.0]), np.array([30.0, 40.0, np.nan])])
    assert (bounds[0], bounds[-1]) == (0, 40)
    classes = classes_of(np.array([0.0, 40.0, np.nan]), bounds)
    assert classes == (0, len(bounds) - 2, -1)
    assert class_bounds([np.array([7.0, 7.0])]).tolist() == [7, 7]


def test_another_need_draws_other_maps_and_foreign_scenarios_none(services, see_es, two):
    shown = str(show_maps(services, see_es, "N01", "women", [one.id for one in two]))
    assert shown.count("Img(") == 2
    assert "Personas sin servicio 1 · Mujeres" in shown
    with pytest.raises(InputError):
        show_maps(services, see_es, "N01", "women", [two[0].id])
    with pytest.raises(NotFoundError):
        show_maps(services, see_es, "N01", "women", [two[0].id, 99_999])
