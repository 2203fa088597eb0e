"""Standard errors: by hand, against a second implementation, and as properties."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.errors import DesignError, InputError
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import differences_of, estimate
from budget_model.survey.student import student_quantile
from budget_model.survey.tabulate import tabulate
from tests.survey_builders import mean, only, share

INDICATORS = [share("water = 0", "age >= 15", "WATER"), mean("hours", "age >= 5", "HOURS")]
DESIGN = SampleDesign("weight", "stratum", "block")


def random_survey(seed: int, people: int = 400) -> pd.DataFrame:
    """Unequal weights, strata of unequal size with block numbers that repeat between strata, missing answers."""
    random = np.random.default_rng(seed)
    stratum = random.choice([1, 2, 3], people, p=[0.6, 0.3, 0.1])
    block = random.integers(0, np.array([0, 12, 5, 3])[stratum])
    block[:6], stratum[:6] = [0, 1, 0, 1, 0, 1], [1, 1, 2, 2, 3, 3]  # no stratum with a single block
    effect = random.normal(size=(4, 12))[stratum, block]
    age = random.integers(0, 90, people).astype(float)
    return pd.DataFrame(
        {
            "stratum": stratum,
            "block": block,
            "weight": random.lognormal(2, 0.8, people) * stratum,
            "area": random.choice(["a", "b", "rare"], people, p=[0.6, 0.38, 0.02]),
            "sex": random.choice(["female", "male"], people),
            "age": np.where(random.random(people) < 0.05, np.nan, age),
            "water": np.where(random.random(people) < 0.05, np.nan, (effect + random.normal(size=people) > 0) * 1.0),
            "hours": np.where(random.random(people) < 0.1, np.nan, 20 + 5 * effect + random.normal(size=people)),
            "units": np.array([0, 40, 11, 7])[stratum],
        }
    )


def table_of(frame: pd.DataFrame):
    return ibis.polars.connect().create_table("people", pl.from_pandas(frame))


def judge(frame: pd.DataFrame, inside: pd.Series, value: pd.Series, units: list[str] | None, fpc: str | None = None):
    """(ratio, its standard error, standard error of the total), written out person by person and stratum by stratum."""
    weight = frame["weight"] * inside
    value = value.where(inside, 0.0)
    ratio = (weight * value).sum() / weight.sum()
    scores = {"ratio": weight * (value - ratio) / weight.sum(), "total": weight * value}
    errors = {}
    for name, score in scores.items():
        variance = 0.0
        for _, members in frame.groupby("stratum"):
            by_unit = score[members.index]
            if units:
                by_unit = by_unit.groupby([members[unit] for unit in units]).sum()
            drawn = len(by_unit)
            fraction = drawn / members[fpc].iloc[0] if fpc else 0.0
            variance += (1 - fraction) * drawn * np.var(by_unit, ddof=1)
        errors[name] = np.sqrt(variance)
    return ratio, errors["ratio"], errors["total"]


def judge_all(frame: pd.DataFrame, where: pd.Series, units: list[str] | None, fpc: str | None = None):
    water = where & (frame["age"] >= 15) & frame["water"].notna()
    hours = where & (frame["age"] >= 5) & frame["hours"].notna()
    return {
        "WATER": judge(frame, water, (frame["water"] == 0) * 1.0, units, fpc),
        "HOURS": judge(frame, hours, frame["hours"], units, fpc),
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("psu", "units"), [("block", ["block"]), (None, None)])
def test_domains_agree_with_a_second_implementation(seed, psu, units):
    frame = random_survey(seed)
    ours = estimate(
        table_of(frame), INDICATORS, [(), ("sex",), ("area", "sex")], SampleDesign("weight", "stratum", psu)
    )
    for area, sex in [(None, None), (None, "female"), ("a", "male"), ("b", "female")]:
        where = (frame["sex"] == sex if sex else True) & (frame["area"] == area if area else frame["sex"].notna())
        for indicator, expected in judge_all(frame, where, units).items():
            row = only(ours, indicator=indicator, area=area, sex=sex)
            np.testing.assert_allclose([row["estimate"], row["se"], row["count_se"]], expected, rtol=1e-9)


def test_the_finite_population_correction_agrees_with_a_second_implementation():
    frame = random_survey(9)
    design = SampleDesign("weight", "stratum", "block", "units")
    ours = estimate(table_of(frame), INDICATORS, [("sex",)], design)
    for indicator, expected in judge_all(frame, frame["sex"] == "male", ["block"], "units").items():
        row = only(ours, indicator=indicator, sex="male")
        np.testing.assert_allclose([row["estimate"], row["se"], row["count_se"]], expected, rtol=1e-9)


def test_the_standard_error_of_a_difference_knows_that_both_live_in_the_same_blocks():
    frame = random_survey(3)
    ours = differences_of(tabulate(table_of(frame), INDICATORS, ["sex"], DESIGN), [()])
    inside = (frame["age"] >= 15) & frame["water"].notna()
    score = pd.Series(0.0, index=frame.index)
    ratios = []
    for sign, sex in ((1, "female"), (-1, "male")):
        weight = frame["weight"] * (inside & (frame["sex"] == sex))
        value = (frame["water"] == 0) * 1.0
        ratios.append((weight * value).sum() / weight.sum())
        score += sign * weight * (value - ratios[-1]) / weight.sum()
    variance = sum(
        len(units) * np.var(units, ddof=1)
        for _, members in frame.groupby("stratum")
        for units in [score[members.index].groupby(members["block"]).sum()]
    )
    row = only(ours, indicator="WATER")
    np.testing.assert_allclose([row["difference"], row["se"]], [ratios[0] - ratios[1], np.sqrt(variance)], rtol=1e-9)


def test_a_simple_random_sample_by_hand():
    # 2 of 8 lack water: p = 0.25, variance p(1 − p)/(n − 1) = 0.1875/7, and no design effect
    frame = pd.DataFrame({"water": [0, 0, 1, 1, 1, 1, 1, 1], "weight": 10.0})
    row = only(estimate(table_of(frame), [share("water = 0")], design=SampleDesign("weight")), indicator="SHARE")
    assert row["se"] == pytest.approx((0.1875 / 7) ** 0.5, rel=1e-12)
    assert (row["deff"], row["cv"]) == (pytest.approx(1.0), pytest.approx(row["se"] / 0.25))
    # total 20 of 80: variance of Σ 10·y = 100 · 8/7 · (2 − 4/8)
    assert row["count_se"] == pytest.approx((100 * 8 / 7 * 1.5) ** 0.5, rel=1e-12)
    # logit(0.25) ± t(7) · se / 0.1875, t = 2.364624
    width = 2.3646242515927844 * row["se"] / 0.1875
    assert row["ci_high"] == pytest.approx(1 / (1 + 3 * np.exp(-width)), rel=1e-9)
    assert row["ci_low"] == pytest.approx(1 / (1 + 3 * np.exp(width)), rel=1e-9)


def test_a_share_of_zero_keeps_the_exact_upper_bound():
    # nobody of 8 in 8 units: the 97.5 % bound solves (1 − p)^8 = 0.025
    frame = pd.DataFrame({"water": [1] * 8, "weight": 1.0})
    row = only(estimate(table_of(frame), [share("water = 0")], design=SampleDesign("weight")), indicator="SHARE")
    assert (row["estimate"], row["se"], row["ci_low"]) == (0.0, 0.0, 0.0)
    assert row["ci_high"] == pytest.approx(1 - 0.025 ** (1 / 8))
    row = only(estimate(table_of(frame), [share("water = 1")], design=SampleDesign("weight")), indicator="SHARE")
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(0.025 ** (1 / 8)), 1.0)


def test_units_of_a_stratum_without_members_of_the_domain_count():
    # four blocks, women in two of them only
    frame = pd.DataFrame(
        {
            "block": [1, 1, 2, 2, 3, 4],
            "sex": ["female", "female", "female", "female", "male", "male"],
            "water": [0, 0, 0, 1, 1, 1],
        }
    )
    ours = estimate(table_of(frame), [share("water = 0")], [("sex",)], SampleDesign(psu="block"))
    # R = 3/4; block 1: (2 − 1.5)/4 = 0.125, block 2: (1 − 1.5)/4 = −0.125; V = 4/3 · 2 · 0.125²
    assert only(ours, sex="female")["se"] == pytest.approx((4 / 3 * 2 * 0.125**2) ** 0.5, rel=1e-12)


DESIGN_MISTAKES = [
    ({"weight": [1.0, -2.0, None]}, SampleDesign("weight"), "2 of 3 rows have no usable weight", "row 2, found -2"),
    (
        {"weight": [1.0, 1.0, float("inf")]},
        SampleDesign("weight"),
        "1 of 3 rows",
        "row 3, found inf",
    ),
    ({"stratum": ["x", "x", None]}, SampleDesign(strata="stratum"), "no usable strata", "row 3"),
    ({"block": [1, None, 2]}, SampleDesign(psu="block"), "no usable psu", "row 2"),
    ({"units": [9, None, 9]}, SampleDesign(fpc="units"), "no usable fpc", "row 2"),
    ({"stratum": ["x", "x", "lonely"]}, SampleDesign(strata="stratum"), "stratum lonely", "Merge it"),
    (
        {"stratum": ["x", "x", "lonely"], "block": [1, 2, 1]},
        SampleDesign(strata="stratum", psu="block"),
        "stratum lonely (column 'stratum') has a single primary sampling unit (column 'block')",
        "Merge it",
    ),
    ({"block": [1, 1, 1]}, SampleDesign(psu="block"), "the sample has a single primary sampling unit", "Merge it"),
    ({"units": [9, 9, 8]}, SampleDesign(fpc="units"), "the fpc differs between rows (8 to 9)", "one value"),
    ({"units": [2, 2, 2]}, SampleDesign(fpc="units"), "2 units in the population, but 3 were drawn", "Correct"),
    ({"units": [0, 0, 0]}, SampleDesign(fpc="units"), "the fpc is 0", "share drawn"),
]


@pytest.mark.parametrize(("columns", "design", "words", "more"), DESIGN_MISTAKES)
def test_a_design_that_cannot_carry_an_error_is_refused(columns, design, words, more):
    frame = pl.DataFrame({"water": [0, 1, 1], **columns})
    with pytest.raises(DesignError) as caught:
        estimate(ibis.polars.connect().create_table("people", frame), [share("water = 0")], design=design)
    assert words in str(caught.value)
    assert more in str(caught.value)


def test_all_single_unit_strata_are_named_at_once():
    frame = pd.DataFrame({"water": [0, 1, 1, 0], "stratum": ["x", "x", "lone", "solo"]})
    with pytest.raises(DesignError) as caught:
        estimate(table_of(frame), [share("water = 0")], design=SampleDesign(strata="stratum"))
    assert [problem.facts["stratum"] for problem in caught.value.problems] == ["lone", "solo"]


def test_a_stratum_drawn_whole_may_have_a_single_unit_and_adds_no_error():
    frame = pd.DataFrame({"water": [0, 1, 1, 0], "stratum": ["x", "x", "x", "whole"], "units": [9, 9, 9, 1]})
    ours = estimate(table_of(frame), [share("water = 0")], design=SampleDesign(strata="stratum", fpc="units"))
    assert only(ours, indicator="SHARE")["se"] > 0
    whole = estimate(
        table_of(frame.assign(units=1.0)), [share("water = 0")], design=SampleDesign("units", "stratum", fpc="units")
    )
    assert only(whole, indicator="SHARE")["se"] == 0


@pytest.mark.parametrize(
    ("degrees_of_freedom", "printed"),
    [(1, 12.7062), (2, 4.30265), (5, 2.57058), (10, 2.22814), (30, 2.04227), (120, 1.97993), (float("inf"), 1.95996)],
)
def test_student_quantiles_are_those_of_the_printed_tables(degrees_of_freedom, printed):
    assert student_quantile(0.975, degrees_of_freedom) == pytest.approx(printed, abs=5e-6 * printed)


@pytest.mark.parametrize(("probability", "degrees_of_freedom"), [(0.4, 3), (1.0, 3), (0.9, 0)])
def test_student_quantiles_outside_their_range_are_refused(probability, degrees_of_freedom):
    with pytest.raises(ValueError, match="no t quantile"):
        student_quantile(probability, degrees_of_freedom)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 1000))
def test_row_order_never_matters_and_scaling_the_weights_leaves_ratios_alone(seed, factor):
    frame = random_survey(seed, people=120)
    shuffled = frame.sample(frac=1, random_state=seed).assign(weight=lambda rows: rows["weight"] * factor)
    one, other = (estimate(table_of(each), INDICATORS, [("sex",)], DESIGN) for each in (frame, shuffled))
    for name in ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(one["count_se"] * factor, other["count_se"], rtol=1e-7)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_equal_weights_give_the_unweighted_estimates(seed):
    frame = random_survey(seed, people=120).assign(weight=3.0)
    weighted = estimate(table_of(frame), INDICATORS, [("sex",)], DESIGN)
    plain = estimate(table_of(frame), INDICATORS, [("sex",)], SampleDesign(None, "stratum", "block"))
    for name in ("estimate", "se", "deff", "n"):
        np.testing.assert_allclose(weighted[name], plain[name], rtol=1e-9)
    np.testing.assert_allclose(weighted["population"], 3 * plain["population"])


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_cells_add_up_to_the_whole(seed):
    frame = random_survey(seed, people=120)
    ours = estimate(table_of(frame), INDICATORS, [(), ("sex",), ("area", "sex")], DESIGN)
    whole = ours[ours["sex"].isna()].set_index("indicator")
    for cells in (ours[ours["sex"].notna() & ours["area"].isna()], ours[ours["area"].notna()]):
        added = cells.groupby("indicator")[["n", "population", "count"]].sum()
        np.testing.assert_allclose(added, whole.loc[added.index, ["n", "population", "count"]], rtol=1e-9)


SINGLE = pd.DataFrame(
    {
        "area": ["a", "a", "b", "c", "c", "c"],
        "weight": [1.7, 2.3, 3.1, 1.1, 0.9, 2.2],
        "block": [1, 2, 3, 4, 5, 6],
        "income": [1234.567, 987.1, 54321.987, 0.1, 0.1, 0.1],
        "spent": [10.0, 20.0, 30.0, 1.0, 2.0, 3.0],
    }
)


@pytest.mark.parametrize(
    "design", [SampleDesign("weight"), SampleDesign("weight", psu="block"), SampleDesign(psu="block")]
)
def test_where_all_answers_of_a_cell_are_one_and_the_same_the_standard_error_is_exactly_zero(design):
    ours = estimate(table_of(SINGLE), [mean("income")], [("area",)], design)
    for area, answer in (("b", 54321.987), ("c", 0.1)):
        row = only(ours, area=area)
        assert (row["estimate"], row["se"], row["ci_low"], row["ci_high"]) == (answer, 0.0, answer, answer)
        assert np.isnan(row["deff"])  # no variance to compare with
        assert row["count_se"] > 0  # how many there are is still uncertain
    assert only(ours, area="a")["se"] > 1


def test_a_ratio_that_is_the_same_for_everybody_has_no_standard_error():
    frame = SINGLE.assign(spent=SINGLE["income"] * 0.25)
    ratio = mean("spent").model_copy(update={"over": "income"})
    row = only(estimate(table_of(frame), [ratio], [()], SampleDesign("weight")), indicator=ratio.id)
    assert row["se"] == pytest.approx(0, abs=1e-16)


def test_the_difference_of_two_single_answers_has_no_standard_error():
    frame = SINGLE.head(3).assign(sex=["female", "female", "male"], income=[5.5, 5.5, 7.1])
    tabulation = tabulate(table_of(frame), [mean("income")], ["sex"], SampleDesign("weight"))
    row = differences_of(tabulation, [()]).iloc[0]
    assert row["se"] == 0
    assert row["difference"] == pytest.approx(-1.6)


@pytest.mark.parametrize(
    ("income", "words"),
    [
        ([1.0, np.inf, 2.0], "row 2 gives inf"),
        ([1.0, 2.0, -np.inf], "row 3 gives -inf"),
        ([np.inf, -np.inf, 2.0], "row 1 gives inf"),
        ([1.0, 2.0, 1e308], r"row 3 gives 1e\+308"),
        ([-1e200, 2.0, 3.0], r"row 1 gives -1e\+200"),
    ],
)
@pytest.mark.parametrize("design", [None, SampleDesign("weight"), SampleDesign("weight", psu="block")])
def test_answers_that_cannot_be_added_up_are_refused_with_their_row(income, words, design):
    frame = pd.DataFrame({"weight": [1.0, 2.0, 3.0], "block": [1, 2, 3], "income": income})
    with pytest.raises(InputError, match=words) as refused:
        estimate(table_of(frame), [mean("income")], [()], design)
    assert "indicator 'MEAN'" in str(refused.value)


def test_weights_that_cannot_be_added_up_are_refused():
    frame = pd.DataFrame({"weight": [1e308, 1e308, 3.0], "water": [0.0, 1.0, 1.0]})
    with pytest.raises(InputError, match="the weights are too large"):
        estimate(table_of(frame), [share("water = 0")], [()], SampleDesign("weight"))


def test_an_infinite_answer_to_a_median_is_refused_and_one_outside_the_universe_is_not():
    frame = pd.DataFrame({"income": [1.0, 2.0, np.inf], "age": [20, 30, 40]})
    median = mean("income").model_copy(update={"mean": None, "median": "income"})
    with pytest.raises(InputError, match="row 3 gives inf"):
        estimate(table_of(frame), [median], [()])
    row = estimate(table_of(frame), [median.model_copy(update={"universe": "age < 35"})], [()]).iloc[0]
    assert row["estimate"] == 1.5


def test_an_infinite_fpc_is_refused():
    frame = pd.DataFrame({"water": [0.0, 1.0, 1.0], "units": [np.inf] * 3})
    with pytest.raises(DesignError, match="the fpc is inf"):
        estimate(table_of(frame), [share("water = 0")], [()], SampleDesign(fpc="units"))


def test_answers_without_weight_do_not_hide_that_all_others_are_the_same():
    frame = pd.DataFrame({"weight": [2.0, 0.0, 3.0, 1.0], "area": [1, 1, 1, 2], "income": [7.7, 1.0, 7.7, 5.0]})
    row = only(estimate(table_of(frame), [mean("income")], [("area",)], SampleDesign("weight")), area=1)
    assert (row["estimate"], row["se"], row["n"]) == (7.7, 0.0, 3)
