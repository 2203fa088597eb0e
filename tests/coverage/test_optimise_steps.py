"""Prices of limits that all bind at one point: one-sided, worked by hand, where row prices could be anything."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import optimise
from budget_model.coverage.optimise_concave import Effort, solve_concave
from budget_model.coverage.optimise_prices import find_binding, read_prices
from budget_model.coverage.optimise_steps import steady_prices
from budget_model.coverage.optimise_task import build_task
from budget_model.coverage.portable import parse_model

BACKGROUND = 1 - 0.9 / 0.95  # today's money meets 0.05 of each group, the survey finds 0.1 covered
# 1,000 serves 10 people: 5 of each group, 0.005 of its universe; beyond the background that is 0.005 (1 - B) of 1,000
# people in two groups, weighted 2
A_THOUSAND_FOR_CARE = 0.005 * (1 - BACKGROUND) * 2000 * 2


def pinned(protected):
    """Two needs of 1,000 women and 1,000 men, one in ten covered; 10,000 for each, at 100 a person, in equal parts.

    CARE counts twice as much as WATER, so that all money would go there if nothing forbade it.
    """
    people = {"universe": {"all": {"women": 1000, "men": 1000}}, "deficit": {"all": {"women": 900, "men": 900}}}
    serves = {"reach": {"women": 0.5, "men": 0.5}, "effectiveness": 1, "response": "linear", "ceiling": 1}
    document = {
        "currency": "PEN",
        "areas": ["all"],
        "groups": ["women", "men"],
        "needs": [
            {"id": "WATER", **people},
            {"id": "CARE", **people, "weight": {"women": 2, "men": 2}},
        ],
        "programmes": [
            {"id": name, "unit_cost": 100, "baseline": {"all": 10_000}, "serves": [{"need": need, **serves}]}
            for name, need in (("network", "WATER"), ("day-care", "CARE"))
        ],
        "constraints": {"budget": 20_000, "no_group_worse_off": protected},
    }
    return calibrate(parse_model(document))


def named(binding):
    return {(b.constraint, b.facts.get("need"), b.facts.get("group")): b.price for b in binding}


def steadied(added):
    """Bindings where the solver returned prices that are right by `added` a share too many: they add up to nothing."""
    task = build_task(pinned(["WATER", "CARE"]))
    search = solve_concave(task, Effort())
    prices = read_prices(task, search.master, search.answer)
    absurd = dataclasses.replace(prices, coverage=prices.coverage + added)
    return named(find_binding(task, steady_prices(task, search.master, absurd), search.best))


def test_a_budget_that_protects_everybody_is_worth_what_a_thousand_more_meets():
    optimum = optimise(pinned(["WATER", "CARE"]))
    assert optimum.allocation.ravel() == pytest.approx([10_000, 10_000], abs=0.011)
    assert named(optimum.binding)["budget", None, None] == pytest.approx(A_THOUSAND_FOR_CARE, rel=1e-4)


def test_absurd_prices_give_way_to_what_one_step_of_each_limit_brings():
    found = steadied(1e12)
    # one point less of WATER is 20 needs lost; its money meets as many of CARE, which count twice. Giving up CARE
    # brings nothing, and has no price; of women and men together there is one price, not two
    assert found == {
        ("budget", None, None): pytest.approx(A_THOUSAND_FOR_CARE, rel=1e-6),
        ("no_group_worse_off", "WATER", None): pytest.approx(20, rel=1e-6),
    }


def test_prices_that_are_single_stay_as_they_were():
    task = build_task(pinned(["WATER"]))
    search = solve_concave(task, Effort())
    prices = read_prices(task, search.master, search.answer)
    assert np.array_equal(steady_prices(task, search.master, prices).coverage, prices.coverage)
    found = named(optimise(pinned(["WATER"])).binding)
    assert sum(price for key, price in found.items() if key[0] == "no_group_worse_off") == pytest.approx(20, rel=1e-3)
