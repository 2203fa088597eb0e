"""Draws that hold a margin by construction: the share is given, chance only decides who belongs to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Codes = NDArray[np.int8]


def choose_share(generator: np.random.Generator, score: Numbers, among: Flags, share: float) -> Flags:
    """Flags of the `share` of `among` with the highest score plus logistic noise.

    score : (n,) log-odds-like, any level: only differences count
    among : (n,) who can be chosen;  share : 0-1, met to within one row
    """
    rows = np.flatnonzero(among)
    count = round(share * rows.size)
    chosen = np.zeros(among.size, dtype=bool)
    noisy = score[rows] + generator.logistic(size=rows.size)
    if count:
        chosen[rows[np.argpartition(-noisy, count - 1)[:count]]] = True
    return chosen


def choose_households(generator: np.random.Generator, score: Numbers, members: Numbers, share: float) -> Flags:
    """Flags of households, highest score plus noise first, until they hold `share` of all `members`."""
    order = np.argsort(-(score + generator.logistic(size=score.size)))
    within = np.cumsum(members[order]) <= share * members.sum()
    chosen = np.zeros(score.size, dtype=bool)
    chosen[order[within]] = True
    return chosen


def choose_words(generator: np.random.Generator, size: int, shares: Sequence[float]) -> Codes:
    """Codes 0, 1, ... drawn with the given shares (they add up to 1)."""
    return generator.choice(len(shares), size=size, p=np.asarray(shares) / sum(shares)).astype(np.int8)


def scale_to_mean(values: Numbers, among: Flags, mean: float, most: float = np.inf) -> Numbers:
    """`values` times the factor that gives `among` the wanted mean, none above `most`."""
    scaled = values.copy()
    for _ in range(60):  # each round gives what the limit cut off to those below it; they meet quickly
        scaled[among] = np.minimum(scaled[among] * (mean / scaled[among].mean()), most)
    return scaled


def standardised(values: Numbers) -> Numbers:
    """Mean 0 and standard deviation 1."""
    return (values - values.mean()) / (values.std() or 1.0)
