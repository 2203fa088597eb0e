"""Plans over several years: worked by hand, against the plain second implementation, and in their limits."""

import copy
import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import check_plan, simulate_plan
from budget_model.coverage.portable import model_document, parse_model
from budget_model.coverage.project import build_horizon, evaluate_plan, served_by_money, years_served
from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import simulate
from budget_model.coverage.types import Outlook
from budget_model.errors import AllocationError, InputError
from tests.model_builders import random_allocation, random_model
from tests.plain_model import plain_plan

DOCUMENT = {
    "currency": "PEN",
    "areas": ["north"],
    "groups": ["women", "men"],
    "needs": [
        {
            "id": "WATER",
            "universe": {"north": {"women": 1000, "men": 800}},
            "deficit": {"north": {"women": 500, "men": 400}},
        }
    ],
    "programmes": [
        {
            "id": "mains",
            "unit_cost": 100,
            "durability": 4,
            "running_cost": 10,
            "baseline": {"north": 10000},
            "serves": [
                {"need": "WATER", "reach": {"women": 0.6, "men": 0.4}, "effectiveness": 1, "response": "linear"}
            ],
        }
    ],
    "constraints": {"budget": 10000},
}
# Baseline serves 100 people: women u = 60 / 1000 = 0.06, B = (0.5 - 0.06) / 0.94.
BACKGROUND = (0.5 - 0.06) / 0.94


def horizon_of(n_years=None, programme=None, **changes):
    document = copy.deepcopy(DOCUMENT) | changes
    document["programmes"][0] |= programme or {}
    return build_horizon(calibrate(parse_model(document)), n_years)


def women(m):
    return BACKGROUND + (1 - BACKGROUND) * m


def test_what_is_built_wears_out_by_a_share_of_its_durability_each_year():
    # 100 people a year, of whom three quarters are still served a year later: 100, 175, 231.25
    result = simulate_plan(horizon_of(3))
    found = [year.coverage[0, 0, 0] for year in result.years]
    np.testing.assert_allclose(found, [0.5, women(0.6 * 0.175), women(0.6 * 0.23125)], rtol=1e-12)
    np.testing.assert_allclose(result.carried[:, 0, 0], [0, 75, 131.25])


def test_a_work_of_one_year_goes_on_serving_and_a_service_lapses_with_its_money():
    plan = np.array([20000.0, 0, 0]).reshape(3, 1, 1)
    work = simulate_plan(horizon_of(3), plan).years
    np.testing.assert_allclose([year.coverage[0, 0, 0] for year in work], [women(0.12), women(0.09), women(0.0675)])
    service = simulate_plan(horizon_of(3, {"durability": 1, "running_cost": 0}), plan).years
    np.testing.assert_allclose([year.coverage[0, 0, 0] for year in service], [women(0.12), women(0), women(0)])


def test_running_costs_follow_the_people_whom_earlier_works_still_serve():
    # 10 a person and year, dearer by a tenth each year: 75 x 11 in year 2, 131.25 x 12.1 in year 3. Dearer works serve
    # fewer: 100 + 90.9… in year 2.
    result = simulate_plan(horizon_of(3, price_growth=0.1))
    second = 0.75 * 100
    third = 0.75 * (second + 100 / 1.1)
    np.testing.assert_allclose(result.running_cost[:, 0, 0], [0, second * 11, third * 12.1])
    assert result.spent == pytest.approx(30000 + second * 11 + third * 12.1)


def test_people_who_come_are_not_served_by_works_for_fewer():
    # Built for 100 in year 1, nothing after: in year 2 they are 75 of 1100 women and men's 0.6.
    plan = np.array([10000.0, 0]).reshape(2, 1, 1)
    years = simulate_plan(horizon_of(2, population_growth={"north": 0.1}), plan).years
    assert years[1].groups.needs[0] == pytest.approx(1100)
    assert years[1].coverage[0, 0, 0] == pytest.approx(women(0.6 * 75 / 1100))
    assert years[1].covered[0, 0, 0] == pytest.approx(1100 * women(0.6 * 75 / 1100))


def test_the_budget_carried_on_grows_as_stated_and_with_prices_buys_the_same():
    horizon = horizon_of(3, {"durability": 1, "running_cost": 0}, price_growth=0.05, budget_growth=0.05)
    np.testing.assert_allclose(horizon.baseline[:, 0, 0], [10000, 10500, 11025])
    np.testing.assert_allclose(horizon.budget, [10000, 10500, 11025])
    for year in simulate_plan(horizon).years:
        assert year.coverage[0, 0, 0] == pytest.approx(0.5)


def test_over_the_horizon_persons_become_person_years_and_losses_are_not_netted():
    plan = np.array([20000.0, 0]).reshape(2, 1, 1)
    result = simulate_plan(horizon_of(2, {"durability": 1, "running_cost": 0}), plan)
    gain = 1000 * (women(0.12) - 0.5)
    loss = 1000 * (0.5 - BACKGROUND)
    assert result.groups.needs[0] == 2000
    assert result.groups.gained[0] == pytest.approx(gain)
    assert result.groups.lost[0] == pytest.approx(loss)
    assert result.needs.coverage[0, 0] == pytest.approx((1000 * women(0.12) + 1000 * BACKGROUND) / 2000)


# ---- limits


def test_running_costs_of_works_count_against_the_budget_of_their_year():
    horizon = horizon_of(2)
    problems = check_plan(horizon, horizon.baseline)
    assert [(problem.rule, problem.facts["year"]) for problem in problems] == [("above-budget", 2)]
    assert "Year 2: the allocation adds up to 10,000.00 PEN and works of earlier years cost 750.00 PEN to run" in str(
        problems[0]
    )
    assert check_plan(horizon, horizon.baseline - np.array([0, 750]).reshape(2, 1, 1)) == ()


def test_limits_of_a_line_are_named_with_their_year():
    horizon = horizon_of(2, {"ceiling": {"north": 12000}, "running_cost": 0}, constraints={})
    problems = check_plan(horizon, np.array([10000.0, 13000]).reshape(2, 1, 1))
    assert [(problem.rule, problem.facts["year"]) for problem in problems] == [("above-ceiling", 2)]
    assert str(problems[0]).startswith("Year 2: Programme 'mains', area 'north': ")


@pytest.mark.parametrize("years", [0, 11, -1])
def test_a_plan_has_one_to_ten_years(years):
    with pytest.raises(InputError, match="1 to 10"):
        horizon_of(years)


@pytest.mark.parametrize("plan", [np.zeros((2, 1, 2)), np.zeros((1, 1, 1)), np.full((2, 1, 1), np.nan)])
def test_a_plan_of_another_shape_or_with_a_missing_amount_is_refused(plan):
    with pytest.raises(AllocationError):
        simulate_plan(horizon_of(2), plan)


# ---- document


def test_the_first_year_of_a_plan_document_is_the_scenario():
    horizon = horizon_of(2)
    document = plan_document(simulate_plan(horizon))
    alone = scenario_document(simulate(horizon.calibrated))
    assert {key: document[key] for key in alone} == alone
    assert [year["year"] for year in document["years"]] == [1, 2]
    assert document["years"][1]["running_cost"] == pytest.approx(750)
    assert document["years"][1]["spent"] == pytest.approx(10750)
    assert document["years"][1]["programmes"][0]["carried"] == pytest.approx(75)
    assert document["horizon"]["groups"]["women"]["needs"] == 2000


def test_the_outlook_of_a_model_reads_back():
    growth = {"population_growth": {"north": 0.02}, "price_growth": 0.03, "budget_growth": -0.01, "horizon_years": 4}
    model = parse_model(copy.deepcopy(DOCUMENT) | growth)
    document = model_document(model)
    assert {key: document[key] for key in growth} == growth
    assert document["programmes"][0]["running_cost"] == {"north": 10}
    assert model_document(parse_model(document)) == document


MISTAKES = [
    ({"horizon_years": 11}, "horizon_years: 11 is outside the allowed range 1 to 10"),
    ({"horizon_years": 2.5}, "horizon_years: expected a whole number of years"),
    ({"horizon_yeras": 3}, "Did you mean 'horizon_years'?"),
    ({"price_growth": 3}, "price_growth: a rate of 300 % a year is not plausible. Write a share"),
    ({"population_growth": {"nroth": 0.1}}, "Did you mean 'north'?"),
    ({"budget_growth": "much"}, "budget_growth: expected a number"),
]


@pytest.mark.parametrize(("change", "words"), MISTAKES)
def test_a_mistake_in_the_outlook_is_refused_with_its_place(change, words):
    with pytest.raises(InputError) as caught:
        parse_model(copy.deepcopy(DOCUMENT) | change)
    assert words in str(caught.value)


def test_a_running_cost_of_a_service_is_refused():
    with pytest.raises(InputError, match=r"programmes\[0\].running_cost: a programme of durability 1"):
        horizon_of(programme={"durability": 1})


# ---- any model


def outlook_of(model, seed):
    random = np.random.default_rng(seed)
    return dataclasses.replace(
        model,
        durability=np.where(random.random(len(model.programmes)) < 0.5, 1, random.uniform(1, 30)),
        outlook=Outlook(
            population_growth=random.uniform(-0.05, 0.1, len(model.areas)),
            price_growth=float(random.uniform(-0.02, 0.1)),
        ),
    )


MODELS = st.builds(
    random_model,
    seed=st.integers(0, 2**32 - 1),
    programmes=st.integers(1, 4),
    needs=st.integers(1, 3),
    areas=st.integers(1, 2),
    link_share=st.sampled_from([0.4, 1.0]),
)


@given(MODELS, st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_a_plan_equals_the_plain_implementation(model, seed, years):
    model = outlook_of(model, seed)
    plan = np.stack([random_allocation(seed + year, model) for year in range(years)])
    found = evaluate_plan(build_horizon(calibrate(model), years), plan)
    expected = plain_plan(model, plan, model.outlook.price_growth, model.outlook.population_growth)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@given(MODELS, st.integers(0, 2**32 - 1))
def test_a_plan_of_one_year_is_the_scenario_to_the_last_bit(model, seed):
    model = outlook_of(model, seed)
    calibrated, allocation = calibrate(model), random_allocation(seed, model)
    year = simulate_plan(build_horizon(calibrated, 1), allocation[None]).years[0]
    assert scenario_document(year) == scenario_document(simulate(calibrated, allocation))


@given(MODELS, st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_people_served_are_linear_in_the_persons_of_every_year(model, seed, part):
    model = outlook_of(model, seed)
    horizon = build_horizon(calibrate(model), 3)
    random = np.random.default_rng(seed)
    one, other = random.uniform(0, 500, (2, *horizon.baseline.shape))
    mixed = years_served(horizon, part * one + (1 - part) * other)
    np.testing.assert_allclose(
        mixed, part * years_served(horizon, one) + (1 - part) * years_served(horizon, other), rtol=1e-9, atol=1e-9
    )


@given(MODELS, st.integers(0, 2**32 - 1))
def test_many_plans_at_once_equal_one_by_one(model, seed):
    horizon = build_horizon(calibrate(outlook_of(model, seed)), 2)
    plans = np.stack([[random_allocation(seed + 2 * i + t, model) for t in range(2)] for i in range(3)])
    together = evaluate_plan(horizon, plans)
    for index in range(3):
        np.testing.assert_allclose(together[index], evaluate_plan(horizon, plans[index]), rtol=1e-13)
    assert served_by_money(horizon, plans).shape == plans.shape
