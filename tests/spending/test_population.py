"""Women and men by year: a small table read exactly, and amounts divided by the population of their own year."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_model.errors import InputError
from budget_model.spending.population import Count, Population
from data.readers.population import parse_population


def test_amounts_are_divided_by_the_population_of_their_own_year_and_missing_years_stay_missing():
    held = Population({2025: Count(100, 60)}, "a census")
    assert held.per_woman(Decimal("250.50"), 2025) == Decimal("2.505")
    assert held.per_person(Decimal(320), 2025) == Decimal(2)
    assert held.per_woman(Decimal(1), 2026) is None
    assert held.per_person(None, 2025) is None


@pytest.mark.parametrize("text", ["year,women,men\n2025,10,20\n", "\ufeffAño;Mujeres;Hombres\n2025;10;20"])
def test_a_table_is_read_in_both_languages(text):
    assert parse_population(text) == {2025: Count(10, 20)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "population_header"),
        ("year,men,women\n2025,1,2", "population_header"),  # another order is not guessed
        ("year,women,men\n", "population_empty"),
        ("year,women,men\n2025,1.5,2", "population_row"),
        ("year,women,men\n2025,1", "population_row"),
        ("year,women,men\n2025,-1,2", "population_row"),
        ("year,women,men\n2025,0,2", "population_row"),
        ("year,women,men\n25,1,2", "population_row"),
        ("year,women,men\n2025,1,2\n2025,1,2", "population_twice"),
    ],
)
def test_an_unsound_table_is_refused_with_its_line(text, rule):
    with pytest.raises(InputError) as refusal:
        parse_population(text)
    assert [problem.rule for problem in refusal.value.problems] == [rule]
