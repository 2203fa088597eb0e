"""The links of a portable model: what each programme does for which need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from budget_model.coverage.document import Node
from budget_model.coverage.portable_axes import Axes, number_or, read_range, share
from budget_model.coverage.response import CURVES
from budget_model.coverage.types import Array, Links, Response

NOTES = ("name", "source")  # for people: allowed on the model, a need, a programme and a link, not read here
UNKNOWN = -1  # a need that the model does not have; reported, so no array is ever built from it
ROUNDING = 1e-9  # relative: a sum of shares, or a deficit that equals its universe, may be off in its last bits

LINK_KEYS = ("reach", "ceiling", "response", "effectiveness_range", "reach_range", *NOTES)


def read_links(node: Node, axes: Axes, deficit: Array) -> Links:
    """The links of all programmes, one a programme and need. What is wrong is gathered in the node's document.

    Parameters
    ----------
    node : `programmes` of the portable model
    deficit : (N, A, G) persons who lack a need, over which a stated reach is spread

    Returns
    -------
    Links : L links; reach and effectiveness as shares, (L, A, G) and (L,).
    """
    rows: list[dict[str, Any]] = []
    for programme, item in enumerate(node.items()):
        serves = Node(item.value.get("serves") if item.is_mapping else None, (*item.path, "serves"), item.found)
        links = [(link, {"programme": programme, **_read_link(link, axes, deficit)}) for link in serves.items()]
        _check_served_once(links, axes)
        rows += [row for _, row in links]
    return _stack_links(rows, (len(axes.areas), len(axes.groups)))


def _check_served_once(links: list[tuple[Node, dict[str, Any]]], axes: Axes) -> None:
    seen: set[int] = set()
    for link, row in links:
        if row["need"] in seen:
            link.problem("duplicate", f"the need '{axes.needs[row['need']]}' is served twice by this programme.")
        seen |= {row["need"]} - {UNKNOWN}


def _read_link(node: Node, axes: Axes, deficit: Array) -> dict[str, Any]:
    parts = node.record(("need", "effectiveness"), LINK_KEYS)
    need = parts["need"].name_of(axes.needs, "need")
    effectiveness = share(parts["effectiveness"])
    lacking = deficit[:0].sum(axis=0) if need is None else deficit[need]
    reach = _read_reach(parts["reach"], axes, lacking)
    return {
        "need": UNKNOWN if need is None else need,
        "reach": reach,
        "effectiveness": effectiveness,
        "ceiling": number_or(parts["ceiling"].number(above=0, high=1), 1.0),
        "response": parts["response"].choice(tuple(CURVES), "exponential"),
        "effectiveness_range": _read_effectiveness_range(parts["effectiveness_range"], effectiveness),
        "reach_range": _read_reach_range(parts["reach_range"], axes, reach),
        "reach_by_need": _is_by_need(parts["reach"]),
    }


def _read_reach(node: Node, axes: Axes, deficit: Array) -> Array:
    """(A, G): `need`, `{group: share}` or `{area: {group: share}}`. A group that is left out is not reached."""
    if _is_by_need(node):
        return reach_by_need(deficit)
    if not node.is_mapping:
        node.problem(
            "wrong-type", "expected the word 'need' or a share for each group, such as {women: 0.5, men: 0.5}."
        )
        return reach_by_need(deficit)
    if _is_by_area(node, axes):
        reach = np.nan_to_num(axes.by_area_and_group(node, share, complete=False))
        missing = [area for area in axes.areas if area not in {str(key) for key in node.value}]
        if missing:
            node.problem(
                "missing-entry",
                f"no reach for the area {', '.join(missing)}. One that is left out is not taken as 0: give it.",
            )
    else:
        reach = np.tile(np.nan_to_num(axes.by_group(node, share, complete=False)), (len(axes.areas), 1))
    _check_reach_sum(node, axes, reach)
    return reach


def _is_by_need(node: Node) -> bool:
    return node.is_absent or node.value == "need"


def _is_by_area(node: Node, axes: Axes) -> bool:
    return any(isinstance(value, Mapping) for value in node.value.values())


def _check_reach_sum(node: Node, axes: Axes, reach: Array) -> None:
    for area in np.flatnonzero(reach.sum(axis=1) > 1 + ROUNDING):
        total = reach[area].sum()
        node.problem(
            "reach-above-one",
            f"the shares of the groups add up to {total:g} in the area '{axes.areas[area]}'; they are parts of the "
            "same people and may add up to 1 at most.",
            total=float(total),
        )
        break


def reach_by_need(deficit: Array) -> Array:
    """Reach in proportion to the deficit of the groups in each area: (A, G) shares; 0 where nobody there lacks."""
    total = deficit.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(total > 0, deficit / np.where(total > 0, total, 1.0), 0.0))


def _read_effectiveness_range(node: Node, effectiveness: float) -> Array | None:
    return None if node.is_absent else np.array(read_range(node, np.array([effectiveness]), high=1))


def _read_reach_range(node: Node, axes: Axes, reach: Array) -> Array | None:
    """(A, G, 2) from `{group: [low, high]}` or `{area: {group: [low, high]}}`; what is left out keeps its reach."""
    if node.is_absent:
        return None
    bounds = np.stack([reach, reach], axis=-1)
    everywhere = not node.is_mapping or not _is_by_area(node, axes)
    parts = {} if everywhere else node.entries(axes.areas, "area", complete=False)
    places = [(slice(None), node)] if everywhere else [(axes.areas.index(area), part) for area, part in parts.items()]
    for rows, part in places:
        for group, ends in part.entries(axes.groups, "group", complete=False).items():
            position = axes.groups.index(group)
            bounds[rows, position] = read_range(ends, np.atleast_1d(reach[rows, position]), high=1)
    _check_low_ends(node, axes, bounds[..., 0])
    return bounds


def _check_low_ends(node: Node, axes: Axes, low: Array) -> None:
    for area in np.flatnonzero(low.sum(axis=1) > 1 + ROUNDING)[:1]:
        node.problem(
            "reach-above-one",
            f"the low ends of the groups add up to {low[area].sum():g} in the area '{axes.areas[area]}'; they are "
            "parts of the same people and may add up to 1 at most.",
        )


def _stack_links(rows: list[dict[str, Any]], shape: tuple[int, int]) -> Links:
    def stack(name: str, empty: tuple[int, ...]) -> Array:
        return np.array([row[name] for row in rows], dtype=np.float64) if rows else np.zeros(empty)

    effectiveness, reach = stack("effectiveness", (0,)), stack("reach", (0, *shape))
    ranges = [row["effectiveness_range"] for row in rows]
    reach_ranges = [row["reach_range"] for row in rows]
    return Links(
        programme=np.array([row["programme"] for row in rows], dtype=np.intp),
        need=np.array([row["need"] for row in rows], dtype=np.intp),
        reach=reach,
        effectiveness=effectiveness,
        ceiling=stack("ceiling", (0,)),
        response=tuple(cast(Response, row["response"]) for row in rows),
        effectiveness_range=_stack_ranges(ranges, effectiveness),
        reach_range=_stack_ranges(reach_ranges, reach),
        reach_by_need=np.array([row["reach_by_need"] for row in rows], dtype=bool),
    )


def _stack_ranges(ranges: list[Array | None], values: Array) -> Array | None:
    """Ranges of all links, the value itself where a link states none; None where no link states any."""
    if all(bounds is None for bounds in ranges):
        return None
    pairs = np.stack([values, values], axis=-1)
    for index, bounds in enumerate(ranges):
        if bounds is not None:
            pairs[index] = bounds
    return pairs
