"""Agreement of raters against published worked examples and a second implementation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from budget_model.spending.agreement import agreement, cohen_kappa, krippendorff_alpha


def table(cells):
    """Pairs of values of a table of counts."""
    return [pair for pair, count in cells.items() for _ in range(count)]


def test_kappa_of_a_published_table_of_diagnoses():
    """Fleiss, Levin and Paik, table 18.1: observed 0.89, expected 0.66, kappa 0.23 / 0.34 = 0.676."""
    cells = {("p", "p"): 75, ("p", "n"): 1, ("p", "o"): 4, ("n", "p"): 5, ("n", "n"): 4, ("n", "o"): 1, ("o", "o"): 10}
    assert cohen_kappa(table(cells)) == pytest.approx(0.23 / 0.34)


def test_kappa_by_hand():
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, expected 0.5 x 0.6 + 0.5 x 0.4 = 0.5, kappa 0.4."""
    assert cohen_kappa(table({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15})) == pytest.approx(0.4)


def test_alpha_of_two_observers_and_binary_data():
    """Krippendorff (2011), example A: 1 - 19 x 4 / (14 x 6) = 0.095."""
    units = list(zip("0100000010", "1110010000", strict=True))
    assert krippendorff_alpha(units) == pytest.approx(1 - 19 * 4 / (14 * 6))
    assert krippendorff_alpha(units) == pytest.approx(0.095, abs=5e-4)


def test_alpha_of_two_observers_and_nominal_data():
    """Krippendorff (2011), example B: (23 x 18 - 104) / (24 x 23 - 104) = 0.692."""
    units = list(zip("aabbdcccedda", "babbbccceddd", strict=True))
    assert krippendorff_alpha(units) == pytest.approx(310 / 448)


def four_observers():
    """Krippendorff (2011), example C: four observers, twelve units, values missing."""
    rows = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    return [[value for value in unit if value != "."] for unit in zip(*rows, strict=True)]


@pytest.mark.parametrize(("scale", "alpha"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_alpha_of_four_observers_with_values_missing(scale, alpha):
    assert krippendorff_alpha(four_observers(), "12345", scale) == pytest.approx(alpha, abs=5e-4)


def test_nothing_is_said_where_nothing_was_rated_twice_or_all_values_are_one():
    assert krippendorff_alpha([["a"], ["b"], []]) is None
    assert krippendorff_alpha([["a", "a"], ["a", "a"]]) is None
    assert cohen_kappa([]) is None
    assert cohen_kappa([("a", "a")]) is None


def test_a_value_without_a_place_on_the_scale_is_refused():
    with pytest.raises(ValueError, match="c have no place"):
        krippendorff_alpha([["a", "c"]], "ab", "ordinal")


def test_a_report_names_raters_units_and_pairs():
    ratings = {
        "u1": {"ana": "1", "beto": "1", "carla": "2"},
        "u2": {"ana": "0", "beto": "1"},
        "u3": {"ana": "0", "beto": "0"},
        "u4": {"ana": "2"},
    }
    report = agreement(ratings, ("0", "1", "2"), "ordinal")
    assert (report.raters, report.units, report.ratings) == (("ana", "beto", "carla"), 3, 7)
    assert [(pair.raters, pair.units, pair.agreed) for pair in report.pairs] == [
        (("ana", "beto"), 3, 2),
        (("ana", "carla"), 1, 0),
        (("beto", "carla"), 1, 0),
    ]


PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40)


@given(PAIRS)
def test_kappa_is_that_of_a_second_implementation(pairs):
    ours = cohen_kappa(pairs)
    if ours is not None and len({value for pair in pairs for value in pair}) > 1:
        assert ours == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)), abs=1e-9)


@given(PAIRS)
def test_alpha_is_1_where_all_agree_and_does_not_care_who_is_first(pairs):
    same = [(one, one) for one, _ in pairs]
    assert krippendorff_alpha(same) in (None, 1.0)
    assert krippendorff_alpha(pairs) == krippendorff_alpha([(other, one) for one, other in pairs])
