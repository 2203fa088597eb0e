"""What each voter has left in the Method of Equal Shares, exactly.

Voters with the same history of payments have the same money, so that one whole number a history, over one common
denominator, says it all. The count itself runs on floats and asks here only where two of them are too close to call.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from budget_model.assembly.election import Integers


class ExactBudgets:
    """Budgets after a list of purchases; `buy` is called in their order.

    Parameters
    ----------
    endowment : what every voter starts with
    counts : (groups,) voters of each group of equal ballots
    """

    def __init__(self, endowment: Fraction, counts: Integers):
        self.counts = counts
        self.history = np.zeros(len(counts), dtype=np.int64)
        self.amounts = [endowment.numerator]
        self.denominator = endowment.denominator

    def price(self, cost: int, groups: Integers, worth: Integers) -> Fraction | None:
        """Least money for each unit of utility at which the supporters can pay `cost`; None where they cannot.

        Parameters
        ----------
        groups, worth : the supporting groups, and what the proposal is worth to each
        """
        histories, _ = self._classes(groups, worth)
        goal = cost * self.denominator
        if sum(self.amounts[history] * count for (history, _), count in histories) < goal:
            return None
        scale = int(np.lcm.reduce(np.unique(worth)))
        by_price = sorted(histories, key=lambda entry: self.amounts[entry[0][0]] * (scale // entry[0][1]))
        units = sum(value * count for (_, value), count in histories)
        for (history, value), count in by_price:
            # everybody from here on pays in full: price = goal / units, if the poorest of them can
            if goal * value <= self.amounts[history] * units:
                return Fraction(goal, units * self.denominator)
            goal -= self.amounts[history] * count
            units -= value * count
        return None

    def buy(self, price: Fraction, groups: Integers, worth: Integers) -> None:
        """The supporters pay `price` for each unit of utility, or all they have."""
        histories, codes = self._classes(groups, worth)
        common = np.lcm.reduce([self.denominator, price.denominator], dtype=object)
        factor = int(common) // self.denominator
        self.amounts = [amount * factor for amount in self.amounts]
        self.denominator = int(common)
        unit = price.numerator * (self.denominator // price.denominator)
        new = len(self.amounts)
        for (history, value), _ in histories:
            self.amounts.append(max(0, self.amounts[history] - unit * value))
        self.history[groups] = new + codes

    def money(self) -> tuple[Fraction, ...]:
        """What a voter of each group has left."""
        amounts = [Fraction(amount, self.denominator) for amount in self.amounts]
        return tuple(amounts[int(history)] for history in self.history)

    def _classes(self, groups: Integers, worth: Integers) -> tuple[list[tuple[tuple[int, int], int]], Integers]:
        """Distinct (history, worth) of the supporters with their voters, and the class of each supporting group."""
        pairs = np.stack([self.history[groups], worth])
        distinct, codes = np.unique(pairs, axis=1, return_inverse=True)
        codes = codes.ravel()
        voters = np.bincount(codes, weights=self.counts[groups]).astype(np.int64)
        keys = [(int(history), int(value)) for history, value in distinct.T]
        return list(zip(keys, (int(count) for count in voters), strict=True)), codes
