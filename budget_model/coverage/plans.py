"""What a plan over several years does, year by year and over its horizon, and whether it keeps its limits.

Each year is reported like a scenario, against today's budget carried on through the same years. Over the horizon,
persons become person-years, and a year that gains never hides a year that loses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from budget_model.coverage.allocation import TOLERANCE, check_allocation
from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.project import (
    Horizon,
    carried_persons,
    evaluate_plan,
    running_costs,
    served_by_money,
    side_by_side,
    year_model,
    years_as_areas,
    years_served,
)
from budget_model.coverage.scenario import (
    GroupTotals,
    NeedTotals,
    ScenarioResult,
    scenario_result,
    totals_by_group,
    totals_by_need,
)
from budget_model.coverage.types import Array
from budget_model.errors import Problem


@dataclass(frozen=True)
class PlanResult:
    """The answer for one plan. `needs` and `groups` are over the horizon, in person-years where a year has persons."""

    horizon: Horizon
    plan: Array  # (T, P, A) currency of the year
    years: tuple[ScenarioResult, ...]  # year 1 … T; `served` is what the year's own money serves
    carried: Array  # (T, P, A) persons whom works of earlier years of the plan serve
    served_baseline: Array  # (T, P, A) persons whom money and earlier works serve where today's budget is carried on
    running_cost: Array  # (T, P, A) currency / year that those works cost, beside the allocation
    running_cost_baseline: Array  # (T, P, A) the same where today's budget is carried on
    needs: NeedTotals
    groups: GroupTotals

    @property
    def spent(self) -> float:
        """Allocations and running costs of all years, in money of each year."""
        return float(self.plan.sum() + self.running_cost.sum())

    @property
    def spent_baseline(self) -> float:
        return float(self.horizon.baseline.sum() + self.running_cost_baseline.sum())


def simulate_plan(horizon: Horizon, plan: Array | None = None) -> PlanResult:
    """Everything that is reported for one plan (T, P, A); today's budget carried on where none is given."""
    amounts = horizon.baseline if plan is None else np.asarray(plan, dtype=np.float64)
    coverage, baseline = evaluate_plan(horizon, amounts), evaluate_plan(horizon, horizon.baseline)
    persons = served_by_money(horizon, amounts)
    covered, covered_baseline = horizon.universe * coverage, horizon.universe * baseline
    running = running_costs(horizon, persons)
    today = served_by_money(horizon, horizon.baseline)
    running_baseline = running_costs(horizon, today)
    whole = years_as_areas(horizon)
    return PlanResult(
        horizon=horizon,
        plan=amounts,
        years=tuple(
            scenario_result(
                _of_year(horizon, index),
                amounts[index],
                persons[index],
                coverage[index],
                baseline[index],
                (float(running[index].sum()), float(running_baseline[index].sum())),
            )
            for index in range(horizon.n_years)
        ),
        carried=carried_persons(horizon, persons),
        served_baseline=years_served(horizon, today),
        running_cost=running,
        running_cost_baseline=running_baseline,
        needs=totals_by_need(whole, side_by_side(covered), side_by_side(covered_baseline)),
        groups=totals_by_group(whole, side_by_side(covered), side_by_side(covered_baseline)),
    )


def _of_year(horizon: Horizon, index: int) -> CalibratedModel:
    return replace(horizon.calibrated, model=year_model(horizon, index + 1))


# ---- limits ----------------------------------------------------------------------------------------------------------


def check_plan(horizon: Horizon, plan: Array) -> tuple[Problem, ...]:
    """Every limit that a plan (T, P, A) breaks in any year; running costs of its works count as spent."""
    running = running_costs(horizon, served_by_money(horizon, plan)).sum(axis=(1, 2))
    problems: list[Problem] = []
    for index in range(horizon.n_years):
        problems += _total_problems(horizon, index, float(plan[index].sum()), float(running[index]))
        for problem in check_allocation(year_model(horizon, index + 1), plan[index]):
            problems.append(_in_year(problem, index + 1) if horizon.n_years > 1 else problem)
    return tuple(problems)


def _total_problems(horizon: Horizon, index: int, allocated: float, running: float) -> Iterator[Problem]:
    budget, currency, year = float(horizon.budget[index]), horizon.model.currency, index + 1
    excess = allocated + running - budget
    if excess > TOLERANCE * max(1.0, abs(budget)):
        when = f"Year {year}: the" if horizon.n_years > 1 else "The"
        of_works = f" and works of earlier years cost {running:,.2f} {currency} to run" if running > 0 else ""
        yield Problem(
            "above-budget",
            f"{when} allocation adds up to {allocated:,.2f} {currency}{of_works}, which is {excess:,.2f} {currency} "
            f"above the budget of {budget:,.2f} {currency}. Take that much from other lines.",
            value=repr(allocated),
            facts={
                "year": year, "amount": allocated, "running_cost": running, "limit": budget, "excess": excess,
                "currency": currency,
            },
        )  # fmt: skip


def _in_year(problem: Problem, year: int) -> Problem:
    return replace(problem, message=f"Year {year}: {problem.message}", facts={"year": year, **problem.facts})
