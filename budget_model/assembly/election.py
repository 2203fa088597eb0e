"""What a vote is: proposals, ballots, an envelope of money. Exact: whole numbers of the smallest unit throughout.

Knows nothing of files and of people beyond the columns that came with their ballots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

APPROVAL_TYPES = ("approval", "choose-1")
SCORED_TYPES = ("cumulative", "scoring")
VOTE_TYPES = (*APPROVAL_TYPES, "ordinal", *SCORED_TYPES)


@dataclass(frozen=True)
class Proposal:
    """One thing that can be voted for. `cost` is exact, in the currency of the envelope."""

    id: str
    cost: Fraction
    name: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ballots:
    """All ballots in rows of one flat list: voter v chose `proposals[starts[v] : starts[v + 1]]`, best first.

    `points` (same length) are what the voter gave, times `points_scale`, so that they are whole numbers; None where the
    vote has none. `counts` says how many voters cast each row.
    """

    starts: Integers
    proposals: Integers
    points: Integers | None
    counts: Integers
    points_scale: int = 1

    @property
    def row_count(self) -> int:
        return len(self.starts) - 1

    @property
    def voter_count(self) -> int:
        return int(self.counts.sum())

    def rows(self) -> Integers:
        """The row that each entry of `proposals` belongs to."""
        return np.repeat(np.arange(self.row_count), np.diff(self.starts))

    def select(self, rows: Integers) -> Ballots:
        """The ballots of some rows, in that order; a row may be chosen several times."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        entries = np.repeat(self.starts[:-1][rows] - starts[:-1], lengths) + np.arange(starts[-1])
        points = None if self.points is None else self.points[entries]
        return replace(self, starts=starts, proposals=self.proposals[entries], points=points, counts=self.counts[rows])


@dataclass(frozen=True)
class Election:
    """A vote: `voters` holds one mapping of details (sex, age, zone …) a row of `ballots`.

    `least_scale`: a part of a vote is counted in the smallest unit of the whole, also where it has no céntimos itself.
    """

    budget: Fraction
    vote_type: str
    proposals: tuple[Proposal, ...]
    ballots: Ballots
    meta: Mapping[str, str] = field(default_factory=dict)
    voters: tuple[Mapping[str, str], ...] = ()
    least_scale: int = 1

    def index_of(self) -> dict[str, int]:
        return {proposal.id: index for index, proposal in enumerate(self.proposals)}

    @property
    def money_scale(self) -> int:
        """What amounts are multiplied by to be whole: 100 where céntimos occur."""
        denominators = (one.cost.denominator for one in self.proposals)
        return int(np.lcm.reduce([self.least_scale, self.budget.denominator, *denominators]))

    def whole_costs(self) -> list[int]:
        scale = self.money_scale
        return [int(proposal.cost * scale) for proposal in self.proposals]

    def whole_budget(self) -> int:
        return int(self.budget * self.money_scale)

    def with_ballots(self, ballots: Ballots) -> Election:
        """The same vote with other ballots, without the details of the voters."""
        return replace(self, ballots=ballots, voters=())

    def restricted_to(self, indexes: Sequence[int]) -> Election:
        """The vote with only these proposals. Everybody keeps a ballot, even an empty one."""
        place = np.full(len(self.proposals), -1, dtype=np.int64)
        place[list(indexes)] = np.arange(len(indexes))
        ballots = self.ballots
        kept = place[ballots.proposals] >= 0
        starts = np.concatenate([[0], np.cumsum(kept)])[ballots.starts]
        points = None if ballots.points is None else ballots.points[kept]
        held = replace(ballots, starts=starts, proposals=place[ballots.proposals[kept]], points=points)
        proposals = tuple(self.proposals[index] for index in indexes)
        return replace(self, proposals=proposals, ballots=held, least_scale=self.money_scale)

    def cost_of(self, winners: Sequence[int]) -> Fraction:
        return sum((self.proposals[index].cost for index in winners), Fraction(0))


def ballots_of(
    rows: Sequence[Sequence[int]], points: Sequence[Sequence[Fraction | int]] | None = None, counts: Sequence[int] = ()
) -> Ballots:
    """Ballots from one sequence of proposal indexes a voter, and their points where the vote has them."""
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    flat = np.array([index for row in rows for index in row], dtype=np.int64)
    scale, whole = 1, None
    if points is not None:
        exact = [Fraction(value) for row in points for value in row]
        scale = int(np.lcm.reduce([value.denominator for value in exact])) if exact else 1
        whole = np.array([int(value * scale) for value in exact], dtype=np.int64)
    return Ballots(starts, flat, whole, np.array(counts or [1] * len(rows), dtype=np.int64), scale)


def merge_equal(ballots: Ballots, utilities: Integers) -> tuple[Ballots, Integers, Integers]:
    """Rows with the same choices and utilities become one with their counts added: they are treated alike everywhere.

    Parameters
    ----------
    utilities : (entries of `ballots`,) what each choice is worth to its voter

    Returns
    -------
    The shorter ballots (choices in the order of the proposals, without points), their utilities, and for each row of
    `ballots` the row of the result that it went into.
    """
    rows = ballots.rows()
    order = np.lexsort((ballots.proposals, rows))
    ordered = replace(ballots, proposals=ballots.proposals[order], points=utilities[order])
    firsts, group = _first_equal_rows(ordered, utilities[order])
    chosen = ordered.select(firsts)
    counts = np.bincount(group, weights=ballots.counts, minlength=len(firsts)).astype(np.int64)
    worth = chosen.points if chosen.points is not None else utilities[:0]
    return replace(chosen, points=None, counts=counts), worth, group


def _first_equal_rows(ballots: Ballots, utilities: Integers) -> tuple[Integers, Integers]:
    """One row of each kind, and the kind of every row. Fingerprints find equal rows; a comparison confirms them."""
    fingerprints = np.stack([_fingerprints(ballots, utilities, salt) for salt in (1, 2)], axis=1)
    _, firsts, group = np.unique(fingerprints, axis=0, return_index=True, return_inverse=True)
    firsts, group = firsts.astype(np.int64), group.ravel().astype(np.int64)
    lengths = np.diff(ballots.starts)
    pairs = replace(ballots, points=utilities)
    twins = pairs.select(firsts[group])
    is_same = (
        np.array_equal(lengths, lengths[firsts[group]])
        and np.array_equal(twins.proposals, pairs.proposals)
        and np.array_equal(twins.points if twins.points is not None else utilities, utilities)
    )
    if not is_same:  # two kinds share a fingerprint: every row stands for itself, which is slower and as right
        return np.arange(ballots.row_count), np.arange(ballots.row_count)
    return firsts, group


def _fingerprints(ballots: Ballots, utilities: Integers, salt: int) -> NDArray[np.uint64]:
    mixed = ballots.proposals.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt)
    mixed ^= utilities.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F) + (mixed >> np.uint64(29))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(31)
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(mixed * mixed, dtype=np.uint64)])
    differences: NDArray[np.uint64] = sums[ballots.starts[1:]] - sums[ballots.starts[:-1]]
    return differences
