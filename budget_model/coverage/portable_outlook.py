"""What a portable model assumes of the years after the first: horizon, growth of people and prices, running costs."""

from __future__ import annotations

import numpy as np

from budget_model.coverage.document import Node
from budget_model.coverage.portable_axes import Axes, number_or
from budget_model.coverage.types import Array, Outlook

OUTLOOK_KEYS = ("horizon_years", "population_growth", "price_growth", "budget_growth")
MAX_YEARS = 10
FASTEST = 0.5  # share / year: a rate beyond it is a percentage written as a share


def read_outlook(parts: dict[str, Node], axes: Axes) -> Outlook:
    """All keys are optional; a model without them means one year, or several in which nothing else changes."""
    running_cost = _read_running_costs(parts["programmes"], axes)
    growth = axes.by_area(parts["population_growth"], _rate, 0.0, complete=False)
    return Outlook(
        horizon_years=_read_horizon(parts["horizon_years"]),
        population_growth=growth if growth.any() else None,
        price_growth=number_or(_rate(parts["price_growth"]), 0.0),
        budget_growth=number_or(_rate(parts["budget_growth"]), 0.0),
        running_cost=running_cost if running_cost.any() else None,
    )


def _rate(node: Node) -> float:
    """A yearly rate as a share: 0.02 is 2 %."""
    rate = node.number()
    if not np.isnan(rate) and abs(rate) > FASTEST:
        node.problem(
            "absurd-rate", f"a rate of {100 * rate:g} % a year is not plausible. Write a share: 0.02 means 2 % a year."
        )
    return rate


def _read_horizon(node: Node) -> int:
    years = node.number(low=1, high=MAX_YEARS)
    if np.isnan(years):
        return 1
    if years != int(years):
        node.problem("wrong-type", f"expected a whole number of years, found {years:g}.")
    return int(years)


def _read_running_costs(programmes: Node, axes: Axes) -> Array:
    """(P, A); only works that last have any: what a service needs every year is its unit cost."""
    rows = []
    for item in programmes.items():
        entry = item.value if item.is_mapping else {}
        node = Node(entry.get("running_cost"), (*item.path, "running_cost"), item.found)
        costs = axes.by_area(node, lambda part: part.number(low=0), 0.0, complete=False)
        if costs.any() and not _lasts(entry.get("durability")):
            node.problem(
                "running-cost-of-a-service",
                "a programme of durability 1 leaves nothing behind that would need running. Put the cost into "
                "unit_cost, or state a durability above 1.",
            )
        rows.append(costs)
    return np.array(rows) if rows else np.zeros((0, len(axes.areas)))


def _lasts(durability: object) -> bool:
    """Whether the durability is above 1; one that is no number is reported where it is read."""
    try:
        return durability is not None and float(durability) > 1  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return True
