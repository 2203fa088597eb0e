"""Votes on the site: codes once, ballots without voters, nothing before opening or after closing, exact at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text

from budget_model.errors import InputError, NotFoundError
from data.commands.verify import VERIFIERS
from data.readers.pabulib import parse_pabulib
from data.readers.process_file import parse_process
from data.store import ballots as store
from data.store.assembly import find_process, list_votes
from data.store.sites import load_site
from data.store.tables import AuditEntry, Ballot, BallotBox, BallotCode
from data.workflows.ballot_boxes import BoxToOpen, cancel_box, open_box
from data.workflows.ballot_codes import CodeGroup, make_codes, read_code, shown_code
from data.workflows.casting import MOST_WRONG, admit, cast
from data.workflows.closing import close_box
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from data.workflows.stored_votes import VoteToImport, import_vote, vote_content
from tests.ballot_builders import NOW, PROCESS, SECRET, codes_of, make_box, make_voting_site
from tests.support import store_fingerprint

ADDRESS = "10.0.0.1"
ONE_BALLOT = (
    b"META\nkey;value\nnum_projects;1\nnum_votes;1\nbudget;9\nvote_type;approval\n"
    b"PROJECTS\nproject_id;cost\nA;1\nVOTES\nvoter_id;vote\n1;A\n"
)


@pytest.fixture
def site(factory):
    return make_voting_site(factory)


def site_id(factory, slug="lomas"):
    with factory() as session:
        return load_site(session, slug).id


def vote(factory, code, chosen, now=NOW, address=ADDRESS):
    given = chosen if isinstance(chosen, dict) else dict.fromkeys(chosen, 1)
    return cast(factory, site_id(factory), code, given, SECRET, address, now)


def refused(call, *arguments, **named):
    with pytest.raises(InputError) as caught:
        call(*arguments, **named)
    return [one.rule for one in caught.value.problems]


def stored_votes(factory):
    with factory() as session:
        return list_votes(session, find_process(session, load_site(session, "lomas").id, 2027).id)


def test_ballots_are_counted_by_the_announced_rule_when_the_vote_is_closed(factory, site):
    box = make_box(factory)
    codes = codes_of(factory, box, 4)
    for code, chosen in zip(codes, ["AC", "A", "B", "C"], strict=True):
        vote(factory, code, chosen)
    closed = close_box(factory, site, box.id, "ana", now=NOW + timedelta(hours=9))
    # A 2 votes, C 2, B 1; A 60 + C 40 fill 100
    assert closed.vote.result["outcome"]["winners"] == ["A", "C"]
    assert closed.vote.ballots == 4
    read = parse_pabulib(closed.vote.content)
    assert [row.fields for row in read.sections["VOTES"].records] == [("1", "A"), ("2", "A,C"), ("3", "B"), ("4", "C")]
    assert VERIFIERS["vote"](closed.vote.record, "record.json")["valid"]
    with factory() as session:
        assert vote_content(session, site_id(factory), 2027) == (closed.vote.content, "lomas-2027.pb")
        assert session.scalars(select(Ballot)).all() == []
        assert session.scalars(select(BallotCode)).all() == []
        box = session.get_one(BallotBox, box.id)
    assert box.statistics["codes"] == [{"sex": "", "age": "", "zone": "", "codes": 4, "used": 4}]


def test_a_code_votes_once(factory, site):
    box = make_box(factory)
    code, other, _ = codes_of(factory, box)
    vote(factory, code, "A")
    before = store_fingerprint(factory.kw["bind"])
    assert refused(vote, factory, code, "B") == ["code-used"]
    assert store_fingerprint(factory.kw["bind"]) == before
    vote(factory, shown_code(other).lower(), "B")  # as people type it
    with factory() as session:
        assert store.count_ballots(session, box.id) == 2


def test_a_code_that_many_send_at_once_votes_once(factory, site):
    box = make_box(factory)
    codes = codes_of(factory, box, 8)
    barrier, outcomes = threading.Barrier(16), []

    def send(number):
        barrier.wait()
        try:
            vote(factory, codes[number % 8], "AC" if number < 8 else "B")
            outcomes.append("in")
        except InputError as error:
            outcomes.append(error.problems[0].rule)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["code-used"] * 8 + ["in"] * 8
    with factory() as session:
        assert store.count_ballots(session, box.id) == 8
        assert [use.used for use in store.list_batches(session, box.id)] == [8]


def test_nobody_votes_before_the_opening_and_after_the_closing(factory, site):
    box = make_box(factory)
    code = codes_of(factory, box)[0]
    assert refused(vote, factory, code, "A", now=NOW - timedelta(hours=2)) == ["vote-not-open"]
    assert refused(vote, factory, code, "A", now=box.closes_at) == ["vote-closed"]
    vote(factory, code, "A", now=box.closes_at - timedelta(seconds=1))
    close_box(factory, site, box.id, "ana", now=box.closes_at)
    assert refused(close_box, factory, site, box.id, "ana", now=box.closes_at) == ["box-not-open"]


def test_a_vote_is_closed_early_only_with_a_reason_and_may_be_empty(factory, site):
    box = make_box(factory)
    assert refused(close_box, factory, site, box.id, "ana", now=NOW) == ["box-early"]
    closed = close_box(factory, site, box.id, "ana", "rain", now=NOW)
    assert closed.vote is None
    assert stored_votes(factory) == []


def test_a_refused_ballot_leaves_its_code_unused(factory, site):
    box = make_box(factory, kind="knapsack")
    code = codes_of(factory, box)[0]
    before = store_fingerprint(factory.kw["bind"])
    assert refused(vote, factory, code, "AB") == ["ballot-too-dear"]
    assert refused(vote, factory, code, "") == ["ballot-empty"]
    assert refused(vote, factory, code, "X") == ["ballot-unknown"]
    assert store_fingerprint(factory.kw["bind"]) == before
    vote(factory, code, "AC")


def test_wrong_codes_hold_up_wrong_codes_of_their_address_and_nobody_who_has_a_right_one(factory, site):
    box = make_box(factory)
    code = codes_of(factory, box)[0]
    for _ in range(MOST_WRONG):
        assert refused(vote, factory, "AAAA-AAAA-AAAA", "A") == ["code-unknown"]
    before = store_fingerprint(factory.kw["bind"])
    assert refused(vote, factory, "AAAA-AAAA-AAAA", "A") == ["code-locked"]
    assert store_fingerprint(factory.kw["bind"]) == before
    assert refused(vote, factory, "AAAA-AAAA-AAAA", "A", address="10.0.0.2") == ["code-unknown"]
    assert admit(factory, site_id(factory), code, SECRET, ADDRESS, NOW).box.id == box.id
    vote(factory, code, "A")  # of the same hall, in the same minute
    assert refused(vote, factory, "AAAA-AAAA-AAAA", "A", now=NOW + timedelta(seconds=61)) == ["code-unknown"]


def test_codes_of_another_key_are_told_apart_from_wrong_ones(factory, site):
    code = codes_of(factory, make_box(factory))[0]
    assert refused(admit, factory, site_id(factory), code, "another secret", ADDRESS, NOW) == ["codes-other-key"]
    assert refused(admit, factory, site_id(factory), code, None, ADDRESS, NOW) == ["codes-secret"]


def test_a_code_is_only_good_at_its_site(factory, site):
    code = codes_of(factory, make_box(factory))[0]
    make_voting_site(factory, slug="otra")
    assert refused(admit, factory, site_id(factory, "otra"), code, SECRET, ADDRESS, NOW) == ["code-unknown"]
    with pytest.raises(NotFoundError):
        make_codes(factory, "otra", 1, 3, CodeGroup(), SECRET, "ana")


def test_no_column_leads_from_a_code_to_a_ballot(factory, site):
    columns = {
        name: {column["name"] for column in inspect(factory.kw["bind"]).get_columns(name)}
        for name in ("ballot", "ballot_code")
    }
    assert columns["ballot"] == {"key", "box_id", "vote", "points", "sex", "age", "zone"}
    assert columns["ballot_code"] == {"code_hash", "batch_id", "is_used"}


def test_neither_the_audit_trail_nor_a_row_has_a_code_or_a_choice_with_its_time(factory, site):
    box = make_box(factory)
    codes = codes_of(factory, box)
    vote(factory, codes[0], "A")
    with factory() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        hashes = session.scalars(select(BallotCode.code_hash)).all()
    assert [one.action for one in entries][-2:] == ["assembly.box.open", "assembly.codes.make"]
    told = str([one.detail for one in entries]) + str(hashes)
    assert not any(code in told for code in codes)


def test_what_the_database_keeps_for_itself_fits_several_ballots(factory, site):
    if factory.kw["bind"].dialect.name != "postgresql":  # no transaction with a row, and no order but that of keys
        with factory() as session:
            made = session.scalars(text("SELECT sql FROM sqlite_master WHERE name IN ('ballot', 'ballot_code')")).all()
        assert len(made) == 2
        assert all("WITHOUT ROWID" in one for one in made)
        return
    box = make_box(factory)
    codes = codes_of(factory, box, 40)
    for code in codes:
        vote(factory, code, "A")
    with factory() as session:
        shared = session.execute(text("SELECT xmin::text, count(*) FROM ballot GROUP BY xmin")).all()
        last = session.execute(text("SELECT xmin::text, count(*) FROM ballot_code WHERE is_used GROUP BY xmin")).all()
    assert len(last) == 40  # the transaction of every code is known
    assert max(count for _x, count in shared) >= 2
    assert sum(count for _x, count in shared) == 40


def test_groups_come_into_the_file_only_where_no_ballot_can_be_told(factory, site):
    box = make_box(factory, asks=("sex", "zone"))
    women, men = codes_of(factory, box, 4, sex="F", zone="north"), codes_of(factory, box, 4, sex="M", zone="north")
    south = codes_of(factory, box, 4, sex="M", zone="south")
    for code in (*women, *men):
        vote(factory, code, "A")
    vote(factory, south[0], "B")  # one man of the south: his zone would tell his ballot
    closed = close_box(factory, site, box.id, "ana", "all have voted", now=NOW)
    assert parse_pabulib(closed.vote.content).sections["VOTES"].columns == ("voter_id", "vote", "sex")
    assert closed.box.statistics["left_out"] == ["zone"]
    assert {sex: one["voters"] for sex, one in closed.vote.result["by_sex"].items()} == {"F": 4, "M": 5}


@pytest.mark.parametrize(
    ("number", "group", "rules"),
    [
        (2, {"sex": "F"}, ["codes-few"]),  # the process protects groups below 3
        (3, {"age": "18-29"}, ["codes-not-asked"]),
        (3, {"sex": "X"}, ["codes-group"]),
        (0, {}, ["codes-number"]),
        (401, {}, ["codes-number"]),
    ],
)
def test_codes_that_would_tell_too_much_are_not_made(factory, site, number, group, rules):
    box = make_box(factory, asks=("sex",))
    before = store_fingerprint(factory.kw["bind"])
    assert refused(codes_of, factory, box, number, **group) == rules
    assert store_fingerprint(factory.kw["bind"]) == before


@pytest.mark.parametrize(
    ("process", "named", "rules"),
    [
        ("{envelope: 100.00}", {}, ["box-rule"]),
        ("{rule: greedy}", {}, ["ballot-envelope"]),
        ("{rule: greedy, ties: refuse, envelope: 100.00}", {}, ["box-ties"]),
        (PROCESS, {"kind": "points"}, ["ballot-most"]),
        (PROCESS, {"asks": ("name",)}, ["box-asks"]),
        (PROCESS, {"zone": "east"}, ["assembly-zone"]),
        (PROCESS, {"zone": "north"}, ["ballot-no-proposals", "ballot-envelope"]),
        (
            PROCESS.replace("}", ", phases: [{phase: vote, starts_on: 2026-11-27, ends_on: 2026-11-28}]}"),
            {},
            ["box-days"],
        ),
    ],
)
def test_a_vote_that_was_not_announced_whole_is_not_opened(factory, process, named, rules):
    make_voting_site(factory, process)
    before = store_fingerprint(factory.kw["bind"])
    assert refused(make_box, factory, **named) == rules
    assert store_fingerprint(factory.kw["bind"]) == before


def test_a_rule_that_cannot_count_the_ballots_is_told_before_people_vote(factory):
    make_voting_site(factory, PROCESS.replace("greedy", "mes"))
    row = {"code": "A", "title_es": "Obra A", "cost": "60", "state": "feasible", "reason": "Sí", "excludes": "B"}
    save_proposal(factory, "lomas", 2027, row, "ana", seen=1)
    assert refused(make_box, factory) == ["exclusive_not_supported"]


def test_what_was_announced_stays_while_people_vote(factory, site):
    box = make_box(factory)
    before = store_fingerprint(factory.kw["bind"])
    changed = parse_process(PROCESS.replace("greedy", "mes"), "process.yaml")
    assert refused(save_process, factory, site, 2027, changed, "ana") == ["process-vote-open"]
    assert refused(make_box, factory) == ["box-there"]
    file = VoteToImport(ONE_BALLOT, "v.pb", rule="greedy")
    assert refused(import_vote, factory, site, 2027, file, "ana") == ["vote-open"]
    assert store_fingerprint(factory.kw["bind"]) == before
    save_process(factory, site, 2027, parse_process(PROCESS.replace("}", ", citation: Ley}"), "p"), "ana")
    close_box(factory, site, box.id, "ana", "nobody came", now=NOW)
    save_process(factory, site, 2027, changed, "ana")


def test_a_vote_is_taken_back_only_while_nobody_has_voted(factory, site):
    box = make_box(factory)
    code = codes_of(factory, box)[0]
    assert refused(cancel_box, factory, site, box.id, " ", "ana") == ["box-reason"]
    cancel_box(factory, site, box.id, "wrong kind", "ana")
    assert refused(admit, factory, site_id(factory), code, SECRET, ADDRESS, NOW) == ["code-unknown"]
    second = make_box(factory, kind="ranking", most=2)
    vote(factory, codes_of(factory, second)[0], {"B": 1, "A": 2})
    assert refused(cancel_box, factory, site, second.id, "again", "ana") == ["box-has-ballots"]


def test_a_zone_votes_on_its_own_proposals_under_its_own_envelope(factory):
    process = "{rule: greedy, zones: {north: 100.00, south: 50.00}, least_group: 3}"
    make_voting_site(factory, process, zone="north")
    box = make_box(factory, zone="north")
    assert [one["code"] for one in box.projects] == ["A", "B", "C"]
    vote(factory, codes_of(factory, box)[0], "C")
    closed = close_box(factory, "lomas", box.id, "ana", "done", now=NOW)
    assert closed.vote.source_file == "lomas-2027-north.pb"
    assert closed.vote.result["outcome"]["budget"] == "100"


@pytest.mark.parametrize(
    ("kind", "most", "ballots", "votes"),
    [
        ("points", 5, [{"A": 3, "C": 2}, {"B": 5}], [("1", "A,C", "3,2"), ("2", "B", "5")]),
        ("ranking", 3, [{"C": 1, "A": 2}, {"B": 1}], [("1", "B"), ("2", "C,A")]),
        ("k-approval", 2, [{"C": 1, "A": 1}, {"B": 1}], [("1", "A,C"), ("2", "B")]),
    ],
)
def test_every_kind_of_ballot_becomes_a_file_that_is_read_again(factory, site, kind, most, ballots, votes):
    box = make_box(factory, kind=kind, most=most)
    for code, chosen in zip(codes_of(factory, box), ballots, strict=False):
        vote(factory, code, chosen)
    closed = close_box(factory, site, box.id, "ana", "done", now=NOW)
    assert [row.fields for row in parse_pabulib(closed.vote.content).sections["VOTES"].records] == votes


def test_a_vote_closes_before_it_opens_never(factory, site):
    wanted = BoxToOpen("approval", None, NOW, NOW)
    assert refused(open_box, factory, site, 2027, wanted, "ana", NOW) == ["box-times"]


def test_a_ballot_on_its_way_is_in_the_count_or_refused(factory, site):
    """A voter who holds the box makes the closing wait; who comes later is refused."""
    box = make_box(factory)
    codes = codes_of(factory, box, 6)
    outcomes, closed = [], []

    def send(code):
        try:
            vote(factory, code, "A")
            outcomes.append("in")
        except InputError as error:
            outcomes.append(error.problems[0].rule)

    voters = [threading.Thread(target=send, args=(code,)) for code in codes]
    closer = threading.Thread(target=lambda: closed.append(close_box(factory, site, box.id, "ana", "now", now=NOW)))
    for thread in (*voters[:3], closer, *voters[3:]):
        thread.start()
    for thread in (*voters, closer):
        thread.join()
    counted = closed[0].vote.ballots if closed[0].vote else 0
    assert outcomes.count("in") == counted
    assert len(outcomes) == 6
    assert set(outcomes) <= {"in", "vote-closed", "code-unknown", "code-used"}
    assert read_code(" ab-cd ") == "ABCD"
