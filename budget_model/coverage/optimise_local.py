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
from budget_model.coverage.optimise_task import Rows, Task
from budget_model.coverage.types import Array

WIDEST, NARROWEST = 0.4, 1e-7  # half-width of the box around a point, in columns
PENALTY = 50.0  # of the value's whole, for each unit by which a rule on coverage is missed
LEAST_GAIN, LITTLE, MOST_IDLE = 1e-10, 1e-7, 4
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
    merit, idle = merit_of(task, point), 0
    for _ in range(steps):
        task.watch()
        candidate = _step(task, point, radius)
        if candidate is None:
            return point
        gained = merit_of(task, candidate)
        if gained > merit + LEAST_GAIN:
            radius = min(2.0 * radius, 1.0) if gained > merit + 1e-4 else radius
            idle = 0 if gained > merit + LITTLE else idle + 1
            point, merit = candidate, gained
            if idle > MOST_IDLE:
                break
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
    space, count = task.space, task.space.n_columns
    cost, rows, lower, upper = _linearised(task, point)
    low = np.maximum(point - radius, 0.0)
    high = np.minimum(point + radius, 1.0)
    low[len(space.line) :], high[len(space.line) :] = 0.0, 1.0  # payments follow the money
    solver = new_solver(STEP_TOLERANCE)
    add_columns(solver, cost, np.append(low, [-1.0, 0.0]), np.append(high, [1.0, 2.0]))
    add_rows(solver, sparse.csr_matrix(rows), lower, upper)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(np.clip(np.array(solver.getSolution().col_value)[:count], 0.0, 1.0))


def _linearised(task: Task, point: Array) -> tuple[Array, Array, Array, Array]:
    """Cost and dense rows over (decision columns, level, slack), minimised. The rows are few."""
    space, aim, pieces = task.space, task.aim, task.pieces
    count, money = space.n_columns, len(space.line)
    values = pieces.values(point)
    slope = cell_slopes(pieces, slopes(pieces, pieces.intensity(point))) if pieces.n_cells else None
    cost = np.zeros(count + 2)
    cost[-1] = PENALTY
    if aim.kind == "min_cost":
        cost[:money] = space.cost / aim.whole
    elif aim.rows is not None:
        cost[count] = -aim.sense
    elif slope is not None:
        cost[:money] = -(slope.T @ aim.gain) / aim.whole
    scale = space.row_scale
    paid = np.zeros((len(space.rules), count + 2))
    paid[:, :count] = space.matrix.toarray() / scale[:, None]
    blocks = [(paid, space.lower / scale, space.upper / scale)]
    if slope is not None:
        blocks += _rule_rows(task, point[:money], values, slope)
    matrix, lower, upper = (np.concatenate([block[part] for block in blocks]) for part in range(3))
    return cost, matrix, lower, upper


def _rule_rows(task: Task, money: Array, values: Array, slope: sparse.csr_matrix) -> list[tuple[Array, Array, Array]]:
    """Rules on coverage with slack both ways, and the level, on tangent planes."""
    count, found = task.space.n_columns, []
    if len(task.rows.lower):
        plane, at_zero = _tangent_planes(task.rows, money, values, slope, count)
        free = np.full(len(at_zero), np.inf)
        found.append((_with(plane, 0.0, 1.0), task.rows.lower - at_zero, free))
        found.append((_with(plane, 0.0, -1.0), -free, task.rows.upper - at_zero))
    if task.aim.rows is not None:
        plane, at_zero = _tangent_planes(task.aim.rows, money, values, slope, count)
        free = np.full(len(at_zero), np.inf)
        if task.aim.kind == "max_min":
            found.append((_with(plane, -1.0, 0.0), -at_zero, free))
        else:
            found.append((_with(-plane, 1.0, 0.0), at_zero, free))
            found.append((_with(plane, 1.0, 0.0), -at_zero, free))
    return found


def _tangent_planes(
    rows: Rows, money: Array, values: Array, slope: sparse.csr_matrix, count: int
) -> tuple[Array, Array]:
    """Slope (Q, columns) of each row's share, and what its plane gives where all columns are 0."""
    plane = np.zeros((len(rows.lower), count + 2))
    plane[:, : len(money)] = (rows.matrix @ slope).toarray()
    return plane, rows.shares(values) - plane[:, : len(money)] @ money


def _with(plane: Array, level: float, slack: float) -> Array:
    """The rows with coefficients of the level and the slack."""
    filled = plane.copy()
    filled[:, -2], filled[:, -1] = level, slack
    return filled
