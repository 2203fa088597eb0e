"""Why nothing is possible: the constraints that contradict each other, and the smallest change of each that helps.

An irreducible set is found by leaving constraints out one after another: what can be left out without anything
becoming possible does not belong to the contradiction. Then each of the set is relaxed alone, all others kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise_concave import (
    FEASIBILITY_ROUNDS,
    KEPT,
    Effort,
    Search,
    Solve,
    find_inside,
    softness_of,
    start_points,
    worst_violation,
)
from budget_model.coverage.optimise_estimators import build_estimators, concave_cells
from budget_model.coverage.optimise_master import Master, Softness
from budget_model.coverage.optimise_parts import (
    LINES,
    Part,
    changed,
    constraint_parts,
    leave_out,
    line_parts,
    with_limit,
    with_target,
)
from budget_model.coverage.optimise_space import budget_of
from budget_model.coverage.optimise_task import Aim, Task, build_task
from budget_model.coverage.optimise_years import years_of
from budget_model.coverage.types import Array, BudgetModel

SEARCH = Effort(gap=1e-6, rounds=80, boxes=60)
MANY_ROWS, FEW_ROUNDS = 1000, 30  # rounds of the search for a proof in a large task
LARGE_BOXES, FEWEST_BOXES, LARGE_GAP = 10_000, 2, 1e-5  # rows x boxes of a search in a large task, and where it ends
NEARLY = 1e-4  # of an amount, or a share: closer than this, what was found is what is needed
HALVINGS = 40
NEARLY_MONEY = 0.002  # currency: closer than this is the same cent
MOST_SETS, MOST_LINES = 8, 6  # contradictions told apart, and lines named of one; more are told together
MOST_MONEY = 1e6  # times a ceiling: beyond it, it is none
ASKS = ("min_coverage", "min_coverage_by_area", "no_group_worse_off", "max_gap", "min_share")  # what is wished for
MOST_CHANGE = 1e3  # of a baseline amount: a limit on change beyond this is none


@dataclass(frozen=True)
class Conflict:
    """One of the constraints that cannot all be kept.

    `relaxation` is the smallest change of this one alone, all others kept, that makes an allocation possible:
    `{"quantity", "now", "needed", "difference", "limit", "is_proven"}`: `needed` was found to do, and it is proved that
    nothing does on this side of `limit`, which is `needed` where `is_proven`. None where no change of it alone is
    enough, or none was found. Then `still` are the
    constraints (name and facts) that contradict each other even without it. `aside` are those that contradict the rest
    in any case, and without which the relaxation was worked out.
    """

    constraint: str
    facts: dict[str, Any]
    relaxation: dict[str, Any] | None
    still: tuple[tuple[str, dict[str, Any]], ...] = ()
    aside: tuple[tuple[str, dict[str, Any]], ...] = ()


def find_conflicts(task: Task, solve: Solve) -> tuple[Conflict, ...]:
    """The contradicting constraints of a task that has no solution; `solve` finds best allocations."""
    calibrated = _with_explicit_budget(task.calibrated)
    sets = contradictions(calibrated)
    found: list[Conflict] = []
    for part in _once(sets):
        aside = [other for one in sets if not _has(one, part) for other in one if other.constraint in ASKS]
        found.append(_conflict(calibrated, part, _without(aside, part), solve))
    return tuple(found)


def contradictions(calibrated: CalibratedModel) -> list[list[Part]]:
    """Sets of constraints that cannot be kept together: what a set asks for does not stand in the next ones.

    Two targets that are both out of reach are two contradictions; each is told with what can be reached at most.
    """
    sets: list[list[Part]] = []
    model = calibrated.model
    while len(sets) < MOST_SETS:
        left = dataclasses.replace(calibrated, model=model)
        found = _line_by_line(left, irreducible(left, list(constraint_parts(model))))
        sets.append(found)
        asks = [part for part in found if part.constraint in ASKS]
        model = leave_out(model, asks)
        if not asks or not is_impossible(calibrated, model):
            break
    return sets


def _line_by_line(calibrated: CalibratedModel, found: list[Part]) -> list[Part]:
    """Floors and ceilings of a contradiction by programme and area, where few lines are behind it."""
    for kind in LINES:
        together = [part for part in found if part.constraint == kind]
        others = [part for part in found if part.constraint != kind]
        if not together:
            continue
        needed = {part.constraint for part in found}
        spare = [part for part in constraint_parts(calibrated.model) if part.constraint not in needed]
        bare = dataclasses.replace(calibrated, model=leave_out(calibrated.model, spare))
        lines = irreducible(bare, line_parts(bare.model, kind), MOST_LINES)
        if lines:
            found = [*lines, *others]
    return found


def _once(sets: list[list[Part]]) -> list[Part]:
    """Every part of the sets, each once, in order."""
    parts: list[Part] = []
    for one in sets:
        parts += [part for part in one if not _has(parts, part)]
    return parts


def _has(parts: list[Part], part: Part) -> bool:
    return any(other.is_same(part) for other in parts)


def _without(parts: list[Part], part: Part) -> list[Part]:
    return [other for other in parts if not other.is_same(part)]


def _conflict(calibrated: CalibratedModel, part: Part, aside: list[Part], solve: Solve) -> Conflict:
    named = tuple((other.constraint, other.facts) for other in aside)
    calibrated = dataclasses.replace(calibrated, model=leave_out(calibrated.model, aside))
    without = part.without(calibrated.model)
    if not is_impossible(calibrated, without):
        relaxation = smallest_relaxation(calibrated, part, without, solve)
        return Conflict(part.constraint, part.facts, relaxation, aside=named)
    left = irreducible(dataclasses.replace(calibrated, model=without), list(constraint_parts(without)))
    return Conflict(part.constraint, part.facts, None, tuple((other.constraint, other.facts) for other in left), named)


# ---- the contradiction -----------------------------------------------------------------------------------------------


def irreducible(calibrated: CalibratedModel, parts: list[Part], most: int | None = None) -> list[Part]:
    """Parts none of which can be left out without an allocation becoming possible; none where they are above `most`.

    Many are left out at once as long as that works, so that hundreds of targets take few attempts.
    """
    needed: list[Part] = []
    unknown, model = list(parts), calibrated.model
    chunk = max(1, len(unknown) // 2)
    while unknown:
        without = leave_out(model, unknown[:chunk])
        if is_impossible(calibrated, without):
            model, unknown = without, unknown[chunk:]
        elif chunk == 1:
            needed.append(unknown.pop(0))
            if most is not None and len(needed) > most:
                return []
        else:
            chunk //= 2
    return needed or parts


def is_impossible(calibrated: CalibratedModel, model: BudgetModel) -> bool:
    """Whether it is proved that no allocation keeps the model's constraints; False also where nothing is proved.

    An allocation at hand that keeps them (today's, or one around it) settles it at once; else linear programmes from
    above look for the proof, fewer of them where they are large.
    """
    task = _feasibility_task(calibrated, model)
    if task.space.contradictory.any():
        return True
    points = start_points(task)
    if any(_keeps_all(task, point) for point in points):
        return False
    low, high = np.zeros(task.space.n_columns), np.ones(task.space.n_columns)
    money = slice(len(task.space.line))
    soft = softness_of(task) or Softness(np.zeros(len(task.space.rules)), np.zeros(0), least=-1.0)
    master = Master(task, build_estimators(task.pieces, low[money], high[money]), low, high, soft)
    for point in points:
        master.add_cuts(point)
    search = Search(bound=0.0)
    find_inside(task, master, search, FEW_ROUNDS if task.pieces.n_rows > MANY_ROWS else FEASIBILITY_ROUNDS)
    return search.is_infeasible


def _keeps_all(task: Task, point: Array) -> bool:
    """Whether a point keeps every rule; payments of sources are not worked out here, so with sources it never does."""
    if task.space.n_columns > len(task.space.line) or not task.space.keeps_rules(point):
        return False
    return worst_violation(task, task.pieces.values(point)) <= KEPT


def _feasibility_task(calibrated: CalibratedModel, model: BudgetModel) -> Task:
    """A task whose aim does not matter: least money, so that a model without a budget has no limit on money."""
    without_aim = dataclasses.replace(model, objective="min_cost")
    return build_task(dataclasses.replace(calibrated, model=without_aim), check=False)


# ---- relaxations -----------------------------------------------------------------------------------------------------


def smallest_relaxation(
    calibrated: CalibratedModel, part: Part, without: BudgetModel, solve: Solve
) -> dict[str, Any] | None:
    """The smallest change of one constraint, all others kept, where leaving it out (`without`) is enough."""
    ways: dict[str, Callable[[CalibratedModel, Part, BudgetModel, Solve], dict[str, Any] | None]] = {
        "budget": _needed_budget,
        "min_coverage": _reachable_coverage,
        "min_coverage_by_area": _reachable_coverage,
        "min_share": _reachable_share,
        "max_change": _needed_change,
        "max_gap": _needed_gap,
        "floor": _kept_floor,
        "ceiling": _needed_ceiling,
    }
    way = ways.get(part.constraint)
    if way is None or (part.constraint in LINES and "amount" not in part.facts):
        return {"quantity": "left_out"}
    return way(calibrated, part, without, solve)


def _found(task: Task, solve: Solve) -> Search:
    """The best that a search finds within an effort that falls with the size of the task, counted, not timed."""
    if task.pieces.n_rows <= MANY_ROWS:
        return solve(task, SEARCH)
    boxes = max(FEWEST_BOXES, LARGE_BOXES // task.pieces.n_rows)
    return solve(task, Effort(gap=LARGE_GAP, rounds=SEARCH.rounds, boxes=boxes, tightens=False))


def _needed_budget(
    calibrated: CalibratedModel, part: Part, without: BudgetModel, solve: Solve
) -> dict[str, Any] | None:
    """Least money that keeps the rest. What earmarked sources hold counts as budget even where it is of no use."""
    search = _found(_feasibility_task(calibrated, without), solve)
    if search.best is None:
        return None
    needed, limit, stated = search.value, search.bound, part.facts["amount"]
    needed += sum(source.amount for source in without.constraints.earmarks)
    if _is_exact(calibrated, without) and (without.constraints.earmarks or years_of(calibrated) > 1):

        def fails(budget: float) -> bool:
            return is_impossible(calibrated, changed(budget=budget)(without))

        needed, limit = _border(fails, stated, max(needed, stated))
    return _relaxation("amount", stated, float(np.ceil(needed * 100 - 1e-6) / 100), max(limit, stated))


def _reachable_coverage(
    calibrated: CalibratedModel, part: Part, without: BudgetModel, solve: Solve
) -> dict[str, Any] | None:
    """The highest coverage that the other constraints leave possible."""
    task = _feasibility_task(calibrated, with_target(part.facts, 0.0)(without))
    asked = {**part.facts, "coverage": 0.0}.items()
    positions = [i for i, rule in enumerate(task.rules) if rule.kind == part.constraint and asked <= rule.facts.items()]
    free = np.full(len(positions), np.inf)
    matrix, constant = task.rows.matrix[positions], task.rows.constant[positions]
    own = dataclasses.replace(task.rows, matrix=matrix, constant=constant, lower=-free, upper=free)
    aim = Aim("max_min", 1.0, np.zeros(task.pieces.n_cells), 0.0, own, whole=1.0, reach=1.0)
    search = _found(dataclasses.replace(task, aim=aim), solve)
    if search.best is None:
        return None
    reached = max(0.0, float(np.floor(search.value * 1e6 - 1e-3) / 1e6))
    return _relaxation("coverage", part.facts["coverage"], reached, min(search.bound, part.facts["coverage"]))


def _reachable_share(
    calibrated: CalibratedModel, part: Part, without: BudgetModel, solve: Solve
) -> dict[str, Any] | None:
    named = part.facts["programmes"]

    def fails(share: float) -> bool:
        altered = changed(min_share={"programmes": named, "share": share})(without)
        return is_impossible(calibrated, altered)

    return _border_relaxation(calibrated, without, part, *_border(fails, part.facts["share"], 0.0))


def _needed_change(
    calibrated: CalibratedModel, part: Part, without: BudgetModel, solve: Solve
) -> dict[str, Any] | None:
    def fails(share: float) -> bool:
        return is_impossible(calibrated, changed(max_change=share)(without))

    far = max(1.0, 2 * part.facts["share"])
    while fails(far):
        far *= 4
        if far > MOST_CHANGE:
            return {"quantity": "left_out"}
    return _border_relaxation(calibrated, without, part, *_border(fails, part.facts["share"], far))


def _kept_floor(calibrated: CalibratedModel, part: Part, without: BudgetModel, solve: Solve) -> dict[str, Any]:
    """The most of a line's floor that the other constraints leave possible."""
    line, stated = _line_of(without, part), part.facts["amount"]

    def fails(amount: float) -> bool:
        return is_impossible(calibrated, with_limit("floor", line, amount)(without))

    working, failing = _border(fails, stated, 0.0, NEARLY_MONEY)
    return _money_border(calibrated, without, "floor", stated, float(np.floor(working * 100) / 100), failing)


def _needed_ceiling(
    calibrated: CalibratedModel, part: Part, without: BudgetModel, solve: Solve
) -> dict[str, Any] | None:
    """The lowest ceiling of a line with which the others can be kept."""
    line, stated = _line_of(without, part), part.facts["amount"]

    def fails(amount: float) -> bool:
        return is_impossible(calibrated, with_limit("ceiling", line, amount)(without))

    far = max(2 * stated, 1.0)
    while fails(far):
        far *= 4
        if far > MOST_MONEY * max(stated, 1.0):
            return {"quantity": "left_out"}
    working, failing = _border(fails, stated, far, NEARLY_MONEY)
    return _money_border(calibrated, without, "ceiling", stated, float(np.ceil(working * 100) / 100), failing)


def _line_of(model: BudgetModel, part: Part) -> tuple[int, int]:
    return model.programmes.index(part.facts["programme"]), model.areas.index(part.facts["area"])


def _money_border(
    calibrated: CalibratedModel, without: BudgetModel, quantity: str, stated: float, working: float, failing: float
) -> dict[str, Any]:
    relaxation = _relaxation(quantity, stated, working, failing)
    return relaxation if _is_exact(calibrated, without) else {**relaxation, "limit": failing, "is_proven": False}


def _border_relaxation(
    calibrated: CalibratedModel, without: BudgetModel, part: Part, working: float, failing: float
) -> dict[str, Any]:
    """Where coverage is not concave, the working end is only one at which nothing is proved to be impossible."""
    relaxation = _relaxation("share", part.facts["share"], working, failing)
    return relaxation if _is_exact(calibrated, without) else {**relaxation, "limit": failing, "is_proven": False}


def _is_exact(calibrated: CalibratedModel, model: BudgetModel) -> bool:
    """Whether linear programmes from above leave nothing open: coverage is concave, and no gender gap is limited."""
    task = _feasibility_task(calibrated, model)
    is_small = task.pieces.n_rows <= MANY_ROWS
    return is_small and model.constraints.max_gap is None and bool(concave_cells(task.pieces).all())


def _needed_gap(calibrated: CalibratedModel, part: Part, without: BudgetModel, solve: Solve) -> dict[str, Any] | None:
    smallest = dataclasses.replace(without, objective="min_gap")
    search = _found(build_task(dataclasses.replace(calibrated, model=smallest)), solve)
    if search.best is None:
        return None
    needed = float(np.ceil(search.value * 1e6) / 1e6)
    return _relaxation("gap", part.facts["gap"], needed, max(search.bound, part.facts["gap"]))


def _with_explicit_budget(calibrated: CalibratedModel) -> CalibratedModel:
    """The default budget (today's total) stated, where another aim would read its absence as no limit."""
    stated = changed(budget=budget_of(calibrated))(calibrated.model)
    return dataclasses.replace(calibrated, model=stated)


def _border(fails: Callable[[float], bool], failing: float, working: float, near: float = 1e-6) -> tuple[float, float]:
    """Both ends, the working one first, of a bracket around the border between failing and working values."""
    for _ in range(HALVINGS):
        if abs(failing - working) <= near:
            break
        middle = 0.5 * (failing + working)
        failing, working = (middle, working) if fails(middle) else (failing, middle)
    return working, failing


def _relaxation(quantity: str, now: float, needed: float, limit: float) -> dict[str, Any]:
    """`needed` was found to do; up to `limit` it is proved that nothing does. One where they nearly meet."""
    is_proven = abs(needed - limit) <= NEARLY * max(abs(needed), 1.0)
    return {
        "quantity": quantity,
        "now": now,
        "needed": needed,
        "difference": needed - now,
        "tolerance": KEPT,
        "limit": needed if is_proven else limit,
        "is_proven": is_proven,
    }
