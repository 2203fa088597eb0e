"""Rows of the linear programme about the coverage of cells, written down quickly: their pattern never changes.

A row is `t - slope @ money` for one cell's t. Thousands of them are made while a task is branched, so that the places
of the numbers are worked out once a box. Knows nothing of estimators.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.optimise_pieces import Pieces
from budget_model.coverage.types import Array


@dataclass(frozen=True)
class CutRows:
    """Rows as a solver takes them. Names as in `scipy.sparse.csr_matrix`, which takes ten times as long to make."""

    data: Array
    indices: NDArray[np.int32]
    indptr: NDArray[np.int32]
    shape: tuple[int, int]

    @property
    def nnz(self) -> int:
        return len(self.data)


@dataclass(frozen=True)
class CutShape:
    """The pattern of one row for each of some cells."""

    pieces: Pieces
    cells: NDArray[np.intp]  # (C,) positions
    source: NDArray[np.intp]  # (E,) which number of the pieces' matrix stands in each entry
    row: NDArray[np.intp]  # (E,) row of the pieces that the entry belongs to
    cut: NDArray[np.intp]  # (E,) row of the pattern, 0 … C - 1
    place: NDArray[np.intp]  # (E,) where the entry stands among the numbers of the pattern
    indices: NDArray[np.int32]
    indptr: NDArray[np.int32]
    n_columns: int

    def rows(self, row_weight: Array) -> tuple[CutRows, Array]:
        """The rows `t - slope @ money`, and the slopes of the entries, from a weight for each row (R,)."""
        slope = self.pieces.matrix.data[self.source] * row_weight[self.row]
        data = np.ones(len(self.indices))
        data[self.place] = -slope
        return CutRows(data, self.indices, self.indptr, (len(self.cells), self.n_columns)), slope

    def at(self, slope: Array, money: Array) -> Array:
        """(C,) `slope @ money` of each row."""
        weights = slope * money[self.pieces.matrix.indices[self.source]]
        return np.bincount(self.cut, weights=weights, minlength=len(self.cells)).astype(np.float64)


def cut_shape(pieces: Pieces, cells: NDArray[np.intp], first_cell_column: int, n_columns: int) -> CutShape:
    """The pattern of rows over `n_columns`, where the t of cell k is column `first_cell_column + k`."""
    matrix = pieces.matrix
    ends = matrix.indptr[np.append(pieces.start, pieces.n_rows)]
    counts = np.diff(ends)[cells]
    cut = np.repeat(np.arange(len(cells)), counts)
    first = np.cumsum(counts) - counts
    source = np.arange(int(counts.sum())) - first[cut] + ends[:-1][cells][cut]
    row = np.searchsorted(matrix.indptr, source, side="right") - 1
    place = np.arange(len(source)) + cut  # each earlier row has one more number: the 1 of its cell
    indptr = np.concatenate([[0], np.cumsum(counts + 1)]).astype(np.int32)
    indices = np.empty(len(source) + len(cells), dtype=np.int32)
    indices[place] = matrix.indices[source]
    indices[indptr[1:] - 1] = first_cell_column + cells
    return CutShape(pieces, cells, source, row, cut, place, indices, indptr, n_columns)
