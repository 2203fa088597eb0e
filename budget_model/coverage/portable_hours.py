"""What a portable model says of unpaid work: hours that programmes save, and what an hour is valued at."""

from __future__ import annotations

import numpy as np

from budget_model.coverage.document import Node
from budget_model.coverage.portable_axes import Axes
from budget_model.coverage.types import Array

HOURS_A_WEEK = 168


def read_hours(programmes: Node, axes: Axes) -> Array | None:
    """(P, G) hours a week; a group that is left out is spared none. None where no programme states any."""
    rows = []
    for item in programmes.items():
        node = Node(item.value.get("hours_saved") if item.is_mapping else None, (*item.path, "hours_saved"), item.found)
        hours = np.zeros(len(axes.groups))
        for group, part in ({} if node.is_absent else node.entries(axes.groups, "group", complete=False)).items():
            hours[axes.groups.index(group)] = np.nan_to_num(part.required_number(low=0, high=HOURS_A_WEEK))
        rows.append(hours)
    found = np.array(rows) if rows else np.zeros((0, len(axes.groups)))
    return found if found.any() else None


def read_hour_value(node: Node) -> float | None:
    value = node.number(above=0)
    return None if np.isnan(value) else value
