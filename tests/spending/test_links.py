"""How much of a budget stands behind programmes, worked by hand."""

from __future__ import annotations

from decimal import Decimal

from budget_model.spending.links import LinkedLine, link_coverage


def test_shares_add_up_and_a_line_never_counts_more_than_it_has():
    half, whole = Decimal("0.5"), Decimal(1)
    found = link_coverage(
        [
            LinkedLine("a", Decimal("100.00"), {"care": half, "food": Decimal("0.25")}),  # 75.00 linked, 25.00 left
            LinkedLine("b", Decimal("40.00"), {"care": whole, "food": half}),  # shared to 1.5: counts 40.00
            LinkedLine("c", Decimal("60.00"), {}),
            LinkedLine("d", None, {"care": whole}),
        ]
    )
    assert (found.line_count, found.linked_count) == (4, 3)
    assert (found.amount, found.linked_amount, found.share) == (Decimal(200), Decimal(115), Decimal("0.575"))
    assert [line.code for line in found.unlinked] == ["c"]
    assert [(line.code, line.rest) for line in found.partly] == [("a", Decimal(25))]
    assert [line.code for line in found.over_shared] == ["b"]
    assert [line.code for line in found.without_amount] == ["d"]


def test_a_budget_of_nothing_has_no_share():
    assert link_coverage([]).share is None
