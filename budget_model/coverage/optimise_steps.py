"""Prices where the last linear programme has no single one: what a limit is worth when it is loosened by a whole step.

Where many limits on coverage bind at one point (*no group worse off* at today's budget is the usual case), any of a
wide range of row prices is right, and the solver returns one that may be absurdly high. So the limits on coverage are
loosened a little together; a price that falls by more than half is no price. In its place stands a one-sided one: the
gain of the linear programme when that limit alone gives by 1,000 of currency or one percentage point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.optimise_master import Master, MasterAnswer
from budget_model.coverage.optimise_money import MoneyRule
from budget_model.coverage.optimise_prices import PER_MONEY, PER_SHARE, Prices, read_prices
from budget_model.coverage.optimise_task import Task
from budget_model.coverage.types import Array

A_LITTLE = 1e-3  # share of coverage by which all limits on coverage give together
STEADY = 0.5  # of its price must be left then
MOST_STEPS = 12  # limits that are loosened one by one, the dearest; the others keep the price found a little further on
NOTHING = 1e-9  # relative to the whole


@dataclass(frozen=True)
class _Rows:
    """Rows of the master, by their place in its solver, with their limits."""

    places: NDArray[np.intp]
    lower: Array
    upper: Array


def steady_prices(task: Task, master: Master, prices: Prices) -> Prices:
    """The same prices where they are single; else one-sided ones, of the budget and sources too."""
    if not (np.abs(prices.coverage) > NOTHING * task.aim.reach).any():
        return prices
    master.aim_at_task()
    before = master.solve()
    coverage = _block(master, 1 if len(task.space.rules) else 0)
    loosened = None if before is None else _solve_with(master, coverage, A_LITTLE)
    if before is None or loosened is None:
        return prices
    further = read_prices(task, master, loosened)
    if (np.abs(further.coverage) >= STEADY * np.abs(prices.coverage)).all():
        return prices
    shares, joint = _coverage_steps(task, master, before, coverage, prices, further)
    money = _money_steps(task, master, before, further)
    found = replace(further, coverage=shares, money=money, joint=joint)
    master.solve()
    return found


def _block(master: Master, number: int) -> _Rows:
    first = sum(len(block.lower) for block in master.blocks[:number])
    block = master.blocks[number]
    return _Rows(np.arange(first, first + len(block.lower), dtype=np.intp), block.lower, block.upper)


def _solve_with(master: Master, rows: _Rows, by: float | Array) -> MasterAnswer | None:
    """The optimum with the limits of these rows moved outwards; they are put back."""
    moved = np.broadcast_to(by, rows.lower.shape)
    _set(master, rows.places, rows.lower - moved, rows.upper + moved)
    answer = master.solve()
    _set(master, rows.places, rows.lower, rows.upper)
    return answer


def _set(master: Master, places: NDArray[np.intp], lower: Array, upper: Array) -> None:
    for place, low, high in zip(places, lower, upper, strict=True):
        master.solver.changeRowBounds(int(place), float(low), float(high))


def _gain(task: Task, master: Master, before: MasterAnswer, after: MasterAnswer | None) -> float:
    """How much better the aim becomes, in its own unit; NaN where the solver gave no answer."""
    if after is None:
        return float("nan")
    return max(0.0, task.aim.reach * float(master.cost @ (before.columns - after.columns)))


def _coverage_steps(
    task: Task, master: Master, before: MasterAnswer, rows: _Rows, prices: Prices, further: Prices
) -> tuple[Array, frozenset[int]]:
    """(Q,) prices a share, each from a step of one percentage point, and the rules that stand for their whole need.

    *No group worse off* is one condition a need: its groups give together, and one of them carries the price.
    """
    found, joint = np.abs(further.coverage), set()
    for rules in _conditions(task, prices.coverage):
        own = [place for rule in rules for place in _rows_of_rule(task, rule)]
        part = _Rows(rows.places[own], rows.lower[own], rows.upper[own])
        gain = _gain(task, master, before, _solve_with(master, part, PER_SHARE))
        if np.isnan(gain):
            continue
        found[rules] = 0.0
        found[rules[0]] = gain / PER_SHARE
        joint.update(rules[:1] if len(rules) > 1 else [])
    return found, frozenset(joint)


def _conditions(task: Task, prices: Array) -> list[list[int]]:
    """The dearest conditions, each as its rules: those of one need and year together where nobody may be worse off."""
    found: dict[tuple[object, ...], list[int]] = {}
    for rule in np.argsort(-np.abs(prices), kind="stable"):
        named = task.rules[rule]
        is_whole = named.kind == "no_group_worse_off"
        key = (named.kind, named.facts["need"], named.facts.get("year")) if is_whole else (int(rule),)
        found.setdefault(key, []).append(int(rule))
    least = NOTHING * task.aim.reach
    return [rules for rules in found.values() if abs(prices[rules[0]]) > least][:MOST_STEPS]


def _rows_of_rule(task: Task, rule: int) -> Sequence[int]:
    """A rule with two limits is two rows of the master: first all lower limits, then all upper ones."""
    below, above = np.flatnonzero(np.isfinite(task.rows.lower)), np.flatnonzero(np.isfinite(task.rows.upper))
    places = [int(at) for at in np.flatnonzero(below == rule)]
    return [*places, *(len(below) + int(at) for at in np.flatnonzero(above == rule))]


def _money_steps(task: Task, master: Master, before: MasterAnswer, further: Prices) -> Array:
    """(rules,) prices a unit of currency; those of budget and sources from a step of 1,000."""
    found, scale = further.money.copy(), task.space.row_scale
    if not len(task.space.rules):
        return found
    rows, least = _block(master, 0), NOTHING * task.aim.reach / _budget(task)
    for together in _money_conditions(task, further.money, least):
        part = _Rows(rows.places[together], rows.lower[together], rows.upper[together])
        gain = _gain(task, master, before, _solve_with(master, part, PER_MONEY / scale[together]))
        if not np.isnan(gain):
            found[together] = 0.0
            found[together[0]] = -gain / PER_MONEY  # an upper limit: its row price is negative
    return found


def _money_conditions(task: Task, prices: Array, least: float) -> list[list[int]]:
    """Budget and sources that have a price, the dearest; more budget is more general money, where there are sources."""
    rules = task.space.rules
    general = {rule.year: row for row, rule in enumerate(rules) if _is_general(rule)}
    found = []
    for row, rule in enumerate(rules):
        if rule.kind == "budget":
            found.append([row, general[rule.year]] if rule.year in general else [row])
        elif rule.kind == "earmark" and not _is_general(rule):
            found.append([row])
    dear = [rows for rows in found if np.abs(prices[rows]).sum() > least]
    return sorted(dear, key=lambda rows: -float(np.abs(prices[rows]).sum()))[:MOST_STEPS]


def _is_general(rule: MoneyRule) -> bool:
    return rule.kind == "earmark" and rule.facts["source"] is None


def _budget(task: Task) -> float:
    return task.space.budget or float(task.calibrated.model.baseline.sum()) or 1.0
