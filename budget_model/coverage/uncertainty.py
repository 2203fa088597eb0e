"""How sure an answer is: a plan in many draws of what the model does not know exactly.

Every draw is calibrated anew, so that today's budget reproduces the survey of that draw, and every plan meets the
same draws: two plans are compared draw by draw. Method and distributions: docs/uncertainty.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from budget_model.coverage.assumptions import DrawnParameters, Scores, check_errors, draw_parameters
from budget_model.coverage.costs import MoneyTotals, met_by_programmes, user_shares, without_rounding
from budget_model.coverage.drawn_coverage import cover_draws
from budget_model.coverage.draws import draw_scores, random_source
from budget_model.coverage.project import Horizon, check_plan_shape, price_factors
from budget_model.coverage.types import Array
from budget_model.errors import InputError, Problem

BLOCK = 1 << 20  # numbers (rows x years x draws x areas x groups) kept for a block of draws: about 100 MB at work
MIN_DRAWS, MAX_DRAWS = 1, 100_000
Progress = Callable[[int, int], None]  # draws done, draws in all; may raise to cancel


@dataclass(frozen=True)
class DrawnPlan:
    """One plan in every draw; cells where the universe is 0 are NaN."""

    coverage: Array  # (D, T, N, A, G) share
    money: MoneyTotals  # arrays (D, T, …)
    running_cost: Array  # (D, T) currency
    served: Array  # (D, T, P, A) persons whom the money of the year serves
    carried: Array  # (D, T, P, A) persons whom works of earlier years serve


@dataclass(frozen=True)
class DrawResult:
    """Plans in the same draws, beside today's budget carried on."""

    horizon: Horizon
    seed: int
    baseline: DrawnPlan
    plans: tuple[DrawnPlan, ...]

    @property
    def n_draws(self) -> int:
        return len(self.baseline.coverage)


def run_draws(
    horizon: Horizon,
    plans: Sequence[Array],
    n_draws: int = 1000,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> DrawResult:
    """Evaluate plans (each (T, P, A)) in `n_draws` draws.

    The same seed gives the same draws; the first 500 of 1,000 are those of 500.

    Raises
    ------
    InputError : too few or too many draws, or standard errors that no survey can give.
    """
    _check_draws(n_draws, seed)
    check_errors(horizon.model)
    source = random_source(horizon.model, seed)
    size = block_size(horizon)
    blocks = []
    for first in range(0, n_draws, size):
        last = min(n_draws, first + size)
        blocks.append(evaluate_scores(horizon, [horizon.baseline, *plans], draw_scores(source, first, last)))
        if on_progress is not None:
            on_progress(last, n_draws)
    baseline, *others = (_joined([block[index] for block in blocks]) for index in range(len(plans) + 1))
    return DrawResult(horizon, seed, baseline, tuple(others))


def block_size(horizon: Horizon) -> int:
    """Draws that are evaluated at a time: as many as keep what lives for a whole block small."""
    model = horizon.model
    links = model.links
    rows = len(model.needs) + len(model.programmes)
    if links.reach_range is not None or links.reach_by_need is not None:
        rows += len(links.need)  # the reach of every link is drawn for every area
    a_draw = rows * horizon.n_years * len(model.areas) * len(model.groups)
    return max(1, BLOCK // max(1, a_draw))


def evaluate_scores(horizon: Horizon, plans: Sequence[Array], scores: Scores) -> list[DrawnPlan]:
    """Plans at given scores of the parameters; the first is today's budget carried on."""
    drawn = draw_parameters(horizon.model, scores)
    persons = [_served(horizon, drawn, plan, scores.n_draws) for plan in plans]  # (T, P, A, D) each
    lasting = [_years_served(horizon, served) for served in persons]
    growth = horizon.growth[:, None, :, None]
    is_known = horizon.n_years == 1  # today's budget in year 1 gives what the survey of the draw found
    needed = [served / growth for served in (lasting[1:] if is_known else lasting)]
    cells = cover_draws(horizon, drawn, scores.n_draws, persons[0][0], needed)
    coverage = [cells.survey[:, None], *cells.plans] if is_known else list(cells.plans)
    shares = np.moveaxis(user_shares(horizon.model, drawn.reach), 1, 0)  # (D or 1, P, A, G)
    found: list[DrawnPlan] = []
    for plan, covered, served, still in zip(plans, coverage, persons, lasting, strict=True):
        met = met_by_programmes(horizon.universe, covered, cells.background[:, None])
        carried = np.moveaxis(still - served, -1, 0)
        running = (carried * horizon.running_cost).sum(axis=(2, 3))
        money = _money(plan, met, running, shares, found[0].money if found else None)
        found.append(DrawnPlan(covered, money, running, np.moveaxis(served, -1, 0), carried))
    return found


def _served(horizon: Horizon, drawn: DrawnParameters, plan: Array, n_draws: int) -> Array:
    """People whom the money of each year serves in that year, in every draw: (T, P, A, D)."""
    check_plan_shape(horizon, plan)
    prices = price_factors(horizon.model.outlook, horizon.n_years)[:, None, None, None]
    unit_cost = np.moveaxis(drawn.unit_cost, 1, -1) * prices
    served = np.minimum(plan[..., None] / unit_cost, horizon.model.capacity[..., None])
    return np.ascontiguousarray(np.broadcast_to(served, (*plan.shape, n_draws)))


def _years_served(horizon: Horizon, persons: Array) -> Array:
    """`project.years_served` with the draws last: (T, P, A, D)."""
    if horizon.n_years == 1:
        return persons
    return np.asarray(np.einsum("pts,spad->tpad", horizon.carry, persons))


def _money(plan: Array, met: Array, running: Array, shares: Array, baseline: MoneyTotals | None) -> MoneyTotals:
    """What each year's money buys in every draw; `running` (D, T) is what works of earlier years cost."""
    spent = plan.sum(axis=(1, 2)) + running
    by_group = _in_every_draw(np.einsum("tpa,dpag->dtg", plan, shares), len(met))
    unassigned = _in_every_draw(np.einsum("tpa,dpa->dt", plan, 1.0 - shares.sum(axis=-1)), len(met))
    return MoneyTotals(
        met=met,
        met_baseline=met if baseline is None else baseline.met,
        spent=spent,
        spent_baseline=spent if baseline is None else baseline.spent,
        by_group=by_group,
        unassigned=without_rounding(unassigned, by_group),
    )


def _in_every_draw(values: Array, n_draws: int) -> Array:
    return np.broadcast_to(values, (n_draws, *values.shape[1:]))


def _joined(blocks: Sequence[DrawnPlan]) -> DrawnPlan:
    money = {
        name: np.concatenate([getattr(block.money, name) for block in blocks])
        for name in MoneyTotals.__dataclass_fields__
    }
    return DrawnPlan(
        coverage=np.concatenate([block.coverage for block in blocks]),
        money=MoneyTotals(**money),
        running_cost=np.concatenate([block.running_cost for block in blocks]),
        served=np.concatenate([block.served for block in blocks]),
        carried=np.concatenate([block.carried for block in blocks]),
    )


def _check_draws(n_draws: int, seed: int) -> None:
    if not MIN_DRAWS <= n_draws <= MAX_DRAWS:
        message = f"{n_draws:,} draws were asked for. Ask for {MIN_DRAWS:,} to {MAX_DRAWS:,}; 1,000 is usual."
        raise InputError(Problem("draws-out-of-range", message, value=str(n_draws)))
    if seed < 0:
        raise InputError(Problem("negative-seed", f"The seed {seed} is negative. Give 0 or more.", value=str(seed)))
