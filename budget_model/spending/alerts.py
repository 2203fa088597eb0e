"""Alerts of a year's budget by rule, each with the lines behind it. They say what to look at, never why it happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from budget_model.spending.counting import ENOUGH_DIGITS, TaggedLine, count
from budget_model.spending.schemes import Scheme

Key = tuple[int, str]
CUT, SLOW, GONE = "cut", "slow", "gone"


@dataclass(frozen=True)
class AlertLine:
    """A line behind an alert: two amounts whose meaning the rule says; None where the line is gone."""

    key: Key
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class Alert:
    """What a rule found. `own` and `rest` are the rates that it compares (0-1 and above); None for lines that are gone.

    cut : from the opening to the modified budget, counted money lost more (or grew less) than the rest
    slow : of the modified budget, a smaller share of counted money was accrued than of the rest
    gone : lines with an approved tag that the budget no longer has
    """

    rule: str
    year: int
    own: Decimal | None
    rest: Decimal | None
    lines: tuple[AlertLine, ...]


def year_alerts(lines: Iterable[TaggedLine], scheme: Scheme, year: int, gone: Sequence[Key] = ()) -> tuple[Alert, ...]:
    """Alerts of one year's lines by one scheme of counting."""
    own: list[TaggedLine] = []
    rest: list[TaggedLine] = []
    for line in lines:
        share = count(line.tag, scheme).share
        (own if share else rest).append(line)
    with localcontext(prec=ENOUGH_DIGITS):
        found = [_compare(CUT, "pia", "pim", own, rest, year), _compare(SLOW, "pim", "accrued", own, rest, year)]
    missing = Alert(GONE, year, None, None, tuple(AlertLine(key, None, None) for key in gone)) if gone else None
    return tuple(one for one in (*found, missing) if one is not None)


def _compare(
    rule: str, first: str, second: str, own: Sequence[TaggedLine], rest: Sequence[TaggedLine], year: int
) -> Alert | None:
    """An alert where the counted lines' ratio of two stages is below the rest's, with the lines that fall short."""
    counted, others = _pairs(own, first, second), _pairs(rest, first, second)
    rate, beside = _rate(counted), _rate(others)
    if rate is None or beside is None or rate >= beside:
        return None
    short = [
        one for one in counted if one.before is not None and one.after is not None and one.after < one.before * beside
    ]
    short.sort(key=lambda one: ((one.after or Decimal(0)) - (one.before or Decimal(0)) * beside, one.key))
    return Alert(rule, year, rate, beside, tuple(short))


def _pairs(lines: Sequence[TaggedLine], first: str, second: str) -> list[AlertLine]:
    found = [AlertLine((line.year, line.code), line.amounts.get(first), line.amounts.get(second)) for line in lines]
    return [one for one in found if one.before is not None and one.after is not None]


def _rate(pairs: Sequence[AlertLine]) -> Decimal | None:
    before = sum((one.before for one in pairs if one.before is not None), Decimal(0))
    after = sum((one.after for one in pairs if one.after is not None), Decimal(0))
    return after / before if before > 0 else None
