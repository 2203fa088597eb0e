"""Coverage as a function of decision columns: rows (a programme on a cell), cells, their values and slopes.

Intensity is an affine function of the columns, `u = matrix @ columns + offset`. That is all the optimiser knows about
money, so a plan over several years only brings more columns and more rows. A *cell* is a need, area and group whose
coverage some line can change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.effect import intensity
from budget_model.coverage.optimise_space import DecisionSpace
from budget_model.coverage.optimise_years import people_served, served_map
from budget_model.coverage.types import Array

LINEAR, EXPONENTIAL, TANH = 0, 1, 2
CURVE_CODES = {"linear": LINEAR, "exponential": EXPONENTIAL, "tanh": TANH}
ADDITIVE, INDEPENDENT, NESTED = 0, 1, 2
RULE_CODES = {"additive": ADDITIVE, "independent": INDEPENDENT, "nested": NESTED}
MOST_LOG = 60.0  # -log of what is left uncovered, cut off where exp(-60) is nothing


@dataclass(frozen=True)
class Pieces:
    """R rows sorted by cell, K cells, J columns.

    The coverage of cell k is `background + factor * m`, with m the cell's rows combined by its rule.
    """

    matrix: sparse.csr_matrix  # (R, J) intensity that a full column adds
    offset: Array  # (R,) intensity at the lowest amounts
    ceiling: Array  # (R,) share
    curve: NDArray[np.intp]  # (R,) code
    cell: NDArray[np.intp]  # (R,) ascending
    start: NDArray[np.intp]  # (K,) first row of each cell
    rule: NDArray[np.intp]  # (K,) code
    index: NDArray[np.intp]  # (K,) flat index of the cell in (N, A, G)
    universe: Array  # (K,) persons
    factor: Array  # (K,) 1 - background, share
    place: tuple[NDArray[np.intp], ...]  # link of the effect, area and group of each row, (R,) each

    @property
    def n_cells(self) -> int:
        return len(self.start)

    @property
    def n_rows(self) -> int:
        return len(self.cell)

    def has(self, curve: int) -> bool:
        """Whether some row follows the curve."""
        return curve in self._curves

    @cached_property
    def _curves(self) -> frozenset[int]:
        return frozenset(np.unique(self.curve).tolist())

    def intensity(self, columns: Array) -> Array:
        """(R,) share of the universe."""
        return np.asarray(self.matrix @ columns[: self.matrix.shape[1]] + self.offset)

    def values(self, columns: Array) -> Array:
        """m of every cell, (K,) share: the true one, whatever the rule."""
        return combine_rows(self, row_coverage(self, self.intensity(columns)))


def build_pieces(calibrated: CalibratedModel, space: DecisionSpace) -> Pieces:
    """Rows and cells of a calibrated model, without those that no money changes."""
    model, effect = calibrated.model, calibrated.effect
    background = np.nan_to_num(calibrated.background, nan=1.0)
    factor = np.where(model.universe > 0, 1.0 - background, 0.0)
    link, area, group = np.nonzero((effect.coefficient > 0) & (factor > 0)[effect.need])
    flat = np.ravel_multi_index((effect.need[link], area, group), factor.shape)
    order = np.argsort(flat, kind="stable")
    link, area, group, flat = link[order], area[order], group[order], flat[order]
    index, start, cell = np.unique(flat, return_index=True, return_inverse=True)
    at_least = intensity(effect, people_served(calibrated, space.fixed))
    curves = np.array([CURVE_CODES[model.links.response[item]] for item in effect.link], dtype=np.intp)
    rules = np.array([RULE_CODES[rule] for rule in model.overlap], dtype=np.intp)
    lines = effect.programme[link] * len(model.areas) + area
    return Pieces(
        matrix=_row_matrix(calibrated, space, lines, effect.coefficient[link, area, group]),
        offset=at_least[link, area, group],
        ceiling=effect.ceiling[link],
        curve=curves[link],
        cell=cell.astype(np.intp),
        start=start.astype(np.intp),
        rule=rules[np.unravel_index(index, factor.shape)[0]],
        index=index,
        universe=model.universe.ravel()[index],
        factor=factor.ravel()[index],
        place=(link, area, group),
    )


def _row_matrix(
    calibrated: CalibratedModel, space: DecisionSpace, lines: NDArray[np.intp], per_person: Array
) -> sparse.csr_matrix:
    """Intensity of each row by the columns: the served money of its line, and of earlier years where works last."""
    columns = space.line[: space.n_served]
    persons = space.width[: space.n_served] / calibrated.model.unit_cost.ravel()[columns]
    by_line = served_map(calibrated)[:, columns] @ sparse.diags(persons)
    rows = sparse.csr_matrix(sparse.diags(per_person) @ sparse.csr_matrix(by_line)[lines])
    return sparse.csr_matrix((rows.data, rows.indices, rows.indptr), shape=(len(lines), len(space.line)))


# ---- rows ------------------------------------------------------------------------------------------------------------


def row_coverage(pieces: Pieces, u: Array) -> Array:
    """Coverage of each row by its own programme, (R,) share."""
    s, scaled = pieces.ceiling, u / pieces.ceiling
    coverage = -s * np.expm1(-scaled)
    if pieces.has(TANH):
        coverage = np.where(pieces.curve == TANH, s * np.tanh(scaled), coverage)
    return np.where(pieces.curve == LINEAR, np.minimum(u, s), coverage) if pieces.has(LINEAR) else coverage


def row_slope(pieces: Pieces, u: Array) -> Array:
    """Derivative of `row_coverage`; at the kink of a linear curve the flat side's."""
    scaled = np.minimum(u / pieces.ceiling, 300.0)
    slope = np.exp(-scaled)
    if pieces.has(TANH):
        slope = np.where(pieces.curve == TANH, 1.0 / np.cosh(scaled) ** 2, slope)
    if pieces.has(LINEAR):
        slope = np.where(pieces.curve == LINEAR, (u < pieces.ceiling).astype(np.float64), slope)
    return np.asarray(slope)


def row_left(pieces: Pieces, u: Array) -> Array:
    """`1 - coverage` of each row without cancellation, (R,) share."""
    s = pieces.ceiling
    decay = np.exp(-np.minimum(u / s, 700.0))
    rest = decay
    if pieces.has(TANH):
        rest = np.where(pieces.curve == TANH, 2.0 * decay**2 / (1.0 + decay**2), decay)
    left = (1.0 - s) + s * rest
    return np.where(pieces.curve == LINEAR, 1.0 - np.minimum(u, s), left) if pieces.has(LINEAR) else left


def row_log(pieces: Pieces, u: Array) -> Array:
    """`-log(1 - coverage)`, cut off at 60: independent overlap adds these up."""
    return np.asarray(-np.log(np.maximum(row_left(pieces, u), np.exp(-MOST_LOG))))


# ---- cells -----------------------------------------------------------------------------------------------------------


def combine_rows(pieces: Pieces, coverage: Array) -> Array:
    """m of every cell from the coverage of its rows."""
    if pieces.n_cells == 0:
        return np.zeros(0)
    added = np.minimum(1.0, np.add.reduceat(coverage, pieces.start))
    left = np.multiply.reduceat(1.0 - coverage, pieces.start)
    most = np.maximum.reduceat(coverage, pieces.start)
    return np.where(pieces.rule == ADDITIVE, added, np.where(pieces.rule == NESTED, most, 1.0 - left))


def slopes(pieces: Pieces, u: Array) -> Array:
    """Derivative of each cell's m by the intensity of each of its rows, (R,).

    Of a nested cell only the largest row counts; of an additive cell that is full, none.
    """
    coverage, slope = row_coverage(pieces, u), row_slope(pieces, u)
    log = row_log(pieces, u)
    others = np.add.reduceat(log, pieces.start)[pieces.cell] - log
    total = np.add.reduceat(coverage, pieces.start)[pieces.cell]
    most = np.maximum.reduceat(coverage, pieces.start)[pieces.cell]
    rule = pieces.rule[pieces.cell]
    weight = np.where(rule == ADDITIVE, total < 1.0, np.where(rule == NESTED, coverage >= most, np.exp(-others)))
    return np.asarray(slope * weight)


def cell_slopes(pieces: Pieces, row_weight: Array) -> sparse.csr_matrix:
    """(K, J) slope of each cell by the columns, from a weight for each row.

    Rows of a cell hang on different columns (a programme serves a need once), so that they only stand side by side.
    """
    matrix = pieces.matrix
    data = matrix.data * np.repeat(row_weight, np.diff(matrix.indptr))
    starts = matrix.indptr[np.append(pieces.start, pieces.n_rows)]
    return sparse.csr_matrix((data, matrix.indices, starts), shape=(pieces.n_cells, matrix.shape[1]))


def rows_in_cell(pieces: Pieces) -> NDArray[np.intp]:
    """(K,) how many rows each cell has."""
    return np.diff(np.append(pieces.start, pieces.n_rows))
