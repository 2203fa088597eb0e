"""Notes pinned in time: which points in time there are, where they stand in a year, and what no note may hold."""

from __future__ import annotations

import pytest

from budget_model.errors import InputError
from budget_model.spending.notes import LONGEST_TEXT, Moment, Note, parse_note


def rules_of(*given, **named):
    with pytest.raises(InputError) as refusal:
        parse_note(*given, **named)
    return [problem.rule for problem in refusal.value.problems]


def test_a_point_in_time_is_a_year_a_month_or_a_day():
    assert parse_note("2023", "x").moment == Moment(2023)
    assert parse_note(" 2023-5 ", "x").moment == Moment(2023, 5)
    assert parse_note("2024-02-29", "x").moment == Moment(2024, 2, 29)
    assert [str(one) for one in (Moment(2023), Moment(2023, 5), Moment(2023, 5, 4))] == [
        "2023",
        "2023-05",
        "2023-05-04",
    ]


@pytest.mark.parametrize(
    "when",
    ["", "23", "2023-13", "2023-00", "2023-02-29", "2023-04-31", "1949", "2101", "2023/05", "2023--5", "٢٠٢٣", "x"],
)
def test_what_is_no_point_in_time_is_refused(when):
    assert rules_of(when, "x") == ["note_moment"]


def test_a_day_stands_where_it_lies_in_the_year_also_in_a_leap_year():
    """2 July is the 183rd of 365 days: 182.5 are before its noon, half a year. In 2024 the half lies between two."""
    assert Moment(2023, 7, 2).share_of_year == 0.5
    assert Moment(2024, 12, 31).share_of_year == round(365.5 / 366, 4)
    order = [Moment(2023, 1), Moment(2023, 3, 31), Moment(2023, 6), Moment(2023), Moment(2023, 7), Moment(2023, 12, 31)]
    shares = [one.share_of_year for one in order]
    assert shares == sorted(shares)
    assert all(0 < share < 1 for share in shares)


def test_all_problems_are_told_at_once():
    assert rules_of("x", " ", "nothing", "s" * 301) == ["note_moment", "note_text", "note_long", "note_stage"]
    assert rules_of("2023", "x" * (LONGEST_TEXT + 1)) == ["note_long"]


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200f", "\x00", "\x1b", "\x85", "\u2028", "\u061c"])
def test_characters_that_nobody_sees_are_refused_in_text_and_source(hidden):
    assert rules_of("2023", f"a{hidden}b") == ["note_control"]
    assert rules_of("2023", "a", "", f"a{hidden}b") == ["note_control"]


def test_ends_of_lines_become_spaces_and_letters_of_all_scripts_stay():
    assert parse_note("2023", " Ñandú\r\n y\tλ 👩‍🌾 ", "paid", " acta ") == Note(
        Moment(2023), "Ñandú y λ 👩‍🌾", "paid", "acta"
    )
