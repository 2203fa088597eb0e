"""Which assumption an answer hangs on most: each moved alone from the low to the high end of its 90 %.

Unit costs, effectiveness and reach move between the 5th and 95th percentile of their distributions, everything else as
stated. The survey's errors of a need are those of many cells: they are independent between areas (and correlate between
groups as the need states), so that their bar is the root of the summed squares of the cells' effects, not all cells
moved the same way at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from budget_model.coverage.assumptions import Scores, check_errors
from budget_model.coverage.draws import RandomSource, random_source
from budget_model.coverage.intervals import ENDS
from budget_model.coverage.project import Horizon
from budget_model.coverage.scenario import women_and_men
from budget_model.coverage.types import Array
from budget_model.coverage.uncertainty import block_size, evaluate_scores

NORMAL_ENDS = (-1.6448536269514722, 1.6448536269514722)  # P5 and P95 of the standard normal


@dataclass(frozen=True)
class Outcome:
    """What is asked of the plan in one setting, over its whole horizon. Arrays (..., G)."""

    coverage: Array  # share of the needs of the group that is covered
    change: Array  # persons (person-years) covered beyond today's budget carried on
    gap_pp: Array  # (...) women minus men; NaN unless both are groups


@dataclass(frozen=True)
class Bar:
    """One assumption: what the outcome is at its low and at its high end. Names that do not apply are None."""

    kind: str  # unit_cost, effectiveness, reach, deficit
    programme: str | None
    need: str | None
    group: str | None
    at_low: Outcome
    at_high: Outcome


@dataclass(frozen=True)
class Tornado:
    """Bars in the order of the model, and the outcome with everything as stated."""

    as_stated: Outcome
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class _Setting:
    """One score of one assumption."""

    kind: str
    row: int
    score: float


def tornado(horizon: Horizon, plan: Array) -> Tornado:
    """Bars of every assumption with a range or a standard error, for one plan (T, P, A).

    Raises
    ------
    InputError : a standard error that no survey can give.
    """
    check_errors(horizon.model)
    source = random_source(horizon.model, seed=0)
    stated = _cells(horizon, plan, Scores(1))
    found = list(_ranged_bars(horizon, plan, source))
    if source.deficit_rows.size:
        found += _survey_bars(horizon, plan, source, stated)
    return Tornado(_outcome(horizon, stated, 0), tuple(found))


def width(bar: Bar, of: str, group: int | None = None) -> float:
    """How far apart the two ends of a bar lie: `of` is a field of `Outcome`; without a group, all groups together."""
    low, high = getattr(bar.at_low, of), getattr(bar.at_high, of)
    if low.ndim == 0:
        return float(abs(high - low))
    return float(abs(high.sum() - low.sum()) if group is None else abs(high[group] - low[group]))


# ---- ranges ----------------------------------------------------------------------------------------------------------


def _ranged_bars(horizon: Horizon, plan: Array, source: RandomSource) -> Iterator[Bar]:
    settings = [
        _Setting(kind, int(row), end)
        for kind, rows in (
            ("unit_cost", source.cost_rows), ("effectiveness", source.effect_rows), ("reach", source.reach_rows)
        )
        for row in rows
        for end in ENDS
    ]  # fmt: skip
    outcomes = list(_outcomes(horizon, plan, settings))
    for position in range(0, len(settings), 2):
        names = _names(horizon, settings[position])
        yield Bar(settings[position].kind, *names, outcomes[position], outcomes[position + 1])


def _outcomes(horizon: Horizon, plan: Array, settings: Sequence[_Setting]) -> Iterator[Outcome]:
    size = block_size(horizon)
    for first in range(0, len(settings), size):
        block = settings[first : first + size]
        cells = _cells(horizon, plan, _scores(horizon, block))
        yield from (_outcome(horizon, cells, index) for index in range(len(block)))


def _scores(horizon: Horizon, settings: Sequence[_Setting]) -> Scores:
    model, count = horizon.model, len(settings)
    n_links, n_groups = len(model.links.need), len(model.groups)
    cost = np.full((len(model.programmes), count), np.nan)
    effectiveness, reach = np.full((n_links, count), np.nan), np.full((n_links, count, n_groups), np.nan)
    for index, setting in enumerate(settings):
        if setting.kind == "unit_cost":
            cost[setting.row, index] = setting.score
        elif setting.kind == "effectiveness":
            effectiveness[setting.row, index] = setting.score
        else:
            reach[setting.row // n_groups, index, setting.row % n_groups] = setting.score
    return Scores(count, cost, effectiveness, reach)


def _names(horizon: Horizon, setting: _Setting) -> tuple[str | None, str | None, str | None]:
    """Programme, need and group of an assumption."""
    model = horizon.model
    if setting.kind == "unit_cost":
        return model.programmes[setting.row], None, None
    is_reach = setting.kind == "reach"
    link = setting.row // len(model.groups) if is_reach else setting.row
    programme, need = model.programmes[model.links.programme[link]], model.needs[model.links.need[link]]
    return programme, need, model.groups[setting.row % len(model.groups)] if is_reach else None


# ---- survey errors ---------------------------------------------------------------------------------------------------


def _survey_bars(horizon: Horizon, plan: Array, source: RandomSource, stated: tuple[Array, Array]) -> list[Bar]:
    """A bar a need. Cells of other areas and needs do not touch each other, so one setting moves them all."""
    model = horizon.model
    groups = len(model.groups)
    scores = np.full((len(model.needs), 2 * groups, *model.universe.shape[1:]), np.nan)
    for group in range(groups):
        for end, score in enumerate(NORMAL_ENDS):
            scores[:, 2 * group + end, :, group] = score
    moved = _cells(horizon, plan, Scores(2 * groups, deficit=scores))
    # (group moved, end, N, A, G): persons, over the years
    covered, change = (
        (now - before).reshape(groups, 2, *now.shape[1:]) for now, before in zip(moved, stated, strict=True)
    )
    has_error = np.zeros(model.universe.size, dtype=bool)
    has_error[source.deficit_rows] = True
    needs = np.flatnonzero(has_error.reshape(model.universe.shape).any(axis=(1, 2)))
    return [_survey_bar(horizon, int(need), stated, covered[:, :, need], change[:, :, need]) for need in needs]


def _survey_bar(horizon: Horizon, need: int, stated: tuple[Array, Array], covered: Array, change: Array) -> Bar:
    """Effects (moved group, end, A, G) of one need's errors, combined over areas and moved groups."""
    model = horizon.model
    correlation = 0.0 if model.deficit_correlation is None else float(model.deficit_correlation[need])
    ends = []
    for end in range(2):
        total = tuple(before.copy() for before in stated)
        for values, effect in zip(total, (covered[:, end], change[:, end]), strict=True):
            values[0, need, 0] += _combined(effect, correlation)
        ends.append(_outcome(horizon, (total[0], total[1]), 0))
    return Bar("deficit", None, model.needs[need], None, ends[0], ends[1])


def _combined(effect: Array, correlation: float) -> Array:
    """(G,) from (moved group, A, G): the sum's standard deviation with the sign of the plain sum."""
    plain = effect.sum(axis=0)  # (A, G): all groups moved together
    alone = (effect**2).sum(axis=0)
    variance = (1.0 - correlation) * alone + correlation * plain**2
    return np.asarray(np.sign(plain.sum(axis=0)) * np.sqrt(variance.sum(axis=0)))


# ---- outcomes --------------------------------------------------------------------------------------------------------


def _cells(horizon: Horizon, plan: Array, scores: Scores) -> tuple[Array, Array]:
    """Persons covered, and beyond today's budget, summed over the years: (D, N, A, G) each; 0 where nobody is."""
    baseline, drawn = evaluate_scores(horizon, [horizon.baseline, plan], scores)
    covered = np.nan_to_num(horizon.universe * drawn.coverage)
    today = np.nan_to_num(horizon.universe * baseline.coverage)
    return covered.sum(axis=1), (covered - today).sum(axis=1)


def _outcome(horizon: Horizon, cells: tuple[Array, Array], index: int) -> Outcome:
    people = horizon.universe.sum(axis=(0, 1, 2))
    covered, change = (values[index].sum(axis=(0, 1)) for values in cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = np.where(people > 0, covered / people, np.nan)
    return Outcome(coverage, change, np.asarray(women_and_men(horizon.model, coverage)[0]))
