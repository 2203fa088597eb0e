"""A record that somebody changed: each value of another kind is a sentence, and never a fault of the program."""

import copy
import json

import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.plan.sealed import fingerprint
from tests.data.test_pabulib_bad_input import GOOD

QUORUM = {
    "rule": {
        "registered": None, "kind": "at_least", "value": "1/2", "by_zone": False, "citation": "", "effective_on": None,
    },
    "registered": 4, "registered_needed": None, "voted": 3, "voted_needed": 2, "zones": [], "reached": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("record")
    (folder / "vote.pb").write_text(GOOD)
    sealed = folder / "record.json"
    assert CliRunner().invoke(main, ["votes", "seal", str(folder / "vote.pb"), str(sealed)]).exit_code == 0
    return json.loads(sealed.read_text())


def verify(tmp_path, text, *options):
    path = tmp_path / "record.json"
    path.write_text(text)
    return CliRunner().invoke(main, ["verify", str(path), *options])


def changed(record, place, value, quorum=None):
    """The record with another value at a place such as `rule.ties`, and the hash that belongs to it."""
    document = copy.deepcopy(record)
    if quorum:
        document["contents"]["quorum"] = copy.deepcopy(quorum)
    *way, last = place.split(".")
    held = document["contents"]
    for key in way:
        held = held[key]
    held[last] = value
    document["hash"] = fingerprint(document)
    return document


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("ballots", None),
        ("rule", []),
        ("result", []),
        ("rule.rule", 3),
        ("rule.ties", 3),
        ("rule.utility", "foo"),
        ("rule.utility", ["a"]),
        ("rule.stop_at_first", 1),
        ("rule.least_votes", "x"),
        ("rule.least_votes", True),
        ("rule.least_votes", -1),
        ("rule.least_votes", 10**300),
        ("rule.least_score", "x"),
        ("rule.exclusive", [["a"]]),
        ("rule.exclusive", [["a", "a"]]),
        ("rule.exclusive", [[1, 2]]),
        ("quorum", "x"),
        ("quorum", []),
        ("quorum.rule", 3),
        ("quorum.voted", None),
        ("quorum.zones", [3]),
        ("quorum.rule.kind", []),
        ("quorum.rule.value", "1/0"),
        ("quorum.rule.value", "1e999999"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_place(tmp_path, record, place, value):
    result = verify(tmp_path, json.dumps(changed(record, place, value, QUORUM)))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert result.stderr.startswith("Refused")
    assert f"The record says {place} = " in result.stderr


@pytest.mark.parametrize("place", ["rule.ties", "result", "quorum.rule.value"])
def test_what_a_record_lacks_is_named(tmp_path, record, place):
    document = changed(record, place, None, QUORUM)
    *way, last = place.split(".")
    held = document["contents"]
    for key in way:
        held = held[key]
    del held[last]
    result = verify(tmp_path, json.dumps(document))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert f"The record lacks {place}." in result.stderr


def test_a_rule_with_more_than_a_rule_has_is_refused(tmp_path, record):
    result = verify(tmp_path, json.dumps(changed(record, "rule.winner", "a")))
    assert "besides, which no record has, rule.winner" in result.stderr


@pytest.mark.parametrize(
    ("key", "value"), [("kind", []), ("kind", {}), ("hash", 3), ("contents", []), ("contents", None)]
)
def test_a_frame_of_another_kind_is_refused(tmp_path, record, key, value):
    result = verify(tmp_path, json.dumps({**record, key: value}))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert result.stderr.startswith("Refused")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 5000])
def test_numbers_that_no_record_can_hold_are_refused(tmp_path, record, number):
    result = verify(tmp_path, json.dumps(record).replace('"least_votes": 0', f'"least_votes": {number}'))
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert result.stderr.startswith("Refused")


def test_half_a_character_is_refused(tmp_path, record):
    text = json.dumps(record).replace('"program": "cbms', '"program": "\\ud800cbms')
    result = verify(tmp_path, text)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "broken characters" in result.stderr


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("program", 99, "no version of this program"),
        ("program", "cbms-grb 99", "no version of this program"),
        ("program", "cbms-grb 99.0.0", "newer than"),
        ("rule.exclusive", [["YY", "ZZ"]], "excludes YY, ZZ"),
    ],
)
def test_what_changes_no_count_is_remarked(tmp_path, record, place, value, words):
    result = verify(tmp_path, json.dumps(changed(record, place, value)))
    assert result.exit_code == 0
    assert "The record holds" in result.stdout
    assert words in result.stdout


TIE = {"round": 3, "tied": ["a", "b"], "chosen": "a", "rule": "lexicographic"}


@pytest.mark.parametrize("program", [None, "cbms-grb 0.5.0"])
def test_an_honest_record_of_an_earlier_version_that_told_another_tie_holds_with_a_remark(tmp_path, record, program):
    document = changed(record, "result.ties", [TIE])
    document["contents"].pop("program")
    document["contents"] |= {"program": program} if program else {}
    document["hash"] = fingerprint(document)
    result = verify(tmp_path, json.dumps(document))
    assert result.exit_code == 0
    assert "told ties that decided nothing" in result.stdout


@pytest.mark.parametrize("program", ["cbms-grb 0.6.0", "cbms-grb x", 3])
def test_another_tie_does_not_hold_where_the_record_names_no_earlier_version(tmp_path, record, program):
    document = changed(record, "result.ties", [TIE])
    document["contents"]["program"] = program
    document["hash"] = fingerprint(document)
    result = verify(tmp_path, json.dumps(document))
    assert result.exit_code == 1
    assert "does NOT hold" in result.stdout
