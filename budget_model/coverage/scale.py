"""The factor on effectiveness that brings what the programme records claim down to what the survey found.

One need at a time, all its cells at once: `m(factor x intensity) = target`, where m at factor 1 is above the target.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from budget_model.coverage.overlap import combine_all
from budget_model.coverage.response import CurveRows, respond
from budget_model.coverage.types import Array, Overlap, Response
from budget_model.errors import SolverError

TOLERANCE = 1e-12  # share of the universe
MAX_ROUNDS = 400
HALVING = 6  # every so many rounds the bracket is halved, so that no function keeps Newton's steps small for ever


INVERSES: dict[Response, Callable[[Array], Array]] = {  # u / s from coverage / s
    "linear": lambda part: part,
    "exponential": lambda part: -np.log1p(-part),
    "tanh": np.arctanh,
}


def solve_scales(intensity: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array) -> Array:
    """Factors (C,) between 0 and 1.

    Parameters
    ----------
    intensity : (K, C) of the links of one need in C cells, at the baseline
    ceiling : (K,) share
    curves : of the K links
    rule : overlap of the need
    target : (C,) share covered according to the survey, below what the intensities give; 0 gives the factor 0

    Raises
    ------
    SolverError : a cell is off its target by more than 1e-12.
    """
    if rule == "nested":
        factor = _nested(intensity, ceiling, curves, target)
    else:
        factor = _newton(intensity, ceiling, curves, rule, target)
    _check(intensity * factor, ceiling, curves, rule, target)
    return factor


def _check(intensity: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array) -> None:
    found = combine_all(respond(intensity, ceiling, curves), rule)
    worst = float(np.abs(found - target).max(initial=0.0))
    if not worst <= TOLERANCE:
        raise SolverError(
            f"Calibration did not bring every cell to the survey's coverage: it is {worst:.1e} off in the worst one. "
            "Check the unit costs and reach of the programmes whose records exceed the survey."
        )


def _nested(intensity: Array, ceiling: Array, curves: CurveRows, target: Array) -> Array:
    """The first programme to reach the target decides: the least factor over the links."""
    factors = np.full(intensity.shape, np.inf)
    for curve, rows in curves:
        limits = ceiling[rows, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = limits * INVERSES[curve](np.minimum(target / limits, 1.0))
            reached = (target <= limits) & (intensity[rows] > 0)
            factors[rows] = np.where(reached, needed / intensity[rows], np.inf)
    return np.asarray(np.where(target > 0, np.minimum(factors.min(axis=0), 1.0), 0.0))


def _newton(intensity: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array) -> Array:
    """Newton's steps inside a bracket.

    With `independent`, -log(1 - coverage) adds up over the links as coverage does with `additive`. Either sum is
    concave in the factor for most curves, so that steps from the left never pass the root. All curves have slope 1 at
    the origin and lie below their tangent: `target / sum of intensities` is a lower end, 1 is an upper one.
    """
    factor = np.zeros_like(target)
    active = np.flatnonzero(target > 0)
    amounts, aim = intensity[:, active], target[active]
    whole = amounts.sum(axis=0)
    low, high = aim / whole, np.ones_like(aim)
    start = -np.log1p(-aim) / whole if rule == "independent" else low
    point = np.where(start < high, start, low)
    with np.errstate(divide="ignore", invalid="ignore"):
        for number in range(1, MAX_ROUNDS):
            factor[active] = point
            surplus, step = _surplus_and_step(amounts, point, ceiling, curves, rule, aim)
            low, high = np.where(surplus <= 0, point, low), np.where(surplus > 0, point, high)
            following = _next_point(point + step, low, high, number)
            open_ = np.flatnonzero((np.abs(surplus) > TOLERANCE / 10) & (following != point))
            point = following
            if not open_.size:
                break
            if open_.size < 0.7 * len(point):
                active, amounts, aim = active[open_], amounts[:, open_], aim[open_]
                low, high, point = low[open_], high[open_], point[open_]
    return factor


def _next_point(newton: Array, low: Array, high: Array, number: int) -> Array:
    """Newton's point where it stays in the bracket, else its middle: on the logarithmic scale while it is wide."""
    usable = (newton >= low) & (newton <= high)
    if number % HALVING and usable.all():
        return newton
    middle = np.where(high > 4 * low, np.sqrt(low) * np.sqrt(high), 0.5 * (low + high))
    return np.where(usable, newton, middle) if number % HALVING else middle


def _surplus_and_step(
    amounts: Array, factor: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array
) -> tuple[Array, Array]:
    """Coverage above the target at a factor, and Newton's step from it: (C,) each."""
    coverage, slope = amounts * factor, np.empty_like(amounts)
    for curve, rows in curves:
        coverage[rows], slope[rows] = _curve_and_slope(curve, coverage[rows], ceiling[rows, None])
    slope *= amounts
    if rule == "additive":
        surplus = coverage.sum(axis=0) - target
        return surplus, -surplus / slope.sum(axis=0)
    left = np.subtract(1.0, coverage, out=coverage)
    uncovered = left.prod(axis=0)
    slope /= left
    return (1.0 - target) - uncovered, np.log(uncovered / (1.0 - target)) / slope.sum(axis=0)


def _curve_and_slope(curve: Response, intensity: Array, ceiling: Array) -> tuple[Array, Array]:
    if curve == "exponential":
        falling = np.exp(intensity / -ceiling)
        return ceiling - ceiling * falling, falling
    if curve == "tanh":
        part = np.tanh(intensity / ceiling)
        return ceiling * part, 1.0 - part * part
    return np.minimum(intensity, ceiling), (intensity < ceiling).astype(np.float64)
