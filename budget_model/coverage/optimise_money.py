"""The linear rules on money, year by year: budget, minimum share, and sources that pay for some programmes only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise_years import money_growth, years_of
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import InputError, Problem

ROOM = 1.001  # columns reach a little further than the rules on money, so that rules carry the prices, not columns


@dataclass(frozen=True)
class MoneyRule:
    """One linear rule on money, with the facts that name it: `lower <= row <= upper`, in currency."""

    kind: str  # budget | min_share | earmark | paid
    facts: dict[str, Any]
    year: int  # 0 is the first


@dataclass(frozen=True)
class MoneyRules:
    """Rows over money columns and payments; payments are columns between 0 and 1 of the given width."""

    matrix: sparse.csr_matrix
    lower: Array
    upper: Array
    named: tuple[MoneyRule, ...]
    payment_width: Array


@dataclass(frozen=True)
class Year:
    """What one year owes for each programme: `matrix` (P, J) for full columns, `at_least` (P,) for none."""

    number: int
    matrix: sparse.csr_matrix
    at_least: Array
    budget: float | None
    sources: Array  # (F,) what each earmarked source holds
    facts: dict[str, Any]  # the year, where there are several

    @property
    def most(self) -> Array:
        return np.asarray(self.at_least + np.asarray(self.matrix.sum(axis=1)).ravel())


Row = tuple[sparse.csr_matrix, Array | None, float, float, MoneyRule]  # money, payments of its year, limits, name


def money_rules(
    calibrated: CalibratedModel, owed: sparse.csr_matrix, at_least: Array, budget: Array | None
) -> MoneyRules:
    """The rules of every year.

    Parameters
    ----------
    owed : (T * P, J) currency that each year owes for each programme by a full column
    at_least : (T, P) currency owed when all columns are 0
    budget : (T,) currency, None: no limit
    """
    model, years = calibrated.model, years_of(calibrated)
    programmes = len(model.programmes)
    held = np.array([source.amount for source in model.constraints.earmarks])
    rows: list[Row] = []
    widths: list[Array] = []
    for number in range(years):
        year = Year(
            number,
            owed[number * programmes : (number + 1) * programmes],
            at_least[number],
            None if budget is None else float(budget[number]),
            held * money_growth(calibrated)[number],
            {} if years == 1 else {"year": number + 1},
        )
        payment_rows, width = _payment_rows(model, year)
        rows += [*_year_rows(model, year), *payment_rows]
        widths.append(width)
    return _stacked(rows, widths, owed.shape[1])


def _stacked(rows: list[Row], widths: list[Array], n_money: int) -> MoneyRules:
    """All rows over all columns: money, then the payments of each year."""
    first = np.cumsum([0, *(len(width) for width in widths)])
    money = sparse.vstack([row[0] for row in rows], format="csr") if rows else sparse.csr_matrix((0, n_money))
    paid = _payments([(paid, int(first[rule.year])) for _, paid, _, _, rule in rows], int(first[-1]))
    return MoneyRules(
        matrix=sparse.csr_matrix(sparse.hstack([money, paid], format="csr")),
        lower=np.array([lower for _, _, lower, _, _ in rows]),
        upper=np.array([upper for *_, upper, _ in rows]),
        named=tuple(rule for *_, rule in rows),
        payment_width=np.concatenate(widths),
    )


def _payments(rows: list[tuple[Array | None, int]], n_payments: int) -> sparse.csr_matrix:
    """The part of all rules that is about payments, each row from its own and the column where its year begins."""
    filled = [(number, row, first) for number, (row, first) in enumerate(rows) if row is not None]
    places = [(number, row, first, np.flatnonzero(row)) for number, row, first in filled]
    if not places:
        return sparse.csr_matrix((len(rows), n_payments))
    data = np.concatenate([row[at] for _, row, _, at in places])
    columns = np.concatenate([first + at for _, _, first, at in places])
    numbers = np.concatenate([np.full(len(at), number) for number, _, _, at in places])
    return sparse.csr_matrix((data, (numbers, columns)), shape=(len(rows), n_payments))


def _year_rows(model: BudgetModel, year: Year) -> list[Row]:
    rows: list[Row] = []
    if year.budget is not None:
        total = sparse.csr_matrix(year.matrix.sum(axis=0))
        rule = MoneyRule("budget", {"amount": year.budget, **year.facts}, year.number)
        rows.append((total, None, -np.inf, year.budget - float(year.at_least.sum()), rule))
    if stated := model.constraints.min_share:
        named = np.array([programme in stated["programmes"] for programme in model.programmes], dtype=np.float64)
        weights = named - float(stated["share"])
        rule = MoneyRule("min_share", {**stated, **year.facts}, year.number)
        row = sparse.csr_matrix(weights @ year.matrix)
        rows.append((row, None, -float(weights @ year.at_least), np.inf, rule))
    return rows


def _payment_rows(model: BudgetModel, year: Year) -> tuple[list[Row], Array]:
    """Each programme's money is paid by some source, and each source pays no more than it holds.

    The last source is what the budget holds beyond the earmarked ones; it pays for everything.
    """
    sources = model.constraints.earmarks
    if not sources:
        return [], np.zeros(0)
    most, general = year.most, len(sources)
    beyond = float(most.sum()) if year.budget is None else max(year.budget - float(year.sources.sum()), 0.0)
    held = [*year.sources, beyond]
    pairs = [(f, model.programmes.index(name)) for f, source in enumerate(sources) for name in source.programmes]
    pairs += [(general, p) for p in range(len(model.programmes))]
    width = np.array([ROOM * min(held[source], most[programme]) for source, programme in pairs])
    paid_to, paid_by = np.array([p for _, p in pairs]), np.array([f for f, _ in pairs])
    rows: list[Row] = []
    for p, name in enumerate(model.programmes):
        due = -float(year.at_least[p])
        rule = MoneyRule("paid", {"programme": name, **year.facts}, year.number)
        rows.append((year.matrix[p], np.where(paid_to == p, -width, 0.0), due, due, rule))
    nothing = sparse.csr_matrix((1, year.matrix.shape[1]))
    for index, source_name in enumerate([*(source.source for source in sources), None]):
        own = np.where(paid_by == index, width, 0.0)
        facts = {"source": source_name, "amount": float(held[index]), **year.facts}
        rule = MoneyRule("earmark", facts, year.number)
        rows.append((nothing, own, -np.inf, float(held[index]), rule))
    return rows, width


def check_sources(model: BudgetModel) -> None:
    """The sources are part of the budget.

    Raises
    ------
    InputError : they add up to more.
    """
    budget = model.constraints.budget
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
