"""HiGHS, silent and on one thread: so that standard output stays ours and equal models give equal digits."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from budget_model.coverage.optimise_cuts import CutRows
from budget_model.coverage.types import Array


class SilentHighs(highspy.Highs):
    """HiGHS prints a banner as soon as callbacks are enabled, which its constructor does."""

    def enableCallbacks(self) -> None:  # noqa: N802 - overrides
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def new_solver(tolerance: float) -> highspy.Highs:
    """A linear solver that feels violations of rows and prices above the tolerance (values of order 1)."""
    solver = SilentHighs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("solver", "simplex"),
        ("primal_feasibility_tolerance", tolerance),
        ("dual_feasibility_tolerance", tolerance),
    ):
        solver.setOptionValue(option, value)
    return solver


def add_columns(solver: highspy.Highs, cost: Array, low: Array, high: Array) -> None:
    """Columns without entries in rows yet: their cost in the objective and their limits, (n,) each."""
    count = len(low)
    nothing = np.zeros(0)
    solver.addCols(count, cost, low, high, 0, np.zeros(count, np.int32), nothing.astype(np.int32), nothing)


def add_rows(solver: highspy.Highs, matrix: sparse.csr_matrix | CutRows, lower: Array, upper: Array) -> None:
    """Rows `lower <= matrix x <= upper`: matrix (m, n) of all columns of the solver, limits (m,); m may be 0."""
    if matrix.shape[0]:
        starts, indices = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        solver.addRows(matrix.shape[0], lower, upper, matrix.nnz, starts, indices, matrix.data)
