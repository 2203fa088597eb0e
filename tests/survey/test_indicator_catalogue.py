"""The catalogue file: what it takes, and one sentence for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from budget_model.errors import CatalogueError
from budget_model.survey.catalogue import parse_catalogue, side_labels

DATA = Path(__file__).resolve().parents[2] / "data"

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


def test_the_sides_of_a_share_are_named_by_the_label_unless_the_catalogue_says_more():
    down, up = entry(), entry(direction="up")
    said = entry(direction="up", lacking_label="{en: People without water}", covered_label="{en: People with water}")
    sides = [side_labels(parse_catalogue(text)[0].model_dump(mode="json")) for text in (down, up, said)]
    assert sides == [
        ({"en": "Water"}, {}),
        ({}, {"en": "Water"}),
        ({"en": "People without water"}, {"en": "People with water"}),
    ]


@pytest.mark.parametrize("file", ["catalogue/indicators.yaml", "examples/nairobi/needs.yaml"])
def test_every_need_names_both_sides_and_every_mean_its_unit_in_both_languages(file):
    for definition in parse_catalogue((DATA / file).read_text(encoding="utf-8"), file):
        texts = [definition.unit] if definition.is_mean else list(side_labels(definition.model_dump(mode="json")))
        assert [set(text or {}) for text in texts] == [{"es", "en"}] * len(texts), definition.id
        assert len({text["es"] for text in texts}) == len(texts), definition.id


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
    (entry(coverd_label="{en: x}"), "unknown key 'coverd_label'. Did you mean 'covered_label'?"),
    (entry(covered_label="{}"), "covered_label"),
    (entry(unit="{en: hours}"), "'unit' is for a mean or median; a numerator gives a share, whose unit is %"),
    (entry(numerator=None, mean="hours", covered_label="{en: x}"), "name the two sides of a share; a mean has none"),
    (entry(label=None), "the key 'label' is missing"),
    (entry(label="{}"), "label"),
    (entry(version=None), "the key 'version' is missing"),
    (entry(version="'1'"), "line 6, column version: indicator 'WATER': version: expected a whole number, found '1'."),
    (entry(version="0"), "version: expected 1 or more, found 0."),
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
    (entry(id="'two words'"), "id: expected text of the form"),
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
