"""Multidimensional (Alkire–Foster) and monetary (FGT) poverty as catalogue entries, by hand and reckoned twice."""

from __future__ import annotations

import ibis
import numpy as np
import polars as pl
import pytest

from budget_model.errors import CatalogueError, InputError
from budget_model.survey.catalogue import is_mean_document, parse_catalogue
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import estimate
from tests.survey_builders import only

INDEX = """
- kind: multidimensional
  id: MPI
  label: {es: Pobreza, en: Poverty}
  level: person
  k: 1/2
  deprivations:
    - {id: water, condition: water = 'no', weight: 1/2}
    - {id: school, condition: school = 'no', weight: 1/4}
    - {id: floor, condition: floor = 'no', weight: 1/4}
  version: 1
"""
MONEY = """
- {kind: poverty, id: POV, label: {en: Poverty}, level: person, welfare: income, line: LINE, version: 1}
"""
PEOPLE = pl.DataFrame(
    {
        "sex": ["female", "female", "male", "male", "male"],
        "water": ["no", "yes", "yes", "no", "no"],
        "school": ["no", "no", "yes", "yes", None],
        "floor": ["no", "no", "no", "yes", "no"],
        "income": [2.0, 5.0, 10.0, 30.0, None],
        "line": [10.0, 10.0, 10.0, 20.0, 10.0],
        "weight": [1.0, 1.0, 1.0, 1.0, 1.0],
    }
)


def table_of(people: pl.DataFrame = PEOPLE, engine: str = "polars"):
    if engine == "polars":
        return ibis.polars.connect().create_table("people", people)
    connection = ibis.duckdb.connect()
    connection.con.register("people", people.to_arrow())
    return connection.table("people")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_multidimensional_poverty_of_four_people_by_hand(engine):
    # scores 1, 1/2, 1/4, 1/2; the fifth person's school is unknown. Poor from 1/2 on: 1, 2 and 4
    frame = estimate(table_of(engine=engine), parse_catalogue(INDEX), [(), ("sex",)])
    of = {name: only(frame, indicator=f"MPI.{name}", sex=None)["estimate"] for name in ("M0", "H", "A")}
    assert of == {"M0": 0.5, "H": 0.75, "A": pytest.approx(2 / 3)}
    assert only(frame, indicator="MPI.M0", sex=None)["n"] == 4
    assert only(frame, indicator="MPI.H", sex="male")["estimate"] == 0.5
    by_deprivation = {
        name: [only(frame, indicator=f"MPI.{kind}.{name}", sex=None)["estimate"] for kind in
               ("headcount", "censored", "absolute", "percent")]
        for name in ("water", "school", "floor")
    }  # fmt: skip
    assert by_deprivation["water"] == [0.5, 0.5, 0.25, 0.5]
    assert by_deprivation["school"] == [0.5, 0.5, 0.125, 0.25]
    assert by_deprivation["floor"] == [0.75, 0.5, 0.125, 0.25]


def test_thirds_do_not_lose_a_poor_person_to_rounding():
    # three thirds of 1/3 written as decimals would not reach 1
    text = INDEX.replace("k: 1/2", "k: 1").replace("1/2}", "1/3}").replace("1/4}", "1/3}")
    frame = estimate(table_of(), parse_catalogue(text))
    assert only(frame, indicator="MPI.H")["count"] == 1


def test_contributions_add_up_in_every_cell_and_their_errors_agree_with_a_second_reckoning():
    random = np.random.default_rng(4)
    size = 600
    people = pl.DataFrame(
        {
            "sex": random.choice(["female", "male"], size),
            **{name: random.choice(["no", "yes"], size, p=[0.4, 0.6]) for name in ("water", "school", "floor")},
            "weight": random.lognormal(0, 0.6, size),
            "stratum": np.arange(size) % 3,
            "block": np.arange(size) // 3 % 20,
        }
    )
    design = SampleDesign("weight", "stratum", "block")
    frame = estimate(table_of(people), parse_catalogue(INDEX), [("sex",)], design)
    wide = frame[frame["sex"] == "female"].set_index("indicator")
    names = ("water", "school", "floor")
    assert sum(wide["estimate"][f"MPI.absolute.{name}"] for name in names) == pytest.approx(wide["estimate"]["MPI.M0"])
    assert sum(wide["estimate"][f"MPI.percent.{name}"] for name in names) == pytest.approx(1)
    of_m0 = [(wide["population"][f"MPI.percent.{name}"], wide["count"]["MPI.M0"]) for name in names]
    assert all(divided_by == pytest.approx(m0) for divided_by, m0 in of_m0)  # the weighted M0 of all persons
    assert wide["estimate"]["MPI.H"] * wide["estimate"]["MPI.A"] == pytest.approx(wide["estimate"]["MPI.M0"])

    women = (people["sex"] == "female").to_numpy()
    lacks = {name: (people[name] == "no").to_numpy() for name in names}
    score = 0.5 * lacks["water"] + 0.25 * lacks["school"] + 0.25 * lacks["floor"]
    poor = score >= 0.5
    for part, whole, name in [
        (0.25 * lacks["school"] * poor, score * poor, "MPI.percent.school"),
        (score * poor, poor * 1.0, "MPI.A"),
        (score * poor, np.ones(size), "MPI.M0"),
    ]:
        weight = people["weight"].to_numpy() * women
        ratio = (weight * part).sum() / (weight * whole).sum()
        z = weight * (part - ratio * whole) / (weight * whole).sum()
        variance = 0.0
        for stratum in range(3):
            units = [z[(people["stratum"] == stratum) & (people["block"] == block)].sum() for block in range(20)]
            variance += 20 * np.var(units, ddof=1)
        np.testing.assert_allclose([wide["estimate"][name], wide["se"][name]], [ratio, variance**0.5], rtol=1e-9)


def test_a_ratio_without_clusters_has_the_error_of_single_persons():
    people = PEOPLE.head(4)
    frame = estimate(table_of(people), parse_catalogue(INDEX), design=SampleDesign("weight"))
    # share of water in M0: parts .5 0 0 .5 (persons 1 and 4; 2 is poor without it), wholes 1 .5 0 .5, ratio 1/2
    z = np.array([0.5 - 0.5, 0 - 0.25, 0, 0.5 - 0.25]) / 2
    assert only(frame, indicator="MPI.percent.water")["se"] == pytest.approx(np.sqrt(4 * z.var(ddof=1)))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(("line", "expected"), [
    ("10", (0.5, 1.3 / 4, 0.89 / 4)),  # shortfalls 0.8 and 0.5; income equal to the line is not poor
    ("line * 2", (1.0, (0.9 + 0.75 + 0.5 + 0.25) / 4, (0.81 + 0.5625 + 0.25 + 0.0625) / 4)),
    ("{median_share: 0.8}", (0.5, (4 / 6 + 1 / 6) / 4, (16 / 36 + 1 / 36) / 4)),  # median 7.5, line 6
])  # fmt: skip
def test_monetary_poverty_by_hand(line, expected, engine):
    frame = estimate(table_of(engine=engine), parse_catalogue(MONEY.replace("LINE", line)))
    found = [only(frame, indicator=f"POV.{name}")["estimate"] for name in ("incidence", "gap", "severity")]
    assert found == pytest.approx(list(expected))
    assert set(frame["n"]) == {4}  # whose income is missing is not poor and not in the universe


def test_a_relative_line_is_the_same_in_every_cell_and_is_told():
    frame = estimate(table_of(), parse_catalogue(MONEY.replace("LINE", "{median_share: 0.8}")), [("sex",)])
    assert frame.attrs["lines"]["POV.incidence"] == 6.0
    assert only(frame, indicator="POV.incidence", sex="female")["estimate"] == 1.0
    assert only(frame, indicator="POV.incidence", sex="male")["estimate"] == 0.0


def test_a_line_of_zero_is_refused():
    people = PEOPLE.with_columns(income=pl.lit(0.0))
    with pytest.raises(InputError, match="there is no line above 0"):
        estimate(table_of(people), parse_catalogue(MONEY.replace("LINE", "{median_share: 0.6}")))


MISTAKES = [
    (INDEX.replace("kind: multidimensional", "kind: multidimensionl"), "Did you mean 'multidimensional'?"),
    (INDEX.replace("k: 1/2", "k: 2"), "k is the share of all weights"),
    (INDEX.replace("k: 1/2", "k: half"), "'half' is not a number. Write a fraction such as 1/6"),
    (INDEX.replace("weight: 1/4", "weight: 0"), "the weight of a deprivation must be above 0"),
    (INDEX.replace("id: floor", "id: water"), "the deprivation 'water' stands twice"),
    (INDEX.replace("id: floor", "id: the-floor-of-the-living-room"), "Shorten one"),
    (INDEX.replace("water = 'no'", "watch(water)"), "indicator 'MPI', deprivations.water, position 1: the function"),
    (INDEX.replace("water = 'no'", "1 = 1"), "names no column"),
    (INDEX + "  colour: red\n", "unknown key 'colour'"),
    (MONEY.replace("LINE", "0"), "a poverty line must be above 0"),
    (MONEY.replace("LINE", "{median_share: -1}"), "line"),
    (MONEY.replace("LINE", "now()"), "line, position 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), MISTAKES)
def test_a_mistake_in_an_entry_is_told_with_its_place(text, words):
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text, "catalogue.yaml")
    assert words in str(caught.value)
    assert "catalogue.yaml" in str(caught.value)


def test_a_column_that_the_survey_lacks_is_told_once_for_each_indicator_it_is_in():
    with pytest.raises(CatalogueError, match="there is no column 'watr'"):
        estimate(table_of(), parse_catalogue(INDEX.replace("water = 'no'", "watr = 'no'")))


def test_only_the_headcount_is_a_need_of_persons():
    of_persons = [item.id for item in parse_catalogue(INDEX + MONEY.replace("LINE", "10").lstrip()) if not item.is_mean]
    assert of_persons == ["MPI.H", "POV.incidence"]


def test_a_stored_definition_knows_whether_it_is_a_share():
    text = INDEX + MONEY.replace("LINE", "{median_share: 0.6}").lstrip()
    for definition in parse_catalogue(text):
        assert is_mean_document(definition.model_dump(mode="json")) is definition.is_mean
