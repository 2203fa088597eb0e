"""Poverty and inequality of incomes: worked by hand, and against published results."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from budget_model.errors import InputError
from budget_model.survey.distribution import (
    fgt_poverty,
    gini,
    mean_log_deviation,
    poverty_threshold,
    quintile_share_ratio,
    share_by_fraction,
    weighted_quantile,
)

SHARED = pytest.mark.shared


def test_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle():
    assert weighted_quantile([4, 1, 3, 2], None, 0.5) == 2.5


def test_a_weight_counts_like_repeated_people():
    assert weighted_quantile([1, 2, 9], [1, 1, 3], 0.5) == weighted_quantile([1, 2, 9, 9, 9], None, 0.5) == 9


def test_poverty_of_four_people_by_hand():
    # line 10; shortfalls 0.8 and 0.5 of it, two people not poor
    poverty = fgt_poverty([2, 5, 10, 30], None, 10)
    assert poverty.incidence == 0.5  # income equal to the line is not poor
    assert poverty.gap == pytest.approx((0.8 + 0.5) / 4)
    assert poverty.severity == pytest.approx((0.64 + 0.25) / 4)


def test_gap_of_nobody_poor_is_not_zero_but_absent():
    assert fgt_poverty([20, 30], None, 10).relative_median_gap is None


def test_everybody_equal_means_no_inequality_but_the_finite_population_term():
    # G = (2 Σ i - n) / n² - 1 = 0 for equal incomes and weights
    assert gini([7.0] * 5, None) == pytest.approx(0)


def test_tenths_add_up_to_the_whole():
    shares = share_by_fraction(np.arange(1, 101), None)
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx(55 / 5050)


@pytest.mark.parametrize("bad", [[1.0, float("nan")], []])
def test_missing_incomes_are_refused(bad):
    with pytest.raises(InputError):
        gini(bad, None)


@SHARED
def test_eu_silc_meets_the_printed_values(shared_data):
    people = pd.read_csv(shared_data / "survey" / "eusilc.csv")
    golden = json.loads((shared_data / "survey" / "eusilc_golden.json").read_text())
    income, weight = people["eqIncome"].to_numpy(), people["rb050"].to_numpy()
    line = poverty_threshold(income, weight)
    assert line == pytest.approx(golden["arpr"]["threshold_60"], abs=0.005)
    everybody = [("total", np.ones(len(people), bool))]
    for name, rows in everybody + [(r, (people["db040"] == r).to_numpy()) for r in golden["gini"]["by_region"]]:
        printed = {
            measure: golden[measure]["total"] if name == "total" else golden[measure]["by_region"][name]
            for measure in ("gini", "qsr", "rmpg")
        }
        poverty = fgt_poverty(income[rows], weight[rows], line)
        incidence = golden["arpr"]["p60"] if name == "total" else golden["arpr"]["by_region"][name]
        assert gini(income[rows], weight[rows]) * 100 == pytest.approx(printed["gini"], abs=5e-6)
        assert quintile_share_ratio(income[rows], weight[rows]) == pytest.approx(printed["qsr"], abs=5e-7)
        assert poverty.relative_median_gap * 100 == pytest.approx(printed["rmpg"], abs=5e-5)
        assert poverty.incidence * 100 == pytest.approx(incidence, abs=6e-6)


@SHARED
def test_world_bank_abc_2000_meets_the_printed_values(shared_data):
    people = pd.read_csv(shared_data / "survey" / "wb_abc_2000.csv")
    people = people[people["welfare"].ge(0) & people["weight"].notna()]
    income, weight = people["welfare"].to_numpy(), people["weight"].to_numpy()
    printed = [0.01343078, 0.02616405, 0.03535142, 0.04437412, 0.05416520]
    printed += [0.06553887, 0.08320632, 0.10988798, 0.15703608, 0.41084518]
    assert np.average(income, weights=weight) == pytest.approx(3_436_146, abs=0.5)
    assert weighted_quantile(income, weight, 0.5) == 2_029_658.5
    assert gini(income, weight) == pytest.approx(0.5147999, abs=5e-8)
    assert mean_log_deviation(np.where(income == 0, 1, income), weight) == pytest.approx(0.473784, abs=5e-7)
    assert share_by_fraction(income, weight, points=100) == pytest.approx(printed, abs=5e-9)
