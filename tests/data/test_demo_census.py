"""The synthetic census: margins as published, believable structure, nobody recognisable, repeatable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.conditions import parse_condition
from data.demo.build import CATALOGUE, SEED
from data.demo.census import Census, generate_census
from data.demo.draws import choose_households, choose_share, scale_to_mean
from data.demo.figures import FILE, PublishedFigure, read_figures
from data.demo.geometry import draw_map
from data.workflows.identifiers import identifying_columns

FIGURES = read_figures()
CORE = (
    "ID_DNI POV XPOV OWNINC FOOD UNPAID TIMEPOV CARE05 CAREDEP CAREBAR IPV12 NOHELP CRIME HINS ADOPREG ANCBIRTH "
    "FPUNMET MALN U5DEATH MATDEATH DISSUP ILLIT INI PRIM SEC NEET DIGIT UNEMP INFORM CHILDW PAYRATIO WATER SANIT "
    "HOUSE SOCPROG PARTIC"
)


def census_of(households: int, seed: int = SEED) -> Census:
    areas = draw_map(np.random.default_rng([seed, 0]), "site", "Site")
    return generate_census(np.random.default_rng([seed, 1]), FIGURES, areas, households)


@pytest.fixture(scope="module")
def full() -> Census:
    """The full-size census, as the demonstration site has it."""
    return census_of(int(FIGURES.assumed["households"]))


def value(frame: pl.DataFrame, expression: str, universe: str) -> float:
    """An independent judge: Polars' own SQL, not the engine of the estimates."""
    query = f"SELECT {expression} AS v FROM t WHERE {universe}"
    return float(pl.SQLContext(t=frame, eager=True).execute(query)["v"][0])


def share(frame: pl.DataFrame, numerator: str, universe: str = "age >= 0") -> float:
    return 100 * value(frame, f"AVG(CASE WHEN {numerator} THEN 1.0 ELSE 0.0 END)", universe)


def measured(census: Census, figure: PublishedFigure) -> float:
    frame = census.persons if figure.level == "person" else census.households
    if figure.unit == "persons":
        return frame.height
    if figure.unit == "percent":
        return share(frame, str(figure.numerator), figure.universe)
    mean = value(frame, f"AVG({figure.mean})", figure.universe)
    if figure.unit == "hours":
        return mean
    return mean / value(frame, f"AVG({figure.mean})", str(figure.universe_of_reference))


@pytest.mark.parametrize("figure", FIGURES.published.values(), ids=lambda figure: figure.id)
def test_each_published_figure_is_met(full, figure):
    tolerance = figure.tolerance * (figure.value / 100 if figure.unit == "persons" else 1)
    assert measured(full, figure) == pytest.approx(figure.value, abs=tolerance)


def test_percentages_are_held_to_one_point_and_every_figure_says_where_it_is_from():
    assert {figure.tolerance for figure in FIGURES.published.values() if figure.unit == "percent"} == {1}
    assert all(figure.source and figure.year >= 2010 for figure in FIGURES.published.values())


def test_what_is_not_published_is_called_an_assumption():
    assumed = yaml.safe_load(FILE.read_text(encoding="utf-8"))["assumed"]
    assert [name for name, entry in assumed.items() if not entry["note"].startswith("assumption")] == []


def test_the_census_is_of_full_size(full):
    assert full.households.height == 100_000
    assert 385_000 <= full.persons.height <= 395_000


def test_both_frames_tell_the_same_households(full):
    repeated = full.persons.select(full.households.columns).unique(maintain_order=True)
    assert_frame_equal(repeated, full.households)
    sizes = full.persons.group_by("household_id", maintain_order=True).len()["len"]
    assert sizes.equals(full.households["household_size"].cast(sizes.dtype), check_names=False)


def test_every_household_has_one_head(full):
    heads = full.persons.filter(pl.col("relation") == "head")
    assert heads["household_id"].equals(full.households["household_id"])
    assert heads["sex"].equals(full.households["head_sex"], check_names=False)


@pytest.mark.parametrize(
    "numerator", ["water_source NOT IN ('network_home', 'network_building')", "sanitation = 'pit'"]
)
def test_services_are_missing_on_the_hills_and_hardly_elsewhere(full, numerator):
    hills = share(full.persons, numerator, "settlement = 'hillside'")
    assert hills > 5
    assert hills > 10 * share(full.persons, numerator, "settlement <> 'hillside'")


def test_unpaid_hours_fall_on_women_more_so_with_small_children_at_home(full):
    children = full.persons.filter(pl.col("age") <= 5)["household_id"].unique()
    with_children = full.persons.filter(pl.col("household_id").is_in(children.implode()))
    mean = {sex: value(full.persons, "AVG(unpaid_hours)", f"sex = '{sex}'") for sex in ("female", "male")}
    more = {
        sex: value(with_children, "AVG(unpaid_hours)", f"sex = '{sex}' AND age >= 20 AND age <= 45") - mean[sex]
        for sex in mean
    }
    assert mean["female"] > 2.5 * mean["male"]
    assert more["female"] > 3 * max(more["male"], 0)


def test_among_the_employed_men_are_the_less_insured(full):
    universe = "labour_status = 'employed' AND sex = "
    uninsured = {
        sex: share(full.persons, "health_insurance = 'none'", f"{universe}'{sex}'") for sex in ("female", "male")
    }
    assert uninsured["male"] > uninsured["female"] + 5


def test_poverty_goes_with_hunger_and_poor_housing(full):
    poor, other = "income_per_head < poverty_line", "income_per_head >= poverty_line"
    assert share(full.persons, "food_shortage_3m = 'yes'", poor) > 2 * share(
        full.persons, "food_shortage_3m = 'yes'", other
    )
    makeshift = "wall_material IN ('mat', 'waste')"
    assert share(full.persons, makeshift, poor) > 1.5 * share(full.persons, makeshift, other)
    assert 2 < share(full.persons, "income_per_head < food_line") < share(full.persons, poor)


def test_questions_are_answered_by_those_who_are_asked_and_by_nobody_else(full):
    persons = full.persons
    asked = {"labour_status": 14, "can_read_write": 6, "attends_school": 3, "votes_participatory_budget": 18}
    for column, age in asked.items():
        assert persons.filter(pl.col(column).is_not_null())["age"].min() == age
        assert persons.filter(pl.col("age") >= age)[column].null_count() == 0
    assert (
        persons.filter(pl.col("sex") == "male")["partner_violence_12m"].null_count() == persons["sex"].eq("male").sum()
    )


# whether there is a card, not its number; and whole numbers of our own, from 1 on
NOT_IDENTIFYING = ["has_dni", "household_id", "person_id"]


def test_nobody_can_be_recognised_by_a_name_an_address_or_a_number(full):
    for frame in (full.persons, full.households):
        assert identifying_columns(frame, not_identifying=NOT_IDENTIFYING) == ()
        words = [name for name, dtype in frame.schema.items() if dtype == pl.String]
        assert {name: frame[name].n_unique() for name in words if frame[name].n_unique() > 60} == {}


def test_the_same_seed_gives_the_same_census_and_another_seed_another():
    first, again, other = census_of(300), census_of(300), census_of(300, seed=1)
    assert_frame_equal(first.persons, again.persons)
    assert_frame_equal(first.households, again.households)
    assert not first.persons.equals(other.persons)


def test_a_small_census_asks_the_same_questions_in_every_neighbourhood(full):
    small = census_of(200)
    assert small.persons.schema == full.persons.schema
    assert small.persons["neighbourhood"].n_unique() == 60
    assert small.persons["sector"].n_unique() == 12


def test_a_census_of_too_few_households_is_refused():
    with pytest.raises(ValueError, match="at least 200 households, not 10"):
        census_of(10)


def test_the_catalogue_holds_the_36_core_indicators_and_the_census_asks_for_all_of_them(full):
    text = Path(CATALOGUE).read_text(encoding="utf-8")
    definitions = parse_catalogue(text, CATALOGUE.name)
    assert [definition.id for definition in definitions] == CORE.split()
    for entry in yaml.safe_load(text):
        assert set(entry["label"]) == {"es", "en"}
        assert entry["source"]
        for condition in (entry["universe"], entry.get("numerator")):
            if condition:
                parse_condition(condition, full.persons.columns, entry["id"])


def test_sensitive_indicators_are_marked():
    definitions = parse_catalogue(CATALOGUE.read_text(encoding="utf-8"), CATALOGUE.name)
    assert {definition.id for definition in definitions if definition.sensitive} == {"IPV12", "NOHELP", "FPUNMET"}


def test_a_share_is_met_to_one_row_and_prefers_the_high_scores():
    generator = np.random.default_rng(3)
    score = np.repeat([0.0, 3.0], 500)
    among = np.arange(1000) % 10 != 0  # 900 of them
    chosen = choose_share(generator, score, among, 0.3)
    assert chosen.sum() == 270  # 0.3 x 900
    assert not chosen[~among].any()
    assert chosen[500:].sum() > 2 * chosen[:500].sum()
    assert not choose_share(generator, score, np.zeros(1000, bool), 0.5).any()


def test_households_are_chosen_until_they_hold_the_share_of_people():
    members = np.array([1, 2, 3, 4] * 250)
    chosen = choose_households(np.random.default_rng(4), np.zeros(1000), members, 0.25)
    assert 621 <= members[chosen].sum() <= 625  # 0.25 x 2,500, at most a household short


def test_a_mean_is_met_though_no_value_may_exceed_the_limit():
    values = np.array([1.0, 2.0, 3.0, 100.0])
    scaled = scale_to_mean(values, np.ones(4, bool), mean=30, most=60)
    assert scaled.mean() == pytest.approx(30, rel=1e-3)
    assert scaled.max() <= 60
