"""How income is spread: weighted quantiles, poverty line, Foster–Greer–Thorbecke poverty, inequality.

Pure arithmetic on arrays of people; knows nothing of files, designs or tables. Income and line share one currency and
period. Weights are persons per answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from budget_model.errors import InputError, Problem

Array = NDArray[np.float64]


def _checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[Array, Array]:
    """Both as float arrays of one length; missing values and bad weights are refused, never dropped."""
    x = np.asarray(values, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    problems = []
    if x.shape != w.shape or x.ndim != 1 or x.size == 0:
        found = f"{x.shape} values and {w.shape} weights"
        problems.append(Problem("distribution.shape", f"Needs as many weights as values, at least one; got {found}."))
    elif np.isnan(x).any():
        problems.append(
            Problem(
                "distribution.missing", f"{int(np.isnan(x).sum())} values are missing; leave those people out first."
            )
        )
    elif not (np.isfinite(w).all() and (w >= 0).all() and w.sum() > 0):
        problems.append(Problem("distribution.weight", "Weights must be finite, not negative, and not all zero."))
    if problems:
        raise InputError(problems)
    return x, w


def weighted_quantile(values: ArrayLike, weights: ArrayLike | None, share: float) -> float:
    """Smallest value at which the cumulated weight reaches `share` (0-1); the mean of two where it is hit exactly.

    Source: definition of Eurostat's income indicators as documented by the R package laeken (weightedQuantile).
    """
    x, w = _checked(values, weights)
    order = np.argsort(x, kind="stable")
    x, cumulated = x[order], np.cumsum(w[order])
    position = int(np.searchsorted(cumulated, share * cumulated[-1] * (1 - 1e-15), side="left"))
    position = min(position, x.size - 1)
    hit = np.isclose(cumulated[position], share * cumulated[-1], rtol=1e-14, atol=0)
    if hit and position + 1 < x.size:
        return float((x[position] + x[position + 1]) / 2)
    return float(x[position])


def poverty_threshold(income: ArrayLike, weights: ArrayLike | None, share_of_median: float = 0.6) -> float:
    """Relative poverty line: a share of the weighted median income [currency of `income`]."""
    return share_of_median * weighted_quantile(income, weights, 0.5)


@dataclass(frozen=True)
class Poverty:
    """Foster–Greer–Thorbecke measures, all shares (0-1)."""

    incidence: float  # share of people below the line
    gap: float  # mean shortfall as share of the line, non-poor counting 0
    severity: float  # mean squared shortfall
    relative_median_gap: float | None  # (line - median income of the poor) / line; None where nobody is poor


def fgt_poverty(income: ArrayLike, weights: ArrayLike | None, line: ArrayLike) -> Poverty:
    """Poverty against one line, or one line a person.

    gap of order a = Σ w · ((z − y) / z)^a · [y < z] / Σ w, for a = 0 (incidence), 1 (gap), 2 (severity).

    Raises
    ------
    InputError : missing incomes, bad weights, or a line that is not above 0.
    Source: Foster, Greer and Thorbecke 1984, Econometrica 52(3).
    """
    y, w = _checked(income, weights)
    z = np.broadcast_to(np.asarray(line, dtype=np.float64), y.shape)
    if not (z > 0).all():
        raise InputError(Problem("distribution.line", "A poverty line must be above 0 for everybody."))
    poor = y < z
    shortfall = np.where(poor, (z - y) / z, 0.0)
    median_gap = weighted_quantile(shortfall[poor], w[poor], 0.5) if poor.any() and w[poor].sum() > 0 else None
    return Poverty(
        incidence=float((w * poor).sum() / w.sum()),
        gap=float((w * shortfall).sum() / w.sum()),
        severity=float((w * shortfall**2).sum() / w.sum()),
        relative_median_gap=median_gap,
    )


def gini(income: ArrayLike, weights: ArrayLike | None) -> float:
    """Gini coefficient (0-1) with the finite-population term of Eurostat's formula.

    G = (2 Σ wᵢ yᵢ Wᵢ − Σ wᵢ² yᵢ) / (Σ w · Σ w y) − 1, people sorted by income, Wᵢ the weight cumulated up to i.
    """
    y, w = _checked(income, weights)
    order = np.argsort(y, kind="stable")
    y, w = y[order], w[order]
    weighted = w * y
    if weighted.sum() <= 0:
        raise InputError(Problem("distribution.total", "The Gini coefficient needs a total income above 0."))
    return float((2 * (weighted * np.cumsum(w)).sum() - (w**2 * y).sum()) / (w.sum() * weighted.sum()) - 1)


def quintile_share_ratio(income: ArrayLike, weights: ArrayLike | None) -> float:
    """Total income of the richest fifth over that of the poorest fifth (S80/S20, Eurostat)."""
    y, w = _checked(income, weights)
    poorest = y <= weighted_quantile(y, w, 0.2)
    richest = y > weighted_quantile(y, w, 0.8)
    if (w * y)[poorest].sum() <= 0:
        raise InputError(Problem("distribution.poorest", "The poorest fifth has no income, so S80/S20 is not defined."))
    if not (w[richest] > 0).any():
        message = "So many have the highest income that nobody lies above the highest fifth; S80/S20 is not defined."
        raise InputError(Problem("distribution.richest", message))
    return float((w * y)[richest].sum() / (w * y)[poorest].sum())


def mean_log_deviation(income: ArrayLike, weights: ArrayLike | None) -> float:
    """Σ w · ln(mean / y) / Σ w. Incomes must be above 0: the caller decides what to do with zeros."""
    y, w = _checked(income, weights)
    if not (y > 0).all():
        raise InputError(Problem("distribution.positive", "The mean log deviation needs incomes above 0."))
    return float(np.average(np.log(np.average(y, weights=w) / y), weights=w))


def share_by_fraction(
    income: ArrayLike, weights: ArrayLike | None, fractions: int = 10, points: int | None = None
) -> Array:
    """Share of all income that each tenth (or other fraction) of people holds, poorest first; adds up to 1.

    The Lorenz curve is read by linear interpolation, so that a person on a border counts in part on both
    sides. With `points` the curve is first thinned to that many (the World Bank's poverty platform uses 100).
    """
    y, w = _checked(income, weights)
    order = np.argsort(y, kind="stable")
    people = np.cumsum(w[order]) / w.sum()
    money = np.cumsum((w * y)[order]) / (w * y).sum()
    if points is not None:
        # rounded, because a border that is hit exactly must not depend on the last bit of a sum
        at = np.searchsorted(np.round(people, 10), np.round(np.arange(1, points + 1) / points, 10))
        at = np.minimum(at, people.size - 1)
        people, money = people[at], money[at]
    borders = np.linspace(0, 1, fractions + 1)
    return np.diff(np.interp(borders, np.concatenate([[0.0], people]), np.concatenate([[0.0], money])))
