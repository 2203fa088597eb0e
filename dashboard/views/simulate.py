"""The workbench of the Simulate page as plain data for its scripts: names, limits, texts, addresses. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from budget_model.coverage.allocation import baseline_totals
from budget_model.coverage.types import BudgetModel
from dashboard.context import PageContext
from dashboard.i18n import SYMBOLS
from dashboard.services.findings import NORMAL_95
from dashboard.services.scenarios import totals_of
from dashboard.services.simulate import Workbench
from dashboard.views.simulate_address import LONGEST_QUERY, SHORT_HASH
from dashboard.views.simulate_bounds import total_bounds
from dashboard.views.simulate_names import budget_of, covered_name, group_name, need_name, programme_name
from dashboard.views.simulate_start import Stored
from dashboard.views.simulate_texts import browser_texts, weight_texts
from dashboard.views.words import dimension_name

SHORTEST_LABEL = 4  # letters of an area's code that fit on the map


def page_view(
    workbench: Workbench, context: PageContext, start: Mapping[str, str], stored: Stored | None
) -> dict[str, Any]:
    """The workbench for the scripts in `assets/`: names, limits, texts and addresses; the figures are in the kernel.

    Parameters
    ----------
    start : programme code -> amount, where the address asks for other amounts than today's
    stored : the saved scenario that the address opens; programmes at its totals keep its amounts by area
    """
    model = workbench.model
    sha256 = workbench.loaded.sha256
    return {
        "model": sha256,
        "short_hash": SHORT_HASH,
        "longest_query": LONGEST_QUERY,
        "is_current": workbench.is_current,
        "kernel_address": context.address("simulate") + f"/kernel.bin?model={sha256}",
        "areas_address": context.address("simulate") + f"/areas.json?model={sha256}"
        if workbench.has_geometry
        else None,
        "format": {
            "locale": context.formats.plotly_locale,
            "percent_space": context.language == "es",
            "symbol": SYMBOLS.get(model.currency, model.currency),
        },
        "budget": budget_of(model),
        "is_weighted": bool((model.weight != 1).any()),
        "groups": [{"code": code, "name": group_name(code, context)} for code in model.groups],
        "needs": [_need(workbench, index, context) for index in range(len(model.needs))],
        "dimensions": _dimensions(workbench, context),
        "areas": [_area(workbench, code) for code in model.areas],
        "programmes": _programmes(workbench, context),
        "headings": _headings(workbench, context),
        "start": dict(start),
        "stored": _stored(workbench.model, stored) if stored else None,
        "texts": {**browser_texts(context), **weight_texts(workbench.loaded, context)},
    }


def _stored(model: BudgetModel, stored: Stored) -> dict[str, Any]:
    """Number of the scenario, its total of each programme, and its amounts by programme and area."""
    totals = totals_of(stored.allocation)
    return {
        "scenario": stored.scenario.id,
        "totals": [float(totals[code]) for code in model.programmes],
        "rows": [[float(stored.allocation[code, area]) for area in model.areas] for code in model.programmes],
    }


def _need(workbench: Workbench, index: int, context: PageContext) -> dict[str, Any]:
    code = workbench.model.needs[index]
    return {
        "code": code,
        "name": need_name(workbench.loaded, code, context),
        "covered": covered_name(workbench.loaded, code, context),
        "dimension": workbench.dimensions.get(code, ""),
        "intervals": sampling_intervals(workbench.model, index),
    }


def sampling_intervals(model: BudgetModel, need: int) -> list[list[float] | None]:
    """95 % interval of today's coverage of a need, [low, high] a group; None for a census or where nobody is concerned.

    The standard errors of the areas are added up as those of independent estimates.
    """
    universe = model.universe[need].sum(axis=0)
    concerned = model.universe[need] > 0
    errors = np.sqrt(np.where(concerned, model.deficit_se[need] ** 2, 0.0).sum(axis=0))  # NaN where one is missing
    found: list[list[float] | None] = []
    for persons, deficit, error in zip(universe, model.deficit[need].sum(axis=0), errors, strict=True):
        if not persons > 0 or not np.isfinite(error):
            found.append(None)
            continue
        coverage, half = 1 - deficit / persons, NORMAL_95 * error / persons
        found.append([max(0.0, float(coverage - half)), min(1.0, float(coverage + half))])
    return found


def _dimensions(workbench: Workbench, context: PageContext) -> list[dict[str, str]]:
    codes = dict.fromkeys(workbench.dimensions.get(need, "") for need in workbench.model.needs)
    named = [{"code": code, "name": dimension_name(code, context)} for code in codes if code]
    return sorted(named, key=lambda entry: entry["name"])


def _area(workbench: Workbench, code: str) -> dict[str, str]:
    name = workbench.area_names.get(code, code)
    return {"code": code, "name": name, "short": short_label(name, code)}


def short_label(name: str, code: str) -> str:
    """What fits on the map: the last word of a name like `Sector 4`, else the code, if short enough."""
    last = name.split()[-1] if name.split() else ""
    return next((text for text in (last, code) if 0 < len(text) <= SHORTEST_LABEL), "")


def _programmes(workbench: Workbench, context: PageContext) -> list[dict[str, Any]]:
    model, loaded = workbench.model, workbench.loaded
    totals = baseline_totals(model)
    entries = []
    for index, code in enumerate(model.programmes):
        note = workbench.programmes.get(code)
        bounds = total_bounds(model, index)
        needs = sorted({int(need) for need in model.links.need[model.links.programme == index]})
        entries.append(
            {
                "code": code,
                "name": programme_name(loaded, code, context),
                "today": float(totals[index]),
                "low": bounds.low,
                "high": bounds.high,
                "top": bounds.slider_top,
                "locked": bool(model.locked[index]),
                "reason": context.in_language(note.lock_reason if note else None),
                "needs": needs,
                "serves": ", ".join(need_name(loaded, model.needs[need], context) for need in needs),
            }
        )
    return entries


def _headings(workbench: Workbench, context: PageContext) -> list[dict[str, Any]]:
    """Programmes under their headings, both in the order of the model."""
    groups: dict[str, list[int]] = {}
    for index, code in enumerate(workbench.model.programmes):
        note = workbench.programmes.get(code)
        name = context.in_language(note.heading if note else None) or context.gettext("Other programmes")
        groups.setdefault(name, []).append(index)
    return [{"name": name, "programmes": programmes} for name, programmes in groups.items()]


def inconsistency_rows(workbench: Workbench, context: PageContext) -> list[list[str]]:
    """Need, area, group, what the records claim, what the survey found; formatted."""
    calibrated, model = workbench.loaded.calibrated, workbench.model
    share = context.formats.share
    return [
        [
            need_name(workbench.loaded, model.needs[n], context),
            workbench.area_names.get(model.areas[a], model.areas[a]),
            group_name(model.groups[g], context),
            share(float(calibrated.records[n, a, g])),
            share(float(calibrated.survey[n, a, g])),
        ]
        for n, a, g in np.argwhere(calibrated.inconsistent)
    ]
