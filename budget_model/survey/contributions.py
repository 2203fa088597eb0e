"""What each row of answers contributes to the sums of each indicator, as Ibis expressions.

The letters are those of `tabulate`: a is the weight of a row that counts in the denominator (without weights: whether
it does), y weight × answer, v the answer itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import ibis
from sqlglot import exp

from budget_model.errors import CatalogueError, Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.condition_ibis import kind_of, text_columns, to_ibis
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import has_columns, parse_condition
from budget_model.survey.denominators import asked_columns, columns_of
from budget_model.survey.engine import known

T = TypeVar("T")
_NO_NUMBER = ibis.null("float64")


@dataclass(frozen=True)
class Wanted:
    """Which sums an indicator needs (`share`, `mean`, `ratio`), and the indicator whose denominator it shares."""

    kind: str
    owner: int


@dataclass(frozen=True)
class Measure:
    """What one indicator asks of a row, as Ibis values of one table; `inside` None stands for everybody."""

    indicator: IndicatorDefinition
    inside: Any
    tree: exp.Expression  # of what is measured
    measured: Any
    over: Any  # None but for a ratio

    @property
    def kind(self) -> str:
        """`share`, `mean` or `ratio` (of two totals): which sums it needs."""
        if self.indicator.numerator is not None:
            return "share"
        return "mean" if self.over is None else "ratio"

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the answer is made of."""
        return columns_of(self.tree)


def contributions(
    table: Any, measures: Sequence[Measure], weight: Any, never_missing: Collection[str]
) -> tuple[dict[str, Any], list[Wanted]]:
    """Expressions a, y and v by name and number of the indicator (`a0`, `y0` …), and what each indicator needs.

    Parameters
    ----------
    weight : the expression of the weight, None without weights.
    never_missing : columns that hold an answer in every row.
    """
    columns: dict[str, Any] = {}
    wanted: list[Wanted] = []
    owners: dict[Hashable, int] = {}
    for index, measure in enumerate(measures):
        asked = None if measure.kind == "ratio" else asked_columns(measure.tree, never_missing)
        key = None if asked is None else (measure.indicator.universe.strip(), asked)
        owner = index if key is None else owners.setdefault(key, index)
        if owner == index:
            columns[f"a{index}"] = _denominator(measure, asked, table, weight)
        columns |= {f"{letter}{index}": value for letter, value in _numerator(measure, weight).items()}
        wanted.append(Wanted(measure.kind, owner))
    return columns, wanted


def _denominator(measure: Measure, asked: Collection[str] | None, table: Any, weight: Any) -> Any:
    """a: the weight of those with an answer; without weights whether there is one; None where that is everybody."""
    if measure.over is not None:
        over = ibis.ifelse(_answered(measure), measure.over.cast("float64"), _NO_NUMBER)
        return over if weight is None else over * weight
    counted = measure.inside
    if asked is None:
        counted = _both(counted, measure.measured.notnull())
    else:  # whether columns are answered is asked faster than an answer is worked out
        for column in sorted(asked):
            counted = _both(counted, known(table[column]).notnull())
    if counted is None:
        return weight
    return counted if weight is None else ibis.ifelse(counted, weight, _NO_NUMBER)


def _numerator(measure: Measure, weight: Any) -> dict[str, Any]:
    """y: weight × answer, a truth value for a share without weights; v: the answer, for what is no share.

    For a ratio v is the quotient, which only its range is asked of.
    """
    if measure.over is not None:
        return _numerator_of_ratio(measure, weight)
    if measure.kind == "share":
        y = _both(measure.inside, measure.measured)
        return {"y": y if weight is None else ibis.ifelse(y, weight, _NO_NUMBER)}
    value = measure.measured.cast("float64")
    value = value if measure.inside is None else ibis.ifelse(measure.inside, value, _NO_NUMBER)
    return {"v": value, "y": value if weight is None else value * weight}


def _numerator_of_ratio(measure: Measure, weight: Any) -> dict[str, Any]:
    y, over = (
        ibis.ifelse(_answered(measure), value.cast("float64"), _NO_NUMBER) for value in (measure.measured, measure.over)
    )
    return {"y": y if weight is None else y * weight, "v": y / over.nullif(0)}


def _answered(measure: Measure) -> Any:
    return _both(measure.inside, measure.measured.notnull() & measure.over.notnull())


def _both(inside: Any, condition: Any) -> Any:
    """`inside AND condition`; None stands for everybody."""
    return condition if inside is None else inside & condition


# --- conditions of the catalogue ------------------------------------------------------------------------------------


def read_measures(table: Any, indicators: Sequence[IndicatorDefinition]) -> list[Measure]:
    """The expressions of all indicators, held against a table.

    Raises
    ------
    CatalogueError : an unknown column or a wrong kind in a condition, all at once.
    """
    problems: list[Problem] = []
    universes: dict[str, Any] = {}  # most indicators share a few
    measures = [_gather(problems, partial(_measure, item, table, universes)) for item in indicators]
    if problems:
        raise CatalogueError(problems)
    return [measure for measure in measures if measure is not None]


def _gather(problems: list[Problem], read: Callable[[], T]) -> T | None:
    """What `read` gives; None, and its problems added, where it refuses."""
    try:
        return read()
    except CatalogueError as error:
        problems.extend(error.problems)
        return None


def _measure(item: IndicatorDefinition, table: Any, universes: dict[str, Any]) -> Measure:
    """Every problem of the indicator's expressions at once."""
    key, wanted = ("numerator", "boolean") if item.numerator is not None else ("mean", "number")
    problems: list[Problem] = []
    inside = _gather(problems, lambda: _universe(item, table, universes))
    measured = _gather(problems, lambda: _condition(item.measured, wanted, Place(item.id, key), table))
    over = None
    if item.over is not None:
        divisor = item.over
        over = _gather(problems, lambda: condition_value(divisor, "number", Place(item.id, "over"), table))
    if problems or measured is None:
        raise CatalogueError(problems)
    return Measure(item, inside, *measured, over)


def _universe(item: IndicatorDefinition, table: Any, universes: dict[str, Any]) -> Any:
    if item.universe.strip().upper() == "TRUE":
        return None
    if item.universe not in universes:
        universes[item.universe] = condition_value(item.universe, "boolean", Place(item.id, "universe"), table)
    return universes[item.universe]


def condition_value(sql: str, wanted: str, place: Place, table: Any) -> Any:
    """A condition or a numeric expression (`wanted`: `boolean` or `number`) as an Ibis value of the table.

    Raises
    ------
    CatalogueError : it cannot be read, is of another kind, or names no column.
    """
    return _condition(sql, wanted, place, table)[1]


def _condition(sql: str, wanted: str, place: Place, table: Any) -> tuple[exp.Expression, Any]:
    tree = parse_condition(sql, table.columns, place)
    if place.key != "universe" and not has_columns(tree):
        raise CatalogueError(place.problem("catalogue.constant", f"'{sql}' names no column. Name one."))
    value = to_ibis(tree, table, place)
    if kind_of(value) == wanted:
        return tree, value
    if kind_of(value) == "null":  # of a column without any answer, nobody knows which kind it would be
        return tree, value.cast("boolean" if wanted == "boolean" else "float64")
    if wanted == "boolean":
        hint = f"Write a comparison, such as {sql} = 1."
        raise CatalogueError(place.problem("condition.kind", f"'{sql}' is not a condition (true or false). {hint}"))
    hint = "Use a numeric column, or a numerator for a condition."
    texts = text_columns(tree, table)
    raise CatalogueError(place.problem("condition.kind", f"'{sql}' is not a number. {hint}", text_columns=texts))
