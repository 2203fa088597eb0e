"""Where most needs are covered without any programme, an answer is held against what programmes add, not the whole."""

import itertools

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import optimise
from budget_model.coverage.portable import parse_model
from tests.coverage.optimise_judges import plain_value

PEOPLE, STEP = (
    1_000_000,
    250,
)  # in each group, of whom programmes reach a thousandth; currency between points of the grid
BASELINE = {"one": 1000, "two": 6000, "three": 3000}


def model_of(**constraints):
    """Three programmes, each for a need of its own; today's money is far from where it meets most."""
    needs = [
        {
            "id": name.upper(),
            "universe": {"a": {"women": PEOPLE, "men": PEOPLE}},
            "deficit": {"a": {"women": 9000, "men": 7000}},
        }
        for name in BASELINE
    ]
    programmes = [
        {
            "id": name,
            "unit_cost": cost,
            "baseline": {"a": BASELINE[name]},
            "serves": [{"need": name.upper(), "reach": "need", "effectiveness": 0.8, "ceiling": 0.001}],
        }
        for name, cost in zip(BASELINE, (10, 60, 25), strict=True)
    ]
    return parse_model(
        {
            "currency": "PEN",
            "areas": ["a"],
            "groups": ["women", "men"],
            "needs": needs,
            "programmes": programmes,
            "constraints": {"budget": 10000, **constraints},
            "objective": "total",
        }
    )


def best_of_grid(model) -> float:
    """The best of all ways to divide the budget in steps, by the plain model."""
    steps = range(0, 10000 + STEP, STEP)
    divided = [(x, y, 10000 - x - y) for x, y in itertools.product(steps, steps) if x + y <= 10000]
    kept = [amounts for amounts in divided if amounts[1] >= 1000]  # the tenth of one of the questions below
    return max(plain_value(model, [[amount] for amount in amounts]) for amounts in kept)


@pytest.mark.parametrize("constraints", [{}, {"min_share": {"programmes": ["two"], "share": 0.1}}])
def test_the_gain_is_found_although_it_is_a_millionth_of_all_needs(constraints):
    model = model_of(**constraints)
    found = optimise(calibrate(model))
    gained, most = found.value - found.baseline_value, found.bound - found.baseline_value
    assert found.status == "optimal"
    assert gained >= best_of_grid(model) - found.baseline_value > 2
    assert most - gained <= 5e-4 * most


def test_where_nothing_is_better_todays_budget_is_the_answer():
    model = model_of(max_change=0.0)
    found = optimise(calibrate(model))
    np.testing.assert_array_equal(found.allocation, model.baseline)
    assert found.value == pytest.approx(found.baseline_value, rel=1e-15)
