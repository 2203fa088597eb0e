"""Draws in the background give what the same draws give in the foreground."""

from __future__ import annotations

import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.draws_report import draws_document
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.portable import parse_model
from budget_model.coverage.project import build_horizon
from budget_model.coverage.uncertainty import run_draws
from budget_model.errors import InputError
from data.jobs.execution import run_job
from data.jobs.failures import sentence_of
from data.jobs.kinds import KINDS
from data.plain import plain
from data.readers.yaml_document import parse_yaml
from data.settings import PROJECT
from data.store.engine import transaction
from data.store.models import save_snapshot
from tests.jobs.builders import ask, stored, workplace
from tests.store_builders import make_place

EXAMPLE = PROJECT / "data" / "examples" / "water_and_care.yaml"


@pytest.fixture
def model(factory) -> str:
    """The example's model, stored at a site."""
    document, _ = parse_yaml(EXAMPLE.read_text(encoding="utf-8"), "example")
    with transaction(factory) as session:
        place = make_place(session)
        return save_snapshot(session, place.site.id, place.survey_round.id, 2026, document).sha256


def test_the_answer_is_that_of_the_same_draws_without_a_queue(factory, tmp_path, model):
    asked = {"model": model, "allocations": [{}, {}], "draws": 60, "seed": 5}
    parameters = dict(KINDS["draws"].check(asked))
    job_id = ask(factory, "draws", **parameters)
    run_job(workplace(factory, tmp_path, kinds=KINDS), job_id)
    job = stored(factory, job_id)
    assert job.state == "done", job.failure and sentence_of(job.failure)
    document, _ = parse_yaml(EXAMPLE.read_text(encoding="utf-8"), "example")
    horizon = build_horizon(calibrate(parse_model(document)))
    draws = run_draws(horizon, [horizon.baseline], 60, 5)
    expected = plain(draws_document(simulate_plan(horizon, horizon.baseline), draws, draws.plans[0]))
    assert job.result["allocations"][0]["groups"] == expected["groups"]
    assert job.result["allocations"][0]["coverage"] == expected["coverage"]
    assert job.result["chances"][0][0] is None
    assert (job.done, job.total, job.step) == (60, 60, "draws")


def test_a_question_that_is_none_is_refused_with_everything_that_is_wrong(factory):
    with pytest.raises(InputError) as refused:
        KINDS["draws"].check({"model": "x", "allocations": [{"care": "many"}], "draws": 1, "years": 40})
    assert [problem.facts["name"] for problem in refused.value.problems] == ["care", "draws", "years"]


def test_a_model_of_another_site_is_not_there(factory, tmp_path, model):
    parameters = dict(KINDS["draws"].check({"model": model, "allocations": [{}], "draws": 10}))
    job_id = ask(factory, "draws", slug="elsewhere", **parameters)
    run_job(workplace(factory, tmp_path, kinds=KINDS), job_id)
    assert "There is no model" in sentence_of(stored(factory, job_id).failure)
