"""The best that the money can reach: against every allocation of a grid, and never called proved where it is not."""

import itertools

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.portable import parse_model
from budget_model.coverage.reachable import best_reachable, met_by_programmes
from budget_model.coverage.scenario import evaluate


def model_of(response="exponential", budget=1000.0, **constraints):
    """One need, one area, women and men; two programmes of which the second is dearer."""
    serves = {"need": "N", "effectiveness": 1.0, "ceiling": 0.9, "response": response}
    return calibrate(
        parse_model(
            {
                "currency": "PEN",
                "areas": ["a"],
                "groups": ["women", "men"],
                "needs": [
                    {
                        "id": "N",
                        "weight": {"women": 2, "men": 1},
                        "universe": {"a": {"women": 100, "men": 100}},
                        "deficit": {"a": {"women": 60, "men": 40}},
                    }
                ],
                "programmes": [
                    {"id": "cheap", "unit_cost": 10, "baseline": {"a": 200},
                     "serves": [{**serves, "reach": {"women": 0.2, "men": 0.8}}]},
                    {"id": "dear", "unit_cost": 20, "baseline": {"a": 800},
                     "serves": [{**serves, "reach": {"women": 0.9, "men": 0.1}}]},
                ],
                "constraints": {"budget": budget, **constraints},
                "objective": "max_min",
            }
        )
    )  # fmt: skip


@pytest.mark.parametrize("response", ["exponential", "linear"])
def test_no_allocation_of_a_grid_meets_more_than_the_best(response):
    calibrated = model_of(response)
    best = best_reachable(calibrated)
    steps = np.linspace(0, 1000, 101)
    found = [
        met_by_programmes(calibrated, evaluate(calibrated, np.array([[a], [b]])))
        for a, b in itertools.product(steps, steps)
        if a + b <= 1000
    ]
    assert max(found) <= best.bound + 1e-6
    assert best.met >= max(found) - 0.02 * max(found)
    assert best.met <= best.bound + 1e-9


def test_the_best_is_proved_only_where_the_problem_is_concave():
    assert best_reachable(model_of("exponential")).is_proved
    assert not best_reachable(model_of("linear")).is_proved
    assert not best_reachable(model_of("tanh")).is_proved


def test_met_counts_weighted_persons_beyond_what_is_covered_without_the_programmes():
    calibrated = model_of()
    today = evaluate(calibrated, calibrated.model.baseline)
    by_hand = sum(
        weight * 100 * float(today[0, 0, g] - calibrated.background[0, 0, g]) for g, weight in enumerate((2, 1))
    )
    assert met_by_programmes(calibrated, today) == pytest.approx(by_hand)
    assert met_by_programmes(calibrated, today) <= best_reachable(calibrated).bound


def test_limits_that_contradict_each_other_are_said_and_nothing_is_compared():
    assert not best_reachable(model_of(min_coverage={"N": {"women": 0.99}}, budget=10.0)).is_possible


def test_the_models_own_objective_does_not_matter():
    best = best_reachable(model_of())
    assert best.budget == 1000.0
    assert best.met > 0
