"""Reasons as plain data: contributions, the next money, cuts beside increases, and the flow for a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.explain import (
    LIMITS,
    Contributions,
    LineChange,
    NextMoney,
    Reallocation,
    contributions,
    contributions_of_plan,
    explain_changes,
    next_money,
)
from budget_model.coverage.explain_years import explain_plan_changes, next_money_of_plan, over_years
from budget_model.coverage.project import Horizon
from budget_model.coverage.types import Array, BudgetModel

BACKGROUND = "background"  # kind of the node that stands for households, the market and other governments
SMALLEST = 1e-9  # persons: less is the last bits of a sum


def reasons_document(calibrated: CalibratedModel, allocation: Array, amount: float = 1000.0) -> dict[str, Any]:
    """Everything that explains one allocation (P, A); persons, and needs met per `amount` of money."""
    model = calibrated.model
    here, today = contributions(calibrated, allocation), contributions(calibrated, model.baseline)
    return {
        "currency": model.currency,
        "contributions": contribution_rows(model, here, today),
        "background": background_rows(model, here),
        "next": {"amount": amount, "lines": next_rows(model, next_money(calibrated, allocation, amount))},
        **change_rows(model, explain_changes(calibrated, allocation)),
        "flow": flow(model, here),
    }


def plan_reasons_document(horizon: Horizon, plan: Array, amount: float = 1000.0) -> dict[str, Any]:
    """Everything that explains a plan (T, P, A): `years`, each like `reasons_document`, and `horizon` over all of them.

    Contributions of a year are persons in that year and add up to whom the plan covers then; those of the horizon are
    their sums, in person-years. What money of a year does (`next`, `cuts`, `increases`) is counted in person-years
    until the plan ends. The horizon's `next` has a row a line and year; its cuts and increases are those of all years.
    """
    model = horizon.model
    here, today = contributions_of_plan(horizon, plan), contributions_of_plan(horizon, horizon.baseline)
    following, changes = next_money_of_plan(horizon, plan, amount), explain_plan_changes(horizon, plan)
    years = [
        {
            "year": index + 1,
            "contributions": contribution_rows(model, here[index], today[index]),
            "background": background_rows(model, here[index]),
            "next": {"amount": amount, "lines": next_rows(model, following[index])},
            **change_rows(model, changes[index]),
            "flow": flow(model, here[index]),
        }
        for index in range(horizon.n_years)
    ]
    whole = over_years(here)
    lines = [{"year": year["year"], **row} for year in years for row in year["next"]["lines"]]
    moved = {
        kind: sorted(({"year": year["year"], **row} for year in years for row in year[kind]), key=_largest_change)
        for kind in ("cuts", "increases")
    }
    return {
        "currency": model.currency,
        "years": years,
        "horizon": {
            "years": horizon.n_years,
            "contributions": contribution_rows(model, whole, over_years(today)),
            "background": background_rows(model, whole),
            "next": {"amount": amount, "lines": sorted(lines, key=_best_first)},
            **moved,
            "flow": flow(model, whole),
        },
    }


def _largest_change(row: dict[str, Any]) -> float:
    return -abs(float(row["change"]))


def _best_first(row: dict[str, Any]) -> tuple[bool, float]:
    return row["limit"] in ("locked", "ceiling"), -float(sum(row["gained"].values()))


def contribution_rows(model: BudgetModel, here: Contributions, today: Contributions) -> list[dict[str, Any]]:
    """A row a link, area and group: persons covered by the programme's work, and against today's budget."""
    links = model.links
    change = here.by_link - today.by_link
    return [
        {
            "programme": model.programmes[links.programme[row]],
            "need": model.needs[links.need[row]],
            "area": area,
            "group": group,
            "persons": float(here.by_link[row, a, g]),
            "change": float(change[row, a, g]),
        }
        for row in np.lexsort((links.need, links.programme))
        for a, area in enumerate(model.areas)
        for g, group in enumerate(model.groups)
        if model.universe[links.need[row], a, g] > 0
    ]


def background_rows(model: BudgetModel, here: Contributions) -> list[dict[str, Any]]:
    """A row a cell: persons covered without the programmes of the model."""
    return [
        {"need": need, "area": area, "group": group, "persons": float(here.background[n, a, g])}
        for n, need in enumerate(model.needs)
        for a, area in enumerate(model.areas)
        for g, group in enumerate(model.groups)
        if model.universe[n, a, g] > 0
    ]


def next_rows(model: BudgetModel, found: NextMoney) -> list[dict[str, Any]]:
    """A row a line, the one that meets most first; `limit` says why a line cannot use more, None where it can."""
    rows = [
        {
            "programme": programme,
            "area": area,
            "gained": _by_group(model, found.gained[p, a]),
            "lost": _by_group(model, found.lost[p, a]),
            "weighted_gained": float(found.weighted_gained[p, a]),
            "limit": LIMITS[found.limit[p, a]] or None,
        }
        for p, programme in enumerate(model.programmes)
        for a, area in enumerate(model.areas)
    ]
    return sorted(rows, key=_best_first)


def change_rows(model: BudgetModel, found: Reallocation) -> dict[str, Any]:
    """Cuts, each with the increase to hold it against, and all increases; yields are needs met per 1,000."""
    cuts = []
    for cut in found.cuts:
        other = found.beside(cut)
        cuts.append({**_line(model, cut), "beside": None if other is None else _line(model, other)})
    return {"cuts": cuts, "increases": [_line(model, line) for line in found.increases]}


def _line(model: BudgetModel, line: LineChange) -> dict[str, Any]:
    return {
        "programme": model.programmes[line.programme],
        "area": model.areas[line.area],
        "change": line.change,
        "per_1000": {
            name: {**_by_group(model, values), "all": float(values.sum())}
            for name, values in (("mean", line.mean), ("first", line.first), ("last", line.last))
        },
    }


def flow(model: BudgetModel, here: Contributions) -> dict[str, Any]:
    """Programme -> need -> group in persons over all areas: what flows into a need flows out of it.

    Nodes have `kind` programme, background, need or group and `id`; links have the numbers of their nodes. Nothing of
    less than a billionth of a person is drawn.
    """
    by_programme = here.of_programmes(model).sum(axis=(2, 3))  # (P, N)
    background = here.background.sum(axis=(1, 2))  # (N,)
    to_groups = here.of_programmes(model).sum(axis=(0, 2)) + here.background.sum(axis=1)  # (N, G)
    nodes = [
        *({"kind": "programme", "id": programme} for programme in model.programmes),
        {"kind": BACKGROUND, "id": BACKGROUND},
        *({"kind": "need", "id": need} for need in model.needs),
        *({"kind": "group", "id": group} for group in model.groups),
    ]
    first_need = len(model.programmes) + 1
    first_group = first_need + len(model.needs)
    sources = np.vstack([by_programme, background[None]])  # (P + 1, N)
    links = [
        *_flow_links(sources, 0, first_need),
        *_flow_links(to_groups, first_need, first_group),
    ]
    return {"nodes": nodes, "links": links}


def _flow_links(persons: Array, first_source: int, first_target: int) -> list[dict[str, Any]]:
    return [
        {
            "source": first_source + int(source),
            "target": first_target + int(target),
            "persons": float(persons[source, target]),
        }
        for source, target in np.argwhere(persons > SMALLEST)
    ]


def _by_group(model: BudgetModel, values: Array) -> dict[str, float]:
    return {group: float(values[g]) for g, group in enumerate(model.groups)}
