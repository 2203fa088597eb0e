"""What the money that may be allocated could meet at best: the figure to hold an allocation against.

Counted are the needs that programmes meet, weighted by priority; what is covered without them stands on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise import is_provable, optimise
from budget_model.coverage.optimise_concave import Effort
from budget_model.coverage.optimise_task import persons_weighted
from budget_model.coverage.types import Array

PROVABLE = Effort()  # as whoever asks for the best allocation: two pages must not tell two best values
SEARCHED = Effort(gap=0.01, rounds=10, boxes=1)  # where nothing is proved, somebody waits: the first bound will do


@dataclass(frozen=True)
class BestReachable:
    """Needs (weighted persons) that programmes meet at best under the budget and the limits of the model.

    met : of the best allocation that was found; NaN where none was
    bound : no allocation meets more
    is_proved : whether the two are the same to 0.05 % of all needs covered, and the problem is concave
    budget : currency / year that may be spent; None: no limit
    is_possible : False where it is proved that the limits contradict each other
    """

    met: float
    bound: float
    is_proved: bool
    budget: float | None
    is_possible: bool = True


def best_reachable(calibrated: CalibratedModel) -> BestReachable:
    """The most needs that programmes can meet with the budget of the model.

    Where only a budget and limits of lines bind and every curve is smooth, this takes hundredths of a second.
    """
    model = replace(calibrated.model, objective="total")
    found = optimise(replace(calibrated, model=model), PROVABLE if is_provable(model) else SEARCHED)
    without = _weighted(calibrated, calibrated.background)
    return BestReachable(
        met=found.value - without,
        bound=found.bound - without,
        is_proved=found.status == "optimal",
        budget=found.budget,
        is_possible=found.status != "infeasible",
    )


def met_by_programmes(calibrated: CalibratedModel, coverage: Array) -> float:
    """Needs (weighted persons) that programmes meet where (N, A, G) is covered."""
    return _weighted(calibrated, coverage - calibrated.background)


def _weighted(calibrated: CalibratedModel, shares: Array) -> float:
    """Weighted persons of (N, A, G) shares; cells that do not apply count for nothing."""
    return float(np.sum(persons_weighted(calibrated.model, "total") * np.nan_to_num(shares)))
