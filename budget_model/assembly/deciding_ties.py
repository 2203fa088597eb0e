"""Which ties of a count decided who wins, found by counting again with the tied in other orders.

The order of equal proposals often changes nothing: both are paid, one after the other. Such a tie is none. Here each
choice among equals is made otherwise, and every choice that then follows, until a list of other winners is found or
none is left. What the state of a count leads to is looked at once. In counts that raise the parts of voters, choices of
several counts hang together; there one order of all proposals is tried for each choice.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from budget_model.assembly.ties import Choice, Outcome, Path, Tie, TieBreaker, refusal
from budget_model.errors import InputError

MOST_WORK = 10_000_000  # entries of ballots gone through; some seconds
MOST_COUNTS = 400
FEWEST_COUNTS = 8

Run = Callable[[TieBreaker], Outcome]


def with_deciding_ties(run: Run, ties: TieBreaker, work: Callable[[Outcome], int]) -> Outcome:
    """Count, and tell of the ties those that decided, or may have where there are too many orders to try.

    Parameters
    ----------
    run : counts by a tie rule; ties that it tells itself decide
    work : entries of ballots that such a count goes through

    Raises
    ------
    InputError : ties are refused, and one of those that the rules before leave decides, or may.
    """
    noted = ties.noting()
    outcome = run(noted)
    search = _Search.of(run, ties, outcome, work(outcome))
    choices = sorted(noted.choices or (), key=lambda choice: not choice.round)  # of rounds that are listed first
    told: dict[tuple[int, ...], Tie | None] = {}
    for choice in choices:
        if choice.tied not in told:
            told[choice.tied] = _told(choice, ties, search)
    outcome.ties = [*(tie for tie in told.values() if tie is not None), *outcome.ties]
    for tie in outcome.ties:
        ties.refuse_equals(tie)
    return outcome


def _told(choice: Choice, ties: TieBreaker, search: _Search) -> Tie | None:
    """The tie if it decided or may have; None if not. Refused where equals that the rule does not order decide."""
    verdicts = {index: search.decides(choice, index, ()) for index in choice.tied if index != choice.chosen}
    if not any(verdict is not False for verdict in verdicts.values()):
        return None
    level = [
        index for index, verdict in verdicts.items() if verdict is not False and ties.is_level(index, choice.chosen)
    ]
    if level:
        raise InputError(refusal(ties.ids_of([choice.chosen, *level]), choice.round))
    is_certain = any(verdict is True for verdict in verdicts.values())
    return ties.tie_of(choice, is_certain=is_certain)


@dataclass
class _Search:
    """Counts with other choices. A verdict: whether other winners are found; None where counts ran out before."""

    run: Run
    ties: TieBreaker
    winners: frozenset[int]
    counts_left: int
    known: dict[tuple[Hashable, int], bool | None] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, ties: TieBreaker, outcome: Outcome, work: int) -> _Search:
        limit = max(FEWEST_COUNTS, min(MOST_COUNTS, MOST_WORK // max(1, work)))
        return cls(run, ties, frozenset(outcome.winners), limit)

    def decides(self, choice: Choice, index: int, path: Path) -> bool | None:
        """Whether other winners can come where this proposal comes first instead."""
        key = (choice.state, index)
        if key not in self.known:
            self.known[key] = self._found((*path, *choice.earlier, (index, choice.tied)))
        return self.known[key]

    def _found(self, path: Path) -> bool | None:
        if not self.counts_left:
            return None
        order = self.ties.order_with(path)
        if order is None:
            return False  # no order of all proposals makes these choices
        self.counts_left -= 1
        noted = self.ties.noting(order)
        outcome = self.run(noted)
        if frozenset(outcome.winners) != self.winners or outcome.ties:
            return True
        verdicts = []
        made = set(path)  # choices that this order was made for
        for choice in noted.choices or ():
            if (choice.chosen, choice.tied) in made:
                continue
            for index in choice.tied:
                if index != choice.chosen:
                    verdicts.append(self.decides(choice, index, path))
                    if verdicts[-1]:
                        return True
        return None if None in verdicts else False
