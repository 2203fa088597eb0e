"""Prices of limits that all bind at one point: one-sided, worked by hand, where row prices could be anything."""

from __future__ import annotations

import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import optimise
from budget_model.coverage.portable import parse_model

BACKGROUND = 1 - 0.9 / 0.95  # today's money meets 0.05 of each group, the survey finds 0.1 covered


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
    return optimise(calibrate(parse_model(document)))


def prices_of(optimum):
    return {(b.constraint, b.facts.get("need"), b.facts.get("group")): b.price for b in optimum.binding}


def test_a_budget_that_protects_everybody_is_worth_what_a_thousand_more_meets():
    optimum = pinned(["WATER", "CARE"])
    assert optimum.allocation.ravel() == pytest.approx([10_000, 10_000], abs=0.011)
    # 1,000 serves 10 people: 5 of each group, 0.005 of its universe; beyond the background that is 0.005 (1 - B) of
    # 1,000 people in two groups, weighted 2
    assert prices_of(optimum)["budget", None, None] == pytest.approx(0.005 * (1 - BACKGROUND) * 2000 * 2, rel=1e-4)


def test_a_protected_need_is_worth_what_its_money_meets_elsewhere_and_has_one_price_for_all_its_groups():
    found = prices_of(pinned(["WATER", "CARE"]))
    # one point less of WATER is 20 needs lost; its money meets as many of CARE, which count twice
    assert found["no_group_worse_off", "WATER", None] == pytest.approx(20, rel=1e-4)
    # giving up CARE, which is worth more, brings nothing: no price
    assert [key for key in found if key[0] == "no_group_worse_off"] == [("no_group_worse_off", "WATER", None)]


def test_where_prices_are_single_they_stay_as_they_were():
    found = prices_of(pinned(["WATER"]))
    shares = [price for key, price in found.items() if key[0] == "no_group_worse_off"]
    assert sum(shares) == pytest.approx(20, rel=1e-3)  # of women and of men together
