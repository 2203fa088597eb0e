"""How many more votes would have made a loser win: the least number, everybody else's ballot as it was cast.

A further vote is a further ballot that names the proposal alone (the measure *singleton-add* of Boehmer, Faliszewski,
Janeczko, Peters and others, "Evaluation of project performance in participatory budgeting", 2024). Where people gave
points or places, it is further points from those who chose it. The tie rule that was announced is part of the answer.

Until a proposal is chosen, greedy rules and Phragmén run as they would without it: more support never makes a winner
lose. Under Equal Shares a further voter also makes everybody's part smaller, and under maximin support moves all loads:
nothing is said there, nor where ties are refused, since a count that stops has no winners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from budget_model.assembly.counting import CountingRule, count_votes, taking_part
from budget_model.assembly.election import APPROVAL_TYPES, Ballots, Election
from budget_model.assembly.rules.phragmen import Stage, phragmen_stages
from budget_model.assembly.rules.welfare import best_scores_without
from budget_model.assembly.ties import TieBreaker
from budget_model.assembly.utility import default_utility, support, total_score, utilities_of

BY_SCORE = ("greedy", "greedy-per-cost")


def least_further_votes(election: Election, rule: CountingRule, losers: Sequence[int]) -> dict[int, int]:
    """The least number of further votes with which each loser would have won.

    Parameters
    ----------
    losers : indexes of proposals that did not win

    Returns
    -------
    By loser, above 0, in votes; of points or places in the smallest unit that was given (one over `points_scale`).
    Losers that no number makes win, or whose number is not known, are left out.
    """
    if rule.refuses_ties:
        return {}
    asked = _Asked.of(election, rule)
    able = [index for index in losers if election.proposals[index].cost <= election.budget and asked.can_gain(index)]
    if rule.rule in BY_SCORE:
        found = _by_score(asked, able)
    elif asked.has_points:
        return {}
    elif rule.rule == "phragmen":
        found = _by_phragmen(asked, able)
    elif rule.rule == "welfare":
        found = _by_best_list(asked, able)
    else:
        return {}
    return {index: number for index, number in found.items() if number is not None}


@dataclass(frozen=True)
class _Asked:
    """A vote with its votes, scores and costs by proposal."""

    election: Election
    rule: CountingRule
    votes: list[int]
    scores: list[int]
    costs: list[int]

    @classmethod
    def of(cls, election: Election, rule: CountingRule) -> _Asked:
        scores = total_score(election, utilities_of(election, "score"))
        return cls(election, rule, support(election).tolist(), scores.tolist(), election.whole_costs())

    @property
    def has_points(self) -> bool:
        return self.election.vote_type not in APPROVAL_TYPES

    def can_gain(self, index: int) -> bool:
        """Whether further support lets it take part: points come from those who chose it, and are no further voters."""
        return not self.has_points or self.votes[index] >= max(1, self.rule.least_votes)

    def to_take_part(self, index: int) -> int:
        """Further support that the threshold asks for; 0 where it took part."""
        scale = self.election.ballots.points_scale
        lacking = self.rule.least_score * scale - self.scores[index]
        return max(0, lacking if self.has_points else self.rule.least_votes - self.votes[index])

    def with_further(self, index: int, number: int) -> Election:
        """The same votes and scores, in which nobody chose two proposals, with so much further support for one."""
        votes, scores = self.votes.copy(), self.scores.copy()
        scores[index] += number
        votes[index] += 0 if self.has_points else number
        return _one_row_each(self.election, votes, scores)

    def wins(self, index: int, number: int) -> bool:
        """Whether it wins by a rule that looks at nothing but votes and scores."""
        return index in count_votes(self.with_further(index, number), self.rule).winners

    def comes_first(self, index: int, others: Sequence[int], number: int) -> bool:
        """Whether the tie rule puts it before others that are equal to it then."""
        key = TieBreaker(self.rule.ties, self.with_further(index, number)).key
        return all(key(index) < key(other) for other in others)


def _one_row_each(election: Election, votes: Sequence[int], scores: Sequence[int]) -> Election:
    chosen = np.flatnonzero(votes)
    counts = np.array(votes, dtype=np.int64)[chosen]
    if election.vote_type in APPROVAL_TYPES:
        ballots = Ballots(np.arange(len(chosen) + 1), chosen, None, counts)
        return replace(election, ballots=ballots, voters=())
    one = np.ones_like(counts)
    rows = np.repeat(chosen, 2)  # one voter holds all points of a proposal
    points = np.column_stack([np.array(scores, dtype=np.int64)[chosen], 0 * one]).ravel()
    held = np.column_stack([one, counts - 1]).ravel()
    ballots = Ballots(np.arange(len(rows) + 1), rows, points, held, election.ballots.points_scale)
    return replace(election, vote_type="scoring", ballots=ballots, voters=())


# --- greedy rules ----------------------------------------------------------------------------------------------------


def _by_score(asked: _Asked, losers: Sequence[int]) -> dict[int, int | None]:
    """The support with which each comes before the last one before whom it would still have been paid."""
    rounds = count_votes(asked.with_further(0, 0), asked.rule).rounds
    found: dict[int, int | None] = {}
    for index in losers:
        before, is_paid_last = _last_before_whom_it_is_paid(asked, rounds, index)
        number = 1 if is_paid_last else None if before is None else _to_come_before(asked, index, before)
        found[index] = number and max(number, asked.to_take_part(index))
    return found


def _last_before_whom_it_is_paid(
    asked: _Asked, rounds: Sequence[Mapping[str, Any]], index: int
) -> tuple[int | None, bool]:
    """The last proposal in the order of the count that leaves it money and no rival; whether it is even after all."""
    names = [one.id for one in asked.election.proposals]
    rivals = {name for pair in asked.rule.exclusive if names[index] in pair for name in pair}
    last, left, has_ended = None, asked.election.whole_budget(), False
    for entry in rounds:
        if entry["proposal"] == index:
            continue
        if has_ended or left < asked.costs[index]:
            return last, False
        last = entry["proposal"]
        stops = asked.rule.stop_at_first and entry.get("reason") == "does_not_fit"
        has_ended = stops or (entry["won"] and names[last] in rivals)
        left -= entry["cost"] if entry["won"] else 0
    return last, not has_ended and left >= asked.costs[index]


def _to_come_before(asked: _Asked, index: int, other: int) -> int | None:
    """The least further support, 1 or more, with which it ranks before another one."""
    own, price, cost = asked.scores[index], asked.costs[index], asked.costs[other]
    if asked.rule.rule == "greedy":
        price = cost = 1
    elif not price or not cost:
        return _free_to_come_before(asked, index, other)
    number = -(-asked.scores[other] * price // cost) - own
    is_equal = (own + number) * cost == asked.scores[other] * price
    return max(1, number + (is_equal and not (number > 0 and asked.comes_first(index, [other], number))))


def _free_to_come_before(asked: _Asked, index: int, other: int) -> int | None:
    """The same by score for each unit of cost where one of the two costs nothing: what is free and wanted is first."""
    is_other_first = not asked.costs[other] and asked.scores[other] > 0
    if not is_other_first:
        return 1
    if asked.costs[index]:
        return None
    level = asked.votes[other] - asked.votes[index]
    numbers = (number for number in (1, level, level + 1) if number > 0)
    return next((number for number in numbers if asked.comes_first(index, [other], number)), None)


# --- Phragmén --------------------------------------------------------------------------------------------------------


def _by_phragmen(asked: _Asked, losers: Sequence[int]) -> dict[int, int | None]:
    """At each moment of the count: the supporters with whom it would have been paid before, or as, the one that was."""
    part = taking_part(asked.election, asked.rule)
    stages = _stages(asked, part)
    found: dict[int, int | None] = {}
    for index in losers:
        own = stages if index in part else _stages(asked, sorted([*part, index]))
        numbers = [number for number in (_at_stage(asked, index, stage) for stage in own) if number is not None]
        found[index] = max(min(numbers), asked.to_take_part(index)) if numbers else None
    return found


def _stages(asked: _Asked, part: list[int]) -> list[Stage]:
    """The moments of the count of these proposals, in terms of all."""
    held = asked.election.restricted_to(part)
    return [
        replace(
            stage,
            tied=tuple(part[one] for one in stage.tied),
            paid_before={part[one]: money for one, money in stage.paid_before.items()},
        )
        for stage in phragmen_stages(held, TieBreaker(asked.rule.ties, held))
    ]


def _at_stage(asked: _Asked, index: int, stage: Stage) -> int | None:
    """Further supporters with whom it would be chosen at this moment at the latest; None where none are enough."""
    if asked.costs[index] > stage.left or index not in stage.paid_before:
        return None
    others = [one for one in stage.tied if one != index]
    can_pay_all = all(asked.costs[one] <= stage.left for one in others)
    money = stage.paid_before[index] + asked.costs[index]
    if stage.load is None:  # nobody wants any of those that are left
        return 1
    if not stage.load:  # others cost nothing: only what costs nothing as well is their equal
        return 1 if not money and can_pay_all and asked.comes_first(index, others, 1) else None
    needed = money / stage.load
    number = int(needed) - asked.votes[index]
    is_met = needed.denominator == 1 and number > 0
    if is_met and can_pay_all and asked.comes_first(index, others, number):
        return number
    return max(1, number + 1)


# --- the best list ---------------------------------------------------------------------------------------------------


def _by_best_list(asked: _Asked, losers: Sequence[int]) -> dict[int, int | None]:
    """Welfare: the further total that a list with it needs to be as good as the best one without it."""
    utility = asked.rule.utility or default_utility(asked.election)
    worth = asked.costs if utility == "cost" else [1] * len(asked.costs)  # of a vote
    part = taking_part(asked.election, asked.rule)
    scores = [asked.votes[one] * worth[one] if one in part else 0 for one in range(len(worth))]
    budget = asked.election.whole_budget()
    best_without = best_scores_without(asked.costs, scores, budget)
    found: dict[int, int | None] = {}
    for index in losers:
        if not worth[index]:
            continue
        lacking = best_without(index, budget) - best_without(index, budget - asked.costs[index])
        number = max(-(-lacking // worth[index]) - asked.votes[index], asked.to_take_part(index), 1)
        is_equal = (asked.votes[index] + number) * worth[index] == lacking
        found[index] = number + (is_equal and not asked.wins(index, number))
    return found
