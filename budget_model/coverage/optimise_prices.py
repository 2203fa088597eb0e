"""What binds an answer, and what each bound costs: the dual values of the last linear programme, by name.

Prices are changes of the aim's value, at least 0: for 1,000 of currency where money binds, for one percentage point
where a share does. The price of a line's limit is its marginal yield against the price of money.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget_model.coverage.optimise_master import Master, MasterAnswer
from budget_model.coverage.optimise_pieces import slopes
from budget_model.coverage.optimise_task import Task
from budget_model.coverage.optimise_years import line_facts, served_map, spending_map, years_of
from budget_model.coverage.types import Array

PER_MONEY, PER_SHARE = 1000.0, 0.01
AT_LIMIT = 1e-6  # share of a line's room within which it counts as standing at a limit
NOTHING = 1e-9  # relative: prices below are none


@dataclass(frozen=True)
class Binding:
    """A constraint that keeps the value from being better, with its price and the facts that name it."""

    constraint: str
    price: float
    per: str  # "1000 currency" | "percentage point"
    facts: dict[str, Any]


@dataclass(frozen=True)
class Prices:
    """Row prices in units of the aim's value: of each money rule (per currency), of coverage rules (per share)."""

    money: Array  # (rules,) signed as a row of `lower <= row <= upper`: above 0 where the lower limit binds
    coverage: Array  # (Q,)
    cell: Array  # (K,) what full coverage of a cell is worth to the aim, prices of the rules included
    line_cost: Array  # (P * A,) price of one more unit of currency on each line
    joint: frozenset[int] = frozenset()  # rules on coverage whose price is that of all groups of their need


def read_prices(task: Task, master: Master, answer: MasterAnswer) -> Prices:
    """Translate the master's row prices (minimised, scaled) into the aim's unit."""
    scale = task.aim.reach
    by_block = dict(zip(_static_names(task), answer.prices, strict=False))
    money = scale * by_block.get("money", np.zeros(0)) / task.space.row_scale
    coverage = scale * _by_rule(task, by_block.get("coverage", np.zeros(0)))
    cell = task.aim.gain + task.rows.matrix.T @ coverage
    if task.aim.rows is not None:
        level = by_block["level"]
        count = task.aim.rows.matrix.shape[0]
        signed = level if task.aim.kind == "max_min" else level[count:] - level[:count]
        cell = cell + task.aim.rows.matrix.T @ signed
    return Prices(money, coverage, np.asarray(cell), _line_cost(task, money))


def one_price(task: Task, price: float) -> Prices:
    """Prices where only a budget and limits of lines can bind: one price of money, in the aim's unit per currency."""
    money = np.full(len(task.space.rules), -price)
    return Prices(money, np.zeros(0), task.aim.gain, _line_cost(task, money))


def _static_names(task: Task) -> list[str]:
    """Names of the master's first blocks, in its order."""
    names = ["money"] if len(task.space.rules) else []
    names += ["coverage"] if len(task.rules) else []
    return names + (["level"] if task.aim.rows is not None else [])


def _by_rule(task: Task, price: Array) -> Array:
    """The master splits a rule with two limits into two rows: add their prices up again."""
    total = np.zeros(len(task.rows.lower))
    below, above = np.flatnonzero(np.isfinite(task.rows.lower)), np.flatnonzero(np.isfinite(task.rows.upper))
    total[below] += price[: len(below)]
    total[above] += price[len(below) :]
    return total


def _line_cost(task: Task, money: Array) -> Array:
    """Price of one unit of currency on each line: budget, minimum share and sources, in all years that it costs."""
    calibrated, model = task.calibrated, task.calibrated.model
    cost = np.full((years_of(calibrated), len(model.programmes)), 1.0 if task.aim.kind == "min_cost" else 0.0)
    for rule, price in zip(task.space.rules, money, strict=True):
        if rule.kind == "budget":
            cost[rule.year] -= price
        elif rule.kind == "min_share":
            named = np.array([name in rule.facts["programmes"] for name in model.programmes])
            cost[rule.year] -= price * (named - rule.facts["share"])
        elif rule.kind == "paid":
            cost[rule.year, model.programmes.index(rule.facts["programme"])] -= price
    return np.asarray(spending_map(calibrated).T @ cost.ravel())


# ---- what binds ------------------------------------------------------------------------------------------------------


def find_binding(task: Task, prices: Prices, columns: Array) -> list[Binding]:
    """Every constraint with a price, the dearest of each kind first: budget, rules, then limits of lines."""
    return [*_binding_rules(task, prices), *_binding_lines(task, prices, columns)]


def _binding_rules(task: Task, prices: Prices) -> Iterator[Binding]:
    whole = abs(task.aim.reach)
    budget = task.space.budget or float(task.calibrated.model.baseline.sum()) or 1.0
    for rule, price in zip(task.space.rules, _with_general_money(task, prices), strict=True):
        if abs(price) * budget <= NOTHING * whole or rule.kind == "paid":
            continue
        if rule.kind == "min_share":
            yield Binding(rule.kind, float(abs(price)) * budget * PER_SHARE, "percentage point", rule.facts)
        else:
            yield Binding(rule.kind, float(abs(price)) * PER_MONEY, "1000 currency", rule.facts)
    for number, (named, price) in enumerate(zip(task.rules, prices.coverage, strict=True)):
        if abs(price) > NOTHING * whole:
            facts = {key: fact for key, fact in named.facts.items() if key != "group" or number not in prices.joint}
            yield Binding(named.kind, float(abs(price)) * PER_SHARE, "percentage point", facts)


def _with_general_money(task: Task, prices: Prices) -> Array:
    """Prices of the money rules; more budget is more general money, so that the budget carries that price too."""
    merged, rules = prices.money.copy(), task.space.rules
    budgets = [row for row, rule in enumerate(rules) if rule.kind == "budget"]
    general = [row for row, rule in enumerate(rules) if rule.kind == "earmark" and rule.facts["source"] is None]
    for one, other in zip(budgets, general, strict=False):  # one pair a year
        merged[one] += merged[other]
        merged[other] = 0.0
    return merged


def _binding_lines(task: Task, prices: Prices, columns: Array) -> Iterator[Binding]:
    """Lines at a limit whose yield is not the price of their money."""
    model, space = task.calibrated.model, task.space
    worth = marginal_yield(task, prices, columns) - prices.line_cost
    amounts = space.allocation(columns).ravel()
    floor, ceiling = space.floor.ravel(), space.ceiling.ravel()
    capacity = (model.unit_cost * model.capacity).ravel()
    room = AT_LIMIT * np.maximum(1.0, np.where(np.isfinite(ceiling), ceiling, amounts) - floor)
    order = np.argsort(-np.abs(worth), kind="stable")
    least = NOTHING * task.aim.reach / max(1.0, float(model.baseline.sum()))
    for line in order[np.abs(worth[order]) > least]:
        programme, area = divmod(int(line), len(model.areas))
        facts = {**line_facts(task.calibrated, programme, area), "amount": float(amounts[line])}
        if worth[line] < 0 and amounts[line] <= floor[line] + room[line] and floor[line] > 0:
            kind = _lower_kind(task, programme, area)
        elif worth[line] > 0 and amounts[line] >= ceiling[line] - room[line]:
            kind = _upper_kind(task, programme, area)
        elif worth[line] > 0 and abs(amounts[line] - capacity[line]) <= room[line]:
            kind = "capacity"
        else:
            continue
        yield Binding(kind, abs(float(worth[line])) * PER_MONEY, "1000 currency", facts)


def marginal_yield(task: Task, prices: Prices, columns: Array) -> Array:
    """(P * A,) gain in the aim's value from one more unit of currency on each line, rules on coverage priced in.

    Lines that cannot move are looked at as well: that is what a lock costs.
    """
    calibrated, pieces = task.calibrated, task.pieces
    model, effect = calibrated.model, calibrated.effect
    weight = slopes(pieces, pieces.intensity(columns)) if pieces.n_rows else np.zeros(0)
    by_row = weight * prices.cell[pieces.cell] if pieces.n_rows else weight
    table = np.zeros(effect.coefficient.shape)
    table[pieces.place] = by_row
    beyond = task.space.allocation(columns) > model.unit_cost * model.capacity * (1 + AT_LIMIT)
    total = np.zeros(model.baseline.shape)
    np.add.at(total, effect.programme, (table * effect.coefficient).sum(axis=2))  # per person served
    by_money = (served_map(calibrated).T @ total.ravel()) / model.unit_cost.ravel()
    return np.where(beyond.ravel(), 0.0, by_money)


def _lower_kind(task: Task, programme: int, area: int) -> str:
    model = task.calibrated.model
    if model.locked[programme]:
        return "locked"
    return "floor" if task.space.floor[programme, area] <= model.floor[programme, area] else "max_change"


def _upper_kind(task: Task, programme: int, area: int) -> str:
    model = task.calibrated.model
    if model.locked[programme]:
        return "locked"
    return "ceiling" if task.space.ceiling[programme, area] >= model.ceiling[programme, area] else "max_change"
