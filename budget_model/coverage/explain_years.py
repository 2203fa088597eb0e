"""Reasons of a plan of several years: what money of each year does from then on, until the plan ends.

A work that is built in one year serves in the next ones too, so money of a year is judged by the needs it meets over
all years of the plan, in person-years.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from budget_model.coverage.explain import (
    Contributions,
    LineChange,
    NextMoney,
    Reallocation,
    changed_lines,
    limits_of_lines,
)
from budget_model.coverage.project import Horizon, evaluate_plan, year_model
from budget_model.coverage.types import Array


def over_years(years: Sequence[Contributions]) -> Contributions:
    """Contributions of all years added up, in person-years."""
    by_link = np.sum([one.by_link for one in years], axis=0)
    return Contributions(np.asarray(by_link), np.asarray(np.sum([one.background for one in years], axis=0)))


def next_money_of_plan(
    horizon: Horizon, plan: Array, amount: float = 1000.0, indices: Sequence[int] | None = None
) -> tuple[NextMoney, ...]:
    """`next_money` for the money of each year of a plan (T, P, A): person-years of needs met until the plan ends.

    `amount` is money of that year; all other lines and years stay as they are. `indices`: of these years only (0 the
    first).
    """
    now = evaluate_plan(horizon, plan)
    found = []
    for index in range(horizon.n_years) if indices is None else indices:
        step = np.minimum(plan[index], amount)
        more = _effects(horizon, plan, index, np.full_like(step, amount), now)
        less = -_effects(horizon, plan, index, -step, now)
        with np.errstate(divide="ignore", invalid="ignore"):
            per_amount = np.where(step > 0, amount / step, 0.0)
        found.append(
            NextMoney(
                amount=amount,
                gained=more.sum(axis=1),
                lost=less.sum(axis=1) * per_amount[..., None],
                weighted_gained=np.einsum("pnag,ng->pa", more, horizon.model.weight),
                limit=limits_of_lines(year_model(horizon, index + 1), plan[index]),
            )
        )
    return tuple(found)


def explain_plan_changes(
    horizon: Horizon, plan: Array, indices: Sequence[int] | None = None
) -> tuple[Reallocation, ...]:
    """Why money moved, year by year, against today's budget carried on; `indices` as in `next_money_of_plan`.

    Yields are person-years of needs met until the plan ends per 1,000 of the year's change, each line and year undone
    alone with all else as planned.
    """
    shown, now = range(horizon.n_years) if indices is None else indices, evaluate_plan(horizon, plan)
    margins = zip(*(next_money_of_plan(horizon, one, indices=shown) for one in (horizon.baseline, plan)), strict=True)
    found = []
    for index, ends in zip(shown, margins, strict=True):
        baseline = horizon.baseline[index]
        back = _effects(horizon, plan, index, baseline - plan[index], now).sum(axis=1)
        lines = list(changed_lines(baseline, plan[index], back, ends))
        found.append(_in_order(lines))
    return tuple(found)


def _in_order(lines: list[LineChange]) -> Reallocation:
    lines.sort(key=lambda line: -abs(line.change))
    cuts = tuple(line for line in lines if line.change < 0)
    return Reallocation(cuts, tuple(line for line in lines if line.change > 0))


def _effects(horizon: Horizon, plan: Array, index: int, change: Array, now: Array) -> Array:
    """(P, N, A, G) person-years by changing each programme alone in one year, in all of its areas at once."""
    found = np.zeros((plan.shape[1], *horizon.universe.shape[1:]))
    for programme in np.flatnonzero(change.any(axis=1)):
        trial = plan.copy()
        trial[index, programme] += change[programme]
        moved = horizon.universe * (evaluate_plan(horizon, trial) - now)
        found[programme] = np.nan_to_num(moved).sum(axis=0)
    return found
