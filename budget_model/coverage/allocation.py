"""Allocations: their limits, and how the total of a programme is spread over its areas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

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
    margin = TOLERANCE * np.maximum(1.0, model.baseline)
    changed = np.abs(allocation - model.baseline) > margin
    for programme, area in np.argwhere(changed | (allocation < model.floor) | (allocation > model.ceiling)):
        amount, baseline = float(allocation[programme, area]), float(model.baseline[programme, area])
        if model.locked[programme]:
            if changed[programme, area]:
                yield _line_problem(model, "locked", programme, area, amount, baseline)
            continue
        floor, ceiling = float(model.floor[programme, area]), float(model.ceiling[programme, area])
        if _exceeds(floor, amount):
            yield _line_problem(model, "below-floor", programme, area, amount, floor)
        if _exceeds(amount, ceiling):
            yield _line_problem(model, "above-ceiling", programme, area, amount, ceiling)
        yield from _change_problems(model, programme, area, amount, baseline)


def _change_problems(
    model: BudgetModel, programme: int, area: int, amount: float, baseline: float
) -> Iterator[Problem]:
    if model.constraints.max_change is None:
        return
    room = model.constraints.max_change * baseline
    if _exceeds(abs(amount - baseline), room):
        limit = baseline + room if amount > baseline else baseline - room
        yield _line_problem(model, "beyond-max-change", programme, area, amount, limit)


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
    split = np.zeros_like(model.baseline)
    np.add.at(split, model.links.programme, lacking[model.links.need])
    total = split.sum(axis=1, keepdims=True)
    equal = np.full_like(split, 1.0 / len(model.areas))
    return np.where(total > 0, split / np.where(total > 0, total, 1.0), equal)


def spread_totals(model: BudgetModel, totals: Array) -> Array:
    """An allocation (P, A) from one amount a programme (P,): each keeps today's proportions between its areas.

    A programme at exactly its baseline total keeps its baseline amounts to the last bit; one without money today is
    spread by `area_split`.
    """
    today = baseline_totals(model)
    factor = totals / np.where(today > 0, today, 1.0)
    return np.where(today[:, None] > 0, model.baseline * factor[:, None], area_split(model) * totals[:, None])
