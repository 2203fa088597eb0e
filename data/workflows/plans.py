"""Plans of several years, kept as scenarios: exact to the cent in every year, run again to the same digits.

A scenario of one year stays in `scenarios.py`; what is here holds for both, so that nobody who asks for the years of a
scenario is given its first year alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from math import ceil
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from budget_model.coverage.allocation import TOLERANCE
from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import PlanResult, check_plan, simulate_plan
from budget_model.coverage.project import Horizon, build_horizon, running_costs, served_by_money
from budget_model.coverage.report import scenario_document
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import AllocationError, InputError, Problem
from data.store import scenarios as scenario_store
from data.store.tables import Scenario, User
from data.workflows.growth import Growth, carried_on, growth_document, with_growth
from data.workflows.maxima import Maximum, maximum_document, with_maximum
from data.workflows.scenarios import KEPT as ONE_YEAR
from data.workflows.scenarios import ExactAllocation, as_array, check_exact, check_owner, load_calibrated, save_scenario
from data.workflows.split import CENT

Years = Sequence[ExactAllocation]  # an allocation for each year, year 1 first
BITS = Decimal("0.000001")  # currency: what floats may be off a whole cent
A_CENT = 0.010001  # what whole cents may be away from a limit that is none
KEPT = ("groups", "needs", "gap", "spent", "spent_baseline", "allocated", "running_cost")


@dataclass(frozen=True)
class StoredPlan:
    """A saved scenario ready to be run again. One of a single year is a plan of one."""

    scenario: Scenario
    horizon: Horizon
    plan: Array  # (T, P, A) currency of the year

    @property
    def result(self) -> PlanResult:
        return simulate_plan(self.horizon, self.plan)


def growth_of(scenario: Scenario) -> Growth:
    """The growth that a scenario was saved on; one of a single year has none."""
    return Growth(**(scenario.growth or {}))


def maximum_of(scenario: Scenario) -> Maximum | None:
    """The limit on growth that a scenario was found under; None where no search found it."""
    return None if scenario.limits is None else Maximum(scenario.limits["times_today"])


def grown_as(stated: Growth, *saved: Growth) -> Growth:
    """Each rate as stated, else as the first saved plan has it, else as the model says."""

    def first(name: str) -> float | None:
        found = [getattr(one, name) for one in (stated, *saved) if getattr(one, name) is not None]
        return found[0] if found else None

    return Growth(**{name: first(name) for name in growth_document(stated)})


def load_plan(session: Session, site_id: int, scenario_id: int) -> StoredPlan:
    """A scenario with its years, on its own model and growth.

    Raises
    ------
    NotFoundError : it is not there, or another site's.
    """
    scenario = scenario_store.load_scenario(session, site_id, scenario_id)
    stored = with_maximum(load_calibrated(session, site_id, scenario.model_sha256), maximum_of(scenario))
    calibrated = with_growth(stored, growth_of(scenario))
    years = scenario_store.load_years(session, site_id, scenario_id)
    return StoredPlan(scenario, build_horizon(calibrated, scenario.n_years), plan_array(calibrated.model, years))


def plan_array(model: BudgetModel, years: Years) -> Array:
    """(T, P, A) floats for the model."""
    return np.stack([as_array(model, allocation) for allocation in years])


def years_of(horizon: Horizon, years: Years) -> Array:
    """(T, P, A) money of a saved scenario through a horizon: one year is carried on, of a plan its own years count.

    Raises
    ------
    InputError : the plan ends before the horizon does; what comes after it is not stated, and nothing is invented.
    """
    if len(years) == 1:
        return carried_on(horizon, as_array(horizon.model, years[0]))
    if len(years) < horizon.n_years:
        message = (
            f"This scenario is a plan of {len(years)} years, and {horizon.n_years} were asked for. Its money after "
            f"year {len(years)} is not stated: ask for {len(years)} years or fewer."
        )
        facts = {"years": len(years), "asked": horizon.n_years}
        raise InputError(Problem("plan-too-long", message, value=str(horizon.n_years), facts=facts))
    return plan_array(horizon.model, years)[: horizon.n_years]


def exact_years(model: BudgetModel, plan: Array) -> tuple[dict[tuple[str, str], Decimal], ...]:
    """A plan (T, P, A) in whole cents; no year adds up to more than it did.

    Amounts that grow have parts of a cent. Cents that rounding would add to a year come off its largest lines.
    """
    return tuple(_exact_year(model, amounts) for amounts in plan)


def _exact_year(model: BudgetModel, amounts: Array) -> dict[tuple[str, str], Decimal]:
    lines = [(programme, area) for programme in model.programmes for area in model.areas]
    exact = [Decimal(repr(float(amount))) for amount in amounts.ravel()]
    cents = [amount.quantize(CENT, rounding=ROUND_HALF_EVEN) for amount in exact]
    excess = (sum(cents, Decimal(0)) - sum(exact, Decimal(0)) - BITS) / CENT
    largest = sorted(range(len(cents)), key=lambda at: -cents[at])
    for at in largest[: max(0, ceil(excess))]:
        cents[at] -= CENT
    return dict(zip(lines, cents, strict=True))


def check_exact_plan(horizon: Horizon, years: Years) -> tuple[Problem, ...]:
    """Every limit that a plan breaks in any year.

    Limits that grow need not be whole cents: an amount within a cent of one keeps it. Totals are held to the cent.
    """
    plan = plan_array(horizon.model, years)
    problems = plan_problems(horizon, plan)
    told = {problem.facts["year"] for problem in problems if problem.rule == "above-budget"}
    cents = (problem for problem in _cents_above(horizon, plan, years) if problem.facts["year"] not in told)
    return (*cents, *problems)


def plan_problems(horizon: Horizon, plan: Array) -> tuple[Problem, ...]:
    """`check_plan` for amounts that are kept in whole cents: parts of a cent at a limit of a line break nothing."""
    totals = [problem for problem in check_plan(horizon, plan) if problem.rule == "above-budget"]
    lines = [problem for problem in check_plan(horizon, _at_limits(horizon, plan)) if problem.rule != "above-budget"]
    return (*totals, *lines)


def _at_limits(horizon: Horizon, plan: Array) -> Array:
    for limit in (horizon.floor, horizon.ceiling, horizon.baseline):
        plan = np.where(np.abs(plan - limit) <= A_CENT, limit, plan)
    return plan


def _cents_above(horizon: Horizon, plan: Array, years: Years) -> Iterator[Problem]:
    running = running_costs(horizon, served_by_money(horizon, plan)).sum(axis=(1, 2))
    for index, allocation in enumerate(years):
        budget = float(horizon.budget[index])
        if not np.isfinite(budget):
            continue
        spent = sum(allocation.values(), Decimal(0)) + _cents(float(running[index]))
        excess = spent - _cents(budget)
        if excess > CENT + _cents(TOLERANCE * budget):
            year, currency = index + 1, horizon.model.currency
            message = f"Year {year}: {spent:,.2f} {currency} are {excess:,.2f} above the budget of {budget:,.2f}."
            facts = {"year": year, "amount": float(spent), "limit": budget, "excess": float(excess)}
            yield Problem("above-budget", message, value=str(spent), facts={**facts, "currency": currency})


def _cents(amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(CENT, rounding=ROUND_HALF_EVEN)


def save_plan(
    session: Session,
    site_id: int,
    model_sha256: str,
    name: str,
    owner: User,
    years: Years,
    growth: Growth,
    note: str = "",
    maximum: Maximum | None = None,
) -> Scenario:
    """Run a plan and keep it as one scenario with the money of every year; the caller commits.

    maximum : the limit on growth that it was found under; None: it was not searched, the model's own limits hold

    Raises as `scenarios.save_scenario`; AllocationError names the year of each broken limit.
    """
    if len(years) == 1:
        return save_scenario(session, site_id, model_sha256, name, owner, amounts=years[0], note=note, maximum=maximum)
    check_owner(session, site_id, owner)
    calibrated = with_maximum(with_growth(load_calibrated(session, site_id, model_sha256), growth), maximum)
    horizon = build_horizon(calibrated, len(years))
    refuse_broken_limits(horizon, years)
    result = kept_figures(simulate_plan(horizon, plan_array(calibrated.model, years)))
    stated, limits = growth_document(growth), None if maximum is None else maximum_document(maximum)
    return scenario_store.save_plan(session, site_id, owner, model_sha256, name, years, result, stated, note, limits)


def refuse_parts_of_cents(horizon: Horizon, plan: Array) -> None:
    """AllocationError where somebody states an amount that is no whole cent; today's amounts carried on need not be."""
    cents = np.round(plan, 2)
    stated = (plan != horizon.baseline) & (np.abs(plan - cents) > 1e-9 * np.maximum(1.0, plan))
    model, problems = horizon.model, []
    for t, p, a in np.argwhere(stated):
        place = f"{model.programmes[p]} / {model.areas[a]}, year {t + 1}"
        message = f"{place}: the amount {float(plan[t, p, a])!r} must be 0 or more, in whole cents."
        problems.append(Problem("bad-number", message, value=repr(float(plan[t, p, a]))))
    if problems:
        raise AllocationError(problems)


def refuse_broken_limits(horizon: Horizon, years: Years) -> None:
    """AllocationError with every limit that a plan breaks; one of a single year is held as `scenarios` holds it."""
    problems = check_exact(horizon.model, years[0]) if len(years) == 1 else check_exact_plan(horizon, years)
    if problems:
        raise AllocationError(problems)


def kept_again(stored: StoredPlan) -> dict[str, Any]:
    """What would be kept of a stored scenario if it were saved now."""
    if stored.scenario.n_years > 1:
        return kept_figures(stored.result)
    document = scenario_document(stored.result.years[0])
    return {key: document[key] for key in ONE_YEAR}


def kept_figures(result: PlanResult) -> dict[str, Any]:
    """What is kept of a plan's answer: its horizon, and each year's groups and money."""
    document = plan_document(result)
    years = [
        {key: year[key] for key in ("year", "groups", "gap", "allocated", "running_cost", "spent")}
        for year in document["years"]
    ]
    horizon = {key: document["horizon"][key] for key in KEPT}
    return {**horizon, "inconsistent": document["inconsistent"], "years": years}


def differing_figures(stored: Mapping[str, Any], again: Mapping[str, Any], place: str = "") -> list[str]:
    """Where two kept results differ in any digit, such as `groups/women/covered`; empty where they are the same."""
    if isinstance(stored, Mapping) and isinstance(again, Mapping):
        keys = sorted({*stored, *again})
        return [one for key in keys for one in differing_figures(stored.get(key), again.get(key), f"{place}/{key}")]
    if isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        pairs = enumerate(zip(stored, again, strict=True))
        return [one for at, (old, new) in pairs for one in differing_figures(old, new, f"{place}/{at}")]
    return [] if stored == again else [place.lstrip("/")]
