"""The response of one need to the money of one programme, everything else as it is today."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget_model.coverage.allocation import baseline_totals, spread_totals
from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.scenario import evaluate
from budget_model.coverage.types import Array

CEILING_FACTOR = 3.0  # times today's money, where the programme has no ceiling


@dataclass(frozen=True)
class ResponseCurve:
    """Coverage of a need by group against a programme's money over all areas.

    `coverage` is (K, G), a share of the universe of all areas, NaN where nobody is in it; `today` is the row of
    `amounts` that holds the programme's present money.
    """

    amounts: Array  # (K,) currency / year, rising
    coverage: Array
    universe: Array  # (G,) persons
    today: int


def response_curve(
    calibrated: CalibratedModel, programme: str, need: str, points: int = 41, highest: float | None = None
) -> ResponseCurve:
    """Coverage of `need` by group while the money of `programme` goes from 0 to its ceiling.

    Parameters
    ----------
    highest : most money shown [currency / year]; None takes the ceiling, else three times today's money
    points : amounts in equal steps, to which today's money is added

    Raises
    ------
    ValueError : the programme or the need is not in the model.
    """
    model = calibrated.model
    row, position = model.programmes.index(programme), model.needs.index(need)
    totals = baseline_totals(model)
    amounts = _amounts(float(totals[row]), _highest(calibrated, row) if highest is None else highest, points)
    allocations = np.stack([_with_total(calibrated, totals, row, amount) for amount in amounts])
    universe = model.universe[position]  # (A, G)
    covered = np.nan_to_num(evaluate(calibrated, allocations)[:, position]) * universe
    people = universe.sum(axis=0)
    coverage = np.where(people > 0, covered.sum(axis=1) / np.where(people > 0, people, 1.0), np.nan)
    return ResponseCurve(amounts, coverage, people, int(np.flatnonzero(amounts == totals[row])[0]))


def _highest(calibrated: CalibratedModel, row: int) -> float:
    """The ceiling over all areas; without one what would fill the capacity, or a multiple of today's money."""
    model = calibrated.model
    ceiling, today = float(model.ceiling[row].sum()), float(model.baseline[row].sum())
    if np.isfinite(ceiling):
        return max(ceiling, today)
    full = float((model.capacity[row] * model.unit_cost[row]).sum())
    return max(full if np.isfinite(full) else 0.0, CEILING_FACTOR * today)


def _amounts(today: float, highest: float, points: int) -> Array:
    return np.unique(np.append(np.linspace(0.0, max(highest, today), points), today))


def _with_total(calibrated: CalibratedModel, totals: Array, row: int, amount: float) -> Array:
    changed = totals.copy()
    changed[row] = amount
    return spread_totals(calibrated.model, changed)
