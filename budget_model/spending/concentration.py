"""How a benefit is spread over people ranked by income: concentration curve and index, with their sampling error.

The curve L(p) is the share of the benefit that the poorest share p of people have. The index is twice the area between
the curve and the diagonal, below 0 where the poor have more than their share:

    C = 2 Σ w b R / Σ w b - 1,    R_i = (weight below i + half of the weight at i's income) / whole weight

which is 2 cov(b, R) / mean(b). The benefit being income, it is the Gini index; C minus that Gini is Kakwani's index,
below 0 where the benefit is spread more evenly than income.

Sources: O'Donnell, van Doorslaer, Wagstaff, Lindelow, Analyzing Health Equity Using Household Survey Data (World Bank,
2008), chapters 7 and 8; Kakwani, Wagstaff, van Doorslaer, Journal of Econometrics 77 (1997) 87-103, for the error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from budget_model.errors import InputError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ranking:
    """People in the order of their income; equal incomes share a step."""

    weight: Array  # (I,) persons of the population, not negative
    step: NDArray[np.intp]  # (I,) which of the K different incomes, poorest first
    mass: Array  # (K,) persons at each
    place: Array  # (K,) 0-1: share of the people below, and half of those at the same income

    @property
    def places(self) -> Array:
        """(I,) place of each person."""
        return np.asarray(self.place[self.step])


def rank_people(income: Array, weight: Array) -> Ranking:
    """Rank (I,) people by income; some weight must be above 0."""
    _, step = np.unique(income, return_inverse=True)
    mass = np.bincount(step, weights=weight).astype(np.float64)
    return Ranking(weight, step, mass, (np.cumsum(mass) - 0.5 * mass) / mass.sum())


def quantile_groups(ranking: Ranking, count: int) -> NDArray[np.int64]:
    """Group 0 (poorest) … count - 1 of each person: people of one income are never parted."""
    return np.minimum((ranking.place * count).astype(np.int64), count - 1)[ranking.step]


def concentration_index(benefit: Array, ranking: Ranking) -> float:
    """C; NaN where nobody has any benefit."""
    had = _by_step(benefit, ranking)
    total = float(had.sum())
    return 2.0 * float((had * ranking.place).sum()) / total - 1.0 if total > 0 else float("nan")


def index_influence(benefit: Array, ranking: Ranking) -> Array:
    """What each person moves the index by, (I,): its linearised values, the ranks' own error included.

    Their sum over a sample is about 0; the design's variance of that sum is the variance of the index.
    """
    had, people = _by_step(benefit, ranking), float(ranking.mass.sum())
    total = float(had.sum())
    if not total > 0:
        return np.zeros_like(benefit)
    index = concentration_index(benefit, ranking)
    ordinate = (np.cumsum(had) - 0.5 * had) / total  # L at each place
    of_benefit = (2.0 * ranking.place - 1.0 - index) * people / total
    of_rank = 1.0 - index - 2.0 * ordinate
    return np.asarray(ranking.weight / people * (benefit * of_benefit[ranking.step] + of_rank[ranking.step]))


def concentration_curve(benefit: Array, ranking: Ranking, places: ArrayLike) -> Array:
    """L at the shares of people `places` (0-1), linear between incomes; NaN where nobody has any benefit.

    benefit : (people,) in any unit; the answer has the shape of `places` [share of the benefit, 0-1].
    """
    had = _by_step(benefit, ranking)
    if not had.sum() > 0:
        return np.full(np.shape(places), np.nan)
    people = np.concatenate([[0.0], np.cumsum(ranking.mass)]) / ranking.mass.sum()
    shares = np.concatenate([[0.0], np.cumsum(had)]) / had.sum()
    return np.asarray(np.interp(np.asarray(places, dtype=np.float64), people, shares))


def _by_step(benefit: Array, ranking: Ranking) -> Array:
    """What the people of each income have together, (K,)."""
    return np.bincount(ranking.step, weights=ranking.weight * benefit, minlength=len(ranking.mass)).astype(np.float64)


def grouped_index(population: ArrayLike, benefit: ArrayLike) -> tuple[float, Array, Array]:
    """C and the curve's points from a table of groups, poorest first.

    Parameters
    ----------
    population, benefit : people, and what they have together, of each group; at least 2 groups

    Returns
    -------
    C, and the cumulated shares of people and of the benefit, (groups,) each.

    Raises
    ------
    InputError : fewer than two groups, a group without people, a negative benefit or none at all.
    """
    people, had = np.asarray(population, dtype=np.float64), np.asarray(benefit, dtype=np.float64)
    if (
        people.shape != had.shape
        or people.size < 2
        or not (people > 0).all()
        or not (had >= 0).all()
        or not had.sum() > 0
    ):
        message = (
            f"A concentration curve needs two groups or more, people in each and a benefit in some of them, none below "
            f"0; found the people {people.tolist()} and the benefit {had.tolist()}."
        )
        raise InputError(Problem("concentration.groups", message))
    p, shares = np.cumsum(people) / people.sum(), np.cumsum(had) / had.sum()
    index = float((p[:-1] * shares[1:] - p[1:] * shares[:-1]).sum())
    return index, p, shares
