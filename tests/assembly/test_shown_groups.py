"""Nobody in a small group is told by what is shown of the large ones, whatever is known of everybody."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.assembly.counting import CountingRule
from budget_model.assembly.shown_groups import large_groups, shown_groups
from data.workflows.vote_results import result_document
from tests.assembly.elections import election

LEAST = 10
COSTS = {"a": 30, "b": 20, "c": 10}


def counted(ballots):
    """A stored result of ballots as (choices, sex)."""
    held = election(COSTS, [chosen for chosen, _ in ballots], 50)
    voters = tuple({"sex": sex} for _, sex in ballots)
    return result_document(type(held)(**{**vars(held), "voters": voters}), CountingRule("greedy"))


def test_figures_are_exact_where_nobody_is_left_over():
    found = shown_groups(counted([("a", "F")] * 12 + [("b", "M")] * 13), LEAST)
    assert not found.steps
    assert [one["voters"] for one in found.groups.values()] == [12, 13]
    assert found.groups["F"]["money_share"] == pytest.approx(0.6)  # a: 30 of 50


def test_figures_are_exact_where_as_many_as_a_group_are_left_over():
    found = shown_groups(counted([("a", "F")] * 12 + [("b", "M")] * 13 + [("c", "")] * 10), LEAST)
    assert not found.steps


def test_three_who_did_not_say_their_sex_are_not_told_by_difference():
    # a and b win. 30 women chose both, 30 men a; the three others chose c, so that none of their choices won.
    ballots = [("a b", "F")] * 30 + [("a", "M")] * 30 + [("c", "")] * 3
    found = shown_groups(counted(ballots), LEAST)
    # exact figures would say: 3 of 63 are left with none, all of them among the 3, whose satisfaction is 0
    assert found.steps["exclusion"] is None or 60 * found.steps["exclusion"] >= 3
    assert found.steps["satisfaction"] is None or 60 * found.steps["satisfaction"] >= 3 * 2
    assert [one["voters"] for one in found.groups.values()] == [30, 30]


def test_a_result_from_before_totals_were_kept_shows_no_means():
    result = counted([("a b", "F")] * 30 + [("a", "M")] * 30 + [("c", "")] * 3)
    del result["everybody"]
    found = shown_groups(result, LEAST)
    assert {one["satisfaction"] for one in found.groups.values()} == {None}
    assert {one["exclusion"] for one in found.groups.values()} == {None}


choices = st.sets(st.sampled_from(sorted(COSTS)), min_size=1).map(lambda names: " ".join(sorted(names)))
several = st.lists(choices, min_size=10, max_size=60)


@settings(max_examples=150, deadline=None)
@given(several, several, st.lists(choices, min_size=1, max_size=9), st.sampled_from(["", "O"]))
def test_what_is_left_for_the_few_may_be_anything(women, men, few, sex):
    """An attacker who knows all sums and even how many voters each group has."""
    ballots = [(one, "F") for one in women] + [(one, "M") for one in men] + [(one, sex) for one in few]
    result = counted(ballots)
    found = shown_groups(result, LEAST)
    winners = set(result["outcome"]["winners"])
    won = [len(winners & set(one.split())) for one, _ in ballots]
    sizes = {"F": len(women), "M": len(men)}
    total_cost = sum(COSTS[name] for name in winners)
    support = {name: sum(name in one.split() for one, _ in ballots) for name in winners}
    wanted = [name for name in winners if support[name]]
    told_money = Fraction(sum(COSTS[name] for name in wanted), total_cost)  # greedy takes what nobody wants if it fits
    most_money = sum(Fraction(COSTS[n], total_cost) * min(1, Fraction(len(few), support[n])) for n in wanted)
    for name, total, most, weights in (
        ("satisfaction", sum(won), len(few) * max(won), sizes),
        ("exclusion", won.count(0), len(few), sizes),
        ("money_share", float(told_money), most_money, {"F": 1, "M": 1}),
    ):
        step = found.steps[name]
        if step is None:
            assert {one[name] for one in found.groups.values()} == {None}
            continue
        exact = {label: result["by_sex"][label][name] for label in weights}
        assert all(abs(found.groups[label][name] - exact[label]) <= step / 2 + 1e-9 for label in weights)
        least_left = total - sum(weights[one] * (found.groups[one][name] + step / 2) for one in weights)
        most_left = total - sum(weights[one] * (found.groups[one][name] - step / 2) for one in weights)
        assert least_left <= 1e-9
        assert most_left >= float(most) - 1e-9
    assert not set(found.groups) - {"F", "M"}


def test_who_is_left_out_by_age_is_never_few():
    group = {"satisfaction": 1.0, "money_share": 0.5, "exclusion": 0.0}
    groups = {label: {"voters": voters, **group} for label, voters in (("a", 20), ("b", 12), ("c", 3))}
    assert list(large_groups(groups, 35, 10)) == ["a"]  # b goes with c: 15 are left out
    assert list(large_groups(groups, 55, 10)) == ["a", "b"]  # 23 others told nothing
    assert large_groups(None, 9, 10) == {}


def test_steps_are_as_wide_as_a_group_where_it_is_said_what_a_voter_can_change():
    ballots = [("a", "F")] * 100 + [("c", "M")] * 100 + [("c", "")]
    spread = {"satisfaction": 1.0, "exclusion": 1.0, "money_share": 0.01}
    found = shown_groups(counted(ballots), LEAST, spread)
    for name in ("satisfaction", "exclusion"):
        assert found.steps[name] is None or found.steps[name] * 100 / 2 >= LEAST
