"""Which indicators have the same denominator, so that it is summed up once for all of them.

A denominator is the persons of the universe with a known answer. Where no column of the answer is ever missing, or two
indicators ask the same columns, it is the same one.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

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


def columns_of(tree: exp.Expression) -> frozenset[str]:
    """The columns that an expression reads."""
    return frozenset(column.name for column in tree.find_all(exp.Column))


def asked_columns(tree: exp.Expression, never_missing: Collection[str]) -> frozenset[str] | None:
    """The columns on which it hangs whether an answer is known: it is known where, and only where, all of them are.

    None: that cannot be said, because it depends on the answers themselves. Indicators with the same universe and the
    same columns have the same denominator.

    Parameters
    ----------
    tree : of the measure, from `parse_condition`.
    never_missing : columns that hold an answer in every row; they are left out.
    """
    asked = columns_of(tree) - set(never_missing)
    allowed = _STRICT if asked else _KNOWN_FROM_KNOWN
    nodes = list(tree.walk())
    if not all(isinstance(node, allowed) for node in nodes):
        return None
    if any(isinstance(node, exp.Null) and not isinstance(node.parent, exp.Is) for node in nodes):
        return None
    return asked
