"""Branch and bound for tasks that are not concave: boxes of money, each bounded by concave estimators.

The box with the best bound is split where its estimators err most, until value and bound meet or the effort is
spent. What remains is an honest gap. Deterministic: effort is counted in boxes, not in seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from budget_model.coverage.optimise_concave import (
    Effort,
    Hope,
    Search,
    distance_of,
    keep_better,
    softness_of,
    solve_box,
    start_points,
)
from budget_model.coverage.optimise_local import improve
from budget_model.coverage.optimise_master import Block, rule_blocks
from budget_model.coverage.optimise_pieces import Pieces, row_coverage
from budget_model.coverage.optimise_task import Task
from budget_model.coverage.optimise_tightening import limits_by_prices, tightened
from budget_model.coverage.types import Array

ROOT_ROUNDS, BOX_ROUNDS = 25, 6
GOAL = 1e-5  # relative gap at which branching stops even where more was asked for
ENOUGH, MANY_LINES = 0.015, 15  # share of a smallest gap to which it is proved where more than so many lines move
TRAIL = 3  # answers of a box whose tangents its halves start from
LOCAL_EVERY, LOCAL_LATER = 12, 60  # boxes between two searches for better values, at first and later
MORE_BOXES, FEW_ROWS = (
    4,
    1000,
)  # a small task whose aim is the gap gets so many times the boxes: its bound is the weakest


@dataclass(order=True)
class Box:
    """A box that is still open; the heap takes the best bound first."""

    rank: float
    number: int
    low: Array = field(compare=False)
    high: Array = field(compare=False)
    search: Search = field(compare=False)


def solve_branching(task: Task, effort: Effort, starts: Sequence[Array] = ()) -> Search:
    """Bound and best found allocation; `is_infeasible` only where that is proved.

    `starts` are decision columns worth trying, such as the answer of a neighbouring task.
    """
    low, high = np.zeros(task.space.n_columns), np.ones(task.space.n_columns)
    goal = max(effort.gap, GOAL)
    around, rules = start_points(task), rule_blocks(task, softness_of(task))
    root_effort = Effort(goal / 10, min(effort.rounds, ROOT_ROUNDS))
    root = solve_box(task, low, high, root_effort, [*starts, *around], rules)
    if root.is_infeasible:
        return root
    best = Search(bound=root.bound, answer=root.answer, master=root.master, inside=root.inside)
    if root.best is not None:
        keep_better(task, best, root.best, task.pieces.values(root.best))
    for points in (root.trail[-1:], starts or around, around if best.best is None else ()):
        if not _is_closed(task, best, root.bound, goal):
            _search_from(task, best, points)
    if effort.tightens and best.best is not None and not _is_closed(task, best, root.bound, goal):
        low, high, root = tightened(task, low, high, root, hope_of(task, best).target, root_effort, rules)
        _search_from(task, best, root.trail[-1:])
    closed, heap = [], [Box(_rank(task, root.bound), 0, low, high, root)]
    number, most = 0, _most_boxes(task, effort)
    while heap and number < most and not _is_closed(task, best, heap[0].search.bound, goal):
        box = heapq.heappop(heap)
        for part_low, part_high in split(task, box):
            number += 1
            half = _solve_half(task, box, part_low, part_high, Effort(goal / 10, BOX_ROUNDS), rules, best)
            if half is None:
                continue
            _learn(task, best, half, number)
            if _is_closed(task, best, half.bound, goal):
                closed.append(half.bound)
            else:
                heapq.heappush(heap, _smaller_box(task, best, half, number, part_low, part_high))
    return _concluded(task, best, [*closed, *(box.search.bound for box in heap)])


def _most_boxes(task: Task, effort: Effort) -> int:
    is_more = task.aim.kind == "min_gap" and task.pieces.n_rows <= FEW_ROWS
    return effort.boxes * (MORE_BOXES if is_more else 1)


def _learn(task: Task, best: Search, half: Search, number: int) -> None:
    """Keep what a box found; now and then look around its answer."""
    if half.best is not None:
        keep_better(task, best, half.best, task.pieces.values(half.best))
    every = LOCAL_EVERY if number < LOCAL_LATER else LOCAL_LATER
    if number % every == 1 or (best.best is None and number % 2):
        _search_from(task, best, half.trail[-1:])


def _concluded(task: Task, best: Search, bounds: list[float]) -> Search:
    """The bound is the best that any box not proved empty could hold; the value itself where it is better."""
    sense = task.aim.sense
    best.rounds = len(bounds)
    if best.best is not None:
        bounds = [*bounds, hope_of(task, best).target]
    if not bounds:
        best.is_infeasible = True  # every box was proved empty
        return best
    best.bound = sense * min(max(sense * bound for bound in bounds), sense * best.bound)
    return best


def _rank(task: Task, bound: float) -> float:
    return -task.aim.sense * bound


def _is_closed(task: Task, best: Search, bound: float, goal: float) -> bool:
    """Whether a box with this bound can hold nothing that is better by more than the goal."""
    if best.best is None:
        return False
    is_enough = distance_of(task, best.value, bound) <= goal * 0.1
    return is_enough or task.aim.sense * (bound - hope_of(task, best).target) <= 0


def hope_of(task: Task, best: Search) -> Hope:
    """What a box must promise, given the best known allocation: something better, or much better in a large task.

    Gaps between groups have many near-best allocations, so that the last percent of a proof takes most of the boxes.
    """
    if task.aim.kind != "min_gap" or task.aim.rows is None or best.best is None:
        return Hope(best.value)
    share = task.aim.rows.shares(task.pieces.values(best.best))
    is_large = len(task.space.line) > MANY_LINES
    return Hope(best.value * (1.0 - ENOUGH) if is_large else best.value, float(np.sign(share[0])))


def _search_from(task: Task, best: Search, points: Sequence[Array]) -> None:
    for point in points:
        for found in (point, improve(task, point)):
            keep_better(task, best, found, task.pieces.values(found))


def _solve_half(
    task: Task, box: Box, low: Array, high: Array, effort: Effort, rules: list[Block], best: Search
) -> Search | None:
    """A half of a box, its bound no worse than the whole's; None where it is proved empty."""
    hope = None if best.best is None else hope_of(task, best)
    half = solve_box(task, low, high, effort, box.search.trail[-TRAIL:], rules, hope)
    if half.is_infeasible:
        return None
    sense = task.aim.sense
    half.bound = sense * min(sense * half.bound, sense * box.search.bound)
    return half


def _smaller_box(task: Task, best: Search, half: Search, number: int, low: Array, high: Array) -> Box:
    """A solved box without what its prices rule out; its linear programme is not needed again."""
    if best.best is not None:
        low, high = limits_by_prices(task, half, low, high, hope_of(task, best).target)
    half.master = None
    return Box(_rank(task, half.bound), number, low, high, half)


# ---- where to split --------------------------------------------------------------------------------------------------


def split(task: Task, box: Box) -> list[tuple[Array, Array]]:
    """Two halves of a box, cut where the relaxation errs most, between its answer and the middle."""
    column = _worst_column(task, box)
    low, high = box.low[column], box.high[column]
    middle = 0.5 * (low + high)
    at = 0.5 * (box.search.trail[-1][column] + middle) if box.search.trail else middle
    place = min(max(at, low + 0.1 * (high - low)), high - 0.1 * (high - low))
    below, above = box.high.copy(), box.low.copy()
    below[column] = above[column] = place
    return [(box.low, below), (above, box.high)]


def _worst_column(task: Task, box: Box) -> int:
    """The money column on which the errors of the cells hang most."""
    pieces = task.pieces
    width = (box.high - box.low)[: len(task.space.line)]
    if pieces.n_cells == 0 or not box.search.trail or box.search.answer is None:
        return int(np.argmax(width))
    point = box.search.trail[-1]
    thought = box.search.answer.columns[task.space.n_columns : task.space.n_columns + pieces.n_cells]
    error = np.abs(thought - pieces.values(point)) * importance(task)
    by_row = error[pieces.cell] * _bent_share(pieces, box, point)
    score = np.where(width > 1e-9, _by_column(pieces.matrix, by_row, width), -1.0)
    return int(np.argmax(score)) if score.max() > 0 else int(np.argmax(width))


def _bent_share(pieces: Pieces, box: Box, point: Array) -> Array:
    """(R,) the part of its cell's error that is a row's: in proportion to how far its curve lies above its chord."""
    low, high, at = (pieces.intensity(columns) for columns in (box.low, box.high, point))
    at_low, at_high, reached = (row_coverage(pieces, u) for u in (low, high, at))
    place = np.where(high > low, (at - low) / np.where(high > low, high - low, 1.0), 0.0)
    above = np.maximum(reached - at_low - place * (at_high - at_low), 0.0)
    return _divided(above, np.add.reduceat(above, pieces.start)[pieces.cell])


def _by_column(matrix: sparse.csr_matrix, by_row: Array, width: Array) -> Array:
    """(J,) what stands against each row, divided among its columns by what they can move in the box."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    moves = matrix.data * width[matrix.indices]
    part = _divided(moves, np.bincount(row, weights=moves, minlength=matrix.shape[0])[row])
    return np.bincount(matrix.indices, weights=by_row[row] * part, minlength=matrix.shape[1]).astype(np.float64)


def _divided(parts: Array, whole: Array) -> Array:
    """0 where there is nothing to divide."""
    return np.where(whole > 0, parts / np.where(whole > 0, whole, 1.0), 0.0)


def importance(task: Task) -> Array:
    """(K,) how much a cell counts in the aim and in the rules, roughly on one scale."""
    weight = np.abs(task.aim.gain) / task.aim.whole
    for rows in (task.rows, task.aim.rows):
        if rows is not None and rows.matrix.shape[0]:
            weight = weight + np.asarray(abs(rows.matrix).sum(axis=0)).ravel()
    return np.asarray(weight)
