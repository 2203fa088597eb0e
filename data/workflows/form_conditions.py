"""Conditions of a questionnaire on a frame of answers: XPath trees -> Polars expressions, as far as they are simple.

What depends on dates, other rows or the tablet is not evaluated (`NotSimple`): a check that cannot be done is left out,
never guessed. Comparisons follow XPath: with a number both sides are numbers, and a missing answer equals nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from budget_model.survey.xpath import ExpressionError, Node, parse_expression


class NotSimple(Exception):  # noqa: N818 - not an error: the caller goes without
    """The expression needs more than the answers of one row."""


@dataclass(frozen=True)
class Value:
    """An expression and its kind: number, text or truth."""

    expression: pl.Expr
    kind: str

    def number(self) -> pl.Expr:
        if self.kind == "text":
            return self.expression.cast(pl.Float64, strict=False)
        return self.expression.cast(pl.Float64)

    def text(self) -> pl.Expr:
        return self.expression.cast(pl.String).fill_null("")

    def truth(self) -> pl.Expr:
        if self.kind == "truth":
            return self.expression
        if self.kind == "number":
            return ((self.expression != 0) & self.expression.is_not_nan()).fill_null(False)
        return self.text() != ""


def condition(text: str, columns: Mapping[str, tuple[str, str]], own: str | None = None) -> pl.Expr:
    """The truth of a condition in each row.

    columns : question -> (column of the frame, kind of the question)
    own : the question that `.` stands for
    Raises NotSimple where the row's answers do not decide it.
    """
    try:
        tree = parse_expression(text)
    except ExpressionError as wrong:
        raise NotSimple(str(wrong)) from wrong
    return _Evaluator(columns, own).value(tree).truth()


COMPARISONS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda a, b: (a == b).fill_null(False),
    "!=": lambda a, b: (a != b).fill_null(True),
    "<": lambda a, b: (a < b).fill_null(False),
    "<=": lambda a, b: (a <= b).fill_null(False),
    ">": lambda a, b: (a > b).fill_null(False),
    ">=": lambda a, b: (a >= b).fill_null(False),
}
SUMS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "mod": lambda a, b: a % b,
}
NUMERIC = ("integer", "decimal", "range")
TIMED = ("date", "time", "datetime", "metadata")


class _Evaluator:
    def __init__(self, columns: Mapping[str, tuple[str, str]], own: str | None):
        self.columns, self.own = columns, own

    def value(self, node: Node) -> Value:
        if node.kind in ("reference", "self"):
            return self.answer(node.value if node.kind == "reference" else self.own or "")
        if node.kind == "number":
            return Value(pl.lit(float(node.value)), "number")
        if node.kind == "text":
            return Value(pl.lit(node.value), "text")
        if node.kind == "minus":
            return Value(-self.value(node.children[0]).number(), "number")
        if node.kind == "operator":
            return self.operation(node)
        if node.kind == "call" and node.value in FUNCTIONS:
            return FUNCTIONS[node.value](self, node.children)
        raise NotSimple(node.value)

    def answer(self, name: str) -> Value:
        if name not in self.columns:
            raise NotSimple(name)
        column, kind = self.columns[name]
        if kind in TIMED:
            raise NotSimple(f"{name} is a {kind}")
        return Value(pl.col(column), "number" if kind in NUMERIC else "text")

    def operation(self, node: Node) -> Value:
        left, right = (self.value(child) for child in node.children)
        if node.value == "and":
            return Value(left.truth() & right.truth(), "truth")
        if node.value == "or":
            return Value(left.truth() | right.truth(), "truth")
        if node.value in SUMS:
            return Value(SUMS[node.value](left.number(), right.number()), "number")
        as_text = node.value in ("=", "!=") and "number" not in (left.kind, right.kind)
        if node.value in ("=", "!=") and any(_is_blank(child) for child in node.children):
            as_text = True  # `${age} = ''` asks whether there is an answer
        sides = (left.text(), right.text()) if as_text else (left.number(), right.number())
        return Value(COMPARISONS[node.value](*sides), "truth")


def _is_blank(node: Node) -> bool:
    return node.kind == "text" and node.value == ""


def _selected(run: _Evaluator, arguments: tuple[Node, ...]) -> Value:
    answers, code = (run.value(argument).text() for argument in arguments)
    padded = pl.concat_str([pl.lit(" "), answers, pl.lit(" ")])
    return Value(padded.str.contains(pl.concat_str([pl.lit(" "), code, pl.lit(" ")]), literal=True), "truth")


def _regex(run: _Evaluator, arguments: tuple[Node, ...]) -> Value:
    pattern = f"^(?:{arguments[1].value})$"
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.PolarsError as wrong:
        raise NotSimple(pattern) from wrong
    return Value(run.value(arguments[0]).text().str.contains(pattern), "truth")


def _if(run: _Evaluator, arguments: tuple[Node, ...]) -> Value:
    test, yes, no = (run.value(argument) for argument in arguments)
    if yes.kind == no.kind == "text":
        return Value(pl.when(test.truth()).then(yes.text()).otherwise(no.text()), "text")
    if "text" in (yes.kind, no.kind):
        raise NotSimple("if() with a text and a number")
    return Value(pl.when(test.truth()).then(yes.number()).otherwise(no.number()), "number")


def _coalesce(run: _Evaluator, arguments: tuple[Node, ...]) -> Value:
    first, second = (run.value(argument) for argument in arguments)
    if "number" in (first.kind, second.kind):
        return Value(pl.coalesce(first.number(), second.number()), "number")
    return Value(pl.when(first.text() != "").then(first.text()).otherwise(second.text()), "text")


def _number(run: _Evaluator, arguments: tuple[Node, ...]) -> Value:
    return Value(run.value(arguments[0]).number(), "number")


FUNCTIONS: dict[str, Callable[[_Evaluator, tuple[Node, ...]], Value]] = {
    "selected": _selected,
    "regex": _regex,
    "if": _if,
    "coalesce": _coalesce,
    "number": _number,
    "not": lambda run, given: Value(~run.value(given[0]).truth(), "truth"),
    "true": lambda run, given: Value(pl.lit(True), "truth"),
    "false": lambda run, given: Value(pl.lit(False), "truth"),
    "boolean": lambda run, given: Value(run.value(given[0]).truth(), "truth"),
    "string": lambda run, given: Value(run.value(given[0]).text(), "text"),
    "string-length": lambda run, given: Value(run.value(given[0]).text().str.len_chars(), "number"),
    "count-selected": lambda run, given: Value(run.value(given[0]).text().str.count_matches(r"\S+"), "number"),
    "abs": lambda run, given: Value(run.value(given[0]).number().abs(), "number"),
    "int": lambda run, given: Value(run.value(given[0]).number().floor(), "number"),
}
