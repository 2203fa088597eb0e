"""The calibration identity, by hand and over random models."""

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.portable import parse_model
from budget_model.coverage.scenario import evaluate
from tests.model_builders import random_model


def one_need(deficit=400, baseline=20_000, response="linear", overlap="independent", effectiveness=0.5, **link):
    """One need, one area, women only: universe 1,000; a unit cost of 50, so that 20,000 serve 400 people."""
    return {
        "currency": "PEN",
        "areas": ["a"],
        "groups": ["women"],
        "needs": [
            {
                "id": "N",
                "overlap": overlap,
                "universe": {"a": {"women": 1000}},
                "deficit": {"a": {"women": deficit}},
            }
        ],
        "programmes": [
            {
                "id": "p",
                "unit_cost": 50,
                "baseline": {"a": baseline},
                "serves": [
                    {"need": "N", "reach": {"women": 1}, "effectiveness": effectiveness, "response": response, **link}
                ],
            }
        ],
    }


def test_background_is_what_the_programmes_do_not_explain():
    # m0 = 0.5 x 400 / 1000 = 0.2; survey 0.6; B = (0.6 - 0.2) / (1 - 0.2) = 0.5
    calibrated = calibrate(parse_model(one_need()))
    assert calibrated.background[0, 0, 0] == pytest.approx(0.5, abs=1e-15)
    # twice the money: m = 0.4, C = 0.5 + 0.5 x 0.4 = 0.7; none: C = B = 0.5
    assert evaluate(calibrated, np.array([[40_000.0]]))[0, 0, 0] == pytest.approx(0.7, abs=1e-15)
    assert evaluate(calibrated, np.array([[0.0]]))[0, 0, 0] == pytest.approx(0.5, abs=1e-15)


def test_records_that_exceed_the_survey_are_scaled_down_and_reported():
    # survey 0.1, records 0.2: effectiveness halves, B = 0
    calibrated = calibrate(parse_model(one_need(deficit=900)))
    assert calibrated.inconsistent[0, 0, 0]
    assert calibrated.records[0, 0, 0] == pytest.approx(0.2)
    assert calibrated.survey[0, 0, 0] == pytest.approx(0.1)
    assert calibrated.background[0, 0, 0] == 0
    assert calibrated.scale[0, 0, 0] == pytest.approx(0.5, abs=1e-11)
    assert evaluate(calibrated, np.array([[40_000.0]]))[0, 0, 0] == pytest.approx(0.2, abs=1e-11)


def test_a_survey_that_finds_nobody_covered_leaves_the_programmes_no_effect():
    calibrated = calibrate(parse_model(one_need(deficit=1000)))
    assert calibrated.inconsistent.all()
    assert calibrated.scale[0, 0, 0] == 0
    assert evaluate(calibrated, np.array([[40_000.0]]))[0, 0, 0] == 0


def test_everybody_covered_stays_covered_whatever_the_money():
    calibrated = calibrate(parse_model(one_need(deficit=0)))
    assert calibrated.background[0, 0, 0] == 1
    assert evaluate(calibrated, np.array([[0.0]]))[0, 0, 0] == 1


def test_an_empty_universe_is_not_applicable():
    document = one_need(deficit=0)
    document["needs"][0]["universe"]["a"]["women"] = 0
    calibrated = calibrate(parse_model(document))
    assert np.isnan(calibrated.survey).all()
    assert not calibrated.inconsistent.any()
    assert np.isnan(evaluate(calibrated, np.array([[20_000.0]]))).all()


def test_a_saturated_programme_far_above_the_survey_is_still_calibrated():
    # intensity a million times the universe; the survey finds 30 %
    calibrated = calibrate(parse_model(one_need(deficit=700, baseline=1e11, response="exponential", effectiveness=1)))
    assert evaluate(calibrated, calibrated.model.baseline)[0, 0, 0] == pytest.approx(0.3, abs=1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_the_baseline_reproduces_the_survey_in_every_cell(seed):
    model = random_model(seed, programmes=2 + seed % 7, needs=1 + seed % 6, areas=1 + seed % 4, groups=1 + seed % 3)
    calibrated = calibrate(model)
    found = evaluate(calibrated, model.baseline)
    applicable = model.universe > 0
    assert (np.isnan(found) == ~applicable).all()
    assert np.abs(found - calibrated.survey)[applicable].max(initial=0) < 1e-11
    assert (calibrated.background[calibrated.inconsistent] == 0).all()
    assert (calibrated.scale[applicable & ~calibrated.inconsistent] == 1).all()
