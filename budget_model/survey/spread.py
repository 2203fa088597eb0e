"""Gini, quintile ratio and median gap of every cell with the sampling error of the design, from the answers themselves.

Nothing is added up in the engine: it hands over one row a person, and the rest is the same arithmetic on sorted rows
whatever the engine, so that all engines give one result. `survey.inequality` holds the measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget_model.errors import InputError
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.design import SampleDesign
from budget_model.survey.inequality import (
    Scored,
    line_scores,
    scored_gini,
    scored_median_gap,
    scored_quintile_ratio,
)
from budget_model.survey.intervals import log_scale, logit, symmetric
from budget_model.survey.measures import MEDIAN_GAP, QUINTILE_RATIO, Spread
from budget_model.survey.quantiles import Answers, line_problem, read_answers, relative_line
from budget_model.survey.student import student_quantile
from budget_model.survey.tabulate import Classification, Codes, Numbers, cells_of
from budget_model.survey.variance import variance

OWN_LINE = 1.0  # of a welfare that is given as a multiple of each person's line
FIGURES = ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n", "units", "population", "count", "count_se")
UNDEFINED = {
    "gini": "the total of its welfare is not above 0",
    QUINTILE_RATIO: "its poorest fifth has nothing, or nobody lies above its highest fifth",
    MEDIAN_GAP: "nobody in it lies below the poverty line",
}


@dataclass(frozen=True)
class Asked:
    """One indicator over all persons: who counts, below which line, and how that line moves with each person."""

    indicator: IndicatorDefinition
    spread: Spread
    values: Numbers  # (persons), NaN: outside or missing
    line: float
    line_scores: Numbers | None  # (persons) weighted; None: the line is given, or there is none


def spreads_of(
    table: Any,
    indicators: Sequence[IndicatorDefinition],
    by: Sequence[Sequence[str]],
    columns: Sequence[str],
    design: SampleDesign,
    confidence: float,
    engine: str | None = None,
) -> pd.DataFrame:
    """The measures of every cell of every `by` set; the columns are those of `survey.estimate.estimate`.

    `n`, `units` and `population` of a median gap are of the poor, whom it describes. `count`, `count_se` and `deff` are
    NaN, and so is the estimate where a measure is not defined: `frame.attrs["undefined"]` gives (indicator, reason,
    number of cells), `frame.attrs["lines"]` the relative poverty lines by indicator. Reads one row a person, 8 bytes
    for each indicator and column. The design must have been checked (`tabulate`).

    Raises
    ------
    CatalogueError : an unknown column or a wrong kind. InputError : a relative line that is not above 0.
    """
    wanted = {item.id: (item.universe, item.welfare or "", "welfare") for item in indicators}
    answers = sorted_rows(read_answers(table, wanted, columns, design, engine))
    asked = list(_asked(answers, indicators))
    problems = [line_problem(one.indicator.id, one.line) for one in asked if not one.line > 0]
    if problems:
        raise InputError(problems)
    parts = [_of_set(answers, one, list(columns_of_set), columns, confidence) for columns_of_set in by for one in asked]
    frame = pd.concat(parts, ignore_index=True)
    frame.attrs["lines"] = {one.indicator.id: one.line for one in asked if one.spread.median_share is not None}
    frame.attrs["undefined"] = list(_undefined(frame, asked))
    return frame


def sorted_rows(answers: Answers) -> Answers:
    """The same persons in an order that no engine decides, so that sums agree to the last digit."""
    unit = np.zeros(len(answers.weight)) if answers.unit is None else answers.unit
    keys = [*answers.values.T, answers.weight, unit, answers.stratum, *(item.codes for item in answers.by)]
    order = np.lexsort(keys)
    return replace(
        answers,
        by=tuple(Classification(item.column, item.levels, item.codes[order]) for item in answers.by),
        weight=answers.weight[order],
        stratum=answers.stratum[order],
        unit=None if answers.unit is None else answers.unit[order],
        values=answers.values[order],
    )


def _asked(answers: Answers, indicators: Sequence[IndicatorDefinition]) -> Iterator[Asked]:
    for index, indicator in enumerate(indicators):
        spread, values = indicator.spread, answers.values[:, index]
        assert spread is not None  # chosen so by the caller
        if spread.median_share is None:
            yield Asked(indicator, spread, values, OWN_LINE, None)
            continue
        known = ~np.isnan(values)
        line = relative_line(values[known], answers.weight[known], spread.median_share)
        scores = np.zeros_like(values)
        if line > 0 and answers.strata is not None:
            own, weight = values[known], answers.weight[known]
            scores[known] = weight * line_scores(own, weight, spread.median_share)
        yield Asked(indicator, spread, values, line, scores)


def _of_set(answers: Answers, asked: Asked, by: list[str], columns: Sequence[str], confidence: float) -> pd.DataFrame:
    """One indicator in every cell of one set of columns."""
    chosen = [item for name in by for item in answers.by if item.column == name]
    cell, levels = cells_of(chosen, len(answers.weight))
    figures = _figures(answers, asked, cell, len(levels), confidence)
    labels: dict[str, Any] = dict.fromkeys(columns)
    for position, item in enumerate(chosen):
        labels[item.column] = [item.levels[code] for code in levels[:, position]]
    index = range(len(levels))
    frame = pd.DataFrame({"indicator": pd.Series(asked.indicator.id, index=index, dtype="str")})
    for name, values in labels.items():
        frame[name] = pd.Series(values, index=index, dtype="object")
    return frame.assign(**figures).astype({"n": "int64"})


def _figures(answers: Answers, asked: Asked, cell: Codes, size: int, confidence: float) -> dict[str, Numbers]:
    result = {name: np.full(size, np.nan) for name in FIGURES}
    inside = np.where(np.isnan(asked.values), -1, cell)
    scores, by_line = np.zeros(len(cell)), np.zeros(size)
    for position, rows in _rows_by_cell(inside, size):
        scored = _scored(asked, asked.values[rows], answers.weight[rows])
        if scored is not None:
            result["estimate"][position] = scored.estimate
            scores[rows], by_line[position] = answers.weight[rows] * scored.scores, scored.by_line
    counted = inside
    if asked.spread.measure == MEDIAN_GAP:
        with np.errstate(invalid="ignore"):
            counted = np.where(asked.values < asked.line, inside, -1)
    result["n"] = np.bincount(counted[counted >= 0], minlength=size).astype(float)
    result["population"] = np.bincount(counted[counted >= 0], weights=answers.weight[counted >= 0], minlength=size)
    if answers.strata is None:
        return result
    result["units"] = _units(answers, counted, size)
    spread = _variances(answers, scores, inside, by_line, asked.line_scores)
    spread[result["units"] <= 1] = 0.0  # as for shares: one unit shows no error, and is marked so
    result["se"] = np.where(np.isnan(result["estimate"]), np.nan, np.sqrt(spread))
    result["ci_low"], result["ci_high"] = _interval(answers, asked.spread.measure, result, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        result["cv"] = np.where(result["estimate"] != 0, result["se"] / np.abs(result["estimate"]), np.nan)
    return result


def _rows_by_cell(cell: Codes, size: int) -> Iterator[tuple[int, Codes]]:
    """The rows of each cell that has any."""
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(size + 1))
    for position in range(size):
        if starts[position] < starts[position + 1]:
            yield position, order[starts[position] : starts[position + 1]]


def _scored(asked: Asked, values: Numbers, weight: Numbers) -> Scored | None:
    if not weight.sum() > 0:
        return None
    if asked.spread.measure == MEDIAN_GAP:
        return scored_median_gap(values, weight, asked.line)
    return {"gini": scored_gini, QUINTILE_RATIO: scored_quintile_ratio}[asked.spread.measure](values, weight)


def _units(answers: Answers, cell: Codes, size: int) -> Numbers:
    """Sampling units with somebody who counts, by cell."""
    counts = cell >= 0
    if answers.unit is None:
        return np.bincount(cell[counts], minlength=size).astype(float)
    pairs = np.unique(np.stack([cell[counts], answers.unit[counts]]), axis=1)
    return np.bincount(pairs[0], minlength=size).astype(float)


def _variances(
    answers: Answers, scores: Numbers, cell: Codes, by_line: Numbers, line: Numbers | None
) -> NDArray[np.float64]:
    """Variance of each cell's measure. A relative line is an estimate too, made of everybody, also outside the cell."""
    size = len(by_line)
    if line is None:
        return variance(answers, scores[:, None], scores[:, None] ** 2, cell, size)[:, 0]
    result = np.zeros(size)
    everybody = np.zeros(len(scores), dtype=np.int64)
    for position in range(size):
        z = (np.where(cell == position, scores, 0.0) + by_line[position] * line)[:, None]
        result[position] = variance(answers, z, z**2, everybody, 1)[0, 0]
    return result


def _interval(
    answers: Answers, measure: str, figures: dict[str, Numbers], confidence: float
) -> tuple[Numbers, Numbers]:
    """On the log scale for the quintile ratio, on the logit scale for what lies between 0 and 1."""
    estimate, se = figures["estimate"], figures["se"]
    assert answers.strata is not None  # a census has no error
    if answers.strata.degrees_of_freedom < 1:
        return np.full_like(estimate, np.nan), np.full_like(estimate, np.nan)
    t = student_quantile((1 + confidence) / 2, answers.strata.degrees_of_freedom)
    is_share = (estimate > 0) & (estimate < 1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if measure == QUINTILE_RATIO:
            return log_scale(estimate, se, t)
        shares, others = logit(estimate, se, t), symmetric(estimate, se, t)
    return np.where(is_share, shares[0], others[0]), np.where(is_share, shares[1], others[1])


def _undefined(frame: pd.DataFrame, asked: Sequence[Asked]) -> Iterator[tuple[str, str, int]]:
    for one in asked:
        number = int(frame.loc[frame["indicator"] == one.indicator.id, "estimate"].isna().sum())
        if number:
            yield one.indicator.id, UNDEFINED[one.spread.measure], number
