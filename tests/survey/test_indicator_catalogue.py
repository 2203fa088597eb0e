"""The catalogue file: what it takes, and one sentence for each mistake."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from budget_model.errors import CatalogueError
from budget_model.survey.catalogue import parse_catalogue

EXAMPLE = """
- id: ILLIT
  label: {es: Personas que no saben leer ni escribir, en: Illiteracy}
  level: person            # or household
  universe: age >= 15
  numerator: can_read_write = 'no'
  mean: null
  direction: down
  dimension: education
  sdg: "4.6.1"
  sensitive: false
  version: 1
  source: CBMS core, INEI age band
"""


def entry(**changes: str | None) -> str:
    """A valid entry, one key a line, with keys changed or (None) left out."""
    lines = {
        "id": "WATER",
        "level": "household",
        "universe": "age >= 0",
        "numerator": "water = 'no'",
        "direction": "down",
        "version": "1",
        "label": "{en: Water}",
    }
    keys = {key: value for key, value in {**lines, **changes}.items() if value is not None}
    return "- " + "\n  ".join(f"{key}: {value}" for key, value in keys.items()) + "\n"


def test_the_example_of_the_contract_is_read():
    (illiteracy,) = parse_catalogue(EXAMPLE)
    assert (illiteracy.id, illiteracy.measured, illiteracy.is_mean) == ("ILLIT", "can_read_write = 'no'", False)
    assert illiteracy.name("es") == "Personas que no saben leer ni escribir"
    assert illiteracy.name("qu") == "Personas que no saben leer ni escribir"


def test_a_bare_true_is_everybody():
    assert parse_catalogue(entry(universe="true"))[0].universe == "TRUE"


def test_a_definition_cannot_be_changed():
    (water,) = parse_catalogue(entry())
    with pytest.raises(ValidationError):
        water.version = 2


MISTAKES = [
    (
        entry(labl="{en: x}", label=None),
        "line 7, column labl: indicator 'WATER': unknown key 'labl'. Did you mean 'label'?",
    ),
    (entry(numarator="x = 1"), "Did you mean 'numerator'?"),
    (entry(label=None), "the key 'label' is missing"),
    (entry(label="{}"), "label"),
    (entry(version=None), "the key 'version' is missing"),
    (entry(version="'1'"), "line 6, column version: indicator 'WATER': version is '1'"),
    (entry(version="0"), "greater than or equal to 1"),
    (entry(direction="lower"), "'up' or 'down'"),
    (entry(level="town"), "'person' or 'household'"),
    (entry(sdg="6.1"), "Put it in quotation marks"),
    (entry(mean="hours"), "either a numerator (a condition) or a mean (a column)"),
    (entry(numerator=None), "either a numerator (a condition) or a mean (a column)"),
    (entry(numerator="water ="), "line 4: indicator 'WATER', numerator"),
    (
        entry(universe="age > foo(1)"),
        "line 3: indicator 'WATER', universe, position 7: the function FOO is not allowed",
    ),
    (entry(numerator="1 = 1"), "names no column"),
    (entry(id="'two words'"), "id is 'two words'"),
    (entry() + entry(), "line 8, column id: indicator 'WATER' stands here and in line 1"),
    (entry() + "  version: 2\n", "line 8, column version: indicator 'WATER': the key 'version' stands twice"),
    ("just a text", "a catalogue is a list of entries"),
    ("- just a text", "this entry is not a list of 'key: value' lines"),
    ("", "a catalogue is a list of entries"),
    ("- id: [", "line 1: the text is not YAML"),
]


@pytest.mark.parametrize(("text", "words"), MISTAKES)
def test_each_mistake_has_its_sentence_with_file_and_line(text, words):
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text, "local.yaml")
    assert words in str(caught.value)
    assert str(caught.value).startswith("local.yaml, line ")


def test_all_mistakes_of_a_file_are_told_together():
    text = entry(id="A", universe="foo(1)", direction="lower") + entry(id="B", version=None, numerator="x =")
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text)
    assert {problem.facts["indicator"] for problem in caught.value.problems} == {"A", "B"}
    assert len(caught.value.problems) == 4
