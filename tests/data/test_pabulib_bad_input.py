"""Faulty `.pb` files: each is refused with the line and a sentence that says what would do."""

import json

import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.errors import InputError
from data.readers.pabulib import parse_pabulib

GOOD = """META
key;value
description;Vote of a test
num_projects;2
num_votes;3
budget;100
vote_type;approval
rule;greedy
PROJECTS
project_id;cost;name
a;60;Park
b;50;Road
VOTES
voter_id;vote;sex
1;a,b;F
2;a;M
3;b;F
"""


def test_the_good_file_is_read():
    held = parse_pabulib(GOOD.encode()).election
    assert (held.ballots.voter_count, [one.id for one in held.proposals]) == (3, ["a", "b"])


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("VOTES\nvoter_id;vote;sex\n1;a,b;F\n2;a;M\n3;b;F\n", "", 12, "section VOTES is missing"),
        ("META\n", "", 1, "must begin with META"),
        ("2;a;M", "2;zz;M", 16, "names the project 'zz', which is not in PROJECTS"),
        ("num_votes;3", "num_votes;30", 5, "META says num_votes = 30, but VOTES has 3 records"),
        ("num_projects;2", "num_projects;3", 4, "META says num_projects = 3, but PROJECTS has 2 records"),
        ("a;60;Park", "a;60,50;Park", 11, "has a comma"),
        ("budget;100", "budget;1.000,00", 6, "has a comma"),
        ("a;60;Park", "a;sixty;Park", 11, "'sixty' is no amount"),
        ("a;60;Park", "a;-60;Park", 11, "'-60' is no amount"),
        ("a;60;Park", "a;;Park", 11, "'cost' is empty"),
        ("b;50;Road", "a;50;Road", 12, "The project 'a' stands twice"),
        ("2;a;M", "1;a;M", 16, "has a ballot in line 15 already"),
        ("2;a;M", "2;a,a;M", 16, "names 'a' twice"),
        ("2;a;M", "2;a", 16, "has 2 fields where the header of VOTES has 3"),
        ("b;50;Road", 'b;50;"Road', 12, "quotation mark"),
        ("vote_type;approval", "vote_type;shouting", 7, "'shouting' is no vote type"),
        ("project_id;cost;name", "project_id;price;name", 10, "no column 'cost'"),
        ("vote_type;approval", "vote_type;cumulative", 13, "needs a column 'points'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old, new, line, words):
    with pytest.raises(InputError) as refused:
        parse_pabulib(GOOD.replace(old, new, 1).encode())
    assert any(words in problem.message and problem.line == line for problem in refused.value.problems), str(
        refused.value
    )


def test_all_problems_come_at_once():
    text = GOOD.replace("a;60;Park", "a;x;Park").replace("2;a;M", "2;q;M").replace("num_votes;3", "num_votes;9")
    with pytest.raises(InputError) as refused:
        parse_pabulib(text.encode())
    assert len(refused.value.problems) == 3


def test_bytes_that_are_not_utf8_are_refused_with_the_line():
    with pytest.raises(InputError) as refused:
        parse_pabulib(GOOD.replace("Road", "Vía").encode("latin-1"))
    assert refused.value.problems[0].line == 12


def test_an_empty_file_is_refused():
    with pytest.raises(InputError, match="empty"):
        parse_pabulib(b"")


def test_a_withdrawn_project_does_not_take_part_and_its_voters_keep_their_ballots():
    read = parse_pabulib(GOOD.replace("b;50;Road", "b;999999999;Road").encode())
    assert [one.id for one in read.election.proposals] == ["a"]
    assert read.election.ballots.voter_count == 3
    assert "withdrawn" in read.warnings[0].message


@pytest.fixture
def sealed(tmp_path):
    (tmp_path / "vote.pb").write_text(GOOD)
    record = tmp_path / "record.json"
    assert CliRunner().invoke(main, ["votes", "seal", str(tmp_path / "vote.pb"), str(record)]).exit_code == 0
    return record


def verified(record):
    result = CliRunner().invoke(main, ["verify", str(record), "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_a_sealed_record_holds(sealed):
    status, found = verified(sealed)
    assert (status, found["valid"], found["differences"]) == (0, True, [])


def test_a_changed_ballot_breaks_the_seal(sealed):
    sealed.write_text(sealed.read_text().replace("2;a;M", "2;b;M"))
    status, found = verified(sealed)
    assert (status, found["valid"]) == (1, False)
    assert {"hash", "winners", "cost", "ties"} == {difference["what"] for difference in found["differences"]}


def test_a_record_with_a_new_hash_and_false_winners_does_not_hold(sealed):
    from budget_model.plan.sealed import fingerprint

    record = json.loads(sealed.read_text())
    record["contents"]["result"]["winners"] = ["b"]
    record["hash"] = fingerprint(record)
    sealed.write_text(json.dumps(record))
    status, found = verified(sealed)
    assert status == 1
    assert found["differences"] == [{"what": "winners", "sealed": ["b"], "counted": ["a"]}]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1, "kind": "x", "contents": {}, "hash": ""}', "\x00"])
def test_what_is_no_record_is_refused(tmp_path, content):
    record = tmp_path / "record.json"
    record.write_text(content)
    result = CliRunner().invoke(main, ["verify", str(record)])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert result.stderr.startswith("Refused")
