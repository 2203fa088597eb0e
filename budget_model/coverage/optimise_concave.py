"""Outer approximation of a concave task: tangents from above, true values from below, until the two meet.

Each round solves the linear programme (an upper bound), tries the answer (a lower bound), and adds tangents there.
Answers that miss a rule on coverage are drawn back towards a point inside, where the rules hold with room to spare.
The same loop serves the boxes of a task that is not concave, whose tangents lie on estimators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from budget_model.coverage.optimise_estimators import build_estimators
from budget_model.coverage.optimise_master import Block, Master, MasterAnswer, Softness, wants_less
from budget_model.coverage.optimise_task import Task
from budget_model.coverage.types import Array

KEPT = 1e-9  # share of a universe by which a rule on coverage may be missed: rounding
FEASIBILITY_ROUNDS = 200
RELAXED_ROUNDS = 10  # of a box whose estimators are not exact: more tangents do not help there
PADDING = 1e-9  # relative: what the sums of a bound may lose to rounding
ROUNDING = 1e-13  # relative: sums of many floats that are apart by no more are the same


@dataclass(frozen=True)
class Effort:
    """When to stop: at this relative gap, or after so many rounds (of one box) and boxes."""

    gap: float = 1e-6
    rounds: int = 60
    boxes: int = 120
    tightens: bool = True  # whether each line is asked for its limits before boxes are split: slow where lines are many


@dataclass(frozen=True)
class Hope:
    """What makes a box worth a look while others are known already."""

    target: float  # value that its bound must better
    side: float = 0.0  # of the smallest gap: its sign at the best known allocation


class Solve(Protocol):
    """A way to solve a task; `starts` are decision columns worth trying."""

    def __call__(self, task: Task, effort: Effort, starts: Sequence[Array] = ()) -> Search: ...


@dataclass
class Search:
    """What is known so far. `best` are decision columns (payments included) that keep every rule."""

    bound: float
    best: Array | None = None
    value: float = np.nan
    inside: Array | None = None  # keeps the rules with the most room
    answer: MasterAnswer | None = None
    master: Master | None = None
    is_infeasible: bool = False
    rounds: int = 0
    money_price: float | None = None  # of the budget, in the aim's unit per currency, where no prices were asked for
    trail: list[Array] = field(default_factory=list)  # answers of the linear programmes


def bound_of(task: Task, minimised: float) -> float:
    """The aim's bound, in its own unit, from the bound of the minimised objective."""
    aim = task.aim
    if aim.kind == "min_cost":
        return float(task.space.cost_fixed + aim.reach * minimised)
    if aim.rows is not None:
        return -aim.sense * minimised
    return aim.constant - aim.reach * minimised


def gap_between(task: Task, value: float, bound: float) -> float:
    """How far the value may be from the best: share of the larger; of min_gap the plain difference of shares."""
    distance = max(task.aim.sense * (bound - value), 0.0)
    if task.aim.kind == "min_gap":
        return distance
    largest = max(abs(value), abs(bound))
    return distance / largest if largest > 0 else 0.0


def distance_of(task: Task, value: float, bound: float) -> float:
    """The same against what decisions add: needs that are met without any programme make no answer look near.

    This is what searches stop at and what *optimal* rests on.
    """
    distance = max(task.aim.sense * (bound - value), 0.0)
    if task.aim.kind == "min_gap":
        return distance
    if distance <= ROUNDING * max(abs(value), abs(bound)):
        return 0.0
    return distance / max(abs(value - task.aim.constant), abs(bound - task.aim.constant))


def worst_violation(task: Task, values: Array) -> float:
    """Signed: how far the worst rule on coverage is missed (above 0) or how much room the tightest one has."""
    if len(task.rows.lower) == 0:
        return -np.inf
    shares = task.rows.shares(values)
    return float(np.maximum(task.rows.lower - shares, shares - task.rows.upper).max())


def start_points(task: Task) -> list[Array]:
    """Where the first tangents are drawn: around today's allocation."""
    base = task.space.columns_of(task.calibrated.model.baseline)
    points = [base, np.clip(0.4 * base + 0.02, 0.0, 1.0), np.clip(2.5 * base + 0.05, 0.0, 1.0)]
    return [_padded(task, point) for point in points]


def _padded(task: Task, money: Array) -> Array:
    """Money columns with payments of 0, for where only money counts (tangents)."""
    return np.concatenate([money, np.zeros(task.space.n_columns - len(money))])


def solve_concave(task: Task, effort: Effort, starts: Sequence[Array] = ()) -> Search:
    """Bound and best allocation of a concave task."""
    low, high = np.zeros(task.space.n_columns), np.ones(task.space.n_columns)
    search = solve_box(task, low, high, effort, [*start_points(task), *starts])
    for start in starts:
        keep_better(task, search, start, task.pieces.values(start))
    return search


def softness_of(task: Task) -> Softness | None:
    """Every rule on coverage gets all of the slack, which measures the room they leave; None where there is no rule."""
    count = len(task.rows.lower)
    return Softness(np.zeros(len(task.space.rules)), np.ones(count), least=-1.0) if count else None


def solve_box(
    task: Task,
    low: Array,
    high: Array,
    effort: Effort,
    starts: Sequence[Array],
    rules: list[Block] | None = None,
    hope: Hope | None = None,
) -> Search:
    """The same on a box of columns; exact where the task is concave there, a relaxation elsewhere.

    `rules` are the blocks of `rule_blocks`, where they have been built already. With `hope` a box is left as soon as
    its bound says that it holds none.
    """
    if task.space.contradictory.any():
        return Search(bound=task.aim.sense * np.inf, is_infeasible=True)
    money = slice(len(task.space.line))
    estimators = build_estimators(task.pieces, low[money], high[money])
    soft = softness_of(task)
    master = Master(task, estimators, low, high, soft, rules, 0.0 if hope is None else hope.side)
    for point in starts:
        master.add_cuts(np.clip(point, low, high))
    search = Search(bound=task.aim.sense * np.inf, master=master)
    if soft is not None:
        find_inside(task, master, search)
        if search.is_infeasible:
            return search
        master.fix_slack()
    master.aim_at_task()
    sharpen(task, master, search, effort, hope)
    return search


# ---- a point inside --------------------------------------------------------------------------------------------------


def find_inside(task: Task, master: Master, search: Search, rounds: int = FEASIBILITY_ROUNDS) -> None:
    """The point with (about) the most room under the rules on coverage, or the proof that there is none."""
    master.aim_at_slack()
    least = np.inf
    is_exact = master.estimators.kind.is_exact and not wants_less(task).any()
    for _ in range(rounds if is_exact else min(rounds, RELAXED_ROUNDS)):
        answer = master.solve()
        if answer is None or answer.bound > KEPT:
            search.is_infeasible = True
            return
        point = answer.columns[: master.layout.n_decisions]
        search.trail.append(point)
        missed = worst_violation(task, task.pieces.values(point))
        if missed < least:
            least, search.inside = missed, point
        if least <= min(0.5 * answer.bound, -KEPT) or (answer.bound > -KEPT and least <= KEPT):
            return
        if _repeats(search.trail):
            return
        master.add_cuts(point)


def _repeats(trail: list[Array]) -> bool:
    return len(trail) > 1 and bool(np.abs(trail[-1] - trail[-2]).max(initial=0.0) < 1e-9)


# ---- rounds ----------------------------------------------------------------------------------------------------------


def sharpen(task: Task, master: Master, search: Search, effort: Effort, hope: Hope | None = None) -> None:
    """Rounds of bound, trial and tangents until the gap is small enough or nothing moves any more."""
    for search.rounds in range(1, effort.rounds + 1):
        answer = master.solve()
        if answer is None:
            search.is_infeasible = search.best is None
            return
        search.answer = answer
        previous = search.bound
        search.bound = _tighter(task, previous, bound_of(task, answer.bound))
        point = answer.columns[: master.layout.n_decisions]
        search.trail.append(point)
        tried = try_point(task, search, point)
        if search.best is not None and distance_of(task, search.value, search.bound) <= effort.gap:
            return
        if hope is not None and task.aim.sense * (search.bound - hope.target) <= 0:
            return
        if _repeats(search.trail) and previous == search.bound:
            return
        for place in (point, *tried):
            master.add_cuts(place)


def _tighter(task: Task, one: float, other: float) -> float:
    padded = other + task.aim.sense * PADDING * abs(other - task.aim.constant)
    return min(one, padded) if task.aim.sense > 0 else max(one, padded)


def try_point(task: Task, search: Search, point: Array) -> list[Array]:
    """Draw an answer back to where the rules hold, then look along the line from the best known one.

    Returns the further points at which tangents are worth having.
    """
    values = task.pieces.values(point)
    further = []
    if worst_violation(task, values) > KEPT:
        if search.inside is None or worst_violation(task, task.pieces.values(search.inside)) > KEPT:
            return []
        point = draw_back(task, search.inside, point)
        values = task.pieces.values(point)
        further.append(point)
    known = search.best
    keep_better(task, search, point, values)
    if known is not None:
        for part in (0.25, 0.5, 0.75):
            between = known + part * (point - known)
            if keep_better(task, search, between, task.pieces.values(between)):
                further.append(between)
    return further[:1] + further[-1:] if len(further) > 2 else further


def keep_better(task: Task, search: Search, point: Array, values: Array) -> bool:
    """Remember a point that keeps the rules and beats the best known one."""
    if worst_violation(task, values) > KEPT or not task.space.keeps_rules(point):
        return False
    value = task.value(point, values)
    if search.best is not None and task.aim.sense * (value - search.value) <= 0:
        return False
    search.best, search.value = point, value
    return True


def draw_back(task: Task, inside: Array, outside: Array) -> Array:
    """The last point on the way from inside to outside that keeps the rules (coverage is continuous).

    Where coverage is concave, how far the rules are missed is convex on the way, so that a secant never passes the
    border; a bracket and every third step through its middle serve the rest.
    """

    def missed_at(part: float) -> float:
        return worst_violation(task, task.pieces.values(inside + part * (outside - inside)))

    kept, missed = 0.0, 1.0
    room, excess = -missed_at(kept), missed_at(missed)
    for number in range(1, 41):
        share = 0.5 if number % 3 == 0 or room <= 0 else room / (room + excess)
        part = kept + share * (missed - kept)
        found = missed_at(part)
        if found <= 0:
            kept, room = part, -found
        else:
            missed, excess = part, found
        if missed - kept < 1e-9 or 0 <= room <= 0.01 * KEPT:
            break
    return np.asarray(inside + kept * (outside - inside))
