"""The most that a programme may grow to where nobody stated a maximum: an assumption, named, and lifted by who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.portable import parse_model
from budget_model.coverage.types import AssumedMaximum, BudgetModel
from budget_model.errors import Problem

TIMES_TODAY = 3  # times today's money in each area, where no maximum is stated and nobody says otherwise
MOST_TIMES = 1000  # beyond it is no limit any more
A_CENT = 0.010001
NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class Maximum:
    """How many times today's money a programme without a stated maximum may grow to, in each area; None: no limit."""

    times_today: float | None = TIMES_TODAY


ASSUMED = Maximum()


def maximum_document(maximum: Maximum) -> dict[str, Any]:
    """As plain JSON; `read_maximum` gives it back."""
    return {"times_today": maximum.times_today}


def read_maximum(parameters: Mapping[str, Any], problems: list[Problem]) -> Maximum:
    """From `times_today`: a number, nothing where the limit is lifted; without the key it is the model's own."""
    value = parameters.get("times_today", TIMES_TODAY)
    if value is None or str(value).strip() == "":
        return Maximum(None)
    times = _number(value)
    if times is not None and 1 <= times <= MOST_TIMES:
        return Maximum(times)
    message = f"'{str(value)[:40]}' is no limit on growth. Write how many times today's money: 1 to {MOST_TIMES}."
    facts = {"value": str(value)[:40], "most": MOST_TIMES}
    problems.append(Problem("optimum-times-today", message, value=str(value)[:40], facts=facts))
    return ASSUMED


def _number(value: Any) -> float | None:
    """A number, also as a field of a form gives it; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    return float(text) if NUMBER.fullmatch(text) else None


def stored_model(document: Any, place: str = "model") -> BudgetModel:
    """A stored model; one that was stored before models named their assumed ceilings gets them named."""
    model = parse_model(document, place)
    return model if model.assumed_maximum is not None else replace(model, assumed_maximum=_recognised(model))


def _recognised(model: BudgetModel) -> AssumedMaximum:
    """Ceilings that stand at the assumed multiple of today's money, to the cent, in every area."""
    at_multiple = np.abs(model.ceiling - TIMES_TODAY * model.baseline) <= A_CENT
    rows = np.flatnonzero(at_multiple.all(axis=1) & (model.baseline.sum(axis=1) > 0))
    return AssumedMaximum(TIMES_TODAY, tuple(model.programmes[row] for row in rows))


def with_maximum(calibrated: CalibratedModel, maximum: Maximum | None) -> CalibratedModel:
    """The model with another multiple in the place of the assumed one; what is stated stays. None: as the model says.

    Where the limit is lifted, money may also enter areas in which a programme has none today.
    """
    model, assumed = calibrated.model, calibrated.model.assumed_maximum
    if maximum is None or assumed is None or maximum.times_today == assumed.times_today:
        return calibrated
    times = maximum.times_today
    rows = [model.programmes.index(code) for code in assumed.programmes]
    ceiling = model.ceiling.copy()
    ceiling[rows] = np.inf if times is None else times * model.baseline[rows]
    told = replace(assumed, times_today=times)
    return replace(calibrated, model=replace(model, ceiling=ceiling, assumed_maximum=told))
