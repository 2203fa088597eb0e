"""Estimates of the catalogue's indicators, with the sampling error of the design.

Shares, means and ratios by any sets of columns from one pass over the answers; medians, Gini coefficients and the
like from the answers themselves.
`docs/estimates.md` says how each column is defined and which published results it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.design import SampleDesign
from budget_model.survey.intervals import INTERVALS
from budget_model.survey.quantiles import medians_of, with_lines
from budget_model.survey.spread import spreads_of
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
    "units",
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
    interval: str = "logit",
    never_missing: Collection[str] | None = None,
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
    interval : `logit` or `wilson`, for shares.
    never_missing : columns that are known to have no gaps, which saves work (`tabulate`); None: not known.

    Returns
    -------
    DataFrame, a row per set × indicator × cell: `indicator`, one column for each column of `by` (None: not split by
    it), then
    estimate [share 0-1, or the unit of the mean], se (same unit), ci_low, ci_high (95 %: logit scale for shares, t
    with the design's degrees of freedom for means), cv [ratio], deff [ratio], n [rows with an answer], units [sampling
    units with an answer], population [weighted], count [weighted persons in the numerator; the weighted sum for a
    mean], count_se [persons].
    NaN: not defined (empty universe), or no sampling error (census).

    Raises
    ------
    CatalogueError, DesignError, InputError : see `tabulate`.
    """
    sets = [tuple(columns) for columns in by] or [()]
    columns = _all_columns(sets)
    design = design or SampleDesign()
    plain = [item for item in indicators if not item.needs_every_answer]
    if any(item.below is not None for item in plain):
        tabulate(table, [], (), design, engine)  # checks the weights before a line is made of them
    plain, lines = with_lines(table, plain, design, engine)
    tabulation = tabulate(table, plain, columns, design, engine, never_missing)
    parts = [estimates_of(tabulation, sets, interval)]
    medians = [item for item in indicators if item.median is not None]
    if medians:
        parts.append(medians_of(table, medians, sets, columns, design, CONFIDENCE, engine))
    spreads = [item for item in indicators if item.spread is not None]
    if spreads:
        parts.append(spreads_of(table, spreads, sets, columns, design, CONFIDENCE, engine))
    attributes: dict[Any, Any] = {"undefined": [], **parts[0].attrs, **parts[-1].attrs}
    attributes["lines"] = {**lines, **parts[-1].attrs.get("lines", {})}
    used = parts if plain or len(parts) == 1 else parts[1:]
    return _with_attributes(used, attributes)


def _with_attributes(parts: Sequence[pd.DataFrame], attributes: dict[Any, Any]) -> pd.DataFrame:
    for part in parts:
        part.attrs = {}  # which joining would compare
    frame = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    frame.attrs = attributes
    return frame


def _all_columns(sets: Sequence[Sequence[str]]) -> list[str]:
    columns = list(dict.fromkeys(column for columns in sets for column in columns))
    taken = [column for column in columns if column in (*RESULT_COLUMNS, "indicator", "reliability")]
    if taken:
        message = f"the column '{taken[0]}' has the name of a result. Rename it in the survey file."
        raise InputError(Problem("survey.column_name", message, column=taken[0]))
    return columns


def estimates_of(tabulation: Tabulation, by: Sequence[Sequence[str]], interval: str = "logit") -> pd.DataFrame:
    """The estimates of every cell of every `by` set: rows and columns as `estimate` gives them.

    Parameters
    ----------
    by : sets of columns of the tabulation; `()` for everybody
    interval : name of the scale on which the interval of a share is symmetric (`survey.intervals`)

    Raises
    ------
    InputError : there is no such interval.
    """
    if interval not in INTERVALS:
        message = f"there is no interval '{interval}'. Use one of: {', '.join(INTERVALS)}."
        raise InputError(Problem("survey.interval", message))
    columns = [item.column for item in tabulation.by]
    frame = pd.concat([_estimates_of_set(tabulation, list(one), columns, interval) for one in by], ignore_index=True)
    frame.attrs["persons_without"] = tabulation.persons_without()
    return frame


def _estimates_of_set(tabulation: Tabulation, by: Sequence[str], columns: Sequence[str], interval: str) -> pd.DataFrame:
    cell, levels = tabulation.cells(by)
    size = len(levels)
    n, W, Y, Q = (sum_by(cell, sums, size) for sums in (tabulation.n, tabulation.W, tabulation.Y, tabulation.Q))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio, constant = _ratios(tabulation, cell, Y, W)
        se, count_se = _standard_errors(tabulation, cell, ratio, W, constant)
        units = _units_with_an_answer(tabulation, cell, n)
        low, high = _interval(tabulation, ratio, se, units, interval)
        results = {
            "estimate": ratio,
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "cv": np.where(ratio != 0, se / np.abs(ratio), np.nan),
            "deff": se**2 / np.where(constant, np.nan, _variance_of_simple_sample(tabulation, n, W, Q, ratio)),
            "n": n,
            "units": units,
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
    names = pd.array([item.id for item in tabulation.indicators], dtype="str")
    frame: dict[str, Any] = {"indicator": names.repeat(len(levels))}
    for column in columns:
        values = np.full(len(levels), None, dtype=object)
        if column in by:
            answers = np.fromiter(tabulation.classification(column).levels, dtype=object)
            values = answers[levels[:, list(by).index(column)]]
        frame[column] = pd.Series(np.tile(values, times), dtype="object")
    frame |= {name: values.T.reshape(-1) for name, values in results.items()}
    if "n" in frame:
        frame["n"] = frame["n"].astype(np.int64)
    return pd.DataFrame(frame)


def _ratios(tabulation: Tabulation, cell: Codes, Y: Numbers, W: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Ratios Y / W of the cells, NaN without a universe, and in which of them all answers are one and the same.

    There the ratio is that answer and its variance 0, which the differences of large sums would miss by their last
    digits: a standard error of 1e-7 instead of none.
    """
    ratio = np.where(W > 0, Y / W, np.nan)
    constant = (ratio == 0) | (ratio == 1)
    for index, (low, high) in tabulation.ranges.items():
        least, most = np.full(len(ratio), np.inf), np.full(len(ratio), -np.inf)
        here = (cell >= 0) & ~np.isnan(low)
        np.minimum.at(least, cell[here], low[here])
        np.maximum.at(most, cell[here], high[here])
        constant[:, index] = (least == most) & (W[:, index] > 0)
        ratio[:, index] = np.where(constant[:, index], least, ratio[:, index])
    return ratio, constant


# --- sampling error -------------------------------------------------------------------------------------------------


def _linearised(
    tabulation: Tabulation, cell: Codes, ratio: Numbers, W: Numbers, constant: NDArray[np.bool_]
) -> tuple[Numbers, Numbers]:
    """Linearised values of the ratio summed over each row of the tabulation, and their squares; 0 outside cells.

    The squares are sums over persons, and real only where each person is a sampling unit.
    """
    if len(ratio) == 0:  # no cell at all: every row lacks an answer in a column of the set
        return np.zeros_like(tabulation.Y), np.zeros_like(tabulation.Y)
    inside = cell >= 0
    with np.errstate(invalid="ignore", divide="ignore"):
        inverse = np.where((W > 0) & ~constant, 1 / W, 0.0)
    R, scale = np.where(W > 0, ratio, 0.0).take(cell, axis=0), inverse.take(cell, axis=0)
    if not inside.all():
        scale[~inside] = 0.0
    z = (tabulation.Y - R * tabulation.W) * scale
    if tabulation.unit is not None:
        return z, z
    return z, _squares(tabulation, R) * scale**2


def _squares(tabulation: Tabulation, R: Numbers) -> Numbers:
    """Σ w² (v − R)² of each row of sums, for conditions (v² = v) without the difference of large numbers."""
    squares = tabulation.C - 2 * R * tabulation.B + R**2 * tabulation.A
    shares = [item.numerator is not None for item in tabulation.indicators]
    A, C, r = tabulation.A[:, shares], tabulation.C[:, shares], R[:, shares]
    squares[:, shares] = C * (1 - r) ** 2 + (A - C) * r**2
    return squares


def _standard_errors(
    tabulation: Tabulation, cell: Codes, ratio: Numbers, W: Numbers, constant: NDArray[np.bool_]
) -> tuple[Numbers, Numbers]:
    """Standard errors of the ratio and of the weighted total of the numerator, (cells, indicators)."""
    if tabulation.strata is None:
        return np.full(ratio.shape, np.nan), np.full(ratio.shape, np.nan)
    z, squares = _linearised(tabulation, cell, ratio, W, constant)
    of_ratio = np.sqrt(variance(tabulation, z, squares, cell, len(ratio)))
    of_count = np.sqrt(variance(tabulation, tabulation.Y, tabulation.C, cell, len(ratio)))
    return np.where(W > 0, of_ratio, np.nan), of_count


def _variance_of_simple_sample(tabulation: Tabulation, n: Numbers, W: Numbers, Q: Numbers, ratio: Numbers) -> Numbers:
    """Variance that a simple random sample of n persons would have had; without replacement where there is an fpc."""
    spread = np.maximum(Q / W - ratio**2, 0) * n / (n - 1)
    spread[:, [item.over is not None for item in tabulation.indicators]] = np.nan  # needs sums that are not kept
    with_correction = tabulation.design.fpc is not None
    return spread / n * (np.clip(1 - n / W, 0, 1) if with_correction else 1.0)


def _units_with_an_answer(tabulation: Tabulation, cell: Codes, n: Numbers) -> Numbers:
    """Sampling units that hold at least one person of the universe with an answer, (cells, indicators); NaN: census."""
    if tabulation.strata is None:
        return np.full(n.shape, np.nan)
    if tabulation.unit is None:
        return n
    units = int(tabulation.unit.max(initial=0)) + 1
    pair = np.where(cell >= 0, cell * units + tabulation.unit, -1)
    keys, inverse = np.unique(pair, return_inverse=True)
    holds = sum_by(inverse.reshape(-1), tabulation.n, len(keys)) > 0
    owner = np.where(keys >= 0, keys // units, -1)
    return sum_by(owner, holds.astype(float), len(n))


def _interval(
    tabulation: Tabulation, ratio: Numbers, se: Numbers, units: Numbers, interval: str
) -> tuple[Numbers, Numbers]:
    """95 % interval. Shares: logit or Wilson, so that it stays within 0-1; means: symmetric.

    For a share of exactly 0 or 1 the sample shows no variance; the exact binomial bound is then given, with the units
    as observations: a cluster counts as one answer, which errs on the wide side.
    """
    if tabulation.strata is None:
        return np.full(ratio.shape, np.nan), np.full(ratio.shape, np.nan)
    if tabulation.strata.degrees_of_freedom < 1:  # every unit of the population was drawn
        return np.where(se == 0, ratio, np.nan), np.where(se == 0, ratio, np.nan)
    t = student_quantile((1 + CONFIDENCE) / 2, tabulation.strata.degrees_of_freedom)
    low, high = INTERVALS[interval](ratio, se, t)
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
    return _contrasts(tabulation, by, (column, first, second), _difference)


def ratios_of(
    tabulation: Tabulation,
    by: Sequence[Sequence[str]],
    column: str = "sex",
    first: Any = "female",
    second: Any = "male",
) -> pd.DataFrame:
    """`first` over `second` of a column: parity of shares, or the ratio of two means such as women's and men's pay.

    The standard error knows that both groups live in the same blocks (as `differences_of`). The interval is symmetric
    on the log scale, t with the design's degrees of freedom, so that it stays above 0 and that of second/first is
    its mirror image.

    Returns
    -------
    DataFrame: `indicator`, one column for each column of `by`, `ratio`, `se`, `ci_low`, `ci_high` (95 %). NaN where a
    group has no universe, where the second is 0, and for the errors of a census; the interval also where the ratio
    is not above 0.
    """
    return _contrasts(tabulation, by, (column, first, second), _ratio)


Contrast = tuple[str, Any, Any]  # column, first level, second level
Scored = tuple[Numbers, Numbers, Numbers]  # estimate by cell, linearised values and their squares by row


def _contrasts(
    tabulation: Tabulation,
    by: Sequence[Sequence[str]],
    contrast: Contrast,
    figure: Callable[[Tabulation, Codes, Scored, Scored], dict[str, Numbers]],
) -> pd.DataFrame:
    columns = [item.column for item in tabulation.by if item.column != contrast[0]]
    parts = []
    for one in by:
        cell, levels = tabulation.cells(one)
        sides = [_side(tabulation, cell, len(levels), (contrast[0], level)) for level in contrast[1:]]
        parts.append(_frame(tabulation, one, columns, levels, figure(tabulation, cell, sides[0], sides[1])))
    return pd.concat(parts, ignore_index=True)


def _side(tabulation: Tabulation, cell: Codes, size: int, group: tuple[str, Any]) -> Scored:
    """Estimates of one group in each cell, and their linearised values."""
    classes = tabulation.classification(group[0])
    code = classes.levels.index(group[1]) if group[1] in classes.levels else -2  # -2: nobody
    member = np.where(classes.codes == code, cell, -1)
    W, Y = sum_by(member, tabulation.W, size), sum_by(member, tabulation.Y, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio, constant = _ratios(tabulation, member, Y, W)
    return ratio, *_linearised(tabulation, member, ratio, W, constant)


def _difference(tabulation: Tabulation, cell: Codes, first: Scored, second: Scored) -> dict[str, Numbers]:
    difference = first[0] - second[0]
    spread = variance(tabulation, first[1] - second[1], first[2] + second[2], cell, len(difference))
    return {"difference": difference, "se": np.where(np.isnan(difference), np.nan, np.sqrt(spread))}


def _ratio(tabulation: Tabulation, cell: Codes, first: Scored, second: Scored) -> dict[str, Numbers]:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(second[0] != 0, first[0] / second[0], np.nan)
        one, other = (np.where(np.isfinite(factor), factor, 0.0) for factor in (1 / second[0], ratio / second[0]))
    f, s = one[cell], other[cell]
    spread = variance(tabulation, f * first[1] - s * second[1], f**2 * first[2] + s**2 * second[2], cell, len(ratio))
    se = np.where(np.isnan(ratio), np.nan, np.sqrt(spread))
    strata = tabulation.strata
    if strata is None or strata.degrees_of_freedom < 1:
        return {"ratio": ratio, "se": se, "ci_low": np.full_like(se, np.nan), "ci_high": np.full_like(se, np.nan)}
    t = student_quantile((1 + CONFIDENCE) / 2, strata.degrees_of_freedom)
    with np.errstate(invalid="ignore", divide="ignore"):
        width = np.where(ratio > 0, t * se / ratio, np.nan)
        return {"ratio": ratio, "se": se, "ci_low": ratio * np.exp(-width), "ci_high": ratio * np.exp(width)}
