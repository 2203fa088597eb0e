"""Priorities of women and men from focus groups: from points or ranks to shares, rank agreement, weights of the model.

Definitions with examples: `docs/needs.md`. A session puts some needs *on the table*; a need that was not on the table
says nothing about its priority and is missing, while one that got no points has the priority 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

GROUPS = ("women", "men")
METHODS = ("points", "ranks")
COMPOSITIONS = ("women", "men", "mixed")  # who took part in a session
AGE_BANDS = ("0-17", "18-29", "30-44", "45-59", "60+", "unknown")
WEIGHTINGS = ("participants", "session")
LEAST_PARTICIPANTS = 6  # of a group in a session: below, its answers are shown in sums with other sessions only
LEAST_NEEDS = 5  # in common: below, an agreement of ranks is reported but not put in words
LARGE, SMALL = 0.7, 0.3  # Spearman's coefficients from which an agreement is called broad, or partial

Method = Literal["points", "ranks"]
Weighting = Literal["participants", "session"]


@dataclass(frozen=True)
class SessionScores:
    """What one group said in one session: need -> points (0 or more) or rank (1 is the most important)."""

    method: Method
    participants: int  # persons of this group who took part
    scores: Mapping[str, float]


@dataclass(frozen=True)
class GroupPriorities:
    """Priorities of a group over its sessions."""

    shares: Mapping[str, float]  # need -> share; 1 in all
    sessions: int
    participants: int


@dataclass(frozen=True)
class RankAgreement:
    """How far two rankings go together, over the `n` needs that both have.

    Between -1 (opposite) and 1 (the same); None where there are fewer than two needs or one ranking is all ties.
    """

    spearman: float | None
    kendall: float | None  # tau-b
    n: int


def session_shares(session: SessionScores) -> dict[str, float]:
    """Priorities of a session: need -> share, 1 in all.

    Points are divided by their sum. Ranks become Borda points first: of K needs the most important gets K, the next
    K - 1, …, the last 1; needs of the same rank share the points of their places equally.

    Raises ValueError for a session without needs, a score that is no number of 0 or more, a rank below 1, or points
    that are all 0.
    """
    _check(session)
    points = _borda(session.scores) if session.method == "ranks" else dict(session.scores)
    total = math.fsum(points.values())
    return {need: value / total for need, value in points.items()}


def _check(session: SessionScores) -> None:
    values = session.scores.values()
    if session.method not in METHODS:
        raise ValueError(f"The method is '{session.method}'. It is one of: {', '.join(METHODS)}.")
    if not session.scores:
        raise ValueError("A session needs at least one need with a score.")
    lowest = 1 if session.method == "ranks" else 0
    if not all(math.isfinite(value) and value >= lowest for value in values):
        raise ValueError(f"Scores ({session.method}) are numbers of {lowest} or more.")
    if session.method == "points" and not any(values):
        raise ValueError("The points are all 0. Say which need matters, or leave the session out.")


def _borda(ranks: Mapping[str, float]) -> dict[str, float]:
    places = mid_ranks([ranks[need] for need in ranks])
    return {need: len(ranks) + 1 - place for need, place in zip(ranks, places, strict=True)}


def aggregate_priorities(
    sessions: Iterable[SessionScores], weighting: Weighting = "participants"
) -> GroupPriorities | None:
    """Priorities of a group over its sessions, 1 in all; None without a session.

    Every need's share is the mean of the shares it has in the sessions that had it on the table, weighted by
    participants or each session the same; then all are divided by their sum, as sessions may have had different needs
    on the table.
    """
    if weighting not in WEIGHTINGS:
        raise ValueError(f"The weighting is '{weighting}'. It is one of: {', '.join(WEIGHTINGS)}.")
    kept = [session for session in sessions if session.participants > 0]
    if not kept:
        return None
    weighted: dict[str, list[tuple[float, float]]] = {}
    for session in kept:
        weight = float(session.participants) if weighting == "participants" else 1.0
        for need, share in session_shares(session).items():
            weighted.setdefault(need, []).append((weight, share))
    means = {
        need: math.fsum(weight * share for weight, share in found) / math.fsum(weight for weight, _ in found)
        for need, found in weighted.items()
    }
    total = math.fsum(means.values())
    shares = {need: means[need] / total for need in sorted(means)}
    return GroupPriorities(shares, len(kept), sum(session.participants for session in kept))


# ---- ranks -----------------------------------------------------------------------------------------------------------


def mid_ranks(values: Sequence[float]) -> list[float]:
    """Ranks from the smallest value (1); equal values get the mean of their places: `10, 20, 20` -> `1, 2.5, 2.5`."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end) / 2 + 1
        start = end + 1
    return ranks


def ranks_of(values: Mapping[str, float]) -> dict[str, float]:
    """Need -> rank, 1 for the largest value; ties share the mean of their places."""
    return dict(zip(values, mid_ranks([-_settled(value) for value in values.values()]), strict=True))


def _settled(value: float) -> float:
    """The value to twelve digits: what differs by rounding only is a tie."""
    return float(f"{value:.12g}")


def rank_agreement(first: Mapping[str, float], second: Mapping[str, float]) -> RankAgreement:
    """Spearman's rho and Kendall's tau-b of two rankings (larger value: more important), with ties.

    Only needs that both have are compared. Spearman is Pearson's correlation of the mid-ranks; tau-b is concordant
    minus discordant pairs over sqrt((pairs not tied in the first) · (pairs not tied in the second)).
    """
    common = sorted(set(first) & set(second))
    one, two = [_settled(first[need]) for need in common], [_settled(second[need]) for need in common]
    return RankAgreement(_pearson(mid_ranks(one), mid_ranks(two)), _tau_b(one, two), len(common))


def _pearson(one: Sequence[float], two: Sequence[float]) -> float | None:
    if len(one) < 2:
        return None
    mean = (len(one) + 1) / 2  # of any mid-ranks
    first, second = [value - mean for value in one], [value - mean for value in two]
    spread = math.sqrt(math.fsum(x * x for x in first) * math.fsum(y * y for y in second))
    return _within(math.fsum(x * y for x, y in zip(first, second, strict=True)), spread)


def _tau_b(one: Sequence[float], two: Sequence[float]) -> float | None:
    balance = untied_one = untied_two = 0
    for i in range(len(one)):
        for j in range(i):
            first, second = _sign(one[i] - one[j]), _sign(two[i] - two[j])
            balance += first * second
            untied_one += abs(first)
            untied_two += abs(second)
    return _within(balance, math.sqrt(untied_one * untied_two))


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)


def _within(part: float, whole: float) -> float | None:
    """The quotient between -1 and 1 (rounding may leave it by a hair); None where nothing varies."""
    return max(-1.0, min(1.0, part / whole)) if whole else None


def agreement_word(agreement: RankAgreement) -> str:
    """`unknown, few, broad, partial, none, opposite`: how an agreement is put in words (by Spearman's rho)."""
    if agreement.spearman is None:
        return "unknown"
    if agreement.n < LEAST_NEEDS:
        return "few"
    bounds = ((LARGE, "broad"), (SMALL, "partial"), (-SMALL, "none"))
    return next((word for least, word in bounds if agreement.spearman >= least), "opposite")


# ---- weights of the model --------------------------------------------------------------------------------------------


def focus_factors(shares: Mapping[str, float] | None, needs: Sequence[str]) -> dict[str, float]:
    """Need -> factor of the focus groups for a group: its share times the number of needs of the model on the table.

    The mean over the needs on the table is 1: a need twice as important as the mean has 2. A need of the model that
    was never on the table has 1, as nothing is known; so has every need where no session gave the model's needs any
    priority.
    """
    known = {need: shares[need] for need in needs if need in shares} if shares else {}
    total = math.fsum(known.values())
    if not total:
        return dict.fromkeys(needs, 1.0)
    return {need: len(known) * known[need] / total if need in known else 1.0 for need in needs}


def mixed_weight(survey: np.ndarray, focus: np.ndarray, mix: float) -> np.ndarray:
    """Weights of needs: (1 - mix) · survey part + mix · focus part, of any one shape; `mix` 0-1, else ValueError."""
    if not 0 <= mix <= 1:
        raise ValueError(f"The mix is {mix}. It lies between 0 (survey only) and 1 (focus groups only).")
    return (1 - mix) * survey + mix * focus
