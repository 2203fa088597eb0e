"""What a ballot of each kind may say, and how much of a group it may carry."""

from __future__ import annotations

from fractions import Fraction

import pytest

from budget_model.assembly.ballot_forms import BallotContent, BallotForm, content_of, form_problems, meta_of
from budget_model.assembly.ballot_groups import kept_labels, without_few

COSTS = {"B": Fraction(60), "A": Fraction(50), "C": Fraction(4050, 100)}


def form(kind, most=None, budget=100):
    return BallotForm(kind, most, Fraction(budget), COSTS)


@pytest.mark.parametrize(
    ("kind", "most", "chosen", "content"),
    [
        ("approval", None, {"A": 1, "B": 1}, BallotContent("B,A")),  # in the order of the ballot
        ("approval", None, {"A": 1, "B": 0}, BallotContent("A")),
        ("k-approval", 1, {"C": 1}, BallotContent("C")),
        ("knapsack", None, {"A": 1, "C": 1}, BallotContent("A,C")),  # 50 + 40.50 of 100
        ("ranking", 3, {"A": 2, "C": 1}, BallotContent("C,A")),
        ("points", 5, {"A": 2, "B": 3}, BallotContent("B,A", "3,2")),
    ],
)
def test_a_ballot_says_what_was_chosen(kind, most, chosen, content):
    assert content_of(form(kind, most), chosen) == (content, [])


@pytest.mark.parametrize(
    ("kind", "most", "chosen", "rule"),
    [
        ("approval", None, {}, "ballot-empty"),
        ("approval", None, {"A": 0}, "ballot-empty"),
        ("approval", None, {"X": 1}, "ballot-unknown"),
        ("k-approval", 1, {"A": 1, "B": 1}, "ballot-too-many"),
        ("knapsack", None, {"A": 1, "B": 1}, "ballot-too-dear"),  # 110 of 100
        ("ranking", 2, {"A": 1, "B": 1}, "ballot-places"),
        ("ranking", 2, {"A": 1, "B": 3}, "ballot-places"),
        ("ranking", 2, {"A": 1, "B": 2, "C": 3}, "ballot-too-many"),
        ("points", 5, {"A": 6}, "ballot-points"),
        ("points", 5, {"A": -1, "B": 6}, "ballot-number"),
    ],
)
def test_a_ballot_that_says_more_than_it_may_is_refused(kind, most, chosen, rule):
    content, problems = content_of(form(kind, most), chosen)
    assert content is None
    assert [one.rule for one in problems] == [rule]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"kind": "lottery"}, "ballot-kind"),
        ({"kind": "points"}, "ballot-most"),
        ({"kind": "ranking", "most": 0}, "ballot-most"),
        ({"kind": "approval", "most": 2}, "ballot-most-unwanted"),
        ({"kind": "approval", "budget": 0}, "ballot-envelope"),
    ],
)
def test_a_ballot_that_cannot_be_is_refused_before_anybody_votes(changed, rule):
    assert [one.rule for one in form_problems(form(**changed))] == [rule]


def test_the_file_tells_the_limits_of_the_ballot():
    assert meta_of(form("k-approval", 2)) == {"vote_type": "approval", "min_length": "1", "max_length": "2"}
    assert meta_of(form("knapsack"))["max_sum_cost"] == "100"
    assert meta_of(form("ranking", 9))["max_length"] == "3"  # no more places than proposals
    assert meta_of(form("points", 7)) == {"vote_type": "cumulative", "min_length": "1", "max_sum_points": "7"}


def people(*groups):
    return [dict(zip(("sex", "age", "zone"), group, strict=True)) for *group, count in groups for _ in range(count)]


def test_ballots_keep_what_is_common_to_enough_of_them():
    assert kept_labels(people(("F", "18-29", "N", 5), ("M", "18-29", "N", 5)), 5) == ("sex", "age", "zone")


def test_one_small_combination_takes_the_last_label_from_all():
    ballots = people(("F", "18-29", "N", 5), ("F", "18-29", "S", 4), ("M", "60+", "S", 5))
    assert kept_labels(ballots, 5) == ("sex", "age")
    assert kept_labels([*ballots, *people(("M", "18-29", "S", 1))], 5) == ("sex",)


def test_the_few_who_stated_nothing_are_few_as_well():
    assert kept_labels(people(("F", "", "", 9), ("", "", "", 2)), 3) == ()


def test_one_person_without_a_sex_takes_it_from_nobody_else():
    ballots = people(("F", "18-29", "N", 14), ("M", "18-29", "N", 10), ("", "60+", "S", 1))
    assert kept_labels(ballots, 10) == ("sex", "age", "zone")
    assert without_few(ballots, 10) == people(("F", "18-29", "N", 14), ("M", "18-29", "N", 10), ("", "", "", 1))


def test_a_sex_that_is_too_small_is_not_told_beside_two_that_are_large():
    ballots = people(("F", "", "", 14), ("M", "", "", 10), ("X", "", "", 2), ("", "", "", 1))
    assert kept_labels(ballots, 10) == ("sex", "age", "zone")
    assert [one["sex"] for one in without_few(ballots, 10)] == ["F"] * 14 + ["M"] * 10 + [""] * 3


def test_a_small_sex_beside_one_other_still_takes_it_from_all():
    ballots = people(("F", "", "", 20), ("M", "", "", 2))
    assert kept_labels(ballots, 10) == ()
    assert without_few(ballots, 10) == ballots


def test_as_many_without_a_sex_as_a_group_keep_what_else_they_say():
    ballots = people(("F", "", "", 20), ("M", "", "", 20), ("", "60+", "S", 10))
    assert without_few(ballots, 10) == ballots
