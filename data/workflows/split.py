"""Splitting an exact amount over areas so that the parts add up to it to the last cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

CENT = Decimal("0.01")


def split_amount(total: Decimal, weights: Sequence[float]) -> tuple[Decimal, ...]:
    """Parts of `total` in proportion to `weights`, whole cents, summing exactly to `total`.

    Cents that rounding leaves over go to the largest remainders, the first area first where two are alike (Hare's
    method). All weights 0: equal parts. What `total` has below a cent goes to the largest part.

    >>> split_amount(Decimal("100.00"), [1, 1, 1])
    (Decimal('33.34'), Decimal('33.33'), Decimal('33.33'))
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight of a split cannot be negative")
    exact_weights = [Decimal(repr(float(weight))) for weight in weights]
    if not sum(exact_weights):
        exact_weights = [Decimal(1)] * len(exact_weights)
    whole = sum(exact_weights, Decimal(0))
    shares = [total * weight / whole for weight in exact_weights]
    parts = [share.quantize(CENT, rounding=ROUND_DOWN) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda index: parts[index] - shares[index])
    left = total - sum(parts, Decimal(0))
    for index in by_remainder[: int(left / CENT)]:
        parts[index] += CENT
    largest = max(range(len(parts)), key=lambda index: parts[index])
    parts[largest] += total - sum(parts, Decimal(0))
    return tuple(parts)
