"""Results that others published, met to every digit they printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from budget_model.__main__ import main

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "examples"

pytestmark = pytest.mark.shared


def run_estimate(*arguments: object) -> dict[str, dict]:
    result = CliRunner().invoke(main, ["estimate", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return {row["indicator"]: row for row in json.loads(result.stdout)["estimates"]}


def rounded_like(value: float, printed: float) -> float:
    """The value with as many digits as the printed number has."""
    text = repr(printed).split("e")[0]
    return round(value, len(text.split(".")[1])) if "." in text else round(value)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_stratified_sample_of_californian_schools(shared_data, engine):
    published = json.loads((shared_data / "survey" / "api_golden.json").read_text())
    rows = run_estimate(
        shared_data / "survey" / "api_stratified.csv", "--indicators", EXAMPLES / "api_stratified.yaml",
        "--weight", "pw", "--strata", "stype", "--fpc", "fpc", "--engine", engine,
    )  # fmt: skip
    mean, total = published["mean_api00"], published["total_enroll"]
    assert rounded_like(rows["API00"]["estimate"], mean["value"]) == mean["value"]
    assert rounded_like(rows["API00"]["se"], mean["se"]) == mean["se"]
    assert round(rows["ENROLL"]["count"]) == total["value"]
    assert round(rows["ENROLL"]["count_se"]) == total["se"]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_multidimensional_poverty_in_eswatini(shared_data, engine):
    published = json.loads((shared_data / "survey" / "mpi_eswatini_golden.json").read_text())
    rows = run_estimate(
        shared_data / "survey" / "mpi_eswatini_mics2014.csv", "--indicators", EXAMPLES / "eswatini_mpi.yaml",
        "--weight", "Weight", "--strata", "Strata", "--psu", "PSU", "--engine", engine,
    )  # fmt: skip
    printed = published["M0"]
    for ours, theirs in [
        ("estimate", "value"),
        ("se", "se"),
        ("ci_low", "lower95_logit"),
        ("ci_high", "upper95_logit"),
    ]:
        assert rounded_like(rows["MPI"][ours], printed[theirs]) == printed[theirs], ours
    assert rows["POOR"]["estimate"] == pytest.approx(published["recomputed_here"]["H"], rel=1e-12)
    assert rows["MPI"]["estimate"] / rows["POOR"]["estimate"] == pytest.approx(
        published["recomputed_here"]["A"], rel=1e-12
    )


def test_nairobi_households_count_non_blank_answers_only(shared_data, tmp_path):
    published = json.loads((shared_data / "xlsform" / "ceat_nairobi_golden.json").read_text())
    table = {item["variable"]: item["table"] for item in published["indicators"]}
    catalogue = tmp_path / "nairobi.yaml"
    catalogue.write_text(
        "- {id: WCshared, label: {en: Shared toilet}, level: household, universe: true, "
        "numerator: ToiletFacilitySHARE = 'Y', direction: down, version: 1}\n"
    )
    file = shared_data / "xlsform" / "ceat_nairobi_households.csv"
    result = CliRunner().invoke(main, ["estimate", str(file), "--indicators", str(catalogue), "--by", "Site", "--json"])
    rows = {row["Site"]: row for row in json.loads(result.stdout)["estimates"]}
    for printed in table["WCshared"]:
        ours = rows[printed["site"]]
        assert (ours["n"], ours["count"]) == (printed["n"], printed["count"])
        assert round(100 * ours["estimate"], 6) == printed["percent"]


def test_a_latin_1_survey_file_is_read_and_the_guess_is_said(shared_data, tmp_path):
    # SOURCES.md counts 3325 men, 3876 women and 694 blanks in the file
    catalogue = tmp_path / "enaho.yaml"
    catalogue.write_text(
        "- {id: ADULT, label: {en: Adults}, level: person, universe: true, "
        "numerator: P208_02 >= 18, direction: up, version: 1}\n"
    )
    file = shared_data / "survey" / "peru_enaho_2024_q2_modulo85.csv"
    result = CliRunner().invoke(
        main, ["estimate", str(file), "--indicators", str(catalogue), "--by", "P207_02,AÑO", "--json"]
    )
    assert {row["P207_02"]: row["n"] for row in json.loads(result.stdout)["estimates"]} == {1: 3325, 2: 3876}
    assert "read as Windows-1252" in result.stderr
    assert "694 rows have no answer in 'P207_02'" in result.stderr
