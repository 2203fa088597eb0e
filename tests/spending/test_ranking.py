"""Municipalities beside each other: places and deciles worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from budget_model.spending.ranking import DISTRICT, PROVINCE, MunicipalYear, rank


def municipality(code, accrued, pim=100, pia=50, persons=None, governs=DISTRICT):
    amounts = {"pia": pia, "pim": pim, "accrued": accrued}
    exact = {stage: None if amount is None else Decimal(amount) for stage, amount in amounts.items()}
    return MunicipalYear(code, code, "LIMA", "LIMA", governs, 2024, exact, persons)


def test_equal_values_share_a_place_and_the_next_one_is_counted_on():
    found = rank(
        [municipality("a", 50), municipality("b", 80), municipality("c", 80), municipality("d", 90)], "execution"
    )
    assert [(one.municipality.code, one.place) for one in found.ranked] == [("d", 1), ("b", 2), ("c", 2), ("a", 4)]
    assert found.ranked[0].value == Fraction(9, 10)


def test_what_has_no_value_is_named_apart_and_never_last_with_0():
    found = rank([municipality("a", None), municipality("b", 10, pim=0), municipality("c", 10)], "execution")
    assert [one.municipality.code for one in found.ranked] == ["c"]
    assert [one.code for one in found.unknown] == ["a", "b"]


def test_a_budget_that_shrank_is_a_negative_revision():
    found = rank([municipality("a", 0, pim=40, pia=50), municipality("b", 0, pim=75, pia=50)], "revision")
    assert [one.value for one in found.ranked] == [Fraction(1, 2), Fraction(-1, 5)]


def test_money_for_each_inhabitant_is_of_districts_alone():
    there = [
        municipality("a", 30, persons=20),
        municipality("b", 30, persons=20, governs=PROVINCE),
        municipality("c", 30),
    ]
    found = rank(there, "accrued_per_person")
    assert [(one.municipality.code, one.value) for one in found.ranked] == [("a", Fraction(3, 2))]
    assert [one.code for one in found.unknown] == ["b", "c"]


def test_deciles_are_values_that_so_many_tenths_do_not_exceed():
    found = rank([municipality(f"m{value:02}", value) for value in range(1, 21)], "execution")  # 1 % … 20 %
    assert [100 * value for value in found.deciles()] == [2, 4, 6, 8, 10, 12, 14, 16, 18]
    assert rank([], "execution").deciles() == ()
