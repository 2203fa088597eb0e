"""How sure an answer is: a plan in many draws of what the model does not know exactly.

Every draw is calibrated anew, so that today's budget reproduces the survey of that draw, and every plan meets the
same draws: two plans are compared draw by draw. Method and distributions: docs/uncertainty.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from budget_model.coverage.assumptions import Scores, check_errors, draw_parameters
from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.costs import MoneyTotals, met_by_programmes, user_shares, without_rounding
from budget_model.coverage.draws import draw_scores, random_source, stack_draws, stack_plan, unstack
from budget_model.coverage.project import Horizon, build_horizon, carried_persons, evaluate_plan, served_by_money
from budget_model.coverage.types import Array
from budget_model.errors import InputError, Problem

BLOCK = 1 << 20  # numbers (links x years x draws x areas x groups) evaluated at a time: about 100 MB at work
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
    """Draws that are evaluated at a time."""
    model = horizon.model
    a_draw = len(model.links.need) * horizon.n_years * len(model.areas) * len(model.groups)
    return max(1, BLOCK // max(1, a_draw))


def evaluate_scores(horizon: Horizon, plans: Sequence[Array], scores: Scores) -> list[DrawnPlan]:
    """Plans at given scores of the parameters; the first is today's budget carried on."""
    model = horizon.model
    drawn = draw_parameters(model, scores)
    stacked = build_horizon(calibrate(stack_draws(model, drawn, scores.n_draws)), horizon.n_years)
    shares = _shares(horizon, drawn.reach, scores.n_draws)
    found: list[DrawnPlan] = []
    for plan in plans:
        found.append(_drawn_plan(horizon, stacked, plan, shares, found[0].money if found else None))
    return found


def _shares(horizon: Horizon, reach: Array, n_draws: int) -> Array:
    """Groups among the users of each programme: (D, P, A, G)."""
    shares = np.moveaxis(user_shares(horizon.model, reach), 1, 0)
    return np.broadcast_to(shares, (n_draws, *shares.shape[1:]))


def _drawn_plan(
    horizon: Horizon, stacked: Horizon, plan: Array, shares: Array, baseline: MoneyTotals | None
) -> DrawnPlan:
    n_draws = len(shares)
    tiled = stack_plan(plan, n_draws)
    coverage = unstack(_coverage(stacked, tiled, is_today=baseline is None), n_draws)
    background = unstack(stacked.calibrated.background, n_draws)
    met = met_by_programmes(horizon.universe, coverage, background[:, None])
    persons = served_by_money(stacked, tiled)
    served = _lines(persons, n_draws)
    carried = _lines(carried_persons(stacked, persons), n_draws)
    running = (carried * horizon.running_cost).sum(axis=(2, 3))
    spent = plan.sum(axis=(1, 2)) + running
    by_group = np.einsum("tpa,dpag->dtg", plan, shares)
    money = MoneyTotals(
        met=met,
        met_baseline=met if baseline is None else baseline.met,
        spent=spent,
        spent_baseline=spent if baseline is None else baseline.spent,
        by_group=by_group,
        unassigned=without_rounding(np.einsum("tpa,dpa->dt", plan, 1.0 - shares.sum(axis=-1)), by_group),
    )
    return DrawnPlan(coverage, money, running, served, carried)


def _lines(values: Array, n_draws: int) -> Array:
    """(D, T, P, A) from (T, P, D x A)."""
    return np.moveaxis(values.reshape(*values.shape[:2], n_draws, -1), 2, 0)


def _coverage(stacked: Horizon, plan: Array, is_today: bool) -> Array:
    """(T, N, D x A, G); today's budget in year 1 gives what the survey of the draw found, which is known already."""
    if is_today and stacked.n_years == 1:
        return stacked.calibrated.survey[None]
    return evaluate_plan(stacked, plan)


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
