"""What a proposal is worth to a voter who chose it, in whole numbers."""

from __future__ import annotations

import numpy as np

from budget_model.assembly.election import APPROVAL_TYPES, SCORED_TYPES, Election, Integers
from budget_model.errors import InputError, Problem

UTILITIES = ("cost", "cardinality", "score")


def default_utility(election: Election) -> str:
    """Cost for approvals, the points or ranks that people gave otherwise."""
    return "cost" if election.vote_type in APPROVAL_TYPES else "score"


def utilities_of(election: Election, utility: str | None = None) -> Integers:
    """Utility of each entry of the ballots.

    `cost`: what the proposal costs (in the smallest unit); `cardinality`: 1; `score`: the points given, or for ranked
    ballots k for the first of k places down to 1 for the last, k being the META's `max_length` where it has one.
    """
    utility = utility or default_utility(election)
    ballots = election.ballots
    if utility == "cost":
        return np.array(election.whole_costs(), dtype=np.int64)[ballots.proposals]
    if utility == "cardinality" or election.vote_type in APPROVAL_TYPES:
        return np.ones(len(ballots.proposals), dtype=np.int64)
    if utility != "score":
        message = f"'{utility}' is no utility. Use cost, cardinality or score."
        raise InputError(Problem("utility_unknown", message, value=utility))
    if ballots.points is not None:
        return ballots.points
    if election.vote_type in SCORED_TYPES:
        message = f"The ballots are {election.vote_type}, but no points came with them. Add a column 'points'."
        raise InputError(Problem("points_missing", message, column="points"))
    return rank_points(election)


def rank_points(election: Election) -> Integers:
    """Points of ranked ballots: the first of k places gets k, the last 1."""
    ballots = election.ballots
    lengths = np.diff(ballots.starts)
    places = np.arange(len(ballots.proposals)) - np.repeat(ballots.starts[:-1], lengths)
    stated = election.meta.get("max_length", "")
    longest = int(stated) if stated.isdigit() and int(stated) >= lengths.max(initial=0) else 0
    return (
        np.repeat(np.maximum(lengths, longest), lengths) - places if longest else np.repeat(lengths, lengths) - places
    )


def support(election: Election) -> Integers:
    """How many voters chose each proposal."""
    weights = np.repeat(election.ballots.counts, np.diff(election.ballots.starts))
    return _sums(election, weights)


def total_score(election: Election, utilities: Integers) -> Integers:
    """Sum of the utilities over all voters, a proposal."""
    weights = utilities * np.repeat(election.ballots.counts, np.diff(election.ballots.starts))
    return _sums(election, weights)


def _sums(election: Election, weights: Integers) -> Integers:
    sums = np.zeros(len(election.proposals), dtype=np.int64)
    np.add.at(sums, election.ballots.proposals, weights)
    return sums
