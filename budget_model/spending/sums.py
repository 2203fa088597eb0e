"""What a scheme counts of a year's lines, from sums of lines with the same tag instead of from the lines themselves.

A scheme gives lines with the same tag the same share, so that the sum over them of amount × share is their sum × share:
nothing is lost or rounded by adding up first (`tests/spending/test_sums.py` holds both ways against each other).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from budget_model.spending.counting import ENOUGH_DIGITS, TaggedLine, count, placed, share_of_whole
from budget_model.spending.lines import STAGES
from budget_model.spending.schemes import Scheme
from budget_model.spending.statement import Amounts, Execution
from budget_model.spending.tags import Tag
from budget_model.spending.trends import DECIMALS

PAIRS = (("pia", "pim"), ("pim", "accrued"))  # of stages that rates are made of: only lines that have both count


@dataclass(frozen=True)
class PairSum:
    """Sums of two stages over the lines that have both."""

    lines: int
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class LineSums:
    """Sums of the lines of one year with the same tag (None: untagged). Amounts in the currency of the lines.

    amounts : by stage; None where no line has it. numbers : how many lines have the stage
    """

    tag: Tag | None
    lines: int
    amounts: Amounts
    numbers: Mapping[str, int]
    pairs: Mapping[tuple[str, str], PairSum]


@dataclass(frozen=True)
class CountedSums:
    """What one scheme counts of a year, by stage.

    counted : sum of amount × share, to four decimals; None where nothing of the year that has the stage is tagged:
        that is unknown, not 0
    rest : what is not counted of the lines that have the stage, also what nothing is known of; None where none has it
    unknown : of lines about which the scheme can say nothing. total : of all lines
    """

    counted: Amounts
    rest: Amounts
    unknown: Amounts
    total: Amounts
    counted_execution: Execution
    rest_execution: Execution

    def share(self, stage: str) -> Decimal | None:
        """Counted / whole budget (0-1); None where nothing is tagged, or the budget is 0."""
        return share_of_whole(self.counted[stage], self.total[stage])

    def rest_of(self, stage: str) -> Decimal | None:
        """What is left of the stage; None where nothing of it is tagged: that would be the whole budget."""
        return None if self.counted[stage] is None else self.rest[stage]

    @property
    def rest_rate(self) -> Decimal | None:
        """Accrued / modified budget (0-1) of the rest; None where nothing is tagged: that would be the whole budget."""
        return None if self.counted["pim"] is None else self.rest_execution.rate


def counted_sums(groups: Iterable[LineSums], scheme: Scheme) -> CountedSums:
    """What a scheme counts of a year; the groups are all of its lines."""
    shared = [(group, count(group.tag, scheme).share) for group in groups]
    with localcontext(prec=ENOUGH_DIGITS):
        known = [(group, share) for group, share in shared if share is not None]
        unknown = [(group, Decimal(1)) for group, share in shared if share is None]
        rest = [(group, 1 - share) for group, share in known] + unknown
        every = [(group, Decimal(1)) for group, _ in shared]
        return CountedSums(
            _amounts(known),
            _amounts(rest),
            _amounts(unknown),
            _amounts(every),
            _execution([one for one in known if one[1]]),
            _execution([one for one in rest if one[1]]),
        )


def class_amounts(groups: Iterable[LineSums], scheme: Scheme, stage: str) -> dict[str, Decimal]:
    """Amounts by the class that a scheme puts the lines in; classes that no line with the stage has are not in it."""
    found: dict[str, Decimal] = {}
    with localcontext(prec=ENOUGH_DIGITS):
        for group in groups:
            amount, place = group.amounts[stage], placed(group.tag, scheme)
            if amount is not None and place.code is not None and place.reason in ("counted", "unresolved"):
                found[place.code] = found.get(place.code, Decimal(0)) + amount
    return found


def pair_lines(groups: Iterable[LineSums], scheme: Scheme, year: int) -> list[TaggedLine]:
    """Stand-ins for the lines of which nothing counts, for rules that compare two stages: one a pair of stages."""
    uncounted = [group for group in groups if not count(group.tag, scheme).share]
    found = []
    with localcontext(prec=ENOUGH_DIGITS):
        for first, second in PAIRS:
            pairs = [group.pairs[first, second] for group in uncounted if group.pairs[first, second].lines]
            if pairs:
                before = sum((one.before for one in pairs), Decimal(0))
                after = sum((one.after for one in pairs), Decimal(0))
                found.append(TaggedLine(year, "", {first: before, second: after}, None))
    return found


def _amounts(shared: Sequence[tuple[LineSums, Decimal]]) -> dict[str, Decimal | None]:
    return {stage: _amount(shared, stage) for stage in STAGES}


def _amount(shared: Sequence[tuple[LineSums, Decimal]], stage: str) -> Decimal | None:
    parts = [amount * share for group, share in shared if (amount := group.amounts[stage]) is not None]
    return sum(parts, Decimal(0)).quantize(DECIMALS) if parts else None


def _execution(shared: Sequence[tuple[LineSums, Decimal]]) -> Execution:
    pairs = [(group.pairs["pim", "accrued"], share) for group, share in shared]
    return Execution(
        sum(pair.lines for pair, _ in pairs),
        sum((pair.before * share for pair, share in pairs), Decimal(0)),
        sum((pair.after * share for pair, share in pairs), Decimal(0)),
    )
