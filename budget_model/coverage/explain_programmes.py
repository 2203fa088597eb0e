"""Reasons by programme: what people decide about. Lines (programme and area) of the same direction are put together.

Areas do not touch each other, so undoing a change in several areas at once gives the sum of what undoing each gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.explain import LineChange, NextMoney, Reallocation
from budget_model.coverage.types import Array


@dataclass(frozen=True)
class ProgrammeChange:
    """Money that one programme loses, or gets, in some areas, and the needs by group that 1,000 of it meet.

    `first` and `last` at today's end and at the proposal's end of the change, `mean` over all of it.
    """

    programme: int
    areas: tuple[int, ...]
    change: float  # currency, below 0 for a cut
    mean: Array  # (G,)
    first: Array  # (G,)
    last: Array  # (G,)


def changes_by_programme(lines: Sequence[LineChange]) -> tuple[ProgrammeChange, ...]:
    """Lines of one direction (all cuts, or all increases) by programme, the largest change first."""
    found = [
        _together([line for line in lines if line.programme == programme])
        for programme in dict.fromkeys(line.programme for line in lines)
    ]
    return tuple(sorted(found, key=lambda one: -abs(one.change)))


def _together(lines: Sequence[LineChange]) -> ProgrammeChange:
    change = float(sum(line.change for line in lines))
    part = np.array([line.change / change for line in lines])[:, None]
    return ProgrammeChange(
        programme=lines[0].programme,
        areas=tuple(sorted({line.area for line in lines})),
        change=change,
        mean=(part * [line.mean for line in lines]).sum(axis=0),
        first=(part * [line.first for line in lines]).sum(axis=0),
        last=(part * [line.last for line in lines]).sum(axis=0),
    )


def beside(cut: ProgrammeChange, increases: Sequence[ProgrammeChange]) -> ProgrammeChange | None:
    """The increase to hold a cut against: the largest one of another programme, else the largest of all."""
    others = [one for one in increases if one.programme != cut.programme]
    return next(iter([*others, *increases]), None)


def split_changes(found: Reallocation) -> tuple[tuple[ProgrammeChange, ...], tuple[ProgrammeChange, ...]]:
    """Cuts and increases by programme."""
    return changes_by_programme(found.cuts), changes_by_programme(found.increases)


def best_year_of_each(years: Sequence[NextMoney]) -> tuple[NextMoney, NDArray[np.intp]]:
    """The next money of each programme in the year of a plan where it meets most, and that year (P,), 1 the first.

    The first of equal years; one in which a programme can take more goes before one in which it cannot.
    """
    gained = np.stack([np.where(year.limit > 0, -1.0, year.gained.sum(axis=2)).max(axis=1) for year in years])
    best, rows = gained.argmax(axis=0), np.arange(gained.shape[1])

    def pick(name: str) -> Array:
        return np.asarray(np.stack([getattr(year, name) for year in years])[best, rows])

    limit = np.stack([year.limit for year in years])[best, rows]
    found = NextMoney(years[0].amount, pick("gained"), pick("lost"), pick("weighted_gained"), limit)
    return found, best + 1


def best_area_of_each(found: NextMoney) -> list[tuple[int, int]]:
    """(programme, area) where the next money of each programme meets most, the best programme first.

    Lines that cannot take more come last; of equal ones the first of the model.
    """
    gained = found.gained.sum(axis=2)
    is_shut = found.limit > 0
    rank = np.where(is_shut, -1.0, gained)
    best = [(p, int(np.argmax(rank[p]))) for p in range(len(gained))]
    return sorted(best, key=lambda line: (bool(is_shut[line]), -float(gained[line])))
