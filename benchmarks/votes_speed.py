"""Counting votes: this project against pabutools, on the same real files, in the same run.

    python -m benchmarks.votes_speed [FOLDER of .pb files] [--long] [--plain] [--relabellings-only]

Greedy and Equal Shares with completion (add1), exact arithmetic on both sides. pabutools gets its faster form, in which
equal ballots are merged, and the ordinary one on request (`--plain`, takes many minutes on the largest file). Only
files with approval ballots: of points and ranks the two sides make different utilities.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from budget_model.assembly.by_sex import relabelling_benchmark
from budget_model.assembly.counting import CountingRule, count_votes
from budget_model.assembly.election import Election, Proposal, ballots_of
from data.readers.pabulib import read_pabulib

warnings.simplefilter("ignore")
from pabutools.election import Cost_Sat, parse_pabulib  # noqa: E402
from pabutools.rules import greedy_utilitarian_welfare, method_of_equal_shares  # noqa: E402

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "pb"
FILES = ("Poland_Lodz_2020.pb", "equalshares/poland_wieliczka_2023_green-budget.pb")
LONG_FILES = ("Poland_Warszawa_2024_Targowek.pb",)  # a quarter of an hour of pabutools


def timed(function: Callable[[], Any], repeats: int = 1) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(repeats):
        begin = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - begin)
    return best, result


def compare(path: Path, is_plain: bool) -> None:
    held = read_pabulib(path).election
    instance, profile = parse_pabulib(str(path))
    judged = profile if is_plain else profile.as_multiprofile()
    rules: list[tuple[str, Callable[[], Any]]] = [
        ("greedy", lambda: greedy_utilitarian_welfare(instance, judged, sat_class=Cost_Sat)),
        ("mes-add1", lambda: method_of_equal_shares(instance, judged, sat_class=Cost_Sat, voter_budget_increment=1)),
    ]
    for rule, judge in rules:
        ours, outcome = timed(lambda rule=rule: count_votes(held, CountingRule(rule)), 3)  # type: ignore[misc]
        theirs, allocation = timed(judge)
        same = sorted(held.proposals[index].id for index in outcome.winners) == sorted(p.name for p in allocation)
        size = f"{held.ballots.voter_count:,} voters, {len(held.proposals)} projects"
        print(
            f"{path.stem}: {size}, {rule}: {ours:.3f} s, pabutools {theirs:.2f} s, "
            f"{theirs / ours:.0f} times; same winners: {same}",
            flush=True,
        )


def relabellings(count: int = 1000) -> None:
    """A generated vote of 20,000 voters and 100 projects, counted for women and men under every relabelling."""
    random = np.random.default_rng(11)
    costs = random.integers(5, 200, 100) * 1000
    popularity = random.dirichlet(np.full(100, 0.5))
    ballots = [
        random.choice(100, size=random.integers(1, 11), replace=False, p=popularity).tolist() for _ in range(20_000)
    ]
    proposals = tuple(Proposal(f"p{place:03d}", held) for place, held in enumerate(map(_fraction, costs)))
    held = Election(_fraction(costs.sum() // 4), "approval", proposals, ballots_of(ballots))
    sexes = random.choice(["F", "M"], 20_000, p=[0.6, 0.4]).tolist()
    seconds, found = timed(lambda: relabelling_benchmark(held, CountingRule("mes"), sexes, ("F", "M"), count, 3))
    print(
        f"20,000 voters, 100 projects, equal shares, {count:,} relabellings: {seconds:.1f} s (p = {found.p_value:.3f})"
    )


def _fraction(value: Any) -> Any:
    from fractions import Fraction

    return Fraction(int(value))


if __name__ == "__main__":
    arguments = [one for one in sys.argv[1:] if not one.startswith("--")]
    folder = Path(arguments[0]) if arguments else FOLDER
    print(f"load {os.getloadavg()[0]:.1f}")
    if "--relabellings-only" not in sys.argv:
        for name in FILES + (LONG_FILES if "--long" in sys.argv else ()):
            compare(folder / name, "--plain" in sys.argv)
    relabellings()
