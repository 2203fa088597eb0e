"""What each way of publishing tells of a count: ours, exact figures without small cells, cells rounded one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from attacker.world import Cell, Set, World, cells_of, level_of, pairs_and_cells
from budget_model.survey.disclosure import ORDINARY, random_numbers

Bounds = Callable[[Set, Cell], tuple[float, float]]


def ours(world: World, exact_margins: bool) -> tuple[Bounds, Callable[..., tuple[float, float]]]:
    """Rounded counts, and the largest error at each level as the attacker's certainty."""
    errors: dict[tuple[int, str, bool], float] = {}
    for (one, cell), true in world.true.items():
        level = level_of(world, cell)
        error = max(abs(true - rounded) for rounded in world.rounded[one, cell])
        errors[one[0], level, False] = max(errors.get((one[0], level, False), 0.0), error, one[0] - 1.0)

    def bounds(one: Set, cell: Cell) -> tuple[float, float]:
        level = level_of(world, cell)
        if exact_margins and one in world.registered and level in ("site", "sum"):
            return world.true[one, cell], world.true[one, cell]
        error = errors[one[0], level, False]
        return max(world.rounded[one, cell]) - error, min(world.rounded[one, cell]) + error

    def of_both(pair: Sequence[Set], cell: Cell) -> tuple[float, float]:
        rounded = sum(world.rounded[one, cell][0] for one in pair)
        error = both[level_of(world, cell)]
        return rounded - error, rounded + error

    both: dict[str, float] = {}
    for pair, cell in pairs_and_cells(world):
        off = abs(sum(world.true[one, cell] - world.rounded[one, cell][0] for one in pair))
        level = level_of(world, cell)
        both[level] = max(both.get(level, 0.0), off)
    return bounds, of_both


def suppression(world: World) -> tuple[Bounds, Callable[..., tuple[float, float]]]:
    """Exact figures; a cell with a small count inside or outside the numerator is left out. Universes are shown."""
    least = ORDINARY.least
    hidden: set[tuple[Set, Cell]] = set()
    for (indicator, sex, part), one in world.members.items():
        if part != "numerator":
            continue
        rest = world.members[indicator, sex, "rest"]
        for cell in cells_of(world, one):
            if min(world.true[one, cell], world.true[rest, cell]) < least:
                hidden |= {(one, cell), (rest, cell)}

    def bounds(one: Set, cell: Cell) -> tuple[float, float]:
        true = world.true[one, cell]
        return (0.0, math.inf) if (one, cell) in hidden else (true, true)

    def of_both(pair: Sequence[Set], cell: Cell) -> tuple[float, float]:
        true = sum(world.true[one, cell] for one in pair)
        return (true, true) if true >= least else (0.0, math.inf)

    return bounds, of_both


def one_by_one(world: World) -> tuple[Bounds, Callable[..., tuple[float, float]]]:
    """Every published count rounded at random by itself, as many offices do; totals too."""

    def rounded(name: str, true: float, base: int) -> float:
        rest = true % base
        draw = int(random_numbers(b"one by one", name, 1)[0] % np.uint64(base))
        return true - rest + (base if draw < rest else 0)

    def bounds(one: Set, cell: Cell) -> tuple[float, float]:
        value = rounded(f"{one} {cell}", world.true[one, cell], one[0])
        return value - one[0] + 1, value + one[0] - 1

    def of_both(pair: Sequence[Set], cell: Cell) -> tuple[float, float]:
        base = pair[0][0]
        value = rounded(f"{pair} {cell}", sum(world.true[one, cell] for one in pair), base)
        return value - base + 1, value + base - 1

    return bounds, of_both
