"""Better allocations near a given one, for tasks that are not concave: sequential linear programming.

Each step solves the task with every coverage replaced by its tangent plane, within a box around the point, and keeps
the answer if it is truly better. Finds values; proves nothing.
"""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from budget_model.coverage.optimise_concave import worst_violation
from budget_model.coverage.optimise_pieces import cell_slopes, slopes
from budget_model.coverage.optimise_solver import add_columns, add_rows, new_solver
from budget_model.coverage.optimise_task import Task
from budget_model.coverage.types import Array

WIDEST, NARROWEST = 0.4, 1e-7  # half-width of the box around a point, in columns
PENALTY = 50.0  # of the value's whole, for each unit by which a rule on coverage is missed
LEAST_GAIN = 1e-10
STEP_TOLERANCE = 1e-9


def improve(task: Task, point: Array, steps: int = 25, radius: float = WIDEST) -> Array:
    """Decision columns at least as good as `point` (fewer rules missed first, then the aim).

    A point that breaks rules on money is first brought to the linearised optimum of the whole box.
    """
    if not task.space.keeps_rules(point):
        moved = _step(task, point, 1.0)
        if moved is None:
            return point
        point = moved
    merit = merit_of(task, point)
    for _ in range(steps):
        candidate = _step(task, point, radius)
        if candidate is None:
            return point
        gained = merit_of(task, candidate)
        if gained > merit + LEAST_GAIN:
            radius = min(2.0 * radius, 1.0) if gained > merit + 1e-4 else radius
            point, merit = candidate, gained
        else:
            radius *= 0.25
            if radius < NARROWEST:
                break
    return point


def merit_of(task: Task, point: Array) -> float:
    """The aim in proportion to its whole, less a penalty for missed rules."""
    values = task.pieces.values(point)
    missed = max(worst_violation(task, values), 0.0)
    return task.aim.sense * task.value(point, values) / task.aim.whole - PENALTY * missed


def _step(task: Task, point: Array, radius: float) -> Array | None:
    """Optimum of the linearised task in the box; None where the solver finds none."""
    space, pieces = task.space, task.pieces
    count = space.n_columns
    values = pieces.values(point)
    slope = cell_slopes(pieces, slopes(pieces, pieces.intensity(point))) if pieces.n_cells else None
    cost, rows, lower, upper = _linearised(task, point, values, slope)
    low = np.maximum(point - radius, 0.0)
    high = np.minimum(point + radius, 1.0)
    low[len(space.line) :], high[len(space.line) :] = 0.0, 1.0  # payments follow the money
    solver = new_solver(STEP_TOLERANCE)
    add_columns(solver, cost, np.append(low, [-1.0, 0.0]), np.append(high, [1.0, 2.0]))
    add_rows(solver, rows, lower, upper)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(np.clip(np.array(solver.getSolution().col_value)[:count], 0.0, 1.0))


def _linearised(
    task: Task, point: Array, values: Array, slope: sparse.csr_matrix | None
) -> tuple[Array, sparse.csr_matrix, Array, Array]:
    """Cost and rows over (decision columns, level, slack), minimised."""
    space, aim = task.space, task.aim
    count = space.n_columns
    cost = np.zeros(count + 2)
    cost[-1] = PENALTY
    blocks = [(sparse.hstack([_scaled(space.matrix), sparse.csr_matrix((len(space.rules), 2))]), *_scaled_limits(task))]
    if aim.kind == "min_cost":
        cost[: len(space.line)] = space.width / aim.whole
    elif aim.rows is not None:
        cost[count] = -aim.sense
    elif slope is not None:
        cost[: slope.shape[1]] = -(slope.T @ aim.gain) / aim.whole
    if slope is not None:
        blocks += _rule_rows(task, point, values, slope)
    matrix = sparse.csr_matrix(sparse.vstack([block for block, *_ in blocks], format="csr"))
    return cost, matrix, np.concatenate([b[1] for b in blocks]), np.concatenate([b[2] for b in blocks])


def _rule_rows(
    task: Task, point: Array, values: Array, slope: sparse.csr_matrix
) -> list[tuple[sparse.csr_matrix, Array, Array]]:
    """Rules on coverage with slack both ways, and the level, on tangent planes."""
    count = task.space.n_columns
    money = point[: slope.shape[1]]
    found = []
    rows = task.rows
    if len(rows.lower):
        plane = _wide(rows.matrix @ slope, count)
        at_zero = rows.shares(values) - rows.matrix @ (slope @ money)
        one = sparse.csr_matrix(np.ones((len(rows.lower), 1)))
        none = sparse.csr_matrix((len(rows.lower), 1))
        free = np.full(len(rows.lower), np.inf)
        found.append((sparse.hstack([plane, none, one]), rows.lower - at_zero, free))
        found.append((sparse.hstack([plane, none, -one]), -free, rows.upper - at_zero))
    if task.aim.rows is not None:
        found += _level_rows(task, money, values, slope)
    return found


def _level_rows(
    task: Task, money: Array, values: Array, slope: sparse.csr_matrix
) -> list[tuple[sparse.csr_matrix, Array, Array]]:
    rows, count = task.aim.rows, task.space.n_columns
    if rows is None:
        return []
    plane = _wide(rows.matrix @ slope, count)
    at_zero = rows.shares(values) - rows.matrix @ (slope @ money)
    number = plane.shape[0]
    one, none = sparse.csr_matrix(np.ones((number, 1))), sparse.csr_matrix((number, 1))
    free = np.full(number, np.inf)
    if task.aim.kind == "max_min":
        return [(sparse.hstack([plane, -one, none]), -at_zero, free)]
    return [
        (sparse.hstack([-plane, one, none]), at_zero, free),
        (sparse.hstack([plane, one, none]), -at_zero, free),
    ]


def _wide(matrix: sparse.csr_matrix, count: int) -> sparse.csr_matrix:
    plane = sparse.csr_matrix(matrix)
    return sparse.csr_matrix((plane.data, plane.indices, plane.indptr), shape=(plane.shape[0], count))


def _row_sizes(matrix: sparse.csr_matrix) -> Array:
    if not matrix.nnz:
        return np.ones(matrix.shape[0])
    return np.asarray(np.maximum(np.asarray(abs(matrix).max(axis=1).todense(), dtype=np.float64).ravel(), 1e-12))


def _scaled(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.diags(1.0 / _row_sizes(matrix)) @ matrix)


def _scaled_limits(task: Task) -> tuple[Array, Array]:
    sizes = _row_sizes(task.space.matrix)
    return task.space.lower / sizes, task.space.upper / sizes
