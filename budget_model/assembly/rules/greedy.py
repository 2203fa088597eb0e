"""Greedy: highest score first, taking what the rest of the envelope can pay.

The commonest rule of municipalities. `greedy` ranks by score (approvals or points), `greedy-per-cost` by score for each
unit of cost; `stop_at_first` ends at the first proposal that does not fit (`greedy-no-skip`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from budget_model.assembly.election import Election
from budget_model.assembly.ties import Outcome, TieBreaker

Pairs = Collection[frozenset[int]]


@dataclass
class _Count:
    """What the count has come to: the money left, the winners, whether it has ended."""

    left: int
    exclusive: Pairs
    stop_at_first: bool
    winners: list[int]
    has_stopped: bool = False

    def verdict(self, index: int, cost: int) -> dict[str, Any]:
        """Whether the proposal wins now, and if not, why."""
        if self.has_stopped:
            return {"won": False, "reason": "stopped"}
        rival = next((other for other in self.winners if frozenset((index, other)) in self.exclusive), None)
        if rival is not None:
            return {"won": False, "reason": "excluded_by", "rival": rival}
        if cost > self.left:
            self.has_stopped = self.stop_at_first
            return {"won": False, "reason": "does_not_fit", "lacks": cost - self.left}
        self.winners.append(index)
        return {"won": True}

    def decides_between(self, equal: list[int], costs: list[int]) -> bool:
        """Whether the order of equal proposals can change who wins."""
        if self.has_stopped or len(equal) == 1:
            return False
        is_exclusive = any(index in pair for pair in self.exclusive for index in equal)
        all_fit = sum(costs[index] for index in equal) <= self.left
        none_fits = all(costs[index] > self.left for index in equal)
        return is_exclusive or not (all_fit or none_fits)


def greedy(
    election: Election,
    scores: list[int],
    ties: TieBreaker,
    *,
    per_cost: bool = False,
    stop_at_first: bool = False,
    exclusive: Pairs = (),
) -> Outcome:
    """Count by the greedy rule.

    Parameters
    ----------
    scores : whole score of each proposal; proposals that may not win are left out of the count before
    exclusive : pairs of which only one may win

    Returns
    -------
    Outcome; each round has `proposal, score, cost, left` (money before it), `won`, and for a loser `reason`:
    `does_not_fit` with `lacks`, `excluded_by` with `rival`, or `stopped`.
    """
    costs = election.whole_costs()
    count = _Count(election.whole_budget(), exclusive, stop_at_first, [])
    rounds: list[dict[str, Any]] = []
    for equal in _ranked(scores, costs, per_cost):
        ordered = sorted(equal, key=ties.key)
        if count.decides_between(ordered, costs):
            ties.first(ordered, len(rounds) + 1)
        for index in ordered:
            left = count.left
            entry = {"proposal": index, "score": scores[index], "cost": costs[index], "left": left}
            entry |= count.verdict(index, costs[index])
            count.left -= costs[index] if entry["won"] else 0
            rounds.append(entry)
    losers = [entry for entry in rounds if not entry["won"]]
    return Outcome(count.winners, rounds, ties.broken, losers)


def _ranked(scores: list[int], costs: list[int], per_cost: bool) -> Iterator[list[int]]:
    """Groups of equal rank, best first."""

    def rank(index: int) -> tuple[bool, Fraction]:
        if not per_cost:
            return False, Fraction(scores[index])
        if not costs[index]:
            return scores[index] > 0, Fraction(0)  # free and wanted: before everything else
        return False, Fraction(scores[index], costs[index])

    ranks = {index: rank(index) for index in range(len(scores))}
    for _, equal in groupby(
        sorted(ranks, key=lambda index: ranks[index], reverse=True), key=lambda index: ranks[index]
    ):
        yield list(equal)
