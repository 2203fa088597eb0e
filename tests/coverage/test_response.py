"""Response curves against values worked by hand."""

import math

import numpy as np
import pytest

from budget_model.coverage.response import CURVES, respond, respond_scaled, rows_by_curve


def one(curve, intensity, ceiling):
    return respond(np.array([intensity]), np.array([ceiling]), rows_by_curve([curve]))[0]


def test_linear_rises_one_to_one_up_to_its_ceiling():
    assert one("linear", 0.3, 0.4) == 0.3
    assert one("linear", 0.5, 0.4) == 0.4


def test_exponential_reaches_63_percent_of_its_ceiling_when_intensity_equals_it():
    # s (1 - e^-1) with s = 0.8: 0.8 x 0.6321205588 = 0.5056964470
    assert one("exponential", 0.8, 0.8) == pytest.approx(0.505696447062846, abs=1e-15)


def test_tanh_is_the_saturation_formula_of_atomica():
    # 2 a / (1 + exp(-2 x / a)) - a with a = 0.4, x = 0.285075...: 10,000,000 / 40 / 876,958
    x, a = 10_000_000 / 40 / 876_958, 0.4
    assert one("tanh", x, a) == pytest.approx(2 * a / (1 + math.exp(-2 * x / a)) - a, abs=1e-15)
    assert one("tanh", x, a) == pytest.approx(0.244945, abs=5e-7)


@pytest.mark.parametrize("curve", CURVES)
def test_every_curve_starts_at_zero_with_slope_one(curve):
    assert one(curve, 0.0, 0.7) == 0
    assert one(curve, 1e-7, 0.7) / 1e-7 == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("curve", CURVES)
def test_no_curve_passes_its_ceiling(curve):
    assert one(curve, 1e9, 0.7) <= 0.7
    assert one(curve, 1e9, 0.7) == pytest.approx(0.7)


def test_mixed_curves_give_the_same_as_each_curve_alone():
    intensity = np.array([[0.1, 0.9], [0.2, 0.3], [0.4, 2.0], [0.5, 0.5]])
    ceiling = np.array([0.5, 0.6, 0.7, 0.8])
    names = ["tanh", "linear", "exponential", "linear"]
    mixed = respond(intensity, ceiling, rows_by_curve(names))
    for row, name in enumerate(names):
        for column in range(2):
            assert mixed[row, column] == one(name, intensity[row, column], ceiling[row])


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("rows", [3, 8, 16])
def test_the_quick_way_gives_the_same_in_place_and_in_either_order_of_memory(rows, order):
    random = np.random.default_rng(rows)
    intensity = random.choice([0, 1e-9, 0.1, 3, 900], (rows, 200)) * random.random((rows, 200))
    ceiling, curves = random.uniform(0.05, 1, rows), rows_by_curve(sorted(random.choice(sorted(CURVES), rows).tolist()))
    scaled = np.array(intensity / ceiling[:, None], order=order)
    found = respond_scaled(scaled, ceiling, curves, out=scaled)
    np.testing.assert_allclose(found, respond(intensity, ceiling, curves), atol=1e-15)
