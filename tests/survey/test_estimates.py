"""Shares and means: numbers worked by hand, missing answers, roll-ups."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pytest

from budget_model.errors import CatalogueError, InputError
from budget_model.survey import engine as engines
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import differences_of, estimate
from budget_model.survey.tabulate import tabulate
from tests.survey_builders import mean, only, share

PEOPLE = pl.DataFrame(
    {
        "area": ["north", "north", "north", "south", "south", None],
        "sex": ["female", "male", "female", "male", "female", "female"],
        "age": [30, 40, 10, 20, None, 50],
        "reads": ["no", "yes", "no", None, "no", "yes"],
        "hours": [10.0, 20.0, float("nan"), 40.0, 5.0, 30.0],
        "weight": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    }
)
ILLITERATE = share("reads = 'no'", "age >= 15", "ILLIT")
HOURS = mean("hours", "TRUE", "HOURS")


def table_of(people: pl.DataFrame = PEOPLE, engine: str = "polars"):
    if engine == "polars":
        return ibis.polars.connect().create_table("people", people)
    connection = ibis.duckdb.connect()
    connection.con.register("people", people.to_arrow())
    return connection.table("people")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_census_share_counts_known_answers_within_a_known_universe(engine):
    # aged 15 or more and known: rows 1, 2, 4, 6; row 4 has no answer; of 1, 2, 6 one cannot read
    row = only(estimate(table_of(engine=engine), [ILLITERATE]), indicator="ILLIT")
    assert (row["n"], row["population"], row["count"]) == (3, 3.0, 1.0)
    assert row["estimate"] == pytest.approx(1 / 3, abs=1e-15)
    assert all(np.isnan(row[name]) for name in ("se", "ci_low", "ci_high", "cv", "deff", "count_se"))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_weighted_share_and_mean(engine):
    frame = estimate(table_of(engine=engine), [ILLITERATE, HOURS], design=SampleDesign(weight="weight"))
    # rows 1, 2, 6 weigh 1 + 2 + 6 = 9, of which 1 cannot read
    row = only(frame, indicator="ILLIT")
    assert (row["n"], row["population"], row["count"]) == (3, 9.0, 1.0)
    assert row["estimate"] == pytest.approx(1 / 9, abs=1e-15)
    # known hours: 1·10 + 2·20 + 4·40 + 5·5 + 6·30 = 415 over weights 18
    row = only(frame, indicator="HOURS")
    assert (row["n"], row["population"], row["count"]) == (5, 18.0, 415.0)
    assert row["estimate"] == pytest.approx(415 / 18, abs=1e-12)


def test_cells_of_several_sets_come_from_one_pass_and_persons_without_area_stay_in_the_total():
    frame = estimate(table_of(), [ILLITERATE], by=[(), ("sex",), ("area", "sex")])
    assert list(frame.columns[:3]) == ["indicator", "sex", "area"]
    assert only(frame, sex=None, area=None)["n"] == 3
    assert only(frame, sex="female", area=None)["n"] == 2
    assert only(frame, sex="female", area="north")["count"] == 1
    assert frame.attrs["persons_without"] == {"sex": 0, "area": 1}


def test_a_cell_without_universe_has_no_estimate_and_is_not_zero():
    row = only(estimate(table_of(), [ILLITERATE], by=[("area", "sex")]), area="south", sex="female")
    assert (row["n"], row["population"], row["count"]) == (0, 0.0, 0.0)
    assert np.isnan(row["estimate"])


def test_a_column_without_any_answer_gives_no_cells():
    people = PEOPLE.with_columns(pl.lit(None, dtype=pl.String).alias("block"))
    assert len(estimate(table_of(people), [ILLITERATE], by=[("block",)])) == 0


def test_a_column_name_with_a_space_or_a_dot_works_everywhere():
    people = PEOPLE.rename({"reads": "can read", "area": "area.code", "weight": "person weight"})
    indicator = share("\"can read\" = 'no'")
    frame = estimate(table_of(people), [indicator], by=[("area.code",)], design=SampleDesign("person weight"))
    assert only(frame, **{"area.code": "north"})["count"] == 4.0


@pytest.mark.parametrize("weight", [None, "weight"])
def test_whole_numbers_in_small_types_do_not_overflow(weight):
    people = pl.DataFrame({"rooms": pl.Series([100] * 1000, dtype=pl.Int8), "weight": [1.0] * 1000})
    frame = estimate(
        table_of(people), [mean("rooms"), mean("rooms + rooms", identifier="TWICE")], design=SampleDesign(weight)
    )
    assert only(frame, indicator="MEAN")["count"] == 100_000
    assert only(frame, indicator="TWICE")["estimate"] == 200


def test_unknown_columns_of_all_indicators_are_told_at_once_with_the_nearest():
    wrong = [share("raeds = 'no'", "agee >= 15", "A"), mean("huors", identifier="B")]
    with pytest.raises(CatalogueError) as caught:
        estimate(table_of(), wrong)
    message = str(caught.value)
    assert "indicator 'A', universe, position 1: there is no column 'agee'. Did you mean 'age'?" in message
    assert "indicator 'A', numerator, position 1: there is no column 'raeds'. Did you mean 'reads'?" in message
    assert "indicator 'B', mean, position 1: there is no column 'huors'. Did you mean 'hours'?" in message


@pytest.mark.parametrize(
    ("indicator", "words"),
    [
        (share("age"), "'age' is not a condition (true or false). Write a comparison, such as age = 1."),
        (share("reads = 'no'", "age"), "universe: 'age' is not a condition"),
        (mean("reads"), "'reads' is not a number"),
        (mean("age > 3"), "'age > 3' is not a number. Use a numeric column, or a numerator"),
    ],
)
def test_a_numerator_is_a_condition_and_a_mean_is_a_number(indicator, words):
    with pytest.raises(CatalogueError) as caught:
        estimate(table_of(), [indicator])
    assert words in str(caught.value)


def test_unknown_by_and_design_columns_are_told_together():
    with pytest.raises(InputError) as caught:
        estimate(table_of(), [ILLITERATE], by=[("sexx",)], design=SampleDesign(weight="wieght", psu="area"))
    assert "--by: there is no column 'sexx'. Did you mean 'sex'?" in str(caught.value)
    assert "--weight: there is no column 'wieght'. Did you mean 'weight'?" in str(caught.value)


def test_a_weight_column_of_text_is_refused_with_its_first_row():
    people = PEOPLE.with_columns(pl.Series("weight", ["1", "1,5", "2", "x", "3", None]))
    with pytest.raises(InputError, match=r"holds string, not numbers: row 2 is '1,5'"):
        estimate(table_of(people), [ILLITERATE], design=SampleDesign(weight="weight"))


def test_a_table_without_rows_is_refused():
    with pytest.raises(InputError, match="the survey has no rows"):
        estimate(table_of(PEOPLE.head(0)), [ILLITERATE])
    with pytest.raises(InputError, match="the survey has no rows"):
        estimate(table_of(PEOPLE.head(0)), [ILLITERATE], by=[("sex",)])


def test_a_column_named_like_a_result_is_refused():
    with pytest.raises(InputError, match="has the name of a result"):
        estimate(table_of(PEOPLE.rename({"area": "count"})), [ILLITERATE], by=[("count",)])


def test_an_engine_that_is_not_the_tables_is_refused():
    with pytest.raises(InputError, match="lies in duckdb, not in polars"):
        estimate(table_of(engine="duckdb"), [ILLITERATE], engine="polars")
    with pytest.raises(InputError, match="lies in polars, not in spark"):
        estimate(table_of(), [ILLITERATE], engine="spark")
    with pytest.raises(InputError, match="lies in memory, not in spark"):
        estimate(ibis.memtable(PEOPLE), [ILLITERATE], engine="spark")
    with pytest.raises(InputError, match="no engine 'sqlite'"):
        estimate(table_of(), [ILLITERATE], engine="sqlite")


def test_a_table_in_memory_goes_to_either_engine():
    memory = ibis.memtable(pl.DataFrame({"sex": ["female", "male"], "reads": ["no", "yes"]}))
    by_engine = [
        estimate(memory, [share("reads = 'no'")], [("sex",)], engine=engine) for engine in ("polars", "duckdb")
    ]
    pd.testing.assert_frame_equal(*by_engine)


@pytest.mark.parametrize("design", [SampleDesign(), SampleDesign("weight", psu="block")])
def test_few_rows_and_streamed_rows_give_the_same_figures(design, monkeypatch):
    people = pl.concat([PEOPLE] * 50).with_columns(block=pl.int_range(300) // 10)
    few = estimate(table_of(people), SHARED_DENOMINATORS, [("sex", "area"), ()], design)
    monkeypatch.setattr(engines, "FEW_ROWS", 0)
    streamed = estimate(table_of(people), SHARED_DENOMINATORS, [("sex", "area"), ()], design)
    pd.testing.assert_frame_equal(few, streamed, check_exact=False, rtol=1e-12)


def test_the_difference_of_women_and_men_of_a_census_has_no_error():
    tabulation = tabulate(table_of(), [ILLITERATE], ["sex", "area"], SampleDesign())
    frame = differences_of(tabulation, [(), ("area",)])
    # women 1 of 2, men 0 of 1
    assert only(frame, area=None)["difference"] == 0.5
    assert np.isnan(only(frame, area=None)["se"])
    assert np.isnan(only(frame, area="south")["difference"])


SHARED_DENOMINATORS = [
    share("reads = 'no'", "age >= 15", "A"),
    share("NOT reads = 'yes'", "age >= 15", "B"),  # the same persons as A
    share("sex = 'female' AND area = 'north'", "age >= 15", "C"),  # area has a gap: nobody else's
    share("sex = 'female' OR weight > 3", "TRUE", "D"),  # no gaps at all
    mean("weight", "TRUE", "E"),
    mean("hours", "age >= 15", "F"),
    share("NULLIF(sex, 'male') = 'female'", "TRUE", "G"),  # missing though no column is
]


@pytest.mark.parametrize("design", [SampleDesign(), SampleDesign("weight"), SampleDesign("weight", psu="row")])
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("without_gaps", [{"sex", "weight", "row"}, None], ids=["said", "looked for"])
def test_denominators_that_are_shared_are_the_same_as_each_alone(design, engine, without_gaps):
    table = table_of(PEOPLE.with_columns(row=pl.int_range(6)), engine)
    together = estimate(table, SHARED_DENOMINATORS, [("sex",)], design, never_missing=without_gaps)
    alone = pd.concat(
        [estimate(table, [item], [("sex",)], design, never_missing=()) for item in SHARED_DENOMINATORS],
        ignore_index=True,
    )
    pd.testing.assert_frame_equal(together, alone)
    assert only(together, indicator="G", sex="male")["n"] == 0
    assert only(together, indicator="A", sex="female")["n"] == 2
