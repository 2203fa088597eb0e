"""Growth of money and change of tags told apart, by hand and over random series."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.spending.trends import YearLine, counted_series, merged_series, series_key


def rows(*cells):
    return [YearLine(y, s, Decimal(a), None if w is None else Decimal(w)) for y, s, a, w in cells]


def test_a_change_of_tag_alone_is_no_growth_of_money():
    """Same money in both years; the second year's tag counts it whole."""
    first, second = counted_series(rows((2025, "care", "100", "0.4"), (2026, "care", "100", "1")))
    assert (first.as_tagged, second.as_tagged) == (40, 100)
    assert (first.constant, second.constant) == (100, 100)
    assert (second.change.money, second.change.retag, second.change.total) == (0, 60, 60)


def test_a_first_tag_is_a_retag_and_not_growth():
    """roads are tagged in both years; care only in the second, with the same money."""
    roads = rows((2025, "roads", "50", "0"), (2026, "roads", "50", "0"))
    first, second = counted_series([*roads, *rows((2025, "care", "100", None), (2026, "care", "100", "1"))])
    assert (first.as_tagged, first.untagged, first.constant) == (0, 100, 100)
    assert (second.change.money, second.change.retag) == (0, 100)


def test_a_year_without_any_tag_is_unknown_and_no_change_from_it_is_told():
    """100 in each year, tagged in the second alone, and gone from the tags again in the third."""
    cells = rows((2024, "care", "100", None), (2025, "care", "100", "1"), (2026, "care", "100", None))
    first, second, third = counted_series(cells)
    assert [one.as_tagged for one in (first, second, third)] == [None, 100, None]
    assert [one.constant for one in (first, second, third)] == [100, 100, 100]
    assert [one.change for one in (first, second, third)] == [None, None, None]


def test_without_a_tag_in_any_year_nothing_is_told():
    years = counted_series(rows((2025, "care", "100", None), (2026, "care", "130", None)))
    assert [(one.as_tagged, one.constant, one.change) for one in years] == [(None, None, None)] * 2


def test_a_tag_that_counts_nothing_is_a_known_0():
    first, second = counted_series(rows((2025, "roads", "100", "0"), (2026, "roads", "130", "0")))
    assert (first.as_tagged, second.as_tagged, second.change.total) == (0, 0, 0)


def test_a_series_tagged_in_part_says_nothing_of_other_years():
    """In 2025 a series has one tagged line (1,800 at 0.4) and 5,780 that nobody has looked at; 2024 has 1,500 of it."""
    care = rows((2024, "care", "1500", None), (2025, "care", "1800", "0.4"), (2025, "care", "5780", None))
    first, second = counted_series(care)
    assert (first.constant, first.constant_unknown, first.as_tagged) == (None, 1500, None)
    assert (second.constant, second.constant_unknown, second.as_tagged) == (None, 7580, 720)
    roads = rows((2024, "roads", "10", "1"), (2025, "roads", "20", "1"))
    first, second = counted_series([*care, *roads])
    assert [(one.constant, one.constant_unknown) for one in (first, second)] == [(10, 1500), (20, 7580)]


def test_the_latest_year_that_is_wholly_tagged_stands_for_all():
    """2024 is told whole (half counts); in 2025 a further line of the series is unknown."""
    cells = rows((2024, "care", "100", "0.5"), (2025, "care", "100", "1"), (2025, "care", "60", None))
    first, second = counted_series(cells)
    assert [(one.constant, one.constant_unknown) for one in (first, second)] == [(50, 0), (80, 0)]


def test_growth_of_money_alone_is_no_change_of_tag():
    _, second = counted_series(rows((2025, "care", "100", "0.5"), (2026, "care", "120", "0.5")))
    assert (second.change.money, second.change.retag, second.change.total) == (10, 0, 10)


def test_both_at_once_by_hand():
    """care 100 at 0.4, then 150 at 1: money (150 - 100) x 1 = 50, retag 100 x 0.6 = 60. roads gone, park new."""
    cells = rows((2025, "care", "100", "0.4"), (2025, "roads", "10", "1"), (2026, "care", "150", "1"))
    _, second = counted_series([*cells, *rows((2026, "park", "30", "0.5"))])
    change = second.change
    assert (change.money, change.retag, change.entered, change.left, change.total) == (50, 60, 15, -10, 115)


def test_a_year_in_which_nothing_is_left_of_a_series_is_money_gone():
    _, second = counted_series(rows((2025, "care", "100", "0.4"), (2026, "care", "0", "1")))
    assert (second.change.money, second.change.retag) == (-40, 0)


AMOUNT = st.decimals(-1000, 10**6, places=2)
SHARE = st.one_of(st.none(), st.decimals(0, 1, places=4))
LINE = st.builds(YearLine, st.integers(2020, 2023), st.sampled_from("abcd"), AMOUNT, SHARE)


@given(st.lists(LINE, min_size=1, max_size=30), st.randoms())
def test_parts_of_a_change_add_up_exactly_in_any_order_of_lines(lines, random):
    years = counted_series(lines)
    for before, after in itertools.pairwise(years):
        change = after.change
        if before.as_tagged is None or after.as_tagged is None:
            assert change is None
            continue
        assert change.money + change.retag + change.entered + change.left == change.total
        assert change.total == after.as_tagged - before.as_tagged
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert counted_series(shuffled) == years


FEW = st.builds(
    YearLine,
    st.integers(2020, 2022),
    st.sampled_from("abcdefgh"),
    st.sampled_from([Decimal(amount) for amount in ("-5", "0", "5", "7.01")]),
    st.sampled_from([None, Decimal("0.4"), Decimal(1)]),
)


@given(st.lists(FEW, min_size=1, max_size=40))
def test_series_that_are_tagged_alike_say_the_same_as_one(lines):
    """Few amounts and shares, so that many series are alike, cancel each other out or are 0."""
    merged = merged_series(lines)
    assert len(merged) <= len(lines)
    assert counted_series(merged) == counted_series(lines)


def test_series_that_are_tagged_alike_become_one():
    cells = [(year, name, "100", "0.4") for name in "abc" for year in (2025, 2026)]
    assert merged_series(rows(*cells)) == rows((2025, "a", "300", "0.4"), (2026, "a", "300", "0.4"))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 9999)), min_size=1, unique_by=lambda pair: pair[0]))
def test_the_same_money_twice_never_grows_whatever_the_tags_do(series):
    before = [YearLine(2025, name, Decimal(amount), None) for name, amount in series]
    before += [YearLine(year, "told", Decimal(1), Decimal(0)) for year in (2025, 2026)]  # so that no year is unknown
    after = [YearLine(2026, name, Decimal(amount), Decimal("0.3")) for name, amount in series]
    first, second = counted_series([*before, *after])
    assert first.constant == second.constant
    assert second.change.money == second.change.entered == second.change.left == 0


@pytest.mark.parametrize(
    ("code", "labels", "key"),
    [
        ("01/02/03", {"programme": "Salud"}, "01/02/03"),
        (
            "301291/0042/5/07/2.3",
            {"entity_code": "301291", "programme_code": "1002", "product_code": "3000", "activity_code": "5001"}
            | {"purpose_code": "0212"},
            "301291/1002/3000/5001/0212/5/07/2.3",
        ),
    ],
)
def test_a_series_keeps_its_name_when_targets_are_numbered_anew(code, labels, key):
    assert series_key(code, labels) == key
    assert series_key(code.replace("0042", "0107"), labels) == key
