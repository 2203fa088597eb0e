"""Checked conditions of the indicator catalogue as Ibis expressions.

What has a translation here is what a condition may contain. It knows no catalogue and checks no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import ibis
from sqlglot import exp

from budget_model.errors import CatalogueError
from budget_model.survey.condition_place import DIALECT, Place, position_of, too_deep


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
        return TRANSLATIONS[type(node)](self, node)

    def refuse(self, node: exp.Expression, message: str, text_columns: Sequence[str] = ()) -> CatalogueError:
        """`text_columns` hold text where numbers are needed: whoever has the answers can say which."""
        text = f"'{node.sql(DIALECT)}': {message}"
        problem = self.place.problem("condition.kind", text, position_of(node), text_columns=list(text_columns))
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
TRANSLATIONS: dict[type[exp.Expression], Callable[[_Translator, exp.Expression], Any]] = {
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
