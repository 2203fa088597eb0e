"""What grows after the first year of a plan, as somebody states it, and the same amounts carried on through the years.

The stored model describes one year. What a question leaves open stays as the model says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.portable_outlook import FASTEST
from budget_model.coverage.project import Horizon
from budget_model.coverage.types import Array
from budget_model.errors import Problem

RATE_RULES = {"price_growth": "price-rate", "population_growth": "population-rate", "budget_growth": "budget-rate"}


@dataclass(frozen=True)
class Growth:
    """Shares a year by which prices, people and budget grow after year 1; None: as the model says."""

    price_growth: float | None = None
    population_growth: float | None = None
    budget_growth: float | None = None


AS_THE_MODEL_SAYS = Growth()


def read_growth(parameters: Mapping[str, Any], problems: list[Problem]) -> Growth:
    """Rates as shares a year; what is no rate within ±50 % is added to `problems`."""
    return Growth(**{name: _rate(parameters, name, problems) for name in RATE_RULES})


def growth_document(growth: Growth) -> dict[str, float | None]:
    return {name: getattr(growth, name) for name in RATE_RULES}


def _rate(parameters: Mapping[str, Any], name: str, problems: list[Problem]) -> float | None:
    value = parameters.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FASTEST:
        return float(value)
    message = f"'{name}' must be a share between {-FASTEST:g} and {FASTEST:g} a year; found {value!r}."
    facts = {"value": percent_words(value), "most": f"{100 * FASTEST:g}"}
    problems.append(Problem(RATE_RULES[name], message, value=str(value)[:40], facts=facts))
    return None


def percent_words(value: Any) -> str:
    """What was given, as the percentage that a person typed; what is no number as it stands."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{100 * value:g}" if is_number else str(value)[:40]


def with_growth(calibrated: CalibratedModel, growth: Growth) -> CalibratedModel:
    """The model with the stated growth in place of its own; year 1, and so the calibration, stays as it is."""
    model, outlook = calibrated.model, calibrated.model.outlook
    if growth.price_growth is not None:
        outlook = replace(outlook, price_growth=growth.price_growth)
    if growth.budget_growth is not None:
        outlook = replace(outlook, budget_growth=growth.budget_growth)
    if growth.population_growth is not None:
        outlook = replace(outlook, population_growth=np.full(len(model.areas), growth.population_growth))
    return replace(calibrated, model=replace(model, outlook=outlook))


def carried_on(horizon: Horizon, amounts: Array) -> Array:
    """(T, P, A) amounts (P, A) of year 1 in every year, grown as today's budget grows."""
    growth = (1.0 + horizon.model.outlook.budget_growth) ** np.arange(horizon.n_years)
    return np.asarray(growth[:, None, None] * amounts)
