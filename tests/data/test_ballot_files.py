"""The `.pb` file of a vote on the site: as Pabulib asks for it, and counted again as it was counted here."""

from __future__ import annotations

import re

import pytest

from data.readers.pabulib import parse_pabulib
from data.workflows.casting import cast
from data.workflows.closing import close_box
from data.workflows.proposals import save_proposal
from data.workflows.votes import AS_ANNOUNCED, chosen_rule, count_document
from tests.ballot_builders import NOW, SECRET, codes_of, make_box, make_voting_site
from tests.data.test_ballot_boxes import site_id

# fields and their order as Pabulib's own checker has them
FIELDS = """
description country unit district subunit instance num_projects num_votes budget vote_type rule date_begin date_end
min_length max_length min_sum_cost max_sum_cost min_points max_points min_sum_points max_sum_points default_score
min_project_cost max_project_cost min_project_score_threshold neighborhoods subdistricts categories edition language
currency fully_funded experimental comment acknowledgments
"""
META = FIELDS.split()
PROJECTS = ["project_id", "cost", "votes", "score", "name", "category", "beneficiaries", "selected"]
VOTES = ["voter_id", "vote", "points", "age", "sex", "voting_method", "district", "neighborhood", "education"]
DAY = re.compile(r"[0-9]{4}|[0-9]{2}\.[0-9]{2}\.[0-9]{4}")
AGE = re.compile(r"|[0-9]+|[0-9]+-[0-9]+")


def closed_vote(factory, rule, ties="lexicographic", kind="approval", more="", most=None):
    process = f"{{rule: {rule}, ties: '{ties}', envelope: 100.00, least_group: 3{more}}}"
    make_voting_site(factory, process)
    box = make_box(factory, kind=kind, most=most, asks=("sex", "age", "zone"))
    sheets = [("F", "18-29", 1, ["AC", "A", "C"]), ("M", "60+", 2, ["B", "AC", "C"])]
    for sex, age, points, ballots in sheets:
        codes = codes_of(factory, box, 3, sex=sex, age=age)
        for code, chosen in zip(codes, ballots, strict=True):
            cast(factory, site_id(factory), code, dict.fromkeys(chosen, points), SECRET, "x", NOW)
    return close_box(factory, "lomas", box.id, "ana", "all voted", now=NOW).vote


def in_order(found, known):
    return list(found) == [name for name in known if name in found]


@pytest.mark.parametrize(("kind", "most"), [("approval", None), ("points", 9), ("knapsack", None)])
def test_the_file_of_a_vote_is_as_pabulib_asks_for_it(factory, kind, most):
    read = parse_pabulib(closed_vote(factory, "greedy", kind=kind, most=most, more=", least_votes: 2").content)
    meta = read.election.meta
    assert in_order(meta, META)
    assert DAY.fullmatch(meta["date_begin"])
    assert DAY.fullmatch(meta["date_end"])
    assert meta["date_begin"] == "26.11.2026"
    assert meta["comment"].startswith("#1: ")
    assert in_order(read.sections["PROJECTS"].columns, PROJECTS)
    assert in_order(read.sections["VOTES"].columns, VOTES)
    votes = read.sections["VOTES"]
    rows = [votes.cells(record) for record in votes.records]
    assert {row["age"] for row in rows} == {"18-29", "60-120"}
    assert all(AGE.fullmatch(row["age"]) for row in rows)
    projects = read.sections["PROJECTS"]
    told = {cells["project_id"]: cells for cells in map(projects.cells, projects.records)}
    assert {code: cells["votes"] for code, cells in told.items()} == {"A": "3", "B": "1", "C": "4"}
    if kind == "points":  # women 1 point each, men 2
        assert {code: cells["score"] for code, cells in told.items()} == {"A": "4", "B": "2", "C": "6"}


def test_results_by_age_are_told_in_the_bands_that_were_asked_for(factory):
    assert set(closed_vote(factory, "greedy").result["by_age"]) == {"18-29", "60+"}


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        ("greedy", "greedy"),
        ("greedy-per-cost", "greedy-per-cost"),
        ("welfare", "welfare"),
        ("mes", "equalshares"),
        ("mes-add1", "equalshares/add1"),
        ("mes-add1u", "equalshares/add1u"),
        ("mes-utilitarian", "equalshares/utilitarian"),
        ("phragmen", "phragmen"),
        ("maximin-support", "maximin-support"),
    ],
)
def test_a_file_counted_as_announced_gives_the_same_winners(factory, rule, written):
    vote = closed_vote(factory, rule, "dearest,most-votes", more=", least_votes: 2")
    election = parse_pabulib(vote.content).election
    assert election.meta["rule"] == written
    chosen = chosen_rule(election, AS_ANNOUNCED)
    assert (chosen.rule, chosen.ties, chosen.least_votes) == (rule, "dearest,most-votes", 2)
    assert count_document(election, chosen)["winners"] == vote.result["outcome"]["winners"]


def test_a_file_says_which_proposals_exclude_each_other_and_how_ties_are_decided(factory):
    make_voting_site(factory, "{rule: greedy, ties: dearest, envelope: 100.00, least_group: 3}")
    cells = {"code": "A", "title_es": "Obra A", "cost": "60", "state": "feasible", "reason": "Se puede"}
    save_proposal(factory, "lomas", 2027, {**cells, "excludes": "C"}, "ana", seen=1)
    box = make_box(factory, kind="points", most=9)
    cast(factory, site_id(factory), codes_of(factory, box)[0], {"A": 1, "C": 1}, SECRET, "x", NOW)
    vote = close_box(factory, "lomas", box.id, "ana", "all voted", now=NOW).vote
    election = parse_pabulib(vote.content).election
    chosen = chosen_rule(election, AS_ANNOUNCED)
    assert chosen.ties == "dearest"
    assert set(chosen.exclusive) == {frozenset("AC")}
    assert count_document(election, chosen)["winners"] == vote.result["outcome"]["winners"] == ["A"]
    assert chosen_rule(election, AS_ANNOUNCED, "cheapest").ties == "cheapest"  # whoever counts says so
