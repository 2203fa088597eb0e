"""Medians of cells with Woodruff's interval, and relative poverty lines: what needs the answers themselves, not sums.

The standard error of a quantile q at share p comes from that of the distribution function there: with F the weighted
distribution function of the cell and s the linearised standard error of F(q), the interval is F⁻¹(F(q) ± t·s) and
se = (upper − lower) / 2t. A bound is missing where F(q) ± t·s leaves 0-1.

Source: Woodruff 1952, Journal of the American Statistical Association 47; the form of R's `svyquantile`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd

from budget_model.errors import CatalogueError, InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.condition_place import Place
from budget_model.survey.contributions import condition_value
from budget_model.survey.design import SampleDesign, Strata
from budget_model.survey.distribution import weighted_quantile
from budget_model.survey.engine import backend_of, known, run
from budget_model.survey.student import student_quantile
from budget_model.survey.tabulate import Classification, Codes, Numbers, cells_of, classify, strata_of
from budget_model.survey.variance import variance
from budget_model.survey.wrong_rows import endless_sums, with_first_texts

MEDIAN = 0.5


@dataclass(frozen=True)
class Answers:
    """The answers of persons, one row a person, with their place in the design. NaN in `values`: outside or missing."""

    by: tuple[Classification, ...]
    weight: Numbers
    strata: Strata | None
    stratum: Codes
    unit: Codes | None
    values: Numbers  # (persons, indicators)


def medians_of(
    table: Any,
    indicators: Sequence[IndicatorDefinition],
    by: Sequence[Sequence[str]],
    columns: Sequence[str],
    design: SampleDesign,
    confidence: float,
    engine: str | None = None,
) -> pd.DataFrame:
    """Weighted medians of every cell of every `by` set; the columns are those of `survey.estimate.estimate`.

    `count` and `count_se` (there is no total) and `deff` are NaN. Reads one row a person, 8 bytes for each indicator
    and column. The design must have been checked (`tabulate`).
    """
    answers = read_answers(table, {item.id: (item.universe, item.median or "", "median") for item in indicators},
                           columns, design, engine)  # fmt: skip
    parts = [_medians_of_set(answers, indicators, list(one), columns, confidence) for one in by]
    return pd.concat(parts, ignore_index=True)


def read_answers(
    table: Any,
    wanted: dict[str, tuple[str, str, str]],
    columns: Sequence[str],
    design: SampleDesign,
    engine: str | None = None,
) -> Answers:
    """Values of (universe, expression, key of the catalogue) by indicator id, with the columns of cells and design.

    Raises
    ------
    CatalogueError : an unknown column or a wrong kind, all at once.
    """
    backend = backend_of(table, engine)
    stage = {f"by{index}": known(table[name]) for index, name in enumerate(columns)}
    for part, name in (("strata", "stratum"), ("psu", "unit")):
        if part in design.columns():
            stage[name] = known(table[design.columns()[part]])
    stage["weight"] = ibis.literal(1.0) if design.weight is None else table[design.weight].cast("float64")
    if design.fpc is not None:
        stage |= {name: table[design.fpc].cast("float64") for name in ("fpc_low", "fpc_high")}
    problems: list[Problem] = []
    for index, (identifier, (universe, expression, key)) in enumerate(wanted.items()):
        try:
            inside = condition_value(universe, "boolean", Place(identifier, "universe"), table)
            value = condition_value(expression, "number", Place(identifier, key), table).cast("float64")
            stage[f"v{index}"] = ibis.ifelse(inside, value, ibis.null("float64"))
        except CatalogueError as error:
            problems.extend(error.problems)
    if problems:
        raise CatalogueError(with_first_texts(backend, table, problems))
    answer = run(backend, table.select(**stage))
    stratum, unit, strata = strata_of(answer, np.ones(answer.num_rows, dtype=np.int64), design)
    values = [answer[f"v{index}"].fill_null(np.nan).to_numpy() for index in range(len(wanted))]
    endless = {index: table.select(**stage)[f"v{index}"] for index, found in enumerate(values) if np.isinf(found).any()}
    if endless:
        raise InputError(endless_sums(backend, table.select(**stage), list(wanted), endless, design))
    return Answers(
        tuple(classify(answer, f"by{index}", name) for index, name in enumerate(columns)),
        answer["weight"].cast("float64").to_numpy(),  # Spark makes a decimal of the literal 1.0
        strata,
        stratum,
        unit,
        np.stack(values, axis=1),
    )


def _medians_of_set(
    answers: Answers, indicators: Sequence[IndicatorDefinition], by: list[str], columns: Sequence[str], level: float
) -> pd.DataFrame:
    chosen = [item for name in by for item in answers.by if item.column == name]
    cell, levels = cells_of(chosen, len(answers.weight))
    rows = []
    for index, indicator in enumerate(indicators):
        figures = _medians(answers, answers.values[:, index], cell, len(levels), level)
        for position, codes in enumerate(levels):
            labels = {item.column: item.levels[code] for item, code in zip(chosen, codes, strict=True)}
            row = {name: values[position] for name, values in figures.items()}
            rows.append({"indicator": indicator.id, **{name: labels.get(name) for name in columns}, **row})
    frame = pd.DataFrame(rows, columns=["indicator", *columns, *(figures if rows else ())])
    return frame.astype(dict.fromkeys(columns, "object") | ({"n": "int64"} if rows else {}))


def _medians(answers: Answers, values: Numbers, cell: Codes, size: int, confidence: float) -> dict[str, Numbers]:
    """The columns of the result for one indicator, by cell."""
    names = ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n", "units", "population", "count", "count_se")
    result = {name: np.full(size, np.nan) for name in names}
    usable = (cell >= 0) & ~np.isnan(values)
    result["n"] = np.bincount(cell[usable], minlength=size).astype(float)
    result["population"] = np.bincount(cell[usable], weights=answers.weight[usable], minlength=size)
    for position in np.flatnonzero(result["population"] > 0):
        member = usable & (cell == position)
        estimate, se, low, high = _woodruff(answers, values, member, confidence)
        for name, figure in (("estimate", estimate), ("se", se), ("ci_low", low), ("ci_high", high)):
            result[name][position] = figure
        if answers.strata is not None:
            result["units"][position] = member.sum() if answers.unit is None else len(np.unique(answers.unit[member]))
    with np.errstate(invalid="ignore", divide="ignore"):
        result["cv"] = np.where(result["estimate"] != 0, result["se"] / np.abs(result["estimate"]), np.nan)
    return result


def _woodruff(answers: Answers, values: Numbers, member: Any, confidence: float) -> tuple[float, float, float, float]:
    """Median of the members with its standard error and interval."""
    x, weight = values[member], answers.weight[member]
    estimate = weighted_quantile(x, weight, MEDIAN)
    if answers.strata is None or answers.strata.degrees_of_freedom < 1:
        return estimate, np.nan, np.nan, np.nan
    below = np.where(member, values <= estimate, False)
    share = float(weight[x <= estimate].sum() / weight.sum())
    z = (np.where(member, answers.weight * (below - share), 0.0) / weight.sum())[:, None]
    spread = variance(answers, z, z**2, np.zeros(len(z), dtype=np.int64), 1)
    t = student_quantile((1 + confidence) / 2, answers.strata.degrees_of_freedom)
    reach = t * float(np.sqrt(spread[0, 0]))
    low, high = (_inverse(x, weight, at) for at in (share - reach, share + reach))
    return estimate, (high - low) / (2 * t), low, high


def _inverse(x: Numbers, weight: Numbers, share: float) -> float:
    """Smallest value at which the cumulated weight reaches a share; NaN outside 0-1."""
    if not 0 < share < 1:
        return np.nan
    order = np.argsort(x, kind="stable")
    cumulated = np.cumsum(weight[order]) / weight.sum()
    return float(x[order][min(int(np.searchsorted(cumulated, share)), len(x) - 1)])


# --- relative poverty lines ------------------------------------------------------------------------------------------


def with_lines(
    table: Any, indicators: Sequence[IndicatorDefinition], design: SampleDesign, engine: str | None = None
) -> tuple[list[IndicatorDefinition], dict[str, float]]:
    """The indicators with each relative poverty line as a number, and the lines by indicator id.

    A line is `median_share` times the weighted median welfare of the whole universe, whatever cells are asked for.
    Standard errors take it as given: they leave out that the median is an estimate too. Weights must be usable
    (`tabulate` checks them).
    """
    wanted = {item.id: (item.universe, item.welfare or "", "below") for item in indicators if item.below is not None}
    if not wanted:
        return list(indicators), {}
    answers = read_answers(table, wanted, (), SampleDesign(weight=design.weight), engine)
    lines: dict[str, float] = {}
    problems = []
    for index, item in enumerate(item for item in indicators if item.below is not None):
        here = ~np.isnan(answers.values[:, index])
        values, weight = answers.values[here, index], answers.weight[here]
        line = relative_line(values, weight, item.below.median_share if item.below else np.nan)
        if not line > 0:
            problems.append(line_problem(item.id, line))
        lines[item.id] = line
    if problems:
        raise InputError(problems)
    return [item.with_line(lines[item.id]) if item.id in lines else item for item in indicators], lines


def relative_line(values: Numbers, weight: Numbers, median_share: float) -> float:
    """`median_share` times the weighted median [unit of the values]; NaN where nobody counts."""
    return median_share * weighted_quantile(values, weight, MEDIAN) if weight.sum() > 0 else np.nan


def line_problem(identifier: str, line: float) -> Problem:
    """Why there is no poverty line."""
    message = f"indicator '{identifier}': the poverty line would be {line:g}, so there is no line above 0."
    return Problem("survey.line", message, facts={"indicator": identifier})
