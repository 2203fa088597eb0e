from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.assembly.counting import CountingRule, count_votes
from budget_model.assembly.rules.maximin import heaviest_load
from budget_model.errors import InputError
from tests.assembly.elections import election, names


def test_phragmen_takes_turns_between_a_large_and_a_small_group():
    # 2 voters want a1 a2, 1 wants b; all cost 1. a1 at load 1/2, then a2 at 1 and b at 1: tied, a2 first by name
    held = election({"a1": 1, "a2": 1, "b": 1}, ["a1 a2", "a1 a2", "b"], 3)
    outcome = count_votes(held, CountingRule("phragmen"))
    assert names(held, outcome.winners) == ["a1", "a2", "b"]
    assert [entry["load"] for entry in outcome.rounds] == [Fraction(1, 2), 1, 1]


def test_phragmen_stops_where_the_next_purchase_would_break_the_envelope():
    held = election({"a": 5, "b": 10, "c": 1}, ["a b", "a b", "c"], 9)
    # c: load 1; a: 2.5; then b: (2.5 + 2.5 + 10) / 2 = 7.5 breaks the envelope
    assert names(held, count_votes(held, CountingRule("phragmen")).winners) == ["c", "a"]


def test_phragmen_tells_what_did_not_fit_from_what_the_end_of_the_count_left_without_a_turn():
    # supporters pay 12 each for a (60), 50/3 for b, 30 for d, 70 for c. After a 40 are left: b ends the count.
    held = election({"a": 60, "b": 50, "c": 70, "d": 30}, ["a", "b", "c", "d"], 100, counts=(5, 3, 1, 1))
    losers = count_votes(held, CountingRule("phragmen")).losers
    assert [(one["reason"], one["lacks"]) for one in losers] == [("does_not_fit", 10), ("stopped", 30), ("stopped", 0)]


def test_a_loser_of_the_best_list_that_nobody_chose_is_told_so():
    held = election({"a": 5, "b": 5, "c": 5}, ["a b"], 10, "cumulative", [[2, 0]])
    losers = count_votes(held, CountingRule("welfare")).losers
    assert [(names(held, [one["proposal"]]), one["reason"]) for one in losers] == [
        (["b"], "no_points"),
        (["c"], "no_votes"),
    ]


def best_lists(costs, scores, budget):
    """All lists with the highest total score, without what has none."""
    able = [name for name in costs if scores[name]]
    fitting = [
        frozenset(chosen)
        for size in range(len(able) + 1)
        for chosen in combinations(able, size)
        if sum(costs[name] for name in chosen) <= budget
    ]
    most = max(sum(scores[name] for name in chosen) for chosen in fitting)
    return [chosen for chosen in fitting if sum(scores[name] for name in chosen) == most]


@pytest.mark.parametrize("ties", ["lexicographic", "cheapest,most-votes", "dearest"])
def test_a_tie_of_best_lists_is_one_of_what_some_have_and_others_have_not(ties):
    told = 0
    for seed in range(200):
        random = Random(seed)
        costs = {f"p{place}": random.choice([3, 4, 6, 10, 20]) for place in range(6)}
        ballots = [" ".join(random.sample(sorted(costs), random.randint(1, 3))) for _ in range(6)]
        held = election(costs, ballots, random.choice([20, 30]))
        outcome = count_votes(held, CountingRule("welfare", ties))
        votes = {name: sum(name in ballot.split() for ballot in ballots) for name in costs}
        lists = best_lists(costs, {name: votes[name] * costs[name] for name in costs}, held.budget)
        for tie in outcome.ties:
            open_ones = {name for name in costs if len({name in chosen for chosen in lists}) == 2}
            assert set(tie.tied) == open_ones
            assert tie.chosen in names(held, outcome.winners)
            lists = [chosen for chosen in lists if tie.chosen in chosen]
        assert [frozenset(names(held, outcome.winners))] == lists
        told += len(outcome.ties)
    assert told > 30


def test_equal_best_lists_are_refused_also_where_an_earlier_rule_decides_between_the_first_two():
    # 3 for each unit of money; {a, c} and {a, d}: cheapest says nothing of c and d
    held = election({"a": 5, "c": 10, "d": 10}, ["a c d"] * 3, 15)
    with pytest.raises(InputError, match="c, d are exactly equal"):
        count_votes(held, CountingRule("welfare", "cheapest,refuse"))


def test_the_best_list_beats_the_greedy_one():
    # votes 3, 2, 2 with costs 100, 50, 50 and utility 1 a vote: b and c give 4
    held = election({"a": 100, "b": 50, "c": 50}, ["a b c", "a b c", "a"], 100)
    assert names(held, count_votes(held, CountingRule("welfare", utility="cardinality")).winners) == ["b", "c"]


def test_two_best_lists_are_a_tie():
    held = election({"a": 10, "b": 10}, ["a b"], 10)
    outcome = count_votes(held, CountingRule("welfare"))
    assert (names(held, outcome.winners), outcome.ties[0].tied) == (["a"], ("a", "b"))
    with pytest.raises(InputError, match="exactly equal"):
        count_votes(held, CountingRule("welfare", "refuse"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 9)), min_size=1, max_size=9), st.integers(0, 120))
def test_the_best_list_is_that_of_trying_all_lists(proposals, budget):
    costs = {f"p{place}": cost for place, (cost, _) in enumerate(proposals)}
    ballots = [f"p{place}" for place, _ in enumerate(proposals)]
    held = election(costs, ballots, budget, counts=[votes for _, votes in proposals])
    outcome = count_votes(held, CountingRule("welfare", utility="cardinality"))
    best = max(
        sum(proposals[place][1] for place in chosen)
        for size in range(len(proposals) + 1)
        for chosen in combinations(range(len(proposals)), size)
        if sum(proposals[place][0] for place in chosen) <= budget
    )
    assert outcome.facts["score"] == sum(proposals[index][1] for index in outcome.winners) == best
    assert held.cost_of(outcome.winners) <= budget


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=5),
    st.dictionaries(st.frozensets(st.integers(0, 4), min_size=1), st.integers(1, 5), min_size=1, max_size=6),
)
def test_the_heaviest_load_is_that_of_the_dearest_part_for_its_supporters(costs, groups):
    places = range(len(costs))
    groups = {held & frozenset(places): count for held, count in groups.items() if held & frozenset(places)}
    parts = [frozenset(part) for size in range(1, len(costs) + 1) for part in combinations(places, size)]
    voters = {part: sum(count for held, count in groups.items() if held & part) for part in parts}
    if any(not voters[frozenset({place})] for place in places):
        return  # nobody would pay
    expected = max(Fraction(sum(costs[place] for place in part), voters[part]) for part in parts)
    assert heaviest_load(groups, costs) == expected
