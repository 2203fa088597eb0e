"""Second thoughts about a best value: which of the allocations that reach it serves most, and the price of equality.

`serve_most` settles ties: the smallest gap alone could be had by leaving everybody badly served. `find_frontier` walks
from the best total to the smallest gender gap.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise_branching import solve_branching
from budget_model.coverage.optimise_concave import Effort, Search, Solve, gap_between, worst_violation
from budget_model.coverage.optimise_rounding import round_to_cents
from budget_model.coverage.optimise_task import (
    CoverageRule,
    Rows,
    Task,
    Watch,
    build_aim,
    build_task,
    group_share,
    unwatched,
    value_of,
)
from budget_model.coverage.optimise_years import coverage_of, stretch, unfold, years_of
from budget_model.coverage.scenario import MEN, WOMEN
from budget_model.coverage.types import Array
from budget_model.errors import InputError, Problem

HELD = 1e-8  # share by which the first aim may give way to the second
SECOND = Effort(gap=1e-5, rounds=40, boxes=6, tightens=False)  # its bound is of no use
POINT = Effort(gap=5e-3, rounds=40, boxes=8)
FEWEST_POINTS = 2


# ---- ties ------------------------------------------------------------------------------------------------------------


def serve_most(task: Task, search: Search, solve: Solve, effort: Effort) -> Array:
    """Among allocations as good as the best one found (to 1e-8), one that meets most weighted needs of all groups.

    Decision columns; those of the search where nothing better is found.
    """
    if task.aim.kind not in ("women", "max_min", "min_gap") or search.best is None:
        return _best_of(search)
    second = _with_rows(_total_task(task), _held(task, search.value))
    found = solve(second, dataclasses.replace(SECOND, gap=max(effort.gap, SECOND.gap)), [search.best]).best
    if found is None or _worse(task, task.value(found), search.value):
        return search.best
    if second.value(found) <= second.value(search.best) or worst_violation(task, task.pieces.values(found)) > 1e-9:
        return search.best
    return found


def _best_of(search: Search) -> Array:
    assert search.best is not None
    return search.best


def _worse(task: Task, value: float, best: float) -> bool:
    return task.aim.sense * (value - best) < -2 * HELD * max(1.0, abs(best) if task.aim.rows is None else 1.0)


def _total_task(task: Task) -> Task:
    return dataclasses.replace(task, aim=build_aim(task.calibrated, task.pieces, "total"))


def _held(task: Task, value: float) -> Rows:
    """The first aim as rules: its value is not to be given up again."""
    aim = task.aim
    if aim.rows is None:
        matrix = sparse.csr_matrix(aim.gain / aim.reach)
        share = np.array([value / aim.reach - HELD])
        return Rows(matrix, np.array([aim.constant / aim.reach]), share, np.array([np.inf]))
    count = aim.rows.matrix.shape[0]
    if aim.kind == "max_min":
        return dataclasses.replace(aim.rows, lower=np.full(count, value - HELD), upper=np.full(count, np.inf))
    limit = np.full(count, value + HELD)
    return dataclasses.replace(aim.rows, lower=-limit, upper=limit)


def _with_rows(task: Task, more: Rows) -> Task:
    rows = Rows(
        sparse.csr_matrix(sparse.vstack([task.rows.matrix, more.matrix])),
        np.concatenate([task.rows.constant, more.constant]),
        np.concatenate([task.rows.lower, more.lower]),
        np.concatenate([task.rows.upper, more.upper]),
    )
    held = tuple(CoverageRule("held", {}) for _ in more.lower)
    return dataclasses.replace(task, rows=rows, rules=(*task.rules, *held))


# ---- total coverage against the gender gap ---------------------------------------------------------------------------


@dataclass(frozen=True)
class FrontierPoint:
    """The best total that keeps the gender gap within a limit. Shares are 0-1, priority-weighted."""

    max_gap: float  # share
    total: float  # weighted persons whose needs are met
    bound: float  # what no allocation within the limit can better
    gap: float  # relative distance of the two
    gender_gap: float  # share, women minus men
    women: float  # share
    men: float
    allocation: Array  # (P, A) whole cents; of a plan (T, P, A)


def find_frontier(
    calibrated: CalibratedModel, points: int, effort: Effort = POINT, n_years: int = 1, watch: Watch = unwatched
) -> tuple[FrontierPoint, ...]:
    """From the smallest gender gap that can be had to the gap of the best total, in equal steps.

    Empty where the constraints leave nothing possible. The model's objective is not looked at; its constraints hold.
    `watch` as of `optimise`.

    Raises
    ------
    InputError : fewer than two points, or no women or men among the groups.
    """
    if points < FEWEST_POINTS:
        message = f"A frontier of {points} points was asked for. Ask for {FEWEST_POINTS} or more."
        raise InputError(Problem("too-few-points", message, value=str(points)))
    calibrated = stretch(calibrated, n_years)
    total, smallest = (_solved(calibrated, aim, effort, watch) for aim in ("total", "min_gap"))
    if total[1].best is None or smallest[1].best is None:
        return ()
    widest = value_of(calibrated, "min_gap", total[0].space.allocation(total[1].best))
    found = _walk(calibrated, np.linspace(widest, min(smallest[1].value, widest), points), total, smallest, effort)
    return tuple(found)[::-1]


def _solved(calibrated: CalibratedModel, objective: str, effort: Effort, watch: Watch) -> tuple[Task, Search]:
    model = dataclasses.replace(calibrated.model, objective=objective)
    task = dataclasses.replace(build_task(dataclasses.replace(calibrated, model=model)), watch=watch)
    return task, solve_branching(task, effort)


def _walk(
    calibrated: CalibratedModel,
    limits: Array,
    total: tuple[Task, Search],
    smallest: tuple[Task, Search],
    effort: Effort,
) -> Iterator[FrontierPoint]:
    """From the best total inwards: each point starts from its neighbour and from the smallest gap."""
    starts = [_best_of(smallest[1]), _best_of(total[1])]
    ceiling = total[1].bound
    for limit in limits:
        task = dataclasses.replace(_limited(calibrated, float(limit)), watch=total[0].watch)
        search = solve_branching(task, effort, starts)
        if search.best is None:
            continue
        starts = [_best_of(smallest[1]), search.best]
        ceiling = min(ceiling, search.bound)  # a tighter limit cannot serve more
        yield _point(task, search, float(limit), ceiling)


def _limited(calibrated: CalibratedModel, limit: float) -> Task:
    model = calibrated.model
    stated = model.constraints.max_gap
    allowed = limit + HELD if stated is None else min(limit + HELD, stated)
    limits = dataclasses.replace(model.constraints, max_gap=allowed)
    changed = dataclasses.replace(model, objective="total", constraints=limits)
    return build_task(dataclasses.replace(calibrated, model=changed))


def _point(task: Task, search: Search, limit: float, ceiling: float) -> FrontierPoint:
    calibrated = task.calibrated
    allocation = round_to_cents(task, _best_of(search), search.inside)
    coverage = np.nan_to_num(coverage_of(calibrated, allocation))
    women, men = (float((group_share(calibrated, group) * coverage).sum()) for group in (WOMEN, MEN))
    value = value_of(calibrated, "total", allocation)
    bound = max(ceiling, value)
    years = years_of(calibrated)
    amounts = allocation if years == 1 else unfold(allocation, years)
    return FrontierPoint(limit, value, bound, gap_between(task, value, bound), women - men, women, men, amounts)
