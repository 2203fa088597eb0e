"""A search in the background says how far it is, and ends where its owner no longer wants it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from data.jobs.kind import JobCancelled
from data.jobs.kinds import KINDS, optimise


class Run:
    """A run whose owner cancels it after so many words of progress."""

    def __init__(self, patience: int):
        self.factory = lambda: _Nothing()
        self.site_id, self.parameters, self.patience = 1, {"model": "m"}, patience
        self.told: list[tuple[int, int | None, str]] = []

    def progress(self, done: int, total: int | None = None, step: str = "") -> None:
        self.told.append((done, total, step))
        if len(self.told) > self.patience:
            raise JobCancelled


class _Nothing:
    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize(("kind", "step"), [("optimise", "solve"), ("frontier", "frontier")])
def test_a_search_tells_each_of_its_steps_and_ends_when_it_is_cancelled(monkeypatch, kind, step):
    def searched(_started: object, watch: Callable[[], None]) -> dict[str, int]:
        for _ in range(5):
            watch()
        return {"steps": 5}

    monkeypatch.setattr(optimise, "pose", lambda *_: SimpleNamespace())
    monkeypatch.setattr(optimise, "optimum_answer", searched)
    monkeypatch.setattr(optimise, "frontier_answer", searched)
    whole = Run(patience=100)
    assert KINDS[kind].run(whole).content == {"steps": 5}
    assert whole.told == [(0, None, "read"), *((number, None, step) for number in range(1, 6))]
    cut = Run(patience=3)
    with pytest.raises(JobCancelled):
        KINDS[kind].run(cut)
    assert cut.told[-1] == (3, None, step)
