"""Gini coefficient, quintile share ratio and median poverty gap of one group of people, with their linearised values.

Pure arithmetic on arrays. The linearised value of a person is the derivative of the measure by that person's weight, so
that the variance of the measure is that of the weighted total of these values (Deville 1999, Survey Methodology 25;
for these measures Osier 2009, Survey Research Methods 3). The definitions are those of `survey.distribution`. The
derivative of the Gini coefficient is exact; in the quintile ratio the density at the quantiles cancels out (Langel and
Tillé 2011, Statistics in Medicine 30); the median gap needs it and takes Osier's: a Gaussian kernel of the width
standard deviation × N^(−1/5), N the weighted persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget_model.survey.distribution import gini, quintile_share_ratio, weighted_quantile

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """A measure and its linearised value for each person of the group."""

    estimate: float
    scores: Numbers  # (persons)
    by_line: float = 0.0  # how the measure moves with the poverty line [per unit of welfare]


def scored_gini(welfare: Numbers, weight: Numbers) -> Scored | None:
    """The Gini coefficient (0-1); None where the total welfare is not above 0.

    G = (2 Σ w y W − Σ w² y) / (N T) − 1, so with W(y) the weight of all who have no more than y and B(y) the welfare of
    all who have more, the derivative is 2 (y W(y) + B(y)) / (N T) − (G + 1) (1/N + y/T).
    """
    persons, total = weight.sum(), (weight * welfare).sum()
    if not total > 0:
        return None
    estimate = gini(welfare, weight)
    levels, at = np.unique(welfare, return_inverse=True)  # equal incomes share one place
    here, owned = np.bincount(at, weights=weight), np.bincount(at, weights=weight * welfare)
    up_to, above = np.cumsum(here)[at], (owned.sum() - np.cumsum(owned))[at]
    scores = 2 * (welfare * up_to + above) / (persons * total) - (estimate + 1) * (1 / persons + welfare / total)
    if len(levels) == 1:
        return Scored(0.0, np.zeros_like(welfare))  # which the sums miss by their last digits
    return Scored(estimate, scores)


def scored_quintile_ratio(welfare: Numbers, weight: Numbers) -> Scored | None:
    """S80/S20 (a ratio); None where the welfare of the poorest fifth is not above 0, or so many have the highest
    welfare that nobody lies above where the highest fifth begins.

    The total below a quantile q of the share a moves with a person's weight by [y ≤ q] (y − q) + a q.
    """
    low, high = weighted_quantile(welfare, weight, 0.2), weighted_quantile(welfare, weight, 0.8)
    poorest = float((weight * welfare)[welfare <= low].sum())
    if not (poorest > 0 and (weight[welfare > high] > 0).any()):
        return None
    estimate = quintile_share_ratio(welfare, weight)
    of_poorest = _below(welfare, low, 0.2)
    of_richest = welfare - _below(welfare, high, 0.8)
    return Scored(estimate, (of_richest - estimate * of_poorest) / poorest)


def _below(welfare: Numbers, quantile: float, share: float) -> Numbers:
    return np.where(welfare <= quantile, welfare - quantile, 0.0) + share * quantile


def scored_median_gap(welfare: Numbers, weight: Numbers, line: float) -> Scored | None:
    """(line − median welfare of those below it) / line; None where nobody lies below.

    With m that median, p the share of the poor and f the density of the whole group:
    dp = ([y < line] − p) / N + f(line) d(line), dm = (dp/2 − ([y ≤ m] − p/2) / N) / f(m), and the gap moves by
    m d(line) / line² − dm / line. `by_line` gathers what d(line) is multiplied with.
    """
    poor = (welfare < line) & (weight > 0)
    if not poor.any():
        return None
    persons = float(weight.sum())
    share, middle = float(weight[poor].sum()) / persons, weighted_quantile(welfare[poor], weight[poor], 0.5)
    at_line, at_middle = density(welfare, weight, line), density(welfare, weight, middle)
    spread = 0.0 if at_middle == np.inf else 1 / at_middle
    of_middle = ((poor - share) / 2 - ((welfare <= middle) - share / 2)) / persons * spread
    by_line = middle / line**2 - (0.0 if spread == 0 else at_line / 2 * spread / line)
    return Scored(1 - middle / line, -of_middle / line, by_line)


def line_scores(welfare: Numbers, weight: Numbers, median_share: float) -> Numbers:
    """Linearised values of the line `median_share` × weighted median: −share ([y ≤ median] − 1/2) / (N f(median)).

    welfare, weight : (persons,); so are the values [unit of welfare per unit of weight]. Source: Osier 2009.
    """
    median = weighted_quantile(welfare, weight, 0.5)
    at = density(welfare, weight, median)
    scores: Numbers = -median_share * ((welfare <= median) - 0.5) / weight.sum() / at
    return scores


def density(welfare: Numbers, weight: Numbers, at: float) -> float:
    """Density of the weighted distribution at one value [share per unit of welfare]; infinite where all are equal.

    welfare, weight : (persons,). Source: Gaussian kernel as in Osier 2009 (see the module).
    """
    persons = weight.sum()
    mean = (weight * welfare).sum() / persons
    deviation = np.sqrt((weight * (welfare - mean) ** 2).sum() / persons)
    width = deviation * persons ** (-1 / 5)
    if not width > 0:
        return np.inf
    kernel = np.exp(-(((at - welfare) / width) ** 2) / 2) / np.sqrt(2 * np.pi)
    return float((weight * kernel).sum() / (persons * width))
