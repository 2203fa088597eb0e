"""Estimates of the catalogue's indicators, with the sampling error of the design.

A share (numerator) or a mean, by any sets of columns, from one pass over the answers. `docs/estimates.md` says how
each column is defined and which published results it meets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.design import SampleDesign
from budget_model.survey.student import student_quantile
from budget_model.survey.tabulate import Codes, Numbers, Tabulation, tabulate
from budget_model.survey.variance import sum_by, variance

RESULT_COLUMNS = (
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "cv",
    "deff",
    "n",
    "population",
    "count",
    "count_se",
)
CONFIDENCE = 0.95


def estimate(
    table: Any,
    indicators: Sequence[IndicatorDefinition],
    by: Sequence[Sequence[str]] = ((),),
    design: SampleDesign | None = None,
    engine: str | None = None,
) -> pd.DataFrame:
    """Estimate every indicator in every cell of every `by` set, in one pass over the data.

    Parameters
    ----------
    table : Ibis table with one row a person (or household).
    by : sets of columns, e.g. `[(), ("sex",), ("area", "sex")]`; `()` is everybody together. Persons without an
        answer in a column of a set are in no cell of that set (`frame.attrs["persons_without"]` counts them), but
        they stay in the sample design.
    design : None for a census; the standard errors are then missing.
    engine : `polars` (streaming, the default) or `duckdb`, for a table in memory; other tables are read where they lie.

    Returns
    -------
    DataFrame, a row per set × indicator × cell: `indicator`, one column for each column of `by` (None: not split by
    it), then
    estimate [share 0-1, or the unit of the mean], se (same unit), ci_low, ci_high (95 %: logit scale for shares, t
    with the design's degrees of freedom for means), cv [ratio], deff [ratio], n [rows with an answer], population
    [weighted], count [weighted persons in the numerator; the weighted sum for a mean], count_se [persons].
    NaN: not defined (empty universe), or no sampling error (census).

    Raises
    ------
    CatalogueError, DesignError, InputError : see `tabulate`.
    """
    sets = [tuple(columns) for columns in by] or [()]
    columns = _all_columns(sets)
    tabulation = tabulate(table, indicators, columns, design or SampleDesign(), engine)
    return estimates_of(tabulation, sets)


def _all_columns(sets: Sequence[Sequence[str]]) -> list[str]:
    columns = list(dict.fromkeys(column for columns in sets for column in columns))
    taken = [column for column in columns if column in (*RESULT_COLUMNS, "indicator")]
    if taken:
        message = f"the column '{taken[0]}' has the name of a result. Rename it in the survey file."
        raise InputError(Problem("survey.column_name", message, column=taken[0]))
    return columns


def estimates_of(tabulation: Tabulation, by: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The estimates of every cell of every `by` set; see `estimate`."""
    columns = [item.column for item in tabulation.by]
    frame = pd.concat([_estimates_of_set(tabulation, list(one), columns) for one in by], ignore_index=True)
    frame.attrs["persons_without"] = tabulation.persons_without()
    return frame


def _estimates_of_set(tabulation: Tabulation, by: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    cell, levels = tabulation.cells(by)
    size = len(levels)
    n, W, Y, Q = (sum_by(cell, sums, size) for sums in (tabulation.n, tabulation.W, tabulation.Y, tabulation.Q))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(W > 0, Y / W, np.nan)
        se, count_se = _standard_errors(tabulation, cell, ratio, W)
        low, high = _interval(tabulation, ratio, se, _units_with_members(tabulation, cell, size))
        results = {
            "estimate": ratio,
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "cv": np.where(ratio != 0, se / np.abs(ratio), np.nan),
            "deff": se**2 / _variance_of_simple_sample(tabulation, n, W, Q, ratio),
            "n": n,
            "population": W,
            "count": Y,
            "count_se": count_se,
        }
    results["deff"] = np.where(np.isfinite(results["deff"]), results["deff"], np.nan)
    return _frame(tabulation, by, columns, levels, results)


def _frame(
    tabulation: Tabulation, by: Sequence[str], columns: Sequence[str], levels: Codes, results: dict[str, Numbers]
) -> pd.DataFrame:
    """Matrices (cells, indicators) as rows, indicator by indicator."""
    times = len(tabulation.indicators)
    frame: dict[str, Any] = {"indicator": np.repeat([item.id for item in tabulation.indicators], len(levels))}
    for column in columns:
        values: list[Any] = [None] * len(levels)
        if column in by:
            names = tabulation.classification(column).levels
            values = [names[code] for code in levels[:, list(by).index(column)]]
        frame[column] = pd.Series(values * times, dtype="object")
    frame |= {name: values.T.reshape(-1) for name, values in results.items()}
    return pd.DataFrame(frame).astype({"n": "int64"} if "n" in results else {})


# --- sampling error -------------------------------------------------------------------------------------------------


def _linearised(tabulation: Tabulation, cell: Codes, ratio: Numbers, W: Numbers) -> tuple[Numbers, Numbers]:
    """Linearised values of the ratio summed over each row of the tabulation, and their squares; 0 outside cells."""
    if len(ratio) == 0:  # no cell at all: every row lacks an answer in a column of the set
        return np.zeros_like(tabulation.Y), np.zeros_like(tabulation.Y)
    R, total = ratio[cell], W[cell]
    usable = (cell >= 0)[:, None] & (total > 0)
    z = np.where(usable, (tabulation.Y - R * tabulation.W) / total, 0.0)
    squares = np.where(usable, (tabulation.C - 2 * R * tabulation.B + R**2 * tabulation.A) / total**2, 0.0)
    return z, squares


def _standard_errors(tabulation: Tabulation, cell: Codes, ratio: Numbers, W: Numbers) -> tuple[Numbers, Numbers]:
    """Standard errors of the ratio and of the weighted total of the numerator, (cells, indicators)."""
    if tabulation.strata is None:
        return np.full(ratio.shape, np.nan), np.full(ratio.shape, np.nan)
    z, squares = _linearised(tabulation, cell, ratio, W)
    of_ratio = np.sqrt(variance(tabulation, z, squares, cell, len(ratio)))
    of_count = np.sqrt(variance(tabulation, tabulation.Y, tabulation.C, cell, len(ratio)))
    return np.where(W > 0, of_ratio, np.nan), of_count


def _variance_of_simple_sample(tabulation: Tabulation, n: Numbers, W: Numbers, Q: Numbers, ratio: Numbers) -> Numbers:
    """Variance that a simple random sample of n persons would have had; without replacement where there is an fpc."""
    spread = np.maximum(Q / W - ratio**2, 0) * n / (n - 1)
    with_correction = tabulation.design.fpc is not None
    return spread / n * (np.clip(1 - n / W, 0, 1) if with_correction else 1.0)


def _units_with_members(tabulation: Tabulation, cell: Codes, size: int) -> Numbers:
    """Sampling units that hold at least one person of the universe with an answer, (cells, indicators)."""
    if tabulation.unit is None:
        return sum_by(cell, tabulation.n, size)
    units = int(tabulation.unit.max(initial=0)) + 1
    pair = np.where(cell >= 0, cell * units + tabulation.unit, -1)
    keys, inverse = np.unique(pair, return_inverse=True)
    holds = sum_by(inverse.reshape(-1), tabulation.n, len(keys)) > 0
    owner = np.where(keys >= 0, keys // units, -1)
    return sum_by(owner, holds.astype(float), size)


def _interval(tabulation: Tabulation, ratio: Numbers, se: Numbers, units: Numbers) -> tuple[Numbers, Numbers]:
    """95 % interval. Shares: symmetric on the logit scale, so that it stays within 0-1; means: symmetric.

    For a share of exactly 0 or 1 the sample shows no variance; the exact binomial bound is then given, with the units
    as observations: a cluster counts as one answer, which errs on the wide side.
    """
    if tabulation.strata is None:
        return np.full(ratio.shape, np.nan), np.full(ratio.shape, np.nan)
    if tabulation.strata.degrees_of_freedom < 1:  # every unit of the population was drawn
        return np.where(se == 0, ratio, np.nan), np.where(se == 0, ratio, np.nan)
    t = student_quantile((1 + CONFIDENCE) / 2, tabulation.strata.degrees_of_freedom)
    logit, width = np.log(ratio / (1 - ratio)), t * se / (ratio * (1 - ratio))
    low, high = 1 / (1 + np.exp(width - logit)), 1 / (1 + np.exp(-width - logit))
    reach = ((1 - CONFIDENCE) / 2) ** (1 / units)
    low = np.where(ratio == 0, 0.0, np.where(ratio == 1, reach, low))
    high = np.where(ratio == 1, 1.0, np.where(ratio == 0, 1 - reach, high))
    share = tabulation.is_share[None, :]
    return np.where(share, low, ratio - t * se), np.where(share, high, ratio + t * se)


# --- differences between two groups ----------------------------------------------------------------------------------


def differences_of(
    tabulation: Tabulation,
    by: Sequence[Sequence[str]],
    column: str = "sex",
    first: Any = "female",
    second: Any = "male",
) -> pd.DataFrame:
    """`first` minus `second` of a column, with the standard error of the difference.

    Women and men of one household or block answer alike, so their estimates are correlated; the linearised values of
    both are therefore subtracted unit by unit before the variance is taken.

    Parameters
    ----------
    by : sets of columns without `column` itself; `()` for everybody.

    Returns
    -------
    DataFrame: `indicator`, one column for each column of `by`, `difference` and `se` [share, or the mean's unit]; NaN
    where one of the groups has no universe, and for the se of a census.
    """
    columns = [item.column for item in tabulation.by if item.column != column]
    parts = [_differences_of_set(tabulation, list(one), columns, (column, first, second)) for one in by]
    return pd.concat(parts, ignore_index=True)


def _differences_of_set(
    tabulation: Tabulation, by: Sequence[str], columns: Sequence[str], contrast: tuple[str, Any, Any]
) -> pd.DataFrame:
    cell, levels = tabulation.cells(by)
    classes = tabulation.classification(contrast[0])
    shape = (len(levels), len(tabulation.indicators))
    ratios, z, squares = [], np.zeros_like(tabulation.Y), np.zeros_like(tabulation.Y)
    for sign, level in ((1.0, contrast[1]), (-1.0, contrast[2])):
        code = classes.levels.index(level) if level in classes.levels else -2  # -2: nobody
        member = np.where(classes.codes == code, cell, -1)
        W, Y = sum_by(member, tabulation.W, len(levels)), sum_by(member, tabulation.Y, len(levels))
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(W > 0, Y / W, np.nan)
            part, part_squares = _linearised(tabulation, member, ratio, W)
        ratios.append(ratio)
        z, squares = z + sign * part, squares + part_squares
    difference = ratios[0] - ratios[1]
    se = np.sqrt(variance(tabulation, z, squares, cell, shape[0]))
    results = {"difference": difference, "se": np.where(np.isnan(difference), np.nan, se)}
    return _frame(tabulation, by, columns, levels, results)
