"""A numerator that nobody of the universe can meet is found where plain comparisons tell, and nowhere else."""

from __future__ import annotations

import itertools

import pytest

from budget_model.errors import CatalogueError
from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.contradictions import contradiction
from data.settings import PROJECT


@pytest.mark.parametrize(
    ("universe", "numerator", "column"),
    [
        ("age >= 15", "age < 10", "age"),
        ("age >= 15", "age < 15", "age"),
        ("age >= 15", "age <= 15", None),
        ("age BETWEEN 6 AND 11", "age = 12", "age"),
        ("15 <= age", "10 > age", "age"),
        ("sex = 'female'", "sex = 'male' AND pregnant = 'yes'", "sex"),
        ("sex = 'female'", "sex IN ('male', 'female')", None),
        ("age >= 15", "(age < 10) OR reads = 'no'", None),  # somebody else can meet it
        ("age >= 15", "NOT age < 10", None),
        ("balance > -5", "balance < -5", "balance"),
        ("TRUE", "reads = 'no'", None),
    ],
)
def test_what_excludes_itself_is_named(universe, numerator, column):
    assert contradiction(universe, numerator) == column


def test_whole_numbers_give_the_same_verdict_by_trying_them_all():
    signs = {"<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__, "=": int.__eq__}
    for (one, first), (other, second) in itertools.product(itertools.product(signs, (2, 3, 5)), repeat=2):
        meets = any(signs[one](2 * age, 2 * first) and signs[other](2 * age, 2 * second) for age in range(8))
        halves = any(signs[one](age, 2 * first) and signs[other](age, 2 * second) for age in range(16))
        found = contradiction(f"age {one} {first}", f"age {other} {second}")
        assert (found is None) == (meets or halves), (one, first, other, second)


def test_such_an_entry_is_refused_with_its_line():
    text = (
        "- {id: OUT, label: {en: Out}, level: person, universe: age >= 15, direction: down, version: 1,\n"
        "   numerator: age < 10}\n"
    )
    with pytest.raises(CatalogueError) as refused:
        parse_catalogue(text, "own.yaml")
    (problem,) = refused.value.problems
    assert (problem.rule, problem.file, problem.line) == ("catalogue.outside_universe", "own.yaml", 2)
    assert "no value of 'age' meets both age >= 15 and age < 10" in problem.message


def test_no_indicator_of_the_product_contradicts_itself():
    for file in [
        *(PROJECT / "data" / "catalogue").glob("indicators.yaml"),
        *(PROJECT / "data" / "examples").rglob("needs.yaml"),
    ]:
        assert parse_catalogue(file.read_text(encoding="utf-8"), file.name)
