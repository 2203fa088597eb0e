"""What a schema finds, in words: no word of the library, one sentence a place, the place as it stands in the file."""

from __future__ import annotations

import re

import pytest

from budget_model.errors import InputError
from budget_model.spending.tags import parse_tag
from data.readers.programmes import read_programmes
from data.readers.survey_mapping import read_survey_mapping
from data.readers.table import read_mapping
from data.workflows.programme_checks import read_entry

LIBRARY = re.compile(r"Input should|valid dict|instance of|should be|should have|\[type=|pydantic|Found:", re.I)
MAPPING = """year: 2023
currency: ARS
line: [programa]
stages: {pia: aprobado}
"""
PROGRAMMES = """currency: PEN
price_year: 2024
programmes:
  - code: one
    name: {es: Uno}
    heading: {es: Partida}
    unit_cost: {value: 10, source: assumption}
    durability_years: {value: 1, source: assumption}
    baseline: {value: 100, source: assumption}
    serves:
      - {need: A, effectiveness: 0.5, ceiling: 1, source: assumption}
  - code: two
    name: {es: Dos}
    heading: {es: Partida}
    unit_cost: {value: 10, source: assumption}
    durability_years: {value: 1, source: assumption}
    baseline: {value: 100, source: assumption}
"""


def told(read, text):
    with pytest.raises(InputError) as refused:
        read(text, "f.yaml")
    message = str(refused.value)
    assert not LIBRARY.search(message), message
    return message.splitlines()


STAGES = "{pia: aprobado}"
WRONG_MAPPINGS = [
    ("year: 2023", "year: soon", 1, "year", "Expected a whole number or keys with values, found 'soon'."),
    ("year: 2023", "year: {}", 1, "year.column", "The key 'column' is missing. Add it here."),
    ("year: 2023", "year: {colum: anio}", 1, "year.colum", "Unknown key 'colum'. Did you mean 'column'?"),
    ("year: 2023", "year: 123", 1, "year", "Expected 1900 or more, found 123."),
    ("ARS", "pesos", 2, "currency", "Expected three capital letters, such as PEN, found 'pesos'."),
    ("[programa]", "[]", 3, "line", "There is nothing here; fill it in."),
    ("[programa]", "{a: b}", 3, "line", "Expected text, found keys with values."),
    (STAGES, "aprobado", 4, "stages", "Expected keys with values, found 'aprobado'."),
    (STAGES, "{}", 4, "stages", "Stages names no column. State at least one of pia, pim"),
    (
        STAGES,
        "{pia: a, pim: a}",
        4,
        "stages.pim",
        "The column 'a' stands for pia and for pim. Name the column of each.",
    ),
    (STAGES, "{pia: a}\nfactor: 0", 5, "factor", "Expected above 0, found 0."),
    (STAGES, "{pia: a}\ngender_share: {percent: 101}", 5, "gender_share.percent", "Expected 100 or less, found 101."),
]
SERVES = "programmes.0.serves.0"
WRONG_PROGRAMMES = [
    ("code: two", "code: one", 12, "programmes.1.code", "The code 'one' stands twice. Give each programme its own."),
    ("need: A,", "need: A, reach: register,", 4, "programmes.0", "Reach: register needs beneficiaries."),
    ("need: A,", "need: A, reach: {women: half},", 11, f"{SERVES}.reach", "A share of reach is a number from 0 to 1."),
    ("need: A,", "need: A, reach: nobody,", 11, f"{SERVES}.reach", "Reach is need, register, survey with an"),
    ("value: 10,", "value: -10,", 7, "programmes.0.unit_cost.value", "Expected above 0, found -10."),
    ("{value: 10,", "{value: 1.23456,", 7, "programmes.0.unit_cost.value", "An amount has at most four decimals"),
    ("value: 1,", "value: 1.5,", 8, "programmes.0.durability_years.value", "Expected a whole number, found 1.5."),
]


@pytest.mark.parametrize(("before", "after", "line", "column", "sentence"), WRONG_MAPPINGS)
def test_a_wrong_mapping_is_told_in_plain_words_at_its_place(before, after, line, column, sentence):
    lines = told(read_mapping, MAPPING.replace(before, after))
    assert any(one.startswith(f"f.yaml, line {line}, column {column}: {sentence}") for one in lines), lines
    assert len(lines) == 1


def test_a_file_of_another_shape_is_told_what_it_begins_with():
    (line,) = told(read_mapping, "[1, 2]\n")
    assert line.startswith(
        "f.yaml, line 1: Expected keys with values, found a list. The file begins with the keys year,"
    )


@pytest.mark.parametrize(("before", "after", "line", "column", "sentence"), WRONG_PROGRAMMES)
def test_a_wrong_programme_is_told_at_its_own_line(before, after, line, column, sentence):
    lines = told(read_programmes, PROGRAMMES.replace(before, after))
    assert any(one.startswith(f"f.yaml, line {line}, column {column}: {sentence}") for one in lines), lines


ENTRY = {
    "code": "one",
    "name": {"es": "Uno"},
    "heading": {"es": "Partida"},
    "unit_cost": {"value": 10, "source": "assumption"},
    "durability_years": {"value": 1, "source": "assumption"},
    "baseline": {"value": 100, "source": "assumption"},
}
WRONG_ENTRIES = [
    ({"unit_cost": {"value": "ten", "source": "x y"}}, "unit_cost.value", "Expected a number, found 'ten'."),
    ({"unit_cost": 10}, "unit_cost", "Expected keys with values, found 10."),
    ({"durability_years": {"value": 1.5, "source": "x y"}}, "durability_years.value", "Expected a whole number, found"),
    ({"area_split": "evenly"}, "area_split", "Expected 'need' or 'population' or keys with values, found 'evenly'."),
    ({"floor": {"value": "1.23456", "source": "x y"}}, "floor.value", "An amount has at most four decimals."),
    ({"colour": "red"}, "colour", "There is no such key."),
    ({"baseline": None}, "baseline", "State either lines"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "path", "sentence"), WRONG_ENTRIES)
def test_a_wrong_programme_of_a_page_or_workbook_is_told_in_plain_words(change, path, sentence):
    entry, (problem,) = read_entry({**ENTRY, **change}, "one")
    assert entry is None
    assert problem.facts["path"] == path
    assert problem.message.startswith(sentence), problem.message
    assert not LIBRARY.search(problem.message)


WRONG_TAGS = [
    ({"women_share_percent": 101}, "women_share_percent", "Expected 100 or less, found 101."),
    (
        {"women_share_method": "guess"},
        "women_share_method",
        "Expected 'register', 'survey', 'need_share' or 'judgement'",
    ),
    ({"attribution": {"scheme": ["eu_eige"]}}, "attribution.scheme", "Expected text, found a list."),
    ({"is_locked": "perhaps"}, "is_locked", "Expected true or false, found 'perhaps'."),
]


@pytest.mark.parametrize(("document", "column", "sentence"), WRONG_TAGS)
def test_a_wrong_tag_is_told_in_plain_words(document, column, sentence):
    with pytest.raises(InputError) as refused:
        parse_tag(document, {})
    (problem,) = refused.value.problems
    assert problem.column == column
    assert problem.message.startswith(sentence), problem.message


def test_a_survey_mapping_of_wrong_shapes_is_told_in_plain_words():
    text = "source: x\ncoverage: all\ndesign: {census: maybe}\npersons: [a]\nstarts_on: soon\n"
    lines = told(read_survey_mapping, text)
    assert lines == [
        "f.yaml, line 1, column source: Expected at least 3 letters, found 'x'.",
        "f.yaml, line 2, column coverage: Expected keys with values, found 'all'.",
        "f.yaml, line 3, column design.census: Expected true or false, found 'maybe'.",
        "f.yaml, line 4, column persons: Expected keys with values, found a list.",
        "f.yaml, line 5, column starts_on: Expected a day, such as 2026-03-01, found 'soon'.",
    ]
