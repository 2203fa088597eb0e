"""Draws as plain data: `p5` and `p95` beside the figures of a scenario or plan, chances and the tornado.

In rows of cells `p5` and `p95` belong to `scenario`, in groups to `coverage`; for every other figure they are called
after it (`gained_p5`). A figure without an interval in some draw (a ratio where no man is covered) has None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from budget_model.coverage.intervals import (
    Chances,
    Gaps,
    HorizonIntervals,
    YearIntervals,
    chances,
    horizon_intervals,
    year_intervals,
)
from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import PlanResult
from budget_model.coverage.report import (
    figure,
    group_figures,
    money_figures,
    need_figures,
    scenario_document,
)
from budget_model.coverage.time_use import hours_figures
from budget_model.coverage.tornado import Bar, Outcome, Tornado
from budget_model.coverage.types import Array, BudgetModel
from budget_model.coverage.uncertainty import DrawnPlan, DrawResult
from budget_model.errors import Problem

FIXED = ("universe", "needs")  # no draw changes them


def draws_document(
    result: PlanResult, draws: DrawResult, plan: DrawnPlan, problems: Iterable[Problem] = ()
) -> dict[str, Any]:
    """The document of a scenario (one year) or plan, with intervals; `plan` is one of the plans of `draws`."""
    first = year_intervals(draws, plan, 1)
    if draws.horizon.n_years == 1:
        document = scenario_document(result.years[0], problems)
        _add_year(document, draws.horizon.model, draws.horizon.universe[0], first)
    else:
        document = plan_document(result, problems)
        _add_year(document, draws.horizon.model, draws.horizon.universe[0], first)
        for index, year in enumerate(document["years"]):
            found = first if index == 0 else year_intervals(draws, plan, index + 1)
            _add_year(year, draws.horizon.model, draws.horizon.universe[index], found)
            _add_money_of_year(year, result, index, found)
        _add_horizon(document["horizon"], draws.horizon.model, horizon_intervals(draws, plan))
    beats = _chances(draws.horizon.model, chances(draws, plan, draws.baseline))
    document["draws"] = {"n": draws.n_draws, "seed": draws.seed, "beats_baseline": beats}
    return document


def chances_against(draws: DrawResult, plan: DrawnPlan, other: DrawnPlan) -> dict[str, Any]:
    """How often `plan` beats `other`, by group, as plain data."""
    return _chances(draws.horizon.model, chances(draws, plan, other))


def tornado_rows(model: BudgetModel, found: Tornado) -> dict[str, Any]:
    """The outcome with everything as stated, and one bar an assumption with the outcome at both of its ends."""
    return {
        "as_stated": _outcome(model, found.as_stated),
        "bars": [_bar(model, bar) for bar in found.bars],
    }


def _bar(model: BudgetModel, bar: Bar) -> dict[str, Any]:
    return {
        "kind": bar.kind,
        "programme": bar.programme,
        "need": bar.need,
        "group": bar.group,
        "at_p5": _outcome(model, bar.at_low),
        "at_p95": _outcome(model, bar.at_high),
    }


def _outcome(model: BudgetModel, outcome: Outcome) -> dict[str, Any]:
    return {
        "coverage": _by_group(model, outcome.coverage),
        "change": _by_group(model, outcome.change),
        "gap_pp": figure(outcome.gap_pp),
    }


def _chances(model: BudgetModel, found: Chances) -> dict[str, Any]:
    worse = np.maximum(0.0, 1.0 - found.better - found.equal)
    return {
        "groups": {
            group: {
                "better": float(found.better[g]),
                "equal": float(found.equal[g]),
                "worse": max(0.0, float(worse[g])),
            }
            for g, group in enumerate(model.groups)
        },
        "narrower_gap": figure(found.narrower_gap),
    }


def _by_group(model: BudgetModel, values: Array) -> dict[str, float | None]:
    return {group: figure(values[g]) for g, group in enumerate(model.groups)}


# ---- intervals beside figures ----------------------------------------------------------------------------------------


def _add_year(document: dict[str, Any], model: BudgetModel, universe: Array, found: YearIntervals) -> None:
    _add_cells(document["coverage"], model, universe, found)
    _beside(document["needs"], *(need_figures(model, totals) for totals in found.needs))
    _beside(document["groups"], *(group_figures(model, totals) for totals in found.groups))
    for group in document["groups"].values():
        group["p5"], group["p95"] = group["coverage_p5"], group["coverage_p95"]
    _beside_gap(document["gap"], found.gap)
    _beside(document["money"], *(money_figures(model, totals) for totals in found.money))
    _add_hours(document, model, found)
    _set_ends(document["money"], "per_met_need", found.per_met_need)
    _set_ends(document["money"], "per_additional_need", found.per_additional_need)
    for g, group in enumerate(model.groups):
        ends = found.group_shares[0][g], found.group_shares[1][g]
        _set_ends(document["money"]["groups"][group], "spending_share", ends)


def _add_hours(document: dict[str, Any], model: BudgetModel, found: YearIntervals | HorizonIntervals) -> None:
    if "unpaid_hours" in document:
        ends = [hours_figures(model, *pair) for pair in zip(found.hours, found.hours_baseline, strict=True)]
        _beside(document["unpaid_hours"]["groups"], *(end["groups"] for end in ends))


def _add_cells(rows: list[dict[str, Any]], model: BudgetModel, universe: Array, found: YearIntervals) -> None:
    """Persons follow the coverage of the cell, because no draw changes the universe."""
    cells = [
        (n, a, g) for n in range(len(model.needs)) for a in range(len(model.areas)) for g in range(len(model.groups))
    ]
    for row, cell in zip(rows, cells, strict=True):
        (low, high), people = (ends[cell] for ends in found.coverage), universe[cell]
        row["p5"], row["p95"] = figure(low), figure(high)
        _set_ends(row, "baseline", (found.baseline[0][cell], found.baseline[1][cell]))
        _set_ends(row, "covered", (people * low, people * high))
        _set_ends(row, "uncovered", (people * (1 - high), people * (1 - low)))
        _set_ends(row, "change", (found.change[0][cell], found.change[1][cell]))


def _add_money_of_year(year: dict[str, Any], result: PlanResult, index: int, found: YearIntervals) -> None:
    for amounts, suffix in ((result.plan[index], ""), (result.horizon.baseline[index], "_baseline")):
        running = getattr(found, f"running_cost{suffix}")
        _set_ends(year, f"running_cost{suffix}", running)
        _set_ends(year, f"spent{suffix}", [float(amounts.sum()) + end for end in running])
    rate = result.horizon.running_cost[index]
    lines = [(p, a) for p in range(rate.shape[0]) for a in range(rate.shape[1])]
    for row, line in zip(year["programmes"], lines, strict=True):
        carried = found.carried[0][line], found.carried[1][line]
        _set_ends(row, "served", (found.served[0][line], found.served[1][line]))
        _set_ends(row, "carried", carried)
        _set_ends(row, "running_cost", [rate[line] * end for end in carried])


def _add_horizon(document: dict[str, Any], model: BudgetModel, found: HorizonIntervals) -> None:
    _beside(document["needs"], *(need_figures(model, totals) for totals in found.needs))
    _beside(document["groups"], *(group_figures(model, totals) for totals in found.groups))
    for group in document["groups"].values():
        group["p5"], group["p95"] = group["coverage_p5"], group["coverage_p95"]
    _beside_gap(document["gap"], found.gap)
    _add_hours(document, model, found)
    _set_ends(document, "running_cost", found.running_cost)
    _set_ends(document, "spent", found.spent)
    _set_ends(document, "spent_baseline", found.spent_baseline)


def _beside_gap(document: dict[str, Any], found: Gaps) -> None:
    for name in ("gap_pp", "gap_pp_baseline", "ratio", "ratio_baseline"):
        _set_ends(document, name, getattr(found, name))


def _set_ends(row: dict[str, Any], name: str, ends: Any) -> None:
    row[f"{name}_p5"], row[f"{name}_p95"] = figure(ends[0]), figure(ends[1])


def _beside(base: Any, low: Any, high: Any) -> None:
    """Two documents of the same build as `base`, their figures put beside those of `base`, in place."""
    if isinstance(base, list):
        for parts in zip(base, low, high, strict=True):
            _beside(*parts)
        return
    for name in list(base):
        if isinstance(base[name], Mapping | list):
            _beside(base[name], low[name], high[name])
        elif name not in FIXED and not isinstance(base[name], str):
            base[f"{name}_p5"], base[f"{name}_p95"] = low[name], high[name]
