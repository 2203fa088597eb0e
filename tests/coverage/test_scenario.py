"""What is reported for an allocation, on a model small enough to work by hand."""

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.portable import parse_model
from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import evaluate, simulate
from budget_model.errors import AllocationError

DOCUMENT = {
    "currency": "PEN",
    "areas": ["north", "south"],
    "groups": ["women", "men"],
    "needs": [
        {
            "id": "WATER",
            "weight": {"women": 3, "men": 1},
            "universe": {"north": {"women": 1000, "men": 500}, "south": {"women": 200, "men": 0}},
            "deficit": {"north": {"women": 500, "men": 100}, "south": {"women": 50, "men": 0}},
        }
    ],
    "programmes": [
        {
            "id": "network",
            "unit_cost": 10,
            "capacity": {"north": 400, "south": None},
            "baseline": {"north": 2000, "south": 500},
            "serves": [
                {"need": "WATER", "reach": {"women": 0.5, "men": 0.5}, "effectiveness": 1, "response": "linear"}
            ],
        }
    ],
}
# Baseline: north serves 200, women u = 100 / 1000 = 0.1, men 100 / 500 = 0.2; south serves 50, women 25 / 200.
# Survey: north women 0.5, men 0.8; south women 0.75.
# B: (0.5 - 0.1) / 0.9 = 4/9; (0.8 - 0.2) / 0.8 = 0.75; (0.75 - 0.125) / 0.875 = 5/7.


@pytest.fixture
def calibrated():
    return calibrate(parse_model(DOCUMENT))


def test_moving_money_north_gains_there_and_loses_in_the_south(calibrated):
    # north 2500 -> 250 served: women m = 0.125, C = 4/9 + 5/9 x 0.125; men m = 0.25, C = 0.75 + 0.25 x 0.25
    # south 0: C = B
    result = simulate(calibrated, np.array([[2500.0, 0.0]]))
    women_north, men_north, women_south = 4 / 9 + 5 / 9 * 0.125, 0.8125, 5 / 7
    np.testing.assert_allclose(result.coverage[0, 0], [women_north, men_north])
    assert result.coverage[0, 1, 0] == pytest.approx(women_south)
    np.testing.assert_allclose(result.needs.gained[0], [1000 * (women_north - 0.5), 500 * 0.0125])
    np.testing.assert_allclose(result.needs.lost[0], [200 * (0.75 - women_south), 0], atol=1e-9)
    assert result.spent == 2500 == result.spent_baseline
    women = (1000 * women_north + 200 * women_south) / 1200
    assert result.needs.gap_pp[0] == pytest.approx(100 * (women - men_north))
    assert result.needs.ratio[0] == pytest.approx(women / men_north)


def test_group_totals_count_applicable_cells_only(calibrated):
    groups = simulate(calibrated).groups
    np.testing.assert_allclose(groups.needs, [1200, 500])
    np.testing.assert_allclose(groups.covered, [500 + 150, 400])
    np.testing.assert_allclose(groups.coverage, [650 / 1200, 0.8])


def test_nobody_in_the_universe_is_reported_as_nothing_not_as_zero(calibrated):
    row = [row for row in scenario_document(simulate(calibrated))["coverage"] if row["universe"] == 0]
    assert row == [
        {"need": "WATER", "area": "south", "group": "men", "universe": 0.0, "baseline": None, "scenario": None,
         "covered": None, "uncovered": None, "change": None}
    ]  # fmt: skip


def test_money_beyond_the_capacity_serves_nobody_and_is_shown(calibrated):
    result = simulate(calibrated, np.array([[9000.0, 500.0]]))
    np.testing.assert_allclose(result.served, [[400, 50]])
    np.testing.assert_allclose(result.beyond_capacity, [[5000, 0]])


def test_weighted_coverage_follows_the_priorities(calibrated):
    groups = simulate(calibrated).groups
    np.testing.assert_allclose(groups.weighted_coverage, groups.coverage)  # one need: its weight cancels


def test_many_allocations_at_once_equal_one_by_one(calibrated):
    amounts = np.array([[[2500.0, 0.0]], [[0.0, 2500.0]], [[2000.0, 500.0]]])
    together = evaluate(calibrated, amounts)
    assert together.shape == (3, 1, 2, 2)
    for index in range(3):
        np.testing.assert_array_equal(together[index], evaluate(calibrated, amounts[index]))


@pytest.mark.parametrize("amount", [-1.0, np.nan])
def test_a_negative_or_missing_amount_is_refused(calibrated, amount):
    with pytest.raises(AllocationError, match="negative or missing"):
        evaluate(calibrated, np.array([[amount, 0.0]]))


def test_an_allocation_of_another_shape_is_refused(calibrated):
    with pytest.raises(AllocationError, match="1 programmes x 2 areas"):
        evaluate(calibrated, np.array([[1.0, 2.0, 3.0]]))
