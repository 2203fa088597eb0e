"""Survey files of each format, and the `estimate` command on them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyreadstat
import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.errors import InputError
from data.readers.microdata import read_microdata

ANSWERS = pl.DataFrame(
    {
        "sex": ["female", "male", "female", "male"],
        "house hold": [1, 1, 2, 2],
        "water": [0.0, 1.0, None, 0.0],
        "weight": [1.0, 2.0, 3.0, 4.0],
    }
)
CATALOGUE = """
- {id: WATER, label: {en: No safe water}, level: person, universe: TRUE, numerator: water = 0,
   direction: down, version: 1}
"""


@pytest.fixture
def catalogue(tmp_path) -> Path:
    path = tmp_path / "catalogue.yaml"
    path.write_text(CATALOGUE)
    return path


def run(*arguments: object):
    return CliRunner().invoke(main, ["estimate", *map(str, arguments)])


def answers(table) -> dict[str, list]:
    return table.get_backend().to_polars(table).to_dict(as_series=False)


def write(path: Path) -> Path:
    if path.suffix == ".csv":
        ANSWERS.write_csv(path)
    elif path.suffix == ".parquet":
        ANSWERS.write_parquet(path)
    else:
        frame = ANSWERS.rename({"house hold": "household"}).to_pandas()
        (pyreadstat.write_sav if path.suffix == ".sav" else pyreadstat.write_dta)(frame, str(path))
    return path


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.sav", "a.dta"])
def test_every_format_gives_the_same_estimates(tmp_path, catalogue, name, engine):
    result = run(write(tmp_path / name), "--indicators", catalogue, "--by", "sex", "--engine", engine, "--json")
    assert result.exit_code == 0, result.output
    rows = {row["sex"]: row for row in json.loads(result.stdout)["estimates"]}
    assert (rows["female"]["n"], rows["female"]["estimate"]) == (1, 1.0)
    assert (rows["male"]["n"], rows["male"]["estimate"], rows["male"]["se"]) == (2, 0.5, None)


def test_the_document_has_the_keys_of_the_contract_and_only_the_cells_asked_for(tmp_path, catalogue):
    file = write(tmp_path / "a.csv")
    (row,) = json.loads(run(file, "--indicators", catalogue, "--json").stdout)["estimates"]
    keys = ["indicator", "estimate", "se", "ci_low", "ci_high", "cv", "deff", "n", "units", "population", "count"]
    keys += ["count_se", "reliability"]
    assert list(row) == keys
    assert (row["units"], row["reliability"]) == (None, None)  # of a census
    rows = json.loads(run(file, "--indicators", catalogue, "--by", "sex,house hold", "--json").stdout)["estimates"]
    assert list(rows[0]) == ["indicator", "sex", "house hold", *keys[1:]]
    assert len(rows) == 4


def test_an_error_of_zero_from_one_sampling_unit_is_said_not_to_mean_exact(tmp_path, catalogue):
    file = tmp_path / "a.csv"
    file.write_text("block,area,water\n1,a,0\n1,a,1\n2,b,0\n3,b,1\n4,b,1\n", encoding="utf-8")
    catalogue.write_text(
        "- {id: W, label: {en: W}, level: person, universe: true, numerator: water = 0, direction: down, version: 1}",
        encoding="utf-8",
    )
    arguments = (file, "--indicators", catalogue, "--by", "area", "--psu", "block")
    result = run(*arguments, "--json")
    assert "1 of 2 estimates rest on the answers of a single sampling unit" in result.stderr
    rows = {row["area"]: row for row in json.loads(result.stdout)["estimates"]}
    assert (rows["a"]["units"], rows["a"]["se"], rows["a"]["reliability"]) == (1, 0.0, "unreliable")
    assert (rows["b"]["units"], rows["b"]["reliability"]) == (3, "unreliable")  # 1 of 3
    assert "unreliable" in run(*arguments).stdout


def test_people_get_a_table(tmp_path, catalogue):
    result = run(write(tmp_path / "a.csv"), "--indicators", catalogue, "--weight", "weight")
    assert result.stdout.splitlines()[0].split()[:3] == ["indicator", "estimate", "se"]
    assert result.stdout.splitlines()[1].split()[:2] == ["WATER", "0.7143"]  # 5 of 7


def test_labelled_missing_values_of_spss_are_missing(tmp_path):
    frame = pd.DataFrame({"water": [0.0, 1.0, 9.0, np.nan]})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), missing_ranges={"water": [9]})
    assert answers(read_microdata(tmp_path / "a.sav"))["water"] == [0.0, 1.0, None, None]


def test_blank_cells_and_na_are_missing_and_semicolons_are_seen(tmp_path):
    (tmp_path / "a.csv").write_text("sex;income\nF;100\nM; \nF;NA\nM;\n")
    table = read_microdata(tmp_path / "a.csv")
    assert str(table.income.type()) == "int64"
    assert answers(table) == {"sex": ["F", "M", "F", "M"], "income": [100, None, None, None]}


def test_a_file_that_is_not_utf8_is_read_as_windows_text_and_that_is_said(tmp_path):
    (tmp_path / "a.csv").write_bytes("año,niños\n2024,sí\n".encode("cp1252"))
    said: list[str] = []
    table = read_microdata(tmp_path / "a.csv", say=said.append)
    assert table.columns == ("año", "niños")
    assert said == ["a.csv is not UTF-8; read as Windows-1252 (Latin-1). Check accented letters in the answers."]


MISTAKES = [
    ("a.csv", b"sex,water\nF,1\nM\nF,0\n", "a.csv, line 3: the row has 1 cells, the header 2"),
    ("a.csv", b"sex,water\nF,1\nM,1,7\n", "a.csv, line 3: the row has 3 cells, the header 2"),
    ("a.csv", b"sex,sex\nF,1\n", "a.csv, line 1: the header has 'sex' more than once"),
    ("a.csv", b"sex,\nF,1\n", "the column 2 of the header has no name"),
    ("a.csv", b"sex,water\n", "has a header but no rows"),
    ("a.csv", b"", "The file is empty (0 bytes)"),
    ("a.csv", b"sex,water\nF\x00,1\n", "zero bytes"),
    ("a.csv", b"sex,\x81\x8d\n1,2\n", "neither UTF-8 nor Windows-1252"),
    ("a.parquet", b"sex,water\nF,1\n", "not a readable Parquet file"),
    ("a.sav", b"not a sav file", "cannot be read"),
    ("a.dta", b"not a dta file", "cannot be read"),
    ("a.ods", b"x", "the format '.ods' is not read"),
]


@pytest.mark.parametrize(("name", "content", "words"), MISTAKES)
def test_a_broken_file_is_refused_with_the_place(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_microdata(tmp_path / name)
    assert words in str(caught.value)


def test_a_broken_row_far_down_is_found(tmp_path):
    rows = ["F,1"] * 200_000
    rows[199_998] = "F"  # line 200,000 of the file
    (tmp_path / "a.csv").write_text("sex,water\n" + "\n".join(rows) + "\n")
    with pytest.raises(InputError, match=r"a\.csv, line 200,000: the row has 1 cells"):
        read_microdata(tmp_path / "a.csv")


def test_an_empty_last_line_is_no_broken_row(tmp_path):
    (tmp_path / "a.csv").write_text("sex,water\nF,1\nM,\n\n")
    assert answers(read_microdata(tmp_path / "a.csv"))["sex"] == ["F", "M"]


COMMAND_MISTAKES = [
    (["nowhere.csv"], "nowhere.csv: There is no such file"),
    (["a.csv", "--weight", "wieght"], "--weight: there is no column 'wieght'. Did you mean 'weight'?"),
    (["a.csv", "--strata", "sex", "--psu", "house hold", "--weight", "water"], "1 of 4 rows have no usable weight"),
    (["a.csv", "--strata", "house hold", "--psu", "sex", "--by", "sxe"], "Did you mean 'sex'?"),
]


@pytest.mark.parametrize(("arguments", "words"), COMMAND_MISTAKES)
def test_a_refusal_is_one_sentence_on_standard_error_and_exit_code_1(
    tmp_path, catalogue, monkeypatch, arguments, words
):
    write(tmp_path / "a.csv")
    monkeypatch.chdir(tmp_path)
    result = run(*arguments, "--indicators", catalogue, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_catalogue_is_refused_with_file_and_line(tmp_path):
    (tmp_path / "bad.yaml").write_text(CATALOGUE.replace("direction", "directoin"))
    result = run(write(tmp_path / "a.csv"), "--indicators", tmp_path / "bad.yaml")
    assert result.exit_code == 1
    assert "bad.yaml, line 3, column directoin" in result.stderr
    assert run(tmp_path / "a.csv", "--indicators", tmp_path / "none.yaml").exit_code == 1


def test_an_unknown_engine_is_wrong_usage(tmp_path, catalogue):
    assert run(write(tmp_path / "a.csv"), "--indicators", catalogue, "--engine", "sqlite").exit_code == 2


def test_help_has_an_example():
    assert "python -m budget_model estimate survey.csv" in run("--help").stdout


def test_codes_with_leading_zeros_stay_as_they_are_in_the_file(tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text("ubigeo,age\n010101,7\n150142,0\n", encoding="utf-8")
    frame = read_microdata(file).to_polars()
    assert frame.to_dict(as_series=False) == {"ubigeo": ["010101", "150142"], "age": [7, 0]}


def test_a_broken_file_is_refused_without_quoting_anybodys_answers(tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text('name,age\n"secreto,7\n' + "otra,8\n" * 50, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        read_microdata(file)
    assert "secreto" not in str(refusal.value)


PLACES = """
- {id: WATER, label: {en: No safe water}, level: person, universe: age >= 15, numerator: water = 0,
   direction: down, version: 1}
- id: PAY
  label: {en: Pay}
  level: person
  universe: TRUE
  mean: pay
  direction: up
  version: 1
- {kind: multidimensional, id: MPI, label: {en: Poor}, level: person, universe: TRUE, k: 1/2, version: 1,
   deprivations: [{id: water, condition: wather = 0, weight: 1}]}
"""


def placed(tmp_path, text, *arguments):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    (tmp_path / "places.yaml").write_text(PLACES, encoding="utf-8")
    result = run(tmp_path / "a.csv", "--indicators", tmp_path / "places.yaml", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    return result.stderr


def test_an_unknown_column_is_told_with_the_line_of_the_catalogue(tmp_path):
    words = placed(tmp_path, "age,water,pai\n20,0,1\n")
    assert "places.yaml, line 8: indicator 'PAY', mean, position 1: there is no column 'pay'" in words
    assert words.count("places.yaml, line 11: indicator 'MPI") == 1  # not once for each figure made of the entry


def test_text_in_a_numeric_column_is_told_with_row_line_and_value(tmp_path):
    words = placed(tmp_path, 'age,water,wather,pay\n20,0,1,"1\n,5"\n\n31,1,0,7\n"30,5",0,1,8\n')
    assert "Column 'age' holds text: row 3 is '30,5'" in words
    assert "That row is line 6 of a.csv" in words
    assert "Column 'pay' holds text: row 1 is '1\\n,5'" in words
    assert "That row is line 2 of a.csv" in words


@pytest.mark.parametrize(
    ("cell", "shown"), [(" 2.5", "' 2.5'"), ("007", "'007'"), ("1_000", "'1_000'"), ('"2,5"', "'2,5'")]
)
def test_a_weight_that_is_no_number_is_told_with_its_own_row(tmp_path, cell, shown):
    rows = [f"20,0,1,7,{cell if number == 20 else '1.5'}" for number in range(1, 31)]
    words = placed(tmp_path, "\n".join(["age,water,wather,pay,w", *rows]) + "\n", "--weight", "w")
    assert "a.csv, line 21, column w: --weight: column 'w' holds" in words
    assert f"row 20 is {shown}" in words


def test_bad_weights_and_endless_answers_are_told_with_file_and_line(tmp_path):
    assert "a.csv, line 4, column w: 1 of 3 rows" in placed(
        tmp_path, "age,water,wather,pay,w\n20,0,1,7,1\n\n20,0,1,7,-1\n20,0,1,7,2\n", "--weight", "w"
    )
    assert "a.csv, line 3: indicator 'PAY': an answer is infinite" in placed(
        tmp_path, "age,water,wather,pay\n20,0,1,7\n20,0,1,inf\n"
    )


def test_a_column_named_twice_counts_once(tmp_path, catalogue):
    once, twice = (
        run(write(tmp_path / "a.csv"), "--indicators", catalogue, "--by", by, "--json").stdout
        for by in ("sex", "sex, sex,")
    )
    assert once == twice


EMPTY = "sex,water,hours,w\nF,,,1\nM,,,2\nF,,,3\n"


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    "measure", ["numerator: water = 0", "numerator: water = 'no'", "mean: hours", "numerator: hours + 1 > 5"]
)
def test_a_column_without_any_answer_gives_no_estimate_whatever_its_kind(tmp_path, engine, measure):
    (tmp_path / "a.csv").write_text(EMPTY)
    (tmp_path / "c.yaml").write_text(CATALOGUE.replace("numerator: water = 0", measure))
    result = run(tmp_path / "a.csv", "--indicators", tmp_path / "c.yaml", "--engine", engine, "--weight", "w", "--json")
    (row,) = json.loads(result.stdout)["estimates"]
    assert (row["estimate"], row["se"], row["n"], row["population"]) == (None, None, 0, 0)


def test_weights_without_any_answer_are_refused_as_missing(tmp_path, catalogue):
    (tmp_path / "a.csv").write_text(EMPTY)
    result = run(tmp_path / "a.csv", "--indicators", catalogue, "--weight", "hours")
    assert "3 of 3 rows have no usable weight" in result.stderr


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (" OR ".join(["water = 0"] * 3000), "too deeply nested"),
        ("(" * 3000 + "water = 0" + ")" * 3000, "too deeply nested"),
    ],
)
def test_a_condition_that_never_ends_is_refused(tmp_path, condition, words):
    (tmp_path / "c.yaml").write_text(CATALOGUE.replace("water = 0", f"'{condition}'"))
    result = run(write(tmp_path / "a.csv"), "--indicators", tmp_path / "c.yaml")
    assert (result.exit_code, words in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 3000, "c.yaml: the text is nested too deeply"),
        ("- &a {id: *a}\n", "c.yaml, line 1, column id: indicator 'without id': id: expected text"),
        ('- id: A\n  label: {en: "\x07"}\n', "c.yaml, line 2: the character U+0007 may not stand in YAML"),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_refused_with_its_place(tmp_path, text, words):
    (tmp_path / "c.yaml").write_text(text)
    result = run(write(tmp_path / "a.csv"), "--indicators", tmp_path / "c.yaml")
    assert (result.exit_code, words in result.stderr) == (1, True)


def test_a_misspelt_key_is_told_once(tmp_path):
    (tmp_path / "c.yaml").write_text(CATALOGUE.replace("level:", "lavel:"))
    result = run(write(tmp_path / "a.csv"), "--indicators", tmp_path / "c.yaml")
    assert result.stderr.count("\n") == 1
    assert "unknown key 'lavel'. Did you mean 'level'?" in result.stderr


def test_numbers_beyond_64_bits_are_codes_and_stay_exact(tmp_path):
    (tmp_path / "a.csv").write_text("household,water\n99999999999999999999998,0\n99999999999999999999999,1\n")
    assert answers(read_microdata(tmp_path / "a.csv"))["household"] == [
        "99999999999999999999998",
        "99999999999999999999999",
    ]


def test_a_stray_quotation_mark_is_refused_with_its_line(tmp_path):
    (tmp_path / "a.csv").write_text('sex,water\nF,1\nM,0\nf"emale,1\nM,1\n')
    with pytest.raises(InputError, match=r"a\.csv, line 4"):
        read_microdata(tmp_path / "a.csv")
