"""The portable budget model: from its document (YAML or JSON as a dict) to arrays and back.

Strict: an unknown key, name or word is refused with its place and the nearest right one, and all problems of a
document come at once. Missing is not zero: every need names every area and group, and so does every baseline.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from budget_model.coverage.document import Node, Path, ProblemList
from budget_model.coverage.overlap import OVERLAPS
from budget_model.coverage.portable_axes import (
    Axes,
    at_least_zero,
    limit,
    number_or,
    positive,
    read_axes,
    read_range,
)
from budget_model.coverage.portable_hours import read_hour_value, read_hours
from budget_model.coverage.portable_limits import read_assumed_maximum, read_constraints
from budget_model.coverage.portable_links import NOTES, ROUNDING, read_links
from budget_model.coverage.portable_out import model_document
from budget_model.coverage.portable_outlook import OUTLOOK_KEYS, read_outlook
from budget_model.coverage.types import Array, BudgetModel, Overlap
from budget_model.errors import InputError

__all__ = ["model_document", "parse_model"]

MORE_KEYS = (*OUTLOOK_KEYS, *NOTES)
OBJECTIVES = ("total", "women", "max_min", "min_gap", "min_cost")


def parse_model(document: Any, place: str = "model", lines: Mapping[Path, int] | None = None) -> BudgetModel:
    """Read a portable model.

    Parameters
    ----------
    document : the YAML document as plain dicts, lists and scalars (amounts may be Decimal)
    place : what the problems name as their file
    lines : path to line number, where the reader knows it

    Raises
    ------
    InputError : carries every problem of the document, not only the first.
    """
    found = ProblemList(place, lines or {})
    model = _read_model(Node(document, (), found))
    if found.problems:
        raise InputError(found.problems)
    return model


def _read_model(root: Node) -> BudgetModel:
    optional = ("constraints", "objective", "weight_mix", "survey_errors", "assumed_maximum", "hour_value", *MORE_KEYS)
    parts = root.record(("currency", "areas", "groups", "needs", "programmes"), optional)
    axes = read_axes(parts)
    needs = _read_needs(parts["needs"], axes)
    programmes = _read_programmes(parts["programmes"], axes)
    return BudgetModel(
        currency=parts["currency"].text(),
        areas=axes.areas,
        groups=axes.groups,
        needs=axes.needs,
        programmes=axes.programmes,
        **needs,
        **programmes,
        links=read_links(parts["programmes"], axes, needs["deficit"]),
        constraints=read_constraints(parts["constraints"], axes),
        objective=parts["objective"].choice(OBJECTIVES, "total"),
        outlook=read_outlook(parts, axes),
        hours_saved=read_hours(parts["programmes"], axes),
        hour_value=read_hour_value(parts["hour_value"]),
        assumed_maximum=read_assumed_maximum(parts["assumed_maximum"], axes),
    )


# ---- needs -----------------------------------------------------------------------------------------------------------


NEED_KEYS = ("overlap", "weight", "deficit_se", "deficit_correlation", "covered_name", *NOTES)


def _read_needs(node: Node, axes: Axes) -> dict[str, Any]:
    shape = (len(axes.needs), len(axes.areas), len(axes.groups))
    arrays = {name: np.full(shape, np.nan) for name in ("universe", "deficit", "deficit_se")}
    weight = np.ones((shape[0], shape[2]))
    overlap: list[Overlap] = []
    correlation = np.zeros(shape[0])
    for index, item in enumerate(node.items()):
        parts = item.record(("id", "universe", "deficit"), NEED_KEYS)
        for name in ("universe", "deficit"):
            arrays[name][index] = axes.by_area_and_group(parts[name], at_least_zero)
        if not parts["deficit_se"].is_absent:
            arrays["deficit_se"][index] = axes.by_area_and_group(parts["deficit_se"], limit, complete=False)
        _check_deficit(parts["deficit"], axes, arrays["deficit"][index], arrays["universe"][index])
        weight[index] = _read_weight(parts["weight"], axes)
        correlation[index] = number_or(parts["deficit_correlation"].number(low=0, high=1), 0.0)
        overlap.append(cast(Overlap, parts["overlap"].choice(OVERLAPS, "independent")))
    return {
        **arrays,
        "weight": weight,
        "overlap": tuple(overlap),
        "deficit_correlation": correlation if correlation.any() else None,
    }


def _check_deficit(node: Node, axes: Axes, deficit: Array, universe: Array) -> None:
    """Nobody outside the universe can lack; where the two differ by rounding only, the universe is meant."""
    above = deficit > universe
    rounding = above & (deficit <= universe * (1 + ROUNDING))
    deficit[rounding] = universe[rounding]
    for area, group in np.argwhere(above & ~rounding):
        lacking, people = deficit[area, group], universe[area, group]
        node.found.add(
            (*node.path, axes.areas[area], axes.groups[group]),
            "deficit-above-universe",
            f"the deficit of {lacking:,.6g} persons is above the universe of {people:,.6g}. Correct one of the two.",
            lacking,
            deficit=float(lacking),
            universe=float(people),
        )


def _read_weight(node: Node, axes: Axes) -> Array:
    if node.is_absent:
        return np.ones(len(axes.groups))
    if node.is_mapping:
        return axes.by_group(node, at_least_zero)
    return np.full(len(axes.groups), at_least_zero(node))


# ---- programmes ------------------------------------------------------------------------------------------------------

PROGRAMME_KEYS = (
    "unit_cost_range",
    "capacity",
    "durability",
    "floor",
    "ceiling",
    "locked",
    "serves",
    "running_cost",
    "hours_saved",
    *NOTES,
)


def _read_programmes(node: Node, axes: Axes) -> dict[str, Any]:
    rows = [_read_programme(item, axes) for item in node.items()]
    shape = (len(rows), len(axes.areas))
    arrays = {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {}
    if not rows:
        empty = np.zeros(shape)
        arrays = dict.fromkeys(("unit_cost", "capacity", "baseline", "floor", "ceiling"), empty)
        arrays |= {"unit_cost_range": np.zeros((*shape, 2)), "durability": np.zeros(0), "locked": np.zeros(0, bool)}
    return arrays


def _read_programme(item: Node, axes: Axes) -> dict[str, Any]:
    parts = item.record(("id", "unit_cost", "baseline"), PROGRAMME_KEYS)
    unit_cost = axes.by_area(parts["unit_cost"], positive, math.nan)
    row = {
        "unit_cost": unit_cost,
        "unit_cost_range": _read_cost_range(parts["unit_cost_range"], axes, unit_cost),
        "capacity": axes.by_area(parts["capacity"], limit, math.inf, complete=False),
        "durability": number_or(parts["durability"].number(low=1), 1.0),
        "baseline": _read_baseline(parts["baseline"], axes),
        "floor": axes.by_area(parts["floor"], limit, 0.0, complete=False),
        "ceiling": axes.by_area(parts["ceiling"], limit, math.inf, complete=False),
        "locked": parts["locked"].flag(),
    }
    _check_limits(item, axes, row)
    return row


def _read_baseline(node: Node, axes: Axes) -> Array:
    """An amount for each area. A bare number would not say whether it is meant for each area or for all together."""
    if not node.is_absent and not node.is_mapping and len(axes.areas) > 1:
        node.problem("wrong-type", f"give one amount for each area: {{{axes.areas[0]}: …, {axes.areas[1]}: …}}.")
        return np.full(len(axes.areas), np.nan)
    return axes.by_area(node, at_least_zero, math.nan)


def _read_cost_range(node: Node, axes: Axes, unit_cost: Array) -> Array:
    """(A, 2) low and high; the unit cost itself where no range is stated."""
    bounds = np.column_stack([unit_cost, unit_cost])
    if node.is_mapping:
        for area, part in node.entries(axes.areas, "area", complete=False).items():
            position = axes.areas.index(area)
            bounds[position] = read_range(part, unit_cost[position : position + 1], above=0)
    elif not node.is_absent:
        bounds[:] = read_range(node, unit_cost, above=0)
    return bounds


def _check_limits(item: Node, axes: Axes, row: dict[str, Any]) -> None:
    """The floor must not lie above the ceiling. Today's money may lie outside both: limits bind what is proposed."""
    floor, ceiling = row["floor"], row["ceiling"]
    for area in np.flatnonzero(floor > ceiling):
        amounts = f"the floor of {floor[area]:,.2f} is above the ceiling of {ceiling[area]:,.2f}."
        path = (*item.path, "floor", axes.areas[area])
        item.found.add(path, "floor-above-ceiling", f"{amounts} Correct one of the two.", floor[area])
