"""A plan's answer as plain data: the first year like a scenario, then every year, then the horizon."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from budget_model.coverage.plans import PlanResult
from budget_model.coverage.report import (
    coverage_rows,
    gap_figures,
    group_figures,
    group_totals,
    money_figures,
    need_figures,
    need_rows,
    scenario_document,
    unpaid_hours,
)
from budget_model.coverage.types import Array
from budget_model.errors import Problem


def plan_document(result: PlanResult, problems: Iterable[Problem] = ()) -> dict[str, Any]:
    """Everything about one plan.

    The keys of `scenario_document` hold for year 1, which is what the same amounts give without a plan. `years` has
    the same for each year (1 … T) and what works of earlier years cost to run; `horizon` is over all years, in
    person-years.
    """
    return {
        **scenario_document(result.years[0], problems),
        "years": [year_document(result, index) for index in range(len(result.years))],
        "horizon": {
            "years": len(result.years),
            "needs": need_figures(result.horizon.model, result.needs),
            "groups": group_figures(result.horizon.model, result.groups),
            "gap": gap_figures(result.horizon.model, result.groups),
            **_unpaid_hours(result),
            "allocated": float(result.plan.sum()),
            "running_cost": float(result.running_cost.sum()),
            "spent": result.spent,
            "spent_baseline": result.spent_baseline,
        },
    }


def _unpaid_hours(result: PlanResult) -> dict[str, Any]:
    persons = sum((year.served for year in result.years), np.zeros_like(result.carried[0])) + result.carried.sum(axis=0)
    return unpaid_hours(result.horizon.model, persons, result.served_baseline.sum(axis=0))


def year_document(result: PlanResult, index: int) -> dict[str, Any]:
    """One year of a plan; `spent` is the allocation and what works of earlier years cost to run."""
    year = result.years[index]
    running, running_baseline = result.running_cost[index], result.running_cost_baseline[index]
    return {
        "year": index + 1,
        "coverage": coverage_rows(year),
        "needs": need_rows(year),
        "groups": group_totals(year),
        "gap": gap_figures(year.model, year.groups),
        "money": money_figures(year.model, year.money),
        **unpaid_hours(year.model, year.served + result.carried[index], result.served_baseline[index]),
        "allocated": year.spent,
        "allocated_baseline": year.spent_baseline,
        "running_cost": float(running.sum()),
        "running_cost_baseline": float(running_baseline.sum()),
        "spent": year.spent + float(running.sum()),
        "spent_baseline": year.spent_baseline + float(running_baseline.sum()),
        "programmes": _programme_rows(result, index, running),
    }


def _programme_rows(result: PlanResult, index: int, running: Array) -> list[dict[str, Any]]:
    """A row a programme and area: its money, whom that serves, whom earlier works serve and what they cost."""
    year, model = result.years[index], result.horizon.model
    return [
        {
            "programme": programme,
            "area": area,
            "amount": float(year.allocation[p, a]),
            "served": float(year.served[p, a]),
            "carried": float(result.carried[index, p, a]),
            "running_cost": float(running[p, a]),
        }
        for p, programme in enumerate(model.programmes)
        for a, area in enumerate(model.areas)
    ]
