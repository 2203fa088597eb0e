"""The poverty entries of the product on answers of the demonstration, held against a count by hand."""

from __future__ import annotations

import ibis
import numpy as np
import polars as pl
import pytest

from budget_model.survey.catalogue import is_part, parse_catalogue
from budget_model.survey.estimate import estimate
from data.demo.census import generate_census
from data.demo.figures import read_figures
from data.demo.geometry import draw_map
from data.settings import PROJECT

CATALOGUE = PROJECT / "data" / "catalogue" / "poverty.yaml"


@pytest.fixture(scope="module")
def persons() -> pl.DataFrame:
    generator = np.random.default_rng(7)
    return generate_census(generator, read_figures(), draw_map(generator, "x", "X"), 400).persons


@pytest.fixture(scope="module")
def found(persons):
    frame = estimate(ibis.memtable(persons), parse_catalogue(CATALOGUE.read_text(encoding="utf-8")), [(), ("sex",)])
    frame["sex"] = frame["sex"].fillna("all")
    return frame.set_index(["indicator", "sex"])["estimate"]


def by_hand(adults: pl.DataFrame) -> tuple[float, float]:
    """H and M0 of MPIP: a quarter for each of four deprivations, poor from two on."""
    count = (
        (adults["health_insurance"] == "none").cast(int)
        + adults["education"].is_in(["none", "initial"]).cast(int)
        + (adults["own_income"] <= 0).cast(int)
        + (adults["internet_use_1m"] == "no").cast(int)
    )
    known = count.drop_nulls()
    poor = known >= 2
    return float(poor.mean()), float((known * poor / 4).mean())


@pytest.mark.parametrize("sex", ["all", "female", "male"])
def test_deprivations_of_persons_are_those_counted_by_hand_for_each_sex(persons, found, sex):
    adults = persons.filter(pl.col("age") >= 18)
    headcount, adjusted = by_hand(adults if sex == "all" else adults.filter(pl.col("sex") == sex))
    assert found["MPIP.H", sex] == pytest.approx(headcount, rel=1e-12)
    assert found["MPIP.M0", sex] == pytest.approx(adjusted, rel=1e-12)
    assert found["MPIP.A", sex] * found["MPIP.H", sex] == pytest.approx(adjusted, rel=1e-12)


@pytest.mark.parametrize("entry", ["MPIH", "MPIP"])
@pytest.mark.parametrize("sex", ["all", "female", "male"])
def test_contributions_add_up_to_the_whole(found, entry, sex):
    absolute = [value for (code, who), value in found.items() if code.startswith(f"{entry}.absolute.") and who == sex]
    percent = [value for (code, who), value in found.items() if code.startswith(f"{entry}.percent.") and who == sex]
    assert sum(absolute) == pytest.approx(found[f"{entry}.M0", sex], rel=1e-9)
    assert sum(percent) == pytest.approx(1, rel=1e-9)


def test_monetary_poverty_is_incidence_gap_and_severity(persons, found):
    short = (1 - persons["income_per_head"] / persons["poverty_line"]).clip(lower_bound=0)
    assert found["FGT.incidence", "all"] == pytest.approx(float((short > 0).mean()), rel=1e-12)
    assert found["FGT.gap", "all"] == pytest.approx(float(short.mean()), rel=1e-12)
    assert found["FGT.severity", "all"] == pytest.approx(float((short**2).mean()), rel=1e-12)


def test_only_single_deprivations_are_parts():
    codes = [item.id for item in parse_catalogue(CATALOGUE.read_text(encoding="utf-8"))]
    assert [code for code in codes if not is_part(code)] == [
        *("MPIH.M0", "MPIH.H", "MPIH.A", "MPIP.M0", "MPIP.H", "MPIP.A"),
        *("FGT.incidence", "FGT.gap", "FGT.severity"),
    ]
