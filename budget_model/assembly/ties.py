"""Tie rules: which of several equal proposals comes first. Chosen by name before anything is counted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from budget_model.assembly.election import Election
from budget_model.assembly.utility import support
from budget_model.errors import InputError, Problem

Key = Callable[[int], Any]
Path = tuple[tuple[int, tuple[int, ...]], ...]  # who came first, of which equals
TIE_RULES = ("lexicographic", "cheapest", "dearest", "most-votes", "refuse")


@dataclass(frozen=True)
class Tie:
    """A tie that was broken: the equal proposals, the one that came first, and in which round.

    `round` 0: in a count with smaller parts, before the rounds that are listed. `is_certain`: whether it decided who
    wins; False where it may have, and there are too many orders to try.
    """

    round: int
    tied: tuple[str, ...]
    chosen: str
    rule: str
    is_certain: bool = True


@dataclass(frozen=True)
class Choice:
    """A choice among equals of which it is not yet known whether it decides.

    `earlier`: the choices before it in the same count; `state`: all that decides how the count goes on from here.
    """

    round: int
    tied: tuple[int, ...]
    chosen: int
    earlier: Path
    state: Hashable


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
        self.choices: list[Choice] | None = None  # None: they are not asked for
        self._path: Path = ()

    def afresh(self) -> TieBreaker:
        """The same rule for another count: no ties yet. Choices go on being noted in the same list."""
        other = copy(self)
        other.broken, other._path = [], ()
        return other

    def noting(self, order: Sequence[int] | None = None) -> TieBreaker:
        """The same rule, or an order of all proposals, with choices among equals noted and none refused."""
        other = self.afresh()
        other.choices = []
        other.names = [name for name in self.names if name != "refuse"]
        if order is not None:
            rank = {index: place for place, index in enumerate(order)}
            other._keys = [rank.__getitem__]
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

    def choose(self, tied: Sequence[int], round_number: int, state: Callable[[], Hashable | None]) -> int:
        """The proposal that comes first. The choice is noted where it is asked for, and never refused.

        Parameters
        ----------
        state : all that decides how the count goes on; None where their order cannot change who wins
        """
        if len(tied) == 1:
            return tied[0]
        best = min(tied, key=lambda index: (self.key(index), self._ids[index]))
        held = state() if self.choices is not None else None
        if self.choices is not None and held is not None:
            self.choices.append(Choice(round_number, tuple(tied), best, self._path, held))
            self._path = (*self._path, (best, tuple(tied)))
        return best

    def list_rounds_of(self, places: range) -> None:
        """Of the choices noted, only those in these places are of rounds that are listed."""
        if self.choices is not None:
            self.choices[:] = [
                one if place in places else replace(one, round=0) for place, one in enumerate(self.choices)
            ]

    def order_with(self, path: Path) -> list[int] | None:
        """An order of all proposals, by this rule otherwise, in which each of the path comes before its equals."""
        everyone = range(len(self._ids))
        return order_of(path, sorted(everyone, key=lambda index: (self.key(index), self._ids[index])))

    def ids_of(self, indexes: Sequence[int]) -> list[str]:
        return sorted(self._ids[index] for index in indexes)

    def is_level(self, index: int, other: int) -> bool:
        """Whether ties are refused, and the rules before leave these two equal."""
        return self.key(index) == self.key(other)

    def tie_of(self, choice: Choice, *, is_certain: bool) -> Tie:
        return Tie(choice.round, tuple(self.ids_of(choice.tied)), self._ids[choice.chosen], self.rule, is_certain)

    def refuse_equals(self, tie: Tie) -> None:
        """Raise InputError where ties are refused, and the rules before leave others equal to the first."""
        place = {name: index for index, name in enumerate(self._ids)}
        level = [name for name in tie.tied if self.is_level(place[name], place[tie.chosen])]
        if len(level) > 1:
            raise InputError(refusal(level, tie.round))


def _shifted(key: Key, indexes: Sequence[int]) -> Key:
    return lambda index: key(indexes[index])


def refusal(names: Sequence[str], round_number: int) -> Problem:
    shown = ", ".join(names[:6])
    message = (
        f"Round {round_number}: the proposals {shown} are exactly equal, and ties are refused. "
        "Announce a tie rule (lexicographic, cheapest, most-votes) and count again."
    )
    return Problem("tie_refused", message, value=shown, facts={"round": round_number, "tied": list(names)})


def order_of(path: Path, ordered: Sequence[int]) -> list[int] | None:
    """All proposals in an order in which each of the path comes before its equals; as given where nothing is said.

    None where there is no such order.
    """
    before: dict[int, set[int]] = {index: set() for index in ordered}
    for first, tied in path:
        for index in tied:
            if index != first:
                before[index].add(first)
    found: list[int] = []
    left = list(ordered)
    while left:
        placed = set(found)
        following = next((index for index in left if before[index] <= placed), None)
        if following is None:
            return None
        found.append(following)
        left.remove(following)
    return found


@dataclass
class Outcome:
    """What a rule decided: indexes of winners in the order of their choice, rounds and ties as plain data."""

    winners: list[int]
    rounds: list[dict[str, Any]] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    losers: list[dict[str, Any]] = field(default_factory=list)  # each with what it lacked
    facts: dict[str, Any] = field(default_factory=dict)
