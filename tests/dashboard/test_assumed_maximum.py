"""A maximum that nobody stated: named as an assumption wherever a best value is told, and lifted by whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from budget_model.coverage.calibrate import calibrate
from dashboard.context import PageContext
from dashboard.pages.optimise_answer import show_best
from dashboard.pages.optimise_files import binding_table, proposal_notes
from dashboard.services import Store
from dashboard.services.jobs import JobNews
from dashboard.views.best_reach import best_sentence
from dashboard.views.optimise import binding_cells, budget_price
from dashboard.views.optimise_conflicts import asked_share, conflict_sentences
from dashboard.views.optimise_question import question_words
from dashboard.views.scenarios import scenario_rows
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.store.engine import transaction
from data.store.tables import Programme
from data.workflows.maxima import Maximum, stored_model, with_maximum
from data.workflows.models import build_model, latest_round_id
from data.workflows.optimum import Part, Question, optimum_answer, pose
from tests.dashboard.conftest import site_fixtures
from tests.jobs.builders import workplace
from tests.simulate_site import make_simulate_store

STATED = "p-03"  # the one programme whose maximum somebody stated
ASSUMED = ("p-00", "p-01", "p-02", "p-04")  # p-05 has no money today that a maximum could be a multiple of


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_simulate_store(tmp_path_factory.mktemp("maximum"), needs=6, programmes=6, areas=3)
    with transaction(made.factory) as session:
        for programme in session.scalars(select(Programme)):
            programme.floor = None
            programme.ceiling = 4 * programme.stated_baseline if programme.code == STATED else None
    yield made
    made.factory.kw["bind"].dispose()


services, ana, lomas = site_fixtures()


@pytest.fixture(scope="module")
def loaded(services, ana, lomas):
    return services.simulate.workbench(ana, lomas).loaded


@pytest.fixture
def found(store, services, ana, lomas, loaded, tmp_path):
    """A search asked for with some limit on growth, done."""

    def search(**asked: Any) -> JobNews:
        news = services.jobs.start(ana, lomas, "optimise", {"model": loaded.sha256, **asked})
        run_job(workplace(store.factory, tmp_path, kinds=KINDS), news.id)
        return services.jobs.job(ana, lomas, news.id)

    return search


def most_times(news: JobNews, model) -> dict[str, float]:
    """Programme -> most that any area gets, in times of its money today."""
    times: dict[str, float] = {}
    for row in news.result["optimum"]["allocation"]:
        code = row["programme"]
        today = model.baseline[model.programmes.index(code), model.areas.index(row["area"])]
        if today > 0:
            times[code] = max(times.get(code, 0.0), row["amount"] / today)
    return times


def test_the_model_names_the_programmes_whose_maximum_is_assumed(store, lomas, loaded):
    with store.factory() as session:
        document = build_model(session, lomas.id, latest_round_id(session, lomas.id))
    assert document["assumed_maximum"]["times_today"] == 3
    assert document["assumed_maximum"]["programmes"] == list(ASSUMED)
    # a model that was stored before it named them: three times today's money in every area gives them away
    before = {key: value for key, value in document.items() if key != "assumed_maximum"}
    assert stored_model(before).assumed_maximum == loaded.model.assumed_maximum


def test_another_limit_moves_the_assumed_maxima_only(loaded):
    model = loaded.model
    rows = [model.programmes.index(code) for code in ASSUMED]
    for times in (5.0, None):
        changed = with_maximum(loaded.calibrated, Maximum(times)).model
        assert (np.delete(changed.ceiling, rows, axis=0) == np.delete(model.ceiling, rows, axis=0)).all()
        assert (changed.ceiling[rows] == (np.inf if times is None else 5 * model.baseline[rows])).all()
    assert with_maximum(loaded.calibrated, None) is loaded.calibrated


def test_a_search_keeps_the_limit_that_was_asked_for_and_a_wider_one_never_hurts(found, loaded):
    narrow, usual, wide = found(times_today=1.5), found(), found(times_today="")
    for news, times in ((narrow, 1.5), (usual, 3)):
        reached = most_times(news, loaded.model)
        assert max(reached[code] for code in ASSUMED) == pytest.approx(times, abs=1e-3)
    assert max(most_times(wide, loaded.model)[code] for code in ASSUMED) > 3.01
    values = [news.result["optimum"]["value"] for news in (narrow, usual, wide)]
    assert values == sorted(values)
    assert values[2] > values[0]


def test_the_best_value_is_told_with_the_limit_that_it_rests_on(found, services, lomas, ana, loaded):
    context, areas = PageContext("en", site=lomas, user=ana), services.simulate.area_names(ana, lomas)
    news = found()
    assert news.result["optimum"]["assumed_maximum"]["times_today"] == 3
    words = question_words(news.parameters, loaded, areas, context)
    assert "a programme without a stated maximum grows to at most 3 times today's money in each area" in words
    shown = str(show_best(services, context, news))
    assert "No maximum is stated for 4 of 6 programmes." in shown
    assert words in dict(proposal_notes(news, loaded, areas, "", context)).values()
    held = [name for name, _text in binding_cells(news.result, loaded, context, areas)]
    assert any(name.startswith("Assumed maximum of") for name in held)
    lifted = found(times_today=None)
    assert "no maximum assumed" in question_words(lifted.parameters, loaded, areas, context)
    run = services.simulate.run(ana, lomas, loaded.sha256, {})
    assert "grows to at most 3 times today's money" in best_sentence(run, context)


def test_a_proposal_beyond_the_assumed_maximum_is_kept_with_its_limit_and_opens_without_a_complaint(
    found, services, ana, lomas, loaded
):
    news = found(times_today=6)
    assert max(most_times(news, loaded.model).values()) > 3.01
    kept = services.optimise.take_over(ana, lomas, news.id, Part(loaded.model.programmes), "Seis veces", "")
    assert services.scenarios.scenario(ana, lomas, kept.id).maximum == Maximum(6)
    assert services.scenarios.run(ana, lomas, kept.id, {}).problems == ()
    (row,) = scenario_rows([kept], PageContext("en", site=lomas, user=ana))
    assert "at most 6 times today's money" in row.found
    assert row.model == loaded.sha256[:12]


def test_money_may_enter_an_area_without_any_only_where_the_limit_is_lifted(loaded):
    baseline = loaded.model.baseline.copy()
    baseline[0, 0] = 0.0
    model = replace(loaded.model, baseline=baseline, ceiling=3 * baseline)
    calibrated = calibrate(model)
    assert with_maximum(calibrated, Maximum(9)).model.ceiling[0, 0] == 0
    assert with_maximum(calibrated, Maximum(None)).model.ceiling[0, 0] == np.inf


def test_the_question_of_a_stored_model_starts_from_its_own_limit(store, lomas, loaded):
    with store.factory() as session:
        started = pose(session, lomas.id, Question(loaded.sha256))
    assert (started.model.ceiling == loaded.model.ceiling).all()
    assert optimum_answer(started)["optimum"]["assumed_maximum"]["programmes"] == list(ASSUMED)


def test_the_budgets_price_stands_first_and_rows_left_off_are_counted_and_filed(found, services, lomas, ana, loaded):
    context, areas = PageContext("en", site=lomas, user=ana), services.simulate.area_names(ana, lomas)
    news = found()
    made_up = [
        {"constraint": "locked", "programme": code, "area": area, "price": 5.0 + place, "per": "1,000 currency"}
        for place, (code, area) in enumerate((code, area) for code in ASSUMED for area in loaded.model.areas)
    ]
    needs = [
        {"constraint": "min_coverage", "need": need, "group": group, "price": 9.0, "per": "percentage point"}
        for need in loaded.model.needs
        for group in loaded.model.groups
    ]
    budget = {"constraint": "budget", "price": 0.33, "per": "1,000 currency"}
    optimum = {**news.result["optimum"], "binding": [*made_up, *needs, budget]}
    told = replace(news, result={**news.result, "optimum": optimum})
    cells = binding_cells(told.result, loaded, context, areas)
    assert cells[0][0] == "The total budget"
    assert len(cells) == 1 + len(ASSUMED) + 12  # areas together
    assert budget_price(told.result, context).startswith("More budget would bring: 0.33 needs met for each")
    shown = str(show_best(services, context, told))
    assert "… and 2 more conditions that bind less" in shown
    assert len(binding_table(told, loaded, areas, context).rows) == len(cells)


def test_a_number_is_told_as_it_was_asked_for():
    context = PageContext("en")
    written = [asked_share(share, context).replace("\N{NO-BREAK SPACE}", " ") for share in (0.9999, 0.7, 0.555, 1.0)]
    assert [text.replace(" ", "") for text in written] == ["99.99%", "70%", "55.5%", "100%"]


def test_a_conflict_about_one_line_names_programme_area_and_amounts(services, ana, lomas, loaded):
    context = PageContext("en", site=lomas, user=ana)
    relaxation = {"quantity": "floor", "needed": 75000.12, "difference": -1.0, "limit": 75000.12, "is_proven": True}
    row = {"constraint": "floor", "programme": "p-00", "area": "lomas-S2", "amount": 100000.0, "relaxation": relaxation}
    target = {"constraint": "min_coverage", "need": "N01", "group": "men", "coverage": 0.9999}
    result = {"optimum": {"conflicts": [{**row, "aside": [target]}]}}
    (told,) = conflict_sentences(result, loaded, context, {"lomas-S2": "Sector 2"})
    assert "Municipal programme 0" in told
    assert "Sector 2" in told
    assert "75,000.12" in told
    assert "99.99" in told


def test_a_limit_on_change_inside_the_assumed_maximum_is_not_called_the_maximum(found, lomas, ana, loaded, services):
    context, areas = PageContext("en", site=lomas, user=ana), services.simulate.area_names(ana, lomas)
    news = found(max_change=0.2)
    names = [name for name, _text in binding_cells(news.result, loaded, context, areas, True)]
    assert any(name.startswith("Limit on the change of") for name in names)
    assert not any("aximum of" in name or "inimum of" in name for name in names)
    assert "0 of them stand at that limit" in str(show_best(services, context, news))
