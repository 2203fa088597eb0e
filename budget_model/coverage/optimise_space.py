"""The decisions of an optimisation: how much money each line gets, as columns between 0 and 1, and the linear rules.

A *line* is a programme in an area. Its money is `fixed + width x column`. Money beyond the capacity, or beyond the
point where all that the programme serves is saturated, meets no need; it has a column of its own (`idle`) only where
a minimum share could ask for it. Knows nothing of coverage: later years only add columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise_money import ROOM, MoneyRule, check_sources, money_rules
from budget_model.coverage.optimise_years import (
    areas_of_year,
    base_model,
    money_due,
    money_growth,
    own_year_map,
    served_map,
    spending_map,
)
from budget_model.coverage.types import Array, BudgetModel

SATURATED = {"linear": 1.0, "exponential": 40.0, "tanh": 20.0}  # intensity / ceiling beyond which nothing is added


@dataclass(frozen=True)
class DecisionSpace:
    """Columns are: served money of the lines that can move, idle money, then payments of sources to programmes.

    Every column lies between 0 and 1. `rules` names the rows of `matrix` (rows x columns, currency).
    """

    fixed: Array  # (P, A) money of each line when all columns are 0
    floor: Array  # (P, A) lowest and
    ceiling: Array  # (P, A) highest amount that the limits of the line allow; inf where there is none
    line: NDArray[np.intp]  # (J,) flat index (p * A + a) of the line that each money column belongs to
    width: Array  # (J,) currency
    n_served: int  # the first columns: money that serves people
    n_columns: int  # J + payments
    payment_width: Array  # (n_columns - J,) currency
    cost: Array  # (J,) currency over all years for a full column, running costs of works included
    cost_fixed: float  # currency when all columns are 0
    matrix: sparse.csr_matrix  # (rules, n_columns)
    lower: Array  # (rules,) currency; -inf where there is none
    upper: Array
    rules: tuple[MoneyRule, ...]
    budget: float | None  # currency / year; None: free
    contradictory: NDArray[np.bool_]  # (P, A) lines whose own limits leave no amount

    def allocation(self, columns: Array) -> Array:
        """(P, A) money of an answer; the columns of payments are not looked at."""
        amounts = self.fixed.ravel().copy()
        np.add.at(amounts, self.line, self.width * columns[: len(self.line)])
        return amounts.reshape(self.fixed.shape)

    def columns_of(self, allocation: Array) -> Array:
        """Money columns (J,) that come nearest to an allocation: served money first, the rest idle."""
        room = (np.asarray(allocation) - self.fixed).ravel()
        columns = np.zeros(len(self.line))
        served, idle = slice(0, self.n_served), slice(self.n_served, None)
        columns[served] = np.clip(room[self.line[served]] / self.width[served], 0.0, 1.0)
        used = np.zeros(self.fixed.size)
        used[self.line[served]] = columns[served] * self.width[served]
        left = room - used
        columns[idle] = np.clip(left[self.line[idle]] / self.width[idle], 0.0, 1.0)
        return columns

    def keeps_rules(self, columns: Array) -> bool:
        """Whether all columns together keep the rules on money, up to rounding."""
        if not self.rules:
            return True
        amounts = self.matrix @ columns
        return bool((amounts >= self.lower - self._rounding).all() and (amounts <= self.upper + self._rounding).all())

    @cached_property
    def _rounding(self) -> Array:
        """(rules,) currency by which a sum of floats may be off."""
        return np.asarray(1e-9 * np.maximum(1.0, np.asarray(abs(self.matrix).sum(axis=1)).ravel()))

    @cached_property
    def row_scale(self) -> Array:
        """(rules,) largest coefficient of each rule: what solvers divide the row by."""
        if not self.matrix.nnz:
            return np.ones(self.matrix.shape[0])
        largest = np.asarray(abs(self.matrix).max(axis=1).todense(), dtype=np.float64).ravel()
        return np.asarray(np.maximum(largest, 1e-12))


def budget_of(calibrated: CalibratedModel) -> float | None:
    """The money that may be spent, in the first year of a plan: the stated budget; today's total where none is stated.

    None (no limit) only for the least cost of reaching targets without a stated limit.
    """
    model = calibrated.model
    if model.constraints.budget is not None:
        return model.constraints.budget
    return None if model.objective == "min_cost" else float(base_model(calibrated).baseline.sum())


def line_limits(model: BudgetModel) -> tuple[Array, Array]:
    """(P, A) lowest and highest amount of each line: floor, ceiling, change against the baseline, lock.

    Today's amount may lie outside floor and ceiling; a limit on change can then leave nothing between the two.
    """
    floor, ceiling = model.floor, model.ceiling
    if (change := model.constraints.max_change) is not None:
        floor = np.maximum(floor, model.baseline * max(0.0, 1.0 - change))
        ceiling = np.minimum(ceiling, model.baseline * (1.0 + change))
    locked = model.locked[:, None]
    return np.where(locked, model.baseline, floor), np.where(locked, model.baseline, ceiling)


def build_space(calibrated: CalibratedModel) -> DecisionSpace:
    """The columns and money rules of a model, or of a plan (`optimise_years`).

    Raises
    ------
    InputError : the earmarked sources add up to more than the budget.
    """
    model = calibrated.model
    floor, ceiling = line_limits(model)
    contradictory = floor > ceiling + 1e-9 * np.maximum(1.0, np.abs(floor))
    ceiling = np.maximum(floor, ceiling)
    budget = year_budgets(calibrated)
    check_sources(model)
    useful = np.minimum(model.unit_cost * model.capacity, useful_money(calibrated))
    top = np.minimum(ceiling, _affordable(calibrated, floor, budget))
    served = np.maximum(np.minimum(top, useful) - floor, 0.0).ravel()
    spendable = np.where(np.isfinite(top), top, np.maximum(floor, useful)) - floor
    idle = (spendable.ravel() - served) * _in_minimum_share(model).ravel()
    served_lines, idle_lines = np.flatnonzero(served > 0), np.flatnonzero(idle > 0)
    line = np.concatenate([served_lines, idle_lines])
    width = np.concatenate([served[served_lines], idle[idle_lines]])
    by_money = [spending_map(calibrated)[:, served_lines], own_year_map(calibrated)[:, idle_lines]]
    owed = sparse.csr_matrix(sparse.hstack(by_money, format="csr") @ sparse.diags(width))
    rules = money_rules(calibrated, owed, money_due(calibrated, floor), budget)
    return DecisionSpace(
        fixed=floor,
        floor=floor,
        ceiling=ceiling,
        line=line,
        width=width,
        n_served=len(served_lines),
        n_columns=len(line) + len(rules.payment_width),
        payment_width=rules.payment_width,
        cost=np.asarray(owed.sum(axis=0)).ravel(),
        cost_fixed=float(money_due(calibrated, floor).sum()),
        matrix=rules.matrix,
        lower=rules.lower,
        upper=rules.upper,
        rules=rules.named,
        budget=None if budget is None else float(budget.sum()),
        contradictory=contradictory,
    )


def year_budgets(calibrated: CalibratedModel) -> Array | None:
    """(T,) the money that each year may spend; None: no limit."""
    budget = budget_of(calibrated)
    return None if budget is None else budget * money_growth(calibrated)


def useful_money(calibrated: CalibratedModel) -> Array:
    """(P, A) money beyond which a line adds nothing to any cell, now or later; 0 where it serves none."""
    model, effect = calibrated.model, calibrated.effect
    saturated = np.array([SATURATED[model.links.response[link]] for link in effect.link])
    persons = np.zeros_like(effect.coefficient)
    reached = (effect.coefficient > 0) & (np.nan_to_num(calibrated.background, nan=1.0) < 1)[effect.need]
    limits = np.broadcast_to((saturated * effect.ceiling)[:, None, None], persons.shape)
    persons[reached] = limits[reached] / effect.coefficient[reached]
    most = np.zeros(model.baseline.shape)
    np.maximum.at(most, effect.programme, persons.max(axis=2, initial=0.0))
    still = served_map(calibrated).tocoo()
    needed = np.zeros(most.size)
    lasts = still.data > 0
    np.maximum.at(needed, still.col[lasts], most.ravel()[still.row[lasts]] / still.data[lasts])
    return needed.reshape(most.shape) * model.unit_cost


def _affordable(calibrated: CalibratedModel, floor: Array, budget: Array | None) -> Array:
    """A little more than one line could get if all others stood at their lowest."""
    if budget is None:
        return np.full_like(floor, np.inf)
    top = np.empty_like(floor)
    for year, held in enumerate(budget):
        areas = areas_of_year(calibrated, year)
        top[:, areas] = floor[:, areas] + ROOM * max(held - float(floor[:, areas].sum()), 0.0)
    return top


def _in_minimum_share(model: BudgetModel) -> NDArray[np.bool_]:
    named = (model.constraints.min_share or {}).get("programmes", [])
    rows = np.array([programme in named for programme in model.programmes], dtype=bool)
    return np.broadcast_to(rows[:, None], model.baseline.shape)
