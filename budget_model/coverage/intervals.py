"""Draws read as figures: intervals from the 5th to the 95th percentile, and how often one plan beats another.

A figure is worked out in every draw first and only then read as an interval: the percentiles of a sum are not the sums
of percentiles.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.costs import MoneyTotals
from budget_model.coverage.project import Horizon, side_by_side, years_as_areas
from budget_model.coverage.scenario import GroupTotals, NeedTotals, totals_by_group, totals_by_need, women_and_men
from budget_model.coverage.time_use import hours_saved
from budget_model.coverage.types import Array, BudgetModel
from budget_model.coverage.uncertainty import DrawnPlan, DrawResult

ENDS = (0.05, 0.95)
TIE = 1e-9  # share: coverages closer than this are no difference

Totals = TypeVar("Totals", NeedTotals, GroupTotals, MoneyTotals)
Ends = tuple[Array, Array]  # P5 and P95 of a figure


@dataclass(frozen=True)
class Gaps:
    """Women against men over all needs: percentage points and women / men."""

    gap_pp: Ends
    gap_pp_baseline: Ends
    ratio: Ends
    ratio_baseline: Ends


@dataclass(frozen=True)
class YearIntervals:
    """P5 and P95 of everything that is reported of one year. Pairs of arrays of the figure's own shape."""

    coverage: Ends  # (N, A, G) share
    baseline: Ends
    change: Ends
    needs: tuple[NeedTotals, NeedTotals]
    groups: tuple[GroupTotals, GroupTotals]
    gap: Gaps
    money: tuple[MoneyTotals, MoneyTotals]
    per_met_need: Ends
    per_additional_need: Ends
    group_shares: Ends  # (G,)
    running_cost: Ends
    running_cost_baseline: Ends
    served: Ends  # (P, A)
    carried: Ends  # (P, A)
    hours: Ends  # (G,) unpaid work saved, hours a year
    hours_baseline: Ends


@dataclass(frozen=True)
class HorizonIntervals:
    """The same over all years, in person-years."""

    needs: tuple[NeedTotals, NeedTotals]
    groups: tuple[GroupTotals, GroupTotals]
    gap: Gaps
    hours: Ends  # (G,)
    hours_baseline: Ends
    spent: Ends
    spent_baseline: Ends
    running_cost: Ends


@dataclass(frozen=True)
class Chances:
    """In what share of the draws one plan does better than another: arrays (G,), or numbers over both groups.

    `better` and `equal` leave the rest to *worse*.
    """

    better: Array  # (G,) the group's coverage, over all needs, areas and years; NaN where no need applies to it
    equal: Array  # (G,)
    narrower_gap: float  # the gap between women and men nearer to 0; NaN unless both are groups


def year_intervals(result: DrawResult, plan: DrawnPlan, year: int) -> YearIntervals:
    """Intervals of year `year` (1 … T) of a plan that was drawn in `result`."""
    index, horizon = year - 1, result.horizon
    model = replace(horizon.model, universe=horizon.universe[index])
    coverage, baseline = plan.coverage[:, index], result.baseline.coverage[:, index]
    groups = totals_by_group(model, model.universe * coverage, model.universe * baseline)
    money = _of_year(plan.money, index)
    return YearIntervals(
        coverage=ends_of(coverage),
        baseline=ends_of(baseline),
        change=ends_of(coverage - baseline),
        needs=_totals_ends(totals_by_need(model, model.universe * coverage, model.universe * baseline)),
        groups=_totals_ends(groups),
        gap=_gaps(model, groups),
        money=_totals_ends(money),
        per_met_need=ends_of(money.per_met_need),
        per_additional_need=ends_of(money.per_additional_need),
        group_shares=ends_of(money.group_shares),
        running_cost=ends_of(plan.running_cost[:, index]),
        running_cost_baseline=ends_of(result.baseline.running_cost[:, index]),
        served=ends_of(plan.served[:, index]),
        carried=ends_of(plan.carried[:, index]),
        hours=ends_of(_hours(horizon, plan)[:, index]),
        hours_baseline=ends_of(_hours(horizon, result.baseline)[:, index]),
    )


def horizon_intervals(result: DrawResult, plan: DrawnPlan) -> HorizonIntervals:
    """Intervals over all years of a plan that was drawn in `result`."""
    model = years_as_areas(result.horizon)
    covered = side_by_side(result.horizon.universe * plan.coverage)
    covered_baseline = side_by_side(result.horizon.universe * result.baseline.coverage)
    groups = totals_by_group(model, covered, covered_baseline)
    return HorizonIntervals(
        needs=_totals_ends(totals_by_need(model, covered, covered_baseline)),
        groups=_totals_ends(groups),
        gap=_gaps(model, groups),
        hours=ends_of(_hours(result.horizon, plan).sum(axis=1)),
        hours_baseline=ends_of(_hours(result.horizon, result.baseline).sum(axis=1)),
        spent=ends_of(plan.money.spent.sum(axis=1)),
        spent_baseline=ends_of(result.baseline.money.spent.sum(axis=1)),
        running_cost=ends_of(plan.running_cost.sum(axis=1)),
    )


def _hours(horizon: Horizon, plan: DrawnPlan) -> Array:
    """(D, T, G) hours of unpaid work saved."""
    return hours_saved(horizon.model, plan.served + plan.carried)


def _gaps(model: BudgetModel, groups: GroupTotals) -> Gaps:
    gap, ratio = women_and_men(model, groups.coverage)
    gap_baseline, ratio_baseline = women_and_men(model, groups.coverage_baseline)
    return Gaps(ends_of(gap), ends_of(gap_baseline), ends_of(ratio), ends_of(ratio_baseline))


def chances(result: DrawResult, plan: DrawnPlan, other: DrawnPlan) -> Chances:
    """How often `plan` beats `other`, draw by draw."""
    first, second = _group_coverage(result.horizon, plan), _group_coverage(result.horizon, other)  # (D, G)
    difference = first - second
    gap, gap_other = (women_and_men(result.horizon.model, coverage)[0] for coverage in (first, second))
    narrower = np.abs(gap) < np.abs(gap_other) - 100 * TIE
    return Chances(
        better=_share_of_draws(difference > TIE, difference),
        equal=_share_of_draws(np.abs(difference) <= TIE, difference),
        narrower_gap=float("nan") if np.isnan(gap).any() else float(narrower.mean()),
    )


def _share_of_draws(holds: NDArray[np.bool_], difference: Array) -> Array:
    """NaN for a group that no need applies to."""
    return np.where(np.isnan(difference).any(axis=0), np.nan, holds.mean(axis=0))


def _group_coverage(horizon: Horizon, plan: DrawnPlan) -> Array:
    """(D, G) coverage over all needs, areas and years."""
    people = np.where(horizon.universe > 0, horizon.universe, 0.0).sum(axis=(0, 1, 2))
    covered = np.nansum(horizon.universe * plan.coverage, axis=(1, 2, 3))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(people > 0, covered / people, np.nan))


def ends_of(values: Array) -> Ends:
    """P5 and P95 over the first axis, linear between neighbouring draws; NaN where a draw has no figure."""
    figures = np.array(
        values.reshape(len(values), -1).T, order="C"
    )  # a copy, a row a figure: it is sorted in part below
    places = [end * (len(values) - 1) for end in ENDS]
    neighbours = [(int(place), min(int(place) + 1, len(values) - 1)) for place in places]
    figures.partition(sorted({index for pair in neighbours for index in pair} | {len(values) - 1}), axis=1)
    has_none = np.isnan(figures[:, -1])  # a NaN is sorted to the end
    found = []
    for place, (below, above) in zip(places, neighbours, strict=True):
        at, following = figures[:, below], figures[:, above]
        between = at + (following - at) * (place - below)
        found.append(np.where(has_none, np.nan, between).reshape(values.shape[1:]))
    return found[0], found[1]


def _totals_ends(totals: Totals) -> tuple[Totals, Totals]:
    """P5 and P95 of every array of a dataclass of totals; what no draw changes (the universe) stays."""
    fixed = {"universe", "needs"}
    pairs = {field.name: ends_of(getattr(totals, field.name)) for field in fields(totals) if field.name not in fixed}
    low: dict[str, Any] = {name: ends[0] for name, ends in pairs.items()}
    high: dict[str, Any] = {name: ends[1] for name, ends in pairs.items()}
    return replace(totals, **low), replace(totals, **high)


def _of_year(money: MoneyTotals, index: int) -> MoneyTotals:
    return MoneyTotals(**{field.name: getattr(money, field.name)[:, index] for field in fields(money)})
