"""Figures of the gender budget statement, worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_model.spending.counting import TaggedLine
from budget_model.spending.lines import STAGES
from budget_model.spending.statement import breakdown, counted_money, cross_table, floor_result
from budget_model.spending.tags import Tag
from data.readers.schemes import read_schemes

SCHEMES = read_schemes()
EIGE, MARKER, SHARES = SCHEMES["eu_eige"], SCHEMES["oecd_dac"], SCHEMES["in_gbs"]
POLICY, WHOM = SCHEMES["pe_lio"], SCHEMES["pe_beneficiary"]


def line(code, pim, accrued=None, year=2026, **tag):
    amounts = dict.fromkeys(STAGES) | {"pim": money(pim), "accrued": money(accrued)}
    return TaggedLine(year, code, amounts, Tag(**tag) if tag else None)


def money(text):
    return None if text is None else Decimal(text)


LINES = [
    line("a", "600.10", "300", marker="2", policy="04", beneficiary="women", women_share_percent="97"),
    line("b", "400", "400", marker="1", policy="04", beneficiary="mixed"),
    line("c", "500", None, marker="0", policy="00"),
    line("d", "8499.90", "4000"),  # nobody has tagged it
    line("e", None, "7", marker="2"),
]


def test_classes_and_what_is_unknown_add_up_to_the_whole_budget_exactly():
    found = breakdown(LINES, MARKER, "pim")
    amounts = {part.code: part.amounts["pim"] for part in found.classes}
    assert amounts == {"2": Decimal("600.10"), "1": Decimal(400), "0*": None, "0": Decimal(500), "-1": None}
    assert [(part.code, part.lines, part.amounts["pim"]) for part in found.unknown] == [
        ("not_screened", 1, Decimal("8499.90"))
    ]
    assert found.whole.amounts["pim"] == Decimal(10000)
    assert found.whole.amounts["paid"] is None  # no line has the stage: unknown, not 0
    assert found.share(found.classes[0]) == Decimal("0.06001")


def test_the_largest_contributor_stands_beside_its_total():
    two = breakdown([*LINES, line("f", "299.90", marker="2")], MARKER, "pim").classes[0]
    assert (two.lines, two.amounts["pim"]) == (3, Decimal(900))
    assert (two.largest.key, two.largest.amount) == ((2026, "a"), Decimal("600.10"))
    assert round(two.largest.share, 4) == Decimal("0.6668")  # 600.10 / 900


def test_money_is_counted_by_stage_with_its_execution_beside_that_of_the_rest():
    found = counted_money(LINES, EIGE, "pim")
    # 600.10 x 1 + 400 x 0.4 = 760.10; accrued 300 + 160 + 7 = 467, of which 7 has no PIM
    assert (found.amounts["pim"], found.amounts["accrued"]) == (Decimal("760.10"), Decimal(467))
    assert found.unknown["pim"] == Decimal("8499.90")
    assert [one.key[1] for one in found.contributions] == ["a", "b"]
    assert round(found.counted_execution.rate, 4) == Decimal("0.6052")  # 460 / 760.10
    # the rest: of b what does not count, 400 x 0.6, and d; c has no accrued: it bends no rate
    assert found.rest_execution.rate == (Decimal(4000) + 240) / (Decimal("8499.90") + 240)
    assert (found.unknown_execution.declared, found.unknown_execution.executed) == (Decimal("8499.90"), Decimal(4000))
    assert found.share("pim") == Decimal("0.07601")


def test_counted_money_and_the_rest_are_the_whole_budget_at_declared_and_executed():
    found = counted_money(LINES, EIGE, "pim")
    own, rest, whole = found.counted_execution, found.rest_execution, found.whole_execution
    assert own.declared + rest.declared == whole.declared == Decimal("9500.00")  # a, b and d, which have both stages
    assert own.executed + rest.executed == whole.executed == Decimal(4700)


def test_without_a_tag_there_is_no_rest_and_with_tags_that_count_nothing_it_is_the_whole():
    untagged = counted_money([line("d", "100", "40"), line("e", "100", "20")], EIGE, "pim")
    assert (untagged.rest, untagged.rest_rate) == (None, None)  # not 0.3, which is of the whole budget
    screened = counted_money([line("d", "100", "40", marker="0"), line("e", "100", "20")], EIGE, "pim")
    assert screened.rest_rate == Decimal("0.3")
    assert counted_money(LINES, EIGE, "pim").rest_rate == counted_money(LINES, EIGE, "pim").rest_execution.rate


def test_womens_share_counts_only_where_it_is_stated():
    found = counted_money(LINES, SHARES, "pim")
    assert found.amounts["pim"] == Decimal("582.0970")  # 600.10 x 0.97
    assert found.unknown["pim"] == Decimal("9399.90")


def test_policy_by_beneficiary_needs_both():
    found = cross_table(LINES, POLICY, WHOM, "pim")
    assert found == {("04", "women"): (1, Decimal("600.10")), ("04", "mixed"): (1, Decimal(400))}


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([line("a", "5", marker="2"), line("b", "95")], "met"),  # 5 of 100 are known to count
        ([line("a", "4", marker="2"), line("b", "95", marker="0"), line("c", "1")], "met_if"),  # 4 to 5 of 100
        ([line("a", "4", marker="2"), line("b", "95.5", marker="0"), line("c", "0.5")], "missed"),  # 4.5 at most
    ],
)
def test_a_floor_is_missed_only_where_the_unknown_could_not_reach_it(lines, verdict):
    found = floor_result(counted_money(lines, EIGE, "pim"), Decimal("0.05"), "pim")
    assert found.verdict == ("unknown" if verdict == "met_if" else verdict)


def test_a_budget_without_money_at_the_stage_has_no_verdict():
    assert floor_result(counted_money(LINES, EIGE, "pim"), Decimal("0.05"), "paid") is None
