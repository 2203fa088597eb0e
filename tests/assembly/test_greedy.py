from dataclasses import replace
from itertools import permutations
from random import Random

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


def test_equals_of_which_neither_can_win_are_no_tie():
    # "win" leaves 100; b is excluded by it and d does not fit: their order decides nothing, and "refuse" does not stop
    held = election({"win": 100, "b": 40, "d": 150}, ["win b d", "win b d", "win"], 200)
    exclusive = (frozenset({"win", "b"}),)
    assert count_votes(held, CountingRule("greedy", "refuse", exclusive=exclusive)).ties == []


@pytest.mark.parametrize("seed", range(60))
def test_a_tie_is_told_exactly_where_another_order_of_equals_gives_other_winners(seed):
    random = Random(seed)
    costs = {name: random.randint(1, 60) for name in "abcde"}
    pairs = tuple(frozenset(random.sample("abcde", 2)) for _ in range(random.randint(0, 2)))
    held = election(costs, [" ".join(random.sample("abcde", 2)) for _ in range(5)], random.randint(20, 150))
    stop = bool(seed % 2)
    lists = set()
    for order in permutations(held.proposals):  # the tie rule goes by the id: rename for every order of equals
        renamed = {one.id: f"{place}{one.id}" for place, one in enumerate(order)}
        other = replace(held, proposals=tuple(replace(one, id=renamed[one.id]) for one in held.proposals))
        turned = tuple(frozenset(renamed[name] for name in pair) for pair in pairs)
        outcome = count_votes(other, CountingRule("greedy", exclusive=turned, stop_at_first=stop))
        lists.add(frozenset(outcome.winners))
    told = count_votes(held, CountingRule("greedy", exclusive=pairs, stop_at_first=stop)).ties
    # a tie that is told changes who wins; where none is told, no order changes anything
    assert bool(told) == (len(lists) > 1)


def test_a_threshold_of_scores_is_one_of_points_where_people_gave_points():
    # three points for a, one for b by three people each: a threshold of 4 is of points (9 and 3), not of people
    held = election({"a": 1, "b": 1}, ["a b"] * 3, 2, "cumulative", points=[[3, 1]] * 3)
    held = replace(held, meta={"rule": "greedy", "min_project_score_threshold": "4"})
    rule = announced_rule(held)
    assert (rule.least_votes, rule.least_score) == (0, 4)
    assert names(held, count_votes(held, rule).winners) == ["a"]
    approvals = replace(held, vote_type="approval")
    assert announced_rule(approvals).least_votes == 4


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


def test_a_loser_is_named_rightly_where_another_proposal_is_below_the_threshold():
    # "few" does not take part; "dear" does not fit after "liked" (3 of 4 spent, 2 asked)
    held = election({"few": 1, "liked": 3, "dear": 2}, ["few", "liked dear", "liked dear", "liked"], 4)
    outcome = count_votes(held, CountingRule("greedy", least_votes=2))
    assert [(held.proposals[one["proposal"]].id, one["reason"]) for one in outcome.losers] == [
        ("dear", "does_not_fit"),
        ("few", "below_threshold"),
    ]
    assert [held.proposals[one["proposal"]].id for one in outcome.rounds] == ["liked", "dear"]
