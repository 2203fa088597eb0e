"""The portable budget model written out: arrays back to the document that `parse_model` reads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from budget_model.coverage.types import Array, BudgetModel


def model_document(model: BudgetModel) -> dict[str, Any]:
    """The document of a model: plain dicts, lists and numbers, fit for YAML and JSON.

    Everything is written out (also what equals a default), so that equal models give equal documents, and reading the
    document gives the same arrays to the last bit.
    """
    return {
        "currency": model.currency,
        "areas": list(model.areas),
        "groups": list(model.groups),
        "needs": [_need(model, index) for index in range(len(model.needs))],
        "programmes": [_programme(model, index) for index in range(len(model.programmes))],
        "constraints": _constraints(model),
        "objective": model.objective,
        **_outlook(model),
        **_assumed(model),
    }


def _assumed(model: BudgetModel) -> dict[str, Any]:
    assumed = model.assumed_maximum
    if assumed is None:
        return {}
    return {"assumed_maximum": {"times_today": assumed.times_today, "programmes": list(assumed.programmes)}}


def _outlook(model: BudgetModel) -> dict[str, Any]:
    outlook = model.outlook
    growth = np.zeros(len(model.areas)) if outlook.population_growth is None else outlook.population_growth
    return {
        "horizon_years": outlook.horizon_years,
        "population_growth": _by_area(model, growth),
        "price_growth": outlook.price_growth,
        "budget_growth": outlook.budget_growth,
        **({} if model.hour_value is None else {"hour_value": model.hour_value}),
    }


def _need(model: BudgetModel, index: int) -> dict[str, Any]:
    need: dict[str, Any] = {
        "id": model.needs[index],
        "overlap": model.overlap[index],
        "weight": _by_group(model, model.weight[index]),
        "universe": _by_area_and_group(model, model.universe[index]),
        "deficit": _by_area_and_group(model, model.deficit[index]),
    }
    if not np.isnan(model.deficit_se[index]).all():
        need["deficit_se"] = _by_area_and_group(model, model.deficit_se[index])
    if model.deficit_correlation is not None and model.deficit_correlation[index] > 0:
        need["deficit_correlation"] = float(model.deficit_correlation[index])
    return need


def _programme(model: BudgetModel, index: int) -> dict[str, Any]:
    bounds = model.unit_cost_range[index]
    programme: dict[str, Any] = {
        "id": model.programmes[index],
        "unit_cost": _by_area(model, model.unit_cost[index]),
        "capacity": _by_area(model, model.capacity[index]),
        "durability": float(model.durability[index]),
        "baseline": _by_area(model, model.baseline[index]),
        "floor": _by_area(model, model.floor[index]),
        "ceiling": _by_area(model, model.ceiling[index]),
        "locked": bool(model.locked[index]),
        "serves": [_link(model, int(link)) for link in np.flatnonzero(model.links.programme == index)],
    }
    if (bounds != model.unit_cost[index][:, None]).any():
        pairs = {area: bounds[position].tolist() for position, area in enumerate(model.areas)}
        programme["unit_cost_range"] = pairs
    if model.hours_saved is not None and model.hours_saved[index].any():
        programme["hours_saved"] = _by_group(model, model.hours_saved[index])
    if model.outlook.running_cost is not None and model.outlook.running_cost[index].any():
        programme["running_cost"] = _by_area(model, model.outlook.running_cost[index])
    return programme


def _link(model: BudgetModel, index: int) -> dict[str, Any]:
    links = model.links
    link: dict[str, Any] = {
        "need": model.needs[links.need[index]],
        "reach": "need" if _is_by_need(model, index) else _by_area_and_group(model, links.reach[index]),
        "effectiveness": float(links.effectiveness[index]),
        "ceiling": float(links.ceiling[index]),
        "response": links.response[index],
    }
    if links.effectiveness_range is not None:
        link["effectiveness_range"] = links.effectiveness_range[index].tolist()
    if links.reach_range is not None:
        link["reach_range"] = {
            area: {group: links.reach_range[index, a, g].tolist() for g, group in enumerate(model.groups)}
            for a, area in enumerate(model.areas)
        }
    return link


def _is_by_need(model: BudgetModel, index: int) -> bool:
    return model.links.reach_by_need is not None and bool(model.links.reach_by_need[index])


def _constraints(model: BudgetModel) -> dict[str, Any]:
    limits = model.constraints
    stated = {
        "budget": limits.budget,
        "max_change": limits.max_change,
        "no_group_worse_off": list(limits.no_group_worse_off),
        "min_coverage": {need: dict(groups) for need, groups in limits.min_coverage.items()},
        "min_share": limits.min_share,
        "min_coverage_by_area": {
            need: {area: dict(groups) for area, groups in areas.items()}
            for need, areas in limits.min_coverage_by_area.items()
        },
        "max_gap": limits.max_gap,
        "earmarks": [
            {"source": earmark.source, "amount": earmark.amount, "programmes": list(earmark.programmes)}
            for earmark in limits.earmarks
        ],
    }
    return {key: value for key, value in stated.items() if value not in (None, [], {})}


def _number(value: float) -> float | None:
    """No limit and no figure are both written as null."""
    return float(value) if math.isfinite(value) else None


def _by_area(model: BudgetModel, values: Array) -> dict[str, Any]:
    return {area: _number(values[position]) for position, area in enumerate(model.areas)}


def _by_group(model: BudgetModel, values: Array) -> dict[str, Any]:
    return {group: _number(values[position]) for position, group in enumerate(model.groups)}


def _by_area_and_group(model: BudgetModel, values: Array) -> dict[str, Any]:
    return {area: _by_group(model, values[position]) for position, area in enumerate(model.areas)}
