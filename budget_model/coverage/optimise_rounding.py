"""Whole cents: an answer's amounts rounded so that every limit on money still holds exactly.

Floors, ceilings, locks, the budget, sources and minimum shares come first; rules on coverage follow, by drawing the
answer a little towards a point inside where rounding would miss them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import maximum_flow

from budget_model.coverage.optimise_concave import KEPT, worst_violation
from budget_model.coverage.optimise_space import DecisionSpace, year_budgets
from budget_model.coverage.optimise_task import Task
from budget_model.coverage.optimise_years import money_due, money_growth
from budget_model.coverage.types import Array, BudgetModel

HAIR = 1e-8  # of the budget
CENT = 1e-6  # of a cent: what floats may be off
BACKWARDS = (0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 1.0)  # share of the way to the inside


def round_to_cents(task: Task, columns: Array, inside: Array | None = None) -> Array:
    """(P, A) amounts in whole cents near an answer that keep every rule.

    Where no rounding keeps the rules on coverage to the last digit (every line tight), the one that misses them least
    is returned: by no more than what a cent buys. Lines whose limits leave no whole cent stay as they are.
    """
    nearest, least = task.space.allocation(columns), np.inf
    for amounts in _attempts(task, columns, inside):
        if not keeps_money_rules(task, amounts):
            continue
        missed = worst_violation(task, task.pieces.values(task.space.columns_of(amounts)))
        if missed <= KEPT:
            return amounts
        if missed < least:
            nearest, least = amounts, missed
    return nearest


def _attempts(task: Task, columns: Array, inside: Array | None) -> Iterator[Array]:
    space = task.space
    for part in BACKWARDS if inside is not None else BACKWARDS[:1]:
        point = columns if inside is None else columns + part * (inside - columns)
        amounts = space.allocation(point)
        yield nearest_cents(space, amounts)
        if len(task.rows.lower):
            yield whole_cents(space, amounts, np.ones(amounts.shape, dtype=bool))
        yield _directed_cents(task, amounts)
        yield whole_cents(space, amounts, np.zeros(amounts.shape, dtype=bool))
        if len(task.rows.lower) == 0 and part > 0:
            return


def _cent_limits(space: DecisionSpace) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Lowest and highest whole cents of each line, and which lines have any between their limits."""
    low = np.ceil(np.round(space.floor * 100, 6) - CENT)
    high = np.floor(np.round(space.ceiling * 100, 6) + CENT)
    return low, high, (low <= high) & (space.ceiling > space.floor)


def whole_cents(space: DecisionSpace, amounts: Array, upwards: NDArray[np.bool_]) -> Array:
    """Each line rounded down (or up), within its own limits.

    amounts : (P, A) currency; upwards : (P, A) lines to round up. Where the limits leave no whole cent a line stays.
    """
    low, high, can_round = _cent_limits(space)
    scaled = np.round(amounts * 100, 6)
    cents = np.where(upwards, np.ceil(scaled - CENT), np.floor(scaled + CENT))
    return np.where(can_round, np.clip(cents, low, high) / 100, np.clip(amounts, space.floor, space.ceiling))


def nearest_cents(space: DecisionSpace, amounts: Array) -> Array:
    """Rounded down, then the cents that are left given to the largest remainders: the total stays.

    A total that misses the budget by a hair is meant to be the budget. Lines at their floor get nothing.
    """
    _, high, can_round = _cent_limits(space)
    rounded = whole_cents(space, amounts, np.zeros(amounts.shape, dtype=bool))
    cents = np.round(rounded * 100)
    total = float(amounts.sum())
    if space.budget is not None:
        total = space.budget if space.budget - total <= 0.01 + HAIR * space.budget else total
    left = int(np.floor(round((total - rounded.sum()) * 100, 4) + CENT))
    takes = can_round & (cents < high) & (amounts > space.floor)
    remainder = np.where(takes, amounts * 100 - cents, -np.inf).ravel()
    order = np.argsort(-remainder, kind="stable")[: max(left, 0)]
    order = order[np.isfinite(remainder[order])]
    more = np.zeros(amounts.size)
    more[order] = 1.0
    return np.where(can_round, (cents + more.reshape(amounts.shape)) / 100, rounded)


def _directed_cents(task: Task, amounts: Array) -> Array:
    """Programmes of a minimum share upwards, all others down."""
    model = task.calibrated.model
    named = (model.constraints.min_share or {}).get("programmes", [])
    upwards = np.array([programme in named for programme in model.programmes], dtype=bool)
    return whole_cents(task.space, amounts, np.broadcast_to(upwards[:, None], amounts.shape))


# ---- rules on money --------------------------------------------------------------------------------------------------


def keeps_money_rules(task: Task, amounts: Array) -> bool:
    """Whether whole amounts keep budget, minimum share and sources, in every year."""
    calibrated = task.calibrated
    budgets = year_budgets(calibrated)
    due = money_due(calibrated, amounts)
    return all(
        _keeps_year(calibrated.model, due[year], growth, None if budgets is None else float(budgets[year]))
        for year, growth in enumerate(money_growth(calibrated))
    )


def _keeps_year(model: BudgetModel, due: Array, growth: float, budget: float | None) -> bool:
    total, stated = float(np.round(due.sum(), 6)), model.constraints.min_share
    if budget is not None and total > budget + 1e-6 * max(1.0, 1e-6 * budget):
        return False
    if stated:
        rows = [model.programmes.index(name) for name in dict.fromkeys(stated["programmes"])]
        if due[rows].sum() < stated["share"] * total - 1e-6:
            return False
    return can_be_paid(model, due, growth, budget)


def can_be_paid(model: BudgetModel, due: Array, growth: float = 1.0, budget: float | None = None) -> bool:
    """Whether the sources can pay what each programme (P,) is due, each only what it may: a flow of whole cents."""
    sources = model.constraints.earmarks
    if not sources:
        return True
    cents = np.ceil(np.round(due * 100, 4)).astype(np.int64)
    held = [int(np.floor(round(source.amount * growth * 100, 4))) for source in sources]
    most = cents.sum() if budget is None else int(np.floor(round(budget * 100, 4))) - sum(held)
    start, end = 0, 1 + len(sources) + len(cents)
    edges = [(start, 1 + f, amount) for f, amount in enumerate(held)]
    for f, source in enumerate(sources):
        edges += [(1 + f, 1 + len(sources) + model.programmes.index(p), held[f]) for p in source.programmes]
    edges += [(1 + len(sources) + p, end, int(amount)) for p, amount in enumerate(cents)]
    return int(cents.sum()) - _largest_flow(edges, end) <= max(int(most), 0)


def _largest_flow(edges: list[tuple[int, int, int]], end: int) -> int:
    """Whole cents that reach the last node; capacities are scaled down where they would not fit 32 bits."""
    scale = max(1, -(-max(amount for *_, amount in edges) // (2**31 - 2)))
    rows, columns, amounts = zip(*edges, strict=True)
    capacity = np.array(amounts, dtype=np.int64) // scale
    graph = sparse.csr_matrix((capacity.astype(np.int32), (rows, columns)), shape=(end + 1, end + 1))
    return int(maximum_flow(graph, 0, end).flow_value) * scale
