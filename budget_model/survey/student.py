"""Quantiles of Student's t distribution, for intervals with the degrees of freedom of the sample design."""

from __future__ import annotations

import math
from statistics import NormalDist

_TINY = 1e-300


def student_quantile(probability: float, degrees_of_freedom: float) -> float:
    """The t with P(T ≤ t) = probability, for 0.5 ≤ probability < 1; accurate to about 1e-12.

    Bisection on the distribution function, which is an incomplete beta function: P(T > t) = I_x(df/2, 1/2) / 2 with
    x = df / (df + t²).

    Source: Press et al., Numerical Recipes, §6.4; checked in the tests against printed tables.

    >>> round(student_quantile(0.975, 10), 6)
    2.228139
    """
    if not (0.5 <= probability < 1 and degrees_of_freedom > 0):
        raise ValueError(f"no t quantile for probability {probability} and {degrees_of_freedom} degrees of freedom")
    if math.isinf(degrees_of_freedom):
        return NormalDist().inv_cdf(probability)
    low, high = 0.0, 1.0
    while _upper_tail(high, degrees_of_freedom) > 1 - probability:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _upper_tail(middle, degrees_of_freedom) > 1 - probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _upper_tail(t: float, degrees_of_freedom: float) -> float:
    return _incomplete_beta(degrees_of_freedom / 2, 0.5, degrees_of_freedom / (degrees_of_freedom + t * t)) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised I_x(a, b)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1) / (a + b + 2):
        return math.exp(logarithm) * _continued_fraction(a, b, x) / a
    return 1 - math.exp(logarithm) * _continued_fraction(b, a, 1 - x) / b


def _continued_fraction(a: float, b: float, x: float) -> float:
    """Lentz's method for the continued fraction of the incomplete beta function."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / _away_from_zero(1 + even * d), _away_from_zero(1 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / _away_from_zero(1 + odd * d), _away_from_zero(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < 1e-16:
            return value
    if abs(d * c - 1) < 1e-12:
        return value
    raise ArithmeticError(f"incomplete beta function did not converge (a={a}, b={b}, x={x})")


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
