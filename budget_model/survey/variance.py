"""Sampling variance of totals and ratios by Taylor linearisation, for a stratified cluster sample.

A ratio R = Y / W moves with row i by about z_i = (y_i − R w_i) / W, a total by z_i = y_i. Summed up to sampling units,

    V = Σ_h (1 − f_h) · n_h / (n_h − 1) · Σ_{i in h} (z_hi − mean z_h)²

with n_h the units drawn in stratum h. Units without members of a domain have z = 0 and count in n_h and in the mean.

Source: Särndal, Swensson, Wretman, Model Assisted Survey Sampling (1992), §5.5–5.8; the first-stage ("ultimate
cluster") form that R's survey package and Stata's svy use.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from budget_model.survey.design import Strata
from budget_model.survey.tabulate import Codes, Numbers


class Drawn(Protocol):
    """Rows with their place in a sample design; `unit` None where each person is a sampling unit."""

    @property
    def strata(self) -> Strata | None: ...
    @property
    def stratum(self) -> Codes: ...
    @property
    def unit(self) -> Codes | None: ...


def sum_by(group: Codes, values: Numbers, size: int) -> Numbers:
    """Sums of the rows of `values` (rows, …) by group, (size, …); rows of group -1 are left out."""
    if len(group) and group.min() < 0:
        group, values = group[group >= 0], values[group >= 0]
    if len(group) == 0:
        return np.zeros((size, *values.shape[1:]))
    if (group[1:] < group[:-1]).any():  # a tabulation is sorted by its finest cell, so this is often not needed
        order = np.argsort(group, kind="stable")
        group, values = group[order], values[order]
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    sums = values if len(starts) == len(group) else np.add.reduceat(values, starts, axis=0)
    if len(starts) == size:
        return np.array(sums)
    result = np.zeros((size, *values.shape[1:]))
    result[group[starts]] = sums
    return result


def variance(drawn_rows: Drawn, z: Numbers, squares: Numbers, group: Codes, size: int) -> Numbers:
    """Variance of the sums of z in each group.

    Parameters
    ----------
    drawn_rows : a tabulation, or answers of persons.
    z : (rows, indicators), sums of the linearised values over the persons of each row.
    squares : the same of their squares; read only where each person is a sampling unit, else it may be anything.
    group : group of each row, -1 to leave it out.
    size : number of groups.

    Returns
    -------
    (size, indicators), >= 0; NaN everywhere for a census.
    """
    strata = drawn_rows.strata
    if strata is None:
        return np.full((size, z.shape[1]), np.nan)
    stratum, unit = drawn_rows.stratum, drawn_rows.unit
    kept = group >= 0
    if not kept.all():
        z, group, stratum = z[kept], group[kept], stratum[kept]
        unit, squares = (None, squares[kept]) if unit is None else (unit[kept], squares)
    if unit is None:
        pair, label = _pairs(group, stratum)
        drawn = strata.unit_count[label[:, 1]][:, None]
        total = sum_by(pair, z, len(label))
        spread = sum_by(pair, squares, len(label)) - total**2 / drawn
    else:
        label, spread = _spread_of_units(z, group, stratum, unit, strata.unit_count)
    scaled = np.maximum(spread, 0) * strata.variance_factor()[label[:, 1]][:, None]
    return sum_by(label[:, 0], scaled, size)


def _pairs(first: Codes, second: Codes) -> tuple[Codes, Codes]:
    """Number of each (first, second) pair, and the pairs themselves."""
    width = int(second.max(initial=0)) + 1
    keys, inverse = np.unique(first * width + second, return_inverse=True)
    return inverse.reshape(-1), np.stack([keys // width, keys % width], axis=1)


def _spread_of_units(z: Numbers, group: Codes, stratum: Codes, unit: Codes, unit_count: Codes) -> tuple[Codes, Numbers]:
    """(group, stratum) pairs, and the sum of squares of the units' z about its mean over all units drawn."""
    by_unit, units = _pairs(group, unit)
    unit_z = sum_by(by_unit, z, len(units))
    stratum_of_unit = np.zeros(int(unit.max(initial=0)) + 1, dtype=np.int64)
    stratum_of_unit[unit] = stratum
    pair, label = _pairs(units[:, 0], stratum_of_unit[units[:, 1]])
    drawn = unit_count[label[:, 1]][:, None]
    mean = sum_by(pair, unit_z, len(label)) / drawn
    present = np.bincount(pair, minlength=len(label))[:, None]
    # two passes, since the difference of large squares would lose digits
    return label, sum_by(pair, (unit_z - mean[pair]) ** 2, len(label)) + (drawn - present) * mean**2
