"""The municipality's own criteria and the points of a proposal in words. No Dash."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from budget_model.assembly.criteria import Criterion, total_of
from dashboard.context import PageContext
from dashboard.services.criteria import Matrix


def exact(value: Fraction) -> str:
    return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")


def criterion_name(one: Criterion, context: PageContext) -> str:
    return context.in_language(one.name, one.code)


def points_text(points: Mapping[str, Fraction], code: str) -> str:
    """Points of a criterion; a dash where none were given, which is not nought."""
    return exact(points[code]) if code in points else "–"


def total_text(matrix: Matrix, points: Mapping[str, Fraction], context: PageContext) -> str:
    total = total_of(matrix.criteria, points)
    if total.reached is None:
        return "–"
    return context.formats.number(float(total.reached), 1) + ("" if total.is_complete else " *")
