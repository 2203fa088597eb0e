"""The one pass over the answers: sums by sampling unit and cell, from which every estimate is made.

For indicator k and row i let u be 1 where the universe holds and the answer is known, v the answer (0 or 1 for a
condition), w the weight. Missing answers are outside: a person whose universe or answer is missing has u = 0, is not
in the denominator and never counts as a 0. The sums of a cell are n = Σu, W = Σwu, Y = Σwuv, Q = Σwuv², and where
each row is a sampling unit also A = Σw²u, B = Σw²uv, C = Σw²uv². For a ratio of two totals the divisor x of a person
takes the place of u in W, A and B (W = Σwx, A = Σw²x², B = Σw²xv), and Q has no use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from budget_model.errors import CatalogueError, DesignError, InputError, Problem
from budget_model.spelling import nearest
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.conditions import Place, has_columns, kind_of, parse_condition, text_columns, to_ibis
from budget_model.survey.denominators import denominator_key
from budget_model.survey.design import SampleDesign, Strata, make_strata
from budget_model.survey.engine import backend_of, known, run
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
    never_missing: Collection[str] = (),
) -> Tabulation:
    """Aggregate the answers once.

    Parameters
    ----------
    table : Ibis table, a row a person (or household).
    by_columns : all columns that any set of cells needs.
    engine : `polars` (streaming) or `duckdb` for a table in memory; a table that lies in an engine is read there.
    never_missing : columns of which the reader knows that every row has an answer (neither NULL nor NaN). Saves
        summing up their denominators one by one; a column that does have gaps must not be named.

    Raises
    ------
    CatalogueError : an unknown column or a wrong kind in a condition, all at once.
    DesignError : weights that are missing or negative, missing strata or units, a single-unit stratum, a wrong fpc.
    InputError : no rows, an unknown `by` or design column, an engine that is not the table's.
    """
    backend = backend_of(table, engine)
    _check_columns(backend, table, by_columns, design)
    stage, wanted = _row_values(backend, table, indicators, by_columns, design, never_missing)
    metrics = {**_design_metrics(stage, design), **_sums(stage, wanted, design)}
    groups = [name for name in ("stratum", "unit") if name in stage.columns]
    groups += [f"by{index}" for index in range(len(by_columns))]
    query = stage.group_by(groups).aggregate(**metrics) if groups else stage.aggregate(**metrics)
    answer = run(backend, query)
    if answer.num_rows == 0 or not sum(answer["rows"].to_pylist()):
        raise InputError(Problem("survey.empty", "the survey has no rows. Give a file with at least one answer."))
    if not design.is_census:
        _check_rows(backend, table, answer, design)
    _refuse_endless_sums(backend, stage, answer, indicators, wanted, design)
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


def _row_values(
    backend: Any,
    table: Any,
    indicators: Sequence[IndicatorDefinition],
    by_columns: Sequence[str],
    design: SampleDesign,
    never_missing: Collection[str],
) -> tuple[Any, list[Wanted]]:
    """A table with what each row contributes, and which sums of it each indicator needs."""
    columns = {f"by{index}": known(table[name]) for index, name in enumerate(by_columns)}
    names = {"strata": "stratum", "psu": "unit", "weight": "weight", "fpc": "fpc"}
    for part, column in design.columns().items():
        value = known(table[column])
        columns[names[part]] = value.cast("float64") if part in ("weight", "fpc") else value
    problems: list[Problem] = []
    wanted: list[Wanted] = []
    owners: dict[Any, int] = {}
    for index, indicator in enumerate(indicators):
        try:
            contribution = _contribution(index, indicator, table, columns.get("weight"))
            key = denominator_key(indicator, table.columns, never_missing)
            owner = index if key is None else owners.setdefault(key, index)
            if owner != index:
                del contribution[f"a{index}"]
            columns |= contribution
            wanted.append(Wanted(kind_of_indicator(indicator), owner))
        except CatalogueError as error:
            problems.extend(error.problems)
    if problems:
        raise CatalogueError(with_first_texts(backend, table, problems))
    if not columns:  # nothing but the number of rows is wanted
        columns = {"row": table[table.columns[0]]}
    return table.select(**columns), wanted


@dataclass(frozen=True)
class Wanted:
    """Which sums an indicator needs (`share`, `mean`, `ratio`), and the indicator whose denominator it shares."""

    kind: str
    owner: int


_NO_NUMBER = ibis.null("float64")


def _contribution(index: int, indicator: IndicatorDefinition, table: Any, weight: Any) -> dict[str, Any]:
    """Columns a (the weight of those with an answer) and y (weight × answer); for a mean also the answer v.

    For a ratio a is weight × what is divided by, and v the quotient, which only its range is asked of.
    """
    values = _expressions(indicator, table)
    inside, measured = values["universe"], values["measured"]
    if indicator.over is not None:
        return _contribution_of_ratio(index, inside, measured, values["over"], weight)
    a = _weighted(_both(inside, measured.notnull()), weight)
    if kind_of_indicator(indicator) == "share":
        return {f"a{index}": a, f"y{index}": _weighted(_both(inside, measured), weight)}
    value = measured.cast("float64")
    value = value if inside is None else ibis.ifelse(inside, value, _NO_NUMBER)
    return {f"a{index}": a, f"v{index}": value, f"y{index}": value if weight is None else value * weight}


def _weighted(condition: Any, weight: Any) -> Any:
    """The weight of those who meet a condition; without weights the condition itself, which engines sum up faster."""
    return condition if weight is None else ibis.ifelse(condition, weight, _NO_NUMBER)


def _contribution_of_ratio(index: int, inside: Any, measured: Any, over: Any, weight: Any) -> dict[str, Any]:
    answered = _both(inside, measured.notnull() & over.notnull())
    y, a = (ibis.ifelse(answered, value.cast("float64"), _NO_NUMBER) for value in (measured, over))
    quotient = y / a.nullif(0)
    if weight is not None:
        y, a = y * weight, a * weight
    return {f"a{index}": a, f"y{index}": y, f"v{index}": quotient}


def _both(inside: Any, condition: Any) -> Any:
    """`inside AND condition`; None stands for everybody."""
    return condition if inside is None else inside & condition


def kind_of_indicator(indicator: IndicatorDefinition) -> str:
    """`share`, `mean` or `ratio` (of two totals): which sums it needs."""
    if indicator.numerator is not None:
        return "share"
    return "mean" if indicator.over is None else "ratio"


def _expressions(indicator: IndicatorDefinition, table: Any) -> dict[str, Any]:
    """Universe (None: everybody), measured value and divisor as Ibis expressions; every problem of them at once."""
    key, wanted = ("numerator", "boolean") if indicator.numerator is not None else ("mean", "number")
    problems: list[Problem] = []
    values: dict[str, Any] = {"universe": None}
    for name, part, sql, kind in (
        ("universe", "universe", indicator.universe, "boolean"),
        ("measured", key, indicator.measured, wanted),
        ("over", "over", indicator.over, "number"),
    ):
        if sql is None or (name == "universe" and sql.strip().upper() == "TRUE"):
            continue
        try:
            values[name] = condition_value(sql, kind, Place(indicator.id, part), table)
        except CatalogueError as error:
            problems.extend(error.problems)
    if problems:
        raise CatalogueError(problems)
    return values


def condition_value(sql: str, wanted: str, place: Place, table: Any) -> Any:
    tree = parse_condition(sql, table.columns, place)
    if place.key != "universe" and not has_columns(tree):
        raise CatalogueError(place.problem("catalogue.constant", f"'{sql}' names no column. Name one."))
    value = to_ibis(tree, table, place)
    if kind_of(value) == wanted:
        return value
    if kind_of(value) == "null":  # of a column without any answer, nobody knows which kind it would be
        return value.cast("boolean" if wanted == "boolean" else "float64")
    if wanted == "boolean":
        hint = f"Write a comparison, such as {sql} = 1."
        raise CatalogueError(place.problem("condition.kind", f"'{sql}' is not a condition (true or false). {hint}"))
    hint = "Use a numeric column, or a numerator for a condition."
    texts = text_columns(tree, table)
    raise CatalogueError(place.problem("condition.kind", f"'{sql}' is not a number. {hint}", text_columns=texts))


# --- sums -----------------------------------------------------------------------------------------------------------


def _design_metrics(stage: Any, design: SampleDesign) -> dict[str, Any]:
    metrics = {"rows": stage.count()}
    if design.weight is not None:
        weight = stage["weight"]
        bad = weight.isnull() | (weight < 0) | weight.isinf()
        metrics["bad_weights"] = ibis.ifelse(bad, True, ibis.null("boolean")).count()
    if design.fpc is not None:
        fpc = stage["fpc"]
        metrics |= {"fpc_known": fpc.count(), "fpc_low": fpc.min(), "fpc_high": fpc.max()}
    return metrics


def _refuse_endless_sums(
    backend: Any,
    stage: Any,
    answer: Any,
    indicators: Sequence[IndicatorDefinition],
    wanted: Sequence[Wanted],
    design: SampleDesign,
) -> None:
    """Sums that are no finite numbers would give missing estimates without a word."""
    endless = sorted({int(name[1:]) for name in answer.column_names if name[0] in "WYQABC" and name[1:].isdigit()
                      and not np.isfinite(_floats(answer, name, 0.0)).all()})  # fmt: skip
    if endless:
        values = {index: None if wanted[index].kind == "share" else stage[f"v{index}"] for index in endless}
        raise InputError(endless_sums(backend, stage, [item.id for item in indicators], values, design))


def _sums(stage: Any, wanted: Sequence[Wanted], design: SampleDesign) -> dict[str, Any]:
    """Only the sums that cannot be had from others: a condition has v² = v, and without weights w² = w = 1."""
    metrics: dict[str, Any] = {}
    weighted, rows_are_units = design.weight is not None, design.rows_are_units and not design.is_census
    for index, item in enumerate(wanted):
        a, y = stage[f"a{item.owner}"], stage[f"y{index}"]
        has_divisor = weighted or item.kind == "ratio"
        if item.owner == index:
            metrics[f"n{index}"] = a.count() if has_divisor else a.sum()  # without weights a is true or false
            metrics |= {f"W{index}": a.sum()} if has_divisor else {}
            metrics |= {f"A{index}": (a * a).sum()} if has_divisor and rows_are_units else {}
        metrics[f"Y{index}"] = y.sum()
        if has_divisor and rows_are_units:
            metrics[f"C{index}"] = (y * y).sum()
        if item.kind != "share":
            v = stage[f"v{index}"]
            metrics[f"Q{index}"] = (y * v).sum()
            counts = ibis.ifelse(stage["weight"] > 0, v, _NO_NUMBER) if weighted else v
            metrics |= {f"low{index}": counts.min(), f"high{index}": counts.max()}
            if has_divisor and rows_are_units:
                metrics[f"B{index}"] = (a * y).sum()
    return metrics


# What stands in for a sum that was not asked for; the first that is there.
_OF_DENOMINATOR = "nWA"
_SAME_AS = {"W": ("n",), "Q": ("Y",), "A": ("W", "n"), "B": ("C", "Y"), "C": ("Q", "Y")}


def _matrix(answer: Any, letter: str, wanted: Sequence[Wanted], order: Codes) -> Numbers:
    """Sums of all indicators, (rows, indicators); a cell without contributions has the sum 0."""
    position = {name: index for index, name in enumerate(answer.column_names)}
    result = np.zeros((len(wanted), answer.num_rows))
    for index, item in enumerate(wanted):
        number = item.owner if letter in _OF_DENOMINATOR else index
        candidates = (letter, *_SAME_AS.get(letter, ()))
        found = next(f"{name}{number}" for name in candidates if f"{name}{number}" in position)
        column = answer.column(position[found])
        result[index] = (column.fill_null(0) if column.null_count else column).to_numpy()[order]
    return np.ascontiguousarray(result.T)


def _matrices(answer: Any, wanted: Sequence[Wanted], design: SampleDesign, order: Codes) -> dict[str, Numbers]:
    """The seven matrices of sums; those of squares are built only where each person is a sampling unit."""
    letters = "nWYQABC" if design.rows_are_units and not design.is_census else "nWYQ"
    made = {letter: _matrix(answer, letter, wanted, order) for letter in letters}
    return {"A": made["W"], "B": made["Y"], "C": made["Q"], **made}


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
        pairs = np.stack([stratum, classify(answer, "unit", design.psu).codes], axis=1)
        units, inverse = np.unique(pairs, axis=0, return_inverse=True)
        unit = inverse.reshape(-1)
        unit_count = np.bincount(units[:, 0], minlength=len(labels))
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
