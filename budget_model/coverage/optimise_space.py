"""The decisions of an optimisation: how much money each line gets, as columns between 0 and 1, and the linear rules.

A *line* is a programme in an area. Its money is `fixed + width x column`. Money beyond the capacity, or beyond the
point where all that the programme serves is saturated, meets no need; it has a column of its own (`idle`) only where
a minimum share could ask for it. Knows nothing of coverage: later years only add columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import InputError, Problem

SATURATED = {"linear": 1.0, "exponential": 40.0, "tanh": 20.0}  # intensity / ceiling beyond which nothing is added

ROOM = 1.001  # columns reach a little further than the rules on money, so that rules carry the prices, not columns


@dataclass(frozen=True)
class MoneyRule:
    """One linear rule on money, with the facts that name it: `lower <= row <= upper`, in currency."""

    kind: str  # budget | min_share | earmark | paid
    facts: dict[str, Any]


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


def budget_of(model: BudgetModel) -> float | None:
    """The money that may be spent: the stated budget; today's total where none is stated.

    None (no limit) only for the least cost of reaching targets without a stated limit.
    """
    if model.constraints.budget is not None:
        return model.constraints.budget
    return None if model.objective == "min_cost" else float(model.baseline.sum())


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
    """The columns and money rules of a model.

    Raises
    ------
    InputError : the earmarked sources add up to more than the budget.
    """
    model = calibrated.model
    floor, ceiling = line_limits(model)
    contradictory = floor > ceiling + 1e-9 * np.maximum(1.0, np.abs(floor))
    ceiling = np.maximum(floor, ceiling)
    budget = budget_of(model)
    _check_sources(model, budget)
    useful = np.minimum(model.unit_cost * model.capacity, useful_money(calibrated))
    top = np.minimum(ceiling, _affordable(floor, budget))
    served = np.maximum(np.minimum(top, useful) - floor, 0.0).ravel()
    spendable = np.where(np.isfinite(top), top, np.maximum(floor, useful)) - floor
    idle = (spendable.ravel() - served) * _in_minimum_share(model).ravel()
    served_lines, idle_lines = np.flatnonzero(served > 0), np.flatnonzero(idle > 0)
    line = np.concatenate([served_lines, idle_lines])
    width = np.concatenate([served[served_lines], idle[idle_lines]])
    return _with_rules(model, budget, (floor, ceiling, contradictory), line, width, len(served_lines))


def useful_money(calibrated: CalibratedModel) -> Array:
    """(P, A) money beyond which a line adds nothing to any cell that it serves; 0 where it serves none."""
    model, effect = calibrated.model, calibrated.effect
    saturated = np.array([SATURATED[model.links.response[link]] for link in effect.link])
    persons = np.zeros_like(effect.coefficient)
    reached = (effect.coefficient > 0) & (np.nan_to_num(calibrated.background, nan=1.0) < 1)[effect.need]
    limits = np.broadcast_to((saturated * effect.ceiling)[:, None, None], persons.shape)
    persons[reached] = limits[reached] / effect.coefficient[reached]
    most = np.zeros(model.baseline.shape)
    np.maximum.at(most, effect.programme, persons.max(axis=2, initial=0.0))
    return most * model.unit_cost


def _affordable(floor: Array, budget: float | None) -> Array:
    """A little more than one line could get if all others stood at their lowest."""
    if budget is None:
        return np.full_like(floor, np.inf)
    return np.asarray(floor + ROOM * max(budget - float(floor.sum()), 0.0))


def _in_minimum_share(model: BudgetModel) -> NDArray[np.bool_]:
    named = (model.constraints.min_share or {}).get("programmes", [])
    rows = np.array([programme in named for programme in model.programmes], dtype=bool)
    return np.broadcast_to(rows[:, None], model.baseline.shape)


def _check_sources(model: BudgetModel, budget: float | None) -> None:
    earmarked = sum(source.amount for source in model.constraints.earmarks)
    if budget is not None and earmarked > budget * (1 + 1e-12):
        raise InputError(
            Problem(
                "earmarks-above-budget",
                f"constraints.earmarks: the sources add up to {earmarked:,.2f} {model.currency}, more than the budget "
                f"of {budget:,.2f}. Correct one of the two.",
                facts={"amount": earmarked, "limit": budget, "currency": model.currency},
            )
        )


# ---- rules -----------------------------------------------------------------------------------------------------------


def _with_rules(
    model: BudgetModel,
    budget: float | None,
    limits: tuple[Array, Array, NDArray[np.bool_]],
    line: NDArray[np.intp],
    width: Array,
    n_served: int,
) -> DecisionSpace:
    floor, ceiling, contradictory = limits
    by_programme = _programme_matrix(model, line, width)
    at_least = floor.sum(axis=1)
    most = at_least + np.asarray(by_programme.sum(axis=1)).ravel()
    payments, payment_width, pairs = _payments(model, budget, most)
    rows: list[tuple[sparse.csr_matrix, float, float, MoneyRule]] = []
    none = sparse.csr_matrix((1, len(payment_width)))
    if budget is not None:
        total = sparse.csr_matrix(by_programme.sum(axis=0))
        upper = budget - float(floor.sum())
        rows.append((sparse.hstack([total, none]), -np.inf, upper, MoneyRule("budget", {"amount": budget})))
    if model.constraints.min_share:
        weights, lower = _share_weights(model, at_least)
        row = sparse.csr_matrix(weights @ by_programme)
        rows.append(
            (sparse.hstack([row, none]), lower, np.inf, MoneyRule("min_share", dict(model.constraints.min_share)))
        )
    rows += _payment_rows(model, budget, by_programme, most, payments, pairs)
    columns = len(line) + len(payment_width)
    matrix = sparse.vstack([row for row, *_ in rows], format="csr") if rows else sparse.csr_matrix((0, columns))
    return DecisionSpace(
        fixed=floor,
        floor=floor,
        ceiling=ceiling,
        line=line,
        width=width,
        n_served=n_served,
        n_columns=columns,
        payment_width=payment_width,
        matrix=sparse.csr_matrix(matrix),
        lower=np.array([lower for _, lower, _, _ in rows]),
        upper=np.array([upper for _, _, upper, _ in rows]),
        rules=tuple(rule for *_, rule in rows),
        budget=budget,
        contradictory=contradictory,
    )


def _programme_matrix(model: BudgetModel, line: NDArray[np.intp], width: Array) -> sparse.csr_matrix:
    programmes, areas = model.baseline.shape
    return sparse.csr_matrix((width, (line // areas, np.arange(len(line)))), shape=(programmes, len(line)))


def _share_weights(model: BudgetModel, at_least: Array) -> tuple[Array, float]:
    """Row and lower limit of `money of the named >= share x all money`."""
    stated = model.constraints.min_share or {}
    named = np.array([programme in stated["programmes"] for programme in model.programmes], dtype=np.float64)
    weights = named - float(stated["share"])
    return weights, -float(weights @ at_least)


def _payments(
    model: BudgetModel, budget: float | None, most: Array
) -> tuple[sparse.csr_matrix, Array, list[tuple[int, int]]]:
    """Payments of each source to each programme that it may pay for; the last source is the rest of the budget.

    `most` (P,) is the highest money of each programme, so that a payment has a finite width.
    """
    sources = model.constraints.earmarks
    if not sources:
        return sparse.csr_matrix((len(model.programmes), 0)), np.zeros(0), []
    general = len(sources)
    pairs = [(f, model.programmes.index(name)) for f, source in enumerate(sources) for name in source.programmes]
    pairs += [(general, p) for p in range(len(model.programmes))]
    held = source_amounts(model, budget, float(most.sum()))
    width = np.array([ROOM * min(held[source], most[programme]) for source, programme in pairs])
    rows = [programme for _, programme in pairs]
    matrix = sparse.csr_matrix((width, (rows, range(len(pairs)))), shape=(len(model.programmes), len(pairs)))
    return matrix, width, pairs


def source_amounts(model: BudgetModel, budget: float | None, unlimited: float) -> list[float]:
    """What each source holds; the last is what the budget holds beyond them (`unlimited` where there is no budget)."""
    earmarked = [source.amount for source in model.constraints.earmarks]
    return [*earmarked, unlimited if budget is None else max(budget - sum(earmarked), 0.0)]


def _payment_rows(
    model: BudgetModel,
    budget: float | None,
    by_programme: sparse.csr_matrix,
    most: Array,
    payments: sparse.csr_matrix,
    pairs: list[tuple[int, int]],
) -> list[tuple[sparse.csr_matrix, float, float, MoneyRule]]:
    """Each programme's money is paid by some source, and each source pays no more than it holds."""
    if not pairs:
        return []
    at_least = most - np.asarray(by_programme.sum(axis=1)).ravel()
    paid = sparse.csr_matrix(sparse.hstack([by_programme, -payments]))
    rows = [
        (paid[p], -float(at_least[p]), -float(at_least[p]), MoneyRule("paid", {"programme": name}))
        for p, name in enumerate(model.programmes)
    ]
    width = np.asarray(payments.sum(axis=0)).ravel()
    names = [*(source.source for source in model.constraints.earmarks), None]
    for index, (name, held) in enumerate(zip(names, source_amounts(model, budget, float(most.sum())), strict=True)):
        own = np.array([w if source == index else 0.0 for (source, _), w in zip(pairs, width, strict=True)])
        row = sparse.hstack([sparse.csr_matrix((1, by_programme.shape[1])), sparse.csr_matrix(own)])
        rows.append((row, -np.inf, held, MoneyRule("earmark", {"source": name, "amount": held})))
    return rows
