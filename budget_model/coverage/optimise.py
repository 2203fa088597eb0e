"""The best allocation, with its certificate: value, bound, gap, what binds, and where nothing is possible, why.

`docs/model.md`, *The best allocation*, defines every figure. Rooms: `optimise_space` (decisions), `optimise_pieces`
(coverage), `optimise_estimators`, `optimise_task` (aim and rules), `optimise_master` (linear programme),
`optimise_concave` and `optimise_branching` (the search), `optimise_conflicts`, `optimise_prices`, `optimise_rounding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise_branching import solve_branching
from budget_model.coverage.optimise_concave import (
    KEPT,
    Effort,
    Search,
    Solve,
    distance_of,
    gap_between,
    keep_better,
    solve_concave,
    worst_violation,
)
from budget_model.coverage.optimise_conflicts import Conflict, find_conflicts
from budget_model.coverage.optimise_fast import is_simple, solve_fast
from budget_model.coverage.optimise_frontier import serve_most
from budget_model.coverage.optimise_local import improve
from budget_model.coverage.optimise_prices import Binding, Prices, find_binding, one_price, read_prices
from budget_model.coverage.optimise_rounding import keeps_money_rules, round_to_cents
from budget_model.coverage.optimise_steps import steady_prices
from budget_model.coverage.optimise_task import Task, Watch, build_task, unwatched, value_of
from budget_model.coverage.optimise_years import base_model, money_due, stretch, unfold, years_of
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import SolverError

Status = Literal["optimal", "bounded", "infeasible"]
OPTIMAL_GAP = 5e-4
FAST_GAP, THOROUGH_GAP = 1e-5, 1e-4
MANY_LINES = 5000  # beyond, only the fast way and no linear programme of all lines
HAIR = 1e-6  # of a column's width, and of the value
NO_BETTER = 2e-8  # of what decisions add: what ties between allocations may cost
SETTLING_STEPS, SETTLING_RADIUS = 8, 1e-4  # lines a hair off a limit are brought to it


@dataclass(frozen=True)
class Optimum:
    """The answer. `value` is the model's true value at `allocation`, `bound` what no allocation can better.

    Without an allocation (nothing is possible, or nothing was found) value and gap are NaN.
    """

    model: BudgetModel
    status: Status
    is_concave: bool  # whether the best value can be proved (docs/model.md says which problems)
    allocation: Array | None  # (P, A) currency / year, whole cents; of a plan (T, P, A)
    value: float
    bound: float
    gap: float  # share of the larger of the two; of min_gap their plain difference
    baseline_value: float
    budget: float | None  # what may be spent, over all years; None: no limit
    spent: float  # running costs of works included
    n_years: int = 1
    binding: tuple[Binding, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def optimise(
    calibrated: CalibratedModel, effort: Effort | None = None, n_years: int = 1, watch: Watch = unwatched
) -> Optimum:
    """The best allocation of a model under its constraints and its objective, or the best plan of several years.

    Deterministic: the same model gives the same digits. `watch` is called many times on the way: it may count how far
    the search is, and ends it by raising.

    Raises
    ------
    InputError : the objective or a constraint asks for what the model does not have.
    SolverError : the linear solver gave up.
    """
    effort = effort or Effort()
    task = build_task(stretch(calibrated, n_years))
    is_concave = is_provable(calibrated.model)
    solve = watched(solve_provable if is_concave else solve_branching, watch)
    search = solve(task, effort)
    if search.is_infeasible:
        return _without_allocation(task, "infeasible", np.nan, is_concave, find_conflicts(task, solve))
    if search.best is None:
        return _without_allocation(task, "bounded", search.bound, is_concave, ())
    return _answer(task, search, is_concave, solve, effort)


def watched(solve: Solve, watch: Watch) -> Solve:
    """The same way to solve any task, with somebody who watches."""

    def solved(task: Task, effort: Effort, starts: Sequence[Array] = ()) -> Search:
        return solve(replace(task, watch=watch), effort, starts)

    return solved


def solve_provable(task: Task, effort: Effort, starts: Sequence[Array] = ()) -> Search:
    """A concave task: the fast way where it applies, then tangents where it has not come near enough."""
    if not is_simple(task):
        return solve_concave(task, effort, starts)
    fast = solve_fast(task, Effort(gap=max(effort.gap, FAST_GAP)))
    is_enough = fast.best is not None and distance_of(task, fast.value, fast.bound) <= effort.gap
    if fast.is_infeasible or is_enough or len(task.space.line) > MANY_LINES:
        return fast
    search = solve_concave(task, effort, [*starts, *([] if fast.best is None else [fast.best])])
    search.bound = min(search.bound, fast.bound)
    return search


def prices_of(task: Task, search: Search) -> Prices | None:
    """Prices from the linear programme, or from the one price of money of the fast way."""
    if search.master is not None and search.answer is not None:
        return steady_prices(task, search.master, read_prices(task, search.master, search.answer))
    return None if search.money_price is None else one_price(task, search.money_price)


def is_provable(model: BudgetModel) -> bool:
    """Whether the problem is concave: every need additive, served once, or independent and exponential; no gap.

    A gender gap as objective or as a bound is a difference of concave functions, whatever the curves.
    """
    if model.objective == "min_gap" or model.constraints.max_gap is not None:
        return False
    links = model.links
    for need, overlap in enumerate(model.overlap):
        own = np.flatnonzero(links.need == need)
        is_exponential = all(links.response[link] == "exponential" for link in own)
        if len(own) > 1 and not (overlap == "additive" or (overlap == "independent" and is_exponential)):
            return False
    return True


def _answer(task: Task, search: Search, is_concave: bool, solve: Solve, effort: Effort) -> Optimum:
    model, calibrated, years = base_model(task.calibrated), task.calibrated, years_of(task.calibrated)
    assert search.best is not None
    settle(task, search, is_thorough=effort.gap < THOROUGH_GAP and len(task.space.line) <= MANY_LINES)
    allocation = round_to_cents(task, serve_most(task, search, solve, effort), search.inside)
    allocation = _no_worse_than_today(task, allocation)
    value = value_of(calibrated, model.objective, allocation)
    bound = _not_below(task, search.bound, value)
    gap = gap_between(task, value, bound)
    prices = prices_of(task, search)
    binding = () if prices is None else tuple(find_binding(task, prices, task.space.columns_of(allocation)))
    return Optimum(
        model=model,
        status="optimal" if is_concave and distance_of(task, value, bound) <= OPTIMAL_GAP else "bounded",
        is_concave=is_concave,
        allocation=allocation if years == 1 else unfold(allocation, years),
        value=value,
        bound=bound,
        gap=gap,
        baseline_value=value_of(calibrated, model.objective, calibrated.model.baseline),
        budget=task.space.budget,
        spent=float(money_due(calibrated, allocation).sum()),
        n_years=years,
        binding=binding,
    )


def _no_worse_than_today(task: Task, allocation: Array) -> Array:
    """Today's allocation where that is possible and nothing better was found: whoever has it needs no other."""
    today, columns = task.calibrated.model.baseline, task.space.columns_of(task.calibrated.model.baseline)
    if not np.allclose(task.space.allocation(columns), today, rtol=0, atol=1e-6) or not keeps_money_rules(task, today):
        return allocation
    gained = value_of(task.calibrated, task.aim.kind, today) - value_of(task.calibrated, task.aim.kind, allocation)
    is_kept = worst_violation(task, task.pieces.values(columns)) <= KEPT
    return today if is_kept and task.aim.sense * gained > NO_BETTER * task.aim.reach else allocation


def settle(task: Task, search: Search, is_thorough: bool) -> None:
    """Bring lines of the best answer that stand a hair off a limit to it, where that costs nothing."""
    assert search.best is not None
    if is_thorough:
        moved = improve(task, search.best, SETTLING_STEPS, SETTLING_RADIUS)
        keep_better(task, search, moved, task.pieces.values(moved))
    snapped = np.where(search.best < HAIR, 0.0, search.best)
    values = task.pieces.values(snapped)
    value = task.value(snapped, values)
    loss = task.aim.sense * (search.value - value)
    little = HAIR * abs(search.value - task.aim.constant)
    if worst_violation(task, values) <= KEPT and task.space.keeps_rules(snapped) and loss <= little:
        search.best, search.value = snapped, value


def _not_below(task: Task, bound: float, value: float) -> float:
    """A bound and a value that differ by rounding only are the same number; more than that would be a mistake here."""
    if gap_between(task, bound, value) > 1e-6:
        raise SolverError(
            f"The value {value:.10g} is better than the bound {bound:.10g}, which cannot be. Please report this model."
        )
    return max(bound, value) if task.aim.sense > 0 else min(bound, value)


def _without_allocation(
    task: Task, status: Status, bound: float, is_concave: bool, conflicts: tuple[Conflict, ...]
) -> Optimum:
    return Optimum(
        model=base_model(task.calibrated),
        status=status,
        is_concave=is_concave,
        allocation=None,
        value=np.nan,
        bound=bound,
        gap=np.nan,
        baseline_value=value_of(task.calibrated, task.aim.kind, task.calibrated.model.baseline),
        budget=task.space.budget,
        spent=np.nan,
        n_years=years_of(task.calibrated),
        conflicts=conflicts,
    )
