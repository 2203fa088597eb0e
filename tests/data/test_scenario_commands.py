"""The commands on scenarios of several years: what they keep, print again to the same digits, and refuse."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from data.store.engine import make_engine
from tests.support import store_fingerprint
from tests.years_site import SERVICE, make_years_store

GROWTH = ("--price-growth", "0.03", "--budget-growth", "0.1")
SAVED = ("--save", "Plan a tres", "--owner", "ana")


@pytest.fixture
def url(tmp_path, monkeypatch):
    made = make_years_store(tmp_path, has_doubt=False)
    made.factory.kw["bind"].dispose()
    found = f"sqlite:///{tmp_path / 'simulate.sqlite'}"
    monkeypatch.setenv("DATABASE_URL", found)
    monkeypatch.setattr("data.commands.opened.migrate", lambda url: None)  # the tables are there, without a history
    return found


def asked(*arguments: object):
    return CliRunner().invoke(main, ["scenario", *map(str, arguments), "--json"])


def answered(*arguments: object):
    result = asked(*arguments)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_the_best_plan_is_kept_shown_again_and_run_again_from_its_own_file(url, tmp_path):
    found = answered("optimise", "lomas", "--years", 3, "--max-change", 0.2, *GROWTH, *SAVED)
    shown = answered("show", "lomas", found["scenario"], "--file", tmp_path / "plan.csv")
    assert (shown["years"], shown["same_digits"], shown["differs"]) == (3, True, [])
    assert shown["growth"] == {"price_growth": 0.03, "budget_growth": 0.1, "population_growth": None}
    proposed = {(row["year"], row["programme"], row["area"]): row["amount"] for row in found["allocation"]}
    for row in shown["allocation"]:
        amount = proposed[row["year"], row["programme"], row["area"]]
        assert float(row["amount"]) == pytest.approx(amount, abs=0.011)  # whole cents
    again = answered("run", "lomas", "--allocation", tmp_path / "plan.csv", "--years", 3, *GROWTH)
    assert again["horizon"] == shown["results"]["horizon"]
    listed = answered("list", "lomas")["scenarios"]
    assert [(row["years"], row["spent"]) for row in listed] == [(3, shown["results"]["horizon"]["spent"])]


def test_scenarios_of_one_year_and_plans_are_compared_over_the_plans_years(url, tmp_path):
    (tmp_path / "less.csv").write_text(f"programme,area,amount\n{SERVICE},lomas-S1,1000.00\n")
    one = answered("run", "lomas", "--allocation", tmp_path / "less.csv", "--save", "Un año", "--owner", "ana")
    plan = answered("optimise", "lomas", "--years", 3, "--max-change", 0.2, *SAVED)
    found = answered("compare", "lomas", one["scenario"], plan["scenario"])
    assert found["years"] == 3
    assert [row["is_carried_on"] for row in found["scenarios"]] == [True, False]
    assert [len(row["results"]["years"]) for row in found["scenarios"]] == [3, 3]
    shown = answered("show", "lomas", plan["scenario"])
    assert found["scenarios"][1]["results"]["horizon"] == shown["results"]["horizon"]


@pytest.mark.parametrize(
    ("rows", "years", "words"),
    [
        (f"{SERVICE},lomas-S1,1000.00,4\n", 3, "it has the years 1 to 3"),
        (f"{SERVICE},lomas-S1,1000.005,2\n", 3, "in whole cents"),
        (f"{SERVICE},lomas-S1,99000000.00,2\n", 3, "Year 2"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_nothing_is_kept(url, tmp_path, rows, years, words):
    file = tmp_path / "plan.csv"
    file.write_text(f"programme,area,amount,year\n{rows}")
    engine = make_engine(url)
    before = store_fingerprint(engine)
    refused = asked("run", "lomas", "--allocation", file, "--years", years, *SAVED)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert words in refused.stderr
    assert store_fingerprint(engine) == before
    engine.dispose()
