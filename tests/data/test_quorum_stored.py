"""The quorum of a process: announced with its ground, kept while people vote, frozen and sealed with the vote."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from budget_model.errors import InputError
from budget_model.plan.sealed import seal
from dashboard.services.assembly import vote_info, with_names
from dashboard.services.assembly_processes import vote_people
from data.commands.verify import VERIFIERS
from data.readers.process_file import parse_process
from data.store.engine import transaction
from data.store.tables import AssemblyVote
from data.workflows.processes import process_document, save_process
from data.workflows.quorums import too_many
from data.workflows.stored_votes import VoteToImport, import_vote
from data.writers.pabulib import pabulib_of
from tests.store_builders import make_place

PEOPLE = "participants:\n  - {sex: female, persons: 20}\n  - {sex: male, persons: 16}\n"
RULE = "quorum: {more_than: 0.5, citation: 'Ordenanza 7, art. 3', effective_on: 2024-01-01}\n"


@pytest.fixture
def site(factory):
    with transaction(factory) as session:
        make_place(session)
    return "lomas"


def vote(count):
    told = {"budget": "100", "vote_type": "approval", "rule": "greedy"}
    rows = [{"voter_id": str(i), "vote": "A"} for i in range(count)]
    return VoteToImport(pabulib_of(told, [{"project_id": "A", "cost": "60"}], rows).encode(), "v.pb", reason="again")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("quorum: {more_than: 0.5}\n", "citation"),
        ("quorum: {citation: x}\n", "how many must register or vote"),
        ("quorum: {more_than: 0.5, persons: 3, citation: x}\n", "one of more_than, at_least and persons"),
        ("quorum: {more_than: 1.5, citation: x}\n", "below 1"),
        ("quorum: {registered: 5, by_zone: true, citation: x}\n", "y_zone needs"),
        ("quorum: {at_least: 0, citation: x}\n", "above 0"),
    ],
)
def test_a_quorum_without_ground_or_without_one_clear_rule_is_refused(text, told):
    with pytest.raises(InputError, match=told):
        parse_process(text, "p.yaml")


def test_a_quorum_comes_out_as_it_was_said(factory, site):
    save_process(factory, site, 2027, parse_process(RULE + PEOPLE, "p.yaml"), "ana")
    with factory() as session:
        document = process_document(session, save_process(factory, site, 2027, parse_process(RULE, "p.yaml"), "ana"))
    assert document["quorum"] == {
        "citation": "Ordenanza 7, art. 3",
        "effective_on": "2024-01-01",
        "more_than": "0.5",
    }


@pytest.mark.parametrize(("ballots", "is_reached"), [(18, False), (19, True)])  # more than half of 36
def test_a_vote_without_quorum_counts_says_so_in_its_seal_and_stays_so_when_people_register_later(
    factory, site, ballots, is_reached
):
    save_process(factory, site, 2027, parse_process(RULE + PEOPLE, "p.yaml"), "ana")
    done = import_vote(factory, site, 2027, vote(ballots), "ana").vote
    save_process(factory, site, 2027, parse_process(RULE + PEOPLE.replace("20", "200"), "p.yaml"), "ana")
    assert done.result["outcome"]["winners"] == ["A"]
    quorum = done.record["contents"]["quorum"]
    assert (quorum["registered"], quorum["voted"], quorum["voted_needed"]) == (36, ballots, 19)
    assert quorum["reached"] is is_reached
    assert done.result["people"]["registered"] == {"female": 20, "male": 16}
    found = VERIFIERS["vote"](json.loads(json.dumps(done.record)), "record.json")
    assert found["valid"]
    assert found["contents"][-1]["reached"] is is_reached


def test_a_vote_of_a_zone_keeps_the_numbers_of_the_zone(factory, site):
    people = (
        "participants:\n  - {sex: female, zone: north, persons: 14}\n  - {sex: male, zone: north, persons: 2}\n"
        "  - {sex: female, zone: south, persons: 5}\n  - {sex: male, persons: 13}\n"
    )
    save_process(factory, site, 2027, parse_process(people, "p.yaml"), "ana")
    done = import_vote(factory, site, 2027, replace(vote(5), zone="north"), "ana").vote
    assert done.result["people"] == {"registered": {"female": 14, "male": 2}, "inhabitants": None, "zone": "north"}
    shown = vote_people(done.result, {}, 1, is_zone=True)
    assert shown.registered == {"female": 14 / 16, "male": 2 / 16}
    older = {**done.result, "people": {"registered": {"female": 19, "male": 15}, "inhabitants": None}}
    assert vote_people(older, {}, 1, is_zone=True).registered is None


@pytest.mark.parametrize(("ballots", "is_told"), [(36, False), (37, True)])
def test_more_ballots_than_people_who_registered_are_told(factory, site, ballots, is_told):
    save_process(factory, site, 2027, parse_process(PEOPLE, "p.yaml"), "ana")
    done = import_vote(factory, site, 2027, vote(ballots), "ana")
    assert any("36 people had registered" in note for note in done.notes) is is_told
    shown = vote_people(done.vote.result, {}, 10, is_zone=False)
    assert shown.too_many == (("registered", 36) if is_told else None)


def test_more_ballots_than_inhabitants_are_told_first():
    people = {"registered": {"female": 3}, "inhabitants": {"year": 2026, "women": 20, "men": 16, "source": "INEI"}}
    assert too_many(people, 37) == ("inhabitants", 36)
    assert too_many(people, 36) == ("registered", 3)
    assert too_many({"registered": {}, "inhabitants": None}, 9) is None  # not known is no limit


@pytest.mark.parametrize(("name", "value"), [("reached", True), ("voted", 30), ("voted_needed", 2)])
def test_a_record_whose_quorum_does_not_follow_from_its_ballots_does_not_hold(factory, site, name, value):
    save_process(factory, site, 2027, parse_process(RULE + PEOPLE, "p.yaml"), "ana")
    contents = import_vote(factory, site, 2027, vote(5), "ana").vote.record["contents"]
    forged = seal("vote", {**contents, "quorum": {**contents["quorum"], name: value}})
    found = VERIFIERS["vote"](forged, "record.json")
    assert not found["valid"]
    assert f"quorum: {name}" in {one["what"] for one in found["differences"]}


def test_a_vote_of_a_year_without_quorum_carries_none(factory, site):
    save_process(factory, site, 2027, parse_process(PEOPLE, "p.yaml"), "ana")
    done = import_vote(factory, site, 2027, vote(5), "ana").vote
    assert done.result["quorum"] is None
    assert "quorum" not in done.record["contents"]


def test_a_vote_counted_by_an_older_program_is_counted_anew_and_one_of_this_program_is_not(factory, site):
    save_process(factory, site, 2027, parse_process(PEOPLE, "p.yaml"), "ana")
    first = import_vote(factory, site, 2027, vote(5), "ana").vote
    assert not import_vote(factory, site, 2027, vote(5), "ana").is_new
    with transaction(factory) as session:
        kept = session.get_one(AssemblyVote, first.id)
        kept.result = {**kept.result, "version": 1}
    again = import_vote(factory, site, 2027, vote(5), "ana")
    assert again.is_new
    assert again.vote.result["version"] > 1


def test_quorum_by_zone_tells_the_names_of_the_zones(factory, site):
    save_process(factory, site, 2027, parse_process(PEOPLE, "p.yaml"), "ana")
    info = vote_info(import_vote(factory, site, 2027, vote(5), "ana").vote, 3, {}, "")
    held = replace(info, by_zone={"S1": {}, "Sur": {}}, quorum={"zones": [{"zone": "S1", "voted": 3}]})
    shown = with_names(held, {"S1": "Norte"})
    assert (list(shown.by_zone), shown.quorum["zones"]) == (["Norte", "Sur"], [{"zone": "Norte", "voted": 3}])
