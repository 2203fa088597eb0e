"""Limits of an allocation, and totals spread over areas."""

import dataclasses

import numpy as np
import pytest

from budget_model.coverage.allocation import area_split, baseline_totals, check_allocation, spread_totals
from budget_model.coverage.types import Constraints
from tests.model_builders import random_model


@pytest.fixture
def model():
    """Two programmes, two areas, 100,000 each; the second programme is locked."""
    shape = (2, 2)
    return dataclasses.replace(
        random_model(3, programmes=2, needs=2, areas=2),
        baseline=np.full(shape, 100_000.0),
        floor=np.full(shape, 50_000.0),
        ceiling=np.full(shape, 180_000.0),
        locked=np.array([False, True]),
        constraints=Constraints(budget=400_000, max_change=0.6),
    )


def rules(model, amounts):
    return [problem.rule for problem in check_allocation(model, np.array(amounts, dtype=float))]


def test_the_baseline_keeps_all_limits(model):
    assert rules(model, model.baseline) == []


def test_the_total_is_named_with_its_excess(model):
    problem = check_allocation(model, np.array([[120_000.0, 100_000], [100_000, 100_000]]))[0]
    assert problem.rule == "above-budget"
    assert "20,000.00 PEN above the budget of 400,000.00 PEN" in problem.message


def test_every_broken_limit_of_every_line_is_named(model):
    assert rules(model, [[190_000, 30_000], [100_000, 90_000]]) == [
        "above-budget",
        "above-ceiling",
        "beyond-max-change",
        "below-floor",
        "beyond-max-change",
        "locked",
    ]


def test_a_line_is_named_with_programme_area_and_amounts(model):
    problem = check_allocation(model, np.array([[100_000.0, 45_000], [100_000, 100_000]]))[0]
    assert str(problem) == (
        "Programme 'programme-0', area 'area-1': 45,000.00 PEN is below the floor of 50,000.00 PEN. "
        "Raise it by 5,000.00 PEN or more."
    )
    assert problem.facts["limit"] == 50_000


def test_the_last_bit_of_a_sum_breaks_no_limit(model):
    tenth = dataclasses.replace(
        model, constraints=Constraints(budget=0.3), floor=model.floor * 0, locked=np.zeros(2, bool)
    )
    assert rules(dataclasses.replace(tenth, baseline=np.zeros((2, 2))), [[0.1, 0.1], [0.1, 0]]) == []


def test_totals_at_the_baseline_give_the_baseline_to_the_last_bit():
    model = random_model(11, programmes=8, areas=5)
    np.testing.assert_array_equal(spread_totals(model, baseline_totals(model)), model.baseline)


def test_totals_keep_the_proportions_between_areas_and_add_up():
    model = random_model(12, programmes=8, areas=5)
    totals = baseline_totals(model) * 1.5 + 1000
    spread = spread_totals(model, totals)
    np.testing.assert_allclose(spread.sum(axis=1), totals)
    money_today = baseline_totals(model) > 0
    factor = totals[money_today] / baseline_totals(model)[money_today]
    np.testing.assert_allclose(spread[money_today], model.baseline[money_today] * factor[:, None])


def test_a_programme_without_money_today_enters_where_people_lack_what_it_serves():
    model = random_model(13, programmes=6, areas=4)
    np.testing.assert_allclose(area_split(model).sum(axis=1), 1)
