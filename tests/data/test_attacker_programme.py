"""The attacker's short way to intervals, held against a programme for every single question."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from benchmarks.attacker.programme import Asker, Programme, Solver

MOST = 1000.0


def table(rounded: list[list[int]], off: int) -> Programme:
    """Cells of a table, each known to `off` persons, and its rows and columns likewise."""
    programme = Programme(MOST)
    for row, values in enumerate(rounded):
        for column, value in enumerate(values):
            programme.know({programme.column((row, column)): 1.0}, value - off, value + off)
    width = len(rounded[0])
    lines = [[(row, column) for column in range(width)] for row in range(len(rounded))]
    lines += [[(row, column) for row in range(len(rounded))] for column in range(width)]
    for cells in lines:
        total = sum(rounded[row][column] for row, column in cells)
        programme.know({programme.column(cell): 1.0 for cell in cells}, total - off, total + off)
    return programme


def exact_width(programme: Programme, terms: dict[int, float]) -> float:
    """Of whole numbers, by scipy, from the start."""
    matrix = programme.matrix([terms for terms, _, _ in programme.rows]).todense()
    low, high = (np.array([row[place] for row in programme.rows]) for place in (1, 2))
    cost = programme.matrix([terms]).todense().A1
    known = {
        "A_ub": np.vstack([matrix, -matrix]),
        "b_ub": np.concatenate([high, -low]),
        "bounds": list(zip(programme.low, programme.high, strict=True)),
    }
    smallest, largest = linprog(cost, **known).fun, -linprog(-cost, **known).fun
    return float(np.floor(largest + 1e-6) - np.ceil(smallest - 1e-6))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6).map(lambda n: 5 * n), min_size=3, max_size=3), min_size=2, max_size=4))
def test_the_narrowest_interval_is_exact_and_no_other_is_told_wider_than_it_is(rounded):
    programme = table(rounded, 4)
    sums = [{column: 1.0} for column in range(len(programme.columns))]
    sums += [{0: 1.0, len(programme.columns) - 1: 1.0}]
    asker = Asker(programme, sums)
    asker.push(14.0, 2)
    asker.solve_narrowest(np.arange(len(sums)), stated=4.0)
    exact = np.array([exact_width(programme, terms) for terms in sums])
    assert asker.width.min() == exact.min()
    assert (asker.width <= exact).all()
    assert (asker.width[asker.is_solved] == exact[asker.is_solved]).all()
    assert asker.is_solved[exact < 4.0].all()


def test_a_cell_that_its_sums_pin_down_is_found():
    """Exact sums of 12 and 3 beside a cell of at most 3 leave nothing open: the other cell is 9, whatever is pushed."""
    programme = Programme(MOST)
    first, second = programme.column("first"), programme.column("second")
    programme.know({first: 1.0, second: 1.0}, 12.0, 12.0)
    programme.know({second: 1.0}, 3.0, 3.0)
    asker = Asker(programme, [{first: 1.0}])
    asker.push(14.0, 2)
    asker.solve_narrowest(np.array([0]), stated=4.0)
    assert (asker.low[0], asker.high[0], asker.width[0], asker.is_solved[0]) == (9.0, 9.0, 0.0, True)


def test_a_point_that_breaks_what_is_known_ends_the_script():
    programme = table([[5, 10], [0, 5]], 4)
    with pytest.raises(SystemExit, match="breaks what is known by"):
        Solver(programme).checked(np.array([50.0, 0.0, 0.0, 0.0]))
