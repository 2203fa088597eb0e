"""The constraints of a portable model: what an allocation, above all the best one, has to keep to."""

from __future__ import annotations

import math
from typing import Any

from budget_model.coverage.document import Node
from budget_model.coverage.portable_axes import Axes, at_least_zero, share
from budget_model.coverage.types import AssumedMaximum, Constraints, Earmark

KEYS = (
    "budget",
    "max_change",
    "no_group_worse_off",
    "min_coverage",
    "min_coverage_by_area",
    "min_share",
    "max_gap",
    "earmarks",
)


def read_constraints(node: Node, axes: Axes) -> Constraints:
    """The limits of a portable model's `constraints`; none where it states none. Problems are gathered in its document.

    Amounts in the model's currency, shares and gaps 0-1.
    """
    if node.is_absent:
        return Constraints()
    parts = node.record((), KEYS)
    protected = [item for item in parts["no_group_worse_off"].items() if item.name_of(axes.needs, "need") is not None]
    return Constraints(
        budget=_optional(parts["budget"].number(low=0)),
        max_change=_optional(parts["max_change"].number(low=0)),
        no_group_worse_off=tuple(item.text() for item in protected),
        min_coverage=_read_min_coverage(parts["min_coverage"], axes),
        min_coverage_by_area=_read_min_coverage_by_area(parts["min_coverage_by_area"], axes),
        min_share=_read_min_share(parts["min_share"], axes),
        max_gap=_optional(parts["max_gap"].number(low=0, high=1)),
        earmarks=_read_earmarks(parts["earmarks"], axes),
    )


def read_assumed_maximum(node: Node, axes: Axes) -> AssumedMaximum | None:
    """Which ceilings of the document are an assumption, and how many times today's money they stand for."""
    if node.is_absent:
        return None
    parts = node.record(("programmes",), ("times_today",))
    times = _optional(parts["times_today"].number(low=1))
    return AssumedMaximum(times, _named_programmes(parts["programmes"], axes))


def _optional(number: float) -> float | None:
    return None if math.isnan(number) else number


def _read_min_coverage(node: Node, axes: Axes) -> dict[str, dict[str, float]]:
    if node.is_absent:
        return {}
    return {
        need: {group: share(part) for group, part in groups.entries(axes.groups, "group", complete=False).items()}
        for need, groups in node.entries(axes.needs, "need", complete=False).items()
    }


def _read_min_coverage_by_area(node: Node, axes: Axes) -> dict[str, dict[str, dict[str, float]]]:
    if node.is_absent:
        return {}
    return {
        need: {
            area: {group: share(part) for group, part in groups.entries(axes.groups, "group", complete=False).items()}
            for area, groups in areas.entries(axes.areas, "area", complete=False).items()
        }
        for need, areas in node.entries(axes.needs, "need", complete=False).items()
    }


def _read_min_share(node: Node, axes: Axes) -> dict[str, Any] | None:
    if node.is_absent:
        return None
    parts = node.record(("programmes", "share"), ())
    return {"programmes": list(_named_programmes(parts["programmes"], axes)), "share": share(parts["share"])}


def _named_programmes(node: Node, axes: Axes) -> tuple[str, ...]:
    return tuple(item.text() for item in node.items() if item.name_of(axes.programmes, "programme") is not None)


def _read_earmarks(node: Node, axes: Axes) -> tuple[Earmark, ...]:
    """Funding sources, each with what it holds and the programmes that the law lets it pay for."""
    earmarks: list[Earmark] = []
    for item in node.items():
        parts = item.record(("source", "amount", "programmes"), ("note",))
        source = parts["source"].text()
        if source in [earmark.source for earmark in earmarks]:
            item.problem("duplicate", f"the source '{source}' appears twice. Give each source once.", name=source)
        amount = at_least_zero(parts["amount"])
        earmarks.append(Earmark(source, amount, _named_programmes(parts["programmes"], axes)))
    return tuple(earmarks)
