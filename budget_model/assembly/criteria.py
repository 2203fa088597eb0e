"""The municipality's own criteria: weights and points as they were announced, and what a proposal reaches of 100.

Exact. A criterion without points is missing and not nought: the sum is then of what was marked, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Criterion:
    """One line of the matrix. `most`: the points that a proposal can get at most."""

    code: str
    name: Mapping[str, str]  # by language
    weight: Fraction  # above 0
    most: Fraction  # above 0


@dataclass(frozen=True)
class Total:
    """What a proposal reached. `reached`: of 100; None where nothing is marked. `missing`: codes without points."""

    reached: Fraction | None
    missing: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not self.missing


def total_of(criteria: Sequence[Criterion], points: Mapping[str, Fraction]) -> Total:
    """100 times the weighted share of the points, over the criteria that were marked.

    Examples
    --------
    Weights 3 and 1, 5 of 10 and 10 of 10 points: 100 * (3 * 0.5 + 1 * 1) / 4.

    >>> need = Criterion("need", {}, Fraction(3), Fraction(10))
    >>> plan = Criterion("plan", {}, Fraction(1), Fraction(10))
    >>> total_of([need, plan], {"need": Fraction(5), "plan": Fraction(10)}).reached
    Fraction(125, 2)
    """
    marked = [one for one in criteria if one.code in points]
    missing = tuple(one.code for one in criteria if one.code not in points)
    weights = sum((one.weight for one in marked), Fraction(0))
    if not weights:
        return Total(None, missing)
    gained = sum((one.weight * points[one.code] / one.most for one in marked), Fraction(0))
    return Total(100 * gained / weights, missing)


def criterion_document(one: Criterion) -> dict[str, object]:
    return {"code": one.code, "name": dict(one.name), "weight": str(one.weight), "most": str(one.most)}


def criterion_from(document: Mapping[str, object]) -> Criterion:
    """What `criterion_document` wrote."""
    name = document["name"]
    texts = {str(key): str(text) for key, text in name.items()} if isinstance(name, Mapping) else {}
    weight, most = (Fraction(str(document[key])) for key in ("weight", "most"))
    return Criterion(str(document["code"]), texts, weight, most)
