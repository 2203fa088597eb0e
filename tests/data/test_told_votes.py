"""What is told of the groups of a stored vote, beside its public record."""

import json
from dataclasses import asdict

import pytest

from budget_model.assembly.counting import CountingRule
from data.readers.pabulib import parse_pabulib
from data.store.tables import AssemblyVote
from data.workflows.told_votes import counted_outcome, told_document, told_result, told_vote
from data.workflows.vote_results import result_document
from data.writers.pabulib import pabulib_of

FIGURES = ("satisfaction", "exclusion", "money_share")
COSTS = {"A": "40", "B": "40", "C": "60"}


def told(groups, least=10, column="sex"):
    """`groups`: (choices, label, voters)."""
    rows = [{"vote": chosen, column: label} for chosen, label, count in groups for _ in range(count)]
    meta = {"budget": "100", "vote_type": "approval", "rule": "greedy"}
    projects = [{"project_id": name, "cost": cost} for name, cost in COSTS.items()]
    text = pabulib_of(meta, projects, [{"voter_id": str(at), **row} for at, row in enumerate(rows)])
    election = parse_pabulib(text.encode()).election
    return told_result(election, result_document(election, CountingRule("greedy")), least)


@pytest.mark.parametrize("few", [0, 1, 9])
def test_women_who_are_exactly_those_without_a_winner_are_not_told(few):
    found = told([("A", "F", 10), ("B,C", "M", 20), ("B,C", "", few)])
    assert {one[name] for one in found.groups.values() for name in FIGURES} == {None}


@pytest.mark.parametrize("few", [0, 1, 9, 30])
def test_a_large_group_without_a_winner_is_told_as_at_least_so_many(few):
    found = told([("A", "F", 200), ("B,C", "M", 300), ("B,C", "", few)])
    ranges = found.groups["F"]["ranges"]["exclusion"]
    assert ranges is None or ranges[0] <= 0.95  # ten of the two hundred may have one
    assert found.groups["F"]["exclusion"] != 1


@pytest.mark.parametrize(("column", "name"), [("age_band", "by_age"), ("neighborhood", "by_zone")])
def test_ages_and_zones_are_protected_alike(column, name):
    small = getattr(told([("A", "18-29", 10), ("B,C", "60+", 20)], column=column), name)
    assert {one[figure] for one in small.values() for figure in FIGURES} == {None}
    large = getattr(told([("A", "18-29", 100), ("B,C", "60+", 200), ("A", "60+", 40)], column=column), name)
    low, high = large["18-29"]["ranges"]["exclusion"]
    assert (low, high) == pytest.approx((0.9, 1.0))
    assert "winners" not in large["18-29"]


def test_mixed_groups_of_a_usual_size_keep_ranges_and_lists():
    found = told([("A", "F", 120), ("B,C", "F", 180), ("A", "M", 100), ("B,C", "M", 250)])
    assert found.has_own_lists
    for label, true in (("F", 0.4), ("M", 100 / 350)):
        low, high = found.groups[label]["ranges"]["exclusion"]
        assert low <= true <= high
        assert high - low <= 0.07


def stored(document, content):
    """A stored vote whose result went through JSON, as it does in the database."""
    result = json.loads(json.dumps(document))
    return AssemblyVote(
        result=result, content=content, source_file="v.pb", source_sha256=str(len(content)), record={"hash": "h"}
    )


def document_of(costs, ballots, rule, least=10):
    meta = {"budget": "100", "vote_type": "approval", "rule": "greedy"}
    projects = [{"project_id": name, "cost": cost} for name, cost in costs.items()]
    rows = [{"voter_id": str(at), "vote": vote, "sex": sex} for at, (vote, sex) in enumerate(ballots)]
    content = pabulib_of(meta, projects, rows).encode()
    election = parse_pabulib(content).election
    result = result_document(election, rule)
    return {**result, "told": told_document(election, result, least)}, content


BALLOTS = [("A", "F")] * 120 + [("B,C", "F")] * 180 + [("A", "M")] * 100 + [("B,C", "M")] * 250


def test_what_is_told_is_kept_with_the_count_and_is_what_the_file_tells():
    document, content = document_of(COSTS, BALLOTS, CountingRule("greedy"))
    kept = told_vote(stored(document, b"not a vote: what is kept needs no file"), 10)
    again = told_vote(stored({**document, "told": None}, content), 10)
    assert kept.groups
    assert json.dumps(asdict(kept)) == json.dumps(asdict(again))


def test_another_smallest_group_is_worked_out_anew():
    document, content = document_of(COSTS, BALLOTS, CountingRule("greedy"))
    wider = told_vote(stored(document, content), 30).groups["F"]["ranges"]["exclusion"]
    kept = told_vote(stored(document, content), 10).groups["F"]["ranges"]["exclusion"]
    assert wider is None or wider[1] - wider[0] > kept[1] - kept[0]


def test_losers_of_an_earlier_count_are_told_from_its_file():
    # B and C win with 430 votes each (40 + 60); A lacks 211 votes for 431, or 210 for a tie that it wins by name
    document, content = document_of(COSTS, BALLOTS, CountingRule("greedy"))
    assert document["outcome"]["losers"][0]["further_votes"] == 210
    old = json.loads(json.dumps({key: value for key, value in document.items() if key != "version"}))
    del old["outcome"]["losers"][0]["further_votes"]
    assert counted_outcome(stored(old, content))["losers"] == document["outcome"]["losers"]
