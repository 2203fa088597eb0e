"""The participatory budget in the store: proposals in and out, votes whole or not at all, records without voters."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from budget_model.errors import InputError, StaleVersionError
from data.commands.verify import VERIFIERS
from data.readers.pabulib import parse_pabulib
from data.readers.process_file import parse_process
from data.store.assembly import find_process, list_proposal_versions, list_proposals, list_votes
from data.store.engine import transaction
from data.store.sites import load_site
from data.workflows.processes import process_document, save_process
from data.workflows.proposals import export_proposals, import_proposals, save_proposal
from data.workflows.stored_votes import VoteToImport, anonymous_ballots, import_vote, vote_content
from data.workflows.vote_studies import study_vote
from data.workflows.votes import chosen_rule, count_document
from data.writers.pabulib import pabulib_of
from tests.store_builders import make_place
from tests.support import store_fingerprint

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "pb"
HEADER = "code,title_es,zone,cost,state,reason,excludes\n"
TWO = HEADER + "P-01,Agua,north,100.50,feasible,Se puede,\nP-02,=1+1,,,submitted,,\n"


@pytest.fixture
def site(factory):
    with transaction(factory) as session:
        make_place(session)
    return "lomas"


def write(folder, text, name="proposals.csv"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def stored(factory, year=2027):
    with factory() as session:
        process = find_process(session, load_site(session, "lomas").id, year)
        return list_proposals(session, process.id) if process else []


def vote(ballots, budget="100", costs=(("A", "60"), ("B", "60"), ("C", "40")), **meta):
    """Ballots as (choices, sex)."""
    told = {"budget": budget, "vote_type": "approval", "rule": "greedy", **meta}
    rows = [{"voter_id": f"v{i}", "vote": chosen, "sex": sex, "age": "33"} for i, (chosen, sex) in enumerate(ballots)]
    return pabulib_of(told, [{"project_id": name, "cost": cost} for name, cost in costs], rows).encode()


def count(factory, content, year=2027, **said):
    return import_vote(factory, "lomas", year, VoteToImport(content, "vote.pb", **said), "ana")


# --- proposals -------------------------------------------------------------------------------------------------------


def test_a_file_of_proposals_comes_in_and_what_is_brought_again_changes_nothing(factory, site, tmp_path):
    done = import_proposals(factory, site, 2027, write(tmp_path, TWO), "ana")
    assert (done.added, done.changed, done.unchanged) == (("P-01", "P-02"), (), ())
    assert [(row.code, row.cost, row.state) for row in stored(factory)] == [
        ("P-01", Decimal("100.50"), "feasible"),
        ("P-02", None, "submitted"),
    ]
    again = import_proposals(factory, site, 2027, write(tmp_path, TWO.replace("100.50", "99")), "ana")
    assert (again.changed, again.unchanged) == (("P-01",), ("P-02",))
    with factory() as session:
        process = find_process(session, load_site(session, site).id, 2027)
        versions = list_proposal_versions(session, process.id, "P-01")
    assert [(row.version, row.cost) for row in versions] == [(2, Decimal("99.00")), (1, Decimal("100.50"))]


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_what_is_exported_comes_in_again_as_it_was_and_no_cell_is_a_formula(factory, site, tmp_path, name):
    import_proposals(factory, site, 2027, write(tmp_path, TWO), "ana")
    file = tmp_path / name
    assert export_proposals(factory, site, 2027, file) == 2
    again = import_proposals(factory, site, 2027, file, "ana")
    assert again.unchanged == ("P-01", "P-02")
    if name.endswith("csv"):
        assert "'=1+1" in file.read_text(encoding="utf-8-sig")
    else:
        cells = [cell for row in load_workbook(file)["Proposals"].iter_rows() for cell in row if cell.value == "=1+1"]
        assert [cell.data_type for cell in cells] == ["s"]


def test_all_problems_of_a_file_are_told_with_their_lines_and_nothing_is_stored(factory, engine, site, tmp_path):
    before = store_fingerprint(engine)
    text = HEADER + "P-01,Agua,nowhere,1,submitted,,\nP-01,,north,x,feasible,,P-09\nP-03,Luz,,5,submitted,,P-09\n"
    with pytest.raises(InputError) as refused:
        import_proposals(factory, site, 2027, write(tmp_path, text), "ana")
    places = {(one.line, one.column) for one in refused.value.problems}
    assert places == {(2, "zone"), (3, "title_es"), (3, "cost"), (3, "reason"), (3, "code"), (4, "excludes")}
    assert store_fingerprint(engine) == before


def test_a_column_that_no_proposal_has_is_refused_with_the_nearest_one(factory, site, tmp_path):
    with pytest.raises(InputError, match="Did you mean 'category'"):
        import_proposals(factory, site, 2027, write(tmp_path, "code,title_es,categori\nP,Agua,x\n"), "ana")


def test_a_change_that_started_from_an_older_version_is_refused(factory, site):
    cells = {"code": "", "title_es": "Agua"}
    assert save_proposal(factory, site, 2027, cells, "ana") == "P-01"
    save_proposal(factory, site, 2027, {"code": "P-01", "title_es": "Agua limpia"}, "ana", seen=1)
    with pytest.raises(StaleVersionError):
        save_proposal(factory, site, 2027, {"code": "P-01", "title_es": "Otra"}, "beto", seen=1)
    with pytest.raises(InputError, match="taken"):
        save_proposal(factory, site, 2027, {"code": "P-01", "title_es": "Otra"}, "beto")
    assert [row.title["es"] for row in stored(factory)] == ["Agua limpia"]


# --- process ---------------------------------------------------------------------------------------------------------

PROCESS = """envelope: 1200.50
rule: greedy
ties: most-votes,cheapest
citation: Ley 28056
phases:
  - {phase: vote, starts_on: 2026-09-19, ends_on: 2026-09-20}
participants:
  - {sex: female, age: 18-29, zone: north, persons: 24}
"""


def test_a_process_is_stored_exactly_and_told_back(factory, site):
    saved = save_process(factory, site, 2027, parse_process(PROCESS, "p.yaml"), "ana")
    with factory() as session:
        document = process_document(session, saved)
    assert (document["envelope"], document["rule"], document["ties"]) == ("1200.50", "greedy", "most-votes,cheapest")
    assert document["participants"] == [{"sex": "female", "age": "18-29", "zone": "north", "persons": 24}]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("rule: greedy", "rule: gredy", "line 2"),
        ("most-votes", "by-lot", "line 3"),
        ("ends_on: 2026-09-20", "ends_on: 2026-09-01", "line 6"),
        ("zone: north", "zone: nowhere", "nowhere"),
        ("envelope: 1200.50", "envelope: 0", "envelope"),
        ("citation: Ley 28056", "zones: {north: 1200.51}", "1200.5"),
    ],
)
def test_a_wrong_process_is_told_and_not_stored(factory, engine, site, before, after, told):
    fingerprint = store_fingerprint(engine)
    with pytest.raises(InputError, match=told):
        save_process(factory, site, 2027, parse_process(PROCESS.replace(before, after), "p.yaml"), "ana")
    assert store_fingerprint(engine) == fingerprint


# --- votes -----------------------------------------------------------------------------------------------------------


def test_a_vote_is_counted_kept_byte_by_byte_and_its_record_tells_nothing_of_voters(factory, site):
    content = vote([("A,C", "F"), ("A", "F"), ("B", "M")])
    done = count(factory, content)
    # A has 2 votes and fits (60 of 100); B and C have 1 each; B lacks 20, C fits.
    assert done.vote.result["outcome"]["winners"] == ["A", "C"]
    assert done.vote.result["by_sex"]["M"]["exclusion"] == 1
    with factory() as session:
        assert vote_content(session, load_site(session, site).id, 2027) == (content, "vote.pb")
    record = done.vote.record
    assert VERIFIERS["vote"](record, "record")["valid"]
    assert "33" not in record["contents"]["ballots"]
    assert "sex" not in json.dumps(record)
    assert "v0" not in record["contents"]["ballots"]


def test_the_same_vote_again_changes_nothing_and_another_needs_a_reason(factory, engine, site):
    count(factory, vote([("A", "F")]))
    before = store_fingerprint(engine)
    assert not count(factory, vote([("A", "F")])).is_new
    with pytest.raises(InputError, match="is there already"):
        count(factory, vote([("B", "F")]))
    assert store_fingerprint(engine) == before
    count(factory, vote([("B", "F")]), reason="Una mesa llegó tarde")
    with factory() as session:
        process = find_process(session, load_site(session, site).id, 2027)
        assert [one.result["outcome"]["winners"][0] for one in list_votes(session, process.id)] == ["B"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (vote([]), "no ballots"),
        (vote([("A", "F")], budget="0"), "budget = 0"),
        (vote([("Z", "F")]), "line"),
        (vote([("A", "F")]).replace(b"num_votes;1", b"num_votes;7"), "num_votes"),
        (vote([("A", "F")], costs=(("A", "1,5"),)), "comma"),
        (vote([("A", "F")], rule="lots"), "lots"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_vote_that_cannot_be_counted_is_refused_and_nothing_is_stored(factory, engine, site, content, told):
    before = store_fingerprint(engine)
    with pytest.raises(InputError, match=told):
        count(factory, content)
    assert store_fingerprint(engine) == before


def test_proposals_that_exclude_each_other_are_counted_so(factory, site, tmp_path):
    text = HEADER + "A,Uno,,60,feasible,Sí,C\nB,Dos,,60,feasible,Sí,\nC,Tres,,40,feasible,Sí,\n"
    import_proposals(factory, site, 2027, write(tmp_path, text), "ana")
    done = count(factory, vote([("A,C", "F"), ("A", "F"), ("B", "M")]))
    assert done.vote.result["outcome"]["winners"] == ["A"]
    reasons = {one["proposal"]: one["reason"] for one in done.vote.result["outcome"]["losers"]}
    assert reasons == {"B": "does_not_fit", "C": "excluded_by"}


def test_a_study_compares_rules_and_leaves_chance_out_where_a_group_is_too_small(factory, site):
    small = count(factory, vote([("A", "F"), ("B", "M")]))
    assert study_vote(factory, site, small.vote.id, "ana")["benchmark"] is None
    many = count(factory, vote([("A", "F")] * 20 + [("B", "M")] * 20), year=2028)
    found = study_vote(factory, site, many.vote.id, "ana")
    # women alone: A, and C fits with it; men alone: B and C. Two proposals apart, which no shuffle of 40 reaches often.
    assert found["benchmark"]["difference"] == 2
    assert [one["name"] for one in found["rules"]] == ["greedy", "greedy-per-cost", "mes-add1u", "phragmen"]
    assert {one["name"]: one["winners"][0] for one in found["tie_rules"]}["lexicographic"] == "A"


@pytest.mark.shared
@pytest.mark.parametrize("file", sorted(SHARED.glob("Poland_*.pb")), ids=lambda file: file.stem)
def test_the_ballots_of_a_real_vote_without_their_voters_give_the_same_result(file):
    read = parse_pabulib(file.read_bytes(), file.name)
    rule = chosen_rule(read.election, "greedy")
    again = parse_pabulib(anonymous_ballots(read).encode(), "record")
    wanted, found = count_document(read.election, rule), count_document(again.election, rule)
    assert wanted == found
