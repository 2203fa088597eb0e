"""Which known word is offered for an unknown one."""

from __future__ import annotations

from pathlib import Path

import pytest

from budget_model.spelling import did_you_mean, nearest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("word", "offered"),
    [("numarator", "numerator"), ("NUMERATOR", "numerator"), ("ano", "año"), ("zzz", None), ("", None)],
)
def test_the_nearest_word_is_found_without_regard_to_case_and_accents(word, offered):
    assert nearest(word, ["universe", "numerator", "año"]) == offered


def test_where_nothing_is_near_what_is_known_is_listed_and_nothing_where_nothing_is():
    assert did_you_mean("watr", ["water", "care"]) == " Did you mean 'water'?"
    assert did_you_mean("xyz", ["water", "care"]) == " Known here: 'water', 'care'."
    assert did_you_mean("xyz", [f"n{i}" for i in range(13)]).endswith("'n11' ….")
    assert did_you_mean("xyz", []) == ""


def test_words_are_compared_in_one_place_only():
    files = [file for room in ("budget_model", "data", "dashboard") for file in (ROOT / room).rglob("*.py")]
    assert [file.name for file in files if "difflib" in file.read_text(encoding="utf-8")] == ["spelling.py"]
