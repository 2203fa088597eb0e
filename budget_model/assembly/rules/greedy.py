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
        rival = self._rival_of(index)
        if rival is not None:
            return {"won": False, "reason": "excluded_by", "rival": rival}
        if cost > self.left:
            self.has_stopped = self.stop_at_first
            return {"won": False, "reason": "does_not_fit", "lacks": cost - self.left}
        self.winners.append(index)
        return {"won": True}

    def rivals_among(self, equal: list[int], costs: list[int]) -> list[int]:
        """Those of equal proposals among which the order decides who wins; none where it changes nothing.

        Each could win if it came first; together they cannot, because the money ends, two exclude each other, or one
        of them ends the count.
        """
        if self.has_stopped:
            return []
        open_ones = [index for index in equal if self._rival_of(index) is None]
        able = [index for index in open_ones if costs[index] <= self.left]
        if self.stop_at_first and able and len(able) < len(open_ones):
            return open_ones  # one that does not fit would end the count before the others
        is_exclusive = any(pair <= set(able) for pair in self.exclusive)
        return able if is_exclusive or sum(costs[index] for index in able) > self.left else []

    def _rival_of(self, index: int) -> int | None:
        """A winner that excludes this proposal."""
        return next((other for other in self.winners if frozenset((index, other)) in self.exclusive), None)


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
        rivals = count.rivals_among(ordered, costs)
        if len(rivals) > 1:
            ties.first(rivals, len(rounds) + 1)
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
