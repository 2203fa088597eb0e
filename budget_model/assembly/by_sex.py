"""How a vote came out for women and for men, and whether chance alone would do the same.

Who wins if only women's, or only men's, ballots count? The two lists differ in most elections, and would differ in
many if the voters' sex were shuffled. The benchmark shuffles it: the observed difference is more than chance where
few shuffles reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from budget_model.assembly.counting import CountingRule, check_rule, count_votes, taking_part
from budget_model.assembly.election import Election, Integers, merge_equal
from budget_model.assembly.rules.equal_shares import Market, equal_shares_of
from budget_model.assembly.ties import TieBreaker
from budget_model.assembly.utility import utilities_of

Winners = frozenset[int]


@dataclass(frozen=True)
class GroupResult:
    """What the winning list means for one group of voters.

    `satisfaction`: mean number of winners among a voter's choices; `money_share`: share of the winners' cost that
    falls on the group when each winner's cost is split equally among those who chose it (0-1); `exclusion`: share of
    the group none of whose choices won (0-1); `winners`: who would win if only this group's ballots counted.
    """

    voters: int
    satisfaction: float
    satisfaction_cost: float  # mean cost of the winners among a voter's choices, in currency
    money_share: float | None
    exclusion: float
    winners: Winners


@dataclass(frozen=True)
class Benchmark:
    """Observed difference of two groups' own lists beside that of shuffled labels.

    `difference`: proposals that are in one list and not in the other. `p_value`: share of relabellings (the observed
    one included) whose difference is at least as large.
    """

    groups: tuple[str, str]
    observed: int
    relabellings: int
    mean: float
    share_differing: float
    p_value: float

    @property
    def is_more_than_chance(self) -> bool:
        return self.p_value < 0.05


def results_by_group(
    election: Election, rule: CountingRule, winners: Sequence[int], labels: Sequence[str], *, own_lists: bool = True
) -> dict[str, GroupResult]:
    """Results of each label but the empty one, in the order of the labels' names.

    Parameters
    ----------
    labels : (rows of the ballots,) the group of each voter; "" where it is not known
    own_lists : whether to count each group's ballots alone; False leaves `winners` empty
    """
    won = np.zeros(len(election.proposals), dtype=np.int64)
    won[list(winners)] = 1
    matrix = support_matrix(election)
    counts = election.ballots.counts
    per_voter, cost = matrix @ won, np.array([float(one.cost) for one in election.proposals])
    supporters = matrix.T @ counts
    money = {label: Fraction(0) for label in sorted(set(labels)) if label}
    results = {}
    for label in money:
        rows = np.flatnonzero(np.array([one == label for one in labels]))
        held = counts[rows]
        own = matrix[rows].T @ held
        for index in winners:
            if supporters[index]:
                money[label] += election.proposals[index].cost * int(own[index]) / int(supporters[index])
        voters = int(held.sum())
        only = replace(election, ballots=election.ballots.select(rows), voters=())
        results[label] = GroupResult(
            voters,
            float(per_voter[rows] @ held) / voters,
            float((matrix[rows] @ (won * cost)) @ held) / voters,
            None,
            float(held[per_voter[rows] == 0].sum()) / voters,
            frozenset(count_votes(only, rule).winners if own_lists else ()),
        )
    total = election.cost_of(list(winners))
    return {
        label: replace(result, money_share=float(money[label] / total) if total else None)
        for label, result in results.items()
    }


def support_matrix(election: Election) -> csr_matrix:
    """(rows of the ballots, proposals): 1 where a voter chose a proposal."""
    ballots = election.ballots
    ones = np.ones(len(ballots.proposals), dtype=np.int64)
    return csr_matrix((ones, ballots.proposals, ballots.starts), shape=(ballots.row_count, len(election.proposals)))


def relabelling_benchmark(
    election: Election, rule: CountingRule, labels: Sequence[str], groups: tuple[str, str], count: int, seed: int
) -> Benchmark:
    """Shuffle the labels of two groups among their voters and count again, `count` times.

    Raises
    ------
    ValueError : a group has no voters.
    """
    own_list = list_counter(election, rule)
    member = np.array([(label == groups[1]) + 2 * (label not in groups) for label in labels], dtype=np.int64)
    rows = np.flatnonzero(member < 2)
    membership = member[rows]
    if not (membership == 0).any() or not (membership == 1).any():
        raise ValueError(f"one of the groups {groups} has no voters")

    def difference(of_second: Integers) -> int:
        first = own_list(rows[of_second == 0])
        second = own_list(rows[of_second == 1])
        return len(first ^ second)

    observed = difference(membership)
    random = np.random.default_rng(seed)
    shuffled = np.array([difference(random.permutation(membership)) for _ in range(count)])
    at_least = int((shuffled >= observed).sum())
    return Benchmark(
        groups, observed, count, float(shuffled.mean()), float((shuffled > 0).mean()), (at_least + 1) / (count + 1)
    )


def list_counter(election: Election, rule: CountingRule) -> Callable[[Integers], Winners]:
    """A function from rows of the ballots to the winners if only they counted; made ready for thousands of calls."""
    check_rule(rule)
    utilities = utilities_of(election, rule.utility)
    merged, worth, group = merge_equal(election.ballots, utilities)
    size = merged.row_count
    counts = election.ballots.counts

    def counts_of(rows: Integers) -> Integers:
        return np.bincount(group[rows], weights=counts[rows], minlength=size).astype(np.int64)

    def count_again(rows: Integers) -> Winners:
        return frozenset(count_votes(election.with_ballots(election.ballots.select(rows)), rule).winners)

    # Where ties are refused, whether one decides takes more counts.
    if not rule.rule.startswith("mes") or rule.refuses_ties or _has_worth_by_others(election, rule):
        return count_again
    held = election.with_ballots(merged)
    market = Market.of_merged(held, worth)

    def count_shares(rows: Integers) -> Winners:
        fewer = market.with_counts(counts_of(rows))
        if rule.least_votes or rule.least_score:
            fewer = fewer.without_others(taking_part(election.with_ballots(election.ballots.select(rows)), rule))
        ties = TieBreaker(rule.ties, held.with_ballots(replace(merged, counts=fewer.counts)))
        return frozenset(equal_shares_of(fewer, ties, completion=rule.rule[4:] or None).winners)

    return count_shares


def _has_worth_by_others(election: Election, rule: CountingRule) -> bool:
    """Whether what a choice is worth hangs on which proposals take part, or on which other ballots there are.

    Places move up where a proposal before them is left out, and a ballot longer than META allows changes what the
    places of all are worth.
    """
    if election.vote_type != "ordinal":
        return False
    longest = election.meta.get("max_length", "")
    is_too_long = longest.isdigit() and int(longest) < int(np.diff(election.ballots.starts).max(initial=0))
    return is_too_long or bool(rule.least_votes or rule.least_score)


def group_rows(results: dict[str, GroupResult], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The results as plain data, winners by the proposals' names."""
    return {
        label: {
            "voters": one.voters,
            "winners": sorted(names[index] for index in one.winners),
            "satisfaction": one.satisfaction,
            "satisfaction_cost": one.satisfaction_cost,
            "money_share": one.money_share,
            "exclusion": one.exclusion,
        }
        for label, one in results.items()
    }
