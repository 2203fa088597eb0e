"""Classes of maps: bounds by every method, the class of a value, and what is too uncertain to colour."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.errors import InputError
from budget_model.survey.classes import (
    CARE,
    METHODS,
    OWN,
    SURE,
    UNCERTAIN,
    certainty,
    class_bounds,
    class_of,
    difference_certainty,
    diverging_bounds,
    natural_bounds,
    share_interval,
)

SHARES = st.lists(st.integers(0, 1000).map(lambda whole: whole / 1000), min_size=1, max_size=60)


def test_equal_classes_have_equal_widths():
    assert class_bounds([0.1, 0.2, 0.5, 0.9], "equal", 4) == (0.1, 0.3, 0.5, 0.7, 0.9)


def test_quantiles_hold_equal_numbers_of_areas():
    """Nine values in three classes: the 3rd and the 6th are the bounds."""
    values = [0.01, 0.02, 0.03, 0.2, 0.3, 0.4, 0.7, 0.8, 0.9]
    assert class_bounds(values, "quantile", 3) == (0.01, 0.03, 0.4, 0.9)


def test_natural_classes_follow_the_clusters():
    """Three clusters; any other cut puts 0.1 or more inside a class."""
    assert natural_bounds([1, 2, 3, 11, 12, 13, 30, 31], 3) == [3, 13]


def within(values: list[float], cuts: tuple[int, ...]) -> float:
    parts = [values[a:b] for a, b in pairwise((0, *cuts, len(values)))]
    return sum(sum((v - sum(part) / len(part)) ** 2 for v in part) for part in parts)


@given(st.lists(st.integers(0, 100), min_size=4, max_size=10, unique=True), st.integers(2, 4))
def test_natural_classes_are_the_best_of_all_by_trying_every_cut(numbers, count):
    values = sorted(float(number) for number in numbers)
    bounds = natural_bounds(values, count)
    cuts = tuple(values.index(bound) + 1 for bound in bounds)
    best = min(within(values, cut) for cut in combinations(range(1, len(values)), count - 1))
    assert within(values, cuts) == pytest.approx(best, abs=1e-6)


def test_own_bounds_stand_as_written_and_the_ends_follow_the_values():
    assert class_bounds([0.02, 0.95], OWN, 3, [0.25, 0.5]) == (0.02, 0.25, 0.5, 0.95)


@given(SHARES, st.sampled_from(METHODS[:3]), st.integers(3, 7))
def test_every_value_lies_in_its_class_and_bounds_rise(values, method, number):
    bounds = class_bounds(values, method, number)
    assert len(bounds) <= number + 1
    assert all(low < high for low, high in pairwise(bounds)) or len(set(values)) == 1
    for value in values:
        at = class_of(value, bounds)
        assert bounds[at] <= value <= bounds[at + 1]


@given(SHARES, st.sampled_from(METHODS[:3]), st.integers(3, 7))
def test_classes_of_differences_mirror_each_other(values, method, number):
    bounds = diverging_bounds([value - 0.4 for value in values], method, number)
    assert bounds == tuple(-bound for bound in reversed(bounds))
    assert len(bounds) <= number + 1


def test_an_odd_number_of_classes_has_a_middle_around_zero():
    assert diverging_bounds([-0.3, 0.15], "equal", 3) == (-0.3, -0.15, 0.15, 0.3)
    assert diverging_bounds([-0.3, 0.15], OWN, 3, [0.1]) == (-0.3, -0.1, 0.1, 0.3)


@pytest.mark.parametrize(
    ("method", "number", "own", "words"),
    [
        ("magic", 5, [], "no method 'magic'"),
        ("equal", 12, [], "3 to 7 classes; 12"),
        ("own", 5, [0.5, 0.2], "0.5 is followed by 0.2"),
        ("own", 5, [], "1 to 6 bounds"),
    ],
)
def test_a_choice_that_cannot_be_drawn_is_refused(method, number, own, words):
    with pytest.raises(InputError, match=words):
        class_bounds([0.1, 0.2], method, number, own)


def test_without_values_there_are_no_classes():
    assert class_bounds([], "equal", 5) == ()
    assert diverging_bounds([], "equal", 5) == ()


def test_certainty_of_published_district_figures():
    """ENAHO 2019, Villa El Salvador: water 96.2 % with cv 0.039 is shown hatched (the 3.8 % without it are not known
    well), firewood 6.6 % with cv 0.43 is left uncoloured, and so is earth floor 0 % without an error.
    """
    nothing = (None, None)
    assert certainty(0.9620483, 0.9620483 * 0.0390681, nothing, is_share=True) == CARE
    assert certainty(0.0659362, 0.0659362 * 0.4286687, nothing, is_share=True) == UNCERTAIN
    assert certainty(0.0, None, nothing, is_share=True) == UNCERTAIN
    assert certainty(0.1666667, 0.1666667 * 4.16e-17, nothing, is_share=True) == UNCERTAIN


def test_a_narrow_interval_is_always_sure_and_a_wide_one_never():
    assert certainty(0.01, 0.005, (0.004, 0.03), is_share=True) == SURE  # cv 50 %, yet 2.6 points wide
    assert certainty(0.5, 0.08, (0.34, 0.66), is_share=True) == UNCERTAIN  # cv 16 %, yet 32 points wide
    assert certainty(0.0, 0.0, (0.0, 0.04), is_share=True) == SURE  # an exact interval vouches for a share of 0


def test_a_mean_goes_by_its_coefficient_of_variation():
    assert [certainty(10.0, error, (None, None), is_share=False) for error in (1.0, 2.0, 3.0, None)] == [
        SURE,
        CARE,
        UNCERTAIN,
        UNCERTAIN,
    ]


def test_a_difference_is_hatched_where_chance_could_explain_it():
    """√(0.03² + 0.04²) = 0.05; 1.96 × 0.05 = 0.098."""
    assert difference_certainty(0.09, [0.03, 0.04]) == CARE
    assert difference_certainty(0.10, [0.03, 0.04]) == SURE
    assert difference_certainty(0.001, [None, None]) == SURE


@given(st.floats(0.001, 0.999), st.floats(0.0001, 0.5))
def test_the_interval_of_a_share_stays_within_0_and_1(share, error):
    low, high = share_interval(share, error)
    assert 0 <= low <= share <= high <= 1
