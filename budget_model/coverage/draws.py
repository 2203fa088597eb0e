"""The random scores of a model's draws: where in its distribution each uncertain parameter lies, by name and draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from budget_model.coverage.assumptions import Scores
from budget_model.coverage.random_numbers import Key, streams, uniforms
from budget_model.coverage.types import Array, BudgetModel

Streams = NDArray[np.uint64]


@dataclass(frozen=True)
class RandomSource:
    """The random streams of a model under one seed: rows of what is uncertain, and the stream of each."""

    model: BudgetModel
    cost_rows: NDArray[np.intp]  # programmes
    cost: Streams
    effect_rows: NDArray[np.intp]  # links
    effect: Streams
    reach_rows: NDArray[np.intp]  # flat positions in (L, G)
    reach: Streams
    deficit_rows: NDArray[np.intp]  # flat positions in (N, A, G)
    deficit: Streams
    shared: Streams  # (N x A,) what the groups of an area have in common, where a need states a correlation; else ()


def random_source(model: BudgetModel, seed: int) -> RandomSource:
    """Streams by the names of programmes, needs, areas and groups: their order never matters."""
    costs = np.flatnonzero((model.unit_cost_range[..., 0] < model.unit_cost_range[..., 1]).any(axis=1))
    effects = _ranged(model.links.effectiveness_range)
    reaches = _ranged(model.links.reach_range, over_areas=True)
    cells = np.flatnonzero(np.nan_to_num(model.deficit_se) > 0)
    names = [_link_names(model, link) for link in range(len(model.links.need))]
    n_groups = len(model.groups)
    keys: list[Key] = [("reach", *names[row // n_groups], model.groups[row % n_groups]) for row in reaches]
    return RandomSource(
        model,
        costs, streams(seed, (("unit_cost", model.programmes[row]) for row in costs)),
        effects, streams(seed, (("effectiveness", *names[row]) for row in effects)),
        reaches, streams(seed, keys),
        cells, streams(seed, (("deficit", *_cell_names(model, int(row))) for row in cells)),
        _shared(model, seed),
    )  # fmt: skip


def _ranged(bounds: Array | None, over_areas: bool = False) -> NDArray[np.intp]:
    if bounds is None:
        return np.empty(0, dtype=np.intp)
    wide = bounds[..., 0] < bounds[..., 1]
    return np.flatnonzero(wide.any(axis=1) if over_areas else wide)


def _link_names(model: BudgetModel, link: int) -> Key:
    return model.programmes[model.links.programme[link]], model.needs[model.links.need[link]]


def _cell_names(model: BudgetModel, flat: int) -> Key:
    need, area, group = np.unravel_index(flat, model.universe.shape)
    return model.needs[need], model.areas[area], model.groups[group]


def _shared(model: BudgetModel, seed: int) -> Streams:
    if model.deficit_correlation is None:
        return np.empty(0, dtype=np.uint64)
    return streams(seed, (("deficit", need, area) for need in model.needs for area in model.areas))


def draw_scores(source: RandomSource, first: int, last: int) -> Scores:
    """The scores of the draws `first` … `last - 1`; a draw is the same whichever others are asked for."""
    model, n_draws = source.model, last - first
    shape = (len(model.links.need), len(model.groups))
    reach = _filled(shape[0] * shape[1], source.reach_rows, uniforms(source.reach, first, last))
    return Scores(
        n_draws=n_draws,
        unit_cost=_filled(len(model.programmes), source.cost_rows, uniforms(source.cost, first, last)),
        effectiveness=_filled(shape[0], source.effect_rows, uniforms(source.effect, first, last)),
        reach=None if reach is None else np.moveaxis(reach.reshape(*shape, n_draws), 2, 1),
        deficit=_deficit_scores(source, first, last),
    )


def _filled(n_rows: int, rows: NDArray[np.intp], values: Array) -> Array | None:
    if not rows.size:
        return None
    scores = np.full((n_rows, values.shape[1]), np.nan)
    scores[rows] = values
    return scores


def _deficit_scores(source: RandomSource, first: int, last: int) -> Array | None:
    """Standard normal; the groups of a need in one area correlate as the need states."""
    model = source.model
    needs, areas, groups = model.universe.shape
    own = _filled(needs * areas * groups, source.deficit_rows, ndtri(uniforms(source.deficit, first, last)))
    if own is None:
        return None
    scores = own.reshape(needs, areas, groups, -1)
    if model.deficit_correlation is not None:
        common = ndtri(uniforms(source.shared, first, last)).reshape(needs, areas, 1, -1)
        part = model.deficit_correlation[:, None, None, None]
        scores = np.sqrt(part) * common + np.sqrt(1.0 - part) * scores
    return np.moveaxis(scores, 3, 1)
