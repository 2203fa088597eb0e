"""Programmes after transfers are written back: new lines, lines that are given away, and shares that cannot be."""

from __future__ import annotations

from decimal import Decimal

from budget_model.spending.modification import Transfer
from budget_model.spending.written_back import LinkedMoney, write_back

FUND = "IMPUESTOS MUNICIPALES"


def moved(giver, from_line, taker, to_line, cents, is_new=False):
    return Transfer(giver, from_line, taker, to_line, is_new, FUND, cents, ())


def linked(code, stated=0, **shares):
    return LinkedMoney(code, Decimal(stated), {line: Decimal(share) for line, share in shares.items()})


def told(found):
    return {one.code: (one.today, one.wanted, one.got, one.got_with_shares) for one in found.programmes}


def steps(found):
    return [(one.line, one.source, one.programme, one.today, one.wanted) for one in found.shares]


def amounts(*texts):
    return tuple(Decimal(text) for text in texts)


def test_between_lines_that_are_wholly_linked_the_programmes_get_what_is_wanted_and_no_share_changes():
    found = write_back(
        [moved("parks", "a", "care", "b", 10_01)],
        {"a": Decimal("50.00"), "b": Decimal("20.00")},
        [linked("parks", a="1"), linked("care", b="1"), linked("gifts", stated=7)],
        {"parks": Decimal("39.99"), "care": Decimal("30.01"), "gifts": Decimal(7)},
    )
    assert told(found) == {
        "parks": amounts("50.00", "39.99", "39.99", "39.99"),
        "care": amounts("20.00", "30.01", "30.01", "30.01"),
        "gifts": amounts("7.00", "7", "7.00", "7.00"),
    }
    assert found.shares == ()


def test_a_new_line_brings_nothing_until_it_is_linked_and_two_programmes_share_it_by_what_each_is_to_get():
    # 30.00 and 10.00 go to a new line like c: 0.75 and 0.25 of its 40.00
    found = write_back(
        [moved("parks", "a", "care", "c", 30_00, True), moved("parks", "a", "food", "c", 10_00, True)],
        {"a": Decimal(100), "c": Decimal(8)},
        [linked("parks", a="1"), linked("care", c="0.5"), linked("food", c="0.5")],
        {"parks": Decimal(60), "care": Decimal(34), "food": Decimal(14)},
    )
    assert told(found) == {
        "parks": amounts("100", "60", "60", "60"),
        "care": amounts("4", "34", "4", "34"),
        "food": amounts("4", "14", "4", "14"),
    }
    assert steps(found) == [
        ("c", FUND, "care", None, Decimal("0.75")),
        ("c", FUND, "food", None, Decimal("0.25")),
    ]


def test_a_programme_that_gives_all_its_part_loses_its_link_and_others_keep_their_money():
    # parks give their 40.00 of 100.00; the school keeps 60.00 of the 60.00 that are left
    found = write_back(
        [moved("parks", "a", "care", "b", 40_00)],
        {"a": Decimal(100), "b": Decimal(1)},
        [linked("parks", a="0.4"), linked("school", a="0.6"), linked("care", b="1")],
        {"parks": Decimal(0), "school": Decimal(60), "care": Decimal(41)},
    )
    assert told(found)["parks"] == amounts("40", "0", "24", "0")
    assert told(found)["school"] == amounts("60", "60", "36", "60")
    assert steps(found) == [
        ("a", None, "parks", Decimal("0.4"), Decimal(0)),
        ("a", None, "school", Decimal("0.6"), Decimal(1)),
    ]


def test_where_no_share_would_do_that_is_told_and_the_difference_stays():
    # the line stands behind both as a whole; 50.00 are left, of which the school would need 100.00
    found = write_back(
        [moved("parks", "a", "care", "b", 50_00)],
        {"a": Decimal(100), "b": Decimal(1)},
        [linked("parks", a="1"), linked("school", a="1"), linked("care", b="1")],
        {"parks": Decimal(50), "school": Decimal(100), "care": Decimal(51)},
    )
    assert steps(found) == [("a", None, "school", Decimal(1), None)]
    assert told(found)["school"] == amounts("100", "100", "50", "50")
