"""Welfare: the affordable list with the highest total score, exactly (a knapsack problem).

Solved by listing the undominated pairs (cost, score) proposal by proposal (Nemhauser and Ullmann, 1969): whole numbers
only, no tolerance. Among several best lists the tie rule decides, proposal after proposal.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from budget_model.assembly.election import Election, Integers
from budget_model.assembly.rules.reasons import unwanted
from budget_model.assembly.ties import Outcome, TieBreaker
from budget_model.assembly.utility import support
from budget_model.errors import SolverError

MOST_PAIRS = 20_000_000  # a list longer than that does not fit into the memory of a small server


def welfare(election: Election, scores: list[int], ties: TieBreaker) -> Outcome:
    """The best list.

    Returns
    -------
    Outcome with `facts["score"]`. Each tie names the proposals that some best list has and another has not, of the
    lists that the ties before left.
    """
    costs, budget = election.whole_costs(), election.whole_budget()
    free = [index for index, cost in enumerate(costs) if cost == 0 and scores[index] > 0]
    paid = sorted((index for index, cost in enumerate(costs) if 0 < cost <= budget and scores[index] > 0), key=ties.key)
    suffixes = _frontiers(paid, costs, scores, budget)
    best = int(suffixes[0][1][-1])
    chosen, is_decided = _follow(paid, costs, scores, budget, suffixes)
    if not is_decided:
        _note_ties(paid, costs, scores, budget, ties)
    winners = sorted([*free, *chosen], key=ties.key)
    outcome = Outcome(winners, ties=ties.broken, facts={"score": best + sum(scores[index] for index in free)})
    left = budget - sum(costs[index] for index in winners)
    votes = support(election)
    for index, cost in enumerate(costs):
        if index not in winners:
            reason = unwanted(int(votes[index]), scores[index]) or "not_in_best_list"
            outcome.losers.append({"proposal": index, "reason": reason, "lacks": max(0, cost - left), "cost": cost})
    return outcome


def _note_ties(open_ones: list[int], costs: list[int], scores: list[int], money: int, ties: TieBreaker) -> None:
    """Ask the tie rule, one after another, for the proposals that some best list has and another has not."""
    while True:
        counted = [score if index in open_ones else 0 for index, score in enumerate(scores)]
        best_without = best_scores_without(costs, counted, money)
        best = max((best_without(index, money - costs[index]) + scores[index] for index in open_ones), default=0)
        tied = [
            index
            for index in open_ones
            if best_without(index, money) == best == best_without(index, money - costs[index]) + scores[index]
        ]
        if not tied:
            return
        first = ties.first(tied, len(ties.broken) + 1)
        money -= costs[first]
        open_ones = [index for index in open_ones if index != first and costs[index] <= money]


def best_scores_without(costs: list[int], scores: list[int], budget: int) -> Callable[[int, int], int]:
    """A function from a proposal and some money, `budget` at most, to the highest total score of a list without it.

    Raises
    ------
    SolverError : it cannot be found exactly.
    """
    paid = [index for index, cost in enumerate(costs) if 0 < cost <= budget and scores[index] > 0]
    free = {index: scores[index] for index, cost in enumerate(costs) if cost == 0 and scores[index] > 0}
    suffixes = _frontiers(paid, costs, scores, budget)
    prefixes = _frontiers(paid[::-1], costs, scores, budget)[::-1]
    place = {index: number for number, index in enumerate(paid)}

    def best_without(index: int, money: int) -> int:
        before = place.get(index, len(paid))
        (cost, score), rest = prefixes[before], suffixes[min(before + 1, len(paid))]
        cost, score = cost[cost <= money], score[cost <= money]
        others = rest[1][np.searchsorted(rest[0], money - cost, side="right") - 1]
        return int((score + others).max()) + sum(free.values()) - free.get(index, 0)

    return best_without


def _frontiers(order: list[int], costs: list[int], scores: list[int], budget: int) -> list[tuple[Integers, Integers]]:
    """For each place of the order: the undominated (cost, score) pairs of what stands from there on."""
    zero = np.zeros(1, dtype=np.int64)
    frontiers = [(zero, zero)]
    for index in reversed(order):
        cost, score = frontiers[-1]
        fits = cost <= budget - costs[index]
        frontiers.append(_merge(cost, score, cost[fits] + costs[index], score[fits] + scores[index]))
        if sum(len(pairs[0]) for pairs in frontiers) > MOST_PAIRS:
            raise SolverError(
                "The best list cannot be found exactly with so many proposals of such varied costs. "
                "Use another rule, or round the costs to thousands."
            )
    return frontiers[::-1]


def _merge(cost_a: Integers, score_a: Integers, cost_b: Integers, score_b: Integers) -> tuple[Integers, Integers]:
    cost, score = np.concatenate([cost_a, cost_b]), np.concatenate([score_a, score_b])
    order = np.lexsort((-score, cost))
    cost, score = cost[order], score[order]
    best_before = np.concatenate([[-1], np.maximum.accumulate(score)[:-1]])
    kept = score > best_before
    return cost[kept], score[kept]


def _follow(
    order: list[int], costs: list[int], scores: list[int], budget: int, frontiers: list[tuple[Integers, Integers]]
) -> tuple[list[int], bool]:
    """Walk the order, taking a proposal wherever a best list with it exists; and whether there was no other one."""
    left, wanted = budget, int(frontiers[0][1][-1])
    chosen: list[int] = []
    is_decided = True
    for place, index in enumerate(order):
        rest = frontiers[place + 1]
        with_it = costs[index] <= left and _best(rest, left - costs[index]) + scores[index] == wanted
        without_it = _best(rest, left) == wanted
        is_decided &= not (with_it and without_it)
        if with_it:
            chosen.append(index)
            left, wanted = left - costs[index], wanted - scores[index]
    return chosen, is_decided


def _best(frontier: tuple[Integers, Integers], money: int) -> int:
    place = int(np.searchsorted(frontier[0], money, side="right")) - 1
    return int(frontier[1][place])
