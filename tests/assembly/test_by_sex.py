from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.assembly.by_sex import list_counter, relabelling_benchmark, results_by_group
from budget_model.assembly.counting import EQUAL_SHARES, RULES, CountingRule, count_votes
from budget_model.errors import InputError
from tests.assembly.elections import election

SPLIT = (["a"] * 6 + ["b"] * 4, ["F"] * 6 + ["M"] * 4)


def test_results_of_women_and_men_are_those_of_their_own_ballots():
    ballots, sexes = SPLIT
    held = election({"a": 10, "b": 10}, ballots, 10)
    results = results_by_group(held, CountingRule("greedy"), [0], sexes)
    women, men = results["F"], results["M"]
    assert (women.voters, women.satisfaction, women.exclusion, women.money_share) == (6, 1, 0, 1)
    assert (men.voters, men.satisfaction, men.exclusion, men.money_share) == (4, 0, 1, 0)
    assert (women.winners, men.winners) == ({0}, {1})


def test_those_who_did_not_say_their_sex_are_in_no_group():
    held = election({"a": 10}, ["a", "a"], 10)
    assert list(results_by_group(held, CountingRule("greedy"), [0], ["F", ""])) == ["F"]


def test_a_complete_split_of_two_proposals_looks_like_any_relabelling_that_divides_the_first_places():
    ballots, sexes = ["a"] * 12 + ["b"] * 12, ["F"] * 12 + ["M"] * 12
    held = election({"a": 10, "b": 10}, ballots, 10)
    found = relabelling_benchmark(held, CountingRule("greedy"), sexes, ("F", "M"), 200, seed=1)
    # whichever half has more of a, the other has more of b: the lists always differ, but for 6 and 6 in both
    assert found.observed == 2
    assert found.p_value > 0.5
    assert not found.is_more_than_chance


def test_a_split_that_few_relabellings_reach_is_more_than_chance():
    # women all want a and b, men c and d; mixed halves agree on most of the list of four that the envelope pays for
    ballots, sexes = ["a b e"] * 20 + ["c d e"] * 10, ["F"] * 20 + ["M"] * 10
    held = election({"a": 10, "b": 10, "c": 10, "d": 10, "e": 10}, ballots, 30)
    found = relabelling_benchmark(held, CountingRule("greedy"), sexes, ("F", "M"), 300, seed=1)
    assert (found.observed, found.is_more_than_chance) == (4, True)


def test_equal_wishes_do_not_differ():
    held = election({"a": 10, "b": 10}, ["a"] * 9 + ["b"], 10)
    found = relabelling_benchmark(held, CountingRule("greedy"), ["F", "M"] * 5, ("F", "M"), 50, seed=1)
    assert (found.observed, found.p_value) == (0, 1)


def test_the_same_seed_gives_the_same_benchmark():
    held = election({"a": 5, "b": 6, "c": 7}, ["a b", "b c", "c", "a", "b", "a c"], 12)
    runs = [relabelling_benchmark(held, CountingRule("mes"), list("FMFMFM"), ("F", "M"), 30, seed=7) for _ in range(2)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("rule", RULES)
def test_the_quick_counter_gives_what_a_count_of_those_ballots_gives(rule):
    random = np.random.default_rng(5)
    costs = {f"p{place}": int(cost) for place, cost in enumerate(random.integers(5, 40, 8))}
    ballots = [" ".join(name for name in costs if random.random() < 0.4) for _ in range(40)]
    held = election(costs, ballots, 90)
    counter = list_counter(held, CountingRule(rule))
    for _ in range(5):
        rows = np.sort(random.choice(40, 15, replace=False))
        alone = election(costs, [ballots[row] for row in rows], 90)
        assert counter(rows) == frozenset(count_votes(alone, CountingRule(rule)).winners)


@st.composite
def votes_of_every_kind(draw):
    """A vote of any type with a rule, its thresholds, exclusive pairs and ties, and some of its ballots."""
    kind = draw(st.sampled_from(["approval", "cumulative", "ordinal"]))
    names = [f"p{place}" for place in range(draw(st.integers(2, 5)))]
    costs = {name: Fraction(draw(st.integers(1, 12)), draw(st.sampled_from([1, 1, 4]))) for name in names}
    ballot = st.lists(st.sampled_from(names), unique=True, max_size=4)
    ballots = draw(st.lists(ballot, min_size=2, max_size=9))
    points = [[draw(st.integers(0, 3)) for _ in one] for one in ballots] if kind == "cumulative" else None
    held = election(costs, [" ".join(one) for one in ballots], draw(st.integers(3, 25)), kind, points)
    held = replace(held, meta={"max_length": str(draw(st.integers(2, 4)))} if draw(st.booleans()) else {})
    rule = draw(st.sampled_from(RULES))
    pairs = (frozenset(names[:2]),) if rule.startswith("greedy") and draw(st.booleans()) else ()
    counted = CountingRule(
        rule,
        draw(st.sampled_from(["lexicographic", "most-votes,dearest", "cheapest", "refuse"])),
        draw(st.sampled_from([None, "cardinality", "score"])),
        least_votes=draw(st.integers(0, 3)),
        least_score=0 if kind == "approval" else draw(st.integers(0, 5)),
        exclusive=pairs,
    )
    rows = draw(st.lists(st.integers(0, len(ballots) - 1), unique=True, min_size=1))
    return held, counted, np.array(sorted(rows))


def winners_or_refusal(count):
    try:
        return frozenset(count())
    except InputError as refused:
        return refused.problems[0].rule


@settings(max_examples=200, deadline=None)
@given(votes_of_every_kind())
def test_the_quick_counter_is_the_count_for_every_kind_of_vote_and_rule(drawn):
    held, rule, rows = drawn
    alone = replace(held, ballots=held.ballots.select(rows))
    quick = winners_or_refusal(lambda: list_counter(held, rule)(rows))
    assert quick == winners_or_refusal(lambda: count_votes(alone, rule).winners)


@pytest.mark.parametrize("rule", EQUAL_SHARES)
def test_the_benchmark_keeps_to_a_threshold_of_points(rule):
    # women give a 2 points in all, men b: neither list has anything where 5 points are needed
    held = election({"a": 5, "b": 5}, ["a", "b"], 10, "cumulative", [[2], [2]])
    found = relabelling_benchmark(held, CountingRule(rule, least_score=5), ["F", "M"], ("F", "M"), 10, seed=1)
    assert (found.observed, found.share_differing) == (0, 0)
