"""Response curves: today's point is what the survey found; the rest is worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.curves import response_curve
from budget_model.coverage.portable import parse_model

DOCUMENT = {
    "currency": "PEN",
    "areas": ["north", "south"],
    "groups": ["women", "men"],
    "needs": [
        {
            "id": "WATER",
            "overlap": "independent",
            "universe": {"north": {"women": 100, "men": 0}, "south": {"women": 300, "men": 0}},
            "deficit": {"north": {"women": 50, "men": 0}, "south": {"women": 60, "men": 0}},
        }
    ],
    "programmes": [
        {
            "id": "taps",
            "unit_cost": 10,
            "baseline": {"north": 0, "south": 0},
            "ceiling": {"north": 500, "south": 500},
            "serves": [
                {
                    "need": "WATER",
                    "reach": {"women": 1, "men": 0},
                    "effectiveness": 1,
                    "ceiling": 1,
                    "response": "exponential",
                }
            ],
        }
    ],
}


def test_without_money_coverage_is_what_the_survey_found():
    curve = response_curve(calibrate(parse_model(DOCUMENT)), "taps", "WATER", points=3)
    assert curve.amounts.tolist() == [0, 500, 1000]
    assert curve.today == 0
    assert curve.coverage[0, 0] == pytest.approx(1 - 110 / 400)
    assert curve.universe.tolist() == [400, 0]


def test_a_point_of_the_curve_is_the_one_worked_out_by_hand():
    """550 enter in proportion to the deficit: 250 north, 300 south; 25 and 30 persons of 100 and 300 are served.

    m = 1 - exp(-0.25) and 1 - exp(-0.1); of those who lack, 50 exp(-0.25) + 60 exp(-0.1) remain.
    """
    curve = response_curve(calibrate(parse_model(DOCUMENT)), "taps", "WATER", points=2, highest=550)
    remaining = 50 * math.exp(-0.25) + 60 * math.exp(-0.1)
    assert curve.coverage[-1, 0] == pytest.approx(1 - remaining / 400, abs=1e-12)


def test_a_group_without_anybody_is_unknown_and_the_curve_never_falls():
    curve = response_curve(calibrate(parse_model(DOCUMENT)), "taps", "WATER")
    assert np.isnan(curve.coverage[:, 1]).all()
    assert (np.diff(curve.coverage[:, 0]) > 0).all()
