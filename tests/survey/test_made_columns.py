"""`estimate` by age bands with stated borders and by the sex of the household's head."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from budget_model.__main__ import main

# household, relation, sex, age, whether they read; the head of 1 is a woman, of 2 a man, 3 has none
ANSWERS = """household_id,relation,sex,age,reads
1,head,female,40,yes
1,child,male,14,no
1,child,female,15,yes
2,head,male,64,yes
2,spouse,female,65,no
3,child,male,30,yes
"""
CATALOGUE = """
- {id: ILLIT, label: {en: Cannot read}, level: person, universe: age >= 0, numerator: reads = 'no', direction: down,
   version: 1}
"""


@pytest.fixture
def run(tmp_path: Path):
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)

    def command(*arguments: str, answers: str = ANSWERS):
        (tmp_path / "people.csv").write_text(answers)
        start = ["estimate", str(tmp_path / "people.csv"), "--indicators", str(tmp_path / "catalogue.yaml")]
        return CliRunner().invoke(main, [*start, *arguments])

    return command


def cells(result, *columns: str) -> dict:
    assert result.exit_code == 0, result.stderr
    rows = json.loads(result.stdout)["estimates"]
    return {tuple(row[column] for column in columns): (row["n"], row["count"]) for row in rows}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_age_bands_begin_where_it_is_said(run, engine):
    """Of 14, 15, 30, 40, 64, 65: one below 15, four from 15 to 64, one of 65; 14 and 65 do not read."""
    result = run("--by", "age_band", "--ages", "0,15,65", "--engine", engine, "--json")
    assert cells(result, "age_band") == {("00-14",): (1, 1), ("15-64",): (4, 0), ("65+",): (1, 1)}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_people_are_told_apart_by_the_sex_of_their_head_and_by_their_own(run, engine):
    result = run("--by", "head_sex,sex", "--engine", engine, "--json")
    assert cells(result, "head_sex", "sex") == {
        ("female", "female"): (2, 0),
        ("female", "male"): (1, 1),
        ("male", "female"): (1, 1),
        ("male", "male"): (1, 0),
    }
    assert "1 rows have no answer in 'head_sex'" in result.stderr  # household 3 has no head


def test_the_head_may_be_a_code_in_a_column_of_any_name(run):
    coded = ANSWERS.replace("household_id,relation", "hogar,parentesco").replace("head", "1").replace("child", "3")
    answers = coded.replace("spouse", "2")
    result = run("--by", "head_sex", "--head", "parentesco=1", "--household", "hogar", "--json", answers=answers)
    assert cells(result, "head_sex") == {("female",): (3, 1), ("male",): (2, 1)}


def test_bands_of_the_file_give_way_and_that_is_said(run):
    answers = ANSWERS.replace("age,reads", "age,reads,age_band").replace("yes\n", "yes,x\n").replace("no\n", "no,x\n")
    result = run("--by", "age_band", "--ages", "0,50", "--json", answers=answers)
    assert cells(result, "age_band") == {("00-49",): (4, 1), ("50+",): (2, 1)}
    assert "give way to those of --ages" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--ages", "0,15"), 2, "Add it to --by"),
        (("--by", "sex", "--head", "relation=head"), 2, "Add it to --by"),
        (("--by", "age_band", "--ages", "0,fifteen"), 2, "years separated by commas"),
        (("--by", "age_band", "--ages", "15,0"), 1, "rising ages"),
        (("--by", "age_band", "--ages", "0,15", "--age", "years"), 1, "no column 'years'"),
        (("--by", "head_sex", "--head", "relation"), 2, "COLUMN=ANSWER"),
        (("--by", "head_sex", "--head", "age=head"), 1, "holds numbers"),
        (("--by", "head_sex", "--household", "home"), 1, "no column 'home'"),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_reason(run, arguments, code, words):
    result = run(*arguments)
    assert result.exit_code == code
    assert words in " ".join(result.stderr.split())


def test_a_survey_that_does_not_say_who_is_the_head_asks_for_the_column(run):
    result = run("--by", "head_sex", answers=ANSWERS.replace("relation", "bond"))
    assert result.exit_code == 1
    assert "--head COLUMN=ANSWER" in result.stderr
