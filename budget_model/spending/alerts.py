"""Alerts of a year's budget by rule, each with the lines behind it. They say what to look at, never why it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from budget_model.spending.counting import ENOUGH_DIGITS, TaggedLine, count
from budget_model.spending.schemes import Scheme

Key = tuple[int, str]
Shared = tuple[TaggedLine, Decimal]  # a line and the share of it that counts
CUT, SLOW, GONE, DECEMBER = "cut", "slow", "gone", "december"


@dataclass(frozen=True)
class AlertLine:
    """A line behind an alert: two amounts whose meaning the rule says; None where the line is gone."""

    key: Key
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class Alert:
    """What a rule found. `own` and `rest` are the rates that it compares (0-1 and above); None where none is.

    Both are of money as the scheme counts it: amount × counted share, and for the rest what is left of each amount, as
    in the statement. The lines carry their whole amounts, as the budget prints them.

    cut : from the opening to the modified budget, counted money lost more (or grew less) than the rest
    slow : of the modified budget, a smaller share of counted money was accrued than of the rest
    gone : lines with an approved tag that the budget no longer has
    december : counted lines whose modified budget was lower in a file that came in at the end of the year than in the
        file before it; `since` and `until` are the days on which the two came in, which is all that is known of when
    """

    rule: str
    year: int
    own: Decimal | None
    rest: Decimal | None
    lines: tuple[AlertLine, ...]
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Move:
    """The modified budget of a line before and after a file that came in on `until`; the one before it on `since`.

    Days are ISO texts (2026-12-04).
    """

    key: Key
    before: Decimal
    after: Decimal
    since: str
    until: str


def december_alert(moves: Iterable[Move], lines: Iterable[TaggedLine], scheme: Scheme, year: int) -> Alert | None:
    """Money that left counted lines at the end of the year; `moves` are of its December or later, in their order."""
    counted = {(line.year, line.code) for line in lines if count(line.tag, scheme).share}
    first: dict[Key, Move] = {}
    last: dict[Key, Move] = {}
    for move in moves:
        if move.key in counted:
            first.setdefault(move.key, move)
            last[move.key] = move
    lost = [key for key in first if last[key].after < first[key].before]
    if not lost:
        return None
    lost.sort(key=lambda key: (last[key].after - first[key].before, key))
    found = tuple(AlertLine(key, first[key].before, last[key].after) for key in lost)
    return Alert(
        DECEMBER,
        year,
        None,
        None,
        found,
        min(first[key].since for key in lost),
        max(last[key].until for key in lost),
    )


def year_alerts(lines: Iterable[TaggedLine], scheme: Scheme, year: int, gone: Sequence[Key] = ()) -> tuple[Alert, ...]:
    """Alerts of one year's lines by one scheme of counting."""
    with localcontext(prec=ENOUGH_DIGITS):
        shared = [(line, count(line.tag, scheme).share or Decimal(0)) for line in lines]
        found = [_compare(CUT, "pia", "pim", shared, year), _compare(SLOW, "pim", "accrued", shared, year)]
    missing = Alert(GONE, year, None, None, tuple(AlertLine(key, None, None) for key in gone)) if gone else None
    return tuple(one for one in (*found, missing) if one is not None)


@dataclass(frozen=True)
class _Pair:
    """A line that has both stages, and the share of it that counts."""

    key: Key
    before: Decimal
    after: Decimal
    share: Decimal


def _compare(rule: str, first: str, second: str, lines: Sequence[Shared], year: int) -> Alert | None:
    """An alert where the counted money's ratio of two stages is below the rest's, with the lines that fall short."""
    pairs = list(_pairs(lines, first, second))
    own = _rate((one.before * one.share, one.after * one.share) for one in pairs)
    rest = _rate((one.before * (1 - one.share), one.after * (1 - one.share)) for one in pairs)
    if own is None or rest is None or own >= rest:
        return None
    short = [(one.share * (one.after - one.before * rest), one) for one in pairs if one.share]
    behind = sorted((missing, one.key, one) for missing, one in short if missing < 0)
    return Alert(rule, year, own, rest, tuple(AlertLine(key, one.before, one.after) for _, key, one in behind))


def _pairs(lines: Sequence[Shared], first: str, second: str) -> Iterator[_Pair]:
    for line, share in lines:
        before, after = line.amounts.get(first), line.amounts.get(second)
        if before is not None and after is not None:
            yield _Pair((line.year, line.code), before, after, share)


def _rate(pairs: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    before, after = Decimal(0), Decimal(0)
    for first, second in pairs:
        before, after = before + first, after + second
    return after / before if before > 0 else None
