"""Best reallocation: asked for in plain words, answered with its certificate, taken over as a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import Store, make_services
from dashboard.views.optimise_conflicts import conflict_sentences
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.settings import StoreSettings
from data.workflows.optimum import Question, optimum_answer, pose, question_document, read_question
from tests.dashboard.conftest import Visitor, person
from tests.jobs.builders import workplace
from tests.simulate_site import make_simulate_store

PATH = "/es/lomas/optimise"
LOCKED = "p-02"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_simulate_store(tmp_path_factory.mktemp("optimise"), needs=6, programmes=6, areas=3)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture(scope="module")
def services(store):
    return make_services(store)


@pytest.fixture(scope="module")
def ana(services):
    return person(services, "ana")


@pytest.fixture(scope="module")
def lomas(services, ana):
    return services.sites.find(ana, "lomas")


@pytest.fixture(scope="module")
def sha256(services, ana, lomas):
    return services.simulate.workbench(ana, lomas).loaded.sha256


@pytest.fixture(scope="module")
def enter(store, services):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    return lambda login: Visitor(app.server.test_client(), login)


def answered(store, services, ana, lomas, tmp_path, sha256, **asked: Any):
    news = services.jobs.start(ana, lomas, "optimise", {"model": sha256, **asked})
    run_job(workplace(store.factory, tmp_path, kinds=KINDS), news.id)
    return services.jobs.job(ana, lomas, news.id)


def test_a_question_survives_being_written_down():
    asked = {"model": "a", "objective": "women", "budget": "100.50", "max_change": 0.2, "targets": {"N": 0.7}}
    question = read_question(asked)
    assert question == Question("a", "women", {}, Decimal("100.50"), 0.2, False, None, {"N": 0.7})
    assert read_question(question_document(question)) == question


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"objective": "glory"}, "'glory' is no objective"),
        ({"budget": "1,000"}, "'1,000' is no amount"),
        ({"budget": "-5"}, "'-5' is no amount"),
        ({"max_change": -0.1}, "no share between 0 and 10"),
        ({"max_change": "many"}, "'many' is no share"),
        ({"max_gap": 2}, "no share between 0 and 1"),
        ({"targets": {"N": 1.2}}, "no share between 0 and 1"),
        ({"targets": "all"}, "must give a share a need"),
        ({"changes": ["x"]}, "must give an amount a programme"),
    ],
)
def test_conditions_that_cannot_be_read_are_refused(asked, words):
    with pytest.raises(InputError, match=words):
        read_question(asked)


def test_the_proposal_keeps_the_budget_the_lock_and_the_limit_on_change(store, lomas, sha256):
    with store.factory() as session:
        started = pose(session, lomas.id, Question(sha256, max_change=0.2))
    answer = optimum_answer(started)
    model = started.model
    amounts = np.zeros_like(model.baseline)
    for row in answer["optimum"]["allocation"]:
        amounts[model.programmes.index(row["programme"]), model.areas.index(row["area"])] = row["amount"]
    assert amounts.sum() <= model.baseline.sum() + 0.005
    locked = model.programmes.index(LOCKED)
    assert np.allclose(amounts[locked], model.baseline[locked])
    free = ~model.locked
    assert (np.abs(amounts - model.baseline)[free] <= 0.2 * model.baseline[free] + 0.01).all()
    assert answer["optimum"]["value"] > answer["optimum"]["baseline_value"]
    assert answer["optimum"]["value"] <= answer["optimum"]["bound"] * (1 + 1e-9)


def test_a_start_with_other_amounts_is_what_the_limits_count_from(store, lomas, sha256):
    with store.factory() as session:
        calibrated = pose(session, lomas.id, Question(sha256)).calibrated
        code = next(
            c for c, locked in zip(calibrated.model.programmes, calibrated.model.locked, strict=True) if not locked
        )
        index = calibrated.model.programmes.index(code)
        half = Decimal(str(round(calibrated.model.baseline[index].sum() / 2, 2)))
        started = pose(session, lomas.id, Question(sha256, changes={code: half}, max_change=0.1))
    assert started.start[index].sum() == pytest.approx(float(half))
    assert started.model.ceiling[index].sum() == pytest.approx(1.1 * float(half))


def test_a_part_of_the_proposal_becomes_a_scenario_and_the_rest_stays(store, services, ana, lomas, tmp_path, sha256):
    news = answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.2)
    totals = news.result["totals"]
    cut = min(totals, key=lambda code: totals[code]["best"] - totals[code]["start"])
    saved = services.optimise.take_over(ana, lomas, news.id, [cut], "Solo el recorte", "")
    kept = services.scenarios.allocation(ana, lomas, saved.id)
    by_programme: dict[str, Decimal] = {}
    for (programme, _), amount in kept.items():
        by_programme[programme] = by_programme.get(programme, Decimal(0)) + amount
    assert float(by_programme[cut]) == pytest.approx(totals[cut]["best"], abs=0.01)
    others = [code for code in totals if code != cut]
    assert all(float(by_programme[code]) == pytest.approx(totals[code]["start"], abs=0.01) for code in others)


def test_more_than_the_budget_nothing_and_what_is_not_there_are_refused(store, services, ana, lomas, tmp_path, sha256):
    news = answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.2)
    with pytest.raises(InputError, match="No programme was chosen"):
        services.optimise.take_over(ana, lomas, news.id, [], "x", "")
    with pytest.raises(NotFoundError):
        services.optimise.take_over(ana, lomas, news.id, ["no-such"], "x", "")
    with pytest.raises(NotFoundError):
        services.optimise.take_over(ana, lomas, "no-such-job", ["p-01"], "x", "")
    carla = person(services, "carla")
    with pytest.raises(AccessError):
        services.optimise.take_over(carla, lomas, news.id, ["p-01"], "x", "")


def test_conditions_that_contradict_each_other_are_named(store, services, ana, lomas, tmp_path, sha256):
    need = services.simulate.loaded(ana, lomas, sha256).model.needs[0]
    news = answered(store, services, ana, lomas, tmp_path, sha256, max_change=0.01, targets={need: 1.0})
    assert news.result["optimum"]["status"] == "infeasible"
    assert news.result["best"] is None


def test_the_page_asks_and_shows_the_proposal(enter, services, ana, lomas, sha256, store, tmp_path):
    assert "optimise-objective" not in enter(None).open(PATH).text
    assert "optimise-objective" in enter("ana").open(PATH).text
    answered(store, services, ana, lomas, tmp_path, sha256, objective="women", max_change=0.3)
    told = enter("ana").open(PATH).get_data(as_text=True).encode().decode("unicode_escape", "ignore")
    assert "probado" in told or "Una buena propuesta" in told


def test_a_conflict_is_told_with_the_smallest_change_that_helps(services, ana, lomas, sha256):
    from dashboard.context import PageContext

    loaded = services.simulate.loaded(ana, lomas, sha256)
    row = {
        "constraint": "budget",
        "amount": 100.0,
        "relaxation": {"quantity": "amount", "needed": 150.0, "difference": 50.0},
    }
    context = PageContext("es", site=lomas, user=ana)
    told = conflict_sentences({"optimum": {"conflicts": [row]}}, loaded, context)[0]
    assert "El presupuesto de" in told
    assert "150" in told
    assert "50" in told
