"""Households that several columns name together, and Peru's ENAHO module, which does so."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from budget_model.errors import InputError
from data.readers.survey_mapping import read_survey_mapping
from data.settings import PROJECT
from data.workflows.indicators import run_indicators
from data.workflows.surveys import import_survey
from tests.workflow_builders import make_workshop

PERSONS = "block,house,sex,age,Sector\n1,1,F,30,N\n1,1,M,33,N\n1,2,F,50,N\n2,1,M,41,S\n"
HOUSEHOLDS = "blk,hse,water\n2,1,well\n1,1,tap\n1,2,tap\n"
MAPPING = """source: made up
coverage: {area: two blocks}
design: {census: true}
areas: [{column: Sector, file: persons, name: sector}]
persons:
  household: [block, house]
  sex: {column: sex, values: {F: female, M: male}}
  age: {column: age}
households: {id: [blk, hse]}
"""


@pytest.fixture
def workshop(tmp_path: Path, factory):
    return make_workshop(tmp_path, factory)


def imported(workshop, persons: str = PERSONS):
    files = {"persons": workshop.write("p.csv", persons), "households": workshop.write("h.csv", HOUSEHOLDS)}
    mapping = read_survey_mapping(MAPPING, "map.yaml")
    import_survey(workshop.factory, workshop.bank, "testville", "2026", files, mapping, "ana")
    return pl.read_parquet(workshop.bank / "testville" / "2026" / "persons.parquet")


def test_people_find_the_household_that_all_parts_of_its_key_name(workshop):
    """Block 1 house 1 and block 2 house 1 are two households; the parts of the key do not stay."""
    persons = imported(workshop)
    assert sorted(persons.select("age", "water").rows()) == [(30, "tap"), (33, "tap"), (41, "well"), (50, "tap")]
    assert persons["household_id"].n_unique() == 3
    assert not {"block", "house", "blk", "hse", "__joined_key__"} & set(persons.columns)


def test_a_key_with_a_blank_part_is_no_key(workshop):
    with pytest.raises(InputError) as refused:
        imported(workshop, PERSONS.replace("1,2,F,50", "1,,F,50"))
    assert [(problem.rule, problem.line) for problem in refused.value.problems] == [("key_missing", 4)]


def test_a_part_that_the_file_lacks_is_named(workshop):
    with pytest.raises(InputError, match="names the column 'house', which the file lacks"):
        imported(workshop, PERSONS.replace("block,house", "block,hous"))


@pytest.mark.shared
def test_the_governance_module_of_enaho_comes_in_by_mapping(workshop, shared_data):
    """SOURCES.md: 3,325 men, 3,876 women, 694 blank; 26 persons of Villa El Salvador; Latin-1, blanks as a space."""
    file = shared_data / "survey" / "peru_enaho_2024_q2_modulo85.csv"
    text = (PROJECT / "data" / "examples" / "enaho_2024_governance.yaml").read_text(encoding="utf-8")
    mapping = read_survey_mapping(text, "enaho.yaml")
    said: list[str] = []
    place = (workshop.factory, workshop.bank, "testville", "2024")
    done = import_survey(*place, {"persons": file}, mapping, "ana", say=said.append)
    persons = pl.read_parquet(workshop.bank / "testville" / "2024" / "persons.parquet")
    assert dict(persons["sex"].value_counts().iter_rows()) == {"male": 3325, "female": 3876, None: 694}
    assert persons.filter(pl.col("ubigeo") == "150142").height == 26
    assert [warning.rule for warning in done.warnings if warning.rule == "sex_unstated"] == ["sex_unstated"]
    assert "Windows-1252" in said[0]
    catalogue = (
        "- {id: ADULT, label: {en: Adults}, level: person, universe: age >= 0, "
        "numerator: age >= 40, direction: up, version: 1}"
    )
    run = run_indicators(*place, catalogue, "ana")
    whole = run.estimates[(run.estimates["area"] == "testville") & (run.estimates["age_band"] == "all")]
    women = whole[whole["sex"] == "female"].iloc[0]
    raw = pl.read_csv(file, encoding="latin1", infer_schema=False).with_columns(pl.all().str.strip_chars())
    own = raw.filter(pl.col("P207_02") == "2").select(
        pl.col("FACTOR").cast(float).alias("w"), (pl.col("P208_02").cast(int) >= 40).alias("y")
    )
    assert women["n"] == 3876
    assert women["estimate"] == pytest.approx(own.select((pl.col("w") * pl.col("y")).sum() / pl.col("w").sum()).item())
    assert women["se"] > 0
