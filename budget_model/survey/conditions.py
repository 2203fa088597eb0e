"""SQL conditions of the indicator catalogue: checked against an allowlist, then turned into Ibis expressions.

A condition is text that somebody at a municipality wrote, so nothing in it is trusted: it may compare, calculate and
choose between columns of the survey, and that is all. What is not on the list below is refused with its place.

Missing answers follow SQL's three-valued logic: a comparison with a missing answer is itself missing. A NaN in a
decimal column is a missing answer, and so is a division by zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ibis
import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from budget_model.errors import CatalogueError, Problem
from budget_model.spelling import nearest

# Syntax follows DuckDB's: 'text' in single quotes, "column name" in double quotes.
DIALECT = "duckdb"

FUNCTIONS = "ABS, CASE, CEIL, COALESCE, FLOOR, GREATEST, IF, LEAST, LOWER, NULLIF, TRIM, UPPER"
OPERATORS = (
    "= <> < <= > >=, AND, OR, NOT, IN (…), BETWEEN, LIKE, IS [NOT] NULL, IS TRUE, IS [NOT] DISTINCT FROM, + - * / %"
)


@dataclass(frozen=True)
class Place:
    """Where a condition stands: indicator id, key of the entry, and file and line where known."""

    indicator: str
    key: str
    file: str | None = None
    line: int | None = None

    def problem(self, rule: str, message: str, position: int | None = None, **facts: Any) -> Problem:
        """A problem at this place; `position` counts characters of the condition from 1."""
        where = f"indicator '{self.indicator}', {self.key}" + (f", position {position}" if position else "")
        return Problem(
            rule=rule,
            message=f"{where}: {message}",
            file=self.file,
            line=self.line,
            facts={"indicator": self.indicator, "key": self.key, "position": position, **facts},
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


def _position(node: exp.Expression) -> int | None:
    """Character at which a node's first name or value starts, counted from 1."""
    starts = [int(part.meta["start"]) for part in node.walk() if "start" in part.meta]
    return min(starts) + 1 if starts else None


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
    if isinstance(node, _STRUCTURE) or type(node) in _TRANSLATIONS:
        return _refused_detail(node, place)
    name = node.name if isinstance(node, exp.Anonymous) else node.sql(DIALECT)
    if isinstance(node, exp.Func):
        message = f"the function {name.upper().split('(')[0]} is not allowed. Allowed: {FUNCTIONS}."
        return place.problem("condition.function", message, _position(node), function=name)
    message = f"'{name}' is not allowed. Allowed: columns, numbers, 'text', {OPERATORS} and {FUNCTIONS}."
    return place.problem("condition.construct", message, _position(node), found=name)


def _refused_column(node: exp.Column, place: Place) -> Problem | None:
    if isinstance(node.this, exp.Identifier) and not node.table:
        return None
    found = node.sql(DIALECT)
    message = f"'{found}' is not a column. A name with a dot or a space goes in double quotes: \"{found}\"."
    return place.problem("condition.column", message, _position(node), column=found)


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
        return place.problem("condition.construct", "IN needs a list of values: IN ('a', 'b').", _position(node))
    unread = _unread_arguments(node)
    if unread:
        message = f"'{node.sql(DIALECT)}' is not allowed in this form ({', '.join(unread)}). Write it in a simpler way."
        return place.problem("condition.construct", message, _position(node))
    if isinstance(node, exp.EQ | exp.NEQ | exp.In) and _names_null(node):
        message = f"'{node.sql(DIALECT)}' is always missing. Write IS NULL or IS NOT NULL."
        return place.problem("condition.null", message, _position(node))
    if isinstance(node, exp.Like) and not (isinstance(node.expression, exp.Literal) and node.expression.is_string):
        return place.problem("condition.construct", "LIKE needs a 'text' on its right.", _position(node))
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
    return place.problem("condition.unknown_column", message, _position(column), column=column.name, nearest=near)


def has_columns(tree: exp.Expression) -> bool:
    """Whether the expression depends on an answer at all."""
    return tree.find(exp.Column) is not None


# --- to Ibis -------------------------------------------------------------------------------------------------------


def to_ibis(tree: exp.Expression, table: Any, place: Place) -> Any:
    """Translate a checked tree (from `parse_condition` with this table's columns) to an Ibis value of `table`.

    Raises
    ------
    CatalogueError : kinds that cannot be compared or calculated with (text with a number …), with the place.
    """
    try:
        return _Translator(table, place).translate(tree)
    except RecursionError:
        raise CatalogueError(too_deep(place)) from None


def too_deep(place: Place) -> Problem:
    return place.problem("condition.deep", "too deeply nested. Write it shorter, with IN (…).")


_KINDS = {"boolean": "true/false", "number": "a number", "text": "text", "other": "neither text nor number"}


_TYPES = {"boolean": "boolean", "number": "float64", "text": "string"}


def kind_of(value: Any) -> str:
    """`boolean`, `number`, `text`, `null` or `other`, after the type of an Ibis value."""
    kind = value.type()
    if kind.is_boolean():
        return "boolean"
    if kind.is_numeric():
        return "number"
    if kind.is_string():
        return "text"
    return "null" if kind.is_null() else "other"


def text_columns(tree: exp.Expression, table: Any) -> list[str]:
    """Columns of text in a checked tree."""
    return [column.name for column in tree.find_all(exp.Column) if kind_of(table[column.name]) == "text"]


class _Translator:
    """Walks a checked tree; each method returns an Ibis value."""

    def __init__(self, table: Any, place: Place):
        self.table, self.place = table, place

    def translate(self, node: exp.Expression) -> Any:
        return _TRANSLATIONS[type(node)](self, node)

    def refuse(self, node: exp.Expression, message: str, text_columns: Sequence[str] = ()) -> CatalogueError:
        """`text_columns` hold text where numbers are needed: whoever has the answers can say which."""
        text = f"'{node.sql(DIALECT)}': {message}"
        problem = self.place.problem("condition.kind", text, _position(node), text_columns=list(text_columns))
        return CatalogueError(problem)

    def text_columns(self, node: exp.Expression) -> list[str]:
        return text_columns(node, self.table)

    def as_kind(self, node: exp.Expression, wanted: str) -> Any:
        """The value of `node`, which must be of the wanted kind (or the word NULL)."""
        value = self.translate(node)
        found = kind_of(value)
        if found == wanted:
            return value
        if found == "null":  # the word NULL, or a column without any answer
            return value.cast(_TYPES[wanted])
        if wanted == "number" and found == "boolean":
            return value.cast("int8")
        texts = self.text_columns(node) if wanted == "number" else []
        raise self.refuse(node, f"{_KINDS[wanted]} is needed here, found {_KINDS[found]}.", texts)

    def wide_number(self, node: exp.Expression) -> Any:
        """A number to calculate with; small whole numbers are widened, because Polars lets them overflow in silence."""
        value = self.as_kind(node, "number")
        return value.cast("int64") if value.type().is_integer() else value

    def same_kind(self, node: exp.Expression, parts: Sequence[exp.Expression]) -> list[Any]:
        """The values of all parts, which must be of one kind; true/false counts as 1/0 beside numbers."""
        values = [self.translate(part) for part in parts]
        kinds = {kind_of(value) for value in values} - {"null"}
        if kinds == {"boolean", "number"}:
            return [value.cast("int8") if kind_of(value) == "boolean" else value for value in values]
        if len(kinds) > 1:
            found = " with ".join(sorted(_KINDS[kind] for kind in kinds))
            texts = [column for part in parts for column in self.text_columns(part)] if "number" in kinds else []
            message = f"{found} cannot be compared. Check the quotation marks and the column's answers."
            raise self.refuse(node, message, texts)
        return values

    # leaves
    def column(self, node: exp.Expression) -> Any:
        value = self.table[node.name]
        if value.type().is_floating():
            return ibis.ifelse(value.isnan(), ibis.null(value.type()), value)
        return value

    def literal(self, node: exp.Expression) -> Any:
        if node.is_string:
            return ibis.literal(node.name)
        is_whole = node.name.isdigit() and len(node.name) <= 18  # longer ones do not fit into 64 bits
        return ibis.literal(int(node.name)) if is_whole else ibis.literal(float(node.name))

    def boolean(self, node: exp.Expression) -> Any:
        return ibis.literal(bool(node.this))

    def null(self, node: exp.Expression) -> Any:
        return ibis.null()

    def parenthesis(self, node: exp.Expression) -> Any:
        return self.translate(node.this)

    # logic
    def both(self, node: exp.Expression) -> Any:
        return self.as_kind(node.this, "boolean") & self.as_kind(node.expression, "boolean")

    def either(self, node: exp.Expression) -> Any:
        return self.as_kind(node.this, "boolean") | self.as_kind(node.expression, "boolean")

    def negation(self, node: exp.Expression) -> Any:
        return _negated(self.as_kind(node.this, "boolean"))

    def is_null(self, node: exp.Expression) -> Any:
        value = self.translate(node.this)
        if isinstance(node.expression, exp.Null):
            return _certain(value.isnull())
        if not isinstance(node.expression, exp.Boolean):
            raise self.refuse(node, "IS goes with NULL, TRUE or FALSE.")
        truth = self.as_kind(node.this, "boolean")
        return (truth if node.expression.this else _negated(truth)).fill_null(False)

    # comparison
    def compare(self, node: exp.Expression) -> Any:
        left, right = map(_enclosed, self.same_kind(node, [node.this, node.expression]))
        return _COMPARISONS[type(node)](left, right)

    def member(self, node: exp.Expression) -> Any:
        value, *choices = map(_enclosed, self.same_kind(node, [node.this, *node.expressions]))
        return value.isin(choices)

    def between(self, node: exp.Expression) -> Any:
        value, low, high = self.same_kind(node, [node.this, node.args["low"], node.args["high"]])
        return (value >= low) & (value <= high)

    def like(self, node: exp.Expression) -> Any:
        """As a regular expression, since Polars has no LIKE: % is any text, _ any one character."""
        marks = {"%": ".*", "_": "."}
        pattern = "".join(marks.get(letter) or re.escape(letter) for letter in node.expression.name)
        found = self.as_kind(node.this, "text").re_search(f"(?s)^{pattern}$")
        return _negated(found) if node.args.get("negate") else found

    # arithmetic
    def calculate(self, node: exp.Expression) -> Any:
        left, right = self.wide_number(node.this), self.wide_number(node.expression)
        return _ARITHMETIC[type(node)](left, right)

    def minus(self, node: exp.Expression) -> Any:
        return -self.wide_number(node.this)

    def numeric(self, node: exp.Expression) -> Any:
        return _NUMERIC[type(node)](self.wide_number(node.this))

    def textual(self, node: exp.Expression) -> Any:
        return _TEXTUAL[type(node)](self.as_kind(node.this, "text"))

    # choice
    def choice(self, node: exp.Expression) -> Any:
        values = self.same_kind(node, [node.this, *node.expressions])
        return _CHOICES[type(node)](*values)

    def nullif(self, node: exp.Expression) -> Any:
        left, right = self.same_kind(node, [node.this, node.expression])
        return left.nullif(right)

    def case(self, node: exp.Expression) -> Any:
        whens = list(node.args["ifs"])
        default = node.args.get("default") or exp.Null()
        *results, otherwise = self.same_kind(node, [*(when.args["true"] for when in whens), default])
        if node.this is None:
            tests = [self.as_kind(when.this, "boolean") for when in whens]
        else:
            tests = [self.translate(exp.EQ(this=node.this.copy(), expression=when.this.copy())) for when in whens]
        return ibis.cases(*zip(tests, results, strict=True), else_=otherwise)

    def if_(self, node: exp.Expression) -> Any:
        otherwise = node.args.get("false") or exp.Null()
        true, false = self.same_kind(node, [node.args["true"], otherwise])
        return ibis.cases((self.as_kind(node.this, "boolean"), true), else_=false)


def _negated(value: Any) -> Any:
    """NOT within a CASE: Ibis writes `NOT (…) IS NULL` for `(NOT …) IS NULL`, which SQL reads otherwise."""
    return ibis.cases((value, False), (~value, True), else_=ibis.null("boolean"))


def _enclosed(value: Any) -> Any:
    """A truth value as 1 or 0 where it is compared: Ibis leaves out brackets, and `a = b = c` is not `a = (b = c)`."""
    return value.cast("int8") if kind_of(value) == "boolean" else value


def _certain(value: Any) -> Any:
    """A test that is never missing (IS NULL, IS NOT DISTINCT FROM), within a CASE for the same reason as NOT."""
    return ibis.cases((value, True), else_=False)


def _divide(left: Any, right: Any) -> Any:
    return left / right.nullif(0)


def _modulo(left: Any, right: Any) -> Any:
    """The remainder with the sign of `left`, as in SQL; engines differ on it."""
    rest = left.abs() % right.nullif(0).abs()
    return ibis.ifelse(left < 0, -rest, rest)


_COMPARISONS: dict[type[exp.Expression], Callable[[Any, Any], Any]] = {
    exp.EQ: lambda left, right: left == right,
    exp.NEQ: lambda left, right: left != right,
    exp.GT: lambda left, right: left > right,
    exp.GTE: lambda left, right: left >= right,
    exp.LT: lambda left, right: left < right,
    exp.LTE: lambda left, right: left <= right,
    exp.NullSafeEQ: lambda left, right: _certain(left.identical_to(right)),
    exp.NullSafeNEQ: lambda left, right: _negated(_certain(left.identical_to(right))),
}
_ARITHMETIC: dict[type[exp.Expression], Callable[[Any, Any], Any]] = {
    exp.Add: lambda left, right: left + right,
    exp.Sub: lambda left, right: left - right,
    exp.Mul: lambda left, right: left * right,
    exp.Div: _divide,
    exp.Mod: _modulo,
}
_NUMERIC: dict[type[exp.Expression], Callable[[Any], Any]] = {
    exp.Abs: lambda value: value.abs(),
    exp.Ceil: lambda value: value.ceil(),
    exp.Floor: lambda value: value.floor(),
}
_TEXTUAL: dict[type[exp.Expression], Callable[[Any], Any]] = {
    exp.Lower: lambda value: value.lower(),
    exp.Upper: lambda value: value.upper(),
    exp.Trim: lambda value: value.strip(),
}
_CHOICES: dict[type[exp.Expression], Callable[..., Any]] = {
    exp.Coalesce: ibis.coalesce,
    exp.Greatest: ibis.greatest,
    exp.Least: ibis.least,
}
_TRANSLATIONS: dict[type[exp.Expression], Callable[[_Translator, exp.Expression], Any]] = {
    exp.Column: _Translator.column,
    exp.Literal: _Translator.literal,
    exp.Boolean: _Translator.boolean,
    exp.Null: _Translator.null,
    exp.Paren: _Translator.parenthesis,
    exp.And: _Translator.both,
    exp.Or: _Translator.either,
    exp.Not: _Translator.negation,
    exp.Is: _Translator.is_null,
    exp.In: _Translator.member,
    exp.Between: _Translator.between,
    exp.Like: _Translator.like,
    exp.Neg: _Translator.minus,
    exp.Nullif: _Translator.nullif,
    exp.Case: _Translator.case,
    exp.If: _Translator.if_,
    **dict.fromkeys(_COMPARISONS, _Translator.compare),
    **dict.fromkeys(_ARITHMETIC, _Translator.calculate),
    **dict.fromkeys(_NUMERIC, _Translator.numeric),
    **dict.fromkeys(_TEXTUAL, _Translator.textual),
    **dict.fromkeys(_CHOICES, _Translator.choice),
}
