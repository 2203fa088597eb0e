"""The one pass over the answers: sums by sampling unit and cell, from which every estimate is made.

For indicator k and row i let u be 1 where the universe holds and the answer is known, v the answer (0 or 1 for a
condition), w the weight. Missing answers are outside: a person whose universe or answer is missing has u = 0, is not
in the denominator and never counts as a 0. The sums of a cell are n = Σu, W = Σwu, Y = Σwuv, Q = Σwuv², and where
each row is a sampling unit also A = Σw²u, B = Σw²uv, C = Σw²uv². For a ratio of two totals the divisor x of a person
takes the place of u in W, A and B (W = Σwx, A = Σw²x², B = Σw²xv), and Q has no use.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from budget_model.errors import CatalogueError, DesignError, InputError, Problem
from budget_model.spelling import nearest
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.condition_ibis import kind_of
from budget_model.survey.contributions import Measure, Wanted, contributions, read_measures
from budget_model.survey.design import SampleDesign, Strata, make_strata
from budget_model.survey.engine import Look, backend_of, known, look_into, run
from budget_model.survey.wrong_rows import bad_rows, endless_sums, not_numbers, with_first_texts

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Classification:
    """One column that cells are made of: sorted answers, and the position of each row's answer (-1: missing)."""

    column: str
    levels: tuple[Any, ...]
    codes: Codes


def cells_of(by: Sequence[Classification], size: int) -> tuple[Codes, Codes]:
    """Cell of each of `size` rows (-1: an answer is missing), and the level codes of each cell (cells, columns)."""
    if not by:
        return np.zeros(size, dtype=np.int64), np.zeros((1, 0), dtype=np.int64)
    known_rows = np.logical_and.reduce([item.codes >= 0 for item in by])
    shape = [max(len(item.levels), 1) for item in by]
    keys, inverse = np.unique(np.ravel_multi_index([item.codes[known_rows] for item in by], shape), return_inverse=True)
    cell = np.full(size, -1, dtype=np.int64)
    cell[known_rows] = inverse.reshape(-1)
    return cell, np.stack(np.unravel_index(keys, shape), axis=1).astype(np.int64)


@dataclass(frozen=True)
class Tabulation:
    """Sums by (stratum, unit, finest cell), sorted by cell; arrays of sums have shape (rows, indicators).

    A, B and C hold sums of squared weights only where each person is a sampling unit (`unit` is None).
    """

    indicators: tuple[IndicatorDefinition, ...]
    design: SampleDesign
    by: tuple[Classification, ...]
    rows: Codes  # persons behind each row of sums
    strata: Strata | None  # None for a census
    stratum: Codes
    unit: Codes | None  # None where each person is a unit
    n: Numbers
    W: Numbers
    Y: Numbers
    Q: Numbers
    A: Numbers
    B: Numbers
    C: Numbers
    is_share: NDArray[np.bool_]  # (indicators): every answer lies between 0 and 1
    ranges: Mapping[int, tuple[Numbers, Numbers]] = field(default_factory=dict)
    """Smallest and largest answer that has a weight above 0 of each row of sums, NaN without one, by position of the
    indicator. Not of those with a numerator, whose answers are 0 and 1."""

    def classification(self, column: str) -> Classification:
        """The classification of a column that was asked for in `tabulate`."""
        return next(item for item in self.by if item.column == column)

    def cells(self, columns: Sequence[str]) -> tuple[Codes, Codes]:
        """Cell of each row (-1 where an answer is missing), and the level codes of each cell (cells, columns)."""
        return cells_of([self.classification(column) for column in columns], len(self.rows))

    def persons_without(self) -> dict[str, int]:
        """Persons without an answer in each `by` column: they are in no cell of it, but stay in the design."""
        return {item.column: int(self.rows[item.codes < 0].sum()) for item in self.by}


def tabulate(
    table: Any,
    indicators: Sequence[IndicatorDefinition],
    by_columns: Sequence[str],
    design: SampleDesign,
    engine: str | None = None,
    never_missing: Collection[str] | None = None,
) -> Tabulation:
    """Aggregate the answers once.

    Parameters
    ----------
    table : Ibis table, a row a person (or household).
    by_columns : all columns that any set of cells needs.
    engine : `polars` (streaming) or `duckdb` for a table in memory; a table that lies in an engine is read there.
    never_missing : columns of which the reader knows that every row has an answer (neither NULL nor NaN). Saves
        summing up their denominators one by one; a column that does have gaps must not be named. None: not known.

    Raises
    ------
    CatalogueError : an unknown column or a wrong kind in a condition, all at once.
    DesignError : weights that are missing or negative, missing strata or units, a single-unit stratum, a wrong fpc.
    InputError : no rows, an unknown `by` or design column, an engine that is not the table's.
    """
    backend = backend_of(table, engine)
    _check_columns(backend, table, by_columns, design)
    places, weights = _places(table, by_columns, design), _weights(table, design)
    measures = _measures(backend, table, indicators)
    look = Look(frozenset(never_missing or ()), is_small=False)
    if never_missing is None:
        look = look_into(backend, table, {name for item in measures for name in item.columns})
    values, wanted = contributions(table, measures, weights.get("weight"), look.without_gaps)
    rows = table
    if backend.name == "pyspark":  # else its plan repeats every expression in each sum that it is part of
        rows, (places, weights, values) = _in_between(table, places, weights, values)
    metrics = {**_design_metrics(rows, weights, design), **_sums(rows, values, wanted, design, backend.name)}
    query = rows.group_by(**places).aggregate(**metrics) if places else rows.aggregate(**metrics)
    answer = run(backend, query, look.is_small)
    if answer.num_rows == 0 or not sum(answer["rows"].to_pylist()):
        raise InputError(Problem("survey.empty", "the survey has no rows. Give a file with at least one answer."))
    if not design.is_census:
        _check_rows(backend, table, answer, design)
    _refuse_endless_sums(backend, rows, values, answer, measures, design)
    return _tabulation(answer, indicators, by_columns, design, wanted)


# --- what goes in ---------------------------------------------------------------------------------------------------


def _check_columns(backend: Any, table: Any, by_columns: Sequence[str], design: SampleDesign) -> None:
    asked = [("--by", column) for column in by_columns]
    asked += [(f"--{part}", column) for part, column in design.columns().items()]
    problems = []
    for option, column in asked:
        if column not in table.columns:
            near = nearest(column, table.columns)
            hint = f"Did you mean '{near}'?" if near else f"The columns are: {', '.join(table.columns[:40])}."
            message = f"{option}: there is no column '{column}'. {hint}"
            problems.append(Problem("survey.unknown_column", message, column=column, facts={"nearest": near}))
    for part in ("weight", "fpc"):
        column = design.columns().get(part, "")
        if column in table.columns and kind_of(table[column]) not in ("number", "null"):
            problems.append(not_numbers(backend, table, column, part))
    if problems:
        raise InputError(problems)


def _measures(backend: Any, table: Any, indicators: Sequence[IndicatorDefinition]) -> list[Measure]:
    try:
        return read_measures(table, indicators)
    except CatalogueError as error:
        raise CatalogueError(with_first_texts(backend, table, error.problems)) from None


def _in_between(table: Any, *groups: dict[str, Any]) -> tuple[Any, list[dict[str, Any]]]:
    """A table with the expressions as columns, and these columns in place of the expressions."""
    columns = {name: value for group in groups for name, value in group.items() if value is not None}
    rows = table.select(**columns) if columns else table
    return rows, [{name: None if value is None else rows[name] for name, value in group.items()} for group in groups]


def _places(table: Any, by_columns: Sequence[str], design: SampleDesign) -> dict[str, Any]:
    """Where a row belongs: stratum, sampling unit, and the answers that make its cell."""
    places = {f"by{index}": known(table[name]) for index, name in enumerate(by_columns)}
    for name, column in (("stratum", design.strata), ("unit", design.psu)):
        if column is not None:
            places[name] = known(table[column])
    return places


def _weights(table: Any, design: SampleDesign) -> dict[str, Any]:
    columns = {"weight": design.weight, "fpc": design.fpc}
    return {name: known(table[column]).cast("float64") for name, column in columns.items() if column is not None}


# --- sums -----------------------------------------------------------------------------------------------------------


def _design_metrics(table: Any, weights: dict[str, Any], design: SampleDesign) -> dict[str, Any]:
    metrics = {"rows": table.count()}
    if design.weight is not None:
        weight = weights["weight"]
        bad = weight.isnull() | (weight < 0) | weight.isinf()
        metrics["bad_weights"] = ibis.ifelse(bad, True, ibis.null("boolean")).count()
    if design.fpc is not None:
        fpc = weights["fpc"]
        metrics |= {"fpc_known": fpc.count(), "fpc_low": fpc.min(), "fpc_high": fpc.max()}
    return metrics


def _refuse_endless_sums(
    backend: Any, rows: Any, values: dict[str, Any], answer: Any, measures: Sequence[Measure], design: SampleDesign
) -> None:
    """Sums that are no finite numbers would give missing estimates without a word."""
    endless = sorted({int(name[1:]) for name in answer.column_names if name[0] in "WYQABC" and name[1:].isdigit()
                      and not np.isfinite(_floats(answer, name, 0.0)).all()})  # fmt: skip
    if endless:
        found = {index: values.get(f"v{index}") for index in endless}
        raise InputError(endless_sums(backend, rows, [item.indicator.id for item in measures], found, design))


def _counter(table: Any, engine: str) -> Callable[[Any], Any]:
    """How many rows meet a condition, in the words that the engine is fastest with."""
    if engine == "polars":  # its sums, as Ibis writes them, also count what is not missing, which costs a third more
        return lambda condition: table.count(where=condition)
    return lambda condition: condition.sum()


def _sums(
    table: Any, values: dict[str, Any], wanted: Sequence[Wanted], design: SampleDesign, engine: str
) -> dict[str, Any]:
    """Only the sums that cannot be had from others: a condition has v² = v, and without weights w² = w = 1."""
    count = _counter(table, engine)
    metrics: dict[str, Any] = {}
    weighted, rows_are_units = design.weight is not None, design.rows_are_units and not design.is_census
    for index, item in enumerate(wanted):
        a, y = values[f"a{item.owner}"], values[f"y{index}"]
        has_divisor = weighted or item.kind == "ratio"
        if item.owner == index and a is None:
            metrics[f"n{index}"] = table.count()
        elif item.owner == index:
            metrics[f"n{index}"] = a.count() if has_divisor else count(a)
            metrics |= {f"W{index}": a.sum()} if has_divisor else {}
            metrics |= {f"A{index}": (a * a).sum()} if has_divisor and rows_are_units else {}
        metrics[f"Y{index}"] = y.sum() if weighted or item.kind != "share" else count(y)
        if has_divisor and rows_are_units:
            metrics[f"C{index}"] = (y * y).sum()
        if item.kind != "share":
            v = values[f"v{index}"]
            counts = ibis.ifelse(a > 0, v, ibis.null("float64")) if weighted else v  # a weight of 0 counts nobody
            metrics |= {f"Q{index}": (y * v).sum(), f"low{index}": counts.min(), f"high{index}": counts.max()}
            if has_divisor and rows_are_units:
                metrics[f"B{index}"] = (a * y).sum()
    return metrics


# What stands in for a sum that was not asked for; the first that is there.
_OF_DENOMINATOR = "nWA"
_SAME_AS = {"W": ("n",), "Q": ("Y",), "A": ("W", "n"), "B": ("C", "Y"), "C": ("Q", "Y")}


def _names(letter: str, wanted: Sequence[Wanted], present: Collection[str]) -> tuple[str, ...]:
    """The sum that serves as `letter` for each indicator."""
    numbers = [item.owner if letter in _OF_DENOMINATOR else index for index, item in enumerate(wanted)]
    letters = (letter, *_SAME_AS.get(letter, ()))
    return tuple(next(name for name in (f"{one}{number}" for one in letters) if name in present) for number in numbers)


def _matrix(answer: Any, names: Sequence[str], order: Codes) -> Numbers:
    """Columns of the answer, (rows, names), in the order of cells; a cell without contributions has the sum 0."""
    own = list(dict.fromkeys(names))
    values = np.empty((len(own), answer.num_rows))
    for position, name in enumerate(own):
        values[position] = answer[name].to_numpy()
    np.copyto(values, 0.0, where=np.isnan(values))
    result = np.ascontiguousarray(values.T).take(order, axis=0)
    if len(own) == len(names):
        return result
    place = {name: position for position, name in enumerate(own)}
    return result.take([place[name] for name in names], axis=1)


def _matrices(answer: Any, wanted: Sequence[Wanted], design: SampleDesign, order: Codes) -> dict[str, Numbers]:
    """The seven matrices of sums; those of squares are built only where each person is a sampling unit."""
    letters = "nWYQABC" if design.rows_are_units and not design.is_census else "nWYQ"
    present = set(answer.column_names)
    names = {letter: _names(letter, wanted, present) for letter in letters}
    made = {columns: _matrix(answer, columns, order) for columns in set(names.values())}
    found = {letter: made[columns] for letter, columns in names.items()}
    return {"A": found["W"], "B": found["Y"], "C": found["Q"], **found}


def _floats(answer: Any, name: str, missing: float = np.nan) -> Numbers:
    """A column of the answer as numbers, with something in place of what is missing."""
    values: Numbers = answer[name].cast("float64").fill_null(missing).to_numpy()
    return values


def classify(answer: Any, name: str, column: str) -> Classification:
    """Codes of a group column, its levels sorted."""
    encoded = answer[name].combine_chunks()
    encoded = encoded if hasattr(encoded, "dictionary") else encoded.dictionary_encode()
    levels = encoded.dictionary.to_pylist()
    indices = encoded.indices.to_pandas().fillna(-1).to_numpy().astype(np.int64)
    order = sorted(range(len(levels)), key=lambda index: (levels[index] is None, levels[index]))
    position = np.full(len(levels) + 1, -1, dtype=np.int64)  # the last place serves -1: missing stays missing
    position[order] = np.arange(len(levels))
    return Classification(column, tuple(levels[index] for index in order), position[indices])


def _tabulation(
    answer: Any,
    indicators: Sequence[IndicatorDefinition],
    by_columns: Sequence[str],
    design: SampleDesign,
    wanted: Sequence[Wanted],
) -> Tabulation:
    rows = _floats(answer, "rows").astype(np.int64)
    stratum, unit, strata = strata_of(answer, rows, design)
    classes = [classify(answer, f"by{index}", column) for index, column in enumerate(by_columns)]
    # by cell, stratum and unit: sums by cell then need no sorting, and do not depend on the engine's order of rows
    keys = [item.codes for item in classes] + [stratum] + ([] if unit is None else [unit])
    order = np.lexsort(keys[::-1])
    is_share = [item.kind == "share" or _in_unit_interval(answer, index) for index, item in enumerate(wanted)]
    return Tabulation(
        tuple(indicators),
        design,
        tuple(Classification(item.column, item.levels, item.codes[order]) for item in classes),
        rows[order],
        strata,
        stratum[order],
        None if unit is None else unit[order],
        **_matrices(answer, wanted, design, order),
        is_share=np.array(is_share, dtype=bool),
        ranges=_ranges(answer, wanted, order),
    )


def _ranges(answer: Any, wanted: Sequence[Wanted], order: Codes) -> dict[int, tuple[Numbers, Numbers]]:
    indices = [index for index, item in enumerate(wanted) if item.kind != "share"]
    return {index: (_floats(answer, f"low{index}")[order], _floats(answer, f"high{index}")[order]) for index in indices}


def _in_unit_interval(answer: Any, index: int) -> bool:
    low, high = _floats(answer, f"low{index}"), _floats(answer, f"high{index}")
    known = ~np.isnan(low)
    return bool(known.any() and low[known].min() >= 0 and high[known].max() <= 1)


def strata_of(answer: Any, rows: Codes, design: SampleDesign) -> tuple[Codes, Codes | None, Strata | None]:
    """Stratum and unit of each row of sums, and the strata over the whole design."""
    stratum, labels = np.zeros(len(rows), dtype=np.int64), (None,)
    if design.is_census:
        return stratum, None, None
    if design.strata is not None:
        classes = classify(answer, "stratum", design.strata)
        stratum, labels = classes.codes, classes.levels
    unit = None
    if design.psu is None:
        unit_count = np.bincount(stratum, weights=rows, minlength=len(labels)).astype(np.int64)
    else:
        classes = classify(answer, "unit", design.psu)
        width = max(len(classes.levels), 1)
        units, inverse = np.unique(stratum * width + classes.codes, return_inverse=True)
        unit = inverse.reshape(-1)
        unit_count = np.bincount(units // width, minlength=len(labels))
    low, high = np.full(len(labels), np.inf), np.full(len(labels), -np.inf)
    if design.fpc is not None:
        np.minimum.at(low, stratum, _floats(answer, "fpc_low"))
        np.maximum.at(high, stratum, _floats(answer, "fpc_high"))
    return stratum, unit, make_strata(design, labels, unit_count, low, high)


# --- rows that the design cannot use --------------------------------------------------------------------------------


def _check_rows(backend: Any, table: Any, answer: Any, design: SampleDesign) -> None:
    problems = []
    if design.weight is not None and sum(answer["bad_weights"].to_pylist()):
        problems.append(bad_rows(backend, table, design.weight, "weight"))
    if design.fpc is not None and sum(answer["fpc_known"].to_pylist()) < sum(answer["rows"].to_pylist()):
        problems.append(bad_rows(backend, table, design.fpc, "fpc"))
    for part, name, column in (("strata", "stratum", design.strata), ("psu", "unit", design.psu)):
        if column is not None and answer[name].null_count:
            problems.append(bad_rows(backend, table, column, part))
    if problems:
        raise DesignError(problems)
