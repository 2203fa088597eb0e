"""A tried allocation: amounts read and checked, spread over the areas, and what comes of them. No database."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np

from budget_model.coverage.allocation import baseline_totals, check_allocation, spread_totals
from budget_model.coverage.scenario import ScenarioResult
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import AllocationError, Problem
from dashboard.services.simulate_models import LoadedModel
from data.workflows.maxima import Maximum, with_maximum

AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Run:
    """A tried allocation with its result. `problems` are the limits it breaks; it cannot be saved with any."""

    loaded: LoadedModel
    changes: Mapping[str, Decimal]  # programme -> new total, only of those that differ from today
    result: ScenarioResult
    problems: tuple[Problem, ...]


def try_changes(loaded: LoadedModel, changes: Mapping[str, str]) -> Run:
    """Evaluate new totals on a model. Limits other than a lock are reported, so that the picture can show why."""
    amounts = read_changes(loaded.model, changes)
    allocation = spread_changes(loaded.model, amounts)
    return Run(loaded, amounts, loaded.result(allocation), checked(loaded.model, allocation, amounts))


def spread_changes(model: BudgetModel, amounts: Mapping[str, Decimal]) -> Array:
    """(P, A) with new totals of some programmes, in today's proportions; the others as they are today."""
    totals = baseline_totals(model)
    for code, amount in amounts.items():
        totals[model.programmes.index(code)] = float(amount)
    return spread_totals(model, totals)


def checked(model: BudgetModel, allocation: Array, moved: Collection[str]) -> tuple[Problem, ...]:
    """The limits that an allocation breaks; AllocationError where a locked programme is among those moved."""
    problems = by_programme(model, allocation, check_allocation(model, allocation))
    locked = [problem for problem in problems if problem.rule == "locked" and problem.facts["programme"] in moved]
    if locked:
        raise AllocationError(locked)
    return problems


def run_stored(
    loaded: LoadedModel,
    stored: Mapping[tuple[str, str], Decimal],
    changes: Mapping[str, str] = MappingProxyType({}),
    maximum: Maximum | None = None,
) -> Run:
    """Evaluate a stored allocation; programmes with a new total are spread as today, the others keep their areas.

    maximum : limit on growth that it was found under, and is held against; None: the model's own
    """
    model = loaded.model
    totals = {code: sum((stored[code, area] for area in model.areas), Decimal(0)) for code in model.programmes}
    moved = read_changes(model, changes, totals)
    allocation = np.array([[float(stored[code, area]) for area in model.areas] for code in model.programmes])
    rows = [model.programmes.index(code) for code in moved]
    allocation[rows] = spread_changes(model, moved)[rows]
    is_other = np.abs(allocation - model.baseline).max(axis=1) >= float(CENT / 2)
    shown = {
        code: moved.get(code, totals[code]) for code, other in zip(model.programmes, is_other, strict=True) if other
    }
    limits = with_maximum(loaded.calibrated, maximum).model
    return Run(loaded, shown, loaded.result(allocation), checked(limits, allocation, moved))


def read_changes(
    model: BudgetModel, changes: Mapping[str, str], start: Mapping[str, Decimal] | None = None
) -> dict[str, Decimal]:
    """Amounts that a browser sent, exact, without those that equal the start to the cent.

    start : programme -> total; None: today's

    Raises
    ------
    AllocationError : with every programme that is unknown and every amount that cannot be one.
    """
    today = dict(zip(model.programmes, baseline_totals(model), strict=True))
    at_start = start or {code: Decimal(repr(float(total))) for code, total in today.items()}
    problems, amounts = [], {}
    for code, text in changes.items():
        problem = _problem_of(code, text, today)
        if problem:
            problems.append(problem)
        elif abs(Decimal(text) - at_start[code]) >= CENT / 2:
            amounts[code] = Decimal(text)
    if problems:
        raise AllocationError(problems)
    return amounts


def _problem_of(code: str, text: Any, today: Mapping[str, float]) -> Problem | None:
    facts = {"programme": code, "value": str(text)}
    if code not in today:
        message = f"There is no programme '{code}' in this model. Check the address or the spelling."
        return Problem("unknown-programme", message, value=code, facts=facts)
    if not isinstance(text, str) or not AMOUNT.fullmatch(text):
        message = f"Programme '{code}': '{text}' is not an amount of 0 or more with at most two decimals."
        return Problem("amount-unreadable", message, value=str(text), facts=facts)
    return None


def by_programme(model: BudgetModel, allocation: Array, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """One problem a rule and programme, told by its total: the page moves totals, so its areas repeat each other."""
    first: dict[tuple[str, Any], Problem] = {}
    for problem in problems:
        first.setdefault((problem.rule, problem.facts.get("programme")), problem)
    return tuple(
        problem if code is None else of_programme(model, allocation, problem) for (_, code), problem in first.items()
    )


def of_programme(model: BudgetModel, allocation: Array, problem: Problem) -> Problem:
    """A problem of one line as a problem of its programme; `facts` keep the area that decides and its amounts."""
    facts = problem.facts
    index = model.programmes.index(facts["programme"])
    total, today = float(allocation[index].sum()), float(model.baseline[index].sum())
    name = f"Programme '{facts['programme']}'"
    amounts = {"amount": total, "area_amount": facts["amount"], "area_limit": facts["limit"]}
    if problem.rule == "locked":
        message = f"{name} is locked and stays at {today:,.2f} {model.currency}; {total:,.2f} was asked for."
        amounts["limit"] = today
    else:
        message = f"{name}, total {total:,.2f} {model.currency}: {problem.message}"
    return replace(problem, message=message, value=repr(total), facts={**facts, **amounts})
