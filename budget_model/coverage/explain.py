"""Why the answer is what it is: whose work each met need is, and where the next money would meet most.

Plain numbers for tables and charts; knows nothing of either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.allocation import TOLERANCE
from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.effect import intensity, served
from budget_model.coverage.project import Horizon, equivalent_persons, served_by_money
from budget_model.coverage.response import respond
from budget_model.coverage.scenario import evaluate
from budget_model.coverage.shapley import parts
from budget_model.coverage.types import Array, BudgetModel

LIMITS = ("", "locked", "ceiling", "capacity")  # what keeps more money from a line, or from serving anybody


@dataclass(frozen=True)
class Contributions:
    """Persons covered, by whose work. Links in the order of the model; cells that do not apply are 0.

    In every cell `background` and the links of its need add up to the persons covered.
    """

    by_link: Array  # (L, A, G) persons
    background: Array  # (N, A, G) persons: households, the market, other governments, works of the past

    def of_programmes(self, model: BudgetModel) -> Array:
        """(P, N, A, G) persons."""
        found = np.zeros((len(model.programmes), *self.background.shape))
        np.add.at(found, (model.links.programme, model.links.need), self.by_link)
        return found


def contributions(calibrated: CalibratedModel, allocation: Array) -> Contributions:
    """Contributions of an allocation (P, A) of one year."""
    return contributions_of_persons(calibrated, served(calibrated.model, allocation))


def contributions_of_persons(calibrated: CalibratedModel, persons: Array) -> Contributions:
    """Contributions where (P, A) persons are served; of a year of a plan: `equivalent_persons` of that year.

    Those are persons in the universe of year 1; so are the contributions. Multiply both by the area's growth.
    """
    model, effect = calibrated.model, calibrated.effect
    alone = respond(intensity(effect, persons), effect.ceiling, effect.curves)
    by_link = np.zeros_like(alone)
    room = model.universe * (1.0 - np.nan_to_num(calibrated.background))
    for need in effect.by_need:
        by_link[effect.link[need.rows]] = parts(alone[need.rows], need.rule) * room[need.need]
    return Contributions(by_link, model.universe * np.nan_to_num(calibrated.background))


def contributions_of_plan(horizon: Horizon, plan: Array) -> tuple[Contributions, ...]:
    """Contributions in each year of a plan (T, P, A), works of earlier years included in those of their programme."""
    persons = equivalent_persons(horizon, served_by_money(horizon, plan))
    found = []
    for year in range(horizon.n_years):
        of_year, growth = contributions_of_persons(horizon.calibrated, persons[year]), horizon.growth[year][:, None]
        found.append(Contributions(of_year.by_link * growth, of_year.background * growth))
    return tuple(found)


# ---- the next money --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NextMoney:
    """What `amount` more, or less, on a single line would do. Arrays over programmes and areas."""

    amount: float  # currency
    gained: Array  # (P, A, G) needs met by that much more
    lost: Array  # (P, A, G) needs no longer met with that much less (where the line has less: with nothing, per amount)
    weighted_gained: Array  # (P, A) with the priority weights of the needs
    limit: NDArray[np.intp]  # (P, A) index into LIMITS: why more money cannot go there or would serve nobody


def next_money(calibrated: CalibratedModel, allocation: Array, amount: float = 1000.0) -> NextMoney:
    """Marginal met needs of every line; nothing else changes. Lines that cannot take more are marked, not left out."""
    model = calibrated.model
    now = evaluate(calibrated, allocation)
    more = _effects(calibrated, allocation, np.full_like(allocation, amount), now)
    step = np.minimum(allocation, amount)
    less = -_effects(calibrated, allocation, -step, now)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_amount = np.where(step > 0, amount / step, 0.0)
    return NextMoney(
        amount=amount,
        gained=more.sum(axis=1),
        lost=less.sum(axis=1) * per_amount[..., None],
        weighted_gained=np.einsum("pnag,ng->pa", more, model.weight),
        limit=limits_of_lines(model, allocation),
    )


def _effects(calibrated: CalibratedModel, allocation: Array, change: Array, now: Array) -> Array:
    """Persons (P, N, A, G) covered by the change (P, A) of each programme alone.

    Areas do not touch each other, so a programme is changed in all of its areas at once.
    """
    model = calibrated.model
    trials = np.repeat(allocation[None], len(model.programmes), axis=0)
    rows = np.arange(len(model.programmes))
    trials[rows, rows] += change
    return np.nan_to_num(model.universe * (evaluate(calibrated, trials) - now))


def limits_of_lines(model: BudgetModel, allocation: Array) -> NDArray[np.intp]:
    """(P, A) index into LIMITS: why more money cannot go to a line, or would serve nobody there."""
    margin = TOLERANCE * np.maximum(1.0, allocation)
    found = np.zeros(allocation.shape, dtype=np.intp)
    found[allocation + margin >= model.capacity * model.unit_cost] = LIMITS.index("capacity")
    found[allocation + margin >= model.ceiling] = LIMITS.index("ceiling")
    found[model.locked] = LIMITS.index("locked")
    return found


# ---- what was cut, and who got the money -----------------------------------------------------------------------------


@dataclass(frozen=True)
class LineChange:
    """One line (programme and area) whose money changed, and what each 1,000 of the change did there.

    Yields are needs met per 1,000, by group: `first` and `last` of the money at today's end and at the proposal's end
    of the change, `mean` over the change with everything else as proposed. For a cut they are needs no longer met.
    """

    programme: int
    area: int
    change: float  # currency, below 0 for a cut
    mean: Array  # (G,)
    first: Array  # (G,) at today's budget
    last: Array  # (G,) at the proposal


@dataclass(frozen=True)
class Reallocation:
    """Cuts and increases, the largest first, and for each cut the increase that got most money."""

    cuts: tuple[LineChange, ...]
    increases: tuple[LineChange, ...]

    def beside(self, cut: LineChange) -> LineChange | None:
        """The increase to hold a cut against: the largest of its area, else the largest of all."""
        same_area = [line for line in self.increases if line.area == cut.area]
        return next(iter([*same_area, *self.increases]), None)


def explain_changes(calibrated: CalibratedModel, allocation: Array) -> Reallocation:
    """Why money went from some lines to others: the yield of each cut beside the yield of who got the money."""
    baseline = calibrated.model.baseline
    first, last = next_money(calibrated, baseline), next_money(calibrated, allocation)
    now = evaluate(calibrated, allocation)
    back = _effects(calibrated, allocation, baseline - allocation, now).sum(axis=1)  # undoing each line alone
    lines = list(changed_lines(baseline, allocation, back, (first, last)))
    lines.sort(key=lambda line: -abs(line.change))
    return Reallocation(
        tuple(line for line in lines if line.change < 0), tuple(line for line in lines if line.change > 0)
    )


def changed_lines(
    baseline: Array, allocation: Array, back: Array, margins: tuple[NextMoney, NextMoney]
) -> Iterator[LineChange]:
    """Lines whose money changed. `back`: (P, A, G) needs by undoing each alone; `margins` at today's and at its end."""
    first, last = margins
    changed = np.abs(allocation - baseline) > TOLERANCE * np.maximum(1.0, baseline)
    for programme, area in np.argwhere(changed):
        line = programme, area
        change = float(allocation[line] - baseline[line])
        is_cut = change < 0
        yield LineChange(
            programme=int(programme),
            area=int(area),
            change=change,
            mean=back[line] * 1000.0 / -change,
            first=(first.lost if is_cut else first.gained)[line],
            last=(last.gained if is_cut else last.lost)[line],
        )
