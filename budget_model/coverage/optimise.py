"""The best allocation, with its certificate: value, bound, gap, what binds, and where nothing is possible, why.

`docs/model.md`, *The best allocation*, defines every figure. Rooms: `optimise_space` (decisions), `optimise_pieces`
(coverage), `optimise_estimators`, `optimise_task` (aim and rules), `optimise_master` (linear programme),
`optimise_concave` and `optimise_branching` (the search), `optimise_conflicts`, `optimise_prices`, `optimise_rounding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise_branching import solve_branching
from budget_model.coverage.optimise_concave import (
    KEPT,
    Effort,
    Search,
    gap_between,
    keep_better,
    solve_concave,
    worst_violation,
)
from budget_model.coverage.optimise_conflicts import Conflict, find_conflicts
from budget_model.coverage.optimise_local import improve
from budget_model.coverage.optimise_prices import Binding, find_binding, read_prices
from budget_model.coverage.optimise_rounding import round_to_cents
from budget_model.coverage.optimise_task import Task, build_task, value_of
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import SolverError

Status = Literal["optimal", "bounded", "infeasible"]
OPTIMAL_GAP = 5e-4
HAIR = 1e-6  # of a column's width, and of the value
SETTLING_STEPS, SETTLING_RADIUS = 8, 1e-4  # lines a hair off a limit are brought to it


@dataclass(frozen=True)
class Optimum:
    """The answer. `value` is the model's true value at `allocation`, `bound` what no allocation can better.

    Without an allocation (nothing is possible, or nothing was found) value and gap are NaN.
    """

    model: BudgetModel
    status: Status
    is_concave: bool  # whether the best value can be proved (docs/model.md says which problems)
    allocation: Array | None  # (P, A) currency / year, whole cents
    value: float
    bound: float
    gap: float  # share of the larger of the two; of min_gap their plain difference
    baseline_value: float
    budget: float | None  # what may be spent; None: no limit
    binding: tuple[Binding, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def optimise(calibrated: CalibratedModel, effort: Effort | None = None) -> Optimum:
    """The best allocation of a model under its constraints and its objective.

    Deterministic: the same model gives the same digits.

    Raises
    ------
    InputError : the objective or a constraint asks for what the model does not have.
    SolverError : the linear solver gave up.
    """
    effort = effort or Effort()
    task = build_task(calibrated)
    is_concave = is_provable(calibrated.model)
    solve = solve_concave if is_concave else solve_branching
    search = solve(task, effort)
    if search.is_infeasible:
        return _without_allocation(task, "infeasible", np.nan, is_concave, find_conflicts(task, solve))
    if search.best is None:
        return _without_allocation(task, "bounded", search.bound, is_concave, ())
    return _answer(task, search, is_concave)


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


def _answer(task: Task, search: Search, is_concave: bool) -> Optimum:
    model, calibrated = task.calibrated.model, task.calibrated
    assert search.best is not None
    allocation = round_to_cents(task, settle(task, search), search.inside)
    value = value_of(calibrated, model.objective, allocation)
    bound = _not_below(task, search.bound, value)
    gap = gap_between(task, value, bound)
    binding: tuple[Binding, ...] = ()
    if search.master is not None and search.answer is not None:
        prices = read_prices(task, search.master, search.answer)
        binding = tuple(find_binding(task, prices, task.space.columns_of(allocation)))
    return Optimum(
        model=model,
        status="optimal" if is_concave and gap <= OPTIMAL_GAP else "bounded",
        is_concave=is_concave,
        allocation=allocation,
        value=value,
        bound=bound,
        gap=gap,
        baseline_value=value_of(calibrated, model.objective, model.baseline),
        budget=task.space.budget,
        binding=binding,
    )


def settle(task: Task, search: Search) -> Array:
    """The best answer with lines that stand a hair off a limit brought to it, where that costs nothing."""
    assert search.best is not None
    moved = improve(task, search.best, SETTLING_STEPS, SETTLING_RADIUS)
    keep_better(task, search, moved, task.pieces.values(moved))
    snapped = np.where(search.best < HAIR, 0.0, search.best)
    values = task.pieces.values(snapped)
    loss = task.aim.sense * (search.value - task.value(snapped, values))
    if worst_violation(task, values) <= KEPT and task.space.keeps_rules(snapped) and loss <= HAIR * abs(search.value):
        return snapped
    return search.best


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
        model=task.calibrated.model,
        status=status,
        is_concave=is_concave,
        allocation=None,
        value=np.nan,
        bound=bound,
        gap=np.nan,
        baseline_value=value_of(task.calibrated, task.aim.kind, task.calibrated.model.baseline),
        budget=task.space.budget,
        conflicts=conflicts,
    )
