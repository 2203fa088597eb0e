"""Counts of paper and hands: one person enters, another counts again, equal counts go into the vote."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sqlalchemy import select

from budget_model.assembly.ballot_forms import BallotForm
from budget_model.assembly.tallies import LONGEST_TEXT, TallyRow, differences, parse_tally
from budget_model.errors import InputError
from data.readers.pabulib import parse_pabulib
from data.store.tables import AuditEntry, BallotTally
from data.workflows.casting import cast
from data.workflows.closing import close_box
from data.workflows.tallies import TallyToEnter, enter_tally, keep_tally, sign_tally, withdraw_tally
from tests.ballot_builders import NOW, SECRET, codes_of, make_box, make_voting_site
from tests.data.test_ballot_boxes import refused, site_id
from tests.support import store_fingerprint

COUNT = "A C; 5; 4; 0\nB; 0; 3; 0\n"


@pytest.fixture
def box(factory):
    make_voting_site(factory)
    return make_box(factory, asks=("sex",))


def enter(factory, box, text=COUNT, actor="ana", **changed):
    given = TallyToEnter(**{"way": "paper", "place": "Mesa 3", "text": text, **changed})
    return enter_tally(factory, "lomas", box.id, given, actor)


def test_a_count_signed_by_a_second_person_goes_into_the_vote_with_the_codes(factory, box):
    cast(factory, site_id(factory), codes_of(factory, box, 3, sex="M")[0], {"B": 1}, SECRET, "x", NOW)
    tally = enter(factory, box)
    signed = sign_tally(factory, "lomas", tally.id, "B;0;3\nC, A; 5; 4; 0", "beto")  # in whatever order
    assert (signed.state, signed.signed_by) == ("signed", "beto")
    closed = close_box(factory, "lomas", box.id, "ana", "all counted", now=NOW)
    # 5 women and 4 men for A and C; 3 men on paper and 1 with a code for B
    assert closed.vote.ballots == 13
    projects = closed.vote.result["projects"]
    assert {code: one["votes"] for code, one in projects.items()} == {"A": 9, "B": 4, "C": 9}
    assert {sex: one["voters"] for sex, one in closed.vote.result["by_sex"].items()} == {"F": 5, "M": 8}
    votes = parse_pabulib(closed.vote.content).sections["VOTES"]
    assert [record.fields for record in votes.records][:2] == [("1", "A,C", "F"), ("2", "A,C", "F")]
    assert closed.box.statistics["by_hand"] == 12


def test_one_person_without_a_sex_does_not_take_it_from_all(factory):
    make_voting_site(factory, "{rule: greedy, ties: lexicographic, envelope: 100.00, least_group: 10}")
    box = make_box(factory, asks=("sex",))
    for sex, number in (("F", 11), ("M", 10)):
        for code in codes_of(factory, box, number, sex=sex):
            cast(factory, site_id(factory), code, {"A": 1}, SECRET, "x", NOW)
    tally = enter(factory, box, "B; 3; 0; 1")
    sign_tally(factory, "lomas", tally.id, "B; 3; 0; 1", "beto")
    closed = close_box(factory, "lomas", box.id, "ana", "all counted", now=NOW)
    assert closed.box.statistics["labels"] == ["sex"]
    assert closed.box.statistics["left_out"] == []
    assert {sex: one["voters"] for sex, one in closed.vote.result["by_sex"].items()} == {"F": 14, "M": 10}
    assert closed.vote.result["without_sex"] == 1


def test_the_one_who_entered_a_count_does_not_sign_it(factory, box):
    tally = enter(factory, box)
    before = store_fingerprint(factory.kw["bind"])
    assert refused(sign_tally, factory, "lomas", tally.id, COUNT, "ana") == ["tally-same-person"]
    assert store_fingerprint(factory.kw["bind"]) == before


def test_differences_are_told_one_by_one_and_stay_on_record(factory, box):
    tally = enter(factory, box)
    with pytest.raises(InputError) as caught:
        sign_tally(factory, "lomas", tally.id, "A C; 5; 3; 1\nB; 0; 3; 0", "beto")
    facts = [one.facts for one in caught.value.problems]
    assert facts == [
        {"vote": "A,C", "group": "male", "first": 4, "second": 3},
        {"vote": "A,C", "group": "other", "first": 0, "second": 1},
    ]
    with factory() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.actor) == ("assembly.tally.differ", "beto")
    assert refused(close_box, factory, "lomas", box.id, "ana", "now", now=NOW) == ["tally-waits"]
    sign_tally(factory, "lomas", tally.id, COUNT, "beto")
    assert refused(sign_tally, factory, "lomas", tally.id, COUNT, "carla") == ["tally-done"]


def test_a_count_that_was_taken_out_does_not_count(factory, box):
    tally = enter(factory, box)
    assert refused(enter, factory, box) == ["tally-there"]
    assert refused(withdraw_tally, factory, "lomas", tally.id, " ", "beto") == ["tally-reason"]
    withdraw_tally(factory, "lomas", tally.id, "counted twice", "beto")
    assert enter(factory, box).place == "Mesa 3"
    assert close_refused(factory, box) == ["tally-waits"]


def test_one_person_alone_takes_no_signed_count_out(factory, box):
    tally = enter(factory, box)
    sign_tally(factory, "lomas", tally.id, COUNT, "beto")
    withdraw_tally(factory, "lomas", tally.id, "I do not like it", "beto")
    with factory() as session:
        kept = session.get_one(BallotTally, tally.id)
        assert (kept.state, kept.leaving_by, kept.leaving_reason) == ("signed", "beto", "I do not like it")
    assert refused(withdraw_tally, factory, "lomas", tally.id, "again", "beto") == ["tally-out-same-person"]
    assert close_refused(factory, box) == ["tally-leaving"]
    keep_tally(factory, "lomas", tally.id, "ana")
    assert refused(keep_tally, factory, "lomas", tally.id, "ana") == ["tally-not-leaving"]
    withdraw_tally(factory, "lomas", tally.id, "counted twice", "beto")
    assert withdraw_tally(factory, "lomas", tally.id, "yes, twice", "ana").state == "withdrawn"
    with factory() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(4)).all()
    told = [(one.action.rpartition(".")[2], one.actor, one.detail["asked_by"]) for one in reversed(entries)]
    assert told == [
        ("ask-out", "beto", ""),
        ("keep", "ana", "beto"),
        ("ask-out", "beto", ""),
        ("withdraw", "ana", "beto"),
    ]
    assert close_box(factory, "lomas", box.id, "ana", "now", now=NOW).vote is None


def close_refused(factory, box):
    return refused(close_box, factory, "lomas", box.id, "ana", "now", now=NOW)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("A; 1", []),
        ("A; x; 1; 0", ["tally-line"]),
        ("A; -1; 1; 0", ["tally-line"]),
        ("A; 1.5; 1; 0", ["tally-line"]),
        ("A; 1; 1; 0; 2", ["tally-line"]),
        ("A", ["tally-line"]),
        ("Z; 1; 1; 0", ["tally-choices"]),
        ("; 1; 1; 0", ["tally-choices"]),
        ("A A; 1; 1; 0", ["tally-choices"]),
        ("A C; 1; 1; 0\nC A; 1; 0; 0", ["tally-twice"]),
        ("A; 0; 0; 0", ["tally-persons"]),
        ("A; 20001; 0; 0", ["tally-persons"]),
        ("", ["tally-persons"]),
        ("A; x; 1; 0\nZ; 1; 1; 1", ["tally-line", "tally-choices"]),
    ],
)
def test_a_count_is_read_whole_or_refused_with_its_lines(text, rules):
    form = BallotForm("approval", None, Fraction(100), {code: Fraction(50) for code in "ABC"})
    assert [one.rule for one in parse_tally(text, form)[1]] == rules


def test_points_and_places_are_read_as_they_are_written():
    costs = {code: Fraction(50) for code in "ABC"}
    points, none = parse_tally("C:2 A:3; 4; 0; 1", BallotForm("points", 5, Fraction(100), costs))
    assert (points, none) == ((TallyRow("A,C", "3,2", 4, 0, 1),), [])
    places, _ = parse_tally("C A; 1; 2", BallotForm("ranking", 2, Fraction(100), costs))
    assert places == (TallyRow("C,A", "", 1, 2, 0),)
    assert differences(points, places)[0] == ("A,C", "female", 4, 0)


def test_a_refused_count_stores_nothing(factory, box):
    before = store_fingerprint(factory.kw["bind"])
    assert refused(enter, factory, box, "Z; 1; 0; 0", place=" ", way="post", zone="north") == [
        "tally-way",
        "tally-place",
        "codes-group",
        "tally-choices",
    ]
    assert store_fingerprint(factory.kw["bind"]) == before


def test_a_long_count_is_read_to_its_last_line_or_refused():
    codes = [f"P{number}" for number in range(16)]
    form = BallotForm("approval", None, Fraction(100), {code: Fraction(5) for code in codes})
    sets = [" ".join(code for bit, code in enumerate(codes) if number >> bit & 1) for number in range(1, 50_001)]
    rows, problems = parse_tally(
        "\n".join(f"{one}; {int(place < 20_000)}; 0; 0" for place, one in enumerate(sets)), form
    )
    assert problems == []
    assert (len(rows), sum(row.female for row in rows)) == (50_000, 20_000)
    rows, problems = parse_tally("P0; 1; 0; 0" + " " * LONGEST_TEXT, form)
    assert ([one.rule for one in problems], rows) == (["tally-long"], ())


def test_what_stands_behind_a_hundred_thousand_signs_of_a_count_is_counted(factory, box):
    text = "A; 1; 0; 0\n" + "\n" * 100_000 + "B; 0; 2; 0"
    tally = enter(factory, box, text)
    assert [row["vote"] for row in tally.rows] == ["A", "B"]
    assert refused(sign_tally, factory, "lomas", tally.id, text[:100_000], "beto") == ["tally-differs"]
