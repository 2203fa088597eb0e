"""Coverage of plans in many draws: one need in one area at a time, so that the numbers stay in the processor's cache.

The formulas are those of `calibrate` and `evaluate_plan`, which a test holds this against draw by draw; here the draws
are the last axis, so that every operation runs along them, and nothing of the size links x draws x areas is kept.
Pieces do not touch each other and write to places of their own: threads do not change a digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.assumptions import DrawnParameters
from budget_model.coverage.calibrate import background_share, is_claimed_too_much
from budget_model.coverage.effect import NeedRows
from budget_model.coverage.overlap import combine_all
from budget_model.coverage.project import Horizon
from budget_model.coverage.response import respond_scaled
from budget_model.coverage.scale import solve_scaled
from budget_model.coverage.types import Array

PIECE = 1 << 16  # numbers (links x groups x draws) of a piece: a few such arrays fit the cache of one core
WORKERS = 2  # threads; more gain little, as the server beside them wants a core too


@dataclass(frozen=True)
class DrawnCoverage:
    """What a block of draws gives; cells where the universe is 0 are NaN."""

    survey: Array  # (D, N, A, G) share that the survey of the draw found
    background: Array  # (D, N, A, G) share
    plans: tuple[Array, ...]  # (D, T, N, A, G) share, each


@dataclass(frozen=True)
class _Work:
    """What all pieces read, with the draws last, and where they write."""

    horizon: Horizon
    effectiveness: Array  # (L, D or 1), links as the effect sorts them
    reach: Array  # (L, D or 1, A, G), links in the model's order
    today: Array  # (P, A, D) persons whom today's money serves
    persons: tuple[Array, ...]  # (T, P, A, D) a plan, in equivalent persons of the first year
    survey: Array  # (N, A, G, D)
    background: Array  # (N, A, G, D)
    found: tuple[Array, ...]  # (T, N, A, G, D) a plan


def cover_draws(
    horizon: Horizon, drawn: DrawnParameters, n_draws: int, today: Array, persons: Sequence[Array]
) -> DrawnCoverage:
    """Coverage of plans in every draw, each draw calibrated anew.

    Parameters
    ----------
    drawn : parameters of the draws
    today : (P, A, D) persons served by today's money in year 1
    persons : of each plan (T, P, A, D) equivalent persons served (`project.equivalent_persons`)
    """
    work = _work(horizon, drawn, n_draws, today, persons)
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(lambda part: _cover_need(work, part, n_draws), horizon.calibrated.effect.by_need):
            pass
    return DrawnCoverage(
        survey=np.moveaxis(work.survey, -1, 0),
        background=np.moveaxis(work.background, -1, 0),
        plans=tuple(np.moveaxis(found, -1, 0) for found in work.found),
    )


def _work(horizon: Horizon, drawn: DrawnParameters, n_draws: int, today: Array, persons: Sequence[Array]) -> _Work:
    model = horizon.model
    people = np.where(model.universe > 0, model.universe, np.nan)[..., None]
    share = 1.0 - np.moveaxis(drawn.deficit, 1, -1) / people
    survey = np.ascontiguousarray(np.broadcast_to(share, (*model.universe.shape, n_draws)))
    return _Work(
        horizon=horizon,
        effectiveness=drawn.effectiveness[horizon.calibrated.effect.link],
        reach=drawn.reach,
        today=today,
        persons=tuple(persons),
        survey=survey,
        background=survey.copy(),  # what holds where no programme serves the need
        found=tuple(np.repeat(survey[None], horizon.n_years, axis=0) for _ in persons),
    )


def _cover_need(work: _Work, part: NeedRows, n_draws: int) -> None:
    """All pieces of one need: an area and some draws each."""
    model = work.horizon.model
    size = max(1, PIECE // ((part.rows.stop - part.rows.start) * len(model.groups)))
    for area in range(len(model.areas)):
        for first in range(0, n_draws, size):
            _cover_piece(work, part, area, slice(first, min(first + size, n_draws)))


def _cover_piece(work: _Work, part: NeedRows, area: int, draws: slice) -> None:
    """Calibrate one need in one area, then evaluate every plan there. Arrays are (K, G x draws)."""
    effect, place = work.horizon.calibrated.effect, (part.need, area)
    programmes, ceiling = effect.programme[part.rows], effect.ceiling[part.rows]
    survey = work.survey[place][:, draws]
    per_person = _per_person(work, part, area, draws)
    own = slice(None) if work.effectiveness.shape[1] == 1 else draws
    effectiveness = work.effectiveness[part.rows, own]
    scaled = _intensity(per_person, effectiveness * work.today[programmes, area, draws])
    together = np.empty_like(scaled)
    records = combine_all(respond_scaled(scaled, ceiling, part.curves, together), part.rule)
    target = survey.reshape(-1)
    above = is_claimed_too_much(records, target)
    factor = _factors(scaled, ceiling, part, target, records, above) if above.any() else None
    background = background_share(target, records, above)
    work.background[place][:, draws] = background.reshape(survey.shape)
    for persons, found in zip(work.persons, work.found, strict=True):
        for year in range(work.horizon.n_years):
            scaled = _intensity(per_person, effectiveness * persons[year, programmes, area, draws])
            if factor is not None:
                scaled *= factor
            covered = combine_all(respond_scaled(scaled, ceiling, part.curves, together), part.rule)
            found[year][place][:, draws] = (background + (1.0 - background) * covered).reshape(survey.shape)


def _factors(
    scaled: Array, ceiling: Array, part: NeedRows, target: Array, records: Array, above: NDArray[np.bool_]
) -> Array:
    """The factor on effectiveness of each cell: 1 where the records are no more than the survey found."""
    factor = np.ones_like(records)
    cells = np.flatnonzero(above)
    chosen = scaled[:, cells]
    factor[cells] = solve_scaled(chosen, ceiling, part.curves, part.rule, target[cells], records[cells])
    return factor


def _per_person(work: _Work, part: NeedRows, area: int, draws: slice) -> Array:
    """Intensity over the ceiling per effective person served: (K, G, draws or 1); 0 where the universe is 0."""
    effect, universe = work.horizon.calibrated.effect, work.horizon.model.universe[part.need, area]
    people = np.where(universe > 0, universe, np.inf)
    own = slice(None) if work.reach.shape[1] == 1 else draws
    reach = work.reach[effect.link[part.rows], own, area]
    return np.moveaxis(reach / effect.ceiling[part.rows][:, None, None] / people, 1, 2)


def _intensity(per_person: Array, persons: Array) -> Array:
    """(K, G x draws) from (K, G, draws or 1) and (K, draws)."""
    return (per_person * persons[:, None]).reshape(len(persons), -1)
