"""Reasons that several rules give for a loser, by the names that pages and the command line know."""

from __future__ import annotations


def unwanted(votes: int, score: int) -> str | None:
    """Why a proposal could not win under rules that need support: `no_votes`, `no_points`; None where it had support.

    Parameters
    ----------
    votes : voters who chose it
    score : what it was worth to them together
    """
    if not votes:
        return "no_votes"
    return None if score else "no_points"
