"""`budget statement`, `trends`, `prices` and `suggest` on the command line, over three lines of 100.00 each."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner

from data.commands.budget import budget
from data.store.engine import make_engine, session_factory, transaction
from data.store.lines import save_lines
from data.store.sites import load_site
from data.workflows.tags import approve_tag, propose_tag, review_tag
from tests.store_builders import budget_row
from tests.tag_builders import ANA, BETO, PRINCIPAL, SITE, make_tag_site


@pytest.fixture
def run(sqlite_url, monkeypatch):
    """Line `a` is approved as principal; `b` and `c` are untagged."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    factory = session_factory(engine)
    make_tag_site(factory)
    line = (factory, SITE, 2026, "a")
    propose_tag(*line, PRINCIPAL, "Plan", ANA)
    review_tag(*line, BETO)
    approve_tag(*line, BETO)
    engine.dispose()

    def called(*arguments, code=0):
        result = CliRunner().invoke(budget, [*arguments, "--site", SITE])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.output

    return called


def test_a_statement_tells_what_counts_and_what_is_unknown(run):
    found = run("statement", "--year", "2026", "--json")
    counted = found["counted"]
    assert (counted["amounts"]["pim"], counted["unknown"]["pim"], counted["total"]["pim"]) == ("100", "200", "300")
    assert counted["amounts"]["accrued"] is None  # no line has the stage: not 0
    classes = {one["code"]: one["pim"] for one in found["classes"]["oecd_dac"]["classes"]}
    assert (classes["2"], classes["1"]) == ("100", None)
    assert (found["floor"]["verdict"], found["floor"]["least"]) == ("unknown", "0")
    assert (counted["execution_of_the_rest"], counted["execution_reason"]) == (None, None)  # nobody accrued anything
    assert "whole budget" in run("statement", "--year", "2026")
    assert "no budget lines of 1999" in run("statement", "--year", "1999", code=1)
    run("statement", "--year", "2026", "--scheme", "oecd_dac", code=1)


def test_the_rest_of_a_year_without_tags_is_unknown_with_its_reason(run):
    """By the women's share, which the tag of `a` does not state, nothing is known of any line."""
    counted = run("statement", "--year", "2026", "--scheme", "in_gbs", "--json")["counted"]
    assert counted["execution_of_the_rest"] is None
    assert "unknown, which is not 0" in counted["execution_reason"]
    assert "the rest                        –" in run("statement", "--year", "2026", "--scheme", "in_gbs")


def test_a_statement_is_written_as_its_files_ending_says_and_no_other_ending_is_taken(run, tmp_path):
    run("statement", "--year", "2026", "--output", str(tmp_path / "s.pdf"))
    assert (tmp_path / "s.pdf").read_bytes().startswith(b"%PDF-")
    run("statement", "--year", "2026", "--output", str(tmp_path / "s.csv"), "--language", "en")
    text = (tmp_path / "s.csv").read_text(encoding="utf-8-sig")
    rows = [row.split(",") for row in text.splitlines()]
    assert next(row for row in rows if row[0] == "Modified budget (PIM)")[1:] == ["100.00", "200.00", "300.00"]
    assert next(row for row in rows if row[0] == "Accrued")[1:] == ["", "", ""]  # no line has the stage: not 0
    for words in ("Currency", "PEN", "Approved tags only"):
        assert words in text
    run("statement", "--year", "2026", "--output", str(tmp_path / "es.csv"))  # Spanish, as the other commands
    spanish = (tmp_path / "es.csv").read_text(encoding="utf-8-sig")
    for words in (
        "Presupuesto modificado (PIM)",
        "2 · Principal",
        "Por marcador de género",
        "Solo etiquetas aprobadas",
    ):
        assert words in spanish
    for code in ("not_screened", "ph_hgdg", "Stage", "pim,"):
        assert code not in spanish
    assert "neither in .pdf" in run("statement", "--year", "2026", "--output", str(tmp_path / "s.doc"), code=1)
    assert not (tmp_path / "s.doc").exists()


def test_trends_are_real_once_a_price_index_is_kept_and_an_unsound_one_is_refused(run, tmp_path):
    (year,) = run("trends", "--json")["years"]
    assert (year["as_tagged"], year["untagged"], year["real"], year["change"]) == ("100", "200", None, None)
    file = tmp_path / "ipc.csv"
    file.write_text("year,index\n2026,-5\n")
    assert "above 0" in run("prices", str(file), "--source", "INEI", code=1)
    file.write_text("year,index\n2026,125\n")
    run("prices", str(file), "--source", "INEI")
    found = run("trends", "--json")
    assert (found["base_year"], found["price_source"]) == (2026, "INEI")
    assert float(found["years"][0]["real"]) == 100
    assert "one taxonomy" in run("trends")


def test_amounts_per_woman_and_per_person_are_said_once_the_population_is_kept(run, tmp_path):
    (year,) = run("trends", "--json")["years"]
    assert (year["women"], year["as_tagged_per_woman"], year["as_tagged_per_person"]) == (None, None, None)
    file = tmp_path / "population.csv"
    file.write_text("year,women,men\n2026,0,10\n")
    assert "whole numbers" in run("population", str(file), "--source", "INEI", code=1)
    file.write_text("year,women,men\n2026,40,10\n")
    assert run("population", str(file), "--source", "INEI", "--json")["population"] == {
        "2026": {"women": 40, "men": 10}
    }
    found = run("trends", "--json")
    assert found["population_source"] == "INEI"
    (year,) = found["years"]  # 100.00 over 40 women, and over 50 persons
    assert (float(year["as_tagged_per_woman"]), float(year["as_tagged_per_person"])) == (2.5, 2)


def test_suggestions_say_when_there_is_too_little_to_learn_from(run):
    found = run("suggest", "--year", "2026", "--json")
    assert found["quality"] is None
    assert [one["code"] for one in found["lines"]] == ["b", "c"]  # `a` has a tag
    assert "too little to learn" in run("suggest", "--year", "2026")


def test_years_without_the_stage_are_named_and_no_change_is_told_from_unknown_years(run, sqlite_url):
    engine = make_engine(sqlite_url)
    with transaction(session_factory(engine)) as session:
        site_id = load_site(session, SITE).id
        save_lines(
            session,
            site_id,
            "test",
            [budget_row("a", 2024, pia=Decimal(90), pim=None), budget_row("a", 2025, pim=Decimal(95))],
        )
    engine.dispose()
    found = run("trends", "--json")
    assert found["years_without_stage"] == [2024]
    assert [(year["year"], year["as_tagged"], year["change"]) for year in found["years"]] == [
        (2025, None, None),
        (2026, "100", None),
    ]
    assert "No line of 2024 has the stage pim" in run("trends")


def test_alerts_are_of_the_newest_tagged_year_and_say_which_rules_could_not_be_asked(run, sqlite_url):
    """2027 comes in without a tag: its silence is no good news. Of `a` 10 of 100 were accrued, of `b` 50 of 100."""
    engine = make_engine(sqlite_url)
    with transaction(session_factory(engine)) as session:
        site_id = load_site(session, SITE).id
        rows = [budget_row("a", 2026, pim=Decimal(100), accrued=Decimal(10))]
        rows.append(budget_row("b", 2026, pim=Decimal(100), accrued=Decimal(50)))
        save_lines(session, site_id, "test", [*rows, budget_row("a", 2027, pim=Decimal(100), accrued=Decimal(10))])
    engine.dispose()
    found = run("trends", "--json")
    slow = next(one for one in found["alerts"] if one["rule"] == "slow")
    assert (found["alert_year"], slow["year"], slow["lines"]) == (2026, 2026, ["a"])
    assert (Decimal(slow["own"]), Decimal(slow["rest"])) == (Decimal("0.1"), Decimal("0.5"))
    untagged = run("trends", "--year", "2027", "--json")
    assert (untagged["alert_year"], untagged["alerts"]) == (2027, [])
    assert untagged["rules_not_asked"] == ["cut", "slow", "gone", "december"]
    assert "2027 has no approved tag" in run("trends", "--year", "2027")
    assert "There are: 2026, 2027" in run("trends", "--year", "1999", code=1)


@pytest.mark.parametrize("command", [("trends",), ("statement", "--year", "2026")])
def test_a_scheme_that_counts_no_money_is_not_called_unknown(run, command):
    told = run(*command, "--scheme", "sharp", code=1)
    assert "counts no money" in told
    assert "eu_eige" in told
    assert "no scheme 'nothing'" in run(*command, "--scheme", "nothing", code=1)


def test_a_floor_has_no_totals_of_lines(run):
    assert "is a floor" in run("tags", "totals", "--scheme", "ph_five_percent", code=1)
