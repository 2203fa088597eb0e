"""What the programmes do to the needs: m[n, a, g](x) of `docs/model.md`, before the background share joins it.

Three steps that later years and draws can enter between: people served, intensity, coverage by the programmes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.overlap import Segments, build_segments, combine, combine_all
from budget_model.coverage.response import CurveRows, curve_numbers, respond, rows_by_number
from budget_model.coverage.types import Array, BudgetModel, Overlap
from budget_model.errors import AllocationError, Problem

LARGE = 1 << 16  # numbers above which one need at a time is quicker: its links then stay in the cache


@dataclass(frozen=True)
class NeedRows:
    """The links of one need: rows of the effect that lie together."""

    need: int
    rows: slice
    curves: CurveRows  # within these rows
    rule: Overlap


@dataclass(frozen=True)
class Effect:
    """The links of a model, sorted by need and curve and ready for evaluation.

    `coefficient[l, a, g]` is the intensity that one person served adds: effectiveness x reach x scale / universe,
    0 where the universe is 0. `link` maps the sorted rows back to the links of the model.
    """

    link: NDArray[np.intp]  # (L,)
    programme: NDArray[np.intp]  # (L,)
    need: NDArray[np.intp]  # (L,), ascending
    coefficient: Array  # (L, A, G) share of the universe / person served
    ceiling: Array  # (L,)
    curves: CurveRows
    segments: Segments
    by_need: tuple[NeedRows, ...]  # only needs that some programme serves


def build_effect(model: BudgetModel) -> Effect:
    """Prepare a model's links."""
    links = model.links
    curve = curve_numbers(links.response)
    order = np.lexsort((curve, links.need))
    need = links.need[order]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        per_person = np.where(model.universe > 0, 1.0 / model.universe, 0.0)
    return Effect(
        link=order,
        programme=links.programme[order],
        need=need,
        coefficient=links.effectiveness[order, None, None] * links.reach[order] * per_person[need],
        ceiling=links.ceiling[order],
        curves=rows_by_number(curve[order]),
        segments=build_segments(need, model.overlap),
        by_need=_by_need(model, need, curve[order]),
    )


def _by_need(model: BudgetModel, need: NDArray[np.intp], curve: NDArray[np.intp]) -> tuple[NeedRows, ...]:
    ends = np.searchsorted(need, np.arange(len(model.needs) + 1))
    return tuple(
        NeedRows(n, slice(first, last), rows_by_number(curve[first:last]), model.overlap[n])
        for n, (first, last) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
        if first < last
    )


def served(model: BudgetModel, allocation: Array) -> Array:
    """People served in a year, `min(x / c, K)`.

    Parameters
    ----------
    allocation : (..., P, A) currency / year, >= 0

    Returns
    -------
    (..., P, A) persons.

    Raises
    ------
    AllocationError : the shape is not that of the model, or an amount is negative or missing.
    """
    _check_amounts(model, allocation)
    return np.minimum(allocation / model.unit_cost, model.capacity)


def intensity(effect: Effect, persons: Array) -> Array:
    """`u = e r q / U` of every link: (L, ..., A, G) share of the universe, from (..., P, A) persons served."""
    by_link = np.moveaxis(persons, -2, 0)[effect.programme]  # (L, ..., A)
    n_links, areas, groups = effect.coefficient.shape
    coefficient = effect.coefficient.reshape(n_links, *(1,) * (persons.ndim - 2), areas, groups)
    return np.asarray(coefficient * by_link[..., None])


def programme_coverage(effect: Effect, link_intensity: Array) -> Array:
    """`m`: share of each cell that the programmes cover together, (..., N, A, G) from (L, ..., A, G)."""
    if link_intensity.size > LARGE:
        return _coverage_need_by_need(effect, link_intensity)
    coverage = respond(link_intensity, effect.ceiling, effect.curves)
    return np.moveaxis(combine(coverage, effect.segments), 0, -3)


def _coverage_need_by_need(effect: Effect, link_intensity: Array) -> Array:
    together = np.zeros((effect.segments.n_slots, *link_intensity.shape[1:]))
    for part in effect.by_need:
        coverage = respond(link_intensity[part.rows], effect.ceiling[part.rows], part.curves)
        together[part.need] = combine_all(coverage, part.rule)
    return np.moveaxis(together, 0, -3)


def _check_amounts(model: BudgetModel, allocation: Array) -> None:
    expected = model.baseline.shape
    if allocation.shape[-2:] != expected:
        raise AllocationError(
            Problem(
                "allocation-shape",
                f"The allocation has the shape {allocation.shape}, the model has {expected[0]} programmes x "
                f"{expected[1]} areas. Give one amount for each programme and area.",
            )
        )
    if not (allocation >= 0).all():
        raise AllocationError(
            Problem(
                "allocation-amount",
                "The allocation holds an amount that is negative or missing. Give every programme and area an amount "
                "of 0 or more.",
            )
        )
