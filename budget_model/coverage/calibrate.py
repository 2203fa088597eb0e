"""The calibration identity: today's budget must reproduce what the survey found, in every cell.

The survey was taken while today's money was being spent, so its coverage already holds what today's programmes do.
`C(x) = B + (1 - B) m(x)`, and the background share B (households, the market, other levels of government) is what
makes `C(baseline)` equal to the measured coverage. Knows nothing about scenarios.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.effect import Effect, build_effect, intensity, programme_coverage, served
from budget_model.coverage.overlap import build_segments, combine
from budget_model.coverage.response import respond, rows_by_curve
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import SolverError

IDENTITY_TOLERANCE = 1e-12  # share of the universe
MAX_ROUNDS = 500


@dataclass(frozen=True)
class CalibratedModel:
    """A model whose baseline allocation reproduces the survey. All arrays are (N, A, G), NaN where the universe is 0.

    `records` is what the programme records alone claim (m at the baseline, before any scaling), `survey` what the
    survey found. Where records exceed the survey, `inconsistent` is true, `background` is 0 and `scale` is below 1.
    """

    model: BudgetModel
    background: Array  # B, share 0-1
    scale: Array  # factor on the effectiveness of the programmes on the cell, 0-1
    records: Array  # share 0-1
    survey: Array  # share 0-1
    inconsistent: NDArray[np.bool_]
    effect: Effect  # with `scale` multiplied in


def calibrate(model: BudgetModel) -> CalibratedModel:
    """Solve the calibration identity for every cell.

    Raises
    ------
    SolverError : a cell could not be brought to the survey's coverage within 1e-12.

    Source
    ------
    docs/model.md, Calibration.
    """
    applicable = model.universe > 0
    survey = measured_coverage(model)
    effect = build_effect(model)
    records = baseline_effect(model, effect)
    inconsistent = applicable & (records > survey + IDENTITY_TOLERANCE)
    scale = np.where(applicable, 1.0, np.nan)
    achieved = records
    if inconsistent.any():
        scale[inconsistent] = _solve_scales(model, effect, inconsistent, survey)
        effect = build_effect(model, np.where(applicable, scale, 0.0))
        achieved = baseline_effect(model, effect)
    return CalibratedModel(
        model=model,
        background=_background(survey, achieved, inconsistent),
        scale=scale,
        records=np.where(applicable, records, np.nan),
        survey=survey,
        inconsistent=inconsistent,
        effect=effect,
    )


def measured_coverage(model: BudgetModel) -> Array:
    """`1 - D / U`, the survey's coverage: (N, A, G) share, NaN where the universe is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(model.universe > 0, 1.0 - model.deficit / model.universe, np.nan)


def baseline_effect(model: BudgetModel, effect: Effect) -> Array:
    """`m0`: what the programmes cover together at the baseline allocation, (N, A, G) share."""
    return programme_coverage(effect, intensity(effect, served(model, model.baseline)))


def _background(survey: Array, achieved: Array, inconsistent: NDArray[np.bool_]) -> Array:
    """`1 - (1 - survey) / (1 - m0)`, which is B without the cancellation of its two large terms."""
    left = 1.0 - achieved
    with np.errstate(divide="ignore", invalid="ignore"):
        uncovered_by_both = np.where(left > 0, (1.0 - survey) / left, 1.0)
    background = np.clip(1.0 - uncovered_by_both, 0.0, 1.0)
    background[inconsistent] = 0.0
    background[np.isnan(survey)] = np.nan
    return background


def _solve_scales(model: BudgetModel, effect: Effect, cells: NDArray[np.bool_], survey: Array) -> Array:
    """Factor on the effectiveness of each flagged cell with `m(factor x baseline intensity) = survey`.

    Only the flagged cells are evaluated: a row for each (link, cell), combined by cell.
    """
    baseline = intensity(effect, served(model, model.baseline))
    flagged = np.argwhere(cells)  # (C, 3)
    cell_number = np.full(cells.shape, -1, dtype=np.intp)
    cell_number[cells] = np.arange(len(flagged))
    row_link, row_area, row_group = np.nonzero(cells[effect.need])
    row_cell = cell_number[effect.need[row_link], row_area, row_group]
    amounts = baseline[row_link, row_area, row_group]
    ceilings = effect.ceiling[row_link]
    curves = rows_by_curve([model.links.response[effect.link[link]] for link in row_link])
    segments = build_segments(row_cell, [model.overlap[need] for need in flagged[:, 0]])

    def covered(factor: Array) -> Array:
        return combine(respond(amounts * factor[row_cell], ceilings, curves), segments)

    total = np.bincount(row_cell, weights=amounts, minlength=len(flagged)).astype(np.float64)
    return _bracketed_root(covered, survey[cells], total)


def _bracketed_root(covered: Callable[[Array], Array], target: Array, total_intensity: Array) -> Array:
    """Vectorised bisection for `covered(factor) = target`, where covered rises from 0 to above target at 1.

    All curves have slope 1 at the origin and lie below their tangent, and no rule gives more than the sum; so
    `target / total_intensity` is a lower bound, which keeps the bracket on the scale of the answer. Far apart, the
    bracket is halved on the logarithmic scale.
    """
    low = np.minimum(1.0, target / total_intensity)
    high = np.ones_like(low)
    factor = low
    for _ in range(MAX_ROUNDS):
        surplus = covered(factor) - target
        if (np.abs(surplus) <= IDENTITY_TOLERANCE / 10).all():
            return factor
        low = np.where(surplus <= 0, factor, low)
        high = np.where(surplus > 0, factor, high)
        middle = np.where(high > 4 * low, np.sqrt(low * high), 0.5 * (low + high))
        if (middle == factor).all():
            break
        factor = middle
    worst = float(np.abs(covered(factor) - target).max())
    if worst > IDENTITY_TOLERANCE:
        raise SolverError(
            f"Calibration did not bring every cell to the survey's coverage: it is {worst:.1e} off in the worst one. "
            "Check the unit costs and reach of the programmes whose records exceed the survey."
        )
    return factor
