"""Exact totals of budget lines, and what is odd about them."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.errors import InputError
from budget_model.spending.lines import (
    STAGES,
    amount_text,
    check_frame,
    gender_totals_by_year,
    labels_of,
    odd_lines,
    totals_by_year,
)


def frame_of(*rows: dict[str, object]) -> pl.DataFrame:
    """Rows as the readers make them; amounts as text."""
    made = [
        {
            name: Decimal(str(cell)) if name in (*STAGES, "gender_share") and cell is not None else cell
            for name, cell in row.items()
        }
        for row in rows
    ]
    names = dict.fromkeys(name for row in made for name in row)
    types = {"year": pl.Int32, "line": pl.Int64, "gender_share": pl.Decimal(38, 6)} | dict.fromkeys(
        STAGES, pl.Decimal(38, 4)
    )
    columns = {name: pl.Series(name, [row.get(name) for row in made], types.get(name, pl.String)) for name in names}
    return check_frame(pl.DataFrame(list(columns.values())))


def test_totals_are_exact_where_floats_are_not():
    # 0.1 + 0.2 is 0.30000000000000004 in floats
    frame = frame_of({"year": 2024, "code": "a", "pim": "0.1"}, {"year": 2024, "code": "b", "pim": "0.2"})
    assert totals_by_year(frame)[2024].amounts["pim"] == Decimal("0.3")


def test_a_stage_that_no_line_has_is_missing_and_not_zero():
    frame = frame_of({"year": 2024, "code": "a", "pim": "5"}, {"year": 2025, "code": "a", "accrued": "0"})
    totals = totals_by_year(frame)
    assert totals[2024].amounts["accrued"] is None
    assert totals[2025].amounts["accrued"] == 0
    assert totals[2025].amounts["pim"] is None


def test_weighted_is_amount_times_share_by_hand():
    # 200 x 0.5 + 10.01 x 0.25 = 100 + 2.5025; the line with share 0 counts nowhere
    frame = frame_of(
        {"year": 2024, "code": "a", "pim": "200", "gender_share": "0.5"},
        {"year": 2024, "code": "b", "pim": "10.01", "gender_share": "0.25"},
        {"year": 2024, "code": "c", "pim": "1000", "gender_share": "0"},
    )
    totals = gender_totals_by_year(frame)[2024]
    assert totals.lines == 2
    assert totals.full["pim"] == Decimal("210.01")
    assert totals.weighted["pim"] == Decimal("102.5025")
    assert totals.weighted["accrued"] is None


def test_a_year_without_a_tagged_line_has_nothing_of_its_stages():
    frame = frame_of({"year": 2024, "code": "a", "pim": "200", "gender_share": "0"})
    assert gender_totals_by_year(frame)[2024].weighted["pim"] == 0


def test_no_gender_totals_where_no_share_is_stated():
    assert gender_totals_by_year(frame_of({"year": 2024, "code": "a", "pim": "1"})) == {}


def test_large_weighted_sums_keep_every_digit():
    # 99,999,999,999,999.9999 x 0.333333 has 24 digits, and 30 of them two more; nothing of it may be rounded away
    frame = frame_of(
        *[{"year": 2024, "code": str(i), "pim": "99999999999999.9999", "gender_share": "0.333333"} for i in range(30)]
    )
    expected = 30 * 999999999999999999 * 333333  # whole numbers of 1e-10
    assert gender_totals_by_year(frame)[2024].weighted["pim"] == Decimal(expected).scaleb(-10)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("203605168.0000", "203605168"),
        ("6796436441.1000", "6796436441.10"),
        ("-0.3185", "-0.3185"),
        ("0", "0"),
        ("1E+3", "1000"),
    ],
)
def test_amounts_are_written_exactly(amount, text):
    assert amount_text(Decimal(amount)) == text


def test_a_code_that_stands_twice_in_a_year_is_refused_with_its_lines():
    with pytest.raises(InputError, match=r"line 9: The line 'a' of 2024 stands here 2 times \(lines 4, 9\)"):
        frame_of({"year": 2024, "code": "a", "line": 4}, {"year": 2024, "code": "a", "line": 9})


def test_a_share_above_one_is_refused():
    with pytest.raises(InputError, match="between 0 and 100 percent; here it is 150"):
        frame_of({"year": 2024, "code": "a", "gender_share": "1.5"})


def test_floats_are_refused():
    frame = pl.DataFrame({"year": [2024], "code": ["a"], "pim": [0.1]})
    with pytest.raises(InputError, match="column pim: The column 'pim' holds floats"):
        check_frame(frame)


def test_stages_above_the_stage_before_them_are_one_warning_a_rule():
    frame = frame_of(
        {"year": 2024, "code": "a", "line": 2, "pim": "10", "accrued": "11", "paid": "12"},
        {"year": 2024, "code": "b", "line": 3, "pim": "10", "accrued": "12.5", "paid": "1"},
    )
    warnings = {problem.rule: problem for problem in odd_lines(frame, "f.csv")}
    assert set(warnings) == {"accrued_above_pim", "paid_above_accrued"}
    assert "2 lines have more" in warnings["accrued_above_pim"].message
    assert "together 3.50 more" in warnings["accrued_above_pim"].message
    assert {problem.level for problem in warnings.values()} == {"warning"}
    assert warnings["paid_above_accrued"].line == 2


def test_negative_amounts_are_kept_and_flagged():
    frame = frame_of({"year": 2024, "code": "a", "line": 7, "pim": "-5"}, {"year": 2024, "code": "b", "pim": "8"})
    assert totals_by_year(frame)[2024].amounts["pim"] == 3
    (warning,) = odd_lines(frame)
    assert warning.rule == "negative_amount"
    assert warning.line == 7


def test_a_stage_that_only_some_lines_of_a_year_have_is_told():
    frame = frame_of(
        {"year": 2024, "code": "a", "line": 2, "pia": "10", "pim": "10"},
        {"year": 2024, "code": "b", "line": 3, "pim": "7"},
        {"year": 2025, "code": "b", "line": 4, "pim": "7"},
    )
    (warning,) = odd_lines(frame)
    assert (warning.rule, warning.line, warning.facts) == ("pia_missing", 3, {"count": 1, "codes": "b (2024)"})
    assert "1 line has no amount in the opening budget (PIA)" in warning.message


def test_an_orderly_budget_has_no_warnings():
    row = {"pim": "10", "certified": "9", "committed": "8", "accrued": "7", "paid": "6"}
    assert odd_lines(frame_of({"year": 2024, "code": "a", **row})) == ()


def test_labels_leave_out_the_empty_ones():
    assert labels_of({"year": 2024, "label:function": "SALUD", "label:place": None, "label:fund": ""}) == {
        "function": "SALUD"
    }


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(2020, 2022), amounts, st.integers(0, 1_000_000)), min_size=1, max_size=30))
def test_sums_are_those_of_whole_numbers_in_any_order(rows):
    def made(entries):
        return frame_of(
            *[
                {"year": year, "code": str(place), "pim": amount, "gender_share": Decimal(share).scaleb(-6)}
                for place, (year, amount, share) in enumerate(entries)
            ]
        )

    totals, gender = totals_by_year(made(rows)), gender_totals_by_year(made(rows))
    assert totals_by_year(made(rows[::-1])) == totals
    for year, total in totals.items():
        whole = sum(int(amount.scaleb(4)) for there, amount, _ in rows if there == year)
        weighted = sum(int(amount.scaleb(4)) * share for there, amount, share in rows if there == year)
        assert total.amounts["pim"] == Decimal(whole).scaleb(-4)
        assert gender[year].weighted["pim"] == Decimal(weighted).scaleb(-10)
