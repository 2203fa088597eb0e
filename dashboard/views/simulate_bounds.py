"""How far a programme's total may go. No Dash here."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from budget_model.coverage.allocation import area_split
from budget_model.coverage.types import Array, BudgetModel
from dashboard.views.simulate_names import budget_of

SLIDER_ROOM = 2.5  # times today's amount, where a programme has no ceiling
SLIDER_START = 0.02  # of the budget, for a programme without money today
LAST_BITS = 1e-12  # relative; limits are compared with a tolerance a thousand times as wide


@dataclass(frozen=True)
class Bounds:
    """How far a programme's total may go: currency / year; `high` None where there is no ceiling."""

    low: float
    high: float | None
    slider_top: float


def total_bounds(model: BudgetModel, index: int) -> Bounds:
    """Limits of a programme's total that keep every area within its own floor, ceiling and limit on change.

    An area gets the total times its share, so the tightest area decides. Stored amounts are cents: the part of an area
    is rounded to the cent below or above, which keeps any limit that is itself a whole number of cents; so limits are
    first taken to the cent inside them. Today's amount is always within.
    """
    today = float(model.baseline[index].sum())
    shares = model.baseline[index] / today if today > 0 else area_split(model)[index]
    used = shares > 0
    lows, highs = _area_limits(model, index)
    low = float((_cents_up(lows[used]) / shares[used]).max())
    high = float((_cents_down(highs[used]) / shares[used]).min())
    low, high = float(_cents_up(low)), float(_cents_down(high)) if math.isfinite(high) else None
    room = max(SLIDER_ROOM * today, SLIDER_START * budget_of(model), 1.0)
    top = high if high is not None else _rounded_up(room)
    return Bounds(min(low, today), None if high is None else max(high, today), max(top, today))


def _cents_up(amount: Array | float) -> Array:
    """To the next whole cent; what is off by the last bits of a float counts as whole."""
    return np.ceil(np.asarray(amount) * 100 * (1 - LAST_BITS)) / 100


def _cents_down(amount: Array | float) -> Array:
    return np.floor(np.asarray(amount) * 100 * (1 + LAST_BITS)) / 100


def _area_limits(model: BudgetModel, index: int) -> tuple[Array, Array]:
    lows, highs = model.floor[index], model.ceiling[index]
    if model.constraints.max_change is None:
        return lows, highs
    room = model.constraints.max_change * model.baseline[index]
    return np.maximum(lows, model.baseline[index] - room), np.minimum(highs, model.baseline[index] + room)


def _rounded_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= value * (1 - 1e-9))
