"""Which indicators have the same denominator, so that it is summed up once for all of them.

A denominator is the persons of the universe with a known answer. Where no column of the answer is ever missing, or two
indicators ask the same columns, it is the same one.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from sqlglot import exp

from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.conditions import Place, parse_condition

# Missing if, and only if, one of its columns is missing.
_STRICT = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Paren,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.In,
    exp.Between,
    exp.Like,
    exp.Not,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Neg,
)
# Known where all of its columns are known; else it depends on the answers.
_KNOWN_FROM_KNOWN = (*_STRICT, exp.And, exp.Or, exp.Is, exp.Null)


def denominator_key(
    indicator: IndicatorDefinition, columns: Sequence[str], never_missing: Collection[str]
) -> Hashable | None:
    """Indicators with equal keys have the same denominator; None: it is the indicator's own.

    Parameters
    ----------
    columns : of the table.
    never_missing : columns that hold an answer in every row.

    Raises
    ------
    CatalogueError : a measure that cannot be read, as `parse_condition`.
    """
    if indicator.over is not None:
        return None
    place = Place(indicator.id, "mean" if indicator.numerator is None else "numerator")
    tree = parse_condition(indicator.measured, columns, place)
    asked = {column.name for column in tree.find_all(exp.Column)} - set(never_missing)
    allowed = _STRICT if asked else _KNOWN_FROM_KNOWN
    if not all(isinstance(node, allowed) for node in tree.walk()):
        return None
    if any(isinstance(node, exp.Null) and not isinstance(node.parent, exp.Is) for node in tree.walk()):
        return None
    return indicator.universe.strip(), frozenset(asked)
