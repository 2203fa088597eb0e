"""The fast way where only a budget and limits of lines bind and coverage is concave: ascent with a certificate.

Each step maximises a separable quadratic model of the aim under the budget and the limits (one price of money, found
by bisection). For a concave aim f and any feasible x, no allocation exceeds `f(x) + max over feasible s of
grad f(x) (s - x)`; under one budget any price of money bounds that maximum, so every step brings its own proof.
All municipalities of a country move at once.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from budget_model.coverage.optimise_concave import Effort, Search, distance_of
from budget_model.coverage.optimise_estimators import concave_cells
from budget_model.coverage.optimise_pieces import (
    ADDITIVE,
    LINEAR,
    TANH,
    Pieces,
    rows_in_cell,
)
from budget_model.coverage.optimise_task import Task
from budget_model.coverage.types import Array

STEPS = 200
PART_ROWS = 8192
HALVINGS = 60
LEAST_LEFT = 1e-15
PRECISE = 1e-9  # of the budget, left unspent
SMALLEST_CURVATURE = 1e-3  # of the slope: keeps steps finite where a curve is straight


@dataclass(frozen=True)
class Slopes:
    """Value of the aim at a point, its slope and the (negative) curvature by column."""

    value: float
    slope: Array  # (J,)
    curvature: Array  # (J,) above 0


def is_simple(task: Task) -> bool:
    """Whether the fast way applies: total or women's needs, a budget and limits of lines, smooth concave cells."""
    rules = task.space.rules
    only_budget = len(rules) == 0 or (len(rules) == 1 and rules[0].kind == "budget")
    pieces = task.pieces
    if task.aim.rows is not None or task.aim.kind == "min_cost" or len(task.rules) or not only_budget:
        return False
    return pieces.n_cells > 0 and bool(concave_cells(pieces).all()) and not bool((pieces.curve == LINEAR).any())


def solve_fast(task: Task, effort: Effort) -> Search:
    """Best allocation of a simple task, its bound, and the price of money in the aim's unit per currency."""
    space = task.space
    width, room = space.width, (float(space.upper[0]) if space.rules else np.inf)
    search = Search(bound=np.inf)
    if room < 0 or space.contradictory.any():
        search.is_infeasible = True
        return search
    if len(width) == 0:
        search.best = np.zeros(space.n_columns)
        search.value = search.bound = task.value(search.best)
        return search
    by_column = sparse.csr_matrix(task.pieces.matrix.T)
    parts = split_cells(task.pieces)
    point = _start(task, width, room)
    step, price = 1.0, 0.0
    here = _slopes(task, parts, by_column, point)
    for search.rounds in range(1, STEPS + 1):
        price = _price_of_money(here, point, width, room, step, price)
        _remember(task, search, point, here, price, room)
        if distance_of(task, search.value, search.bound) <= effort.gap:
            break
        target = _model_optimum(here, point, width, price, step)
        there = _slopes(task, parts, by_column, target)
        if there.value >= here.value:
            point, here = target, there
            step = min(step * 1.3, 4.0)
        else:
            step *= 0.5
            if step < 1e-6:
                break
    return search


def _start(task: Task, width: Array, room: float) -> Array:
    """Today's allocation, scaled to what the budget leaves; a little everywhere."""
    point = np.clip(task.space.columns_of(task.calibrated.model.baseline) + 0.01, 0.0, 1.0)
    spent = float(width @ point)
    return point * min(1.0, room / spent) if spent > 0 else point


def _remember(task: Task, search: Search, point: Array, here: Slopes, price: float, room: float) -> None:
    """Keep the point if it is the best, and the bound that this price of money proves."""
    width = task.space.width
    net = here.slope - price * width
    left = room - float(width @ point) if price > 0 else 0.0
    bound = here.value + price * max(left, 0.0) + float(np.where(net > 0, net * (1.0 - point), -net * point).sum())
    if bound < search.bound:
        search.bound, search.money_price = bound + 1e-12 * abs(bound), price
    if search.best is None or here.value > search.value:
        search.best, search.value = point, here.value


def _price_of_money(here: Slopes, point: Array, width: Array, room: float, step: float, guess: float) -> float:
    """Price at which the quadratic model spends what there is; 0 where the budget does not bind.

    Spending falls with the price, piece by piece in straight lines: a bracketed secant finds the price from a guess.
    """
    if not np.isfinite(room) or _spent(here, point, width, 0.0, step) <= room:
        return 0.0
    low, high = 0.0, float((here.slope / width).max(initial=0.0)) * (1 + 1e-9)
    over, under = np.inf, -room
    price = guess if low < guess < high else 0.5 * high
    for _ in range(HALVINGS):
        excess = _spent(here, point, width, price, step) - room
        if excess > 0:
            low, over = price, excess
        else:
            high, under = price, excess
        if -under <= PRECISE * room or high - low <= 1e-14 * high:
            break
        share = over / (over - under) if np.isfinite(over) else 0.5
        price = low + min(max(share, 0.02), 0.98) * (high - low)
    return high


def _spent(here: Slopes, point: Array, width: Array, price: float, step: float) -> float:
    return float(width @ _model_optimum(here, point, width, price, step))


def _model_optimum(here: Slopes, point: Array, width: Array, price: float, step: float) -> Array:
    return np.clip(point + step * (here.slope - price * width) / here.curvature, 0.0, 1.0)


# ---- slopes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """Some cells with their rows: few enough that what is computed about them stays in the processor's cache."""

    rows: slice
    cells: slice
    pieces: Pieces


def split_cells(pieces: Pieces) -> list[Part]:
    """All cells in parts of about `PART_ROWS` rows."""
    ends = np.append(pieces.start, pieces.n_rows)
    wanted = np.arange(0, pieces.n_rows, PART_ROWS)
    borders = np.unique(np.append(np.searchsorted(pieces.start, wanted), pieces.n_cells))
    parts = []
    for first, last in itertools.pairwise(borders.tolist()):
        rows, cells = slice(int(ends[first]), int(ends[last])), slice(first, last)
        own = dataclasses.replace(
            pieces,
            ceiling=pieces.ceiling[rows],
            curve=pieces.curve[rows],
            cell=pieces.cell[rows] - first,
            start=pieces.start[cells] - rows.start,
            rule=pieces.rule[cells],
        )
        parts.append(Part(rows, cells, own))
    return parts


def _slopes(task: Task, parts: list[Part], by_column: sparse.csr_matrix, point: Array) -> Slopes:
    """Value, slope and curvature of the aim; the curvature of what cells share is put on their largest rows."""
    pieces, gain = task.pieces, task.aim.gain
    u = pieces.intensity(point)
    covered, by_slope, by_bend = np.empty(pieces.n_cells), np.empty(pieces.n_rows), np.empty(pieces.n_rows)
    for part in parts:
        own_gain = gain[part.cells][part.pieces.cell]
        covered[part.cells], slope, bend = _cells(part.pieces, u[part.rows])
        np.multiply(own_gain, slope, out=by_slope[part.rows])
        np.multiply(own_gain, bend, out=by_bend[part.rows])
    slope = by_column @ by_slope
    curvature = _squared(by_column) @ by_bend
    least = SMALLEST_CURVATURE * np.maximum(np.abs(slope), 1e-12 * task.aim.reach)
    return Slopes(float(gain @ covered + task.aim.constant), slope, np.maximum(curvature, least))


def _squared(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix((matrix.data**2, matrix.indices, matrix.indptr), shape=matrix.shape)


def _cells(pieces: Pieces, u: Array) -> tuple[Array, Array, Array]:
    """Coverage (K,), its slope by row intensity (R,) and a curvature by row (R,), 0 or more."""
    decay = np.exp(-u / pieces.ceiling)
    coverage, slope, bend = pieces.ceiling * (1.0 - decay), decay, decay / pieces.ceiling
    if pieces.has(TANH):
        tanh = pieces.curve == TANH
        ratio = np.tanh(u / pieces.ceiling)
        coverage = np.where(tanh, pieces.ceiling * ratio, coverage)
        slope = np.where(tanh, 1.0 - ratio**2, slope)
        bend = np.where(tanh, 2.0 * ratio * (1.0 - ratio**2) / pieces.ceiling, bend)
    summed = (pieces.rule == ADDITIVE) | (rows_in_cell(pieces) == 1)
    if not summed.any():
        return _products(pieces, coverage, slope, bend)
    total = np.add.reduceat(coverage, pieces.start)
    open_rows = (total < 1.0)[pieces.cell]
    added = np.minimum(total, 1.0), slope * open_rows, bend * open_rows
    if summed.all():
        return added
    product, rows = _products(pieces, coverage, slope, bend), summed[pieces.cell]
    return (
        np.where(summed, added[0], product[0]),
        np.where(rows, added[1], product[1]),
        np.where(rows, added[2], product[2]),
    )


def _products(pieces: Pieces, coverage: Array, slope: Array, bend: Array) -> tuple[Array, Array, Array]:
    """Independent cells. A row's curvature takes in what its cell's other rows add to it when all move together."""
    left = np.maximum(1.0 - coverage, LEAST_LEFT)
    rest = np.multiply.reduceat(left, pieces.start)
    relative = slope / left
    others = rest[pieces.cell]
    together = np.add.reduceat(relative, pieces.start)[pieces.cell]
    own = np.maximum(bend / left - relative**2, 0.0)  # of -log(left); 0 or more for exponential curves
    return 1.0 - rest, others * relative, others * (own + relative * together)
