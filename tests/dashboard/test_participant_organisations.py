"""Participants by organisation: large ones by name, small ones together, and no difference that tells a small one."""

from __future__ import annotations

import pytest

from budget_model.errors import InputError
from dashboard.pages.assembly_process import people_of
from dashboard.services.assembly_processes import Registered, organisations_of
from data.readers.process_file import parse_process


def people(**persons):
    return [Registered("female", "unknown", "", name, number) for name, number in persons.items()]


@pytest.mark.parametrize(
    ("persons", "shown"),
    [
        ({"Leche": 30, "Comedor": 12}, (("Leche", 30), ("Comedor", 12))),
        ({"Leche": 30, "Comedor": 12, "Club": 6, "Coro": 5}, (("Leche", 30), ("Comedor", 12), ("", 11))),
        # 6 alone is the sum less the others, so the next smallest joins
        ({"Leche": 30, "Comedor": 12, "Club": 6}, (("Leche", 30), ("", 18))),
        ({"Leche": 12, "Club": 6}, ()),
        ({"Club": 6, "Coro": 5}, ()),
    ],
)
def test_no_organisation_of_fewer_than_ten_can_be_told(persons, shown):
    assert organisations_of(people(**persons), 10) == shown


def test_those_who_told_none_stand_with_the_small_ones():
    told = [*people(Leche=30, Club=4), Registered("male", "18-29", "", "", 8)]
    assert organisations_of(told, 10) == (("Leche", 30), ("", 12))
    assert organisations_of([Registered("male", "18-29", "", "", 80)], 10) == ()


def test_a_line_of_the_form_may_name_an_organisation_with_commas():
    lines = "female, 18-29, S1, 12, Comedor «Ana, Rosa y María»\nmale, unknown, -, 3"
    assert people_of(lines) == [
        {"sex": "female", "age": "18-29", "zone": "S1", "persons": "12", "organisation": "Comedor «Ana, Rosa y María»"},
        {"sex": "male", "age": "unknown", "zone": "", "persons": "3"},
    ]


def test_the_same_group_of_two_organisations_is_two_and_of_one_is_refused():
    line = "  - {sex: female, age: 18-29, organisation: %s, persons: 4}\n"
    both = parse_process("participants:\n" + line % "Leche" + line % "Comedor", "p.yaml")
    assert [one.organisation for one in both.participants] == ["Leche", "Comedor"]
    with pytest.raises(InputError, match="organisation stand twice"):
        parse_process("participants:\n" + line % "Leche" + line % "Leche", "p.yaml")
