"""The calibration identity: today's budget must reproduce what the survey found, in every cell.

The survey was taken while today's money was being spent, so its coverage already holds what today's programmes do.
`C(x) = B + (1 - B) m(x)`, and the background share B (households, the market, other levels of government) is what
makes `C(baseline)` equal to the measured coverage. Knows nothing about scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.effect import Effect, build_effect, intensity, programme_coverage, served
from budget_model.coverage.scale import TOLERANCE, solve_scales
from budget_model.coverage.types import Array, BudgetModel


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
    baseline = intensity(effect, served(model, model.baseline))
    records = programme_coverage(effect, baseline)
    inconsistent = applicable & is_claimed_too_much(records, survey)
    scale = np.where(applicable, 1.0, np.nan)
    if inconsistent.any():
        _scale_down(effect, baseline, survey, inconsistent, scale)
        effect = replace(effect, coefficient=effect.coefficient * np.where(applicable, scale, 0.0)[effect.need])
    return CalibratedModel(
        model=model,
        background=background_share(survey, records, inconsistent),
        scale=scale,
        records=np.where(applicable, records, np.nan),
        survey=survey,
        inconsistent=inconsistent,
        effect=effect,
    )


def _scale_down(effect: Effect, baseline: Array, survey: Array, inconsistent: NDArray[np.bool_], scale: Array) -> None:
    """Fill `scale` in the inconsistent cells, need by need."""
    for part in effect.by_need:
        cells = inconsistent[part.need]
        if cells.any():
            amounts, target = baseline[part.rows][:, cells], survey[part.need][cells]
            scale[part.need][cells] = solve_scales(amounts, effect.ceiling[part.rows], part.curves, part.rule, target)


def measured_coverage(model: BudgetModel) -> Array:
    """`1 - D / U`, the survey's coverage: (N, A, G) share, NaN where the universe is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(model.universe > 0, 1.0 - model.deficit / model.universe, np.nan)


def is_claimed_too_much(records: Array, survey: Array) -> NDArray[np.bool_]:
    """Where the programme records claim more than the survey finds; never where nobody is concerned (NaN)."""
    return np.asarray(records > survey + TOLERANCE)


def background_share(survey: Array, records: Array, inconsistent: NDArray[np.bool_]) -> Array:
    """`1 - (1 - survey) / (1 - m0)`, which is B without the cancellation of its two large terms; 0 where scaled.

    Parameters
    ----------
    survey, records : (N, A, G) shares 0-1 covered by the survey and by the records (m0); NaN where nobody is concerned
    inconsistent : (N, A, G) cells whose records exceed the survey

    Returns
    -------
    (N, A, G) share 0-1 covered without the programmes; NaN where the survey's is.
    """
    left = 1.0 - records
    with np.errstate(divide="ignore", invalid="ignore"):
        uncovered_by_both = np.where(left > 0, (1.0 - survey) / left, 1.0)
    background = np.clip(1.0 - uncovered_by_both, 0.0, 1.0)
    background[inconsistent] = 0.0
    background[np.isnan(survey)] = np.nan
    return background
