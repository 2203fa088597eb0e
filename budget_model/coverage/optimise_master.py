"""The linear programme that stands for a task from above, kept in HiGHS and sharpened by cuts.

Columns: decision columns, then one `t` a cell (its coverage by programmes), a level (the lowest share of max_min, the
gap of min_gap) and a slack that rules may be given. Everything is minimised inside; every column has finite limits.
So a bound can be read off any row prices by weak duality (`bound_from_prices`): it holds whatever the solver's
tolerances were.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from budget_model.coverage.optimise_cuts import CutRows, CutShape, cut_shape
from budget_model.coverage.optimise_estimators import (
    Estimators,
    envelope_estimate,
    highest_values,
    lower_estimate,
    lowest_values,
    upper_estimate,
)
from budget_model.coverage.optimise_pieces import NESTED, Pieces, rows_in_cell
from budget_model.coverage.optimise_solver import add_columns, add_rows, new_solver
from budget_model.coverage.optimise_task import Rows, Task
from budget_model.coverage.types import Array
from budget_model.errors import SolverError

TOLERANCE = 1e-9  # of HiGHS, on rows and prices of order 1


@dataclass(frozen=True)
class Block:
    """Rows `lower <= matrix @ y <= upper` over all columns of the master."""

    matrix: sparse.csr_matrix | CutRows
    lower: Array
    upper: Array


@dataclass(frozen=True)
class Layout:
    """Where the columns of the master stand."""

    n_decisions: int
    n_cells: int

    @property
    def level(self) -> int:
        return self.n_decisions + self.n_cells

    @property
    def slack(self) -> int:
        return self.level + 1

    @property
    def n_columns(self) -> int:
        return self.slack + 1


@dataclass(frozen=True)
class Softness:
    """How much of the slack each rule gets: money rules (share of the whole) and rules on coverage (share)."""

    money: Array
    coverage: Array
    least: float = 0.0  # lowest slack; below 0 it measures room to spare
    most: float = 2.0


@dataclass(frozen=True)
class MasterAnswer:
    columns: Array  # all columns of the master
    prices: list[Array]  # of each block's rows, cleaned; minimisation signs
    bound: float  # of the minimised objective, valid by weak duality


class Master:
    """One linear programme with its cuts. Not shared between threads."""

    def __init__(
        self,
        task: Task,
        estimators: Estimators,
        low: Array,
        high: Array,
        soft: Softness | None = None,
        rules: list[Block] | None = None,
        side: float = 0.0,
    ):
        """`side`: where the aim is the gap, its sign on the side that matters (0: both). The other side's tangents
        are left out, which loosens the relaxation only where the gap could be closed.
        """
        self.task, self.estimators = task, estimators
        self.layout = Layout(task.space.n_columns, task.pieces.n_cells)
        self.low, self.high = _column_limits(task, estimators, self.layout, low, high, soft)
        self.cost = np.zeros(self.layout.n_columns)
        less, pieces = wants_less(task, side), task.pieces
        self.above = _shape(pieces, wants_more(task, side), self.layout)
        self.below = _shape(pieces, less & (rows_in_cell(pieces) > 1) & (pieces.rule != NESTED), self.layout)
        lower = _below(estimators, _shape(pieces, less, self.layout), lower_estimate(estimators))
        self.blocks = [*(rule_blocks(task, soft) if rules is None else rules), *([lower] if len(lower.lower) else [])]
        self._rows: _AllRows | None = None
        self.solver = new_solver(TOLERANCE)
        add_columns(self.solver, np.zeros(self.layout.n_columns), self.low, self.high)
        for block in self.blocks:
            add_rows(self.solver, block.matrix, block.lower, block.upper)

    # ---- objective ----

    def aim_at_task(self) -> None:
        """Minimise minus the aim (set in proportion to its whole)."""
        aim, cost = self.task.aim, np.zeros(self.layout.n_columns)
        if aim.kind == "min_cost":
            cost[: len(self.task.space.line)] = self.task.space.cost / aim.reach
        elif aim.rows is not None:
            cost[self.layout.level] = -aim.sense
        else:
            cost[self.layout.n_decisions : self.layout.level] = -aim.gain / aim.reach
        self._aim(cost)

    def aim_at_slack(self) -> None:
        """Minimise the slack: how far the rules are from being kept (below 0: the room to spare)."""
        cost = np.zeros(self.layout.n_columns)
        cost[self.layout.slack] = 1.0
        self._aim(cost)

    def aim_at_column(self, column: int, sign: float) -> None:
        """Minimise one column (sign 1) or maximise it (sign -1)."""
        cost = np.zeros(self.layout.n_columns)
        cost[column] = sign
        self._aim(cost)

    def _aim(self, cost: Array) -> None:
        self.cost = cost
        self.solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def fix_slack(self, value: float = 0.0) -> None:
        """Take the slack away, once the rules are known to be kept."""
        column = self.layout.slack
        self.low[column] = self.high[column] = value
        self.solver.changeColBounds(column, value, value)

    # ---- cuts ----

    def add_cuts(self, decisions: Array) -> None:
        """Tangents of every cell's upper estimator at a point of the box."""
        pieces = self.task.pieces
        if pieces.n_cells == 0:
            return
        u = pieces.intensity(decisions)
        if len(self.above.cells):
            value, weight = upper_estimate(self.estimators, u)
            matrix, slope = self.above.rows(weight)
            upper = value[self.above.cells] - self.above.at(slope, decisions[: pieces.matrix.shape[1]])
            self.add_block(Block(matrix, np.full(len(upper), -np.inf), upper))
        if len(self.below.cells):
            self.add_block(_below(self.estimators, self.below, envelope_estimate(self.estimators, u)))

    def add_block(self, block: Block) -> None:
        self.blocks.append(block)
        add_rows(self.solver, block.matrix, block.lower, block.upper)

    # ---- solving ----

    def solve(self) -> MasterAnswer | None:
        """The optimum, or None where the linear programme has no solution."""
        self.task.watch()
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            self.solver.clearSolver()
            self.solver.run()
            status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(
                f"The linear solver stopped with '{self.solver.modelStatusToString(status)}'. Check for amounts of "
                "very different size (unit costs, ceilings), or report this model."
            )
        solution = self.solver.getSolution()
        prices = self._prices(np.array(solution.row_dual))
        columns = np.clip(np.array(solution.col_value), self.low, self.high)
        return MasterAnswer(columns, prices, self.bound_from_prices(prices))

    def _prices(self, row_dual: Array) -> list[Array]:
        """Row prices by block, with the sign that the limits of a row allow."""
        rows = self._all_rows()
        price = np.where(np.isneginf(rows.lower), np.minimum(row_dual, 0.0), row_dual)
        price = np.where(np.isposinf(rows.upper), np.maximum(price, 0.0), price)
        return np.split(price, rows.ends[:-1])

    def _all_rows(self) -> _AllRows:
        """The rows of all blocks; put together anew only after some were added."""
        if self._rows is None or len(self._rows.ends) != len(self.blocks):
            self._rows = _together(self._rows, self.blocks)
        return self._rows

    def bound_from_prices(self, prices: list[Array]) -> float:
        """No point of the linear programme has an objective below this: weak duality, for prices of right sign."""
        return self.dual_bound(prices)[0]

    def dual_bound(self, prices: list[Array]) -> tuple[float, Array]:
        """The bound, and by how much the objective rises at least for each unit that a column leaves its better end.

        Rows added since the prices were read have no price, which is a valid one.
        """
        rows = self._all_rows()
        price = np.zeros(len(rows.lower))
        known = np.concatenate(prices) if prices else np.zeros(0)
        price[: len(known)] = known
        weights = rows.data * price[rows.row]
        reduced = self.cost - np.bincount(rows.column, weights=weights, minlength=len(self.cost))
        limit = np.where(price > 0, rows.lower, rows.upper)
        bound = float(price @ np.where(price == 0, 0.0, limit))
        bound += float(np.where(reduced > 0, reduced * self.low, reduced * self.high).sum())
        return bound, reduced


@dataclass(frozen=True)
class _AllRows:
    """Every row of a master as triplets, in the order of its solver."""

    data: Array
    row: NDArray[np.intp]
    column: NDArray[np.int32]
    lower: Array
    upper: Array
    ends: list[int]  # of each block, counted in rows


_NO_ROWS = _AllRows(np.zeros(0), np.zeros(0, np.intp), np.zeros(0, np.int32), np.zeros(0), np.zeros(0), [])


def _together(known: _AllRows | None, blocks: list[Block]) -> _AllRows:
    """The rows of all blocks, where those of the first ones are known already."""
    known = known or _NO_ROWS
    new = blocks[len(known.ends) :]
    if not new:
        return known
    first = len(known.lower)
    counts = np.concatenate([np.diff(block.matrix.indptr) for block in new])
    return _AllRows(
        data=np.concatenate([known.data, *(block.matrix.data for block in new)]),
        row=np.concatenate([known.row, np.repeat(np.arange(first, first + len(counts)), counts)]),
        column=np.concatenate([known.column, *(block.matrix.indices for block in new)]),
        lower=np.concatenate([known.lower, *(block.lower for block in new)]),
        upper=np.concatenate([known.upper, *(block.upper for block in new)]),
        ends=[*known.ends, *(first + np.cumsum([len(block.lower) for block in new])).tolist()],
    )


# ---- building --------------------------------------------------------------------------------------------------------


def rule_blocks(task: Task, soft: Softness | None) -> list[Block]:
    """The rows that do not depend on the box: rules on money, on coverage, and the level. Empty ones are left out."""
    layout = Layout(task.space.n_columns, task.pieces.n_cells)
    blocks = (_money_block(task, layout, soft), _coverage_block(task, layout, soft), _level_block(task, layout))
    return [block for block in blocks if len(block.lower)]


def _column_limits(
    task: Task, estimators: Estimators, layout: Layout, low: Array, high: Array, soft: Softness | None
) -> tuple[Array, Array]:
    lowest, highest = np.zeros(layout.n_columns), np.ones(layout.n_columns)
    lowest[: len(low)], highest[: len(high)] = low, high
    cells = slice(layout.n_decisions, layout.level)
    lowest[cells], highest[cells] = lowest_values(estimators), highest_values(estimators)
    lowest[layout.slack], highest[layout.slack] = (soft.least, soft.most) if soft else (0.0, 0.0)
    if task.aim.rows is None:
        highest[layout.level] = 0.0
    return lowest, highest


def _money_block(task: Task, layout: Layout, soft: Softness | None) -> Block:
    space, count = task.space, len(task.space.rules)
    scale = space.row_scale
    money = sparse.diags(1.0 / scale) @ space.matrix
    slack = _slack_column(count, None if soft is None else soft.money, space.lower)
    matrix = sparse.hstack([money, sparse.csr_matrix((count, layout.n_cells + 1)), slack], format="csr")
    return Block(sparse.csr_matrix(matrix), space.lower / scale, space.upper / scale)


def _slack_column(count: int, share: Array | None, lower: Array) -> sparse.csr_matrix:
    """Slack helps a row with a lower limit upwards, one with an upper limit only downwards."""
    if share is None:
        return sparse.csr_matrix((count, 1))
    direction = np.where(np.isneginf(lower), -1.0, 1.0)
    return sparse.csr_matrix((share * direction).reshape(-1, 1))


def _coverage_block(task: Task, layout: Layout, soft: Softness | None) -> Block:
    """Rules on coverage. One with two limits becomes two rows, so that slack widens both."""
    rows = task.rows
    share = np.zeros(len(rows.lower)) if soft is None else soft.coverage
    below, above = np.flatnonzero(np.isfinite(rows.lower)), np.flatnonzero(np.isfinite(rows.upper))
    matrix = sparse.vstack([rows.matrix[below], rows.matrix[above]], format="csr")
    slack = np.concatenate([share[below], -share[above]]).reshape(-1, 1)
    count = len(below) + len(above)
    parts = [sparse.csr_matrix((count, layout.n_decisions)), matrix, sparse.csr_matrix((count, 1)), slack]
    return Block(
        sparse.csr_matrix(sparse.hstack(parts, format="csr")),
        np.concatenate([(rows.lower - rows.constant)[below], np.full(len(above), -np.inf)]),
        np.concatenate([np.full(len(below), np.inf), (rows.upper - rows.constant)[above]]),
    )


def _level_block(task: Task, layout: Layout) -> Block:
    """max_min: level <= every share. min_gap: level >= the share and >= minus the share."""
    rows = task.aim.rows
    if rows is None:
        return Block(sparse.csr_matrix((0, layout.n_columns)), np.zeros(0), np.zeros(0))
    if task.aim.kind == "max_min":
        cells, level, constant = rows.matrix, -1.0, -rows.constant
    else:
        cells = sparse.vstack([-rows.matrix, rows.matrix], format="csr")
        level, constant = 1.0, np.concatenate([rows.constant, -rows.constant])
    count = cells.shape[0]
    parts = [
        sparse.csr_matrix((count, layout.n_decisions)),
        cells,
        sparse.csr_matrix(np.full((count, 1), level)),
        sparse.csr_matrix((count, 1)),
    ]
    return Block(sparse.csr_matrix(sparse.hstack(parts, format="csr")), constant, np.full(count, np.inf))


def _shape(pieces: Pieces, chosen: NDArray[np.bool_], layout: Layout) -> CutShape:
    return cut_shape(pieces, np.flatnonzero(chosen), layout.n_decisions, layout.n_columns)


def _below(estimators: Estimators, shape: CutShape, estimate: tuple[Array, Array]) -> Block:
    """Cells may not be thought less covered than an affine function below them says."""
    if not len(shape.cells):
        return Block(sparse.csr_matrix((0, shape.n_columns)), np.zeros(0), np.zeros(0))
    (value, weight), pieces = estimate, estimators.pieces
    corner = np.add.reduceat(weight * (estimators.low - pieces.offset), pieces.start)
    matrix, _ = shape.rows(weight)
    return Block(matrix, (value - corner)[shape.cells], np.full(len(shape.cells), np.inf))


def wants_less(task: Task, side: float = 0.0) -> NDArray[np.bool_]:
    """(K,) whether less coverage of a cell could help to keep a rule, or the aim (of a gap: on that side)."""
    less = _helps_rules(task, -1.0)
    if task.aim.kind == "min_gap" and task.aim.rows is not None:
        less |= _on_side(task.aim.rows, side)
    return less


def wants_more(task: Task, side: float = 0.0) -> NDArray[np.bool_]:
    """(K,) whether more coverage of a cell could help to keep a rule, or the aim."""
    more = _helps_rules(task, 1.0) | (task.aim.gain > 0)
    if task.aim.rows is not None:
        more |= _on_side(task.aim.rows, -side if task.aim.kind == "min_gap" else 1.0)
    return more


def _helps_rules(task: Task, sign: float) -> NDArray[np.bool_]:
    """(K,) whether more (sign 1) or less (-1) coverage of a cell could help to keep a rule."""
    coefficients, rows = sign * task.rows.matrix.toarray(), task.rows
    helps = ((coefficients > 0) & np.isfinite(rows.lower)[:, None]).any(axis=0)
    helps |= ((coefficients < 0) & np.isfinite(rows.upper)[:, None]).any(axis=0)
    return np.asarray(helps, dtype=bool)


def _on_side(rows: Rows, side: float) -> NDArray[np.bool_]:
    """(K,) which cells have a coefficient of that sign; 0: of either."""
    coefficients = rows.matrix.toarray()
    return np.asarray((coefficients * side > 0 if side else coefficients != 0).any(axis=0))
