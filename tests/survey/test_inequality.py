"""Gini coefficient, quintile ratio and median gap as catalogue entries: by hand, by a second way, and refused."""

from __future__ import annotations

import json

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.errors import CatalogueError, InputError
from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.design import SampleDesign
from budget_model.survey.distribution import fgt_poverty, gini, poverty_threshold, quintile_share_ratio
from budget_model.survey.estimate import estimate
from budget_model.survey.inequality import scored_gini, scored_median_gap
from budget_model.survey.reliability import reliability_of
from budget_model.survey.student import student_quantile

ENTRIES = """
- {kind: inequality, id: INC, label: {en: Income}, level: person, welfare: income, version: 1}
- {kind: poverty, id: POV, label: {en: Poverty}, level: person, welfare: income, line: {median_share: 0.6},
   measures: [median_gap], version: 1}
- {kind: poverty, id: FIX, label: {en: Poverty}, level: person, welfare: income, line: line,
   measures: [incidence, median_gap], version: 1}
"""
DESIGN = SampleDesign("weight", "stratum", "household")


def households(seed: int, number: int = 400) -> pd.DataFrame:
    """Households with one income, drawn in four strata with unequal weights."""
    random = np.random.default_rng(seed)
    size = random.integers(1, 6, number)
    frame = pd.DataFrame({
        "household": np.arange(number),
        "stratum": np.arange(number) % 4,
        "weight": random.uniform(20, 80, number),
        "income": np.round(random.lognormal(7, 0.6, number), 2),
        "line": np.where(np.arange(number) % 2, 700.0, 800.0),
        "area": np.array(["north", "south"])[random.integers(0, 2, number)],
    })  # fmt: skip
    return frame.loc[frame.index.repeat(size)].reset_index(drop=True)


def table_of(frame: pd.DataFrame, engine: str = "polars"):
    data = pl.from_pandas(frame)
    if engine == "polars":
        return ibis.polars.connect().create_table("people", data)
    connection = ibis.duckdb.connect()
    connection.con.register("people", data.to_arrow())
    return connection.table("people")


def found_of(frame: pd.DataFrame, by=((),), design=DESIGN, engine: str = "polars") -> pd.DataFrame:
    return estimate(table_of(frame, engine), parse_catalogue(ENTRIES), by, design)


def value(frame: pd.DataFrame, indicator: str, column: str = "estimate") -> float:
    return float(frame.loc[frame["indicator"] == indicator, column].iloc[0])


FIVE = pd.DataFrame({"income": [1.0, 2, 3, 4, 10], "line": 2.5})


def test_five_people_by_hand():
    # Gini: 2 (1·1 + 2·2 + 3·3 + 4·4 + 5·10) / (5·20) − 6/5; fifths: (1 + 2)/2 and (4 + 10)/2, so 10 / 1
    # line of its own 2.5: shortfalls 0.6 and 0.2, median 0.4; line 0.6 · 3 = 1.8: one poor, 1 − 1/1.8
    found = found_of(FIVE, design=SampleDesign())
    assert value(found, "INC.gini") == pytest.approx(160 / 100 - 1.2)
    assert value(found, "INC.quintile_ratio") == pytest.approx(10)
    assert value(found, "FIX.median_gap") == pytest.approx(0.4)
    assert value(found, "POV.median_gap") == pytest.approx(1 - 1 / 1.8)
    assert found.attrs["lines"] == {"POV.median_gap": pytest.approx(1.8)}
    assert [value(found, one, "n") for one in ("INC.gini", "FIX.median_gap", "POV.median_gap")] == [5, 2, 1]
    assert found[["se", "ci_low", "ci_high", "cv", "units"]].isna().all(axis=None)  # a census


def test_every_cell_is_what_the_functions_for_one_group_give():
    frame = households(1)
    line = poverty_threshold(frame["income"], frame["weight"])
    found = found_of(frame, [("area",)])
    for area, rows in frame.groupby("area"):
        here = found[found["area"] == area]
        income, weight = rows["income"], rows["weight"]
        assert value(here, "INC.gini") == pytest.approx(gini(income, weight), rel=1e-12)
        assert value(here, "INC.quintile_ratio") == pytest.approx(quintile_share_ratio(income, weight), rel=1e-12)
        for name, drawn in (("POV.median_gap", line), ("FIX.median_gap", rows["line"])):
            expected = fgt_poverty(income, weight, drawn)
            assert value(here, name) == pytest.approx(expected.relative_median_gap, rel=1e-12)
        assert value(here, "INC.gini", "population") == pytest.approx(weight.sum())
        assert value(here, "FIX.median_gap", "population") == pytest.approx(weight[income < rows["line"]].sum())


def test_the_linearised_gini_is_its_slope_in_each_weight():
    income, weight = np.array([3.0, 8, 8, 1, 20, 8]), np.array([2.0, 1, 4, 3, 1.5, 2])
    scored = scored_gini(income, weight)
    assert scored is not None
    for person in range(6):
        step = np.zeros(6)
        step[person] = 1e-5
        slope = (gini(income, weight + step) - gini(income, weight - step)) / 2e-5
        assert scored.scores[person] == pytest.approx(slope, rel=1e-6)


def test_doubling_all_incomes_changes_no_measure_and_doubling_all_weights_no_inequality():
    frame = households(2)
    once, twice = found_of(frame), found_of(frame.assign(income=2 * frame["income"], line=2 * frame["line"]))
    pd.testing.assert_frame_equal(once, twice, check_exact=False, rtol=1e-9)
    heavier = found_of(frame.assign(weight=2 * frame["weight"]))
    for name in ("INC.gini", "INC.quintile_ratio"):
        for column in ("estimate", "se", "ci_low", "ci_high"):
            assert value(heavier, name, column) == pytest.approx(value(once, name, column), rel=1e-9)


def jackknife(frame: pd.DataFrame, measure) -> float:
    """Delete-one-household standard error in strata, (n − 1)/n each."""
    total = 0.0
    for _, stratum in frame.groupby("stratum"):
        units = stratum["household"].unique()
        others = frame[frame["stratum"] != stratum["stratum"].iloc[0]]
        values = []
        for unit in units:
            kept = stratum[stratum["household"] != unit]
            kept = kept.assign(weight=kept["weight"] * len(units) / (len(units) - 1))
            values.append(measure(pd.concat([others, kept])))
        total += (len(units) - 1) / len(units) * ((np.array(values) - np.mean(values)) ** 2).sum()
    return float(np.sqrt(total))


def test_the_error_of_a_gini_coefficient_is_that_of_the_jackknife():
    frame = households(3, 120)
    expected = jackknife(frame, lambda rows: gini(rows["income"], rows["weight"]))
    assert value(found_of(frame), "INC.gini", "se") == pytest.approx(expected, rel=0.03)


def samples(number: int, size: int) -> pd.DataFrame:
    """Independent samples of one superpopulation, each in strata of its own."""
    parts = [households(100 + index, size).assign(sample=index) for index in range(number)]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(stratum=frame["sample"] * 4 + frame["stratum"])


def test_errors_are_as_large_as_estimates_of_many_samples_lie_apart():
    found = found_of(samples(200, 200), [("sample",)])
    for name in ("INC.gini", "INC.quintile_ratio", "FIX.median_gap"):
        here = found[found["indicator"] == name]
        assert np.sqrt((here["se"] ** 2).mean()) == pytest.approx(here["estimate"].std(), rel=0.15), name


def test_the_error_of_a_median_gap_knows_that_its_line_is_an_estimate_too():
    found = pd.concat([found_of(households(500 + index, 200)) for index in range(60)])
    here = found[found["indicator"] == "POV.median_gap"]
    assert np.sqrt((here["se"] ** 2).mean()) == pytest.approx(here["estimate"].std(), rel=0.25)


def test_intervals_stay_where_the_measure_can_lie():
    frame = households(6, 30)
    found = found_of(frame)
    t = student_quantile(0.975, 30 - 4)
    for name in ("INC.gini", "POV.median_gap"):
        p, se = value(found, name), value(found, name, "se")
        reach = np.log(p / (1 - p)) - t * se / (p * (1 - p))
        assert value(found, name, "ci_low") == pytest.approx(1 / (1 + np.exp(-reach)))
    ratio, se = value(found, "INC.quintile_ratio"), value(found, "INC.quintile_ratio", "se")
    assert value(found, "INC.quintile_ratio", "ci_high") == pytest.approx(ratio * np.exp(t * se / ratio))


@pytest.mark.parametrize("design", [DESIGN, SampleDesign("weight"), SampleDesign()])
def test_all_engines_give_the_same_to_the_last_digit(design):
    frame = households(7)
    shuffled = frame.sample(frac=1, random_state=1)
    one = found_of(frame, [(), ("area",)], design)
    other = found_of(shuffled, [(), ("area",)], design, "duckdb")
    ours = one["indicator"] != "FIX.incidence"  # made of sums, which engines add up in their own order
    pd.testing.assert_frame_equal(one[ours], other[ours], check_exact=True)


def test_equal_incomes_have_no_inequality_and_no_error():
    found = found_of(households(8, 20).assign(income=5.0))
    assert [value(found, "INC.gini", name) for name in ("estimate", "se")] == [0, 0]
    # nobody has more than where the richest fifth begins, so that there is no fifth to compare: not a ratio of 0
    assert np.isnan(value(found, "INC.quintile_ratio"))
    assert np.isnan(value(found, "POV.median_gap"))
    with pytest.raises(InputError, match="nobody lies above the highest fifth"):
        quintile_share_ratio([5.0, 5.0], None)


def test_the_answers_of_one_household_vouch_for_nothing():
    frame = households(9, 12)
    frame.loc[frame["household"] == 0, "area"] = "alone"
    found = found_of(frame, [("area",)])
    found["mark"] = reliability_of(found, parse_catalogue(ENTRIES))
    alone = found[(found["area"] == "alone") & found["estimate"].notna()]
    assert len(alone) >= 2
    assert (alone["units"] == 1).all()
    assert (alone["mark"] == "unreliable").all()


POOR_FIFTH = "income,line,area\n" + "".join(f"0,5,a\n{i},5,a\n{i + 9},5,b\n" for i in range(1, 4))


def run(tmp_path, entries: str, data: str, *options: str):
    (tmp_path / "entries.yaml").write_text(entries)
    (tmp_path / "data.csv").write_text(data)
    names = ["estimate", str(tmp_path / "data.csv"), "--indicators", str(tmp_path / "entries.yaml"), *options]
    return CliRunner().invoke(main, names)


def test_a_cell_without_a_figure_says_why_and_is_not_zero(tmp_path):
    # area a: half have nothing, so the poorest fifth has nothing; nobody of area b lies below 5, and a fifth of
    # three people begins and ends with the richest of them
    result = run(tmp_path, ENTRIES, POOR_FIFTH, "--by", "area", "--json")
    rows = {(row["indicator"], row["area"]): row for row in json.loads(result.stdout)["estimates"]}
    assert rows["INC.quintile_ratio", "a"]["estimate"] is None
    assert rows["INC.quintile_ratio", "a"]["n"] == 6
    assert rows["FIX.median_gap", "b"]["estimate"] is None
    assert rows["FIX.median_gap", "b"]["n"] == 0
    assert "INC.quintile_ratio: 2 cells have no figure, because its poorest fifth has nothing" in result.stderr
    assert "FIX.median_gap: 1 cell has no figure, because nobody in it lies below the poverty line." in result.stderr


def test_a_total_below_zero_has_no_gini_and_no_line():
    scored = scored_gini(np.array([-9.0, 1, 1, 1, 1]), np.ones(5))
    assert scored is None
    with pytest.raises(InputError, match="the poverty line would be"):
        found_of(FIVE.assign(income=[-9.0, -1, -1, 1, 1]), design=SampleDesign())


BAD = {
    "{kind: inequality, id: X, label: {en: X}, level: person, version: 1}": ("welfare", "the key 'welfare' is missing"),
    "{kind: inequality, id: X, label: {en: X}, level: person, welfare: income, version: 1,\n   measures: [ginni]}": (
        "measures",
        "gini",
    ),
    "{kind: inequality, id: X, label: {en: X}, level: person, welfare: income, version: 1,\n   measures: []}": (
        "measures",
        "there is nothing here; fill it in",
    ),
    "{kind: inequality, id: X, label: {en: X}, level: person, welfare: income, version: 1,\n measures: [gini, gini]}": (
        "measures",
        "'gini' stands twice. Take one out",
    ),
    "{kind: inequality, id: X, label: {en: X}, level: person, welfare: income, version: 1,\n   line: 5}": (
        "line",
        "unknown key 'line'",
    ),
    "{kind: inequallity, id: X, label: {en: X}, level: person, welfare: income, version: 1}": (
        "kind",
        "Did you mean 'inequality'?",
    ),
    "{kind: poverty, id: X, label: {en: X}, level: person, welfare: income, line: 5, version: 1,\n measures: [gini]}": (
        "measures",
        "median_gap",
    ),
    "{kind: inequality, id: X, label: {en: X}, level: person, version: 1,\n   welfare: 5}": ("welfare", "text"),
    '{kind: inequality, id: X, label: {en: X}, level: person, version: 1,\n   welfare: "income >"}': ("welfare", ""),
}


@pytest.mark.parametrize("entry", BAD)
def test_a_malformed_entry_is_placed_and_says_what_would_do(entry):
    key, words = BAD[entry]
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(f"# a comment\n- {entry}\n", "mine.yaml")
    problems = [one for one in caught.value.problems if one.column == key or key == "welfare"]
    assert problems, caught.value
    assert problems[0].file == "mine.yaml"
    assert problems[0].line == (3 if "\n" in entry else 2)
    assert words in str(caught.value)


def test_a_misspelt_welfare_is_placed_in_the_catalogue(tmp_path):
    entries = "- kind: inequality\n  id: INC\n  label: {en: I}\n  level: person\n  welfare: incom\n  version: 1\n"
    result = run(tmp_path, entries, POOR_FIFTH)
    assert result.exit_code == 1
    assert "entries.yaml, line 5" in result.stderr
    assert "Did you mean 'income'?" in result.stderr


def test_a_text_column_has_no_inequality(tmp_path):
    entries = "- {kind: inequality, id: INC, label: {en: I}, level: person, welfare: area, version: 1}\n"
    result = run(tmp_path, entries, POOR_FIFTH)
    assert result.exit_code == 1
    assert "'area' is not a number" in result.stderr


def test_a_median_gap_of_nobody_has_no_scores():
    assert scored_median_gap(np.array([5.0, 6.0]), np.ones(2), 4.0) is None
