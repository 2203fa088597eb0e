"""What a questionnaire can carry, and the expressions in it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.questions import indicator_needs, needed_columns
from budget_model.survey.xpath import ExpressionError, parse_expression, references
from data.workflows.forms import CORE_INSTRUMENTS, GIVEN_COLUMNS, core_form
from tests.data.form_builders import form

CATALOGUE = Path(__file__).resolve().parents[2] / "data" / "catalogue" / "indicators.yaml"
ILLITERATE = """
- id: ILLIT
  label: {en: Illiteracy}
  level: person
  universe: age >= 15 and sex = 'female'
  numerator: can_read = 'no'
  direction: down
  version: 1
"""


def test_all_core_indicators_can_be_had_from_the_product_s_two_questionnaires():
    definitions = parse_catalogue(CATALOGUE.read_text(encoding="utf-8"))
    needs = indicator_needs([core_form(name) for name in CORE_INSTRUMENTS], definitions, GIVEN_COLUMNS)
    assert len(needs) == 36
    assert [one.reason for one in needs if not one.is_possible] == []


def test_the_codes_that_core_conditions_compare_with_are_choices_of_the_questions():
    forms = [core_form(name) for name in CORE_INSTRUMENTS]
    codes = {c.name for form_ in forms for choices in form_.lists.values() for c in choices}
    calculated = {text for f in forms for q in f.questions for text in q.cells.get("calculation", "").split("'")[1::2]}
    wanted: set[str] = set()
    for one in parse_catalogue(CATALOGUE.read_text(encoding="utf-8")):
        for text in (one.universe, one.numerator or ""):
            wanted |= set(text.split("'")[1::2])
    assert wanted - codes - calculated == set()


def test_a_form_that_lacks_a_question_says_which_indicator_and_why():
    (needs,) = indicator_needs(form(), parse_catalogue(ILLITERATE))
    assert needs.questions == ("age", "sex", "can_read")
    assert needs.asked == {"age": 10, "sex": 9}
    assert needs.missing == ("can_read",)
    assert "ILLIT cannot be had: the form has no question or calculation 'can_read'" in needs.reason
    assert "nearest: 'reads'" in needs.reason


def test_columns_that_come_with_the_round_are_not_missed():
    (needs,) = indicator_needs(form(), parse_catalogue(ILLITERATE), ["can_read"])
    assert needs.is_possible


def test_needed_columns_stand_in_order_and_once():
    (definition,) = parse_catalogue(ILLITERATE.replace("can_read = 'no'", "age > 20 and sex <> 'male'"))
    assert needed_columns(definition) == ("age", "sex")


@pytest.mark.parametrize(
    "text",
    [
        "${age} >= 12 and . != 'no'",
        "if(selected(${a}, 'x y'), coalesce(${b}, 0) div 2, -.5)",
        "instance('list')/root/item[name = ${x}]/label",
        "count(${members}[${sex} = 'female'])",
        "position(..) - 1",
        "../../inputs/source = 'user' or ./x",
        "not(selected(., 'none') and count-selected(.) > 1)",
        "jr:choice-name(${a}, '${a}')",
        "current()/../name",
        "sum(/data/members/own_income)",
    ],
)
def test_expressions_of_real_forms_are_read(text):
    parse_expression(text)


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("${age} >", 9, "ends where a value"),
        ("${age} == 1", 9, "'=' stands where a value"),
        ("(${a} = 1", 10, r"'\)' is expected"),
        ("regex(., ’x’)", 9, "curly"),
        ("${a} ${b}", 6, "follows where an operator"),
        ("'open", 1, "never closed"),
        ("because doesn't", 14, "never closed"),
    ],
)
def test_an_expression_that_makes_no_sense_is_told_where(text, position, says):
    with pytest.raises(ExpressionError, match=says) as caught:
        parse_expression(text)
    assert caught.value.position == position


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_is_refused(text):
    with contextlib.suppress(ExpressionError):
        assert parse_expression(text).kind


def test_references_are_found_in_labels_and_in_saved_answers():
    assert references("Hello ${name}, ${last-saved#city}") == ("name", "city")
