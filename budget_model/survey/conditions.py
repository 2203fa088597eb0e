"""SQL conditions of the indicator catalogue, parsed and checked against an allowlist.

`condition_ibis` turns what has passed here into Ibis expressions; what it can turn is the allowlist.

A condition is text that somebody at a municipality wrote, so nothing in it is trusted: it may compare, calculate and
choose between columns of the survey, and that is all. What is not on the list below is refused with its place.

Missing answers follow SQL's three-valued logic: a comparison with a missing answer is itself missing. A NaN in a
decimal column is a missing answer, and so is a division by zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from budget_model.errors import CatalogueError, Problem
from budget_model.spelling import nearest
from budget_model.survey.condition_ibis import TRANSLATIONS
from budget_model.survey.condition_place import DIALECT, Place, position_of, too_deep

FUNCTIONS = "ABS, CASE, CEIL, COALESCE, FLOOR, GREATEST, IF, LEAST, LOWER, NULLIF, TRIM, UPPER"
OPERATORS = (
    "= <> < <= > >=, AND, OR, NOT, IN (…), BETWEEN, LIKE, IS [NOT] NULL, IS TRUE, IS [NOT] DISTINCT FROM, + - * / %"
)


def parse_condition(sql: str, columns: Sequence[str] | None, place: Place) -> exp.Expression:
    """Parse a condition or a numeric expression and hold it against the allowlist.

    Parameters
    ----------
    sql : the text of the condition.
    columns : names of the table's columns; None checks syntax and functions only. A name in double quotes must match
        exactly, another also without regard to case when only one column fits.
    place : where the text stands, for the message.

    Returns
    -------
    The sqlglot tree, its column names as the table spells them.

    Raises
    ------
    CatalogueError : every problem of the condition: syntax, a construct or function that is not allowed, an unknown
        column with the nearest right one.
    """
    try:
        tree = _parse(sql, place)
        problems = [*_refused_nodes(tree, place), *_resolve_columns(tree, columns, place)]
    except RecursionError:
        problems = [too_deep(place)]
    if problems:
        raise CatalogueError(problems)
    return tree


@lru_cache(maxsize=4096)
def _syntax_tree(sql: str) -> exp.Expression | None:
    """The tree of a text; kept, because a catalogue is parsed anew for every table that it is held against."""
    return sqlglot.parse_one(sql, read=DIALECT)


def _parse(sql: str, place: Place) -> exp.Expression:
    try:
        kept = _syntax_tree(sql)
        tree = None if kept is None else kept.copy()  # column names are spelled in place
    except ParseError as error:
        detail = error.errors[0] if error.errors else {}
        text = str(detail.get("description", error)).split(" for <class")[0]
        raise CatalogueError(
            place.problem("condition.syntax", f"not a complete SQL condition ({text}): {sql}", detail.get("col"))
        ) from error
    except SqlglotError as error:
        message = f"the text cannot be read as SQL; is a quotation mark missing? Found: {sql}"
        raise CatalogueError(place.problem("condition.syntax", message)) from error
    if tree is None:
        raise CatalogueError(place.problem("condition.empty", "the condition is empty. Write TRUE for everybody."))
    return tree


_STRUCTURE = (exp.Identifier, exp.Literal, exp.Boolean, exp.Null)


def _refused_nodes(tree: exp.Expression, place: Place) -> list[Problem]:
    """Problems for what is not on the allowlist; what stands below a refused node is not reported again."""
    problems: list[Problem] = []
    waiting: list[exp.Expression] = [tree]
    while waiting:
        node = waiting.pop()
        problem = _refusal(node, place)
        if problem:
            problems.append(problem)
        else:
            waiting.extend(node.iter_expressions())
    return problems


def _refusal(node: exp.Expression, place: Place) -> Problem | None:
    if isinstance(node, exp.Column):
        return _refused_column(node, place)
    if isinstance(node, _STRUCTURE) or type(node) in TRANSLATIONS:
        return _refused_detail(node, place)
    name = node.name if isinstance(node, exp.Anonymous) else node.sql(DIALECT)
    if isinstance(node, exp.Func):
        message = f"the function {name.upper().split('(')[0]} is not allowed. Allowed: {FUNCTIONS}."
        return place.problem("condition.function", message, position_of(node), function=name)
    message = f"'{name}' is not allowed. Allowed: columns, numbers, 'text', {OPERATORS} and {FUNCTIONS}."
    return place.problem("condition.construct", message, position_of(node), found=name)


def _refused_column(node: exp.Column, place: Place) -> Problem | None:
    if isinstance(node.this, exp.Identifier) and not node.table:
        return None
    found = node.sql(DIALECT)
    message = f"'{found}' is not a column. A name with a dot or a space goes in double quotes: \"{found}\"."
    return place.problem("condition.column", message, position_of(node), column=found)


# Arguments of a node that the translation reads, beside `this` (and `expression` of an operator with two sides).
_ARGUMENTS: dict[type[exp.Expression], set[str]] = {
    exp.Between: {"low", "high"},
    exp.Case: {"ifs", "default"},
    exp.Coalesce: {"expressions"},
    exp.Greatest: {"expressions", "ignore_nulls"},
    exp.Identifier: {"quoted"},
    exp.If: {"true", "false"},
    exp.In: {"expressions"},
    exp.Least: {"expressions", "ignore_nulls"},
    exp.Like: {"negate"},
    exp.Literal: {"is_string"},
    exp.Nullif: {"expression"},
}


def _unread_arguments(node: exp.Expression) -> list[str]:
    """Arguments that the parser found and the translation would pass over, such as those of TRIM(BOTH 'x' FROM a)."""
    read = {"this"} | _ARGUMENTS.get(type(node), set()) | ({"expression"} if isinstance(node, exp.Binary) else set())
    return [name for name, value in node.args.items() if name not in read and value not in (None, False, [])]


def _refused_detail(node: exp.Expression, place: Place) -> Problem | None:
    """Allowed constructs in a form that has no meaning here."""
    if isinstance(node, exp.In) and (node.args.get("query") or not node.expressions):
        return place.problem("condition.construct", "IN needs a list of values: IN ('a', 'b').", position_of(node))
    unread = _unread_arguments(node)
    if unread:
        message = f"'{node.sql(DIALECT)}' is not allowed in this form ({', '.join(unread)}). Write it in a simpler way."
        return place.problem("condition.construct", message, position_of(node))
    if isinstance(node, exp.EQ | exp.NEQ | exp.In) and _names_null(node):
        message = f"'{node.sql(DIALECT)}' is always missing. Write IS NULL or IS NOT NULL."
        return place.problem("condition.null", message, position_of(node))
    if isinstance(node, exp.Like) and not (isinstance(node.expression, exp.Literal) and node.expression.is_string):
        return place.problem("condition.construct", "LIKE needs a 'text' on its right.", position_of(node))
    return None


def _names_null(node: exp.Expression) -> bool:
    return any(isinstance(part, exp.Null) for part in node.iter_expressions())


def _resolve_columns(tree: exp.Expression, columns: Sequence[str] | None, place: Place) -> list[Problem]:
    """Spell each column as the table does; a problem for each that the table lacks."""
    if columns is None:
        return []
    problems = []
    for column in tree.find_all(exp.Column):
        if not isinstance(column.this, exp.Identifier) or column.table:
            continue  # refused already
        found = _spelling(column.this, columns)
        if found is None:
            problems.append(_unknown_column(column, columns, place))
        else:
            column.this.set("this", found)
            column.this.set("quoted", True)
    return problems


def _spelling(identifier: exp.Identifier, columns: Sequence[str]) -> str | None:
    name = str(identifier.name)
    if name in columns:
        return name
    alike = [column for column in columns if column.lower() == name.lower()]
    return alike[0] if len(alike) == 1 and not identifier.quoted else None


def _unknown_column(column: exp.Column, columns: Sequence[str], place: Place) -> Problem:
    near = nearest(column.name, columns)
    hint = f"Did you mean '{near}'?" if near else f"The columns are: {', '.join(columns[:40])}."
    message = f"there is no column '{column.name}'. {hint}"
    return place.problem("condition.unknown_column", message, position_of(column), column=column.name, nearest=near)


def has_columns(tree: exp.Expression) -> bool:
    """Whether the expression depends on an answer at all."""
    return tree.find(exp.Column) is not None
