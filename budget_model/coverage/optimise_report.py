"""An optimum as plain data and as sentences: what the command line prints and the pages translate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from budget_model.coverage.optimise import Optimum
from budget_model.coverage.optimise_conflicts import Conflict
from budget_model.coverage.optimise_frontier import FrontierPoint
from budget_model.coverage.optimise_prices import Binding
from budget_model.coverage.types import Array, BudgetModel

UNITS = {
    "total": "needs met, weighted persons",
    "women": "women's needs met, weighted persons",
    "max_min": "share of weighted needs",
    "min_gap": "share of weighted needs",
    "min_cost": "currency a year",
}


def optimum_document(optimum: Optimum) -> dict[str, Any]:
    """Everything about one optimum; `None` where a figure does not apply."""
    model = optimum.model
    return {
        "status": optimum.status,
        "objective": model.objective,
        "is_concave": optimum.is_concave,
        "allocation": allocation_rows(optimum),
        "value": _figure(optimum.value),
        "bound": _figure(optimum.bound),
        "gap": _figure(optimum.gap),
        "baseline_value": _figure(optimum.baseline_value),
        "unit": UNITS[model.objective],
        "currency": model.currency,
        "budget": optimum.budget,
        "spent": _figure(round(optimum.spent, 6)),
        "years": optimum.n_years,
        "assumed_maximum": assumed_row(model),
        "binding": [binding_row(binding) for binding in optimum.binding],
        "conflicts": [conflict_row(model, conflict) for conflict in optimum.conflicts],
    }


def allocation_rows(optimum: Optimum) -> list[dict[str, Any]]:
    """One row a programme and area, of a plan also a year; empty where there is no allocation."""
    if optimum.allocation is None:
        return []
    return amount_rows(optimum.model, optimum.allocation)


def amount_rows(model: BudgetModel, allocation: Array) -> list[dict[str, Any]]:
    """Rows of an allocation (P, A), or of a plan (T, P, A) with the year on each."""
    if allocation.ndim > 2:
        years = enumerate(allocation, start=1)
        return [{**row, "year": year} for year, amounts in years for row in amount_rows(model, amounts)]
    return [
        {"programme": programme, "area": area, "amount": amount_number(allocation[p, a])}
        for p, programme in enumerate(model.programmes)
        for a, area in enumerate(model.areas)
    ]


def frontier_rows(model: BudgetModel, points: Iterable[FrontierPoint]) -> list[dict[str, Any]]:
    """One row a point of the frontier, from the smallest gender gap to the best total."""
    return [
        {
            "max_gap": point.max_gap,
            "value": point.total,
            "bound": point.bound,
            "gap": point.gap,
            "gender_gap": point.gender_gap,
            "women": point.women,
            "men": point.men,
            "allocation": amount_rows(model, point.allocation),
        }
        for point in points
    ]


def amount_number(amount: float) -> float:
    """The shortest number that stands for the amount: two decimals for whole cents."""
    cents = round(float(amount), 2)
    return cents if math.isclose(cents, amount, rel_tol=1e-13, abs_tol=1e-9) else float(amount)


def assumed_row(model: BudgetModel) -> dict[str, Any] | None:
    """The ceilings that the answer rests on without anybody having stated them; None where there are none."""
    assumed = model.assumed_maximum
    if assumed is None or not assumed.programmes:
        return None
    return {"times_today": assumed.times_today, "programmes": list(assumed.programmes)}


def binding_row(binding: Binding) -> dict[str, Any]:
    return {"constraint": binding.constraint, "price": binding.price, "per": binding.per, **binding.facts}


def conflict_row(model: BudgetModel, conflict: Conflict) -> dict[str, Any]:
    """A conflict as plain JSON: the constraint and its facts, its smallest relaxation, a sentence."""
    return {
        "constraint": conflict.constraint,
        **conflict.facts,
        "relaxation": conflict.relaxation,
        "aside": [{"constraint": constraint, **facts} for constraint, facts in conflict.aside],
        "still": [{"constraint": constraint, **facts} for constraint, facts in conflict.still],
        "message": conflict_sentence(model, conflict),
    }


# ---- sentences -------------------------------------------------------------------------------------------------------

CONFLICTS = {
    "budget": "the budget of {amount:,.2f} {currency}",
    "min_coverage": "the target of {coverage} for need '{need}', {group}",
    "min_coverage_by_area": "the target of {coverage} for need '{need}', {group}, area '{area}'",
    "no_group_worse_off": "that no group may be worse off in need '{need}'",
    "min_share": "that {named} get at least {share:.1%} of all money",
    "earmark": "that source '{source}' pays for {named} only",
    "max_change": "that no line changes by more than {share:.0%}",
    "max_gap": "that women's and men's coverage differ by at most {gap_pp:.2f} percentage points",
    "floor": "the floors of the lines",
    "ceiling": "the ceilings of the lines",
    "locked": "the locked lines ({named})",
}
ONE_LINE = {
    "floor": "the floor of {amount:,.2f} {currency} for programme '{programme}', area '{area}'",
    "ceiling": "the ceiling of {amount:,.2f} {currency} for programme '{programme}', area '{area}'",
}
RELAXATIONS = {
    "amount": "It would take {needed:,.2f} {currency}, {difference:,.2f} more.",
    "coverage": "At most {percent:.2f} % can be reached.",
    "share": "With {percent:.2f} % it becomes possible.",
    "gap": "With {percent:.2f} percentage points it becomes possible.",
    "left_out": "Without it an allocation exists.",
    "floor": "At most {needed:,.2f} {currency} of it can be kept.",
    "ceiling": "It would have to be {needed:,.2f} {currency} at least.",
}
NOT_PROVEN = {
    "amount": "{needed:,.2f} {currency} is enough; that {limit:,.2f} {currency} is not, is proved. "
    "Between, nobody knows.",
    "coverage": "{percent:.2f} % can be reached; more than {limit_percent:.2f} % cannot. Between, nobody knows.",
    "floor": "It is proved that {limit:,.2f} {currency} cannot be kept; {needed:,.2f} {currency} may be possible.",
    "ceiling": "It is proved that {limit:,.2f} {currency} is too little; {needed:,.2f} {currency} may be possible.",
    "share": "Up to {limit_percent:.2f} % it is proved to be impossible; with {percent:.2f} % it may be possible.",
    "gap": "With {percent:.2f} percentage points it becomes possible; that it does not below {limit_percent:.2f} is "
    "proved. Between, nobody knows.",
}
NOT_ENOUGH = "Changing it alone is not enough; even without it these contradict each other: {still}."


def assumed_sentence(model: BudgetModel) -> str:
    """The limit that nobody stated, in words; empty where the model has none."""
    row = assumed_row(model)
    if row is None:
        return ""
    count = len(row["programmes"])
    if row["times_today"] is None:
        return f"No maximum is assumed for the {count} programmes that state none."
    return (
        f"Assumed: {count} programmes that state no maximum may grow to {row['times_today']:g} times today's money at "
        "most, in each area."
    )


ASIDE = "Worked out without what cannot be kept in any case: {aside}."


def conflict_sentence(model: BudgetModel, conflict: Conflict) -> str:
    """What one of the contradicting constraints asks for, and the smallest change of it that helps."""
    asked = _asked(model, conflict.constraint, conflict.facts)
    told = f"{asked[0].upper()}{asked[1:]}. {_relaxation_sentence(model, conflict)}"
    if not conflict.aside or conflict.relaxation is None:
        return told
    return f"{told} {ASIDE.format(aside='; '.join(_asked(model, *other) for other in conflict.aside))}"


def _asked(model: BudgetModel, constraint: str, facts: Mapping[str, Any]) -> str:
    named, gap_pp = ", ".join(facts.get("programmes", [])), 100.0 * facts.get("gap", 0.0)
    told = {**facts, "coverage": _percent(facts["coverage"])} if "coverage" in facts else facts
    words = ONE_LINE if constraint in ONE_LINE and "programme" in facts else CONFLICTS
    return words[constraint].format(currency=model.currency, named=named, gap_pp=gap_pp, **told)


def _percent(share: float) -> str:
    """A percentage as it was asked for: 99.99 is not told as 100.0."""
    return f"{100 * share:.6f}".rstrip("0").rstrip(".") + " %"


def _relaxation_sentence(model: BudgetModel, conflict: Conflict) -> str:
    relaxation = conflict.relaxation
    if relaxation is None:
        return NOT_ENOUGH.format(still="; ".join(_asked(model, *other) for other in conflict.still))
    percent = 100.0 * float(relaxation.get("needed", 0.0))
    limit_percent = 100.0 * float(relaxation.get("limit", 0.0))
    sentences = RELAXATIONS if relaxation.get("is_proven", True) else NOT_PROVEN
    return sentences[relaxation["quantity"]].format(
        currency=model.currency, percent=percent, limit_percent=limit_percent, **relaxation
    )


def _figure(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
