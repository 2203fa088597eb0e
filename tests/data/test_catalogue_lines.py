"""`indicators run` names the line of the catalogue where a question is asked for that the round lacks."""

from __future__ import annotations

import pytest

from budget_model.errors import InputError
from budget_model.survey.catalogue_text import line_of_column
from data.workflows.indicators import run_indicators
from data.workflows.surveys import import_survey
from tests.workflow_builders import MAPPING, make_workshop

CATALOGUE = """# of a test
- id: WORKS
  level: person
  universe: age >= 15
  numerator: Worcs = 'yes'
  direction: up
  version: 1
  label: {en: Works}
- kind: multidimensional
  id: MPI
  level: person
  label: {en: Poor}
  k: 1/2
  deprivations:
    - {id: A, condition: "Works = 'no'", weight: 1/2}
    - {id: B, condition: "Watter = 'well'", weight: 1/2}
  version: 1
"""


def test_a_misspelt_column_is_placed_at_its_line_with_the_column_that_may_be_meant(tmp_path, factory):
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", workshop.survey_files(), mapping, "ana")
    before = workshop.everything_stored()
    with pytest.raises(InputError) as refused:
        run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana", "mine.yaml")
    lines = {problem.facts["indicator"]: problem.line for problem in refused.value.problems}
    assert lines["WORKS"] == 5
    assert lines["MPI.H"] == lines["MPI.headcount.A"] == 16
    assert "mine.yaml, line 5: indicator 'WORKS' is left out" in str(refused.value)
    assert "did you mean 'Works'?" in str(refused.value)
    assert workshop.everything_stored() == before


def test_a_wrong_kind_of_column_is_placed_too(tmp_path, factory):
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", workshop.survey_files(), mapping, "ana")
    entry = "- kind: inequality\n  id: INC\n  level: person\n  label: {en: I}\n  welfare: Works\n  version: 1\n"
    with pytest.raises(InputError, match=r"mine.yaml, line 5: indicator 'INC\.gini', welfare: 'Works' is not a number"):
        run_indicators(workshop.factory, workshop.bank, "testville", "2026", entry, "ana", "mine.yaml")


def test_a_name_within_another_name_is_not_meant():
    text = "- id: X\n  universe: my_age > 1\n  numerator: age > 2\n"
    assert line_of_column(text, "X", "age") == 3
    assert line_of_column(text, "X", "nowhere") == 1
    assert line_of_column(text, "Y", "age") is None
