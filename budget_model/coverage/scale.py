"""The factor on effectiveness that brings what the programme records claim down to what the survey found.

One need at a time, all its cells at once: `m(factor x intensity) = target`, where m at factor 1 is above the target.
Inside, intensities are over the ceiling of their link (`scaled`), and the links of a curve lie together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from budget_model.coverage.overlap import combine_all
from budget_model.coverage.response import CurveRows, respond_scaled
from budget_model.coverage.types import Array, Overlap, Response
from budget_model.errors import SolverError

TOLERANCE = 1e-12  # share of the universe
NEAR = 1e-5  # share from where one step of the third order arrives
MAX_ROUNDS = 400
HALVING = 6  # every so many rounds the bracket is halved, so that no function keeps the steps small for ever


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
    order = np.concatenate([np.arange(len(ceiling))[rows] for _, rows in curves])
    ends = np.cumsum([np.arange(len(ceiling))[rows].size for _, rows in curves]).tolist()
    together: CurveRows = tuple(
        (curve, slice(first, last)) for (curve, _), first, last in zip(curves, [0, *ends[:-1]], ends, strict=True)
    )
    return solve_scaled((intensity / ceiling[:, None])[order], ceiling[order], together, rule, target)


def solve_scaled(
    scaled: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array, claimed: Array | None = None
) -> Array:
    """`solve_scales` from intensity / ceiling, the rows of one curve together.

    Parameters
    ----------
    scaled : (K, C) intensity / ceiling of the links of one need in C cells
    ceiling : (K,) share
    curves : of the K links
    target : (C,) share covered according to the survey
    claimed : (C,) share that the intensities give, where that is known

    Raises
    ------
    SolverError : a cell is off its target by more than 1e-12.
    """
    if rule == "nested":
        factor = _nested(scaled, ceiling, curves, target)
        off = _misses(scaled, factor, ceiling, curves, rule, target)
    else:
        factor, off = _point_by_point(scaled, ceiling, curves, rule, target, claimed)
    worst = float(off.max(initial=0.0))
    if not worst <= TOLERANCE:
        raise SolverError(
            f"Calibration did not bring every cell to the survey's coverage: it is {worst:.1e} off in the worst one. "
            "Check the unit costs and reach of the programmes whose records exceed the survey."
        )
    return factor


def _misses(scaled: Array, factor: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array) -> Array:
    """(C,) how far the coverage at the factors is from the target."""
    amounts = scaled * factor
    return np.abs(combine_all(respond_scaled(amounts, ceiling, curves, out=amounts), rule) - target)


def _nested(scaled: Array, ceiling: Array, curves: CurveRows, target: Array) -> Array:
    """The first programme to reach the target decides: the least factor over the links."""
    factors = np.full(scaled.shape, np.inf)
    for curve, rows in curves:
        part = target / ceiling[rows, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = INVERSES[curve](np.minimum(part, 1.0)) / scaled[rows]
        factors[rows] = np.where((part <= 1.0) & (scaled[rows] > 0), needed, np.inf)
    return np.asarray(np.where(target > 0, np.minimum(factors.min(axis=0), 1.0), 0.0))


# ---- steps of the third order ----------------------------------------------------------------------------------------


def _point_by_point(
    scaled: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array, claimed: Array | None
) -> tuple[Array, Array]:
    """(C,) factors, and how far they miss the target.

    Halley's steps inside a bracket: first until one more is likely to arrive, then where it has not.

    With `independent`, -log(1 - coverage) adds up over the links as coverage does with `additive`; either sum is smooth
    and close to a hyperbola through what is known at 0 and 1, which is the start. All curves have slope 1 at the origin
    and lie below their tangent: `target / sum of intensities` is a lower end, 1 is an upper one.
    """
    factor, off = np.zeros_like(target), np.zeros_like(target)
    cells, near = np.flatnonzero(target > 0), NEAR
    low = target[cells] / np.einsum("kc,k->c", scaled[:, cells], ceiling)
    factor[cells] = _start(low, target[cells], None if claimed is None else claimed[cells], rule)
    while cells.size:
        chosen, aim = scaled if len(cells) == len(target) else scaled[:, cells], target[cells]
        factor[cells] = _halley(chosen, ceiling, curves, rule, aim, factor[cells], near)
        off[cells] = _misses(chosen, factor[cells], ceiling, curves, rule, aim)
        if near < NEAR:
            break
        cells, near = np.flatnonzero(~(off <= TOLERANCE)), TOLERANCE / 10
    return factor, off


def _start(low: Array, target: Array, claimed: Array | None, rule: Overlap) -> Array:
    """Where `whole f / (1 + bend f)` reaches the target: the hyperbola with the right slope at 0 and value at 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = target / low
        aim = -np.log1p(-target) if rule == "independent" else target
        if claimed is None:
            point = aim / whole
        else:
            bend = whole / (-np.log1p(-claimed) if rule == "independent" else claimed) - 1.0
            point = aim / (whole - bend * aim)
    return np.where((point > low) & (point < 1.0), point, low)


def _halley(
    scaled: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array, point: Array, near: float
) -> Array:
    """From the points (C,) until the last step of each cell began no farther than `near` from its target."""
    found, active = point.copy(), np.arange(len(target))
    low, high = target / np.einsum("kc,k->c", scaled, ceiling), np.ones_like(target)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for number in range(1, MAX_ROUNDS):
            surplus, step = _surplus_and_step(scaled, point, ceiling, curves, rule, target)
            low, high = np.where(surplus <= 0, point, low), np.where(surplus > 0, point, high)
            is_near = np.abs(surplus) <= near
            last = _last_point(point, step, low, high, surplus)
            point = np.where(is_near, last, _next_point(point + step, low, high, number))
            found[active] = point
            open_ = np.flatnonzero(~is_near & (low < high))
            if not open_.size:
                break
            active, target = active[open_], target[open_]
            scaled = scaled if open_.size == scaled.shape[1] else scaled[:, open_]
            low, high, point = low[open_], high[open_], point[open_]
    return found


def _last_point(point: Array, step: Array, low: Array, high: Array, surplus: Array) -> Array:
    """The step's point where it may still better the point at hand."""
    following = point + step
    is_better = (following >= low) & (following <= high) & (np.abs(surplus) > TOLERANCE / 10)
    return np.where(is_better, following, point)


def _next_point(following: Array, low: Array, high: Array, number: int) -> Array:
    """The step's point where it stays in the bracket, else its middle: on the logarithmic scale while it is wide."""
    usable = (following >= low) & (following <= high)
    if number % HALVING and usable.all():
        return following
    middle = np.where(high > 4 * low, np.sqrt(low) * np.sqrt(high), 0.5 * (low + high))
    return np.where(usable, following, middle) if number % HALVING else middle


def _surplus_and_step(
    scaled: Array, factor: Array, ceiling: Array, curves: CurveRows, rule: Overlap, target: Array
) -> tuple[Array, Array]:
    """Coverage above the target at a factor, and Halley's step from it: (C,) each."""
    covered, slope, bend = np.empty_like(scaled), np.empty_like(scaled), np.empty_like(scaled)
    for curve, rows in curves:
        _STEEPNESS[curve](scaled[rows], factor, covered[rows], slope[rows], bend[rows])
    slope *= ceiling[:, None]
    covered *= ceiling[:, None]
    if rule == "additive":
        surplus = covered.sum(axis=0) - target
        return surplus, _step(surplus, slope, bend)
    left = np.subtract(1.0, covered, out=covered)
    uncovered = left.prod(axis=0)
    slope /= left
    bend += slope
    return (1.0 - target) - uncovered, _step(np.log((1.0 - target) / uncovered), slope, bend)


def _step(surplus: Array, slope: Array, bend: Array) -> Array:
    """`-g / (g' - g g'' / 2 g')` of a sum over links with slopes and second derivatives `slope x bend`."""
    steepness = slope.sum(axis=0)
    newton = -surplus / steepness
    correction = 1.0 + 0.5 * newton * np.einsum("kc,kc->c", slope, bend) / steepness
    return np.asarray(newton / np.where(correction > 0.5, correction, 1.0))


# The curve with ceiling 1 at `factor x scaled`: its value, its slope by the factor, and the relative change of that
# slope by the factor.


def _steep_linear(scaled: Array, factor: Array, value: Array, slope: Array, bend: Array) -> None:
    np.multiply(scaled, factor, out=value)
    np.multiply(scaled, value < 1.0, out=slope)
    np.minimum(value, 1.0, out=value)
    bend.fill(0.0)


def _steep_exponential(scaled: Array, factor: Array, value: Array, slope: Array, bend: Array) -> None:
    np.multiply(scaled, -factor, out=value)
    np.exp(value, out=value)
    np.multiply(scaled, value, out=slope)
    np.subtract(1.0, value, out=value)
    np.multiply(scaled, -1.0, out=bend)


def _steep_tanh(scaled: Array, factor: Array, value: Array, slope: Array, bend: Array) -> None:
    np.multiply(scaled, -2.0 * factor, out=slope)
    np.exp(slope, out=slope)
    np.subtract(1.0, slope, out=value)
    slope += 1.0
    value /= slope
    np.multiply(value, scaled, out=bend)
    np.multiply(bend, value, out=slope)
    np.subtract(scaled, slope, out=slope)
    bend *= -2.0


_STEEPNESS: dict[Response, Callable[[Array, Array, Array, Array, Array], None]] = {
    "linear": _steep_linear,
    "exponential": _steep_exponential,
    "tanh": _steep_tanh,
}
