"""`budget tag`, `budget tags` and `budget schemes` on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from data.commands.budget import budget
from data.store.engine import make_engine, session_factory
from tests.tag_builders import ANA, BETO, SITE, make_tag_site

LINE = ["--site", SITE, "--year", "2026", "--code", "a"]
WHY = ["--set", "objective=Less violence", "--set", "indicator=IPV12", "--set", "gap=35.6 %"]


@pytest.fixture
def run(sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    make_tag_site(session_factory(engine))
    engine.dispose()

    def called(*arguments, code=0):
        result = CliRunner().invoke(budget, list(arguments))
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.output

    return called


def propose(run, *more, **options):
    return run("tag", "propose", *LINE, "--rationale", "Plan", "--as", ANA, *more, **options)


def test_a_tag_goes_through_all_its_steps(run):
    document = propose(run, "--set", "marker=2", *WHY, "--set", "needs=IPV12=0.6; NOHELP=0.4 nested", "--json")
    assert (document["version"], document["state"], document["author"]) == (1, "proposed", ANA)
    assert document["content"]["needs"][1] == {"need": "NOHELP", "weight": "0.4", "overlap": "nested"}
    assert "another person must review" in run("tag", "review", *LINE, "--as", ANA, code=1)
    assert run("tag", "review", *LINE, "--as", BETO, "--json")["state"] == "reviewed"
    assert run("tag", "approve", *LINE, "--as", BETO, "--json")["approved_version"] == 3
    assert run("tag", "dispute", *LINE, "--reason", "No indicator", "--as", "mona", "--json")["state"] == "disputed"
    back = run("tag", "return", *LINE, "--to", "3", "--reason", "It has one", "--as", BETO, "--json")
    assert (back["version"], back["state"], back["approved_version"]) == (5, "proposed", 3)
    shown = run("tag", "show", *LINE, "--json")
    assert [one["action"] for one in shown["versions"]] == ["propose", "review", "approve", "dispute", "return"]
    assert shown["versions"][-1]["restored_version"] == 3
    told = run("tag", "return", *LINE, "--to", "1", "--reason", "Or that", "--as", ANA)
    assert "is proposed (version 6). Version 3 goes on counting until another one is approved." in told


def test_what_is_unsound_is_refused_with_exit_code_1(run):
    assert "needs an explicit objective" in propose(run, "--set", "marker=2", code=1)
    assert "'colour=red' sets no facet" in propose(run, "--set", "colour=red", code=1)
    assert "Say who you are: --as LOGIN" in run("tag", "review", *LINE, code=1)
    propose(run, "--set", "marker=0")
    assert "'ana' saved version 1" in propose(run, "--set", "marker=-1", "--based-on", "0", code=1)


def test_a_tag_may_stand_in_a_file(run, tmp_path):
    file = tmp_path / "tag.yaml"
    file.write_text("marker: '0'\nwomen_share_percent: 40\nwomen_share_method: survey\n", encoding="utf-8")
    content = propose(run, "--file", str(file), "--json")["content"]
    assert content == {"marker": "0", "women_share_percent": "40", "women_share_method": "survey"}


def test_a_bulk_change_is_shown_and_then_done(run):
    arguments = ["tag", "bulk", "--site", SITE, "--year", "2026", "--set", "sharp=S3", "--rationale", "General"]
    where = ["--where", "activity=Activity b", "--as", ANA, "--json"]
    shown = run(*arguments, *where)
    assert (shown["applied"], shown["changed"], [line["code"] for line in shown["lines"]]) == (False, 1, ["b"])
    assert "no tag" in run("tag", "review", "--site", SITE, "--year", "2026", "--code", "b", "--as", BETO, code=1)
    assert run(*arguments, "--apply", *where)["applied"]
    assert run("tag", "show", "--site", SITE, "--year", "2026", "--code", "b", "--json")["versions"][0]["author"] == ANA
    assert "No line of 2026 fits" in run(*arguments, "--where", "activity=none", code=1)


def test_totals_are_of_approved_tags_by_one_scheme(run):
    propose(run, "--set", "marker=1", *WHY)
    totals = ["tags", "totals", "--site", SITE, "--year", "2026", "--scheme", "eu_eige", "--json"]
    assert run(*totals)["counted"] is None  # nothing is approved: unknown, which is not 0
    run("tag", "review", *LINE, "--as", BETO)
    run("tag", "approve", *LINE, "--as", BETO)
    document = run(*totals)
    assert (document["counted"], document["screened"], document["total"]) == ("40", "100", "300")
    assert document["uncounted"] == {"not_screened": {"lines": 2, "amount": "200"}}
    assert "There is no scheme 'nobody'" in run(*totals[:-3], "--scheme", "nobody", code=1)


def test_ratings_and_their_agreement(run):
    propose(run, "--set", "marker=0")
    run("tag", "rate", *LINE, "--scheme", "oecd_dac", "--value", "1", "--as", "mona")
    document = run("tag", "agreement", "--site", SITE, "--scheme", "oecd_dac", "--json")
    assert (document["units"], document["raters"], document["pairs"][0]["agreed"]) == (1, [ANA, "mona"], 0)
    assert "is no class of" in run("tag", "rate", *LINE, "--scheme", "sharp", "--value", "1", "--as", "mona", code=1)


def test_tags_go_out_and_come_in_again(run, tmp_path):
    propose(run, "--set", "marker=0", "--evidence", "=cmd()")
    file = str(tmp_path / "tags.csv")
    run("tags", "export", file, "--site", SITE)
    assert "'=cmd()" in (tmp_path / "tags.csv").read_text(encoding="utf-8-sig")
    document = run("tags", "import", file, "--site", SITE, "--as", BETO, "--json")
    assert (document["proposed"], document["unchanged"]) == (0, 1)


def test_schemes_are_listed_and_a_form_is_scored(run):
    listed = {scheme["id"]: scheme for scheme in run("schemes", "list", "--json")["schemes"]}
    assert {"oecd_dac", "ph_hgdg", "mx_annex13"} <= set(listed)
    items = [item["code"] for element in listed["ph_hgdg"]["elements"] for item in element["items"]]
    best = {"6.1": 0.67, "6.2": 0.67, "6.3": 0.67, "10.1": 0.67, "10.2": 0.67, "10.3": 0.67}
    two = {"2.0", "4.0", "5.0", "7.0", "8.0"}
    answers = "; ".join(f"{item}={best.get(item, 2 if item in two else 1)}" for item in items)
    document = run("schemes", "score", "--answers", answers, "--json")
    assert (document["score"], document["band"], document["share"]) == ("20", "100", "1")
    assert "Questions without an answer" in run("schemes", "score", "--answers", "1.1=1", code=1)


def test_approved_tags_are_carried_over_to_the_same_lines_of_another_year(run):
    propose(run, "--set", "marker=0")
    assert "has no budget lines of 2027" in run(
        "tags", "carry", "--site", SITE, "--from", "2026", "--to", "2027", "--as", ANA, code=1
    )
