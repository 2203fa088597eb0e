"""Medians, parity of women and men, intervals, reliability marks, head's sex and age bands."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.errors import InputError
from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.derived import AgeBands, with_age_band, with_head_sex
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import estimate, ratios_of
from budget_model.survey.reliability import ReliabilityBorders, reliability_of
from budget_model.survey.student import student_quantile
from budget_model.survey.tabulate import tabulate
from tests.survey.test_sampling_error import DESIGN, INDICATORS, random_survey, table_of
from tests.survey_builders import mean, only, share

(MEDIAN,) = parse_catalogue(
    "- {id: HOURS, label: {en: Hours}, level: person, universe: age >= 5, median: hours, direction: down, version: 1}"
)


def test_a_median_of_few_people_by_hand():
    people = pl.DataFrame({"sex": ["f", "f", "f", "m", "m"], "age": [9] * 5, "hours": [3.0, 1.0, 2.0, 4.0, None]})
    table = ibis.polars.connect().create_table("people", people)
    frame = estimate(table, [share("hours > 2"), MEDIAN], [(), ("sex",)])
    assert [only(frame, indicator="HOURS", sex=sex)["estimate"] for sex in (None, "f", "m")] == [2.5, 2.0, 4.0]
    row = only(frame, indicator="HOURS", sex="m")
    assert (row["n"], row["population"]) == (1, 1.0)
    assert all(np.isnan(row[name]) for name in ("se", "ci_low", "count", "deff"))
    assert len(frame) == 6


@pytest.mark.parametrize("seed", range(3))
def test_the_error_of_a_median_agrees_with_a_second_reckoning(seed):
    frame = random_survey(seed)
    row = only(estimate(table_of(frame), [MEDIAN], [("sex",)], DESIGN), sex="female")
    inside = (frame["sex"] == "female") & (frame["age"] >= 5) & frame["hours"].notna()
    women = frame[inside].sort_values("hours")
    function = women["weight"].cumsum() / women["weight"].sum()
    median = women["hours"][function >= 0.5].iloc[0]
    score = (frame["weight"] * inside * ((frame["hours"] <= median) - function[function >= 0.5].iloc[0])).fillna(0)
    score /= women["weight"].sum()
    units = score.groupby([frame["stratum"], frame["block"]]).sum()
    variance = sum(len(one) * np.var(one, ddof=1) for _, one in units.groupby(level=0))
    t = student_quantile(0.975, len(units) - 3)
    bounds = [
        women["hours"][function >= function[function >= 0.5].iloc[0] + side * t * variance**0.5].iloc[0]
        for side in (-1, 1)
    ]
    expected = [median, (bounds[1] - bounds[0]) / (2 * t), *bounds]
    np.testing.assert_allclose([row[name] for name in ("estimate", "se", "ci_low", "ci_high")], expected, rtol=1e-12)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_median_lies_in_its_interval_and_moves_with_the_unit(seed):
    frame = random_survey(seed, people=150)
    in_hours = only(estimate(table_of(frame), [MEDIAN], design=DESIGN), indicator="HOURS")
    in_minutes = only(
        estimate(table_of(frame.assign(hours=frame["hours"] * 60)), [MEDIAN], design=DESIGN), n=in_hours["n"]
    )
    assert in_hours["ci_low"] <= in_hours["estimate"] <= in_hours["ci_high"]
    for name in ("estimate", "se"):
        assert in_minutes[name] == pytest.approx(60 * in_hours[name])


def test_the_ratio_of_womens_to_mens_pay_knows_that_both_live_in_the_same_blocks():
    frame = random_survey(5)
    row = only(ratios_of(tabulate(table_of(frame), INDICATORS, ["sex"], DESIGN), [()]), indicator="HOURS")
    inside = (frame["age"] >= 5) & frame["hours"].notna()
    means, scores = [], []
    for sex in ("female", "male"):
        weight = frame["weight"] * (inside & (frame["sex"] == sex))
        means.append((weight * frame["hours"].fillna(0)).sum() / weight.sum())
        scores.append(weight * (frame["hours"].fillna(0) - means[-1]) / weight.sum())
    score = scores[0] / means[0] - scores[1] / means[1]  # of the logarithm of the ratio
    units = score.groupby([frame["stratum"], frame["block"]]).sum()
    of_log = sum(len(one) * np.var(one, ddof=1) for _, one in units.groupby(level=0)) ** 0.5
    ratio = means[0] / means[1]
    width = student_quantile(0.975, len(units) - 3) * of_log
    expected = [ratio, ratio * of_log, ratio * np.exp(-width), ratio * np.exp(width)]
    np.testing.assert_allclose([row[name] for name in ("ratio", "se", "ci_low", "ci_high")], expected, rtol=1e-9)


def test_men_over_women_is_the_mirror_image_of_women_over_men():
    tabulation = tabulate(table_of(random_survey(6)), INDICATORS, ["sex"], DESIGN)
    one, other = (ratios_of(tabulation, [()], "sex", *pair) for pair in (("female", "male"), ("male", "female")))
    np.testing.assert_allclose(one["ratio"], 1 / other["ratio"])
    np.testing.assert_allclose(one["ci_low"], 1 / other["ci_high"])


def test_a_ratio_to_nobody_is_not_defined():
    frame = random_survey(6).assign(water=1.0)  # nobody lacks water
    ours = ratios_of(tabulate(table_of(frame), INDICATORS, ["sex"], DESIGN), [()])
    row = only(ours, indicator="WATER")
    assert all(np.isnan(row[name]) for name in ("ratio", "se", "ci_low", "ci_high"))


def test_a_wilson_interval_by_hand():
    # 2 of 8 in a simple sample: effective size 0.1875 / se² = 7, t(7) = 2.364624
    frame = pd.DataFrame({"water": [0, 0, 1, 1, 1, 1, 1, 1], "weight": 10.0})
    row = only(estimate(table_of(frame), [share("water = 0")], design=SampleDesign("weight"), interval="wilson"), n=8)
    squared = 2.3646242515927844**2
    centre, reach = (0.25 + squared / 14) / (1 + squared / 7), np.sqrt(squared * 0.1875 / 7 + (squared / 14) ** 2)
    expected = [centre - reach / (1 + squared / 7), centre + reach / (1 + squared / 7)]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected)
    with pytest.raises(InputError, match=r"no interval 'wald'\. Use one of: logit, wilson"):
        estimate(table_of(frame), [share("water = 0")], interval="wald")


def test_reliability_marks_follow_the_smaller_side_of_a_share():
    frame = pd.DataFrame({
        "indicator": ["SHARE"] * 5 + ["MEAN"] * 2,
        "estimate": [0.5, 0.9, 0.98, 1.0, 0.4, 0.9, 10.0],
        "se": [0.05, 0.02, 0.02, 0.0, np.nan, 0.02, 4.0],
        "units": [9, 9, 9, 9, np.nan, 9, 9],
    })  # fmt: skip
    marks = reliability_of(frame, [share("a = 1"), mean("b")])
    assert list(marks) == ["reliable", "with_care", "unreliable", "with_care", None, "reliable", "unreliable"]
    assert reliability_of(frame, [share("a = 1"), mean("b")], ReliabilityBorders(0.05, 0.1))[0] == "with_care"
    with pytest.raises(InputError, match="must be above 0 and rise"):
        ReliabilityBorders(0.3, 0.2)


def test_the_answers_of_one_sampling_unit_are_marked_unreliable_whatever_their_error_says():
    # Block 1 holds all of area a: 2 of 4 lack water, and its error comes out as 0. Area c is one person.
    frame = pd.DataFrame({
        "area": list("aaaa" + "bbbbbb" + "c"),
        "block": [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5],
        "weight": 1.0,
        "water": [0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1],
        "hours": [1.0, 2, 3, 4, 7, 7, 7, 7, 7, 7, 9],
    })  # fmt: skip
    wanted = [share("water = 0"), mean("hours")]
    found = estimate(table_of(frame), wanted, [["area"]], SampleDesign("weight", psu="block"))
    found["mark"] = reliability_of(found, wanted)
    shown = {(row["indicator"], row["area"]): row for row in found.to_dict("records")}
    assert [shown["SHARE", area]["units"] for area in "abc"] == [1, 3, 1]
    # area b: residuals by block 0, -1/6, 1/6; V = 5/4 · 2/36
    assert [shown["SHARE", area]["se"] for area in "abc"] == pytest.approx([0, (5 / 72) ** 0.5, 0], abs=1e-12)
    assert [shown["SHARE", area]["mark"] for area in "ac"] == ["unreliable"] * 2
    assert [shown["MEAN", area]["mark"] for area in "abc"] == ["unreliable", "with_care", "unreliable"]


PEOPLE = pl.DataFrame(
    {
        "household_id": [1, 1, 2, 3, 3, 4],
        "relationship": ["head", "child", "child", "head", "head", "head"],
        "sex": ["female", "male", "male", "female", "male", "male"],
        "age": [40.0, 14.0, 15.0, None, 90.0, 0.0],
    }
)


def people_in(engine: str):
    if engine == "polars":
        return ibis.polars.connect().create_table("people", PEOPLE)
    connection = ibis.duckdb.connect()
    connection.con.register("people", PEOPLE.to_arrow())
    return connection.table("people")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_sex_of_the_head_is_missing_where_there_is_none_or_more_than_one(engine):
    frame = estimate(with_head_sex(people_in(engine)), [share("age >= 0")], [("head_sex",)])
    assert {row["head_sex"]: row["n"] for row in frame.to_dict("records")} == {"female": 2, "male": 1}
    assert frame.attrs["persons_without"] == {"head_sex": 3}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_age_bands_are_a_parameter(engine):
    bands = AgeBands((0, 15, 65))
    frame = estimate(with_age_band(people_in(engine), bands), [share("age >= 0")], [("age_band",)])
    assert {row["age_band"]: row["n"] for row in frame.to_dict("records")} == {"00-14": 2, "15-64": 2, "65+": 1}
    assert bands.differs_from(AgeBands((0, 18), version=2))
    with pytest.raises(InputError, match="begin at rising ages"):
        AgeBands((15, 0))
    with pytest.raises(InputError, match="no column 'years'"):
        with_age_band(people_in(engine), bands, age="years")
