"""The best allocation: worked by hand, judged by brute force and by random search, and exact to the cent."""

import dataclasses
import math

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import is_provable, optimise
from budget_model.coverage.portable import parse_model
from budget_model.coverage.types import Constraints, Earmark
from budget_model.errors import InputError
from tests.coverage.optimise_judges import (
    keeps_plain_rules,
    plain_value,
    random_allocations,
    random_task,
)


def two_services(**changes):
    """Two needs of 1,000 women and 1,000 men each, nobody covered, one exponential programme for each.

    Unit costs 100 and 400; a quarter of its people lacks nothing, so the background share is 0.25.
    """
    need = {"universe": {"all": {"women": 1000, "men": 1000}}, "deficit": {"all": {"women": 750, "men": 750}}}
    document = {
        "currency": "PEN",
        "areas": ["all"],
        "groups": ["women", "men"],
        "needs": [{"id": "WATER", **need}, {"id": "CARE", **need}],
        "programmes": [
            {"id": "network", "unit_cost": 100, "baseline": {"all": 0}, "serves": [link("WATER")]},
            {"id": "day-care", "unit_cost": 400, "baseline": {"all": 0}, "serves": [link("CARE")]},
        ],
        "constraints": {"budget": 300_000},
        **changes,
    }
    return parse_model(document)


def link(need, **changes):
    return {"need": need, "reach": {"women": 0.5, "men": 0.5}, "effectiveness": 1, **changes}


def best(model):
    return optimise(calibrate(model))


def test_two_services_get_money_until_their_marginal_yields_are_equal():
    # met(x) = 1500 (1 - exp(-x / (2000 c))): slopes 0.0075 exp(-x1 / 200000) and 0.001875 exp(-x2 / 800000).
    # Equal with x1 + x2 = 300000: log 4 = x1/200000 - x2/800000, so x1 = 0.16 (300000 ... ) worked below.
    x1 = (math.log(4) + 300_000 / 800_000) / (1 / 200_000 + 1 / 800_000)
    assert x1 == pytest.approx(281_807.1, abs=0.1)
    optimum = best(two_services())
    assert optimum.status == "optimal"
    assert optimum.allocation[0, 0] == pytest.approx(x1, rel=2e-3)
    met = 1500 * (1 - math.exp(-x1 / 200_000)) + 1500 * (1 - math.exp(-(300_000 - x1) / 800_000))
    assert optimum.value == pytest.approx(1000 + met, rel=1e-6)
    assert optimum.baseline_value == 1000
    assert optimum.gap < 1e-5


def test_the_price_of_the_budget_is_what_a_thousand_more_would_meet():
    x1 = (math.log(4) + 300_000 / 800_000) / (1 / 200_000 + 1 / 800_000)
    budget = next(b for b in best(two_services()).binding if b.constraint == "budget")
    assert budget.price == pytest.approx(1000 * 0.0075 * math.exp(-x1 / 200_000), rel=5e-3)


def test_a_floor_that_binds_has_a_price_and_one_that_does_not_has_none():
    model = two_services()
    floor = np.array([[0.0], [100_000.0]])
    model = dataclasses.replace(model, floor=floor, baseline=floor)
    optimum = best(dataclasses.replace(model, constraints=Constraints(budget=300_000)))
    assert optimum.allocation[1, 0] == 100_000
    assert [b.constraint for b in optimum.binding] == ["budget", "floor"]
    assert {b.constraint: b.facts.get("programme") for b in optimum.binding}["floor"] == "day-care"


def test_a_universe_of_nobody_counts_for_nothing():
    document_model = two_services()
    universe, deficit = document_model.universe.copy(), document_model.deficit.copy()
    universe[1] = deficit[1] = 0
    model = dataclasses.replace(document_model, universe=universe, deficit=deficit)
    optimum = best(model)
    assert optimum.allocation[1, 0] == 0  # no money for a need that nobody has
    assert optimum.value == pytest.approx(500 + 1500 * (1 - math.exp(-1.5)), rel=1e-6)


def test_a_need_that_nobody_serves_and_a_programme_that_serves_nothing_leave_the_rest_alone():
    model = two_services(
        programmes=[
            {"id": "network", "unit_cost": 100, "baseline": {"all": 0}, "serves": [link("WATER")]},
            {"id": "parade", "unit_cost": 1, "baseline": {"all": 50_000}, "serves": []},
        ]
    )
    optimum = best(model)
    assert optimum.allocation[:, 0].tolist() == [300_000, 0]
    assert optimum.value == pytest.approx(1000 + 1500 * (1 - math.exp(-1.5)), rel=1e-6)


def test_capacity_stops_a_programme_and_the_rest_stays_unspent_where_nothing_else_helps():
    model = two_services(
        programmes=[
            {"id": "network", "unit_cost": 100, "capacity": 800, "baseline": {"all": 0}, "serves": [link("WATER")]}
        ]
    )
    optimum = best(model)
    assert optimum.allocation[0, 0] == 80_000
    assert [b.constraint for b in optimum.binding] == ["capacity"]


def test_without_a_budget_todays_total_is_what_may_be_spent():
    model = two_services(
        constraints={},
        programmes=[
            {"id": "network", "unit_cost": 100, "baseline": {"all": 40_000}, "serves": [link("WATER")]},
            {"id": "day-care", "unit_cost": 400, "baseline": {"all": 40_000}, "serves": [link("CARE")]},
        ],
    )
    optimum = best(model)
    assert optimum.budget == 80_000
    assert optimum.allocation.sum() == pytest.approx(80_000, abs=0.011)


def test_least_cost_of_a_target_is_the_inverse_of_the_curve():
    # 0.25 + 0.75 (1 - exp(-x / 200000)) = 0.7  ->  x = 200000 log(0.75 / 0.3)
    limits = {"min_coverage": {"WATER": {"women": 0.7}}}
    optimum = best(two_services(constraints=limits, objective="min_cost"))
    assert optimum.status == "optimal"
    assert optimum.value == pytest.approx(200_000 * math.log(2.5), rel=1e-6)
    assert optimum.allocation[1, 0] == 0


def test_sources_pay_only_for_what_they_may():
    limits = Constraints(budget=300_000, earmarks=(Earmark("canon", 100_000, ("day-care",)),))
    optimum = best(dataclasses.replace(two_services(), constraints=limits))
    assert optimum.allocation[:, 0].tolist() == [200_000, 100_000]  # alone, day care would get 18,193


def test_a_minimum_share_is_of_all_money_spent():
    limits = Constraints(budget=300_000, min_share={"programmes": ["day-care"], "share": 0.25})
    optimum = best(dataclasses.replace(two_services(), constraints=limits))
    assert optimum.allocation[:, 0].tolist() == [225_000, 75_000]


@pytest.mark.parametrize("seed", range(24))
def test_no_random_allocation_beats_the_bound_and_concave_answers_are_proved(seed):
    concave = seed % 2 == 0
    model = random_task(seed, concave)
    optimum = best(model)
    sense = -1 if model.objective in ("min_gap", "min_cost") else 1
    tried = [x for x in random_allocations(model, 40, seed) if not model.constraints.earmarks]
    values = [plain_value(model, x) for x in [model.baseline, *tried] if keeps_plain_rules(model, x)]
    if optimum.allocation is None:
        assert optimum.status == "infeasible"
        assert values == []
        assert optimum.conflicts
        return
    assert optimum.value == pytest.approx(plain_value(model, optimum.allocation), rel=1e-9, abs=1e-9)
    assert keeps_plain_rules(model, optimum.allocation, tolerance=1e-7)
    if is_provable(model):
        assert optimum.status == "optimal"
        assert optimum.gap <= 5e-4
    else:
        assert optimum.status == "bounded"
    if model.constraints.earmarks:
        return
    for value in values:
        assert sense * (value - optimum.bound) <= 1e-9 * max(1, abs(value))
        if concave:
            assert sense * (value - optimum.value) <= 1e-4 * max(1, abs(value))


def test_the_word_optimal_is_not_used_where_the_problem_is_not_concave():
    nested = two_services()
    assert is_provable(dataclasses.replace(nested, overlap=("nested", "nested")))  # one programme each
    links = dataclasses.replace(nested.links, need=np.array([0, 0]))
    shared = dataclasses.replace(nested, links=links)
    assert is_provable(shared)  # independent and exponential
    assert not is_provable(dataclasses.replace(shared, overlap=("nested", "nested")))
    for curve in ("linear", "tanh"):
        curved = dataclasses.replace(shared, links=dataclasses.replace(links, response=(curve, "exponential")))
        assert not is_provable(curved)
        assert best(curved).status == "bounded"
    assert not is_provable(dataclasses.replace(nested, objective="min_gap"))
    assert not is_provable(dataclasses.replace(nested, constraints=Constraints(budget=1, max_gap=0.1)))


def test_amounts_are_whole_cents_within_budget_and_locked_lines_never_move():
    model = two_services(
        constraints={"budget": 100_000.01},
        programmes=[
            {"id": "network", "unit_cost": 97, "baseline": {"all": 1234.57}, "locked": True, "serves": [link("WATER")]},
            {"id": "day-care", "unit_cost": 401, "baseline": {"all": 40_000}, "serves": [link("CARE")]},
            {"id": "visits", "unit_cost": 43, "baseline": {"all": 40_000}, "serves": [link("CARE")]},
        ],
    )
    amounts = best(model).allocation
    assert amounts[0, 0] == 1234.57
    assert amounts.sum() <= 100_000.01 + 1e-9
    np.testing.assert_array_equal(amounts, np.round(amounts, 2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"objective": "min_cost"}, "constraints.min_coverage"),
        ({"constraints": {"earmarks": [{"source": "x", "amount": 4e5, "programmes": []}], "budget": 1}}, "more than"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(changes, words):
    with pytest.raises(InputError, match=words):
        best(two_services(**changes))


def test_objectives_need_their_groups():
    model = dataclasses.replace(two_services(), groups=("girls", "boys"))
    for objective in ("women", "min_gap"):
        with pytest.raises(InputError, match="'women'"):
            best(dataclasses.replace(model, objective=objective))
    assert best(dataclasses.replace(model, objective="max_min")).status == "optimal"
