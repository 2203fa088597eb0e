"""The constraints of a model one by one, each with how the model looks without it: what may be left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget_model.coverage.types import BudgetModel, Constraints

LINES = ("floor", "ceiling")  # limits that stand on every line: told together, or line by line


@dataclass(frozen=True)
class Part:
    """One constraint that may be left out: how the model looks without it."""

    constraint: str
    facts: dict[str, Any]
    without: Callable[[BudgetModel], BudgetModel]

    def is_same(self, other: Part) -> bool:
        return self.constraint == other.constraint and self.facts == other.facts


def leave_out(model: BudgetModel, parts: list[Part]) -> BudgetModel:
    """The model without any of these constraints."""
    for part in parts:
        model = part.without(model)
    return model


def constraint_parts(model: BudgetModel) -> Iterator[Part]:
    """Everything that may be left out: limits of lines by kind, then rules, then the budget."""
    yield from _line_parts(model)
    limits = model.constraints
    for source in limits.earmarks:
        facts = {"source": source.source, "amount": source.amount, "programmes": list(source.programmes)}
        yield Part("earmark", facts, _without_earmark(source.source))
    if limits.min_share:
        yield Part("min_share", dict(limits.min_share), changed(min_share=None))
    if limits.max_gap is not None:
        yield Part("max_gap", {"gap": limits.max_gap}, changed(max_gap=None))
    yield from _coverage_parts(limits)
    budget = model.constraints.budget
    if budget is not None:
        yield Part("budget", {"amount": budget}, changed(budget=None))


def _line_parts(model: BudgetModel) -> Iterator[Part]:
    if (model.floor > 0).any():
        yield Part("floor", {}, lambda m: dataclasses.replace(m, floor=np.zeros_like(m.floor)))
    if np.isfinite(model.ceiling).any():
        yield Part("ceiling", {}, lambda m: dataclasses.replace(m, ceiling=np.full_like(m.ceiling, np.inf)))
    if model.locked.any():
        names = [model.programmes[index] for index in np.flatnonzero(model.locked)]
        yield Part("locked", {"programmes": names}, lambda m: dataclasses.replace(m, locked=np.zeros_like(m.locked)))
    if model.constraints.max_change is not None:
        yield Part("max_change", {"share": model.constraints.max_change}, changed(max_change=None))


def _coverage_parts(limits: Constraints) -> Iterator[Part]:
    for need in dict.fromkeys(limits.no_group_worse_off):
        yield Part("no_group_worse_off", {"need": need}, _without_need(need))
    for need, groups in limits.min_coverage.items():
        for group, share in groups.items():
            facts = {"need": need, "group": group, "coverage": share}
            yield Part("min_coverage", facts, with_target(facts, None))
    for need, areas in limits.min_coverage_by_area.items():
        for area, groups in areas.items():
            for group, share in groups.items():
                facts = {"need": need, "area": area, "group": group, "coverage": share}
                yield Part("min_coverage_by_area", facts, with_target(facts, None))


def changed(**changes: Any) -> Callable[[BudgetModel], BudgetModel]:
    return lambda model: dataclasses.replace(model, constraints=dataclasses.replace(model.constraints, **changes))


def _without_earmark(source: str) -> Callable[[BudgetModel], BudgetModel]:
    """The source may pay for everything."""

    def without(model: BudgetModel) -> BudgetModel:
        left = tuple(earmark for earmark in model.constraints.earmarks if earmark.source != source)
        return changed(earmarks=left)(model)

    return without


def _without_need(need: str) -> Callable[[BudgetModel], BudgetModel]:
    def without(model: BudgetModel) -> BudgetModel:
        left = tuple(other for other in model.constraints.no_group_worse_off if other != need)
        return changed(no_group_worse_off=left)(model)

    return without


def with_target(facts: dict[str, Any], share: float | None) -> Callable[[BudgetModel], BudgetModel]:
    """The model with one target changed, or without it (None)."""

    def with_share(model: BudgetModel) -> BudgetModel:
        limits = model.constraints
        if "area" not in facts:
            groups = _with_entry(limits.min_coverage.get(facts["need"], {}), facts["group"], share)
            return changed(min_coverage={**limits.min_coverage, facts["need"]: groups})(model)
        areas = limits.min_coverage_by_area.get(facts["need"], {})
        groups = _with_entry(areas.get(facts["area"], {}), facts["group"], share)
        by_area = {**limits.min_coverage_by_area, facts["need"]: {**areas, facts["area"]: groups}}
        return changed(min_coverage_by_area=by_area)(model)

    return with_share


def _with_entry(groups: dict[str, float], group: str, share: float | None) -> dict[str, float]:
    left = {name: value for name, value in groups.items() if name != group}
    return left if share is None else {**left, group: share}


def line_parts(model: BudgetModel, kind: str) -> list[Part]:
    """The floors, or the ceilings, of a model line by line."""
    limits = model.floor if kind == "floor" else model.ceiling
    lines = np.argwhere(limits > 0 if kind == "floor" else np.isfinite(limits))
    return [
        Part(
            kind,
            {
                "programme": model.programmes[row],
                "area": model.areas[column],
                "amount": float(limits[row, column]),
            },
            with_limit(kind, (int(row), int(column)), 0.0 if kind == "floor" else np.inf),
        )
        for row, column in lines
    ]


def with_limit(kind: str, line: tuple[int, int], amount: float) -> Callable[[BudgetModel], BudgetModel]:
    """The model with the floor or the ceiling of one line at another amount."""

    def limited(model: BudgetModel) -> BudgetModel:
        limits = (model.floor if kind == "floor" else model.ceiling).copy()
        limits[line] = amount
        if kind == "floor":
            return dataclasses.replace(model, floor=limits)
        return dataclasses.replace(model, ceiling=limits)

    return limited
