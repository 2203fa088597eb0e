"""Tie rules: which of several equal proposals comes first. Chosen by name before anything is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from budget_model.assembly.election import Election
from budget_model.assembly.utility import support
from budget_model.errors import InputError, Problem

Key = Callable[[int], Any]
TIE_RULES = ("lexicographic", "cheapest", "dearest", "most-votes", "refuse")


@dataclass(frozen=True)
class Tie:
    """A tie that was broken: the equal proposals, the one that came first, and in which round."""

    round: int
    tied: tuple[str, ...]
    chosen: str
    rule: str


class TieBreaker:
    """Orders equal proposals by one rule after another; what they leave equal is ordered by id, unless refused.

    Parameters
    ----------
    rules : names of TIE_RULES with a comma between them, for instance `most-votes,cheapest`
    """

    def __init__(self, rules: str, election: Election):
        self.rule = rules
        self.names = [name.strip() for name in rules.split(",")]
        unknown = [name for name in self.names if name not in TIE_RULES]
        if unknown:
            message = f"'{unknown[0]}' is no tie rule. Use {', '.join(TIE_RULES)}."
            raise InputError(Problem("ties_unknown", message, value=unknown[0]))
        self._ids = [proposal.id for proposal in election.proposals]
        votes, costs = support(election), election.whole_costs()
        keys: dict[str, Key] = {
            "lexicographic": lambda index: self._ids[index],
            "cheapest": lambda index: costs[index],
            "dearest": lambda index: -costs[index],
            "most-votes": lambda index: -int(votes[index]),
            "refuse": lambda index: 0,
        }
        self._keys = [keys[name] for name in self.names]
        self.broken: list[Tie] = []

    def afresh(self) -> TieBreaker:
        """The same rule with nothing noted yet."""
        other = copy(self)
        other.broken = []
        return other

    def of(self, indexes: Sequence[int]) -> TieBreaker:
        """The same rule for a vote that holds only these proposals, counted by the votes of the whole."""
        other = self.afresh()
        other._ids = [self._ids[index] for index in indexes]
        other._keys = [_shifted(key, indexes) for key in self._keys]
        return other

    def key(self, index: int) -> tuple[Any, ...]:
        """Sort key of a proposal: smaller comes first. Two proposals are never equal, unless ties are refused."""
        stated = tuple(key(index) for key in self._keys)
        return stated if "refuse" in self.names else (*stated, self._ids[index])

    def first(self, tied: Sequence[int], round_number: int) -> int:
        """The proposal that comes first; a real tie is noted.

        Raises
        ------
        InputError : ties are refused, and the rules before leave more than one.
        """
        if len(tied) == 1:
            return tied[0]
        ordered = sorted(tied, key=self.key)
        best = ordered[0]
        if self.key(ordered[1]) == self.key(best):
            raise InputError(refusal([self._ids[index] for index in ordered], round_number))
        names = tuple(sorted(self._ids[index] for index in tied))
        self.broken.append(Tie(round_number, names, self._ids[best], self.rule))
        return best


def _shifted(key: Key, indexes: Sequence[int]) -> Key:
    return lambda index: key(indexes[index])


def refusal(names: Sequence[str], round_number: int) -> Problem:
    shown = ", ".join(names[:6])
    message = (
        f"Round {round_number}: the proposals {shown} are exactly equal, and ties are refused. "
        "Announce a tie rule (lexicographic, cheapest, most-votes) and count again."
    )
    return Problem("tie_refused", message, value=shown, facts={"round": round_number, "tied": list(names)})


@dataclass
class Outcome:
    """What a rule decided: indexes of winners in the order of their choice, rounds and ties as plain data."""

    winners: list[int]
    rounds: list[dict[str, Any]] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    losers: list[dict[str, Any]] = field(default_factory=list)  # each with what it lacked
    facts: dict[str, Any] = field(default_factory=dict)
