"""Sequential Phragmén: money flows to all voters alike; the first proposal whose supporters can pay for it wins.

The rule stops as soon as a proposal that could be bought next would break the envelope (Los, Christoff and Grossi,
"Proportional budget allocations", 2022). Exact: a voter's load is one of as many values as there were winners.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from budget_model.assembly.election import Election, Integers
from budget_model.assembly.rules.reasons import unwanted
from budget_model.assembly.ties import Outcome, TieBreaker


@dataclass(frozen=True)
class Stage:
    """A moment of the count: what is chosen next, or the count's end where one of them cannot be paid.

    `load`: of the supporters of the next one, None where nobody wants any of those that are open; `tied`: those that
    have it; `left`: of the envelope; `paid_before`: by open proposal, what its supporters have paid in all by then.
    """

    load: Fraction | None
    tied: tuple[int, ...]
    left: int
    paid_before: dict[int, Fraction]


def phragmen_stages(election: Election, ties: TieBreaker) -> list[Stage]:
    """The moments of a count, one after another."""
    stages: list[Stage] = []
    phragmen(election, ties, stages)
    return stages


def phragmen(election: Election, ties: TieBreaker, stages: list[Stage] | None = None) -> Outcome:
    """Count approvals by sequential Phragmén.

    Parameters
    ----------
    stages : takes the moments of the count, where somebody wants them

    Returns
    -------
    Outcome; each round has `proposal, load` (money each supporter has paid in all by then), `supporters`, `cost`.
    """
    matrix = _support_matrix(election)
    counts = election.ballots.counts
    costs, left = election.whole_costs(), election.whole_budget()
    supporters = [int(value) for value in matrix.T @ counts]
    totals = [Fraction(0)] * len(costs)  # loads of the supporters of each proposal, added up
    level = np.zeros(matrix.shape[0], dtype=np.int64)  # which entry of `loads` each row carries
    loads = [Fraction(0)]
    open_ones = [index for index, cost in enumerate(costs) if cost <= left]
    outcome = Outcome([])
    next_ones = []  # those whose turn it was when the count ended
    while open_ones:
        wanted = {index: (totals[index] + costs[index]) / supporters[index] for index in open_ones if supporters[index]}
        least = min(wanted.values(), default=None)
        tied = [index for index in open_ones if wanted.get(index) == least]
        if stages is not None:
            stages.append(Stage(least, tuple(tied), left, {index: totals[index] for index in open_ones}))
        if any(costs[index] > left for index in tied):
            next_ones = tied
            break
        state = partial(_state, tied, least, costs, left, matrix, level, loads, outcome.winners)
        best = ties.choose(tied, len(outcome.winners) + 1, state)
        outcome.winners.append(best)
        outcome.rounds.append(_round(best, least, supporters[best], costs[best]))
        open_ones.remove(best)
        left -= costs[best]
        if least is not None:
            _charge(matrix, counts, best, least, level, loads, totals)
    outcome.losers = [
        _lack(index, costs, supporters, left, has_had_turn=index in next_ones or costs[index] > election.whole_budget())
        for index in range(len(costs))
        if index not in outcome.winners
    ]
    return outcome


def _state(
    tied: list[int],
    load: Fraction | None,
    costs: list[int],
    left: int,
    matrix: csr_matrix,
    level: Integers,
    loads: list[Fraction],
    winners: list[int],
) -> Hashable | None:
    """What decides how the count goes on; None where all that are tied are paid next, whichever comes first."""
    if sum(costs[index] for index in tied) <= left and (load is None or is_disjoint(matrix, tied)):
        return None
    return frozenset(winners), tuple(loads[int(value)] for value in level)


def is_disjoint(matrix: csr_matrix, indexes: list[int]) -> bool:
    """Whether no row of the ballots chose two of these proposals."""
    return bool(matrix[:, indexes].sum(axis=1).max() <= 1)


def _support_matrix(election: Election) -> csr_matrix:
    ballots = election.ballots
    ones = np.ones(len(ballots.proposals), dtype=np.int64)
    return csr_matrix((ones, ballots.proposals, ballots.starts), shape=(ballots.row_count, len(election.proposals)))


def _charge(
    matrix: csr_matrix,
    counts: Integers,
    best: int,
    load: Fraction,
    level: Integers,
    loads: list[Fraction],
    totals: list[Fraction],
) -> None:
    """The supporters of the winner now carry `load`; the totals of everything else that they support follow."""
    payers = np.flatnonzero(matrix[:, [best]].toarray().ravel())
    old = level[payers]
    for value in np.unique(old):
        rows = payers[old == value]
        touched = matrix[rows].T @ counts[rows]
        rise = load - loads[int(value)]
        for index in np.flatnonzero(touched):
            totals[int(index)] += int(touched[index]) * rise
    level[payers] = len(loads)
    loads.append(load)


def _round(index: int, load: Fraction | None, supporters: int, cost: int) -> dict[str, Any]:
    return {"proposal": index, "load": load, "supporters": supporters, "cost": cost}


def _lack(index: int, costs: list[int], supporters: list[int], left: int, *, has_had_turn: bool) -> dict[str, Any]:
    lacks = max(0, costs[index] - left)
    did_not_fit = "does_not_fit" if has_had_turn and lacks else "stopped"
    reason = unwanted(supporters[index], supporters[index]) or did_not_fit
    return {"proposal": index, "reason": reason, "lacks": lacks, "cost": costs[index]}
