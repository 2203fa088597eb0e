import pytest

from budget_model.assembly.counting import CountingRule, announced_rule, count_votes
from budget_model.errors import InputError
from tests.assembly.elections import election, names


def winners(held, rule="greedy", ties="lexicographic", **more):
    return names(held, count_votes(held, CountingRule(rule, ties, **more)).winners)


def test_greedy_takes_the_most_wanted_and_skips_what_no_longer_fits():
    # votes: park 3, road 2, lamp 1; park 60 and lamp 30 fit 100, road 50 does not after the park
    held = election({"park": 60, "road": 50, "lamp": 30}, ["park road", "park road", "park lamp"], 100)
    assert winners(held) == ["park", "lamp"]


def test_greedy_without_skipping_ends_at_the_first_that_does_not_fit():
    held = election({"park": 60, "road": 50, "lamp": 30}, ["park road", "park road", "park lamp"], 100)
    assert winners(held, stop_at_first=True) == ["park"]


def test_greedy_per_cost_ranks_by_votes_for_each_unit_of_money():
    # park 3/60 = 0.05, road 2/50 = 0.04, lamp 1/10 = 0.1
    held = election({"park": 60, "road": 50, "lamp": 10}, ["park road", "park road", "park lamp"], 60)
    assert winners(held, "greedy-per-cost") == ["lamp", "road"]


def test_a_loser_says_what_it_lacked():
    held = election({"park": 60, "road": 50}, ["park road", "park"], 100)
    loser = count_votes(held, CountingRule("greedy")).losers[0]
    assert (loser["reason"], loser["lacks"]) == ("does_not_fit", 10)


def test_of_two_exclusive_proposals_the_more_wanted_wins():
    held = election({"a": 1, "b": 1, "c": 1}, ["a b", "a c", "a b"], 3)
    assert winners(held, exclusive=(frozenset({"a", "b"}),)) == ["a", "c"]


def test_proposals_under_the_threshold_do_not_take_part():
    held = election({"a": 1, "b": 1}, ["a", "a", "b"], 2)
    outcome = count_votes(held, CountingRule("greedy", least_votes=2))
    assert names(held, outcome.winners) == ["a"]
    assert outcome.losers[0]["reason"] == "below_threshold"


@pytest.mark.parametrize(
    ("ties", "first"), [("lexicographic", "a"), ("cheapest", "b"), ("dearest", "a"), ("most-votes", "a")]
)
def test_the_announced_tie_rule_decides_between_equals(ties, first):
    held = election({"a": 70, "b": 60}, ["a b"], 100)
    outcome = count_votes(held, CountingRule("greedy", ties))
    assert names(held, outcome.winners) == [first]
    assert outcome.ties[0].tied == ("a", "b")


def test_a_tie_that_changes_nothing_is_no_tie():
    held = election({"a": 40, "b": 60}, ["a b"], 100)
    assert count_votes(held, CountingRule("greedy", "refuse")).ties == []


def test_a_refused_tie_names_the_equal_proposals():
    held = election({"a": 70, "b": 60}, ["a b"], 100)
    with pytest.raises(InputError, match="a, b are exactly equal"):
        count_votes(held, CountingRule("greedy", "refuse"))


def test_nobody_voted_and_nothing_can_be_paid():
    assert winners(election({"a": 5}, [], 0), "mes") == []
    assert winners(election({"a": 5}, ["a"], 0)) == []


def test_a_rule_that_we_do_not_have_is_refused_by_name():
    held = election({"a": 5}, ["a"], 5)
    with pytest.raises(InputError, match="'borda-2' is no rule"):
        count_votes(held, CountingRule("borda-2"))
    with pytest.raises(InputError, match="announces the rule ''"):
        announced_rule(held)
