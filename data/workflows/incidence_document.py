"""A site's expenditure incidence as plain data, for `incidence run --json`, pages and files."""

from __future__ import annotations

import math
from typing import Any

from budget_model.spending.incidence_report import ASSUMPTIONS, incidence_document
from data.workflows.incidence import GROUPS, SiteIncidence
from data.workflows.incidence_parts import WEEKS, ProgrammeIncidence


def incidence_document_of(found: SiteIncidence) -> dict[str, Any]:
    """Everything about a site's incidence: the whole, each programme, hours of unpaid work, the assumptions in use."""
    used = {part.income_from for part in found.programmes} | {part.sex_from for part in found.programmes}
    return {
        "currency": found.currency,
        "round": found.round_code,
        "budget_year": found.budget_year,
        "stage": found.stage,
        "income": found.income_column,
        "persons_left_out": found.without_income,
        **incidence_document(found.whole, GROUPS),
        "programmes": [_programme(part, found) for part in found.programmes],
        "unpaid_hours": _hours(found),
        "assumptions": {key: text for key, text in ASSUMPTIONS.items() if key in used | {"cost", "fifths", "income"}},
    }


def _programme(part: ProgrammeIncidence, found: SiteIncidence) -> dict[str, Any]:
    document = incidence_document(part.result, GROUPS)
    document.pop("by_group_and_fifth")
    return {
        "programme": part.code,
        "name": dict(part.name),
        "spent": part.spent,
        "fees": part.fees,
        "net": part.net,
        "users": None if part.users is None else dict(zip(GROUPS, part.users, strict=True)),
        "cost_per_user": part.cost_per_user,
        "women_and_men_from": part.sex_from,
        "incomes_from": part.income_from,
        **document,
        "unpaid_hours": _hours_of(part, found),
    }


def _hours_of(part: ProgrammeIncidence, found: SiteIncidence) -> dict[str, Any] | None:
    """Hours of unpaid work that women and men are spared in a year, and what they are valued at."""
    if part.hours is None or part.hours_saved is None:
        return None
    value = None if found.hour_value is None else float(found.hour_value.value)
    return {
        "hours": dict(zip(GROUPS, part.hours, strict=True)),
        "value": None if value is None else {g: h * value for g, h in zip(GROUPS, part.hours, strict=True)},
        "source": part.hours_saved.source,
    }


def _hours(found: SiteIncidence) -> dict[str, Any] | None:
    """All programmes with stated hours together; None where none has any."""
    parts = [part.hours for part in found.programmes if part.hours is not None]
    if not parts:
        return None
    hours = {group: math.fsum(part[g] for part in parts) for g, group in enumerate(GROUPS)}
    value = found.hour_value
    return {
        "hours": hours,
        "value": None if value is None else {group: float(value.value) * hours[group] for group in GROUPS},
        "hour_value": None if value is None else {"value": float(value.value), "source": value.source},
        "weeks": WEEKS,
    }
