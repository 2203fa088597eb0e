"""Whether nobody can meet two conditions together, as far as their plain comparisons tell: age >= 15 and age < 10.

Only what every row must meet is looked at (comparisons joined by AND); where anything else stands, nothing is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition

Value = str | float


@dataclass
class Allowed:
    """What one column may hold: numbers from low to high, and a list of values where one is given."""

    low: float = -math.inf
    high: float = math.inf
    is_low_in: bool = True
    is_high_in: bool = True
    values: frozenset[Value] | None = None

    def narrow(self, sign: type[exp.Expression], value: float) -> None:
        """Take in `column < value` and its like."""
        if sign in (exp.GT, exp.GTE):
            fits = sign is exp.GTE
            if value > self.low:
                self.low, self.is_low_in = value, fits
            elif value == self.low:
                self.is_low_in = self.is_low_in and fits
        else:
            fits = sign is exp.LTE
            if value < self.high:
                self.high, self.is_high_in = value, fits
            elif value == self.high:
                self.is_high_in = self.is_high_in and fits

    def only(self, values: frozenset[Value]) -> None:
        self.values = values if self.values is None else self.values & values

    @property
    def is_empty(self) -> bool:
        """Whether no value is left."""
        if self.low > self.high or (self.low == self.high and not (self.is_low_in and self.is_high_in)):
            return True
        return self.values is not None and not any(self._holds(value) for value in self.values)

    def _holds(self, value: Value) -> bool:
        if isinstance(value, str):
            return True
        above = value > self.low or (value == self.low and self.is_low_in)
        return above and (value < self.high or (value == self.high and self.is_high_in))


def contradiction(universe: str, numerator: str) -> str | None:
    """The column of which no value meets both conditions; None where there is none, or it cannot be told.

    >>> contradiction("age >= 15", "age < 10"), contradiction("age >= 15", "age < 18 AND reads = 'no'")
    ('age', None)
    """
    place = Place("", "numerator")
    allowed: dict[str, Allowed] = {}
    for text in (universe, numerator):
        for part in _parts(parse_condition(text, None, place)):
            _take_in(part, allowed)
    return next((column for column, left in allowed.items() if left.is_empty), None)


def _parts(tree: exp.Expression) -> Iterator[exp.Expression]:
    """What is joined by AND."""
    if isinstance(tree, exp.Paren):
        yield from _parts(tree.this)
    elif isinstance(tree, exp.And):
        yield from _parts(tree.this)
        yield from _parts(tree.expression)
    else:
        yield tree


MIRRORED: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.EQ: exp.EQ,
}


def _take_in(part: exp.Expression, allowed: dict[str, Allowed]) -> None:
    """One comparison of a column with a constant; everything else says nothing."""
    if isinstance(part, exp.In) and isinstance(part.this, exp.Column):
        values = [_constant(item) for item in part.expressions]
        if values and None not in values:
            allowed.setdefault(part.this.name, Allowed()).only(frozenset(v for v in values if v is not None))
        return
    if isinstance(part, exp.Between) and isinstance(part.this, exp.Column):
        for sign, bound in ((exp.GTE, part.args.get("low")), (exp.LTE, part.args.get("high"))):
            _compare(allowed, part.this.name, sign, _constant(bound))
        return
    sign = type(part)
    if sign not in MIRRORED:
        return
    left, right = part.this, part.expression
    if not isinstance(left, exp.Column):
        left, right, sign = right, left, MIRRORED[sign]
    if isinstance(left, exp.Column):
        _compare(allowed, left.name, sign, _constant(right))


def _compare(allowed: dict[str, Allowed], column: str, sign: type[exp.Expression], value: Value | None) -> None:
    if value is None:
        return
    if sign is exp.EQ:
        allowed.setdefault(column, Allowed()).only(frozenset([value]))
    elif not isinstance(value, str):
        allowed.setdefault(column, Allowed()).narrow(sign, value)


def _constant(node: exp.Expression | None) -> Value | None:
    """A number or a text; None for everything else."""
    if isinstance(node, exp.Neg):
        inner = _constant(node.this)
        return None if inner is None or isinstance(inner, str) else -inner
    if not isinstance(node, exp.Literal):
        return None
    return str(node.this) if node.is_string else float(node.this)
