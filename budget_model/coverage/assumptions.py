"""What a model does not know exactly, with what distribution, and the values of its parameters in given draws.

    deficit         logit-normal around the estimate, from the survey's standard error; clipped normal at 0 and at U
    unit cost       triangular: low, stated value, high; one number a programme, so that its areas move together
    effectiveness   triangular, one number a link
    reach           triangular, one number a link and group; areas move together; the groups' sum stays at most 1

Reasons: docs/uncertainty.md. Knows nothing about random numbers: `Scores` come from outside, NaN meaning *as stated*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget_model.coverage.portable_links import reach_by_need
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import InputError, Problem


@dataclass(frozen=True)
class Scores:
    """Where in its distribution each parameter lies in D draws; NaN keeps the stated value.

    Ranges have a probability (0-1), deficits a standard normal score. `None` keeps all of a kind as stated.
    """

    n_draws: int
    unit_cost: Array | None = None  # (P, D)
    effectiveness: Array | None = None  # (L, D)
    reach: Array | None = None  # (L, D, G)
    deficit: Array | None = None  # (N, D, A, G)


@dataclass(frozen=True)
class DrawnParameters:
    """Values of the uncertain parameters in D draws; an axis of length 1 holds for every draw."""

    unit_cost: Array  # (P, D, A)
    effectiveness: Array  # (L, D)
    reach: Array  # (L, D, A, G)
    deficit: Array  # (N, D, A, G)


def draw_parameters(model: BudgetModel, scores: Scores) -> DrawnParameters:
    """The parameters at given places of their distributions."""
    deficit = _deficit(model, scores.deficit)
    return DrawnParameters(
        unit_cost=_unit_cost(model, scores.unit_cost),
        effectiveness=_effectiveness(model, scores.effectiveness),
        reach=_reach(model, scores.reach, None if scores.deficit is None else deficit),
        deficit=deficit,
    )


def triangular(probability: Array, low: Array, mode: Array, high: Array) -> Array:
    """Quantile of the triangular distribution; the mode where the probability is NaN.

    All arguments broadcast against each other: probability 0-1, `low <= mode <= high` in one unit, the result's.
    Source: by inversion of F(x) = (x − low)² / (width · rise) up to the mode, mirrored beyond.
    """
    width, rise = high - low, mode - low
    with np.errstate(divide="ignore", invalid="ignore"):
        below = low + np.sqrt(probability * width * rise)
        above = high - np.sqrt((1.0 - probability) * width * (high - mode))
        value = np.where(probability * width <= rise, below, above)
    return np.where(np.isnan(probability), mode, value)


def _unit_cost(model: BudgetModel, probability: Array | None) -> Array:
    if probability is None:
        return model.unit_cost[:, None, :]
    low, high = model.unit_cost_range[:, None, :, 0], model.unit_cost_range[:, None, :, 1]
    return triangular(probability[:, :, None], low, model.unit_cost[:, None, :], high)


def _effectiveness(model: BudgetModel, probability: Array | None) -> Array:
    links = model.links
    if probability is None or links.effectiveness_range is None:
        return links.effectiveness[:, None]
    low, high = links.effectiveness_range[:, None, 0], links.effectiveness_range[:, None, 1]
    return triangular(probability, low, links.effectiveness[:, None], high)


def _reach(model: BudgetModel, probability: Array | None, deficit: Array | None) -> Array:
    """Stated or drawn; by need it follows the drawn deficits (None: as stated), unless a range is stated for it."""
    links = model.links
    reach = links.reach[:, None]
    ranged = np.zeros(len(links.need), dtype=bool)
    if probability is not None and links.reach_range is not None:
        ranged = np.asarray((links.reach_range[..., 0] < links.reach_range[..., 1]).any(axis=(1, 2)))
        reach = np.repeat(reach, probability.shape[1], axis=1)
        reach[ranged] = _reach_in_range(
            links.reach_range[ranged][:, None], links.reach[ranged][:, None], probability[ranged][:, :, None, :]
        )
    if links.reach_by_need is None or deficit is None:
        return reach
    by_need = np.flatnonzero(links.reach_by_need & ~ranged)
    if by_need.size:
        reach = np.repeat(reach, deficit.shape[1], axis=1) if reach.shape[1] == 1 else reach
        reach[by_need] = reach_by_need(deficit)[links.need[by_need]]
    return reach


def _reach_in_range(bounds: Array, stated: Array, probability: Array) -> Array:
    """Drawn reach whose groups add up to 1 at most: the groups are parts of the same people served.

    What is above 1 is taken first from the groups without a range, then from all in proportion to their distance from
    the low end, so that no group leaves its range.
    """
    low, high = bounds[..., 0], bounds[..., 1]
    reach = triangular(probability, low, stated, high)
    room = np.where(low < high, 0.0, np.broadcast_to(stated, reach.shape))
    reach = _take(reach, room, reach.sum(axis=-1, keepdims=True) - 1.0)
    return _take(reach, np.where(low < high, reach - low, 0.0), reach.sum(axis=-1, keepdims=True) - 1.0)


def _take(reach: Array, room: Array, excess: Array) -> Array:
    total = room.sum(axis=-1, keepdims=True)
    share = np.clip(excess, 0.0, total) / np.where(total > 0, total, 1.0)
    return np.asarray(reach - room * share)


def _deficit(model: BudgetModel, score: Array | None) -> Array:
    """Logit-normal: `D = U / (1 + exp(-(logit p + z se / (U p (1 - p)))))`, p = D / U; at 0 and U a normal, clipped."""
    if score is None:
        return model.deficit[:, None]
    universe, stated = model.universe[:, None], model.deficit[:, None]
    error = np.nan_to_num(model.deficit_se)[:, None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = stated / universe
        odds = share / (1.0 - share)
        inside = universe / (1.0 + np.exp(-score * error / (universe * share * (1.0 - share))) / odds)
        at_end = np.clip(stated + score * error, 0.0, universe)
        drawn = np.where((stated > 0) & (stated < universe), inside, at_end)
    return np.where(np.isnan(score) | (error == 0) | (universe == 0), stated, drawn)


def check_errors(model: BudgetModel) -> None:
    """Refuse standard errors that no survey can give: a share p has a standard deviation of at most sqrt(p (1 - p)).

    Raises
    ------
    InputError : names every cell.
    """
    universe, deficit = model.universe, model.deficit
    with np.errstate(invalid="ignore"):
        largest = np.sqrt(deficit * (universe - deficit))
        impossible = (deficit > 0) & (deficit < universe) & (model.deficit_se > largest * (1 + 1e-9))
    problems = [
        Problem(
            "impossible-error",
            f"need '{model.needs[n]}', area '{model.areas[a]}', {model.groups[g]}: a standard error of "
            f"{model.deficit_se[n, a, g]:,.6g} persons cannot belong to a deficit of {deficit[n, a, g]:,.6g} out of "
            f"{universe[n, a, g]:,.6g}; {largest[n, a, g]:,.6g} is the most. Correct deficit_se, or leave it out.",
            value=repr(float(model.deficit_se[n, a, g])),
        )
        for n, a, g in np.argwhere(impossible)
    ]
    if problems:
        raise InputError(problems)
