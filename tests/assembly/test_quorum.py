"""Quorum: exact numbers, what is not known stays not known, small zones are told without their numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from budget_model.assembly.quorum import (
    QuorumRule,
    Turnout,
    protected,
    quorum_document,
    rule_document,
    rule_from,
    votes_needed,
)

HALF = QuorumRule(kind="more_than", value=Fraction(1, 2))


@pytest.mark.parametrize(
    ("kind", "value", "registered", "needed"),
    [
        ("more_than", "0.5", 10, 6),  # half plus one
        ("more_than", "0.5", 11, 6),
        ("more_than", "0", 10, 1),
        ("at_least", "0.5", 11, 6),  # 5.5 persons are 6
        ("at_least", "0.3", 10, 3),  # exactly 3: a float product would say 3.0000000000000004 or 2.9999999999999996
        ("at_least", "0.07", 100, 7),  # 0.07 * 100 is 7.000000000000001 in floats, which would ask for 8
        ("persons", "25", 10, 25),
        ("at_least", "0.5", 0, None),
    ],
)
def test_persons_who_must_vote_are_counted_exactly(kind, value, registered, needed):
    assert votes_needed(QuorumRule(kind=kind, value=Fraction(value)), registered) == needed


@pytest.mark.parametrize(("voted", "is_reached"), [(5, False), (6, True)])
def test_a_vote_has_its_quorum_or_says_that_it_has_not(voted, is_reached):
    found = quorum_document(HALF, Turnout(10, voted, {}))
    assert (found["voted_needed"], found["reached"]) == (6, is_reached)


def test_both_registration_and_vote_must_reach_it():
    rule = QuorumRule(registered=20, kind="persons", value=Fraction(3))
    assert quorum_document(rule, Turnout(19, 10, {}))["reached"] is False
    assert quorum_document(rule, Turnout(20, 10, {}))["reached"] is True
    assert quorum_document(rule, Turnout(20, 2, {}))["reached"] is False
    assert quorum_document(rule, Turnout(4, 3, {}), is_zone_vote=True)["reached"] is True


def test_a_share_of_nobody_is_not_known():
    assert quorum_document(HALF, Turnout(0, 50, {}))["reached"] is None


def test_a_zone_is_told_only_where_ballots_without_a_zone_cannot_change_it():
    rule = QuorumRule(kind="at_least", value=Fraction(1, 2), by_zone=True)
    zones = {"N": (20, 10), "S": (20, 5), "W": (20, 2)}
    found = quorum_document(rule, Turnout(60, 40, zones, without_zone=5))
    assert {one["zone"]: one["reached"] for one in found["zones"]} == {"N": True, "S": None, "W": False}
    assert found["reached"] is False
    open_ = quorum_document(rule, Turnout(40, 40, {"N": (20, 10), "S": (20, 5)}, without_zone=5))
    assert open_["reached"] is None


def test_numbers_of_all_zones_are_hidden_where_one_is_small_and_the_answer_stays():
    rule = QuorumRule(kind="at_least", value=Fraction(1, 2), by_zone=True)
    found = quorum_document(rule, Turnout(24, 14, {"N": (20, 12), "S": (4, 2)}))
    shown = protected(found, 10)
    assert [one["registered"] for one in shown["zones"]] == [None, None]
    assert [one["reached"] for one in shown["zones"]] == [True, True]
    assert shown["voted"] == 14
    assert protected(found, 2) == found


def test_a_rule_comes_back_from_its_document():
    rule = QuorumRule(300, "more_than", Fraction(1, 3), True, "Ordenanza 1", "2019-08-01")
    assert rule_from(rule_document(rule)) == rule
