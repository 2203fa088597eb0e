"""The names of a model (areas, groups, needs, programmes) and the readers that turn them into array positions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from budget_model.coverage.document import Node, unique_names
from budget_model.coverage.types import Array


def at_least_zero(node: Node) -> float:
    return node.required_number(low=0)


def share(node: Node) -> float:
    return node.required_number(low=0, high=1)


def positive(node: Node) -> float:
    return node.required_number(above=0)


def limit(node: Node) -> float:
    """A number of 0 or more, or null where there is no limit."""
    return node.number(low=0)


class Axes:
    """The names that everything else refers to, and the readers that turn names into array positions."""

    def __init__(
        self, areas: tuple[str, ...], groups: tuple[str, ...], needs: tuple[str, ...], programmes: tuple[str, ...]
    ):
        self.areas, self.groups, self.needs, self.programmes = areas, groups, needs, programmes

    def by_area_and_group(self, node: Node, read: Callable[[Node], float], complete: bool = True) -> Array:
        """`{area: {group: value}}` as (A, G); NaN where there is none."""
        values = np.full((len(self.areas), len(self.groups)), np.nan)
        for area, part in node.entries(self.areas, "area", complete).items():
            values[self.areas.index(area)] = self.by_group(part, read, complete)
        return values

    def by_group(self, node: Node, read: Callable[[Node], float], complete: bool = True) -> Array:
        """`{group: value}` as (G,)."""
        values = np.full(len(self.groups), np.nan)
        for group, part in node.entries(self.groups, "group", complete).items():
            values[self.groups.index(group)] = read(part)
        return values

    def by_area(self, node: Node, read: Callable[[Node], float], absent: float, complete: bool = True) -> Array:
        """One value for all areas, or `{area: value}`, as (A,)."""
        values = np.full(len(self.areas), absent)
        if node.is_absent:
            return values
        if not node.is_mapping:
            values[:] = number_or(read(node), absent)
            return values
        for area, part in node.entries(self.areas, "area", complete).items():
            values[self.areas.index(area)] = number_or(read(part), absent)
        return values


def number_or(number: float, absent: float) -> float:
    return absent if math.isnan(number) else number


def read_axes(parts: dict[str, Node]) -> Axes:
    """Areas, groups, needs and programmes of a portable model, in its order; a name that stands twice is a problem."""

    def ids(node: Node, what: str) -> tuple[str, ...]:
        return unique_names((_id_of(item) for item in _filled(node, what)), what)

    return Axes(
        unique_names(_filled(parts["areas"], "area"), "area"),
        unique_names(_filled(parts["groups"], "group"), "group"),
        ids(parts["needs"], "need"),
        ids(parts["programmes"], "programme"),
    )


def _filled(node: Node, what: str) -> list[Node]:
    items = list(node.items())
    if not items and isinstance(node.value, list):
        node.problem("empty", f"there is no {what}. A model needs at least one.")
    return items


def _id_of(item: Node) -> Node:
    value = item.value.get("id") if item.is_mapping else None
    return Node(value, (*item.path, "id"), item.found, reported=True)


def read_range(node: Node, values: Array, high: float = math.inf, above: float | None = None) -> tuple[float, float]:
    """`[low, high]`, in that order and around the stated value."""
    ends = [item.required_number(low=0, high=high, above=above) for item in node.items()]
    if len(ends) != 2:
        if isinstance(node.value, list):
            node.problem("wrong-type", f"expected [low, high], found {len(ends)} values.")
        return math.nan, math.nan
    if ends[0] > ends[1]:
        node.problem("low-above-high", f"the low end {ends[0]:g} is above the high end {ends[1]:g}. Swap them.")
    elif ((values < ends[0]) | (values > ends[1])).any():
        outside = values[(values < ends[0]) | (values > ends[1])][0]
        node.problem(
            "range-without-value", f"the value {outside:g} lies outside its own range {ends[0]:g} to {ends[1]:g}."
        )
    return ends[0], ends[1]
