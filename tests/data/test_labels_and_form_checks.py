"""What files and forms say stays with the round: labels of SPSS and Stata, breaks of the form's own limits."""

from __future__ import annotations

import json
from pathlib import Path

import pandas
import polars as pl
import pyreadstat
import pytest
from sqlalchemy import select

from budget_model.errors import Problem
from data.readers.survey_mapping import read_survey_mapping
from data.store.tables import Area
from data.workflows.surveys import import_form_survey, import_survey
from data.workflows.validation import check_round_answers
from tests.data.form_builders import HOUSEHOLD, workbook, written
from tests.data.test_form_import import HOUSEHOLDS, MAPPING, MEMBERS
from tests.workflow_builders import Workshop, make_workshop

LABELLED = """source: a test
coverage: {area: two zones}
design: {census: true}
areas: [{column: ZONA, file: persons, name: zona}]
persons: {household: HHID, sex: {column: SEXO, values: {1: male, 2: female}}, age: {column: EDAD}}
"""
TABLE = pandas.DataFrame(
    {
        "HHID": [1.0, 1.0, 2.0],
        "SEXO": [1.0, 2.0, 2.0],
        "EDAD": [40.0, 38.0, 70.0],
        "ZONA": [1.0, 1.0, 2.0],
        "AGUA": [1.0, 1.0, 2.0],
    }
)
CODES = {"ZONA": {1: "Norte", 2: "Sur"}, "SEXO": {1: "Hombre", 2: "Mujer"}, "AGUA": {1: "Red pública", 2: "Pozo"}}
TEXTS = {"AGUA": "¿De dónde viene el agua?"}


@pytest.fixture
def workshop(tmp_path: Path, factory) -> Workshop:
    return make_workshop(tmp_path, factory)


def record_of(workshop: Workshop) -> dict:
    return json.loads((workshop.bank / "testville" / "2026" / "round.json").read_text(encoding="utf-8"))


def labelled_file(folder: Path, suffix: str) -> Path:
    file = folder / f"persons{suffix}"
    write = pyreadstat.write_sav if suffix == ".sav" else pyreadstat.write_dta
    write(TABLE, str(file), column_labels=TEXTS, variable_value_labels=CODES)
    return file


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_labels_of_spss_and_stata_name_the_areas_and_stay_with_the_round(suffix, workshop):
    mapping = read_survey_mapping(LABELLED, "map.yaml")
    file = labelled_file(workshop.folder, suffix)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", {"persons": file}, mapping, "ana")
    with workshop.factory() as session:
        names = dict(session.execute(select(Area.code, Area.name).where(Area.level == 1)).all())
    assert names == {"1": "Norte", "2": "Sur"}
    questions = record_of(workshop)["questions"]
    assert questions["AGUA"] == {
        "kind": "select_one",
        "question": {"default": "¿De dónde viene el agua?"},
        "codes": [{"code": "1", "label": {"default": "Red pública"}}, {"code": "2", "label": {"default": "Pozo"}}],
    }
    assert "codes" not in questions["sex"]  # stored as female and male, no longer 1 and 2
    assert "HHID" not in questions


def checked_form(workshop: Workshop):
    """The form allows ages up to 110; one person is given 115, which the round takes (up to 120)."""
    form_file = workshop.folder / "form.xlsx"
    form_file.write_bytes(workbook(HOUSEHOLD))
    files = [
        written(workshop.folder, "household.csv", HOUSEHOLDS),
        written(workshop.folder, "members.csv", MEMBERS.replace("71", "115")),
    ]
    mapping = read_survey_mapping(MAPPING, "map.yaml")
    return import_form_survey(workshop.factory, workshop.bank, "testville", "2026", form_file, files, mapping, "ana")


def broken(problems: tuple[Problem, ...]) -> list[tuple[str | None, int | None]]:
    return [(problem.column, problem.line) for problem in problems if problem.rule == "constraint_broken"]


def test_breaks_of_the_forms_limits_are_told_at_the_import_and_again_at_the_validation(workshop):
    stored = checked_form(workshop)
    assert broken(stored.warnings) == [("age", 4)]
    assert pl.read_parquet(workshop.bank / "testville" / "2026" / "persons.parquet")["age"].max() == 115
    checked = check_round_answers(workshop.factory, workshop.bank, "testville", "2026", "ana")
    (found,) = checked.result["form_checks"]
    assert (found["id"], found["level"], found["cases"]) == ("form.constraint_broken.age", "person", 1)
    assert found["message"]["en"] == (
        "'age': answers outside the limit of the form (. >= 0 and . <= 110), counted at the import"
    )
