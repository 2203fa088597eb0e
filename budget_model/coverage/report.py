"""A scenario's answer as plain data: the document that the command line prints and the pages offer for download."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from budget_model.coverage.costs import MoneyTotals
from budget_model.coverage.effect import served
from budget_model.coverage.scenario import GroupTotals, NeedTotals, ScenarioResult, women_and_men
from budget_model.coverage.time_use import hours_figures, hours_saved
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import Problem


def scenario_document(result: ScenarioResult, problems: Iterable[Problem] = ()) -> dict[str, Any]:
    """Everything about one scenario; `None` where a figure does not apply (an empty universe).

    Shares are 0-1, `change` included; `gap_pp` is in percentage points, women minus men; the rest is persons or
    currency a year. `problems` are limits that the allocation breaks, for those who asked for it all the same.
    """
    return {
        "coverage": coverage_rows(result),
        "needs": need_rows(result),
        "groups": group_totals(result),
        "gap": gap_figures(result.model, result.groups),
        "money": money_figures(result.model, result.money),
        **unpaid_hours(result.model, result.served, served(result.model, result.model.baseline)),
        "spent": result.spent,
        "spent_baseline": result.spent_baseline,
        "currency": result.model.currency,
        "inconsistent": [
            {"need": cell.need, "area": cell.area, "group": cell.group, "records": cell.records, "survey": cell.survey}
            for cell in result.inconsistent
        ],
        "problems": [
            {"rule": problem.rule, "message": problem.message, **_plain(problem.facts)} for problem in problems
        ],
    }


def coverage_rows(result: ScenarioResult) -> list[dict[str, Any]]:
    """One row a need, area and group."""
    model, change = result.model, result.change
    return [
        {
            "need": need,
            "area": area,
            "group": group,
            "universe": float(model.universe[n, a, g]),
            "baseline": figure(result.coverage_baseline[n, a, g]),
            "scenario": figure(result.coverage[n, a, g]),
            "covered": figure(result.covered[n, a, g]),
            "uncovered": figure(result.uncovered[n, a, g]),
            "change": figure(change[n, a, g]),
        }
        for n, need in enumerate(model.needs)
        for a, area in enumerate(model.areas)
        for g, group in enumerate(model.groups)
    ]


def need_rows(result: ScenarioResult) -> list[dict[str, Any]]:
    """One row a need over all areas: the groups apart, then the gap between women and men."""
    return need_figures(result.model, result.needs)


def need_figures(model: BudgetModel, totals: NeedTotals) -> list[dict[str, Any]]:
    """`need_rows` from the totals themselves."""
    per_group = {
        "universe": totals.universe,
        "covered": totals.covered,
        "coverage": totals.coverage,
        "coverage_baseline": totals.coverage_baseline,
        "gained": totals.gained,
        "lost": totals.lost,
    }
    return [
        {
            "need": need,
            "groups": {group: _pick(per_group, n, g) for g, group in enumerate(model.groups)},
            "gap_pp": figure(totals.gap_pp[n]),
            "gap_pp_baseline": figure(totals.gap_pp_baseline[n]),
            "ratio": figure(totals.ratio[n]),
            "ratio_baseline": figure(totals.ratio_baseline[n]),
        }
        for n, need in enumerate(model.needs)
    ]


def group_totals(result: ScenarioResult) -> dict[str, dict[str, float | None]]:
    """Each group over all needs and areas; gains and losses are never netted."""
    return group_figures(result.model, result.groups)


def group_figures(model: BudgetModel, totals: GroupTotals) -> dict[str, dict[str, float | None]]:
    """`group_totals` from the totals themselves."""
    columns = {
        "needs": totals.needs,
        "covered": totals.covered,
        "coverage": totals.coverage,
        "coverage_baseline": totals.coverage_baseline,
        "weighted_coverage": totals.weighted_coverage,
        "weighted_coverage_baseline": totals.weighted_coverage_baseline,
        "gained": totals.gained,
        "lost": totals.lost,
    }
    return {group: _pick(columns, g) for g, group in enumerate(model.groups)}


def gap_figures(model: BudgetModel, totals: GroupTotals) -> dict[str, float | None]:
    """Women against men over all needs and areas."""
    gap, ratio = women_and_men(model, totals.coverage)
    gap_baseline, ratio_baseline = women_and_men(model, totals.coverage_baseline)
    return {
        "gap_pp": figure(gap),
        "gap_pp_baseline": figure(gap_baseline),
        "ratio": figure(ratio),
        "ratio_baseline": figure(ratio_baseline),
    }


def money_figures(model: BudgetModel, money: MoneyTotals) -> dict[str, Any]:
    """What the money buys: needs that the programmes meet, what one costs, and the groups whom the spending reaches."""
    columns = {
        "met": money.met,
        "met_baseline": money.met_baseline,
        "spending": money.by_group,
        "spending_share": money.group_shares,
    }
    return {
        "groups": {group: _pick(columns, g) for g, group in enumerate(model.groups)},
        "per_met_need": figure(money.per_met_need),
        "per_additional_need": figure(money.per_additional_need),
        "spending_of_unknown_users": figure(money.unassigned),
    }


def unpaid_hours(model: BudgetModel, persons: Array, persons_baseline: Array) -> dict[str, Any]:
    """The key `unpaid_hours` where the model states hours that programmes save; nothing where it states none."""
    if model.hours_saved is None:
        return {}
    return {"unpaid_hours": hours_figures(model, hours_saved(model, persons), hours_saved(model, persons_baseline))}


def _pick(columns: Mapping[str, Array], *index: int) -> dict[str, float | None]:
    return {name: figure(values[index]) for name, values in columns.items()}


def figure(value: Any) -> float | None:
    """A number, or None where it does not apply."""
    return float(value) if math.isfinite(value) else None


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if isinstance(value, str | int | float)}
