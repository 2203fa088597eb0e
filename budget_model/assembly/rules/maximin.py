"""Maximin support: the next winner is the one after which the heaviest-laden voter carries the least.

The cost of every winner is shared among its supporters in the most even way; by duality the heaviest load of a list
is the largest `cost(S) / supporters(S)` over its parts S (Aziz, Lee and Talmon, "Proportionally representative
participatory budgeting", 2018). Found exactly by maximum flows in whole numbers (Dinkelbach's method on the ratio).
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from functools import partial
from typing import Any

from budget_model.assembly.election import Election
from budget_model.assembly.ties import Outcome, TieBreaker
from budget_model.assembly.utility import support


def maximin_support(election: Election, ties: TieBreaker) -> Outcome:
    """Count approvals by maximin support.

    Returns
    -------
    Outcome; each round has `proposal, load` (heaviest load after it, None where nobody supports it), `cost`.
    """
    costs, left = election.whole_costs(), election.whole_budget()
    supporters = [int(value) for value in support(election)]
    outcome = Outcome([])
    heaviest = Fraction(0)
    while True:
        able = [index for index, cost in enumerate(costs) if cost <= left and index not in outcome.winners]
        if not able:
            break
        loads = _least_loads(election, outcome.winners, able, costs, supporters, heaviest)
        best = ties.choose(sorted(loads), len(outcome.winners) + 1, partial(frozenset, outcome.winners))
        load = loads[best]
        heaviest = load if load is not None else heaviest
        outcome.winners.append(best)
        outcome.rounds.append({"proposal": best, "load": load, "cost": costs[best]})
        left -= costs[best]
    outcome.losers = [_lack(index, costs, left) for index in range(len(costs)) if index not in outcome.winners]
    return outcome


def _lack(index: int, costs: list[int], left: int) -> dict[str, Any]:
    return {"proposal": index, "reason": "does_not_fit", "lacks": costs[index] - left, "cost": costs[index]}


def _least_loads(
    election: Election, winners: list[int], able: list[int], costs: list[int], supporters: list[int], floor: Fraction
) -> dict[int, Fraction | None]:
    """Those with the least heaviest load, and that load; None where nobody supports any of them."""
    wanted = [index for index in able if supporters[index]]
    if not wanted:
        return dict.fromkeys(able)
    lower = {index: max(floor, Fraction(costs[index], supporters[index])) for index in wanted}
    best: dict[int, Fraction | None] = {}
    least: Fraction | None = None
    for index in sorted(wanted, key=lambda index: (lower[index], index)):
        if least is not None and lower[index] > least:
            break
        load = heaviest_load(
            _groups(election, [*winners, index]), [costs[one] for one in [*winners, index]], lower[index]
        )
        if least is None or load < least:
            best, least = {index: load}, load
        elif load == least:
            best[index] = load
    return best


def _groups(election: Election, chosen: list[int]) -> dict[frozenset[int], int]:
    """Voters by which of the chosen proposals they support (places in `chosen`), without those who support none."""
    place = {index: position for position, index in enumerate(chosen)}
    ballots = election.ballots
    starts, flat, counts = ballots.starts.tolist(), ballots.proposals.tolist(), ballots.counts.tolist()
    groups: dict[frozenset[int], int] = {}
    for row, count in enumerate(counts):
        held = frozenset(place[index] for index in flat[starts[row] : starts[row + 1]] if index in place)
        if held:
            groups[held] = groups.get(held, 0) + count
    return groups


def heaviest_load(groups: dict[frozenset[int], int], costs: list[int], lower: Fraction = Fraction(0)) -> Fraction:
    """Heaviest load of a voter when the costs are shared as evenly as support allows.

    Parameters
    ----------
    groups : voters by the set of proposals (places in `costs`) that they support
    lower : a load that is known not to be too high
    """
    unsupported = [place for place, cost in enumerate(costs) if cost and not any(place in held for held in groups)]
    if unsupported:
        raise ArithmeticError(f"nobody shares the cost of proposal {unsupported[0]}")
    load = lower
    while True:
        part = _overloaded(groups, costs, load)
        if not part:
            return load
        voters = sum(count for held, count in groups.items() if held & part)
        load = Fraction(sum(costs[place] for place in part), voters)


def _overloaded(groups: dict[frozenset[int], int], costs: list[int], load: Fraction) -> set[int]:
    """Proposals whose supporters cannot pay for them when nobody pays more than `load`; empty if there are none."""
    network = _Network(len(costs) + len(groups) + 2)
    source, sink = 0, len(costs) + len(groups) + 1
    demand = 0
    for place, cost in enumerate(costs):
        network.add(source, 1 + place, cost * load.denominator)
        demand += cost * load.denominator
    for number, (held, count) in enumerate(groups.items()):
        node = 1 + len(costs) + number
        network.add(node, sink, count * load.numerator)
        for place in held:
            network.add(1 + place, node, costs[place] * load.denominator)
    if network.maximum_flow(source, sink) == demand:
        return set()
    reached = network.reachable(source)
    return {place for place in range(len(costs)) if 1 + place in reached}


class _Network:
    """A flow network with whole capacities of any size (Dinic's method)."""

    def __init__(self, node_count: int):
        self.edges: list[list[int]] = [[] for _ in range(node_count)]
        self.heads: list[int] = []
        self.room: list[int] = []

    def add(self, tail: int, head: int, capacity: int) -> None:
        for node, other, room in ((tail, head, capacity), (head, tail, 0)):
            self.edges[node].append(len(self.heads))
            self.heads.append(other)
            self.room.append(room)

    def levels(self, source: int) -> dict[int, int]:
        levels, waiting = {source: 0}, deque([source])
        while waiting:
            node = waiting.popleft()
            for edge in self.edges[node]:
                if self.room[edge] and self.heads[edge] not in levels:
                    levels[self.heads[edge]] = levels[node] + 1
                    waiting.append(self.heads[edge])
        return levels

    def reachable(self, source: int) -> set[int]:
        return set(self.levels(source))

    def maximum_flow(self, source: int, sink: int) -> int:
        flow = 0
        while sink in (levels := self.levels(source)):
            following = [0] * len(self.edges)
            while pushed := self._push(source, sink, levels, following):
                flow += pushed
        return flow

    def _push(self, source: int, sink: int, levels: dict[int, int], following: list[int]) -> int:
        """One path of the level graph, filled up; 0 when there is none left."""
        path: list[int] = []
        node = source
        while node != sink:
            edges = self.edges[node]
            while following[node] < len(edges):
                edge = edges[following[node]]
                if self.room[edge] and levels.get(self.heads[edge]) == levels[node] + 1:
                    break
                following[node] += 1
            if following[node] < len(edges):
                path.append(edges[following[node]])
                node = self.heads[path[-1]]
            elif path:
                node = self.heads[path.pop() ^ 1]
                following[node] += 1
            else:
                return 0
        amount = min(self.room[edge] for edge in path)
        for edge in path:
            self.room[edge] -= amount
            self.room[edge ^ 1] += amount
        return amount
