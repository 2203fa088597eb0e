"""The Method of Equal Shares, by hand and as two equal halves of a town would see it."""

from fractions import Fraction

from budget_model.assembly.counting import CountingRule, count_votes
from budget_model.assembly.report import outcome_document
from tests.assembly.elections import election, names


def count(held, rule="mes", **more):
    return count_votes(held, CountingRule(rule, **more))


def test_a_minority_gets_its_share_where_greedy_gives_it_nothing():
    # 6 voters want a1 a2 a3 (30 each), 4 want b1 (30). Envelope 90, 9 each.
    # a1: 30/6 = 5 each, leaves 4; a2 needs 5 each: they have 24 < 30. b1: 30/4 = 7.5 <= 9.
    held = election({"a1": 30, "a2": 30, "a3": 30, "b1": 30}, ["a1 a2 a3", "b1"], 90, counts=(6, 4))
    assert names(held, count(held).winners) == ["a1", "b1"]
    assert names(held, count(held, "greedy").winners) == ["a1", "a2", "a3"]


def test_the_price_of_a_unit_rises_where_some_supporters_are_poor():
    # Envelope 100, 3 voters, 100/3 each. x (60): voters 1 and 2 pay 30 each, 10/3 left. y (30): voters 2 and 3;
    # voter 2 can give 10/3, voter 3 pays 30 - 10/3 = 80/3 for 30 units: 8/9 a unit.
    held = election({"x": 60, "y": 30}, ["x", "x y", "y"], 100)
    outcome = count(held)
    assert names(held, outcome.winners) == ["x", "y"]
    assert [round(entry["price"], 12) for entry in outcome.rounds] == [0.5, round(8 / 9, 12)]


def test_add1_raises_everybodys_part_until_the_envelope_would_break():
    # 10 voters with 10 each. p (40) has 5 supporters: 8 each. q (60) has 5: 12 each, so it needs a part of 12.
    held = election({"p": 40, "q": 60}, ["p", "q"], 100, counts=(5, 5))
    assert names(held, count(held).winners) == ["p"]
    raised = count(held, "mes-add1")
    assert sorted(names(held, raised.winners)) == ["p", "q"]
    assert raised.facts["endowment"] == Fraction(12)


def test_utilitarian_completion_fills_up_by_votes():
    held = election({"p": 90, "q": 10, "r": 10}, ["p", "p", "q", "r"], 100)
    assert names(held, count(held).winners) == ["q", "r"]
    # p needs 45 from each of two voters who have 25
    held = election({"p": 60, "q": 10}, ["p", "p", "q"], 100)
    assert names(held, count(held, "mes-utilitarian").winners) == ["p", "q"]


def test_points_buy_what_people_want_more():
    # utility 3 and 1: a costs 10 for 3 units, b 10 for 1 unit; one voter with 10
    held = election({"a": 10, "b": 10}, ["a b"], 10, "cumulative", [[3, 1]])
    assert names(held, count(held).winners) == ["a"]


def test_a_loser_says_how_much_its_supporters_lacked():
    held = election({"p": 40, "q": 60}, ["p", "q"], 100, counts=(5, 5))
    loser = count(held).losers[0]
    assert (loser["reason"], loser["lacks"]) == ("supporters_lack_money", 10)


def test_equal_prices_far_into_the_count_are_a_tie_and_not_a_matter_of_rounding():
    # after a, b, c all voters have 1 - 1/3 - 1/3 - 1/3 = 0 in exact numbers, and 5.6e-17 in floats
    held = election({"a": 1, "b": 1, "c": 1, "d": Fraction(1, 10**6)}, ["a b c d"], 3, counts=(3,))
    assert names(held, count(held).winners)[-1] == "c"


def test_only_who_has_money_left_paid():
    # Envelope 100, 10 each. a (60): six pay all they have. b (20): three of them and two others, who pay 10 each.
    held = election({"a": 60, "b": 20, "c": 90}, ["a b", "a", "b", "c"], 100, counts=(3, 3, 2, 2))
    rounds = count(held).rounds
    assert [(held.proposals[one["proposal"]].id, one["paid_by"]) for one in rounds] == [("a", 6), ("b", 2)]


def test_a_tie_of_the_filling_up_is_numbered_by_the_rounds_that_are_listed():
    # 10 each. Four pay p (40), 60 are left. By votes f (5 for 70) is next and does not fit, which is no listed round;
    # then a and b (1 vote, 40 each) are equal, and one of them fits: round 2 of the two that are listed
    held = election({"p": 40, "f": 70, "a": 40, "b": 40}, ["p", "f", "a b"], 100, counts=(4, 5, 1))
    outcome = count(held, "mes-utilitarian")
    assert names(held, outcome.winners) == ["p", "a"]
    assert [(tie.round, tie.tied) for tie in outcome.ties] == [(2, ("a", "b"))]


def test_cents_of_what_does_not_take_part_do_not_change_the_amounts_that_are_told():
    held = election({"a": 10, "b": 20, "z": Fraction(5, 4)}, ["a", "a", "b", "b", "z"], 25)
    document = outcome_document(held, count(held, least_votes=2))
    assert [one["cost"] for one in document["rounds"]] == ["10"]
    assert {one["proposal"]: one["cost"] for one in document["losers"]} == {"b": "20", "z": "1.25"}
