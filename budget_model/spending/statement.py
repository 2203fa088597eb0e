"""The figures of a gender budget statement: money by class and stage, declared beside executed, and who gives most.

One scheme at a time. What nobody has tagged is unknown: it stands beside the classes and is never one of them, and a
floor is *met* or *missed* only where the unknown money could not turn the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal

from budget_model.spending.counting import ENOUGH_DIGITS, TaggedLine, count, placed, share_of_whole
from budget_model.spending.lines import STAGES
from budget_model.spending.schemes import Scheme

Amounts = Mapping[str, Decimal | None]  # by stage; None: no line of them has the stage
Key = tuple[int, str]


@dataclass(frozen=True)
class Contribution:
    """A line's part of a total: `share` of 0-1, None where the total is 0 or below."""

    key: Key
    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Part:
    """Lines of one class (or without one, for a reason). `largest`: the line that gives most at the one stage."""

    code: str
    lines: int
    amounts: Amounts
    largest: Contribution | None


@dataclass(frozen=True)
class Breakdown:
    """All lines by the classes of a scheme; `unknown` by the reason why there is none. Together: `whole`."""

    scheme: str
    stage: str
    classes: tuple[Part, ...]
    unknown: tuple[Part, ...]
    whole: Part

    def share(self, part: Part) -> Decimal | None:
        """The part's share of the whole budget at the stage (0-1); None where it cannot be said."""
        return share_of_whole(part.amounts[self.stage], self.whole.amounts[self.stage])


@dataclass(frozen=True)
class Execution:
    """What was declared and what was executed, over the lines that have both stages (others would bend the rate).

    declared, executed : sums of amount × counted share for counted lines; of amount × what is left of it for the rest,
        so that a line that counts in part stands in both, and both together are the whole
    """

    lines: int
    declared: Decimal
    executed: Decimal

    @property
    def rate(self) -> Decimal | None:
        """Executed / declared; None where nothing was declared."""
        return self.executed / self.declared if self.declared > 0 else None


@dataclass(frozen=True)
class Counted:
    """What one scheme counts.

    amounts : sum of amount × share by stage, None where no counted line has the stage
    unknown : amounts of lines about which the scheme can say nothing; they may count or not
    total : of all lines
    contributions : counted lines at the stage, the largest first
    rest_execution : all money that is not counted, also that of which nothing is known (`unknown_execution`)
    known : amounts of lines whose share is known, 0 included; None where no such line has the stage
    """

    scheme: str
    stage: str
    lines: int
    amounts: Amounts
    unknown: Amounts
    total: Amounts
    contributions: tuple[Contribution, ...]
    counted_execution: Execution
    rest_execution: Execution
    unknown_execution: Execution
    whole_execution: Execution
    known: Amounts

    def share(self, stage: str) -> Decimal | None:
        """Counted / whole budget (0-1): at least so much, because what is unknown is not in it."""
        return share_of_whole(self.amounts[stage], self.total[stage])

    @property
    def rest(self) -> Execution | None:
        """Execution of what is not counted; None where nothing is tagged: there is no rest, all of it is unknown."""
        return None if self.known["pim"] is None else self.rest_execution

    @property
    def rest_rate(self) -> Decimal | None:
        """Executed / declared (0-1) of the rest; None where there is no rest, or none of it was declared."""
        return self.rest.rate if self.rest is not None else None


Verdict = Literal["met", "missed", "unknown"]


@dataclass(frozen=True)
class FloorResult:
    """Whether a floor is kept. `least`, `most`: the counted share if nothing, or all, of the unknown money counts."""

    floor: Decimal
    least: Decimal
    most: Decimal
    verdict: Verdict


def breakdown(lines: Iterable[TaggedLine], scheme: Scheme, stage: str) -> Breakdown:
    """All lines by class. Classes stand in the scheme's order, also those without lines."""
    classes: dict[str, list[TaggedLine]] = {code: [] for code in scheme.codes() if _is_class(scheme, code)}
    unknown: dict[str, list[TaggedLine]] = defaultdict(list)
    every = []
    for line in lines:
        every.append(line)
        found = placed(line.tag, scheme)
        is_placed = found.code is not None and found.reason in ("counted", "unresolved")
        (classes.setdefault(str(found.code), []) if is_placed else unknown[found.reason]).append(line)
    return Breakdown(
        scheme.id,
        stage,
        tuple(_part(code, own, stage) for code, own in classes.items()),
        tuple(_part(reason, own, stage) for reason, own in unknown.items()),
        _part("", every, stage),
    )


def _is_class(scheme: Scheme, code: str) -> bool:
    category = scheme.category(code)
    return category is None or category.is_screened


def _part(code: str, lines: Sequence[TaggedLine], stage: str) -> Part:
    amounts = sum_stages(lines)
    found = [(line, amount) for line in lines if (amount := line.amounts.get(stage)) is not None]
    largest = max(found, key=lambda one: (one[1], one[0].code), default=None)
    return Part(code, len(lines), amounts, _contribution(*largest, amounts[stage]) if largest else None)


def _contribution(line: TaggedLine, amount: Decimal, total: Decimal | None) -> Contribution:
    return Contribution((line.year, line.code), amount, amount / total if total is not None and total > 0 else None)


def sum_stages(lines: Iterable[TaggedLine]) -> dict[str, Decimal | None]:
    """Exact sums by stage; None where no line has the stage."""
    sums: dict[str, Decimal | None] = dict.fromkeys(STAGES)
    with localcontext(prec=ENOUGH_DIGITS):
        for line in lines:
            for stage in STAGES:
                amount = line.amounts.get(stage)
                if amount is not None:
                    sums[stage] = (sums[stage] or Decimal(0)) + amount
    return sums


def cross_table(
    lines: Iterable[TaggedLine], rows: Scheme, columns: Scheme, stage: str
) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Lines and amount by two classes, e.g. policy × beneficiary; only of lines that have both and the stage."""
    found: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for line in lines:
        row, column = placed(line.tag, rows).code, placed(line.tag, columns).code
        amount = line.amounts.get(stage)
        if row is not None and column is not None and amount is not None:
            number, sum_ = found.get((row, column), (0, Decimal(0)))
            found[row, column] = (number + 1, sum_ + amount)
    return found


def counted_money(
    lines: Iterable[TaggedLine], scheme: Scheme, stage: str, declared: str = "pim", executed: str = "accrued"
) -> Counted:
    """What a scheme counts, stage by stage, who contributes most, and how it was executed beside the rest."""
    every = list(lines)
    shares = [count(line.tag, scheme).share for line in every]
    with localcontext(prec=ENOUGH_DIGITS):
        known = [(line, share) for line, share in zip(every, shares, strict=True) if share is not None]
        weighted = [_weighted(line, share) for line, share in known if share]
        unknown = [line for line, share in zip(every, shares, strict=True) if share is None]
        rest = [_weighted(line, 1 - share) for line, share in known if share != 1] + unknown
        amounts = sum_stages(weighted)
        parts = [
            _contribution(line, amount, amounts[stage])
            for line in weighted
            if (amount := line.amounts[stage]) is not None
        ]
        return Counted(
            scheme.id,
            stage,
            len(weighted),
            amounts,
            sum_stages(unknown),
            sum_stages(every),
            tuple(sorted(parts, key=lambda one: (-one.amount, one.key))),
            _execution(weighted, declared, executed),
            _execution(rest, declared, executed),
            _execution(unknown, declared, executed),
            _execution(every, declared, executed),
            sum_stages(line for line, _ in known),
        )


def _weighted(line: TaggedLine, share: Decimal) -> TaggedLine:
    amounts = {stage: None if amount is None else amount * share for stage, amount in line.amounts.items()}
    return TaggedLine(line.year, line.code, amounts, line.tag)


def _execution(lines: Iterable[TaggedLine], declared: str, executed: str) -> Execution:
    pairs = [
        (first, second)
        for line in lines
        if (first := line.amounts.get(declared)) is not None and (second := line.amounts.get(executed)) is not None
    ]
    return Execution(
        len(pairs), sum((one for one, _ in pairs), Decimal(0)), sum((other for _, other in pairs), Decimal(0))
    )


def floor_result(counted: Counted, floor: Decimal, stage: str) -> FloorResult | None:
    """Whether at least `floor` (0-1) of the whole budget is counted; None where the budget has no money at the stage.

    *met*: already what is known reaches it. *missed*: even if all unknown money counted, it would not. Else *unknown*.
    """
    total = counted.total[stage]
    if total is None or total <= 0:
        return None
    known, unknown = counted.amounts[stage] or Decimal(0), counted.unknown[stage] or Decimal(0)
    least, most = known / total, (known + max(unknown, Decimal(0))) / total
    verdict: Verdict = "met" if least >= floor else "missed" if most < floor else "unknown"
    return FloorResult(floor, least, most, verdict)
