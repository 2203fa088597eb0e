"""Votes on the site from the command line: opened, codes printed, closed; refused with exit code 1 and a sentence."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from tests.ballot_builders import SECRET, make_voting_site

DAYS = ["--opens", "2026-11-20T08:00", "--closes", "2036-11-20T08:00"]


@pytest.fixture
def run(factory, database_url, tmp_path, monkeypatch):
    make_voting_site(factory)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VAR_FOLDER", str(tmp_path))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    return lambda *arguments: CliRunner().invoke(main, ["votes", *map(str, arguments)])


def test_a_vote_is_opened_printed_and_closed(run, tmp_path, monkeypatch):
    days = ["--opens", "2026-11-20T08:00", "--closes", "2027-01-20T08:00"]
    opened = run("open", "lomas", 2027, "--kind", "points", "--most", 5, "--by", "sex", *days, "--json")
    assert opened.exit_code == 0, opened.output
    assert json.loads(opened.stdout)["votes"][0]["opens_at"] == "2026-11-20T13:00+00:00"  # eight by the clock of Lima
    sheet = [
        "codes",
        "lomas",
        2027,
        tmp_path / "sheet.pdf",
        "--number",
        3,
        "--sex",
        "F",
        "--address",
        "http://x/ballot",
    ]
    refused = run(*sheet)
    assert refused.exit_code == 1
    assert "SECRET_KEY is not set" in refused.output
    monkeypatch.setenv("SECRET_KEY", SECRET)
    made = run(*sheet, "--json")
    assert json.loads(made.stdout)["codes"] == 3
    assert (tmp_path / "sheet.pdf").read_bytes()[:5] == b"%PDF-"
    shown = json.loads(run("boxes", "lomas", 2027, "--json").stdout)["votes"][0]
    assert (shown["state"], shown["codes"], shown["used"]) == ("open", 3, 0)
    assert run("close", "lomas", 2027).exit_code == 1
    closed = run("close", "lomas", 2027, "--reason", "a rehearsal", "--json")
    assert json.loads(closed.stdout)["ballots"] == 0


def test_what_cannot_be_voted_on_is_refused_in_words(run):
    long = run("open", "lomas", 2027, "--kind", "approval", *DAYS)
    assert long.exit_code == 1
    assert "lasts 120 days at most" in long.output
    assert run("close", "lomas", 2027).exit_code == 1
    assert run("open", "lomas", 2027, "--kind", "lottery", *DAYS).exit_code == 2


def test_groups_are_named_one_by_one_or_with_commas_and_none_is_lost(run):
    days = ["--opens", "2026-11-20T08:00", "--closes", "2027-01-20T08:00"]
    opened = run("open", "lomas", 2027, "--kind", "approval", "--by", "sex", "--by", "age,zone", *days, "--json")
    assert opened.exit_code == 0, opened.output
    assert json.loads(opened.stdout)["votes"][0]["by"] == ["sex", "age", "zone"]
