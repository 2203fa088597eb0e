"""What proposals do for needs: worked by hand, against brute force, and unknown where something is not stated."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest

from budget_model.assembly import scores
from budget_model.assembly.proposals import ProposalRecord
from budget_model.assembly.scores import (
    assumption_of,
    best_list,
    build_proposal_model,
    drawn_lists,
    effect_of,
    score_proposals,
    spread,
)

LINK = {"need": "WATER", "reach": "need", "effectiveness": 1.0, "ceiling": 0.9, "response": "linear"}
DOCUMENT = {
    "currency": "PEN",
    "areas": ["north", "south"],
    "groups": ["women", "men"],
    "needs": [
        {
            "id": "WATER",
            "overlap": "independent",
            "weight": {"women": 1, "men": 1},
            "universe": {"north": {"women": 100, "men": 100}, "south": {"women": 100, "men": 100}},
            "deficit": {"north": {"women": 50, "men": 50}, "south": {"women": 10, "men": 10}},
        }
    ],
    "programmes": [
        {
            "id": "network",
            "unit_cost": 200,
            "unit_cost_range": [150, 300],
            "durability": 20,
            "baseline": {"north": 0, "south": 0},
            "serves": [LINK],
        }
    ],
}
AREAS = {"north": "north", "hill": "north", "south": "south"}
WELL = ProposalRecord("A", {"es": "Pozo"}, zone="hill", cost=Decimal(1000), need="WATER", women=8, men=2)


def test_a_score_is_that_of_the_hand():
    # 1000 at 1000/10 a person serve 10: 8 women, 2 men. Coverage today is 0.5 (all background, no money today), so
    # women gain (1 - 0.5) * 8/100 = 0.04 of 100, men 0.01 of 100; over both areas 200 each: gap +2 - 0.5 points.
    held = build_proposal_model(DOCUMENT, [WELL], AREAS)
    score = score_proposals(held, n_draws=50)["A"]
    assert score.women.value == pytest.approx(4)
    assert score.men.value == pytest.approx(1)
    assert score.cost_per_need == pytest.approx(200)
    assert score.gap_change_pp.value == pytest.approx(1.5)
    # the range of the programme's cost, 150 to 300 of 200, is that of the proposal's, 75 to 150 of 100
    assert score.assumption.unit_cost_range == pytest.approx((75, 150))
    assert (score.assumption.programme, score.assumption.durability_years) == ("network", 20)
    assert score.total.low < score.total.value < score.total.high


def test_a_price_for_the_whole_site_goes_where_the_need_is():
    assert spread(DOCUMENT, replace(WELL, zone=""), AREAS) == pytest.approx([1000 * 100 / 120, 1000 * 20 / 120])
    assert spread(DOCUMENT, WELL, AREAS) == [1000, 0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cost": None}, "no_cost"),
        ({"need": ""}, "no_need"),
        ({"need": "CARE"}, "not_in_model"),
        ({"women": None, "men": None}, "no_unit_cost"),
        ({"women": None}, "no_unit_cost"),
        ({"women": 0, "men": 0}, "no_unit_cost"),
    ],
)
def test_what_is_not_stated_gives_no_score_and_never_nought(change, reason):
    record = replace(WELL, **change)
    assert assumption_of(DOCUMENT, record) == (reason, None)
    held = build_proposal_model(DOCUMENT, [record], AREAS)
    assert held.without == {"A": reason}
    assert score_proposals(held) == {}


def test_a_need_that_no_programme_serves_gives_no_score():
    document = {**DOCUMENT, "programmes": [{**DOCUMENT["programmes"][0], "serves": []}]}
    assert assumption_of(document, WELL) == ("no_programme", None)


def test_two_proposals_for_one_need_meet_less_together_than_alone():
    held = build_proposal_model(DOCUMENT, [WELL, replace(WELL, code="B")], AREAS)
    # (1 - 0.92 * 0.92) / 2 of 100 women, (1 - 0.98 * 0.98) / 2 of 100 men
    effect = effect_of(held, ["A", "B", "C"])
    assert (effect.women, effect.men) == pytest.approx((7.68, 1.98))
    assert effect.left_out == ("C",)


def many(number):
    """Proposals of different prices and reaches."""
    records = [
        replace(
            WELL,
            code=f"P{i}",
            cost=Decimal(300 + 170 * i),
            women=3 + i,
            men=(7 * i) % 5,
            zone=("north", "south")[i % 2],
        )
        for i in range(number)
    ]
    return build_proposal_model(DOCUMENT, records, AREAS), {one.code: int(one.cost) for one in records}


def brute_force(held, costs, budget):
    lists = [one for size in range(len(costs) + 1) for one in combinations(costs, size)]
    effects = [effect_of(held, one) for one in lists if sum(costs[code] for code in one) <= budget]
    return max(effect.women + effect.men for effect in effects)


def test_the_best_list_is_that_of_brute_force():
    held, costs = many(7)
    found = best_list(held, costs, 2200)
    assert found.is_exact
    assert sum(costs[code] for code in found.effect.codes) <= 2200
    assert found.effect.women + found.effect.men == pytest.approx(brute_force(held, costs, 2200))


def test_the_bound_of_a_list_that_is_not_proven_holds(monkeypatch):
    held, costs = many(7)
    monkeypatch.setattr(scores, "MOST_EXACT", 3)
    found = best_list(held, costs, 2200)
    best = brute_force(held, costs, 2200)
    assert not found.is_exact
    assert found.effect.women + found.effect.men <= best + 1e-9 <= found.bound + 1e-6


def test_an_envelope_of_nothing_buys_the_empty_list():
    held, costs = many(3)
    assert best_list(held, costs, 0).effect.codes == ()


def test_draws_of_a_list_are_those_of_the_model_with_its_money_and_add_up_where_proposals_do_not_meet():
    # two wells in two areas share no people: in every draw the list does what both do alone
    apart = [WELL, replace(WELL, code="B", zone="south")]
    held = build_proposal_model(DOCUMENT, apart, AREAS)
    first, second, both = drawn_lists(held, [("A",), ("B",), ("A", "B")], n_draws=60, seed=3)
    assert both == pytest.approx(first + second)
    # two wells in one area do: the list does less in every draw, and never less than one of them
    held = build_proposal_model(DOCUMENT, [WELL, replace(WELL, code="B")], AREAS)
    first, second, both = drawn_lists(held, [("A",), ("B",), ("A", "B")], n_draws=60, seed=3)
    assert (both < first + second).all()
    assert (both > first).all()


def test_the_interval_of_a_score_is_that_of_its_draws():
    held = build_proposal_model(DOCUMENT, [WELL], AREAS)
    drawn = drawn_lists(held, [("A",)], n_draws=80, seed=0)[0]
    score = score_proposals(held, n_draws=80)["A"]
    women = sorted(drawn[:, 0])  # P5 of 80 lies at place 0.05 * 79 = 3.95 from below
    assert score.women.low == pytest.approx(women[3] + 0.95 * (women[4] - women[3]))
    assert score == score_proposals(held, drawn=drawn[None])["A"]


def test_no_list_gives_no_draws_and_an_unknown_code_adds_nothing():
    held = build_proposal_model(DOCUMENT, [WELL], AREAS)
    assert drawn_lists(held, [], n_draws=5).shape == (0, 5, 2)
    assert drawn_lists(held, [("nowhere",)], n_draws=5) == pytest.approx(0)
