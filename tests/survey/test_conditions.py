"""Conditions: what they mean, the same in both engines, and what is refused."""

from __future__ import annotations

import ibis
import polars as pl
import pytest

from budget_model.errors import CatalogueError
from budget_model.spelling import nearest
from budget_model.survey.condition_ibis import to_ibis
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition

PEOPLE = pl.DataFrame(
    {
        "age": pl.Series([1, 2, None, 4], dtype=pl.Float64),
        "answer": ["x", "y", None, "xy"],
        "works": [True, False, None, True],
        "rank": pl.Series([0, 1, 2, 3], dtype=pl.Int8),
        "Household ID": [7, 7, 8, 9],
    }
)
PLACE = Place("WATER", "numerator", "catalogue.yaml", 12)


def evaluate(sql: str, engine: str = "polars", people: pl.DataFrame = PEOPLE) -> list[object]:
    if engine == "polars":
        connection = ibis.polars.connect()
        table = connection.create_table("people", people)
    else:
        connection = ibis.duckdb.connect()
        connection.con.register("people", people.to_arrow())
        table = connection.table("people")
    value = to_ibis(parse_condition(sql, table.columns, PLACE), table, PLACE)
    return connection.to_pyarrow(table.select(value=value))["value"].to_pylist()


MEANINGS = [
    ("age >= 2", [False, True, None, True]),
    ("AGE >= 2", [False, True, None, True]),
    ("age <> 2", [True, False, None, True]),
    ("age IN (1, 4)", [True, False, None, True]),
    ("age NOT IN (1, 4)", [False, True, None, False]),
    ("answer LIKE 'x%'", [True, False, None, True]),
    ("answer LIKE '_'", [True, True, None, False]),
    ("answer NOT LIKE '%y'", [True, False, None, False]),
    ("age NOT BETWEEN 1 AND 2", [False, False, None, True]),
    ("age IS NOT NULL", [True, True, False, True]),
    ("age BETWEEN 1 AND 2", [True, True, None, False]),
    ("age > 100 AND works", [False, False, None, False]),
    ("age > 1 OR works", [True, True, None, True]),
    ("NOT works", [False, True, None, False]),
    ("age IS NULL", [False, False, True, False]),
    ("works IS TRUE", [True, False, False, True]),
    ("works IS NOT TRUE", [False, True, True, False]),
    ("works = 1", [True, False, None, True]),
    ("age IS DISTINCT FROM 2", [True, False, True, True]),
    ("age IS NOT DISTINCT FROM 2", [False, True, False, False]),
    ("CASE WHEN age > 1 THEN 1 WHEN works THEN 2 ELSE 0 END", [2, 1, 0, 1]),
    ("CASE answer WHEN 'x' THEN 1 ELSE 0 END", [1, 0, 0, 0]),
    ("IF(works, 1, 0)", [1, 0, 0, 1]),
    ("COALESCE(age, 0)", [1, 2, 0, 4]),
    ("LEAST(age, rank)", [0, 1, 2, 3]),
    ("GREATEST(age, rank)", [1, 2, 2, 4]),
    ("NULLIF(rank, 1)", [0, None, 2, 3]),
    ("ABS(1 - age)", [0, 1, None, 3]),
    ("FLOOR(age / 2)", [0, 1, None, 2]),
    ("CEIL(age / 3)", [1, 1, None, 2]),
    ("rank / rank", [None, 1, 1, 1]),
    ("-rank % 2", [0, -1, 0, -1]),
    ("rank + 127", [127, 128, 129, 130]),
    ("UPPER(TRIM(answer)) = 'X'", [True, False, None, False]),
    ('"Household ID" = 7', [True, True, False, False]),
    ("TRUE", [True, True, True, True]),
]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(("sql", "expected"), MEANINGS)
def test_a_condition_means_what_sql_says_with_missing_answers_kept_missing(sql, expected, engine):
    assert evaluate(sql, engine) == expected


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_nan_is_a_missing_answer_not_a_large_number(engine):
    people = pl.DataFrame({"age": [float("nan"), 20.0]})
    assert evaluate("age >= 18", engine, people) == [None, True]


REFUSALS = [
    ("agee >= 2", "position 1: there is no column 'agee'. Did you mean 'age'?"),
    ("age >= 2 AND wroks", "position 14: there is no column 'wroks'. Did you mean 'works'?"),
    ("zzzzqqq = 1", "The columns are: age, answer, works, rank, Household ID."),
    ('"AGE" = 1', "there is no column 'AGE'"),
    ("Household.ID = 1", 'in double quotes: "Household.ID"'),
    ("SUM(age) > 1", "the function SUM is not allowed"),
    ("age > 1 AND my_function(age)", "the function MY_FUNCTION is not allowed"),
    ("read_csv('/etc/passwd') = 1", "the function READ_CSV is not allowed"),
    ("age = (SELECT 1)", "is not allowed"),
    ("EXISTS(SELECT 1)", "the function EXISTS is not allowed"),
    ("age IN (SELECT rank)", "IN needs a list of values"),
    ("SELECT 1", "is not allowed"),
    ("age = 1; DROP TABLE people", "is not allowed"),
    ("age >=", "not a complete SQL condition"),
    ("answer = 'x", "is a quotation mark missing?"),
    ("", "not a complete SQL condition"),
    ("age = NULL", "Write IS NULL or IS NOT NULL"),
    ("age IN (1, NULL)", "Write IS NULL or IS NOT NULL"),
    ("answer > 1", "a number with text cannot be compared"),
    ("answer + 1", "a number is needed here, found text"),
    ("age AND works", "true/false is needed here, found a number"),
    ("answer LIKE age", "LIKE needs a 'text'"),
    ("TRIM(BOTH 'x' FROM answer) = 'y'", "is not allowed in this form"),
    ("CEIL(age, 2) = 1", "is not allowed in this form"),
    ("age BETWEEN SYMMETRIC 3 AND 1", "is not allowed in this form"),
    ("answer LIKE 'a' ESCAPE 'b'", "is not allowed"),
    ("answer ILIKE 'a'", "is not allowed"),
    ("COALESCE(answer, 1)", "cannot be compared"),
    ("age::TEXT = '1'", "is not allowed"),
    (" AND ".join(["(" * 400 + "age = 1" + ")" * 400]), "nested too deeply|too deeply nested|not a complete"),
]


@pytest.mark.parametrize(("sql", "words"), REFUSALS)
def test_what_is_not_on_the_list_is_refused_with_its_place(sql, words):
    with pytest.raises(CatalogueError) as caught:
        evaluate(sql)
    message = str(caught.value)
    assert "catalogue.yaml, line 12: indicator 'WATER', numerator" in message
    assert any(word in message for word in words.split("|")), message


def test_every_problem_of_a_condition_is_told_at_once():
    with pytest.raises(CatalogueError) as caught:
        parse_condition("agee > 1 AND wroks AND foo(age)", ["age", "works"], PLACE)
    assert len(caught.value.problems) == 3


def test_a_name_that_fits_two_columns_must_be_quoted():
    with pytest.raises(CatalogueError, match="there is no column 'SEX'"):
        parse_condition("SEX = 1", ["sex", "Sex"], PLACE)


def test_the_nearest_word_ignores_case_and_is_none_when_nothing_is_near():
    assert nearest("Wieght", ["weight", "age"]) == "weight"
    assert nearest("qqqq", ["weight", "age"]) is None
