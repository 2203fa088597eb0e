"""Price indices, held against published inflation; and alerts, worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_model.errors import InputError
from budget_model.spending.alerts import Move, december_alert, year_alerts
from budget_model.spending.counting import TaggedLine
from budget_model.spending.lines import STAGES
from budget_model.spending.prices import PriceIndex, yearly_averages
from budget_model.spending.statement import counted_money
from budget_model.spending.tags import Tag
from data.readers.price_index import country_index, parse_price_index
from data.readers.schemes import read_schemes

EIGE = read_schemes()["eu_eige"]


@pytest.mark.parametrize(("year", "percent"), [(2019, "2.14"), (2020, "1.83"), (2021, "3.98"), (2022, "7.87")])
def test_averages_from_months_give_the_published_average_inflation_of_lima(year, percent):
    values = country_index("PE").values
    inflation = 100 * (values[year] / values[year - 1] - 1)
    assert abs(inflation - Decimal(percent)) < Decimal("0.02")


def test_a_year_without_all_its_months_has_no_average():
    twelve = [Decimal(1)] + [Decimal(0)] * 11
    assert yearly_averages({2020: twelve, 2021: twelve[:5]}) == {2020: Decimal(101)}
    with pytest.raises(ValueError, match="follow each other"):
        yearly_averages({2020: twelve, 2022: twelve})


def test_real_amounts_are_at_prices_of_the_base_year_and_missing_years_have_none():
    index = PriceIndex({2020: Decimal(100), 2021: Decimal(125)}, "test")
    assert index.real(Decimal(80), 2020, 2021) == Decimal(100)
    assert index.real(Decimal(80), 2021, 2021) == Decimal(80)
    assert index.real(Decimal(80), 2022, 2021) is None
    assert index.real(None, 2020, 2021) is None
    assert index.newest_of([2019, 2020, 2030]) == 2020
    assert country_index("XX") is None


@pytest.mark.parametrize("text", ["year,index\n2024,112.5\n2025,115\n", "año;índice\r\n2024;112,5\r\n2025;115\r\n"])
def test_a_sites_own_index_is_read_with_either_decimal_mark(text):
    assert parse_price_index(text) == {2024: Decimal("112.5"), 2025: Decimal(115)}


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", ["index_header"]),
        ("a,b\n2024,1", ["index_header"]),
        ("year,index\n", ["index_empty"]),
        ("year,index\n2024,0\nx,5\n2025,1e99\n2026,NaN\n2027,1,2", ["index_row"] * 5),
        ("year,index\n2024,1\n2024,2", ["index_twice"]),
    ],
)
def test_an_unsound_index_is_refused_with_every_line(text, rules):
    with pytest.raises(InputError) as refusal:
        parse_price_index(text)
    assert [problem.rule for problem in refusal.value.problems] == rules


def line(code, pia, pim, accrued, marker=None):
    amounts = dict.fromkeys(STAGES) | {"pia": Decimal(pia), "pim": Decimal(pim), "accrued": Decimal(accrued)}
    return TaggedLine(2026, code, amounts, Tag(marker=marker) if marker else None)


def test_alerts_compare_counted_money_with_the_rest_and_name_the_lines_that_fall_short():
    lines = [
        line("a", 100, 60, 30, "2"),  # cut to 60 %; half of it accrued
        line("b", 100, 120, 100, "1"),
        line("c", 1000, 1000, 900),  # untagged: the rest, kept whole, 90 % accrued
    ]
    cut, slow, gone = year_alerts(lines, EIGE, 2026, [(2026, "z")])
    # counted: 100 + 40 became 60 + 48; the rest: 60 of b and 1000 became 72 and 1000
    assert (cut.rule, round(cut.own, 4), round(cut.rest, 4)) == ("cut", Decimal("0.7714"), Decimal("1.0113"))
    assert [(one.key[1], one.before, one.after) for one in cut.lines] == [("a", 100, 60)]  # as the budget prints it
    # 30 + 40 of 60 + 48 accrued, of the rest 60 + 900 of 72 + 1000; a falls short by 24, b by 40 - 43
    assert (slow.rule, round(slow.own, 4), round(slow.rest, 4)) == ("slow", Decimal("0.6481"), Decimal("0.8955"))
    assert [one.key[1] for one in slow.lines] == ["a", "b"]
    assert (gone.rule, [one.key[1] for one in gone.lines]) == ("gone", ["z"])


def test_alerts_and_the_statement_say_the_same_rate_of_the_same_money():
    lines = [line("a", 100, 60, 30, "2"), line("b", 100, 120, 100, "1"), line("c", 1000, 1000, 900)]
    counted = counted_money(lines, EIGE, "pim")
    slow = next(alert for alert in year_alerts(lines, EIGE, 2026) if alert.rule == "slow")
    rates = (counted.counted_execution.rate, counted.rest_execution.rate)
    assert [round(one, 20) for one in (slow.own, slow.rest)] == [round(one, 20) for one in rates]


def test_nothing_is_said_where_counted_money_does_as_well_as_the_rest_or_nothing_counts():
    assert year_alerts([line("a", 100, 100, 90, "2"), line("c", 10, 10, 9)], EIGE, 2026) == ()
    assert year_alerts([line("c", 10, 1, 0)], EIGE, 2026) == ()


def test_money_that_left_counted_lines_at_the_end_of_the_year_is_told_with_both_days():
    """a lost 40 in two steps, b got back what it lost, c is not counted."""
    lines = [line("a", 100, 60, 30, "2"), line("b", 100, 120, 100, "1"), line("c", 1000, 1000, 900)]
    november, early, late = "2026-11-03", "2026-12-04", "2026-12-28"
    moves = [
        Move((2026, "a"), Decimal(100), Decimal(80), november, early),
        Move((2026, "b"), Decimal(120), Decimal(20), november, early),
        Move((2026, "c"), Decimal(1000), Decimal(1), november, early),
        Move((2026, "a"), Decimal(80), Decimal(60), early, late),
        Move((2026, "b"), Decimal(20), Decimal(120), early, late),
    ]
    alert = december_alert(moves, lines, EIGE, 2026)
    assert (alert.rule, alert.since, alert.until) == ("december", november, late)
    assert [(one.key[1], one.before, one.after) for one in alert.lines] == [("a", 100, 60)]
    assert december_alert(moves[1:3], [lines[2]], EIGE, 2026) is None
