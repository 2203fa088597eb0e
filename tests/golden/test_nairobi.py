"""The second site, from raw files to a scenario, through the commands that `docs/real-input.md` prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from budget_model.__main__ import main

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "examples" / "nairobi"

pytestmark = pytest.mark.shared


def run(*arguments: object) -> dict[str, Any]:
    """The JSON that a command prints; standard output holds nothing else."""
    result = CliRunner().invoke(main, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def chain(shared_data, tmp_path_factory) -> dict[str, Any]:
    """Everything that the commands printed, in their order, and where the store lies."""
    folder = tmp_path_factory.mktemp("nairobi")
    forms = shared_data / "xlsform"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{folder / 'store.sqlite'}")
        patch.setenv("BANK_FOLDER", str(folder / "bank"))
        done: dict[str, Any] = {"folder": folder}
        done["site"] = run("site", "add", "nairobi", "--name", "Nairobi", "--country", "KE", "--currency", "KES")
        done["survey"] = run(
            *("survey", "import", "nairobi", "2021", "--persons", forms / "ceat_nairobi_individuals.csv"),
            *("--households", forms / "ceat_nairobi_households.csv", "--map", EXAMPLE / "mapping.yaml"),
        )
        design = ("--strata", "settlement", "--psu", "household_id")
        bank = folder / "bank" / "nairobi" / "2021"
        for level, name in (("household", "households"), ("person", "persons")):
            catalogue = EXAMPLE / f"published_{name}.yaml"
            for by in ((), ("--by", "settlement")):
                data = bank / f"{name}.parquet"
                done[level, by] = run("estimate", data, "--indicators", catalogue, *by, *design)["estimates"]
        done["needs"] = run("indicators", "run", "nairobi", "2021", "--catalogue", EXAMPLE / "needs.yaml")
        done["programmes"] = run("programmes", "import", "nairobi", EXAMPLE / "programmes.yaml")
        done["today"] = run("scenario", "run", "nairobi")
        patch.setenv("USER_PASSWORD", "a long enough password")
        run("user", "add", "wanjiru", "--name", "Wanjiru")
        run("user", "role", "wanjiru", "official", "--site", "nairobi")
        allocation = folder / "allocation.csv"
        allocation.write_text(ALLOCATION, encoding="utf-8")
        done["moved"] = run(
            *("scenario", "run", "nairobi", "--allocation", allocation, "--save", "Lamps first", "--owner", "wanjiru")
        )
        done["list"] = run("scenario", "list", "nairobi")
    return done


ALLOCATION = """programme,area,amount
safe-toilets,mabatini,320000.00
housing,mabatini,50000.00
"""


def published(shared_data: Path) -> list[tuple[str, str, int, int, float]]:
    """(indicator, settlement or Nairobi, n, count, percent) as the source printed them."""
    golden = json.loads((shared_data / "xlsform" / "ceat_nairobi_golden.json").read_text(encoding="utf-8"))
    return [
        (
            indicator["variable"] + ("U5" if "under five years" in indicator["name"] else ""),
            row["site"],
            row["n"],
            row["count"],
            row["percent"],
        )
        for indicator in golden["indicators"]
        for row in indicator["table"]
    ]


def test_every_published_figure_is_met_to_its_printed_digits(chain, shared_data):
    found = {}
    for level in ("household", "person"):
        for by in ((), ("--by", "settlement")):
            for row in chain[level, by]:
                found[row["indicator"], row.get("settlement", "nairobi")] = row
    figures = published(shared_data)
    assert len(figures) == 38
    for indicator, settlement, n, count, percent in figures:
        row = found[indicator, settlement.lower()]
        assert (row["n"], row["count"]) == (n, count), (indicator, settlement)
        assert round(100 * row["estimate"], 6) == percent, (indicator, settlement)


def test_members_by_sex_are_those_published(chain, shared_data):
    golden = json.loads((shared_data / "xlsform" / "ceat_nairobi_golden.json").read_text(encoding="utf-8"))
    persons = pl.read_parquet(chain["folder"] / "bank" / "nairobi" / "2021" / "persons.parquet")
    found = {(area, sex): number for area, sex, number in persons.group_by("settlement", "sex").len().rows()}
    for settlement, numbers in golden["members_by_sex"].items():
        assert found[settlement.lower(), "female"] == numbers["F"]
        assert found[settlement.lower(), "male"] == numbers["M"]


def test_the_run_of_the_needs_catalogue_counts_the_same_households(chain, shared_data):
    """WCunsafe is published of households; the stored needs count the people who live in them."""
    rows = {
        (row["indicator"], row["area"]): row
        for row in chain["needs"]["households"]
        if row["indicator"] == "TOILET_UNSAFE"
    }
    figures = {(i, s.lower()): (n, c) for i, s, n, c, _ in published(shared_data) if i == "WCunsafe"}
    for settlement in ("mabatini", "vietnam"):
        row = rows["TOILET_UNSAFE", settlement]
        assert (row["n"], row["count"]) == figures["WCunsafe", settlement]


def test_needs_of_women_and_men_are_the_members_of_the_households_that_lack(chain, shared_data):
    """Counted again from the raw files with a plain join."""
    forms = shared_data / "xlsform"
    households = pl.read_csv(forms / "ceat_nairobi_households.csv", infer_schema_length=None)
    persons = pl.read_csv(forms / "ceat_nairobi_individuals.csv", infer_schema_length=None)
    unsafe = households.filter(pl.col("ToiletFacilitySAFE").is_in(["During_Day", "Unsafe"]))
    members = persons.join(unsafe.select("KEY"), on="KEY").group_by("Site", "Sex").len()
    expected = {(site.lower(), {"F": "women", "M": "men"}[sex]): count for site, sex, count in members.rows()}
    found = {
        (row["area"], row["group"]): row["deficit"]
        for row in chain["needs"]["needs"]
        if row["indicator"] == "TOILET_UNSAFE" and row["area"] != "nairobi"
    }
    assert found == expected


def test_nothing_in_the_bank_leads_back_to_the_raw_file(chain, shared_data):
    keys = pl.read_csv(shared_data / "xlsform" / "ceat_nairobi_households.csv", infer_schema_length=None)["KEY"]
    for file in (chain["folder"] / "bank").rglob("*.parquet"):
        frame = pl.read_parquet(file)
        assert not {"KEY", "uuid", "Unnamed: 0"} & set(frame.columns)
        texts = {value for name, kind in frame.schema.items() if kind == pl.String for value in frame[name].unique()}
        assert not texts & set(keys)


def test_todays_money_reproduces_what_the_survey_found(chain):
    deficits = {(row["indicator"], row["area"], row["group"]): row for row in chain["needs"]["needs"]}
    rows = chain["today"]["coverage"]
    assert len(rows) == 15 * 2 * 2
    for row in rows:
        need = deficits[row["need"], row["area"], row["group"]]
        assert row["scenario"] == pytest.approx(1 - need["deficit"] / need["universe"], abs=1e-9)
    assert chain["today"]["inconsistent"] == []


def test_money_moved_to_safe_toilets_serves_more_women_than_men_and_is_kept_as_a_scenario(chain):
    needs = {row["need"]: row["groups"] for row in chain["moved"]["needs"]}
    assert needs["TOILET_UNSAFE"]["women"]["gained"] > needs["TOILET_UNSAFE"]["men"]["gained"] > 0
    assert needs["DWELLING"]["women"]["lost"] > 0
    assert chain["moved"]["spent"] <= chain["moved"]["spent_baseline"]
    assert [(row["name"], row["owner"]) for row in chain["list"]["scenarios"]] == [("Lamps first", "wanjiru")]
