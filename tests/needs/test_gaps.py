"""Needs and gaps: worked by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from budget_model.errors import InputError
from budget_model.needs.gaps import gaps_from_estimates, needs_from_estimates
from tests.survey_builders import mean, only, share

WATER, PARTIC, HOURS = (
    share("w = 0", identifier="WATER"),
    share("p = 1", identifier="PARTIC", direction="up"),
    mean("h", identifier="HOURS"),
)
CATALOGUE = [WATER, PARTIC, HOURS]


def estimates(*rows: tuple) -> pd.DataFrame:
    names = ["indicator", "area", "sex", "estimate", "se", "population", "count"]
    return pd.DataFrame(list(rows), columns=names).astype({"area": "object", "sex": "object"})


SAMPLE = estimates(
    ("WATER", "north", "female", 0.30, 0.03, 1000.0, 300.0),
    ("WATER", "north", "male", 0.20, 0.04, 900.0, 180.0),
    ("WATER", "north", None, 0.25, 0.03, 1900.0, 480.0),
    ("PARTIC", "north", "female", 0.10, 0.01, 800.0, 80.0),
    ("PARTIC", "north", "male", 0.12, 0.01, 700.0, 84.0),
    ("HOURS", "north", "female", 30.0, 1.0, 1000.0, 30000.0),
    ("HOURS", "north", "male", 10.0, 2.0, 900.0, 9000.0),
)


def test_a_need_is_the_persons_who_lack_it():
    needs = needs_from_estimates(SAMPLE, CATALOGUE)
    assert list(needs.columns) == ["indicator", "area", "group", "universe", "deficit", "deficit_se"]
    assert len(needs) == 4  # a mean has no need, both sexes together no group
    row = only(needs, indicator="WATER", group="women")
    assert (row["area"], row["universe"], row["deficit"], row["deficit_se"]) == ("north", 1000.0, 300.0, 30.0)
    # higher is better: 800 − 80 do not take part
    assert only(needs, indicator="PARTIC", group="women")["deficit"] == 720.0


def test_a_census_need_has_no_standard_error():
    needs = needs_from_estimates(SAMPLE.assign(se=math.nan), CATALOGUE)
    assert needs["deficit_se"].isna().all()


def test_the_whole_site_has_no_area():
    needs = needs_from_estimates(SAMPLE.drop(columns="area"), CATALOGUE)
    assert needs["area"].isna().all()
    needs = needs_from_estimates(SAMPLE.assign(area=None), CATALOGUE)
    assert needs["area"].tolist() == [None] * 4


def test_gaps_are_in_points_with_their_error_and_verdict():
    gaps = gaps_from_estimates(SAMPLE, CATALOGUE)
    row = only(gaps, indicator="WATER")
    assert row["gap"] == pytest.approx(10.0)
    assert row["gap_se"] == pytest.approx(5.0)  # √(3² + 4²) points
    assert (row["unit"], row["worse_off"], row["more_than_noise"]) == ("pp", "women", True)  # 10 > 1.96 · 5
    assert row["ratio"] == pytest.approx(1.5)
    row = only(gaps, indicator="PARTIC")
    assert (row["worse_off"], row["more_than_noise"]) == ("women", False)  # 2 < 1.96 · 1.41
    row = only(gaps, indicator="HOURS")
    assert (row["unit"], row["gap"], row["worse_off"]) == ("mean", 20.0, "women")
    assert row["gap_se"] == pytest.approx(5**0.5)


def test_the_linearised_error_of_the_difference_is_used_when_given():
    differences = pd.DataFrame({"indicator": ["WATER"], "area": ["north"], "difference": [0.1], "se": [0.08]})
    gaps = gaps_from_estimates(SAMPLE, CATALOGUE, differences)
    row = only(gaps, indicator="WATER")
    assert row["gap_se"] == pytest.approx(8.0)
    assert row["more_than_noise"] is False


def test_a_gap_of_a_census_is_never_noise():
    gaps = gaps_from_estimates(SAMPLE.assign(se=math.nan), CATALOGUE)
    assert gaps["more_than_noise"].tolist() == [True, True, True]
    assert gaps["gap_se"].isna().all()


def test_gap_is_zero_and_nobody_is_worse_off_when_groups_are_equal():
    row = only(gaps_from_estimates(SAMPLE.assign(estimate=0.4), CATALOGUE), indicator="WATER")
    assert (row["gap"], row["ratio"], row["worse_off"], row["more_than_noise"]) == (0.0, 1.0, None, False)


def test_the_ratio_is_undefined_where_men_are_at_zero():
    frame = SAMPLE.copy()
    frame.loc[1, "estimate"] = 0.0
    assert math.isnan(only(gaps_from_estimates(frame, CATALOGUE), indicator="WATER")["ratio"])


def test_a_group_without_universe_leaves_the_gap_unknown():
    frame = SAMPLE.copy()
    frame.loc[1, ["estimate", "se"]] = math.nan
    row = only(gaps_from_estimates(frame, CATALOGUE), indicator="WATER")
    assert math.isnan(row["gap"])
    assert (row["worse_off"], row["more_than_noise"]) == (None, None)


def test_estimates_without_definition_or_given_twice_are_refused():
    with pytest.raises(InputError, match="estimates of HOURS, PARTIC have no definition here"):
        needs_from_estimates(SAMPLE, [WATER])
    with pytest.raises(InputError, match="two estimates of WATER for female in area north"):
        gaps_from_estimates(pd.concat([SAMPLE, SAMPLE.head(1)]), CATALOGUE)
