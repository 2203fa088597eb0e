"""Municipalities over years: the same year for all, places as wholes, real prices, unknown that is never 0."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from budget_model.spending.municipal_comparison import REAL, Selection, compare
from budget_model.spending.prices import PriceIndex
from budget_model.spending.ranking import DISTRICT, MEASURES, PROVINCE, LinesOfGender, MunicipalYear


def year_of(code, year=2024, pim=100, accrued=50, paid=40, persons=10, women=None, governs=DISTRICT, **others):
    amounts = {
        name: None if one is None else Decimal(one)
        for name, one in (("pia", 80), ("pim", pim), ("accrued", accrued), ("paid", paid))
    }
    names = {"department": "LIMA", "province": "LIMA", **others}
    return MunicipalYear(
        code, f"M {code}", governs=governs, year=year, amounts=amounts, persons=persons, women=women, **names
    )


def test_a_department_is_the_sum_of_its_municipalities_and_not_the_mean_of_their_rates():
    # 50 of 100 and 900 of 900: 950 of 1,000; the mean of the rates would be 75 %.
    there = {2024: [year_of("a"), year_of("b", pim=900, accrued=900), year_of("c", department="CUSCO", accrued=None)]}
    found = compare(there, 2024, "execution", Selection())
    cusco, lima = found.places
    assert (lima.name, lima.values[0].value) == ("LIMA", Fraction(19, 20))
    assert (cusco.values[0].value, cusco.values[0].left_out) == (None, 1)  # unknown, not 0
    assert found.together[0].value == Fraction(19, 20)


def test_places_of_a_department_are_provinces_and_of_a_province_its_municipalities():
    there = {2024: [year_of("a"), year_of("b", province="CANTA")]}
    provinces = compare(there, 2024, "execution", Selection("LIMA")).places
    assert [(one.name, one.code) for one in provinces] == [("CANTA", ""), ("LIMA", "")]
    assert [one.code for one in compare(there, 2024, "execution", Selection("LIMA", "CANTA")).places] == ["b"]


def test_who_has_no_budget_of_the_year_stands_in_no_ranking_of_it():
    there = {2024: [year_of("a")], 2025: [year_of("a", 2025), year_of("b", 2025, accrued=25)]}
    assert [one.municipality.code for one in compare(there, 2024, "execution", Selection()).ranking.ranked] == ["a"]
    found = compare(there, 2025, "execution", Selection())
    assert [one.municipality.code for one in found.ranking.ranked] == ["a", "b"]
    assert [one.municipality.code for one in found.changes] == ["a"]  # b lacks 2024


def test_money_for_each_inhabitant_of_a_whole_has_provinces_in_it_and_leaves_out_who_is_not_counted():
    # district 100 for 10, province 300 for 30: 400 / 40 = 10; a third without inhabitants stands in neither sum.
    there = {2024: [year_of("a"), year_of("b", pim=300, persons=30, governs=PROVINCE), year_of("c", persons=None)]}
    found = compare(there, 2024, "budget_per_person", Selection())
    assert found.places[0].values[0].value == 10
    assert found.places[0].values[0].left_out == 1
    assert [one.municipality.code for one in found.ranking.ranked] == ["a"]  # of the others no single figure is given


def test_real_prices_take_the_ratio_of_the_index_and_a_year_without_index_stays_unknown():
    there = {2023: [year_of("a", 2023)], 2024: [year_of("a")], 2025: [year_of("a", 2025)]}
    index = PriceIndex({2023: Decimal(100), 2024: Decimal(110)}, "made")
    found = compare(there, 2023, "budget_per_person", Selection(), REAL, index)
    assert (found.base_year, found.without_index) == (2024, (2025,))
    assert found.ranking.ranked[0].value == 11  # 100 / 10 × 110 / 100
    assert [one.value for one in found.together] == [11, 10, None]
    assert compare(there, 2023, "execution", Selection(), REAL, index).together[2].value == Fraction(1, 2)  # no money
    assert compare(there, 2023, "budget_per_person", Selection(), REAL, None).together[0].value is None


def test_changes_go_from_the_first_year_to_the_last_with_the_largest_rise_first():
    first = [year_of("a", 2024, accrued=50), year_of("b", 2024, accrued=10)]
    last = [year_of("a", 2025, accrued=20), year_of("b", 2025, accrued=60)]
    found = compare({2024: first, 2025: last}, 2025, "execution", Selection()).changes
    assert [(one.municipality.code, one.difference) for one in found] == [
        ("b", Fraction(1, 2)),
        ("a", Fraction(-3, 10)),
    ]


@pytest.mark.parametrize(("size", "kept"), [("under_5000", ["a"]), ("5000_to_19999", ["b"]), ("", ["a", "b", "c"])])
def test_sizes_are_half_open_and_an_unknown_size_belongs_to_none(size, kept):
    there = {2024: [year_of("a", persons=4_999), year_of("b", persons=5_000), year_of("c", persons=None)]}
    found = compare(there, 2024, "execution", Selection(size=size)).ranking
    assert [one.municipality.code for one in found.ranked] == kept


def test_paid_and_women_have_measures_of_their_own():
    one = year_of("a", women=4)
    assert MEASURES["payment"](one) == Fraction(4, 5)  # 40 of 50
    assert (MEASURES["paid_per_person"](one), MEASURES["budget_per_woman"](one)) == (4, 25)
    assert MEASURES["budget_per_woman"](year_of("a")) is None  # nobody counted women: no figure


def test_lines_that_nobody_looked_at_have_no_share():
    unseen = LinesOfGender(40, 0, Decimal(100), Decimal(0), None, None)
    seen = LinesOfGender(2, 1, Decimal(100), Decimal(50), Decimal(0), Decimal(5))
    assert MEASURES["counted_share"](year_of("a", gender=unseen)) is None
    assert MEASURES["counted_share"](year_of("a", gender=seen)) == 0  # somebody looked: this is a 0
    assert MEASURES["declared_share"](year_of("a", gender=seen)) == Fraction(1, 20)
    assert MEASURES["counted_share"](year_of("a")) is None


def test_municipalities_at_different_prices_are_not_taken_together():
    with pytest.raises(ValueError, match="different prices"):
        MEASURES["budget_per_person"].pooled([year_of("a"), year_of("b", price_factor=Fraction(2))])
