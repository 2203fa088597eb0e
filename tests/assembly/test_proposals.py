"""What a proposal may say, and what is told where it says something else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_model.assembly.proposals import ProposalRecord, cells_of, exclusive_pairs_of, parse_proposal

GOOD = {"code": "P-01", "title_es": "Agua", "cost": "1500.50", "women": "12", "excludes": "P-02, P-03"}


def test_a_proposal_is_read_exactly_and_what_is_missing_stays_unknown():
    record, problems = parse_proposal(GOOD)
    assert problems == []
    assert record == ProposalRecord(
        "P-01", {"es": "Agua"}, cost=Decimal("1500.50"), women=12, excludes=("P-02", "P-03")
    )
    assert (record.men, record.unit_cost, record.state) == (None, None, "submitted")


def test_a_proposal_comes_back_from_its_own_cells():
    record, _problems = parse_proposal({**GOOD, "state": "feasible", "reason": "se puede", "unit_cost": "10"})
    assert parse_proposal(cells_of(record)) == (record, [])


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ({"code": "P 1,2"}, ["code"]),
        ({"title_es": ""}, ["title_es"]),
        ({"cost": "1,500.50"}, ["cost"]),
        ({"cost": "0"}, ["cost"]),
        ({"cost": "1e6"}, ["cost"]),
        ({"unit_cost": "-3"}, ["unit_cost"]),
        ({"women": "twelve"}, ["women"]),
        ({"state": "maybe", "reason": "x"}, ["state"]),
        ({"state": "feasible"}, ["reason"]),
        ({"state": "not_feasible", "cost": ""}, ["reason", "cost"]),
        ({"state": "withdrawn", "cost": ""}, ["reason"]),
        ({"excludes": "P-01"}, ["excludes"]),
        ({"title_es": "a\x00b"}, ["title_es"]),
        ({"description_es": "x" * 5001}, ["description_es"]),
    ],
)
def test_everything_that_is_wrong_is_named_by_its_column(change, columns):
    record, problems = parse_proposal({**GOOD, **change})
    assert record is None
    assert [one.column for one in problems] == columns


def test_a_pair_is_one_pair_whichever_of_the_two_names_the_other():
    records = [ProposalRecord("A", {}, excludes=("B",)), ProposalRecord("B", {}, excludes=("A",))]
    assert exclusive_pairs_of(records) == (frozenset({"A", "B"}),)
