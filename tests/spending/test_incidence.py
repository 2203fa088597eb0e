"""Expenditure incidence: by hand, by plain loops, and its errors against the survey's own estimates."""

import ibis
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.spending.incidence import People, Stream, incidence
from budget_model.spending.incidence_report import incidence_document
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import estimate
from budget_model.survey.quantiles import read_answers


def people_of(sex, income, weight=None):
    weight = np.ones(len(sex)) if weight is None else np.asarray(weight, dtype=float)
    nothing = np.zeros(len(sex), dtype=np.int64)
    return People(weight, np.asarray(sex), np.asarray(income, dtype=float), None, nothing, None)


def test_money_follows_the_users_of_each_service():
    # Ten people, two of each fifth. A school for 100 is used by four, three of them girls, of fifths 1, 1, 2, 5;
    # a clinic for 60 by two men of fifth 5.
    people = people_of([0, 1] * 5, np.repeat([1, 2, 3, 4, 5], 2))
    school = np.array([1, 1, 1, 0, 0, 0, 0, 0, 1, 0.0])
    clinic = np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 1.0])
    found = incidence(people, [Stream(100, school), Stream(60, clinic)])
    assert found.by_sex.tolist() == [75, 25 + 60]
    assert found.by_fifth.tolist() == [50, 25, 0, 0, 25 + 60]
    assert found.amounts[1].tolist() == [25, 0, 0, 0, 60]
    # index: places 0.1, 0.3, 0.5, 0.7, 0.9: 2 (50 x 0.1 + 25 x 0.3 + 85 x 0.9) / 160 - 1
    assert found.index == pytest.approx(2 * (5 + 7.5 + 76.5) / 160 - 1)
    assert found.gini == pytest.approx(2 * (1 * 0.1 + 2 * 0.3 + 3 * 0.5 + 4 * 0.7 + 5 * 0.9) / 15 - 1)
    assert found.kakwani == pytest.approx(found.index - found.gini)


def test_records_divide_the_money_between_the_sexes_and_the_survey_among_the_incomes():
    people = people_of([0, 1] * 5, np.repeat([1, 2, 3, 4, 5], 2))
    users = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 1.0])  # one woman, poor; two men, poor and rich
    found = incidence(people, [Stream(90, users, 0), Stream(10, users, 1)])
    assert found.by_sex.tolist() == [90, 10]
    assert found.by_fifth.tolist() == [95, 0, 0, 0, 5]


def test_money_of_users_whom_the_survey_does_not_show_is_shown_apart():
    people = people_of([0, 0, 0, 0, 0], range(5))
    found = incidence(people, [Stream(30, np.ones(5), 0), Stream(10, np.ones(5), 1), Stream(5, np.zeros(5))])
    assert found.by_sex.tolist() == [30, 10]
    assert found.without_fifth == 15
    assert found.by_fifth.sum() == pytest.approx(30)


def test_the_document_has_shares_money_a_person_and_no_interval_for_a_census():
    people = people_of([0, 1, 1, 1], [1, 2, 3, 4], [1, 1, 1, 1])
    document = incidence_document(incidence(people, [Stream(8, np.array([1, 1, 0, 0.0]))]), ("women", "men"))
    women = document["by_group"]["women"]
    assert (women["amount"], women["share"], women["population_share"], women["per_person"]) == (4, 0.5, 0.25, 4)
    assert women["amount_low"] is None
    assert document["concentration"]["index_low"] is None
    assert document["concentration"]["curve"][-1] == {"people": 1, "spending": 1, "income": 1}


def plain(people, streams):
    """Loops over people, as the formula stands."""
    amounts = np.zeros((2, 5))
    order = sorted(range(len(people.income)), key=lambda i: people.income[i])
    whole, below, fifth = people.weight.sum(), 0.0, {}
    for value in sorted(set(people.income)):
        at = sum(people.weight[i] for i in order if people.income[i] == value)
        fifth[value] = min(4, int(5 * (below + at / 2) / whole))
        below += at
    for stream in streams:
        belongs = [
            people.weight[i] * stream.users[i] if stream.sex in (None, people.sex[i]) else 0.0
            for i in range(len(order))
        ]
        if sum(belongs) > 0:
            for i, users in enumerate(belongs):
                amounts[people.sex[i], fifth[people.income[i]]] += stream.amount * users / sum(belongs)
    return amounts


@given(st.integers(0, 2**32 - 1))
def test_plain_loops_find_the_same(seed):
    random = np.random.default_rng(seed)
    people = people_of(random.integers(0, 2, 40), random.integers(0, 15, 40), random.integers(0, 4, 40) + 0.5)
    streams = [
        Stream(float(random.random()), (random.random(40) < 0.3).astype(float), random.choice([None, 0, 1]))
        for _ in range(4)
    ]
    found = incidence(people, streams)
    np.testing.assert_allclose(found.amounts, plain(people, streams), atol=1e-12)
    assert found.by_sex.sum() + sum(s.amount for s in streams if s.sex is None) >= found.by_fifth.sum() - 1e-9
    assert found.by_fifth.sum() + found.without_fifth == pytest.approx(sum(stream.amount for stream in streams))


def test_errors_of_one_service_are_those_of_the_estimated_shares_of_its_users():
    """The share of women among users is a ratio whose error the survey's own estimates give."""
    random = np.random.default_rng(3)
    size = 400
    stratum = random.integers(0, 4, size)
    frame = pl.DataFrame(
        {
            "sex": random.choice(["female", "male"], size),
            "income": random.integers(1, 60, size).astype(float),
            "uses": random.random(size) < 0.4,
            "weight": random.uniform(1, 5, size),
            "stratum": stratum,
            "psu": stratum * 100 + random.integers(0, 12, size),
        }
    )
    table, design = ibis.memtable(frame), SampleDesign(weight="weight", strata="stratum", psu="psu")
    read = read_answers(table, {"income": ("TRUE", "income", "mean")}, ["sex"], design)
    people = People(read.weight, read.by[0].codes, read.values[:, 0], read.strata, read.stratum, read.unit)
    found = incidence(people, [Stream(1000, frame["uses"].to_numpy().astype(float))])
    women = IndicatorDefinition(
        id="W",
        level="person",
        universe="uses",
        numerator="sex = 'female'",
        direction="up",
        version=1,
        label={"en": "w"},
    )
    expected = estimate(table, [women], design=design).iloc[0]
    assert found.by_sex[0] == pytest.approx(1000 * expected["estimate"])
    assert found.by_sex_se[0] == pytest.approx(1000 * expected["se"])
    row = incidence_document(found, ("women", "men"))["by_group"]["women"]
    assert row["amount_low"] < row["amount"] < row["amount_high"]
