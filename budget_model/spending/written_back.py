"""What programmes have once transfers are written back into a budget: with today's shares, and with others.

A programme has a line's money times its share. Where a line is wholly a programme's, what the line gives or gets is
what the programme gives or gets. Where it is linked in part or shared, a transfer also moves the money of whoever else
has a share, and a new line brings nothing until it is linked. So both are told here: what today's shares make of the
transfers, and the shares under which every programme has what was meant for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from budget_model.spending.modification import Transfer

CENT = Decimal("0.01")
SHARE_STEP = Decimal("0.000001")  # shares are kept with six decimals
LineKey = tuple[str, str | None]  # a line; of a new one the line that it is like, and its source


@dataclass(frozen=True)
class LinkedMoney:
    """What feeds a programme: an amount that no line stands behind, and its share (0-1) in each line."""

    code: str
    stated: Decimal
    shares: Mapping[str, Decimal]


@dataclass(frozen=True)
class ShareChange:
    """A share to be set so that a programme has what was meant for it.

    `source`: of a new line that is like `line`, else None. `today`: None for a line that is not there yet. `wanted`: 0
    means that the link goes; None: no share from 0 to 1 would do.
    """

    programme: str
    line: str
    source: str | None
    today: Decimal | None
    wanted: Decimal | None


@dataclass(frozen=True)
class ProgrammeAfter:
    """Money of a programme in whole cents: today, in the scenario, and after writing back.

    `got`: with today's shares; `got_with_shares`: with the shares that are to be set.
    """

    code: str
    today: Decimal
    wanted: Decimal
    got: Decimal
    got_with_shares: Decimal


@dataclass(frozen=True)
class WrittenBack:
    """Every programme after writing back, and the shares to be set."""

    programmes: tuple[ProgrammeAfter, ...]
    shares: tuple[ShareChange, ...]


def write_back(
    transfers: Sequence[Transfer],
    budgets: Mapping[str, Decimal],
    programmes: Sequence[LinkedMoney],
    wanted: Mapping[str, Decimal],
) -> WrittenBack:
    """Every programme after these transfers.

    budgets : line -> its budget today; a line that a programme names and that is not here brings nothing
    programmes : all of the site, each once
    wanted : programme -> its money in the scenario
    """
    after = _budgets_after(transfers, budgets)
    changes = tuple(_share_changes(transfers, budgets, after, programmes))
    to_set = {(one.programme, one.line, one.source): one.wanted for one in changes if one.wanted is not None}
    told = []
    for one in programmes:
        shares: dict[LineKey, Decimal] = {(line, None): share for line, share in one.shares.items()}
        changed = {(line, source): share for (code, line, source), share in to_set.items() if code == one.code}
        before: dict[LineKey, Decimal] = {(line, None): budget for line, budget in budgets.items()}
        sums = (_money(one, shares, before), _money(one, shares, after), _money(one, {**shares, **changed}, after))
        told.append(ProgrammeAfter(one.code, sums[0], wanted[one.code], sums[1], sums[2]))
    return WrittenBack(tuple(told), changes)


def _money(one: LinkedMoney, shares: Mapping[LineKey, Decimal], budgets: Mapping[LineKey, Decimal]) -> Decimal:
    """As the money of a programme is counted from its lines, rounded to whole cents once."""
    amount = one.stated + sum((budgets.get(key, Decimal(0)) * share for key, share in shares.items()), Decimal(0))
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def _ends(one: Transfer) -> tuple[LineKey, LineKey]:
    return (one.from_line, None), (one.to_line, one.source if one.is_new_line else None)


def _budgets_after(transfers: Iterable[Transfer], budgets: Mapping[str, Decimal]) -> dict[LineKey, Decimal]:
    after: dict[LineKey, Decimal] = {(line, None): budget for line, budget in budgets.items()}
    for one in transfers:
        amount = Decimal(one.cents).scaleb(-2)
        giver, taker = _ends(one)
        after[giver] = after.get(giver, Decimal(0)) - amount
        after[taker] = after.get(taker, Decimal(0)) + amount
    return after


def _share_changes(
    transfers: Sequence[Transfer],
    budgets: Mapping[str, Decimal],
    after: Mapping[LineKey, Decimal],
    programmes: Sequence[LinkedMoney],
) -> Iterator[ShareChange]:
    moved = _moved(transfers)
    touched = {key for one in transfers for key in _ends(one)}
    for key in sorted(touched, key=lambda key: (key[0], key[1] or "")):
        line, source = key
        for one in programmes:
            today = one.shares.get(line) if source is None else None
            meant = moved.get((one.code, key), Decimal(0)) + (today or 0) * budgets.get(line, Decimal(0))
            if after[key] and (today is not None or meant):
                share = _share(meant, after[key])
                if share != today:
                    yield ShareChange(one.code, line, source, today, share)


def _moved(transfers: Iterable[Transfer]) -> dict[tuple[str, LineKey], Decimal]:
    """By how much the money of a programme in a line is to change."""
    moved: dict[tuple[str, LineKey], Decimal] = {}
    for one in transfers:
        amount = Decimal(one.cents).scaleb(-2)
        giver, taker = _ends(one)
        moved[one.from_programme, giver] = moved.get((one.from_programme, giver), Decimal(0)) - amount
        moved[one.to_programme, taker] = moved.get((one.to_programme, taker), Decimal(0)) + amount
    return moved


def _share(amount: Decimal, budget: Decimal) -> Decimal | None:
    """An amount as a share of a line's budget, never more than it: all shares of a line stay within the whole."""
    if budget <= 0 or not 0 <= amount <= budget:
        return None
    return (amount / budget).quantize(SHARE_STEP, ROUND_DOWN)
