"""Every amount and every proposal is voted on once: by the zone that has the money, or by the whole site."""

from __future__ import annotations

from fractions import Fraction

import pytest

from data.readers.process_file import parse_process
from data.workflows.casting import cast
from data.workflows.closing import close_box
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from tests.ballot_builders import NOW, SECRET, codes_of, make_box, make_voting_site
from tests.data.test_ballot_boxes import refused, site_id
from tests.support import store_fingerprint

SPLIT = "{rule: greedy, envelope: 200.00, zones: {north: 60.00, south: 40.00}, least_group: 3}"
ALL_GIVEN = SPLIT.replace("200.00", "100.00")
PLACES = {"A": "north", "B": "south", "C": ""}


@pytest.fixture
def voting(factory):
    """Gives a site with a process, one proposal of each zone and one of the whole site."""

    def make(process):
        make_voting_site(factory, process, costs={})
        for code, zone in PLACES.items():
            row = {"code": code, "title_es": code, "cost": "30", "state": "feasible", "reason": "Sí", "zone": zone}
            save_proposal(factory, "lomas", 2027, row, "ana")

    return make


def ballot(box):
    return {one["code"] for one in box.projects}


def test_the_whole_site_does_not_vote_on_money_that_was_given_to_zones(factory, voting):
    voting(ALL_GIVEN)
    before = store_fingerprint(factory.kw["bind"])
    assert refused(make_box, factory) == ["box-all-zones"]
    assert store_fingerprint(factory.kw["bind"]) == before
    assert ballot(make_box(factory, zone="north")) == {"A"}


def test_the_whole_site_votes_on_the_rest_and_on_proposals_of_no_zone_with_money(factory, voting):
    voting(SPLIT)
    boxes = [make_box(factory), make_box(factory, zone="north"), make_box(factory, zone="south")]
    assert [ballot(box) for box in boxes] == [{"C"}, {"A"}, {"B"}]
    assert [Fraction(box.envelope) for box in boxes] == [100, 60, 40]


def test_a_zone_without_money_of_its_own_votes_with_the_whole_site(factory, voting):
    voting(SPLIT.replace("north: 60.00, ", ""))
    assert ballot(make_box(factory)) == {"A", "C"}


def test_money_and_winners_of_a_vote_that_was_counted_are_not_voted_on_again(factory, voting):
    voting(SPLIT.replace(", zones: {north: 60.00, south: 40.00}", ""))
    box = make_box(factory)
    assert ballot(box) == {"A", "B", "C"}
    cast(factory, site_id(factory), codes_of(factory, box)[0], {"A": 1}, SECRET, "x", NOW)
    close_box(factory, "lomas", box.id, "ana", "all voted", now=NOW)  # A, B and C fit into 200, and win
    save_process(factory, "lomas", 2027, parse_process(SPLIT, "p"), "ana")
    assert "box-money-twice" in refused(make_box, factory, zone="north")
    larger = SPLIT.replace("200.00", "300.00")
    save_process(factory, "lomas", 2027, parse_process(larger, "p"), "ana")
    assert refused(make_box, factory, zone="north") == ["ballot-no-proposals"]  # A has won
    row = {"code": "D", "title_es": "D", "cost": "30", "state": "feasible", "reason": "Sí", "zone": "north"}
    save_proposal(factory, "lomas", 2027, row, "ana")
    assert ballot(make_box(factory, zone="north")) == {"D"}


def test_zones_are_given_no_more_than_there_is(factory, voting):
    voting(SPLIT)
    more = parse_process(SPLIT.replace("40.00", "140.01"), "p")
    assert refused(save_process, factory, "lomas", 2027, more, "ana") == ["assembly-envelope"]
    save_process(factory, "lomas", 2027, parse_process(SPLIT.replace("40.00", "140.00"), "p"), "ana")
