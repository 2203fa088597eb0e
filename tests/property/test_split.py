"""An exact amount split over areas: nothing is lost, nothing is made, and no part is far from its share."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from data.workflows.split import split_amount

AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2)
WEIGHTS = st.lists(st.floats(min_value=0, max_value=1e9, allow_subnormal=False), min_size=1, max_size=30)


@given(AMOUNTS, WEIGHTS)
def test_parts_add_up_to_the_amount_and_lie_within_a_cent_of_their_share(total, weights):
    parts = split_amount(total, weights)
    assert sum(parts) == total
    whole = sum(Decimal(repr(weight)) for weight in weights)
    for part, weight in zip(parts, weights, strict=True):
        share = total * Decimal(repr(weight)) / whole if whole else total / len(weights)
        assert abs(part - share) <= Decimal("0.0101")
        assert part >= 0


@given(AMOUNTS, st.floats(min_value=0.01, max_value=1e6), st.integers(min_value=1, max_value=20))
def test_equal_weights_give_parts_that_differ_by_a_cent_at_most(total, weight, count):
    parts = split_amount(total, [weight] * count)
    assert max(parts) - min(parts) <= Decimal("0.01")


def test_the_cent_that_is_left_goes_to_the_largest_remainder():
    # 10.00 by 1:2:3 is 1.666…, 3.333…, 5.000: the first has the largest remainder
    assert split_amount(Decimal("10.00"), [1, 2, 3]) == (Decimal("1.67"), Decimal("3.33"), Decimal("5.00"))
