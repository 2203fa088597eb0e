"""Somebody who watches a search hears of it all the time, ends it at once, and changes no digit of its answer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import optimise
from budget_model.coverage.optimise_concave import Effort
from budget_model.coverage.optimise_frontier import find_frontier
from tests.coverage.optimise_judges import random_task

SMALL = Effort(gap=1e-3, boxes=6)


class Enough(Exception):  # noqa: N818
    """What a watcher raises who has seen enough."""


class Watcher:
    """Counts, and gives up after `patience` calls."""

    def __init__(self, patience: float = float("inf")):
        self.seen, self.patience = 0, patience

    def __call__(self) -> None:
        self.seen += 1
        if self.seen > self.patience:
            raise Enough


def gap_task():
    model = random_task(3, concave=False)
    return calibrate(dataclasses.replace(model, objective="min_gap"))


def concave_task():
    model = random_task(3, concave=True)
    return calibrate(dataclasses.replace(model, objective="max_min"))


@pytest.mark.parametrize("task", [gap_task, concave_task], ids=["branching", "tangents"])
def test_a_search_ends_where_its_watcher_says_so(task):
    whole = Watcher()
    optimise(task(), SMALL, watch=whole)
    assert whole.seen > 2
    short = Watcher(patience=whole.seen - 1)  # also in its last step
    with pytest.raises(Enough):
        optimise(task(), SMALL, watch=short)
    assert short.seen == whole.seen


def test_a_frontier_ends_where_its_watcher_says_so():
    with pytest.raises(Enough):
        find_frontier(calibrate(random_task(3, concave=False)), 3, SMALL, watch=Watcher(patience=2))


def test_being_watched_changes_no_digit():
    alone, watched = optimise(gap_task(), SMALL), optimise(gap_task(), SMALL, watch=Watcher())
    assert (alone.value, alone.bound) == (watched.value, watched.bound)
    assert np.array_equal(alone.allocation, watched.allocation)
