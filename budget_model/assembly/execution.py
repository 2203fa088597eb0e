"""What became of the winners: money of the lines that carry them out, and lines that may be theirs. Exact amounts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

STAGES = ("pia", "pim", "accrued", "paid")
NO_LINE, UNKNOWN, NOT_STARTED, UNDER_WAY, DONE = "no_line", "unknown", "not_started", "under_way", "done"
SHORTEST_WORD = 4
LEAST_LIKENESS = 0.2
Amount = Decimal | None


@dataclass(frozen=True)
class LinePart:
    """A part of a line's money. `amounts`: of the whole line by stage; None where the line does not have the stage."""

    share: Decimal  # above 0 to 1
    amounts: Mapping[str, Amount]


@dataclass(frozen=True)
class Execution:
    """Money behind a winner in a budget year, in currency. None: a line does not say it, which is not 0."""

    amounts: Mapping[str, Amount]
    state: str

    @property
    def executed_share(self) -> Decimal | None:
        """Accrued money beside the modified budget (PIM); None where one is not known, or there is no money."""
        accrued, pim = self.amounts["accrued"], self.amounts["pim"]
        return None if accrued is None or not pim else accrued / pim


def execution_of(parts: Sequence[LinePart]) -> Execution:
    """Sums of the parts, stage by stage; a stage that one of the lines lacks is not known for the sum."""
    amounts: dict[str, Amount] = {}
    for stage in STAGES:
        own = [(part.amounts.get(stage), part.share) for part in parts]
        known = [amount * share for amount, share in own if amount is not None]
        amounts[stage] = _in_cents(sum(known, Decimal(0))) if parts and len(known) == len(parts) else None
    return Execution(amounts, _state(bool(parts), amounts))


def _in_cents(amount: Decimal) -> Decimal:
    """With two decimals where two are enough."""
    cents = amount.quantize(Decimal("0.01"))
    return cents if cents == amount else amount


def _state(has_lines: bool, amounts: Mapping[str, Amount]) -> str:
    accrued, pim = amounts["accrued"], amounts["pim"]
    if not has_lines:
        return NO_LINE
    if accrued is None:
        return UNKNOWN
    if accrued == 0:
        return NOT_STARTED
    return DONE if pim is not None and accrued >= pim else UNDER_WAY


def total_of(executions: Iterable[Execution]) -> Execution:
    """Sums over winners of a year; those without a line add nothing, those that are not known make the sum unknown."""
    parts = [LinePart(Decimal(1), one.amounts) for one in executions if one.state != NO_LINE]
    return execution_of(parts)


@dataclass(frozen=True)
class Candidate:
    """A line that may carry out a winner, and why: its code is named, words in common, the same amount."""

    code: str
    names_proposal: bool
    words: tuple[str, ...]
    has_amount: bool
    likeness: float  # share of the words of both that they have in common, 0-1


def likely_lines(
    proposal: str,
    title: str,
    cost: Decimal,
    lines: Iterable[tuple[str, str, Iterable[Amount]]],
    most: int = 5,
) -> tuple[Candidate, ...]:
    """Lines that may be a winner's, the likeliest first; which one is, a person says.

    Parameters
    ----------
    proposal : code of the winner
    title : in the language of the budget
    lines : code of each, its texts in one, its amounts
    """
    wanted = words_of(title)
    found = [_candidate(proposal, wanted, cost, *line) for line in lines]
    likely = [one for one in found if one.names_proposal or one.likeness >= LEAST_LIKENESS or one.has_amount]
    return tuple(sorted(likely, key=lambda one: (not one.names_proposal, -_score(one), one.code))[:most])


def _score(one: Candidate) -> float:
    return one.likeness + (0.5 if one.has_amount else 0.0)


def _candidate(
    proposal: str, wanted: frozenset[str], cost: Decimal, code: str, text: str, amounts: Iterable[Amount]
) -> Candidate:
    there = words_of(text)
    common = wanted & there
    names = re.search(rf"(?<![0-9A-Za-z]){re.escape(proposal)}(?![0-9A-Za-z])", f"{code} {text}", re.IGNORECASE)
    likeness = len(common) / len(wanted | there) if common else 0.0
    return Candidate(code, bool(names), tuple(sorted(common)), cost in list(amounts), likeness)


def words_of(text: str) -> frozenset[str]:
    """Words that tell something: small letters without accents, of four letters or more.

    >>> sorted(words_of("Cuna para la niñez"))
    ['cuna', 'ninez', 'para']
    """
    letters = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return frozenset(word for word in re.findall(r"[a-z0-9]+", plain) if len(word) >= SHORTEST_WORD)
