"""Nobody's ballot is told by the figures of groups beside the ballots of all, whoever tries every labelling."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.assembly.by_sex import group_rows, results_by_group
from budget_model.assembly.counting import CountingRule, count_votes
from budget_model.assembly.group_ranges import FIGURES, public_ballots, told_groups
from tests.assembly.elections import election

SEXES = ("F", "M")


def told(costs, ballots, budget, least, rule="greedy", named=SEXES):
    """Ballots as (choices, sex): election, rule, and what is told of the sexes `named`."""
    held = election(costs, [chosen for chosen, _ in ballots], budget)
    counting = CountingRule(rule)
    winners = count_votes(held, counting).winners
    labels = [sex if sex in named else "" for _, sex in ballots]
    groups = group_rows(results_by_group(held, counting, winners, labels), list(costs))
    return held, counting, told_groups(public_ballots(held, winners), groups, labels, least, None, counting)


def exact(held, counting, winners, labels):
    found = results_by_group(held, counting, winners, labels)
    return group_rows(found, [one.id for one in held.proposals])


def agrees(shown, true):
    """Whether a labelling could be behind what is shown."""
    for label, one in shown.items():
        for name in FIGURES:
            found = one["ranges"][name]
            if found and not found[0] - 1e-9 <= true[label][name] <= found[1] + 1e-9:
                return False
        if one["winners"] is not None and one["winners"] != true[label]["winners"]:
            return False
    return True


def test_ten_women_who_are_the_ten_without_a_winner_are_not_told():
    ballots = [("A", "F")] * 10 + [("B C", "M")] * 20
    _, _, shown = told({"A": 40, "B": 40, "C": 60}, ballots, 100, 10)
    assert {one[name] for one in shown.values() for name in FIGURES} == {None}
    # nor are they where the women are mixed: that nothing is told says nothing
    _, _, mixed = told({"A": 40, "B": 40, "C": 60}, [("A", "F"), ("A", "M"), *ballots[2:10], *ballots[10:]], 100, 10)
    assert {one[name] for one in mixed.values() for name in FIGURES} == {None}


def test_none_and_few_of_a_large_group_are_told_alike():
    costs = {"A": 60, "B": 60}
    ranges = set()
    for few in range(10):  # women none of whose choices won; B wins with 150 or more of 210
        ballots = [("A", "F")] * few + [("B", "F")] * (100 - few) + [("A", "M")] * (60 - few) + [("B", "M")] * 50
        _, _, shown = told(costs, ballots, 100, 10)
        ranges.add(shown["F"]["ranges"]["exclusion"])
    assert ranges == {(0.0, 0.1)}  # fewer than ten of a hundred


def test_all_and_nearly_all_of_a_large_group_are_told_alike():
    costs = {"A": 60, "B": 60}
    for few in range(10):
        ballots = [("B", "F")] * few + [("A", "F")] * (100 - few) + [("B", "M")] * 150 + [("A", "M")] * few
        _, _, shown = told(costs, ballots, 100, 10)
        low, high = shown["F"]["ranges"]["exclusion"]
        assert low <= 0.9
        assert high == pytest.approx(1.0)


def test_what_everybody_shares_is_told_as_it_is():
    _, _, shown = told({"A": 40}, [("A", "F")] * 20 + [("A", "M")] * 30, 100, 10)
    assert shown["F"]["ranges"]["exclusion"] == (0.0, 0.0)
    assert shown["M"]["satisfaction"] == 1.0


def test_where_nothing_won_no_share_of_the_money_is_told():
    # equal shares: twenty women have 8 together, less than the 10 that their choice costs
    ballots = [("A", "F")] * 20 + [("B", "M")] * 30
    _, _, shown = told({"A": 10, "B": 14}, ballots, 20, 10, "mes")
    for one in shown.values():
        assert one["ranges"]["money_share"] is None
        assert one["money_share"] is None
        assert one["ranges"]["exclusion"] == (1.0, 1.0)
        assert one["satisfaction"] == 0.0


def test_the_own_list_that_only_one_labelling_gives_is_left_out():
    """A over B among 19 of 10 ballots for A and 100 for B: the ten of A must all be women."""
    ballots = [("A", "F")] * 10 + [("B", "F")] * 9 + [("B", "M")] * 91
    _, _, shown = told({"A": 60, "B": 60}, ballots, 100, 10)
    assert {one["winners"] is None for one in shown.values()} == {True}


choices = st.sets(st.sampled_from("ABC"), min_size=1).map(lambda names: " ".join(sorted(names)))
ballot = st.tuples(choices, st.sampled_from(SEXES))
costs = st.fixed_dictionaries({name: st.integers(2, 6) for name in "ABC"})
few_kinds = st.lists(choices, min_size=2, max_size=2, unique=True).flatmap(
    lambda kinds: st.lists(st.tuples(st.sampled_from(kinds), st.sampled_from(SEXES)), min_size=8, max_size=9)
)


@settings(max_examples=40, deadline=None)
@given(costs, st.one_of(st.lists(ballot, min_size=8, max_size=9), few_kinds), st.sampled_from(["greedy", "mes"]))
def test_every_labelling_tried_leaves_every_ballot_open(costs, ballots, rule):
    sizes = Counter(sex for _, sex in ballots)
    if min(sizes[sex] for sex in SEXES) < 2:
        return
    held, counting, shown = told(costs, ballots, 8, 2, rule)
    winners = count_votes(held, counting).winners
    won = {held.proposals[index].id for index in winners}
    names = [frozenset(chosen.split()) for chosen, _ in ballots]
    seen = {label: [] for label in SEXES}
    for women in combinations(range(len(ballots)), sizes["F"]):
        labels = np.array(["M"] * len(ballots), dtype=object)
        labels[list(women)] = "F"
        if agrees(shown, exact(held, counting, winners, list(labels))):
            for label in SEXES:
                seen[label].append([names[at] for at in np.flatnonzero(labels == label)])
    assert_open(seen, names, won)


def assert_open(seen, names, won):
    """Of each group several ballots are possible, and nothing that some ballots say and others do not is certain."""
    attributes = [lambda one, name=name: name in one for name in "ABC"] + [lambda one: not one & won]
    for possible in seen.values():
        if len(set(names)) > 1:
            assert len({frozenset(Counter(one).items()) for one in possible}) > 1
        for attribute in attributes:
            if 0 < sum(map(attribute, names)) < len(names):
                assert any(any(map(attribute, one)) for one in possible)
                assert any(not all(map(attribute, one)) for one in possible)
