"""Allocations: their limits, and how the total of a programme is spread over its areas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import Problem

TOLERANCE = 1e-9  # relative: amounts are floats here, and a sum of cents must not fail on its last bit


def check_allocation(model: BudgetModel, allocation: Array) -> tuple[Problem, ...]:
    """Every limit that an allocation (P, A) breaks: total, lock, floor, ceiling, change. Empty where it keeps all.

    A locked line is reported as locked only, whatever else its amount may break.
    """
    return (*_total_problems(model, allocation), *_line_problems(model, allocation))


def _total_problems(model: BudgetModel, allocation: Array) -> Iterator[Problem]:
    budget = model.constraints.budget
    spent = float(allocation.sum())
    if budget is not None and _exceeds(spent, budget):
        yield Problem(
            "above-budget",
            f"The allocation adds up to {_money(model, spent)}, which is {_money(model, spent - budget)} above the "
            f"budget of {_money(model, budget)}. Take that much from other lines.",
            value=repr(spent),
            facts={"amount": spent, "limit": budget, "excess": spent - budget, "currency": model.currency},
        )


def _line_problems(model: BudgetModel, allocation: Array) -> Iterator[Problem]:
    """In the order of programmes and areas; only lines that break something are looked at one by one."""
    limits = _broken_limits(model, allocation)
    for programme, area in np.argwhere(np.logical_or.reduce([broken for broken, _ in limits.values()])):
        for rule, (broken, limit) in limits.items():
            if broken[programme, area]:
                amount = float(allocation[programme, area])
                yield _line_problem(model, rule, programme, area, amount, float(limit[programme, area]))


def _broken_limits(model: BudgetModel, allocation: Array) -> dict[str, tuple[NDArray[np.bool_], Array]]:
    """Rule -> where it is broken and its limit, (P, A) each. A locked line breaks its lock only."""
    baseline, free = model.baseline, ~model.locked[:, None]
    change = allocation - baseline
    moved = np.abs(change) > TOLERANCE * np.maximum(1.0, baseline)
    found = {
        "locked": (moved & ~free, baseline),
        "below-floor": (_exceed(model.floor, allocation) & free, model.floor),
        "above-ceiling": (_exceed(allocation, model.ceiling) & free, model.ceiling),
    }
    if model.constraints.max_change is not None:
        room = model.constraints.max_change * baseline
        furthest = baseline + np.where(change > 0, room, -room)
        found["beyond-max-change"] = (moved & free & _exceed(np.abs(change), room), furthest)
    return found


def _exceed(amounts: Array, limits: Array) -> NDArray[np.bool_]:
    """`_exceeds` of every line. A limit may be infinite."""
    return np.asarray(amounts > limits + TOLERANCE * np.maximum(1.0, np.abs(limits)))


SENTENCES = {
    "locked": "{amount} differs from {limit}, but the line is locked. Leave it at {limit}.",
    "below-floor": "{amount} is below the floor of {limit}. Raise it by {distance} or more.",
    "above-ceiling": "{amount} is above the ceiling of {limit}. Lower it by {distance} or more.",
    "beyond-max-change": (
        "{amount} changes the baseline of {baseline} by more than the {max_change:.0%} allowed. The furthest it may "
        "go is {limit}."
    ),
}


def _line_problem(model: BudgetModel, rule: str, programme: int, area: int, amount: float, limit: float) -> Problem:
    baseline = float(model.baseline[programme, area])
    sentence = SENTENCES[rule].format(
        amount=_money(model, amount),
        limit=_money(model, limit),
        distance=_money(model, abs(amount - limit)),
        baseline=_money(model, baseline),
        max_change=model.constraints.max_change or 0.0,
    )
    names = {"programme": model.programmes[programme], "area": model.areas[area]}
    return Problem(
        rule,
        f"Programme '{names['programme']}', area '{names['area']}': {sentence}",
        value=repr(amount),
        facts={**names, "amount": amount, "limit": limit, "baseline": baseline, "currency": model.currency},
    )


def _exceeds(amount: float, limit: float) -> bool:
    return amount > limit + TOLERANCE * max(1.0, abs(limit))


def _money(model: BudgetModel, amount: float) -> str:
    return f"{amount:,.2f} {model.currency}"


def baseline_totals(model: BudgetModel) -> Array:
    """Baseline money of each programme over all areas, (P,) currency / year."""
    return np.asarray(model.baseline.sum(axis=1))


def area_split(model: BudgetModel) -> Array:
    """Shares (P, A) by which a programme that has no money today would enter the areas; each row adds up to 1.

    In proportion to the people who lack the needs that it serves, in equal parts where nobody does.
    """
    lacking = model.deficit.sum(axis=2)  # (N, A) persons
    links = np.zeros((len(model.programmes), len(model.needs)))
    np.add.at(links, (model.links.programme, model.links.need), 1.0)
    split = links @ lacking
    total = split.sum(axis=1, keepdims=True)
    equal = np.full_like(split, 1.0 / len(model.areas))
    return np.asarray(np.where(total > 0, split / np.where(total > 0, total, 1.0), equal))


def spread_totals(model: BudgetModel, totals: Array) -> Array:
    """An allocation (P, A) from one amount a programme (P,): each keeps today's proportions between its areas.

    A programme at exactly its baseline total keeps its baseline amounts to the last bit; one without money today is
    spread by `area_split`.
    """
    today = baseline_totals(model)
    factor = totals / np.where(today > 0, today, 1.0)
    return np.where(today[:, None] > 0, model.baseline * factor[:, None], area_split(model) * totals[:, None])
