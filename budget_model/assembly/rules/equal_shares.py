"""The Method of Equal Shares (Peters, Pierczyński and Skowron, "Proportional participatory budgeting", 2021).

Every voter gets an equal part of the envelope. Round after round the proposal wins whose supporters pay the least for
each unit of utility, sharing its cost as equally as their money allows. Completions: `add1` raises everybody's part by
one unit of currency at a time as long as the winners fit the envelope; `add1u` then fills up by score.

The comparisons are exact. Floats decide where they are far apart; where they are close, whole numbers do
(`exact_budgets.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from heapq import heapify, heappop, heappush
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget_model.assembly.election import Election, Integers, merge_equal
from budget_model.assembly.rules.exact_budgets import ExactBudgets
from budget_model.assembly.rules.greedy import greedy
from budget_model.assembly.rules.reasons import unwanted
from budget_model.assembly.ties import Outcome, TieBreaker

Floats = NDArray[np.float64]
CLOSE = 1e-9  # relative distance of two prices under which they are compared exactly
NOISE = 1e-12  # of the endowment: what float budgets may be off after hundreds of payments


@dataclass(frozen=True)
class Supporters:
    """Who chose a proposal: groups of equal ballots, how many voters each has, what it is worth to one of them."""

    groups: Integers
    voters: Floats
    worth: Floats
    exact_worth: Integers
    voter_units: Floats  # utility of each group's voters together
    units: float  # of all voters together, a whole number
    voter_sum: float
    equal_worth: float  # to one of them, where it is the same to all; else 0

    @classmethod
    def of(cls, groups: Integers, worth: Integers, counts: Integers) -> Supporters:
        """Those of the groups that anybody is in."""
        present = counts[groups] > 0
        groups, worth = groups[present], worth[present]
        voters: Floats = counts[groups].astype(float)
        units: Floats = voters * worth
        is_equal = len(worth) > 0 and bool((worth == worth[0]).all())
        equal_worth = float(worth[0]) if is_equal else 0.0
        return cls(
            groups, voters, worth.astype(float), worth, units, float(units.sum()), float(voters.sum()), equal_worth
        )

    @property
    def is_empty(self) -> bool:
        return not len(self.groups)


@dataclass(frozen=True)
class Purchase:
    """A proposal that was bought: price for each unit of utility, and the equal ones that it came before."""

    proposal: int
    price: float
    money_before: float  # what its supporters had
    payers: int  # supporters who had anything left to give
    tied: tuple[int, ...]


@dataclass(frozen=True)
class Market:
    """An election made ready for many counts with different endowments."""

    election: Election
    costs: list[int]
    counts: Integers
    supporters: list[Supporters]

    @classmethod
    def of(cls, election: Election, utilities: Integers) -> Market:
        merged, worth, _ = merge_equal(election.ballots, utilities)
        return cls.of_merged(replace(election, ballots=merged), worth)

    @classmethod
    def of_merged(cls, election: Election, worth: Integers) -> Market:
        """From an election whose equal ballots were merged before, and what their choices are worth."""
        ballots, costs = election.ballots, election.whole_costs()
        rows = ballots.rows()
        by_proposal = np.argsort(ballots.proposals, kind="stable")
        bounds = np.searchsorted(ballots.proposals[by_proposal], np.arange(len(costs) + 1))
        supporters = []
        for index in range(len(costs)):
            entries = by_proposal[bounds[index] : bounds[index + 1]]
            entries = entries[worth[entries] > 0]
            supporters.append(Supporters.of(rows[entries], worth[entries], ballots.counts))
        return cls(election, costs, ballots.counts, supporters)

    def with_counts(self, counts: Integers) -> Market:
        """The same ballots, cast by other numbers of voters."""
        supporters = [Supporters.of(one.groups, one.exact_worth, counts) for one in self.supporters]
        return Market(self.election, self.costs, counts, supporters)

    def without_others(self, part: Collection[int]) -> Market:
        """Only these proposals take part; who chose others keeps a part of the envelope."""
        nobody = Supporters.of(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), self.counts)
        supporters = [one if index in part else nobody for index, one in enumerate(self.supporters)]
        return Market(self.election, self.costs, self.counts, supporters)

    @property
    def voter_count(self) -> int:
        return int(self.counts.sum())

    def votes_of(self, index: int) -> int:
        """Voters who chose a proposal, also those to whom it is worth nothing."""
        ballots = self.election.ballots
        return int(self.counts[ballots.rows()[ballots.proposals == index]].sum())

    @cached_property
    def wanted(self) -> list[int]:
        """Cost something, and somebody wants them."""
        return [index for index, cost in enumerate(self.costs) if cost > 0 and not self.supporters[index].is_empty]

    @cached_property
    def first_prices(self) -> list[float]:
        """Of a unit of utility where everybody can pay it; infinite where nobody wants the proposal."""
        pairs = zip(self.costs, self.supporters, strict=True)
        return [cost / one.units if one.units else np.inf for cost, one in pairs]

    @property
    def free(self) -> list[int]:
        """Cost nothing and are wanted: won before the count."""
        return [index for index, cost in enumerate(self.costs) if cost == 0 and not self.supporters[index].is_empty]


class Count:
    """One count with one endowment."""

    def __init__(self, market: Market, endowment: Fraction, ties: TieBreaker, *, is_one_of_many: bool = False):
        self.market, self.endowment, self.ties, self.is_one_of_many = market, endowment, ties, is_one_of_many
        self._part = float(endowment)
        self.budgets = np.full(len(market.counts), self._part)
        self.prices = market.first_prices.copy()  # lower bounds: prices only rise
        hopeful = (
            index
            for index in market.wanted
            if market.supporters[index].voter_sum * self._part >= market.costs[index] * (1 - CLOSE)
        )
        self._waiting = [(self.prices[index], index) for index in hopeful]  # a heap by price
        heapify(self._waiting)
        self.purchases: list[Purchase] = []
        self.noted = range(0)  # places of its choices among equals, of all that were noted
        self._money: dict[int, float] = {}  # of the supporters of proposals, when their price was settled
        self._exact: ExactBudgets | None = None
        self._replayed = 0

    def run(self) -> list[Purchase]:
        while True:
            close = self._close_to_cheapest()
            tied = self._cheapest_of(close)
            if not tied:
                return self.purchases
            best = self.ties.choose(tied, len(self.purchases) + 1, partial(self._state, tied))
            self._buy(best, tuple(tied))
            for index in close:
                if index != best:
                    heappush(self._waiting, (self.prices[index], index))

    def _state(self, tied: list[int]) -> Hashable | None:
        """What decides how the count goes on; None where nobody supports two of the tied, who all are paid then."""
        groups = np.concatenate([self.market.supporters[index].groups for index in tied])
        if len(np.unique(groups)) == len(groups):
            return None
        if self.is_one_of_many:  # with all parts: what one order does in this count does not tell the others
            return frozenset(tied)
        bought = frozenset(purchase.proposal for purchase in self.purchases)
        return bought, self._replay().money()

    def money_of(self, index: int) -> float:
        one = self.market.supporters[index]
        return float(self.budgets[one.groups] @ one.voters)

    def _buy(self, best: int, tied: tuple[int, ...]) -> None:
        one, price = self.market.supporters[best], self.prices[best]
        left = self.budgets[one.groups]
        payers = round(float(one.voters.dot(left > NOISE * self._part)))
        self.purchases.append(Purchase(best, price, self._money[best], payers, tied))
        left -= price * (one.equal_worth or one.worth)
        self.budgets[one.groups] = np.maximum(left, 0.0, out=left)

    def _close_to_cheapest(self) -> list[int]:
        """The proposals whose price is, or is almost, the lowest. What can no longer be paid is left out for good."""
        least, found = np.inf, list[int]()
        while self._waiting and self._waiting[0][0] <= least * (1 + CLOSE):
            _bound, index = heappop(self._waiting)
            if self._settle_price(index):
                least = min(least, self.prices[index])
                found.append(index)
        return found

    def _cheapest_of(self, close: list[int]) -> list[int]:
        """The proposals with the lowest price: several where they are exactly equal."""
        least = min((self.prices[index] for index in close), default=np.inf)
        near = sorted(index for index in close if self.prices[index] <= least * (1 + CLOSE) + self._slack(index))
        return near if len(near) < 2 else self._exactly_cheapest(near)

    def _slack(self, index: int) -> float:
        """How far the price may be off because of what float budgets are off."""
        one = self.market.supporters[index]
        return NOISE * self._part * one.voter_sum / one.units

    def _settle_price(self, index: int) -> bool:
        """Put the price where its lower bound stood; False where the supporters cannot pay the proposal.

        Who cannot pay the price for all pays what is left; the price for the rest rises until it holds for them.
        (`dot` and one bound for equal worths are here for speed: this is where a count spends its time.)
        """
        one, cost = self.market.supporters[index], self.market.costs[index]
        budgets = self.budgets[one.groups]
        money = float(budgets.dot(one.voters))
        if not self._is_affordable(index, money):
            return False
        self._money[index] = money
        price, worth = self.prices[index], one.equal_worth or one.worth
        is_rich = budgets >= price * worth
        units = float(one.voter_units.dot(is_rich))
        payable = None
        while units:
            if units == one.units:
                price = cost / units
            else:
                payable = budgets * one.voters if payable is None else payable
                price = (cost - float(payable.dot(~is_rich))) / units
            is_rich = budgets >= price * worth
            left = float(one.voter_units.dot(is_rich))
            if left >= units:
                break
            units = left
        self.prices[index] = price if units else float((budgets / one.worth).max())
        return True

    def _is_affordable(self, index: int, money: float) -> bool:
        cost = self.market.costs[index]
        doubt = NOISE * 10 * (cost + self._part * self.market.supporters[index].voter_sum)
        if abs(money - cost) > doubt:
            return money > cost
        return self._exact_price(index) is not None

    def _exactly_cheapest(self, near: list[int]) -> list[int]:
        exact = {index: self._exact_price(index) for index in near}
        able = {index: price for index, price in exact.items() if price is not None}
        least = min(able.values())
        return [index for index, price in able.items() if price == least]

    def _exact_price(self, index: int) -> Fraction | None:
        one = self.market.supporters[index]
        return self._replay().price(self.market.costs[index], one.groups, one.exact_worth)

    def _replay(self) -> ExactBudgets:
        if self._exact is None:
            self._exact = ExactBudgets(self.endowment, self.market.counts)
        for purchase in self.purchases[self._replayed :]:
            one = self.market.supporters[purchase.proposal]
            price = self._exact.price(self.market.costs[purchase.proposal], one.groups, one.exact_worth)
            if price is None:
                raise ArithmeticError(f"proposal {purchase.proposal} was bought without the money for it")
            self._exact.buy(price, one.groups, one.exact_worth)
        self._replayed = len(self.purchases)
        return self._exact


def equal_shares_of(
    market: Market, ties: TieBreaker, *, completion: str | None = None, integral: bool = True
) -> Outcome:
    """Count by the Method of Equal Shares.

    Parameters
    ----------
    completion : None, `add1`, `add1u` or `utilitarian` (filling up only)
    integral : completions start from the part rounded down to whole units of currency, as the published tools do

    Returns
    -------
    Outcome; each round has `proposal, price` (of a unit of utility), `cost, paid_by` (voters who had money left),
    `supporters_money`. Its ties are those of the filling up. `facts["endowment"]`: what each voter was given in the
    end, in whole units of `money_scale`.
    """
    budget = market.election.whole_budget()
    if not market.voter_count:
        return Outcome([], facts={"endowment": None})
    endowment = Fraction(budget, market.voter_count)
    if completion in (None, "utilitarian"):
        count = _count(market, endowment, ties)
    else:
        count = _add_one(market, endowment, ties, budget, integral)
    outcome = _outcome(market, count)
    if completion in ("add1u", "utilitarian"):
        _fill_up(market, outcome, ties)
    return outcome


def _count(market: Market, endowment: Fraction, ties: TieBreaker, *, is_one_of_many: bool = False) -> Count:
    count = Count(market, endowment, ties.afresh(), is_one_of_many=is_one_of_many)
    before = len(ties.choices or ())
    count.run()
    count.noted = range(before, len(ties.choices or ()))
    return count


def _add_one(market: Market, endowment: Fraction, ties: TieBreaker, budget: int, integral: bool) -> Count:
    """Raise the endowment by one unit of currency at a time, up to the last one whose winners fit the envelope."""
    unit = market.election.money_scale
    if integral:
        endowment = Fraction(endowment // unit * unit)
    count = _count(market, endowment, ties, is_one_of_many=True)
    while not _is_exhaustive(market, _spent(market, count), count, budget):
        richer = _count(market, count.endowment + unit, ties, is_one_of_many=True)
        if _spent(market, richer) > budget:
            break
        count = richer
    ties.list_rounds_of(count.noted)
    return count


def parts_tried(market: Market, outcome: Outcome, completion: str | None) -> int:
    """About how many counts with raised parts a count took."""
    endowment, voters = outcome.facts["endowment"], market.voter_count
    if not voters or completion not in ("add1", "add1u"):
        return 1
    return int((endowment - market.election.whole_budget() // voters) / market.election.money_scale) + 3


def _spent(market: Market, count: Count) -> int:
    return sum(market.costs[purchase.proposal] for purchase in count.purchases)


def _is_exhaustive(market: Market, spent: int, count: Count, budget: int) -> bool:
    """Whether nothing that somebody wants still fits."""
    bought = {purchase.proposal for purchase in count.purchases}
    return not any(
        0 < cost <= budget - spent and index not in bought and not market.supporters[index].is_empty
        for index, cost in enumerate(market.costs)
    )


def _outcome(market: Market, count: Count) -> Outcome:
    winners = [*market.free, *(purchase.proposal for purchase in count.purchases)]
    rounds: list[dict[str, Any]] = [
        {
            "proposal": purchase.proposal,
            "cost": market.costs[purchase.proposal],
            "price": purchase.price,
            "paid_by": purchase.payers,
            "supporters_money": purchase.money_before,
        }
        for purchase in count.purchases
    ]
    losers = []
    for index, cost in enumerate(market.costs):
        if index not in winners:
            money = count.money_of(index)
            is_wanted = not market.supporters[index].is_empty
            reason = "supporters_lack_money" if is_wanted else unwanted(market.votes_of(index), 0)
            losers.append(
                {"proposal": index, "reason": reason, "cost": cost, "supporters_money": money, "lacks": cost - money}
            )
    return Outcome(winners, rounds, [], losers, {"endowment": count.endowment})


def _fill_up(market: Market, outcome: Outcome, ties: TieBreaker) -> None:
    """Utilitarian completion: what still fits, by utility for each unit of cost (votes, where utility is cost)."""
    election = market.election
    scores = [round(one.units) for one in market.supporters]
    rest = [
        index
        for index, cost in enumerate(election.whole_costs())
        if index not in outcome.winners and cost > 0 and scores[index] > 0
    ]
    left = election.budget - election.cost_of(outcome.winners)
    smaller = replace(election.restricted_to(rest), budget=left)
    scored = [scores[index] for index in rest]
    filled = greedy(smaller, scored, ties.of(rest), per_cost=True)
    outcome.winners += [rest[index] for index in filled.winners]
    place = len(outcome.rounds)  # ties are numbered by the rounds that are listed, which are those of winners
    won_before = [0, *accumulate(entry["won"] for entry in filled.rounds)]
    outcome.ties += [replace(tie, round=place + won_before[tie.round - 1] + 1) for tie in filled.ties]
    outcome.rounds += [
        {"proposal": rest[one["proposal"]], "cost": one["cost"], "completion": True, "score": one["score"]}
        for one in filled.rounds
        if one["won"]
    ]
    outcome.losers = [loser for loser in outcome.losers if loser["proposal"] not in outcome.winners]
