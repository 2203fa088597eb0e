"""How much of a budget stands behind programmes: shares that add up, lines without a link, lines shared too far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

ONE, NOTHING = Decimal(1), Decimal(0)


@dataclass(frozen=True)
class LinkedLine:
    """A line with the shares of it (0-1) that feed programmes. `amount`: None where the file lacks the stage."""

    code: str
    amount: Decimal | None
    shares: Mapping[str, Decimal]

    @property
    def share(self) -> Decimal:
        """Sum of the shares; above 1 where programmes claim more than there is."""
        return sum(self.shares.values(), NOTHING)

    @property
    def linked_amount(self) -> Decimal:
        """Money of the line behind programmes, never more than the line has."""
        return (self.amount or NOTHING) * min(self.share, ONE)

    @property
    def rest(self) -> Decimal:
        """Money of the line behind no programme."""
        return (self.amount or NOTHING) - self.linked_amount


@dataclass(frozen=True)
class LinkCoverage:
    """A year's budget by its links. Amounts in currency; lines in the order of their amounts, the largest first.

    `unlinked`: no programme; `partly`: shares below 1; `over_shared`: shares above 1; `without_amount`: no figure
    """

    line_count: int
    linked_count: int
    amount: Decimal
    linked_amount: Decimal
    unlinked: tuple[LinkedLine, ...]
    partly: tuple[LinkedLine, ...]
    over_shared: tuple[LinkedLine, ...]
    without_amount: tuple[LinkedLine, ...]

    @property
    def share(self) -> Decimal | None:
        """Linked over whole; None where the whole is 0."""
        return self.linked_amount / self.amount if self.amount else None


def link_coverage(lines: Iterable[LinkedLine]) -> LinkCoverage:
    """How far the links cover the lines of a year."""
    found = sorted(lines, key=lambda line: (-(line.amount or NOTHING), line.code))
    linked = [line for line in found if line.shares]
    return LinkCoverage(
        len(found),
        len(linked),
        sum((line.amount or NOTHING for line in found), NOTHING),
        sum((line.linked_amount for line in found), NOTHING),
        tuple(line for line in found if not line.shares),
        tuple(line for line in linked if line.share < ONE),
        tuple(line for line in linked if line.share > ONE),
        tuple(line for line in found if line.amount is None),
    )
