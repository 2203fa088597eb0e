"""The factor that brings records down to the survey: closed forms by hand, and a root finder of somebody else."""

import numpy as np
import pytest
from scipy.optimize import brentq

from budget_model.coverage.overlap import OVERLAPS, combine_all
from budget_model.coverage.response import CURVES, respond, rows_by_curve
from budget_model.coverage.scale import solve_scales
from tests.plain_model import curve, together


def solve(intensity, ceiling, responses, rule, target):
    intensity = np.atleast_2d(np.asarray(intensity, dtype=float).T).T
    return solve_scales(intensity, np.asarray(ceiling, float), rows_by_curve(responses), rule, np.atleast_1d(target))


def test_one_linear_programme_is_scaled_in_proportion():
    assert solve([[0.4]], [1.0], ["linear"], "additive", 0.1)[0] == pytest.approx(0.25, rel=1e-13)


def test_one_exponential_programme_is_scaled_by_the_inverse_of_its_curve():
    # 0.5 (1 - exp(-2 u)) = 0.2 at u = -0.5 log 0.6
    expected = -0.5 * np.log(0.6) / 0.9
    for rule in OVERLAPS:
        assert solve([[0.9]], [0.5], ["exponential"], rule, 0.2)[0] == pytest.approx(expected, rel=1e-12)


def test_nested_programmes_are_scaled_until_the_first_reaches_the_survey():
    # linear 0.6 would need a third; tanh 0.5 tanh(2 u) = 0.2 at u = 0.5 artanh 0.4, of 0.9
    expected = min(0.2 / 0.6, 0.5 * np.arctanh(0.4) / 0.9)
    found = solve([[0.6], [0.9]], [1.0, 0.5], ["linear", "tanh"], "nested", 0.2)[0]
    assert found == pytest.approx(expected, rel=1e-13)


def test_a_programme_whose_ceiling_is_below_the_survey_cannot_decide():
    assert solve([[0.9], [0.6]], [0.1, 1.0], ["linear", "linear"], "nested", 0.3)[0] == pytest.approx(0.5)


def test_a_survey_that_finds_nobody_covered_gives_zero():
    for rule in OVERLAPS:
        assert solve([[0.4], [0.3]], [1.0, 0.5], ["linear", "tanh"], rule, 0.0)[0] == 0


@pytest.mark.parametrize("rule", OVERLAPS)
@pytest.mark.parametrize("links", [1, 2, 7, 8, 16, 33, 60])
def test_many_cells_at_once_reach_their_targets_whatever_the_number_of_links(rule, links):
    random = np.random.default_rng(links)
    curves = rows_by_curve(sorted(random.choice(sorted(CURVES), links).tolist()))
    ceiling = np.where(random.random(links) < 0.2, 1.0, random.uniform(0.01, 1, links))
    intensity = random.choice([0, 1e-6, 1e-3, 0.05, 0.3, 2, 5000], (links, 300)) * random.random((links, 300))
    most = combine_all(respond(intensity, ceiling, curves), rule)
    target = most * random.choice([1e-6, 0.01, 0.3, 0.9, 0.9999], 300)
    use = most > 1e-9
    factors = solve_scales(intensity[:, use], ceiling, curves, rule, target[use])
    np.testing.assert_allclose(
        combine_all(respond(intensity[:, use] * factors, ceiling, curves), rule), target[use], atol=2e-12
    )


@pytest.mark.parametrize("rule", OVERLAPS)
@pytest.mark.parametrize("seed", range(8))
def test_any_mixture_of_curves_agrees_with_a_root_finder_of_somebody_else(rule, seed):
    random = np.random.default_rng(seed)
    links, cells = random.integers(1, 6), 12
    responses = random.choice(sorted(CURVES), links).tolist()
    ceiling = random.uniform(0.05, 1, links)
    intensity = random.choice([0, 1e-3, 0.3, 2, 5000], (links, cells)) * random.random((links, cells))

    def covered(factor, cell):
        return together(rule, [curve(responses[k], factor * intensity[k, cell], ceiling[k]) for k in range(links)])

    most = np.array([covered(1.0, cell) for cell in range(cells)])
    target = most * random.uniform(0.01, 0.99, cells)
    use = most > 0
    factors = solve(intensity[:, use], ceiling, responses, rule, target[use])
    for factor, cell in zip(factors, np.flatnonzero(use), strict=True):
        assert covered(factor, cell) == pytest.approx(target[cell], abs=1e-11)
        expected = brentq(lambda k, cell=cell: covered(k, cell) - target[cell], 0, 1, xtol=1e-16, rtol=1e-14)
        assert covered(expected, cell) == pytest.approx(covered(factor, cell), abs=1e-9)
