"""Functions above and below the coverage of a cell on a box of columns: concave from above, affine from below.

A concave cell is its own upper estimator. Independent overlap of linear or tanh curves and nested overlap are not
concave; there each row gets the least concave function above it (a chord from the left end, then the curve). The
smaller the box, the nearer both estimators. Knows nothing of solvers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.optimise_pieces import (
    ADDITIVE,
    EXPONENTIAL,
    INDEPENDENT,
    NESTED,
    Pieces,
    combine_rows,
    row_coverage,
    row_left,
    row_log,
    row_slope,
    rows_in_cell,
)
from budget_model.coverage.types import Array

Flags = NDArray[np.bool_]
HALVINGS = 50  # of an interval of intensities, to find where a chord touches


@dataclass(frozen=True)
class Chords:
    """From `left` to `touch` the estimator of a row is a line; beyond, the curve itself."""

    left: Array  # (R,) intensity
    touch: Array
    value: Array  # at `left`
    slope: Array


@dataclass(frozen=True)
class Estimators:
    """Estimators of all cells on one box. `kind` says how a cell is treated, see `cell_kinds`."""

    pieces: Pieces
    low: Array  # (R,) intensity at the low corner of the box
    high: Array  # (R,) at the high corner
    kind: Kinds
    base: Array  # (K,) nested cells: coverage that the box guarantees
    chords: Chords

    @cached_property
    def corners(self) -> dict[int, tuple[Array, Array]]:
        """By rule what adds up over a cell's rows, at the low and the high corner: coverage, or its logarithm."""
        ways = {ADDITIVE: row_coverage, INDEPENDENT: row_log}
        present = [rule for rule in ways if (self.pieces.rule == rule).any()]
        return {rule: (ways[rule](self.pieces, self.low), ways[rule](self.pieces, self.high)) for rule in present}


@dataclass(frozen=True)
class Kinds:
    """Which cells are summed, multiplied or compared, (K,), and which rows need a chord, (R,)."""

    summed: Flags  # additive, or a single row
    multiplied: Flags  # independent and concave
    single_free: Flags  # independent, and only one row moves in the box: concave whatever the curve
    mixed: Flags  # independent and not concave
    compared: Flags  # nested
    chord_rows: Flags  # (R,)

    @property
    def is_exact(self) -> bool:
        return not (self.mixed | self.compared).any()


def concave_cells(pieces: Pieces) -> Flags:
    """Cells whose coverage is a concave function of money, (K,)."""
    exponential = np.logical_and.reduceat(pieces.curve == EXPONENTIAL, pieces.start) if pieces.n_cells else _none()
    alone = rows_in_cell(pieces) == 1
    return np.asarray(alone | (pieces.rule == ADDITIVE) | ((pieces.rule == INDEPENDENT) & exponential))


def _none() -> Flags:
    return np.zeros(0, dtype=bool)


def cell_kinds(pieces: Pieces, moves: Flags) -> Kinds:
    """How to treat each cell; `moves` (R,) says which rows have room in the box."""
    concave = concave_cells(pieces)
    alone = rows_in_cell(pieces) == 1
    free = np.add.reduceat(moves.astype(np.intp), pieces.start) if pieces.n_cells else np.zeros(0, dtype=np.intp)
    summed = alone | (pieces.rule == ADDITIVE)
    independent = (pieces.rule == INDEPENDENT) & ~alone
    single_free = independent & ~concave & (free <= 1)
    mixed = independent & ~concave & ~single_free
    compared = (pieces.rule == NESTED) & ~alone
    chord_rows = (mixed[pieces.cell] & (pieces.curve != EXPONENTIAL)) | compared[pieces.cell]
    return Kinds(summed, independent & concave, single_free, mixed, compared, chord_rows)


def build_estimators(pieces: Pieces, low_columns: Array, high_columns: Array) -> Estimators:
    """Estimators on the box `low_columns <= columns <= high_columns` (J,)."""
    low, high = pieces.intensity(low_columns), pieces.intensity(high_columns)
    kind = cell_kinds(pieces, high > low)
    guaranteed = row_coverage(pieces, low)
    base = np.maximum.reduceat(guaranteed, pieces.start) if pieces.n_cells else np.zeros(0)
    if not kind.chord_rows.any():
        nothing = np.zeros(pieces.n_rows)
        return Estimators(pieces, low, high, kind, base, Chords(low, low, nothing, nothing))

    def bent(u: Array) -> tuple[Array, Array]:
        return bent_rows(pieces, kind, base, u)

    return Estimators(pieces, low, high, kind, base, find_chords(bent, low, high))


def bent_rows(pieces: Pieces, kind: Kinds, base: Array, u: Array) -> tuple[Array, Array]:
    """Value and slope of what is bent the wrong way: the logarithm of independent rows, the surplus of nested ones."""
    slope = row_slope(pieces, u)
    compared = kind.compared[pieces.cell]
    surplus = row_coverage(pieces, u) - base[pieces.cell]
    value = np.where(compared, np.maximum(surplus, 0.0), row_log(pieces, u))
    return value, np.where(compared, slope * (surplus > 0), slope / np.maximum(row_left(pieces, u), 1e-26))


def find_chords(bent: Callable[[Array], tuple[Array, Array]], low: Array, high: Array) -> Chords:
    """Where the least concave function above a rising, first convex, then concave one leaves its chord.

    At a point short of the touching point the slope is at least that of the chord; beyond, it is less.

    Parameters
    ----------
    bent : intensities (R,) -> value and slope (R,) each, one function a row
    low, high : (R,) ends of the rows' intervals of intensity

    Returns
    -------
    Chords : (R,) each: from where, to where it touches, value at the start, slope; slope 0 where nothing is between.
    """
    value, _ = bent(low)
    top, top_slope = bent(high)
    inside, outside = low.copy(), high.copy()
    whole = top_slope * (high - low) >= top - value
    for _ in range(HALVINGS):
        middle = 0.5 * (inside + outside)
        reached, slope = bent(middle)
        short = slope * (middle - low) >= reached - value
        inside, outside = np.where(short, middle, inside), np.where(short, outside, middle)
    touch = np.where(whole, high, outside)
    at_touch, _ = bent(touch)
    length = touch - low
    slope = np.where(length > 0, (at_touch - value) / np.where(length > 0, length, 1.0), 0.0)
    return Chords(low, touch, value, slope)


# ---- from above ------------------------------------------------------------------------------------------------------


def upper_estimate(estimators: Estimators, u: Array) -> tuple[Array, Array]:
    """Value (K,) and slope by row (R,) of a concave function above every cell, at intensities u inside the box.

    Where coverages add up, the value may exceed 1: the caller caps it.
    """
    pieces, kind = estimators.pieces, estimators.kind
    if pieces.n_cells == 0:
        return np.zeros(0), np.zeros(0)
    slope = row_slope(pieces, u)
    value, weight = np.add.reduceat(row_coverage(pieces, u), pieces.start), slope
    if kind.multiplied.any() or kind.single_free.any() or kind.mixed.any():
        value, weight = _with_products(estimators, u, value, weight)
    if kind.compared.any():
        value, weight = _with_comparisons(estimators, u, value, weight)
    return value, weight


def _with_products(estimators: Estimators, u: Array, value: Array, weight: Array) -> tuple[Array, Array]:
    pieces, kind = estimators.pieces, estimators.kind
    log, left = row_log(pieces, u), row_left(pieces, u)
    log_slope = weight / np.maximum(left, 1e-26)
    if kind.chord_rows.any():
        log, log_slope = _on_chords(estimators.chords, kind.chord_rows, u, log, log_slope)
    total = np.add.reduceat(log, pieces.start)
    product, rest = -np.expm1(-total), np.exp(-total)
    multiplied = kind.multiplied | kind.single_free | (kind.mixed & (product < value))
    by_product = rest[pieces.cell] * log_slope
    return np.where(multiplied, product, value), np.where(multiplied[pieces.cell], by_product, weight)


def _with_comparisons(estimators: Estimators, u: Array, value: Array, weight: Array) -> tuple[Array, Array]:
    pieces, kind = estimators.pieces, estimators.kind
    surplus, slope = bent_rows(pieces, kind, estimators.base, u)
    surplus, slope = _on_chords(estimators.chords, kind.chord_rows, u, surplus, slope)
    most = estimators.base + np.add.reduceat(surplus, pieces.start)
    return np.where(kind.compared, most, value), np.where(kind.compared[pieces.cell], slope, weight)


def _on_chords(chords: Chords, rows: Flags, u: Array, value: Array, slope: Array) -> tuple[Array, Array]:
    on_line = rows & (u <= chords.touch)  # at the touching point the chord is a tangent, the curve may not be
    line = chords.value + chords.slope * (u - chords.left)
    return np.where(on_line, line, value), np.where(on_line, chords.slope, slope)


def highest_values(estimators: Estimators) -> Array:
    """(K,) coverage of each cell at the high corner of the box, which nothing inside exceeds."""
    return combine_rows(estimators.pieces, row_coverage(estimators.pieces, estimators.high))


def lowest_values(estimators: Estimators) -> Array:
    """(K,) coverage at the low corner."""
    return combine_rows(estimators.pieces, row_coverage(estimators.pieces, estimators.low))


# ---- from below ------------------------------------------------------------------------------------------------------


def lower_estimate(estimators: Estimators) -> tuple[Array, Array]:
    """An affine function below every cell: its value at the low corner (K,) and its slope by row (R,)."""
    pieces = estimators.pieces
    if pieces.n_cells == 0:
        return np.zeros(0), np.zeros(0)
    low, high = estimators.low, estimators.high
    length = np.where(high > low, high - low, 1.0)
    at_low, at_high = row_coverage(pieces, low), row_coverage(pieces, high)
    chord = np.where(high > low, (at_high - at_low) / length, 0.0)
    summed = _below_sums(pieces, at_low, at_high, chord)
    product = _below_products(estimators, at_low, at_high, chord)
    most = _below_largest(pieces, at_low, at_high, chord)
    value, slope = summed
    for cells, (other_value, other_slope) in (
        ((pieces.rule == INDEPENDENT), product),
        ((pieces.rule == NESTED), most),
    ):
        chosen = cells & ~estimators.kind.summed
        value = np.where(chosen, other_value, value)
        slope = np.where(chosen[pieces.cell], other_slope, slope)
    return value, slope


def envelope_estimate(estimators: Estimators, u: Array) -> tuple[Array, Array]:
    """The facet at u of the greatest convex function below each cell, as `lower_estimate` gives it.

    Additive and independent coverage is concave in each intensity alone, so that the envelope on a box hangs on its
    corners only, and there it is submodular: a programme adds less where others serve already. The envelope then is
    the Lovász extension: from the low corner one row after another goes up to its high end, those first that stand
    highest in the box at u (Tawarmalani, Richard and Xiong, Mathematical Programming 138, 2013). Nested cells, which
    are not concave in each row, get what `lower_estimate` says.
    """
    pieces, low, high = estimators.pieces, estimators.low, estimators.high
    if pieces.n_cells == 0 or (pieces.rule == NESTED).any():
        value, slope = lower_estimate(estimators)
    else:
        value, slope = np.zeros(pieces.n_cells), np.zeros(pieces.n_rows)
    length = np.where(high > low, high - low, 1.0)
    place = np.where(high > low, (u - low) / length, 0.0)
    order = np.lexsort((-place, pieces.cell))
    for rule, (at_low, at_high) in estimators.corners.items():
        cells, combine = pieces.rule == rule, _capped if rule == ADDITIVE else _of_logs
        corner = np.add.reduceat(at_low, pieces.start)
        reached = corner[pieces.cell] + _running_sums((at_high - at_low)[order], pieces)
        rise = np.diff(combine(reached), prepend=0.0)
        rise[pieces.start] = combine(reached[pieces.start]) - combine(corner)
        by_row = np.zeros(pieces.n_rows)
        by_row[order] = np.maximum(rise, 0.0)
        value = np.where(cells, combine(corner), value)
        slope = np.where(cells[pieces.cell], np.where(high > low, by_row / length, 0.0), slope)
    return value, slope


def _capped(total: Array) -> Array:
    return np.minimum(total, 1.0)


def _of_logs(total: Array) -> Array:
    return np.asarray(-np.expm1(-total))


def _running_sums(values: Array, pieces: Pieces) -> Array:
    """(R,) sums within each cell up to and with each row, rows in the order of their cells."""
    sums = np.cumsum(values)
    before = sums[pieces.start] - values[pieces.start]
    return np.asarray(sums - before[pieces.cell])


def _below_sums(pieces: Pieces, at_low: Array, at_high: Array, chord: Array) -> tuple[Array, Array]:
    low, high = np.add.reduceat(at_low, pieces.start), np.add.reduceat(at_high, pieces.start)
    value = np.minimum(low, 1.0)
    grows = high > low
    factor = np.where(grows, (np.minimum(high, 1.0) - value) / np.where(grows, high - low, 1.0), 0.0)
    return value, factor[pieces.cell] * chord


def _below_products(estimators: Estimators, at_low: Array, at_high: Array, chord: Array) -> tuple[Array, Array]:
    """Exponential rows: chord of the logarithm. Others: tangent, in the middle, of the logarithm of the chord."""
    pieces, low, high = estimators.pieces, estimators.low, estimators.high
    length = np.where(high > low, high - low, 1.0)
    log_low, log_high = row_log(pieces, low), row_log(pieces, high)
    log_chord = np.where(high > low, (log_high - log_low) / length, 0.0)
    middle = np.minimum(0.5 * (at_low + at_high), 1.0 - 1e-12)
    tangent = chord / (1.0 - middle)
    tangent_low = -np.log1p(-middle) - tangent * 0.5 * (high - low)
    exponential = pieces.curve == EXPONENTIAL
    slope = np.where(exponential, log_chord, tangent)
    at_corner = np.add.reduceat(np.where(exponential, log_low, tangent_low), pieces.start)
    rise = np.add.reduceat(slope * (high - low), pieces.start)
    value = -np.expm1(-at_corner)
    grows = rise > 0
    factor = np.where(grows, (-np.expm1(-(at_corner + rise)) - value) / np.where(grows, rise, 1.0), 0.0)
    return value, factor[pieces.cell] * slope


def _below_largest(pieces: Pieces, at_low: Array, at_high: Array, chord: Array) -> tuple[Array, Array]:
    """The row that is largest in the middle of the box stands for all."""
    middle = at_low + at_high
    largest = np.maximum.reduceat(middle, pieces.start)[pieces.cell]
    candidates = np.flatnonzero(middle >= largest)
    _, first = np.unique(pieces.cell[candidates], return_index=True)
    chosen = candidates[first]
    slope = np.zeros(pieces.n_rows)
    slope[chosen] = chord[chosen]
    return at_low[chosen], slope
