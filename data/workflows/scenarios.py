"""Allocations evaluated on the server, and kept: the authoritative answer, exact to the cent, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from budget_model.coverage.allocation import area_split, check_allocation
from budget_model.coverage.calibrate import CalibratedModel, calibrate
from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import ScenarioResult, simulate
from budget_model.coverage.types import BudgetModel
from budget_model.errors import AllocationError, InputError, Problem
from data.store import scenarios as scenario_store
from data.store.models import load_snapshot
from data.store.tables import Scenario, Site, User
from data.store.users import roles_of
from data.workflows.maxima import Maximum, maximum_document, stored_model, with_maximum
from data.workflows.split import CENT, split_amount

ExactAllocation = Mapping[tuple[str, str], Decimal]  # (programme, area) -> currency / year
KEEPERS = frozenset({"official", "admin"})  # may have scenarios of their own at a site
KEPT = ("groups", "needs", "spent", "spent_baseline", "inconsistent")  # of the answer, beside the money
MODELS_KEPT = 8  # calibrated models stay in memory: a snapshot never changes


def load_calibrated(session: Session, site_id: int, model_sha256: str) -> CalibratedModel:
    """The calibrated model of a snapshot; NotFoundError where the site has no such snapshot."""
    return _calibrated(model_sha256, _Document(load_snapshot(session, site_id, model_sha256).document))


class _Document:
    """A document in the argument list of a cache: all are equal, because the hash beside it tells them apart."""

    def __init__(self, content: dict[str, Any]):
        self.content = content

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Document)


@lru_cache(maxsize=MODELS_KEPT)
def _calibrated(model_sha256: str, document: _Document) -> CalibratedModel:
    return calibrate(stored_model(document.content, f"model {model_sha256[:12]}"))


def exact_allocation(
    model: BudgetModel,
    amounts: ExactAllocation | None = None,
    totals: Mapping[str, Decimal] | None = None,
) -> dict[tuple[str, str], Decimal]:
    """Every line of an allocation as an exact amount.

    amounts : of single lines; a line that is named nowhere stays at its baseline
    totals : of whole programmes, over all areas. They keep today's proportions between the areas (a programme
        without money today enters them in proportion to need), and the parts add up to the total to the cent.

    Raises AllocationError: an unknown programme or area, an amount that is negative, not a number or has more than
    two decimals, a programme both in `amounts` and in `totals`.
    """
    amounts, totals = amounts or {}, totals or {}
    problems = list(_name_problems(model, amounts, totals))
    problems += [p for key, value in amounts.items() if (p := _amount_problem(" / ".join(key), value))]
    problems += [p for key, value in totals.items() if (p := _amount_problem(key, value))]
    if problems:
        raise AllocationError(problems)
    result = {
        (programme, area): _cents(model.baseline[row, column])
        for row, programme in enumerate(model.programmes)
        for column, area in enumerate(model.areas)
    }
    for programme, total in totals.items():
        result.update(_spread(model, model.programmes.index(programme), total, result))
    result.update(amounts)
    return result


def _cents(amount: float) -> Decimal:
    return Decimal(repr(float(amount))).quantize(CENT, rounding=ROUND_HALF_EVEN)


def _name_problems(model: BudgetModel, amounts: ExactAllocation, totals: Mapping[str, Decimal]) -> Iterable[Problem]:
    both = {programme for programme, _ in amounts} & set(totals)
    for programme in sorted(both):
        message = f"Programme '{programme}' is given as a total and by area. Give one of them."
        yield Problem("given-twice", message, value=programme)
    for programme in sorted({*totals, *(programme for programme, _ in amounts)} - set(model.programmes)):
        message = f"There is no programme '{programme}' in the model. It has: {', '.join(model.programmes)}."
        yield Problem("unknown-programme", message, value=programme)
    for area in sorted({area for _, area in amounts} - set(model.areas)):
        message = f"There is no area '{area}' in the model. It has: {', '.join(model.areas)}."
        yield Problem("unknown-area", message, value=area)


def _amount_problem(place: str, amount: Decimal) -> Problem | None:
    try:
        is_whole_cents = amount.is_finite() and amount == amount.quantize(CENT)
    except InvalidOperation:
        is_whole_cents = False
    if is_whole_cents and amount >= 0:
        return None
    message = f"{place}: the amount {amount} must be 0 or more, in whole cents."
    return Problem("bad-number", message, value=str(amount))


def _spread(model: BudgetModel, row: int, total: Decimal, today: ExactAllocation) -> dict[tuple[str, str], Decimal]:
    """A programme's total over its areas."""
    programme = model.programmes[row]
    baseline = [today[programme, area] for area in model.areas]
    if sum(baseline, Decimal(0)) == total:
        return {(programme, area): part for area, part in zip(model.areas, baseline, strict=True)}
    weights = [float(part) for part in baseline] if any(baseline) else area_split(model)[row].tolist()
    return {(programme, area): p for area, p in zip(model.areas, split_amount(total, weights), strict=True)}


def as_array(model: BudgetModel, allocation: ExactAllocation) -> np.ndarray:
    """(P, A) floats for the model."""
    return np.array([[float(allocation[programme, area]) for area in model.areas] for programme in model.programmes])


def check_exact(model: BudgetModel, allocation: ExactAllocation) -> tuple[Problem, ...]:
    """Every limit that the allocation breaks; the total is compared to the cent."""
    problems = check_allocation(model, as_array(model, allocation))
    spent = sum(allocation.values(), Decimal(0))
    budget = model.constraints.budget
    if budget is not None and spent > _cents(budget) and not any(p.rule == "above-budget" for p in problems):
        excess = spent - _cents(budget)
        message = (
            f"The allocation adds up to {spent:,.2f} {model.currency}, which is {excess:,.2f} above the budget of "
            f"{_cents(budget):,.2f}. Take that much from other lines."
        )
        facts = {"amount": float(spent), "limit": budget, "excess": float(excess), "currency": model.currency}
        problems = (Problem("above-budget", message, value=str(spent), facts=facts), *problems)
    return problems


def run_scenario(
    session: Session,
    site_id: int,
    model_sha256: str,
    amounts: ExactAllocation | None = None,
    totals: Mapping[str, Decimal] | None = None,
) -> ScenarioResult:
    """The authoritative result of an allocation (see `exact_allocation`); AllocationError names every broken limit."""
    calibrated = load_calibrated(session, site_id, model_sha256)
    return _evaluated(calibrated, exact_allocation(calibrated.model, amounts, totals))


def _evaluated(calibrated: CalibratedModel, allocation: ExactAllocation) -> ScenarioResult:
    problems = check_exact(calibrated.model, allocation)
    if problems:
        raise AllocationError(problems)
    return simulate(calibrated, as_array(calibrated.model, allocation))


def save_scenario(
    session: Session,
    site_id: int,
    model_sha256: str,
    name: str,
    owner: User,
    amounts: ExactAllocation | None = None,
    totals: Mapping[str, Decimal] | None = None,
    note: str = "",
    maximum: Maximum | None = None,
) -> Scenario:
    """Evaluate an allocation and keep it as a new scenario; the caller commits.

    maximum : the limit on growth that it was found under; None: it was not searched, the model's own limits hold

    Raises AllocationError for a broken limit, InputError for an owner without such a role at the site and for a name
    that is empty, too long or already one of the owner's there: nothing is ever overwritten.
    """
    check_owner(session, site_id, owner)
    calibrated = with_maximum(load_calibrated(session, site_id, model_sha256), maximum)
    allocation = exact_allocation(calibrated.model, amounts, totals)
    result = _evaluated(calibrated, allocation)
    document = scenario_document(result)
    kept = {key: document[key] for key in KEPT}
    limits = None if maximum is None else maximum_document(maximum)
    return scenario_store.save_scenario(session, site_id, owner, model_sha256, name, allocation, kept, note, limits)


def check_owner(session: Session, site_id: int, owner: User) -> None:
    """Whoever a scenario is to belong to may keep scenarios at the site."""
    if not owner.is_active:
        message = f"The account of '{owner.login}' is closed. Name somebody else as the owner of the scenario."
        raise InputError(Problem("scenario-owner", message, value=owner.login))
    held = {role for role, where in roles_of(session, owner.id) if where in (None, site_id)}
    if held & KEEPERS:
        return
    slug, found = session.get_one(Site, site_id).slug, " and ".join(sorted(held)) or "no role"
    message = (
        f"'{owner.login}' holds {found} at the site '{slug}', and only an official or admin keeps scenarios. "
        f"Give the role first: python -m budget_model user role {owner.login} official --site {slug}"
    )
    raise InputError(Problem("scenario-owner", message, value=owner.login))
