"""A smaller box that still holds every allocation better than the best one found.

For each line, the linear programme from above is asked for the least and the most money that a better answer could
give it. Estimators on the smaller box lie closer to the truth, so a bound may close without any branching.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from budget_model.coverage.optimise_concave import Effort, Search, solve_box
from budget_model.coverage.optimise_master import Block, Master
from budget_model.coverage.optimise_task import Task
from budget_model.coverage.types import Array

PASSES = 1
WORTH = 0.9  # a further pass only where the widths shrank to this share
SAFE = 1e-7  # of a column: kept on either side
LEAST_WIDTH = 1e-4
SEEN = 0.02  # of a column's width: limits that an answer comes so near to are left as they are


def minimised(task: Task, value: float) -> float:
    """What the master's minimised objective is at a value of the aim."""
    aim = task.aim
    if aim.kind == "min_cost":
        return float((value - task.space.cost_fixed) / aim.reach)
    if aim.rows is not None:
        return -aim.sense * value
    return (aim.constant - value) / aim.reach


def tightened(
    task: Task, low: Array, high: Array, root: Search, value: float, effort: Effort, rules: list[Block] | None
) -> tuple[Array, Array, Search]:
    """Smaller box and its search, given a value that can be had. The root's own where nothing shrinks.

    Parameters
    ----------
    low, high : (columns,) limits of the box, in the units of the columns
    value : of the aim at a point that keeps all limits
    rules : further rows of the linear programme, or None

    Returns
    -------
    (low, high) of the smaller box, (columns,) each, and its search.
    """
    search = root
    for _ in range(PASSES):
        if search.master is None:
            break
        smaller_low, smaller_high = _limits_of_better(task, search.master, low, high, value)
        shrunk = float((smaller_high - smaller_low).sum()) <= WORTH * float((high - low).sum())
        low, high = smaller_low, smaller_high
        solved = solve_box(task, low, high, effort, _starts(search), rules)
        if solved.is_infeasible:  # nothing better than the value exists
            solved.bound, solved.is_infeasible = value, False
            return low, high, solved
        sense = task.aim.sense
        solved.bound = sense * max(min(sense * solved.bound, sense * search.bound), sense * value)
        search = solved
        if not shrunk:
            break
    return low, high, search


def _starts(search: Search) -> Sequence[Array]:
    return search.trail[-4:]


def _limits_of_better(task: Task, master: Master, low: Array, high: Array, value: float) -> tuple[Array, Array]:
    """Least and most of every money column among points whose bound is not worse than the value."""
    cutoff = minimised(task, value)
    row = sparse.csr_matrix(master.cost)
    master.add_block(Block(row, np.array([-np.inf]), np.array([cutoff + 1e-9 * max(1.0, abs(cutoff))])))
    new_low, new_high = low.copy(), high.copy()
    width = high - low
    least, most = high.copy(), low.copy()  # what answers have reached: a limit that they come near to is not asked
    for column in np.flatnonzero(width[: len(task.space.line)] > LEAST_WIDTH):
        if least[column] > low[column] + SEEN * width[column]:
            bound = _extreme(master, int(column), 1.0, least, most)
            new_low[column] = max(low[column], bound - SAFE)
        if most[column] < high[column] - SEEN * width[column]:
            bound = -_extreme(master, int(column), -1.0, least, most)
            new_high[column] = max(min(high[column], bound + SAFE), new_low[column])
    return new_low, new_high


def _extreme(master: Master, column: int, sign: float, least: Array, most: Array) -> float:
    """A safe lower bound of `sign * column`; minus infinity where the solver gives none. Notes where the answer is."""
    master.aim_at_column(column, sign)
    answer = master.solve()
    if answer is None:
        return -np.inf
    point = answer.columns[: len(least)]
    np.minimum(least, point, out=least)
    np.maximum(most, point, out=most)
    return answer.bound


def limits_by_prices(task: Task, search: Search, low: Array, high: Array, value: float) -> tuple[Array, Array]:
    """The smaller box that the prices of a box's last linear programme leave to points better than the value.

    A column that leaves its better end by d costs at least its reduced cost times d: more than bound and value lie
    apart is too much. Costs next to nothing, and helps the halves of the box.

    low, high : (columns,) limits of the box; so is the answer. Only columns of money become narrower.
    """
    if search.master is None or search.answer is None:
        return low, high
    cutoff = minimised(task, value)
    bound, reduced = search.master.dual_bound(search.answer.prices)
    room = max(cutoff + 1e-9 * max(1.0, abs(cutoff)) - bound, 0.0)
    money = slice(len(task.space.line))
    slope = reduced[money]
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(np.abs(slope) > 1e-12, room / np.abs(slope), np.inf) + SAFE
    new_low, new_high = low.copy(), high.copy()
    new_high[money] = np.where(slope > 0, np.minimum(high[money], low[money] + far), high[money])
    new_low[money] = np.where(slope < 0, np.maximum(low[money], high[money] - far), low[money])
    return new_low, new_high
