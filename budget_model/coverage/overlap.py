"""Overlap rules: several programmes on one need, combined into the share that at least one of them covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.types import Array, Overlap

OVERLAPS: tuple[Overlap, ...] = ("additive", "independent", "nested")


@dataclass(frozen=True)
class SegmentPart:
    """Rows that one rule combines: `rows[starts[k]:starts[k + 1]]` become slot `slots[k]`."""

    rule: Overlap
    rows: NDArray[np.intp]
    starts: NDArray[np.intp]
    slots: NDArray[np.intp]


@dataclass(frozen=True)
class Segments:
    """Which rows combine into which slot (a need, or a single cell), by rule. A slot without rows stays at 0."""

    n_slots: int
    parts: tuple[SegmentPart, ...]


def build_segments(slot_of_row: NDArray[np.intp], rule_of_slot: Sequence[Overlap]) -> Segments:
    """Group rows by slot and slots by rule, once, ahead of many evaluations.

    Parameters
    ----------
    slot_of_row : (R,) index of the slot that each row belongs to
    rule_of_slot : (S,) overlap rule of each slot
    """
    rules = np.asarray(rule_of_slot, dtype=object)
    parts = []
    for rule in OVERLAPS:
        rows = np.flatnonzero(rules[slot_of_row] == rule) if slot_of_row.size else np.empty(0, dtype=np.intp)
        if rows.size:
            rows = rows[np.argsort(slot_of_row[rows], kind="stable")]
            slots, starts = np.unique(slot_of_row[rows], return_index=True)
            parts.append(SegmentPart(rule, rows, starts, slots))
    return Segments(len(rules), tuple(parts))


def additive(coverage: Array, starts: NDArray[np.intp]) -> Array:
    """`min(1, sum)`: the programmes serve different people.

    coverage : (R, C) shares of R rows in C cells; starts : (S,) first row of each slot. Gives (S, C), as the others do.
    """
    return np.minimum(1.0, np.add.reduceat(coverage, starts, axis=0))


def independent(coverage: Array, starts: NDArray[np.intp]) -> Array:
    """`1 - product of (1 - coverage)`: chance overlap."""
    return np.asarray(1.0 - np.multiply.reduceat(1.0 - coverage, starts, axis=0))


def nested(coverage: Array, starts: NDArray[np.intp]) -> Array:
    """`max`: the smaller programmes serve people whom the largest serves too."""
    return np.asarray(np.maximum.reduceat(coverage, starts, axis=0))


RULES = {"additive": additive, "independent": independent, "nested": nested}


def combine_all(coverage: Array, rule: Overlap) -> Array:
    """Coverage of one slot by all rows together: (...) from (R, ...), R above 0."""
    if rule == "additive":
        return np.asarray(np.minimum(1.0, coverage.sum(axis=0)))
    if rule == "nested":
        return np.asarray(coverage.max(axis=0))
    return np.asarray(1.0 - np.subtract(1.0, coverage, out=coverage).prod(axis=0))


def combine(coverage: Array, segments: Segments) -> Array:
    """Coverage of each slot by all its programmes together.

    Parameters
    ----------
    coverage : (R, ...) share, coverage of each row by its programme alone
    segments : from `build_segments`

    Returns
    -------
    (S, ...) share, 0-1; 0 where no programme serves the slot.
    """
    combined = np.zeros((segments.n_slots, *coverage.shape[1:]))
    for part in segments.parts:
        rows = coverage if len(part.rows) == len(coverage) and _in_order(part.rows) else coverage[part.rows]
        combined[part.slots] = RULES[part.rule](rows, part.starts)
    return combined


def _in_order(rows: NDArray[np.intp]) -> bool:
    return bool((np.diff(rows) == 1).all())
