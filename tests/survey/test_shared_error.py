"""How far women's and men's errors go together: by hand, and by drawing the sample again and again."""

from __future__ import annotations

import numpy as np
import pytest

from budget_model.survey.shared_error import error_correlation


def test_errors_that_add_up_like_a_right_angle_have_nothing_in_common():
    assert error_correlation(np.array([0.03]), np.array([0.04]), np.array([0.05])) == 0.0


def test_a_difference_without_error_means_the_same_error():
    assert error_correlation(np.array([0.02]), np.array([0.02]), np.array([0.0])) == 1.0


def test_areas_add_up_their_covariances():
    # area 1: (4 + 4 - 2) / 2 = 3 of 4; area 2: (1 + 1 - 1) / 2 = 0.5 of 1: 3.5 / 5
    found = error_correlation(np.array([2.0, 1.0]), np.array([2.0, 1.0]), np.sqrt([2.0, 1.0]))
    assert found == pytest.approx(0.7)


def test_unknown_areas_say_nothing_and_none_at_all_says_none():
    nothing = np.array([np.nan])
    assert error_correlation(nothing, nothing, nothing) is None
    assert error_correlation(np.array([0.0]), np.array([0.0]), np.array([0.0])) is None
    found = error_correlation(np.array([np.nan, 2.0]), np.array([1.0, 2.0]), np.array([1.0, np.sqrt(2)]))
    assert found == pytest.approx(0.75)


def test_less_than_nothing_is_told_as_nothing_and_rounding_never_passes_all():
    assert error_correlation(np.array([1.0]), np.array([1.0]), np.array([2.0])) == 0.0
    assert error_correlation(np.array([1.0]), np.array([1.1]), np.array([0.05])) == 1.0


def test_it_is_the_correlation_that_repeated_samples_of_households_show():
    """Households of a woman and a man who lack water together in part: 4,000 samples of 60 households."""
    random = np.random.default_rng(7)
    home = random.random((4000, 60)) < 0.3
    women = np.where(random.random(home.shape) < 0.8, home, random.random(home.shape) < 0.3).mean(axis=1)
    men = np.where(random.random(home.shape) < 0.8, home, random.random(home.shape) < 0.3).mean(axis=1)
    told = error_correlation(*(np.array([values.std()]) for values in (women, men, women - men)))
    assert told == pytest.approx(np.corrcoef(women, men)[0, 1], abs=0.01)
