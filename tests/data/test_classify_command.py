"""`budget classify`: a labelled table teaches, another one is guessed and held against the labels that it has."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from data.commands.budget import budget


@pytest.fixture
def run(tmp_path):
    def asked(known, unknown=None, *options, code=0):
        files = []
        for name, rows in (("known.csv", known), ("unknown.csv", unknown)):
            if rows is not None:
                file = tmp_path / name
                file.write_text("title,marker\n" + "".join(f"{title},{marker}\n" for title, marker in rows))
                files.append(str(file))
        found = CliRunner().invoke(budget, ["classify", *files, "--label", "marker", *(options or ("--text", "title"))])
        assert found.exit_code == code, found.output
        return found.output

    return asked


KNOWN = [
    *((f"casa de mujeres zona {number}", "2") for number in range(12)),
    *((f"pistas del sector {number}", "0") for number in range(14)),
]


def test_guesses_of_another_file_come_with_words_and_are_held_against_its_labels(run):
    unknown = [("Mujeres", "2"), ("Pistas", "2"), ("Pistas nuevas", ""), ("zzz", "0")]
    found = json.loads(run(KNOWN, unknown, "--text", "title", "--json"))
    assert found["learnt_from"] == 26
    assert found["quality"]["accuracy"] == 1.0
    guesses = [one["guess"] and one["guess"]["value"] for one in found["guesses"]]
    assert guesses == ["2", "0", "0", None]
    assert "mujeres" in found["guesses"][0]["guess"]["words"]
    assert [one["line"] for one in found["guesses"]] == [2, 3, 4, 5]
    measured = found["measured"]  # three have a label: one of them is guessed right; always 0 is right once
    assert (measured["texts"], measured["accuracy"]) == (3, pytest.approx(1 / 3))
    assert measured["majority_accuracy"] == pytest.approx(1 / 3)


def test_too_little_is_told_and_a_wrong_column_is_refused_with_those_that_are_there(run):
    assert "there are '0': 1" in run([("Pistas", "0")])
    assert "There is no column 'name'. The header has: title, marker." in run(KNOWN, None, "--text", "name", code=1)
    assert "no row" in run([], code=1)
