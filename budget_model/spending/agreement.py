"""How far raters agree: Cohen's kappa of two, Krippendorff's alpha of any number with ratings missing.

Both are 1 for perfect agreement and 0 for what chance alone would give; below 0 raters differ systematically. None
where they are not defined (nothing rated twice, or everybody gave one and the same value: no variation to agree on).
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Ratings = Mapping[str, Mapping[str, str]]  # unit -> rater -> value
Scale = Literal["nominal", "ordinal"]


@dataclass(frozen=True)
class PairAgreement:
    """Two raters on the units that both rated."""

    raters: tuple[str, str]
    units: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True)
class Agreement:
    """All raters.

    units : units rated at least twice; only these say anything about agreement
    alpha : Krippendorff's alpha on the scale that the scheme's classes have
    pairs : Cohen's kappa of every two raters who share a unit
    """

    raters: tuple[str, ...]
    units: int
    ratings: int
    scale: Scale
    alpha: float | None
    pairs: tuple[PairAgreement, ...]


def agreement(ratings: Ratings, order: Sequence[str], scale: Scale) -> Agreement:
    """Alpha of all raters and kappa of each two.

    order : the values, from one end of the scale to the other; values outside of it are refused with ValueError where
        the scale is ordinal
    """
    shared = {unit: given for unit, given in ratings.items() if len(given) > 1}
    raters = tuple(sorted({rater for given in shared.values() for rater in given}))
    pairs = (_pair(ratings, pair) for pair in itertools.combinations(raters, 2))
    return Agreement(
        raters,
        len(shared),
        sum(len(given) for given in shared.values()),
        scale,
        krippendorff_alpha([list(given.values()) for given in shared.values()], order, scale),
        tuple(pair for pair in pairs if pair.units),
    )


def _pair(ratings: Ratings, pair: tuple[str, str]) -> PairAgreement:
    both = [(given[pair[0]], given[pair[1]]) for given in ratings.values() if given.keys() >= set(pair)]
    return PairAgreement(pair, len(both), sum(one == other for one, other in both), cohen_kappa(both))


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa: (observed - expected) / (1 - expected) agreement of two raters.

    pairs : what the first and what the second said of each unit
    Source: Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20 (1960).
    """
    if not pairs:
        return None
    total = len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    observed = Fraction(sum(one == other for one, other in pairs), total)
    expected = Fraction(sum(first[value] * second[value] for value in first), total**2)
    return None if expected == 1 else float((observed - expected) / (1 - expected))


def krippendorff_alpha(
    units: Sequence[Sequence[str]], order: Sequence[str] = (), scale: Scale = "nominal"
) -> float | None:
    """Krippendorff's alpha: 1 - observed / expected disagreement, over all pairs of values within a unit.

    units : the values given to each unit, missing ones left out; units with fewer than two are passed over
    Source: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), with its coincidence matrix.
    """
    coincidences = _coincidences(units)
    totals: Counter[str] = Counter()
    for (value, _), weight in coincidences.items():
        totals[value] += weight  # type: ignore[assignment]
    pairable = sum(totals.values())
    if len(totals) < 2:
        return None
    distance = _ordinal(totals, order) if scale == "ordinal" else _nominal
    observed = sum((weight * distance(one, other) for (one, other), weight in coincidences.items()), Fraction(0))
    expected = sum(
        (Fraction(totals[one]) * totals[other] * distance(one, other) for one in totals for other in totals),
        Fraction(0),
    )
    return float(1 - (pairable - 1) * observed / expected)


def _coincidences(units: Sequence[Sequence[str]]) -> dict[tuple[str, str], Fraction]:
    """How often two values meet in a unit; each unit counts as many times as it has values."""
    found: dict[tuple[str, str], Fraction] = {}
    for values in units:
        if len(values) > 1:
            for one, other in itertools.permutations(values, 2):
                found[one, other] = found.get((one, other), Fraction(0)) + Fraction(1, len(values) - 1)
    return found


def _nominal(one: str, other: str) -> Fraction:
    return Fraction(int(one != other))


def _ordinal(totals: Mapping[str, Fraction | int], order: Sequence[str]) -> Callable[[str, str], Fraction]:
    """Squared number of ratings between two values, the two ends counted half."""
    unknown = sorted(set(totals) - set(order))
    if unknown:
        raise ValueError(f"The values {', '.join(unknown)} have no place in the order {', '.join(order)}.")
    ranks = {value: rank for rank, value in enumerate(order)}
    counts = [Fraction(totals.get(value, 0)) for value in order]

    def distance(one: str, other: str) -> Fraction:
        low, high = sorted((ranks[one], ranks[other]))
        between = sum(counts[low : high + 1], Fraction(0)) - (counts[low] + counts[high]) / 2
        return between**2

    return distance
