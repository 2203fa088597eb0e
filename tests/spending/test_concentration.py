"""Concentration curves and indices against published values, a table by hand, and resampling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.errors import InputError
from budget_model.spending.concentration import (
    concentration_curve,
    concentration_index,
    grouped_index,
    index_influence,
    quantile_groups,
    rank_people,
)
from budget_model.survey.distribution import gini

# O'Donnell, van Doorslaer, Wagstaff, Lindelow (World Bank, 2008), table 8.1: births and deaths of children under five,
# India 1982-92, by fifth of household wealth; the book prints a concentration index of -0.1694.
BIRTHS = [29939, 28776, 26528, 24689, 19739]
DEATHS = [4632, 4400, 3170, 2145, 1072]


def test_the_published_table_of_child_deaths_in_india_is_met():
    index, people, deaths = grouped_index(BIRTHS, DEATHS)
    assert index == pytest.approx(-0.1694, abs=5e-5)
    np.testing.assert_allclose(people, [0.23, 0.45, 0.66, 0.85, 1], atol=0.005)
    np.testing.assert_allclose(deaths, [0.30, 0.59, 0.79, 0.93, 1], atol=0.005)


def test_people_one_by_one_give_the_index_of_their_table():
    income = np.repeat(np.arange(5.0), 3)
    weight = np.repeat(np.array(BIRTHS, dtype=float), 3) / 3
    benefit = np.repeat(np.array(DEATHS) / np.array(BIRTHS), 3)
    ranking = rank_people(income, weight)
    assert concentration_index(benefit, ranking) == pytest.approx(grouped_index(BIRTHS, DEATHS)[0], abs=1e-12)
    _, people, deaths = grouped_index(BIRTHS, DEATHS)
    np.testing.assert_allclose(concentration_curve(benefit, ranking, people), deaths)


def test_equal_benefits_have_the_index_zero_and_the_diagonal_as_curve():
    ranking = rank_people(np.array([3.0, 1, 2, 8]), np.array([1.0, 2, 3, 4]))
    assert concentration_index(np.ones(4), ranking) == pytest.approx(0)
    np.testing.assert_allclose(concentration_curve(np.ones(4), ranking, [0, 0.2, 0.7, 1]), [0, 0.2, 0.7, 1])


def test_a_benefit_of_the_poorest_of_ten_alone_has_the_index_minus_nine_tenths():
    benefit = np.zeros(10)
    benefit[0] = 5
    assert concentration_index(benefit, rank_people(np.arange(10.0), np.ones(10))) == pytest.approx(-0.9)


def test_a_benefit_of_nobody_has_no_index():
    ranking = rank_people(np.arange(3.0), np.ones(3))
    assert np.isnan(concentration_index(np.zeros(3), ranking))
    assert np.isnan(concentration_curve(np.zeros(3), ranking, [0.5])).all()


@given(st.integers(0, 2**32 - 1))
def test_the_index_of_income_is_its_gini(seed):
    random = np.random.default_rng(seed)
    income, weight = random.integers(1, 9, 30).astype(float), random.integers(1, 4, 30).astype(float)
    assert concentration_index(income, rank_people(income, weight)) == pytest.approx(gini(income, weight), abs=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_people_of_one_income_are_never_parted(seed):
    random = np.random.default_rng(seed)
    income, weight = random.integers(0, 12, 60).astype(float), random.random(60)
    fifth = quantile_groups(rank_people(income, weight), 5)
    for value in np.unique(income):
        assert len(np.unique(fifth[income == value])) == 1
    assert (np.diff(fifth[np.argsort(income, kind="stable")]) >= 0).all()


def test_the_error_of_the_index_is_that_of_repeated_samples():
    random = np.random.default_rng(5)

    def sample():
        income = random.lognormal(0, 0.8, 400)
        return income, (random.random(400) < 1 / (1 + income)).astype(float)

    indices = [concentration_index(b, rank_people(i, np.ones(400))) for i, b in (sample() for _ in range(1500))]
    errors = []
    for income, benefit in (sample() for _ in range(40)):
        z = index_influence(benefit, rank_people(income, np.ones(400)))
        assert z.sum() == pytest.approx(0, abs=1e-9)
        errors.append(np.sqrt(400 / 399 * (z**2).sum()))
    assert np.mean(errors) == pytest.approx(np.std(indices), rel=0.06)


@pytest.mark.parametrize(
    ("population", "benefit"), [([1], [1]), ([1, 0], [1, 1]), ([1, 1], [0, 0]), ([1, 1], [1, -1]), ([1, 2], [1, 2, 3])]
)
def test_tables_that_are_no_groups_are_refused(population, benefit):
    with pytest.raises(InputError, match="two groups or more"):
        grouped_index(population, benefit)
