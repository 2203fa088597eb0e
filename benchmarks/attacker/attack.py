"""The attack: all that is known of a world as a programme, a question for each count of a protected cell, a report."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attacker.programme import Asker, Programme, Terms
from attacker.styles import Bounds, one_by_one, ours, suppression
from attacker.world import SEXES, Cell, Set, World, cells_of, pairs_and_cells
from budget_model.survey.disclosure import ORDINARY, SENSITIVE
from budget_model.survey.published import ALL

STATED = {ORDINARY.base: 4.0, SENSITIVE.base: 9.0}  # the interval that is promised: from smallest to largest value
LEAST = {ORDINARY.base: ORDINARY.least, SENSITIVE.base: SENSITIVE.least}  # persons; a smaller count is protected
PUSHES = ((100.0, 2), (14.0, 14))  # sums narrower than so many persons are pushed so many times


def terms_of(world: World, programme: Programme, one: Set, cell: Cell) -> dict[int, float]:
    """A count as a sum of unknowns: the finest published areas, or an age band."""
    has_areas = any((one, part) in world.true for part in world.parts[world.root, ALL])
    key = (world.root, "bands") if cell == (world.root, ALL) and not has_areas else cell
    if key not in world.parts:
        return {programme.column((one, cell)): 1.0}
    terms: dict[int, float] = {}
    for part in world.parts[key]:
        terms |= terms_of(world, programme, one, part)
    return terms


def build(world: World, bounds: Bounds, of_both: Callable[..., tuple[float, float]]) -> Programme:
    programme = Programme(most=max(world.true.values()) * 2)
    for one in dict.fromkeys(world.members.values()):
        for cell in cells_of(world, one):
            programme.know(terms_of(world, programme, one, cell), *bounds(one, cell))
        tie_bands(world, programme, one)
    for pair, cell in pairs_and_cells(world):
        together = terms_of(world, programme, pair[0], cell) | terms_of(world, programme, pair[1], cell)
        programme.know(together, *of_both(pair, cell))
    for (indicator, sex, part), whole in world.members.items():
        if part == "universe":
            parts = [world.members[indicator, sex, name] for name in ("numerator", "rest")]
            make_whole(world, programme, whole, parts)
    for small, large in world.contained:
        contain(world, programme, bounds, small, large)
    return programme


def tie_bands(world: World, programme: Programme, one: Set) -> None:
    """The areas and the bands of a set add up to the same."""
    bands = world.parts[world.root, "bands"]
    whole = terms_of(world, programme, one, (world.root, ALL))
    by_band = {programme.column((one, band)): -1.0 for band in bands}
    if not set(by_band) & set(whole):
        programme.know(whole | by_band, 0.0, 0.0)


def make_whole(world: World, programme: Programme, whole: Set, parts: Sequence[Set]) -> None:
    for cell in finest_cells(world, whole):
        terms = {programme.column((whole, cell)): 1.0}
        for part in parts:
            column = programme.column((part, cell))
            terms[column] = terms.get(column, 0.0) - 1.0
        programme.know(terms, 0.0, 0.0)


def finest_cells(world: World, one: Set) -> list[Cell]:
    return [cell for cell in cells_of(world, one) if cell not in world.parts and cell != (world.root, ALL)]


def contain(world: World, programme: Programme, bounds: Bounds, small: Set, large: Set) -> None:
    """A part of a set is no larger than the set; only where the bounds leave that open."""
    large_cells = set(finest_cells(world, large))
    for cell in finest_cells(world, small):
        if cell in large_cells and bounds(small, cell)[1] > bounds(large, cell)[0]:
            terms = {programme.column((large, cell)): 1.0, programme.column((small, cell)): -1.0}
            programme.know(terms, 0.0, math.inf)


# --- questions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A count inside or outside the numerator, in a cell whose figure is hidden."""

    indicator: str
    sex: str
    cell: Cell
    part: str
    terms: Terms
    base: int
    true: float

    @property
    def is_protected(self) -> bool:
        return self.true < LEAST[self.base]


def questions_of(world: World, programme: Programme) -> list[Question]:
    found = []
    for indicator, sex, cell in world.is_small:
        for part in ("numerator", "rest"):
            sets = [world.members[indicator, one, part] for one in (SEXES if sex == ALL else (sex,))]
            terms: dict[int, float] = {}
            for one in sets:
                terms |= terms_of(world, programme, one, cell)
            true = sum(world.true[one, cell] for one in sets)
            found.append(Question(indicator, sex, cell, part, terms, sets[0][0], true))
    return found


def attack(world: World, programme: Programme) -> tuple[pd.DataFrame, int]:
    """The interval of every count in a hidden cell, and how many programmes that took.

    `is_solved`: the interval is exact; else it is at least as wide. All intervals below what is stated and the
    narrowest of each base are exact. The truth must agree with all that is known, or the attacker would be wrong.
    """
    questions = questions_of(world, programme)
    asker = Asker(programme, [one.terms for one in questions])
    asker.witness(np.array([world.true[name] for name in programme.columns]))
    for wanted, times in PUSHES:
        asker.push(wanted, times)
    for base, stated in STATED.items():
        chosen = [place for place, one in enumerate(questions) if one.base == base and one.is_protected]
        asker.solve_narrowest(np.array(chosen, dtype=int), stated)
    frame = pd.DataFrame(
        {
            "indicator": [one.indicator for one in questions],
            "part": [one.part for one in questions],
            "sex": [one.sex for one in questions],
            "area": [one.cell[0] for one in questions],
            "band": [one.cell[1] for one in questions],
            "base": [one.base for one in questions],
            "true": [one.true for one in questions],
            "is_protected": [one.is_protected for one in questions],
        }
    )
    known = frame.assign(
        low=asker.low.round(6) + 0.0, high=asker.high.round(6) + 0.0, width=asker.width, is_solved=asker.is_solved
    )
    return known, asker.solver.solved


# --- report -----------------------------------------------------------------------------------------------------------

STYLES: dict[str, Callable[[World], tuple[Bounds, Callable[..., tuple[float, float]]]]] = {
    "Protected table": lambda world: ours(world, exact_margins=False),
    "Protected table, with an exact register of inhabitants": lambda world: ours(world, exact_margins=True),
    "For comparison, exact figures without small cells": suppression,
    "For comparison, cells rounded one by one": one_by_one,
}
OURS = tuple(STYLES)[:2]


def attack_style(world: World, names: dict[str, str], title: str) -> tuple[str, bool]:
    """The report of one way of publishing, and whether no protected count is known more closely than stated."""
    started = time.process_time()
    frame, programmes = attack(world, build(world, *STYLES[title](world)))
    small = frame[frame["is_protected"]]
    stated = small["base"].map(STATED)
    quantiles = small["width"].quantile([0.01, 0.1, 0.5, 0.9])
    lines = [
        f"{title}: {len(small):,} protected counts, {len(frame) - len(small):,} others in the same cells, all asked",
        f"  {programmes:,} programmes, {time.process_time() - started:.0f} s of processor; exact: "
        f"{small['is_solved'].sum():,} intervals; the others are at least as wide",
        "  narrowest by base, exact: "
        + ", ".join(f"{base}: {part['width'].min():g}" for base, part in small.groupby("base")),
        "  at least, 1 % / 10 % / median / 90 %: " + " / ".join(f"{value:g}" for value in quantiles),
        f"  known exactly: {(small['width'] < 1).sum():,}; below the stated interval: "
        f"{(small['width'] < stated).sum():,}",
        *(_told(row, names) for row in small.nsmallest(3, "width").itertuples()),
    ]
    return "\n".join(lines), bool((small["width"] >= stated).all())


def _told(row: object, names: dict[str, str]) -> str:
    where = f"{names[row.indicator]} {row.part}, {row.sex}, {row.area}, {row.band}"
    return f"    {where}: {row.low:g} to {row.high:g} (truth {row.true:g})"
