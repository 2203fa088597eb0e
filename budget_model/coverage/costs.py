"""What the money buys: needs met for it, what one of them costs, and the groups whom the spending reaches.

All of it in people and money of one year. Knows nothing of files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget_model.coverage.types import Array, BudgetModel


@dataclass(frozen=True)
class MoneyTotals:
    """What a year's money buys. Of many draws (and years), every array has them as its first axes."""

    met: Array  # (..., G) persons whose need the programmes meet, over needs and areas: U (C - B)
    met_baseline: Array  # (..., G) the same at today's budget
    spent: Array  # (...) currency
    spent_baseline: Array  # (...)
    by_group: Array  # (..., G) currency of the allocation that reaches each group, by the users of its programmes
    unassigned: Array  # (...) currency of programmes whose users' groups are not known

    @property
    def per_met_need(self) -> Array:
        """Currency for one need that the programmes meet; NaN where they meet none."""
        return _ratio(self.spent, self.met.sum(axis=-1))

    @property
    def per_additional_need(self) -> Array:
        """Currency for one need met beyond today's; NaN unless both money and met needs rise."""
        money, needs = self.spent - self.spent_baseline, (self.met - self.met_baseline).sum(axis=-1)
        return np.where(money > 0, _ratio(money, needs), np.nan)

    @property
    def group_shares(self) -> Array:
        """(..., G) share of the spending with known users; NaN where there is none."""
        return _ratio(self.by_group, self.by_group.sum(axis=-1, keepdims=True))


def _ratio(part: Array, whole: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def met_by_programmes(universe: Array, coverage: Array, background: Array) -> Array:
    """`U (C - B)` summed over needs and areas: (..., G) from (..., N, A, G); cells that do not apply count as none."""
    return np.asarray(np.nansum(universe * (coverage - background), axis=(-3, -2)))


def user_shares(model: BudgetModel, reach: Array) -> Array:
    """Groups among the users of each programme: the reach over its links, each need counting the same.

    Parameters
    ----------
    reach : (L, ..., A, G) share of the people served

    Returns
    -------
    (P, ..., A, G) share, adding up to 1 over the groups; 0 for all of them where the programme reaches nobody.
    """
    users = np.zeros((len(model.programmes), *reach.shape[1:]))
    np.add.at(users, model.links.programme, reach)
    total = users.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(total > 0, users / np.where(total > 0, total, 1.0), 0.0))


def spending_by_group(allocation: Array, shares: Array) -> tuple[Array, Array]:
    """Money that reaches each group, and money whose users are not known.

    Parameters
    ----------
    allocation : (..., P, A) currency
    shares : (P, A, G) from `user_shares`

    Returns
    -------
    (..., G) and (...) currency; together they are the allocation.
    """
    by_group = np.einsum("...pa,pag->...g", allocation, shares)
    unassigned = np.einsum("...pa,pa->...", allocation, 1.0 - shares.sum(axis=-1))
    return by_group, without_rounding(unassigned, by_group)


def without_rounding(unassigned: Array, by_group: Array) -> Array:
    """0 where what is left over is the last bits of a sum.

    unassigned : (...) persons; by_group : (..., G) persons of the same sums, which say how large a last bit is.
    """
    return np.where(np.abs(unassigned) < 1e-9 * np.maximum(1.0, by_group.sum(axis=-1)), 0.0, unassigned)
