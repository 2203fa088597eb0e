"""How many more votes a loser lacked, against a search of every number by repeated counts."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.assembly.counting import CountingRule, count_votes
from budget_model.assembly.election import ballots_of
from budget_model.assembly.further_votes import least_further_votes
from tests.assembly.elections import election

MOST = 40  # more than any of the small votes here could ask for
COSTS = [0, 1, 2, 2, 3, 4, Fraction(5, 4), Fraction(7, 2)]
TIES = ["lexicographic", "cheapest", "dearest", "most-votes", "most-votes,dearest"]


def with_ballots_for(held, index, number):
    """The vote with so many further ballots that name one proposal alone, cast one by one."""
    ballots = held.ballots
    rows = [list(ballots.proposals[a:b]) for a, b in zip(ballots.starts[:-1], ballots.starts[1:], strict=True)]
    rows += [[index]] * number
    return replace(held, ballots=ballots_of(rows, counts=[*ballots.counts.tolist(), *[1] * number]))


def searched(held, rule, index, further):
    """The least number by counting for each number from 1 on."""
    numbers = range(1, MOST + 1)
    return next((one for one in numbers if index in count_votes(further(held, index, one), rule).winners), None)


def losers_of(held, rule):
    winners = count_votes(held, rule).winners
    return [index for index in range(len(held.proposals)) if index not in winners]


@st.composite
def small_elections(draw):
    size = draw(st.integers(1, 5))
    costs = {f"p{place}": draw(st.sampled_from(COSTS)) for place in range(size)}
    ballot = st.sets(st.sampled_from(sorted(costs)), max_size=size)
    ballots = [" ".join(sorted(one)) for one in draw(st.lists(ballot, min_size=1, max_size=7))]
    return election(costs, ballots, draw(st.integers(1, 8)))


@pytest.mark.parametrize("rule", ["greedy", "greedy-per-cost", "phragmen", "welfare"])
@settings(max_examples=40, deadline=None)
@given(small_elections(), st.sampled_from(TIES), st.integers(0, 2), st.booleans(), st.booleans())
def test_the_number_is_the_least_with_which_the_count_itself_makes_it_win(rule, held, ties, least, stops, excludes):
    is_greedy = rule.startswith("greedy")
    names = [one.id for one in held.proposals]
    pairs = (frozenset(names[:2]),) if excludes and is_greedy and len(names) > 1 else ()
    counted = CountingRule(rule, ties, None, stops and is_greedy, least, pairs)
    losers = losers_of(held, counted)
    found = least_further_votes(held, counted, losers)
    assert found == {
        index: number for index in losers if (number := searched(held, counted, index, with_ballots_for)) is not None
    }


@settings(max_examples=30, deadline=None)
@given(small_elections(), st.sampled_from(TIES))
def test_the_number_is_the_least_for_the_best_list_by_votes(held, ties):
    counted = CountingRule("welfare", ties, "cardinality")
    losers = losers_of(held, counted)
    searches = {index: searched(held, counted, index, with_ballots_for) for index in losers}
    assert least_further_votes(held, counted, losers) == {k: v for k, v in searches.items() if v is not None}


@st.composite
def point_elections(draw):
    size = draw(st.integers(1, 5))
    costs = {f"p{place}": draw(st.sampled_from(COSTS)) for place in range(size)}
    points = st.dictionaries(st.sampled_from(sorted(costs)), st.integers(0, 4), max_size=size)
    ballots = draw(st.lists(points, min_size=1, max_size=6))
    rows, given_points = [" ".join(one) for one in ballots], [list(one.values()) for one in ballots]
    return election(costs, rows, draw(st.integers(1, 8)), "cumulative", given_points)


def with_points_for(held, index, number):
    """The vote in which one voter gives one proposal so many more points."""
    places = np.flatnonzero(held.ballots.proposals == index)
    if not len(places):
        return held
    points = held.ballots.points.copy()
    points[places[0]] += number
    return replace(held, ballots=replace(held.ballots, points=points))


@pytest.mark.parametrize("rule", ["greedy", "greedy-per-cost"])
@settings(max_examples=40, deadline=None)
@given(point_elections(), st.sampled_from(TIES), st.integers(0, 2), st.integers(0, 6))
def test_of_points_the_number_is_the_least_as_well(rule, held, ties, votes, score):
    counted = CountingRule(rule, ties, least_votes=votes, least_score=score)
    losers = losers_of(held, counted)
    searches = {index: searched(held, counted, index, with_points_for) for index in losers}
    assert least_further_votes(held, counted, losers) == {k: v for k, v in searches.items() if v is not None}


def test_cents_of_a_proposal_below_the_threshold_do_not_change_what_others_lack():
    # a: 2 votes, 10; z: 1 vote, 1.25; nobody reaches 3 votes but with one more a does, and wins
    held = election({"a": 10, "z": Fraction(5, 4)}, ["a", "a", "z"], 48)
    assert least_further_votes(held, CountingRule("phragmen", least_votes=3), [0, 1]) == {0: 1, 1: 2}


def test_a_tie_is_enough_where_the_tie_rule_puts_it_first():
    # 9 for a, 1 for b, money for one. b draws level with 8 more; by price b comes first, by name a does.
    held = election({"a": 3, "b": 2}, ["a", "b"], 3, counts=(9, 1))
    assert least_further_votes(held, CountingRule("greedy", "cheapest"), [1]) == {1: 8}
    assert least_further_votes(held, CountingRule("greedy", "lexicographic"), [1]) == {1: 9}


@pytest.mark.parametrize("rule", ["mes", "mes-add1u", "maximin-support"])
def test_nothing_is_said_where_further_votes_also_change_what_others_can_pay(rule):
    held = election({"a": 3, "b": 2}, ["a", "b"], 3, counts=(9, 1))
    assert least_further_votes(held, CountingRule(rule), [1]) == {}


def test_nothing_is_said_where_ties_are_refused_or_the_envelope_is_too_small():
    held = election({"a": 3, "b": 2, "c": 9}, ["a", "b"], 3, counts=(9, 1))
    assert least_further_votes(held, CountingRule("greedy", "refuse"), [1]) == {}
    assert least_further_votes(held, CountingRule("greedy"), [2]) == {}


def test_half_points_are_counted_in_halves():
    # a has 2.5 points, b 1: level with 1.5 more, which is three halves; four of them by name
    held = election({"a": 3, "b": 2}, ["a", "b"], 3, "cumulative", [[Fraction(5, 2)], [Fraction(1)]])
    assert held.ballots.points_scale == 2
    assert least_further_votes(held, CountingRule("greedy"), [1]) == {1: 4}
