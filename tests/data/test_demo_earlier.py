"""The demonstration's earlier round: a sample whose weights add up, near what it was drawn from, in the same places."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import yaml

from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.series import differing_keys
from data.demo.build import CATALOGUE, SEED
from data.demo.census import Census
from data.demo.earlier import catalogue_then, draw_earlier, earlier_frame, read_earlier
from data.demo.figures import read_figures
from data.demo.geometry import draw_map
from data.demo.roster import draw_roster, places_of
from data.demo.sample import draw_sample

EARLIER, FIGURES, HOUSEHOLDS = read_earlier(), read_figures(), 20_000
AREAS = draw_map(np.random.default_rng([SEED, 0]), "site", "Site")


@pytest.fixture(scope="module")
def places():
    return places_of(draw_roster(np.random.default_rng([SEED, 1]), FIGURES, AREAS, HOUSEHOLDS))


@pytest.fixture(scope="module")
def frame(places) -> Census:
    return earlier_frame(np.random.default_rng([SEED, 3]), EARLIER, FIGURES, AREAS, places, HOUSEHOLDS)


@pytest.fixture(scope="module")
def sample(frame) -> Census:
    return draw_earlier(np.random.default_rng(5), EARLIER, frame, HOUSEHOLDS)[0]


def test_the_weights_of_a_full_frame_add_up_to_what_it_stands_for(frame):
    """With all blocks drawn every household has the same weight, and all weights are the households it stands for."""
    everything = draw_sample(np.random.default_rng(1), frame, 10**6, 10, 19_200)
    assert everything.households.height == frame.households.height
    assert everything.households["weight"].sum() == pytest.approx(19_200)
    assert everything.households["weight"].n_unique() == 1


def test_blocks_are_whole_and_no_stratum_has_one_alone(frame, sample):
    homes = sample.households
    assert homes.height < frame.households.height
    sizes = homes.group_by("block").len()["len"]
    assert sizes.max() == EARLIER.block_households
    units = homes.group_by("stratum").agg(pl.col("block").n_unique())["block"]
    assert units.min() >= 2
    drawn = homes.group_by("neighbourhood").agg(pl.col("block").n_unique())["block"]
    assert drawn.max() == EARLIER.blocks


def test_ids_count_from_one_and_members_carry_what_their_household_has(sample):
    homes, persons = sample.households, sample.persons
    assert homes["household_id"].to_list() == list(range(1, homes.height + 1))
    assert persons["person_id"].to_list() == list(range(1, persons.height + 1))
    joined = persons.join(homes, on="household_id", suffix="_home")
    assert joined.height == persons.height
    assert joined.filter(pl.col("block") != pl.col("block_home")).is_empty()
    assert joined.filter(pl.col("weight") != pl.col("weight_home")).is_empty()


def test_weighted_shares_are_near_those_of_the_frame(frame, sample):
    """Over many draws the weighted mean of each share is the frame's, up to four errors of the mean of 200 draws."""
    asked = {"water": pl.col("water_source").is_in(["network_home", "network_building"]), "poor": _poor()}
    truth = {name: frame.persons.select(question.mean()).item() for name, question in asked.items()}
    generator = np.random.default_rng(11)
    light = Census(frame.persons.select("household_id", "person_id", *_columns()), frame.households)
    found: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(200):
        drawn = draw_sample(generator, light, EARLIER.blocks, EARLIER.block_households, HOUSEHOLDS).persons
        for name, question in asked.items():
            share = drawn.select((question.cast(pl.Float64) * pl.col("weight")).sum() / pl.col("weight").sum()).item()
            found[name].append(share)
    for name, values in found.items():
        assert np.mean(values) == pytest.approx(truth[name], abs=4 * np.std(values) / np.sqrt(len(values)))


def _poor() -> pl.Expr:
    return pl.col("income_per_head") < pl.col("poverty_line")


def _columns() -> list[str]:
    return ["water_source", "income_per_head", "poverty_line"]


def test_what_was_different_then_holds_in_the_frame(frame):
    """`earlier.yaml` states 93.9 % with water and 29.8 % poor."""
    water = frame.persons.select(pl.col("water_source").is_in(["network_home", "network_building"]).mean()).item()
    assert 100 * water == pytest.approx(EARLIER.published["water"], abs=1)
    assert 100 * frame.persons.select(_poor().mean()).item() == pytest.approx(EARLIER.published["poverty"], abs=1)
    assert not set(EARLIER.not_asked) & set(frame.persons.columns)


def test_the_settlement_is_the_same_in_both_rounds(places, frame):
    """Who lives where is drawn by the sizes that the neighbourhoods have in the census."""
    codes = [area.code for area in AREAS if area.level == 2]
    counted = dict(frame.households.group_by("neighbourhood").len().iter_rows())
    sizes = np.array([counted[code] for code in codes], dtype=float)
    expected = places.weight / places.weight.sum() * sizes.sum()
    chi_square = ((sizes - expected) ** 2 / expected).sum()  # 59 degrees of freedom: 59 on average, error 10.9
    assert chi_square < 59 + 4 * 10.9


def test_every_figure_that_differs_is_one_of_the_census_and_is_another_value():
    for name, value in EARLIER.published.items():
        assert FIGURES.published[name].value != value
    for name, value in EARLIER.assumed.items():
        assert FIGURES.assumed[name] != value
    with pytest.raises(KeyError, match="watter"):
        FIGURES.with_values({"watter": 1.0}, {})


def test_the_earlier_catalogue_differs_in_one_definition_of_a_lower_version():
    text = CATALOGUE.read_text(encoding="utf-8")
    now = {item.id: item for item in parse_catalogue(text)}
    then = {item.id: item for item in parse_catalogue(catalogue_then(text, EARLIER))}
    assert list(then) == list(now)
    differing = {code: differing_keys(then[code], now[code]) for code in now}
    assert {code: keys for code, keys in differing.items() if keys} == {"DIGIT": ("universe",)}
    assert then["DIGIT"].version < now["DIGIT"].version


def test_the_file_has_no_key_that_is_not_read(tmp_path):
    document = yaml.safe_load((CATALOGUE.parents[1] / "demo" / "earlier.yaml").read_text(encoding="utf-8"))
    file = tmp_path / "earlier.yaml"
    file.write_text(yaml.safe_dump({**document, "blokcs": 3}), encoding="utf-8")
    with pytest.raises(TypeError, match="blokcs"):
        read_earlier(file)
