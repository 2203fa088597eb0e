"""Plans over several years: what is built stays, services lapse, people and prices grow.

A year of a plan is the one-year model with other numbers of people served: those of this year, and those whom works
of earlier years still serve. `years_served` is that map, linear in the persons of every year; all that follows (curves,
overlap, background share) is the one-year model. Year 1 is the year that the model describes, so that a plan of one
year is a scenario. Reasons: docs/model.md, Years.

Axis order: T years before the axes of the one-year model, so that plans are (T, P, A), coverage is (T, N, A, G).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.effect import intensity, programme_coverage
from budget_model.coverage.portable_outlook import MAX_YEARS
from budget_model.coverage.types import Array, BudgetModel, Outlook
from budget_model.errors import AllocationError, InputError, Problem


@dataclass(frozen=True)
class Horizon:
    """A calibrated model stretched over T years. Money is that of its own year; everything at year 1 is the model's."""

    calibrated: CalibratedModel
    growth: Array  # (T, A) people over those of year 1
    universe: Array  # (T, N, A, G) persons
    unit_cost: Array  # (T, P, A) currency / person / year
    running_cost: Array  # (T, P, A) currency / person served by works of earlier years / year
    carry: Array  # (P, T, T) share of the people served by the money of year [2] who are still served in year [1]
    baseline: Array  # (T, P, A) currency / year: today's budget carried on
    floor: Array  # (T, P, A) currency / year
    ceiling: Array  # (T, P, A) currency / year; inf where there is none
    budget: Array  # (T,) currency / year; inf where there is none

    @property
    def model(self) -> BudgetModel:
        return self.calibrated.model

    @property
    def n_years(self) -> int:
        return len(self.budget)


def build_horizon(calibrated: CalibratedModel, n_years: int | None = None) -> Horizon:
    """Stretch a model over `n_years` (1 to 10; the model's own horizon where none is given).

    Raises
    ------
    InputError : fewer than 1 or more than 10 years.
    """
    model, outlook = calibrated.model, calibrated.model.outlook
    years = outlook.horizon_years if n_years is None else n_years
    if not 1 <= years <= MAX_YEARS:
        message = f"A plan of {years} years was asked for. It may have 1 to {MAX_YEARS}."
        raise InputError(Problem("horizon-out-of-range", message, value=str(years)))
    people = np.zeros(len(model.areas)) if outlook.population_growth is None else outlook.population_growth
    running = np.zeros_like(model.unit_cost) if outlook.running_cost is None else outlook.running_cost
    growth = _powers(1.0 + people, years)
    prices = price_factors(outlook, years)[:, None, None]
    money = _powers(1.0 + outlook.budget_growth, years)[:, None, None]
    budget = np.inf if model.constraints.budget is None else model.constraints.budget
    return Horizon(
        calibrated=calibrated,
        growth=growth,
        universe=model.universe * growth[:, None, :, None],
        unit_cost=model.unit_cost * prices,
        running_cost=running * prices,
        carry=_carry(model.durability, years),
        baseline=model.baseline * money,
        floor=model.floor * money,
        ceiling=model.ceiling * money,
        budget=budget * money[:, 0, 0],
    )


def price_factors(outlook: Outlook, years: int) -> Array:
    """(T,) what prices of year 1 are multiplied by."""
    return _powers(1.0 + outlook.price_growth, years)


def _powers(rate: Array | float, years: int) -> Array:
    """`rate ** (t - 1)` for the years t = 1 … T along a new first axis."""
    rates = np.asarray(rate, dtype=np.float64)
    return np.asarray(rates[None] ** np.arange(years).reshape(-1, *(1,) * rates.ndim))


def _carry(durability: Array, years: int) -> Array:
    """`(1 - 1/d) ** (t - s)` for s <= t, 0 before: (P, T, T). A service (d = 1) has the unit matrix."""
    age = np.arange(years)[:, None] - np.arange(years)[None, :]
    kept = (1.0 - 1.0 / durability)[:, None, None] ** np.maximum(age, 0)
    return np.where(age >= 0, kept, 0.0)


# ---- the linear map --------------------------------------------------------------------------------------------------


def served_by_money(horizon: Horizon, plan: Array) -> Array:
    """People whom the money of each year serves in that year, `min(x / c, K)`: (..., T, P, A) from the same shape.

    Raises
    ------
    AllocationError : the shape is not that of the horizon, or an amount is negative or missing.
    """
    check_plan_shape(horizon, plan)
    return np.minimum(plan / horizon.unit_cost, horizon.model.capacity)


def years_served(horizon: Horizon, persons: Array) -> Array:
    """People served in each year by that year's money and by works of earlier years: (..., T, P, A), linear.

    `S[t] = (1 - 1/d) S[t - 1] + q[t]`, written out as `S[t] = sum over s <= t of carry[p, t, s] q[s]`.
    """
    return np.asarray(np.einsum("pts,...spa->...tpa", horizon.carry, persons))


def equivalent_persons(horizon: Horizon, persons: Array) -> Array:
    """`years_served` over the growth of the area's people: what the one-year model's `intensity` multiplies.

    In a place that has grown by a tenth, a work for 110 people covers the share that one for 100 covered at first.
    `intensity(calibrated.effect, equivalent_persons(...))` is `u[t]` of docs/model.md, (L, ..., T, A, G).
    """
    return years_served(horizon, persons) / horizon.growth[:, None, :]


def carried_persons(horizon: Horizon, persons: Array) -> Array:
    """The part of `years_served` that works of earlier years serve: (..., T, P, A)."""
    return years_served(horizon, persons) - persons


def running_costs(horizon: Horizon, persons: Array) -> Array:
    """What works of earlier years cost to run: (..., T, P, A) currency / year, linear in the persons served before."""
    return carried_persons(horizon, persons) * horizon.running_cost


def evaluate_plan(horizon: Horizon, plan: Array) -> Array:
    """Coverage of each year.

    Parameters
    ----------
    plan : (T, P, A), or (..., T, P, A) for many at once   [currency of the year, >= 0]

    Returns
    -------
    (..., T, N, A, G)   [share, 0-1]; NaN where the universe is 0.
    """
    calibrated = horizon.calibrated
    persons = equivalent_persons(horizon, served_by_money(horizon, plan))
    by_programmes = programme_coverage(calibrated.effect, intensity(calibrated.effect, persons))
    return np.asarray(calibrated.background + (1.0 - calibrated.background) * by_programmes)


def check_plan_shape(horizon: Horizon, plan: Array) -> None:
    """Refuse a plan of another shape, or with an amount that is negative or missing (AllocationError)."""
    expected = horizon.baseline.shape
    if plan.shape[-3:] != expected:
        message = (
            f"The plan has the shape {plan.shape}, the model has {expected[0]} years x {expected[1]} programmes x "
            f"{expected[2]} areas. Give one amount for each."
        )
        raise AllocationError(Problem("allocation-shape", message))
    if not (plan >= 0).all():
        message = "The plan holds an amount that is negative or missing. Give every one an amount of 0 or more."
        raise AllocationError(Problem("allocation-amount", message))


# ---- the model of one year -------------------------------------------------------------------------------------------


def year_model(horizon: Horizon, year: int) -> BudgetModel:
    """The one-year model of year `year` (1 … T): its people, prices, today's budget carried on, and limits.

    Its total budget is left out: the works of earlier years take their running costs from it first.
    """
    model, index = horizon.model, year - 1
    growth = horizon.growth[index][:, None]
    return replace(
        model,
        universe=horizon.universe[index],
        deficit=model.deficit * growth,
        deficit_se=model.deficit_se * growth,
        unit_cost=horizon.unit_cost[index],
        unit_cost_range=model.unit_cost_range * (1.0 + model.outlook.price_growth) ** index,
        baseline=horizon.baseline[index],
        floor=horizon.floor[index],
        ceiling=horizon.ceiling[index],
        constraints=replace(model.constraints, budget=None),
    )


def side_by_side(cells: Array) -> Array:
    """Years as further areas, (..., N, T x A, G) from (..., T, N, A, G): sums over areas become sums over both."""
    *before, years, needs, areas, groups = cells.shape
    return np.moveaxis(cells, -4, -3).reshape(*before, needs, years * areas, groups)


def years_as_areas(horizon: Horizon) -> BudgetModel:
    """The model with each area once a year, beside `side_by_side`."""
    names = tuple(f"{area}, year {year}" for year in range(1, horizon.n_years + 1) for area in horizon.model.areas)
    return replace(horizon.model, areas=names, universe=side_by_side(horizon.universe))
