"""Hours of unpaid work that programmes save, worked by hand."""

import copy

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.draws_report import draws_document
from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.portable import model_document, parse_model
from budget_model.coverage.project import build_horizon
from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import simulate
from budget_model.coverage.uncertainty import run_draws
from budget_model.errors import InputError
from tests.coverage.test_plans import DOCUMENT

HOURS = {"hours_saved": {"women": 5, "men": 1}}


def model_of(value=4, **programme):
    document = copy.deepcopy(DOCUMENT)
    document["programmes"][0] |= HOURS | programme
    return parse_model(document if value is None else document | {"hour_value": value})


def test_hours_follow_the_people_served():
    # 20000 at 100 a person serve 200, today 100; each spares women 5 hours a week
    document = scenario_document(simulate(calibrate(model_of()), np.array([[20000.0]])))
    women = document["unpaid_hours"]["groups"]["women"]
    assert (women["hours"], women["hours_baseline"]) == (200 * 5 * 52, 100 * 5 * 52)
    assert women["value"] == 200 * 5 * 52 * 4
    assert document["unpaid_hours"]["groups"]["men"]["hours"] == 200 * 52


def test_hours_without_a_value_are_not_valued():
    document = scenario_document(simulate(calibrate(model_of(None))))
    assert set(document["unpaid_hours"]["groups"]["women"]) == {"hours", "hours_baseline"}


def test_a_model_without_hours_says_nothing_of_them():
    assert "unpaid_hours" not in scenario_document(simulate(calibrate(parse_model(copy.deepcopy(DOCUMENT)))))


def test_works_of_earlier_years_go_on_sparing_hours():
    # d = 4: 100 people in year 1, 175 in year 2
    document = plan_document(simulate_plan(build_horizon(calibrate(model_of()), 2)))
    hours = [year["unpaid_hours"]["groups"]["women"]["hours"] for year in document["years"]]
    np.testing.assert_allclose(hours, [100 * 260, 175 * 260])
    assert document["horizon"]["unpaid_hours"]["groups"]["women"]["hours"] == pytest.approx(275 * 260)


def test_dearer_programmes_save_fewer_hours_in_the_draws():
    model = model_of(unit_cost_range=[80, 130])
    horizon = build_horizon(calibrate(model), 1)
    draws = run_draws(horizon, [horizon.baseline], 200, 1)
    row = draws_document(simulate_plan(horizon), draws, draws.plans[0])["unpaid_hours"]["groups"]["women"]
    assert row["hours_p5"] < row["hours"] < row["hours_p95"] <= 10000 / 80 * 260


def test_hours_read_back():
    document = model_document(model_of())
    assert document["programmes"][0]["hours_saved"] == {"women": 5, "men": 1}
    assert document["hour_value"] == 4
    assert model_document(parse_model(document)) == document


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"hours_saved": {"women": 200}}, "programmes[0].hours_saved.women: 200 is outside the allowed range 0 to 168"),
        ({"hours_saved": {"woman": 3}}, "Did you mean 'women'?"),
        ({"hours_saved": 3}, "programmes[0].hours_saved: expected a value for each group"),
    ],
)
def test_impossible_hours_are_refused(part, words):
    with pytest.raises(InputError) as caught:
        model_of(**part)
    assert words in str(caught.value)
