"""Unpaid work that programmes save: hours of women and men in a year, and what they are valued at.

`hours_g = Σ_p (people served by p) · (hours a week that one of them spares group g) · 52`, valued at a stated wage.
People served by works of earlier years of a plan count: a water main goes on sparing the way to the well.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from budget_model.coverage.types import Array, BudgetModel

WEEKS = 52


def hours_saved(model: BudgetModel, persons: Array) -> Array:
    """(..., G) hours a year from the people served, (..., P, A); zeros where the model states no hours."""
    if model.hours_saved is None:
        return np.zeros((*persons.shape[:-2], len(model.groups)))
    return np.asarray(np.einsum("...pa,pg->...g", persons, model.hours_saved) * WEEKS)


def hours_figures(model: BudgetModel, hours: Array, hours_baseline: Array) -> dict[str, Any]:
    """Hours (G,) as plain data, with their value where the model states one (money of year 1)."""
    columns = {"hours": hours, "hours_baseline": hours_baseline}
    if model.hour_value is not None:
        columns |= {"value": hours * model.hour_value, "value_baseline": hours_baseline * model.hour_value}
    return {
        "hour_value": model.hour_value,
        "groups": {
            group: {name: float(values[g]) for name, values in columns.items()} for g, group in enumerate(model.groups)
        },
    }
