"""Numbers as people type them: read alike on every page, and never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.errors import InputError
from dashboard.pages.assembly_criteria import points_of
from dashboard.pages.assembly_follow_up import amount_in
from dashboard.pages.focus_form import priorities_from
from dashboard.pages.optimise_form import typed_share as share_of_optimise
from dashboard.views.imports import share_of
from dashboard.views.review_tags import content_of, form_values
from data.readers.typed_numbers import plain_text, typed_number, typed_share
from data.workflows.programme_texts import read_form

READ = [
    ("12,5", "12.5"),
    ("12.5", "12.5"),
    (" 1250 ", "1250"),
    ("1250,50", "1250.50"),
    (",5", "0.5"),
    ("0,125", "0.125"),  # no group of thousands begins with 0
    ("1234,500", "1234.500"),  # four digits are no group
    ("1,234.50", "1234.50"),
    ("1.234,50", "1234.50"),
    ("1,234,567", "1234567"),
    ("1.234.567", "1234567"),
    ("1 234 567,8", "1234567.8"),
    ("1\u00a0200", "1200"),
    ("\u22122,5", "-2.5"),
]
NOT_READ = ["1,500", "-12,345", "1,23.4", "1.23,4.5", "1,2,3", "abc", "1e3", "--1", "1 2", "12,5,5", "NaN"]


@pytest.mark.parametrize(("typed", "number"), READ)
def test_a_point_or_a_comma_stands_before_decimals(typed, number):
    assert plain_text(typed) == number
    assert typed_number(typed) == Decimal(number)


@pytest.mark.parametrize("typed", NOT_READ)
def test_what_is_no_number_or_may_be_two_stays_as_it_was_typed(typed):
    assert plain_text(typed) == typed_number(typed) == typed_share(typed) == typed


@pytest.mark.parametrize("typed", ["", "  ", None])
def test_nothing_typed_is_nothing_and_not_0(typed):
    assert (plain_text(typed), typed_number(typed), typed_share(typed)) == (None, None, None)


@given(st.decimals(-(10**12), 10**12, places=4), st.sampled_from([",", "."]))
def test_grouped_numbers_are_read_whichever_sign_groups(number, group):
    written = f"{number:,f}".translate(str.maketrans({",": group, ".": {",": ".", ".": ","}[group]}))
    assert typed_number(written) == number


def test_per_cent_is_a_share():
    assert (typed_share("12,5 %"), typed_share("3%"), typed_share("45.7\u00a0%")) == (0.125, 0.03, 0.457)


@pytest.mark.parametrize(("typed", "number"), [("12,5", 12.5), ("1,500", None)])
def test_all_pages_read_a_number_alike(typed, number):
    unit_cost = read_form({"unit_cost.value": typed}, "x").document.get("unit_cost", {}).get("value")
    problems: list = []
    scores = priorities_from([({"group": "women", "need": "WATER"}, typed)], ["women"], {}, problems)
    assert unit_cost == (None if number is None else Decimal(str(number)))
    assert scores == ({} if number is None else {"women": {"WATER": number}})
    assert share_of(typed) == (None if number is None else number / 100)
    assert share_of_optimise(typed) == (typed if number is None else number / 100)


def test_amounts_points_and_percentages_of_plain_forms_are_read_alike():
    assert amount_in("1200,50") == Decimal("1200.50")
    assert amount_in(" ") is None
    with pytest.raises(InputError, match="'1,200' is no amount"):
        amount_in("1,200")
    assert points_of({"points:need": "7,5", "points:plan": "", "code": "P1"}) == {"need": "7.5", "plan": ""}
    typed = [content_of(form_values({}) | {"women_share_percent": text}, {}) for text in ("97,5", "1,500")]
    assert [one["women_share_percent"] for one in typed] == [
        "97.5",
        "1,500",
    ]  # the second is refused by the tag's checks
