"""Money counted for gender over the years, so that a change of tag never looks like a growth of money.

A *series* is what a line is called in every year. The counted amount of a year is the sum over its lines of amount
times the share that one scheme counts. Two readings stand side by side:

as_tagged : each year with the tags of its own lines
constant : each year with one tag a series, that of the latest year in which all money of the series is tagged
    (constant taxonomy). A series that is tagged in part only says nothing of other years, whose lines may be others:
    its money is in `constant_unknown`, as is that of series without any tag.

and the change from one year to the next is taken apart exactly:

as_tagged(1) - as_tagged(0) = money + retag + entered + left

money : sum of (a1 - a0) * w1 over series of both years
retag : sum of a0 * (w1 - w0) over series of both years; a tag given to a line for the first time is a retag
entered, left : a1 * w1 of series that are new, - a0 * w0 of series that are gone
with a the amount of a series in a year and w its counted share (0 where it is not tagged: that money is in `untagged`).

Of a year in which nothing at all is tagged the counted money is unknown and not 0: it has no reading, and there is no
change from it or to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

DECIMALS = Decimal("0.0001")
DIGITS = 60
SERIES_LABELS = ("entity_code", "programme_code", "product_code", "activity_code", "purpose_code")
MONEY_PARTS = 3  # of a ministry's line code: funding source, fund, classifier


@dataclass(frozen=True)
class YearLine:
    """A line in a year: the series it belongs to, its amount, and the share counted (None: nobody has tagged it)."""

    year: int
    series: str
    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True)
class Change:
    """How the counted amount came from that of the year before; the four parts add up to `total` exactly."""

    total: Decimal
    money: Decimal
    retag: Decimal
    entered: Decimal
    left: Decimal


@dataclass(frozen=True)
class SeriesYear:
    """One year. `untagged` is the amount about which nothing is said: it is not 0 for gender, it is unknown."""

    year: int
    as_tagged: Decimal | None  # None: no line of the year is tagged
    constant: Decimal | None  # None: no series of the year is wholly tagged in any year
    constant_unknown: Decimal  # amount of the series that `constant` can say nothing about
    untagged: Decimal
    total: Decimal
    change: Change | None  # from the year before that has lines; None for the first, and where either is unknown


@dataclass
class _Part:
    """A series in one year."""

    amount: Fraction = Fraction(0)
    counted: Fraction = Fraction(0)
    tagged: Fraction = Fraction(0)
    is_tagged: bool = False
    is_unknown: bool = False  # money about which nothing is said

    @property
    def reference(self) -> Fraction | None:
        """The weight that may stand for other years: None where a part of the money is unknown."""
        return None if self.is_unknown else self.weight

    @property
    def weight(self) -> Fraction | None:
        """Counted share of the whole amount; None where the amount is 0 or nothing is tagged."""
        return self.counted / self.amount if self.is_tagged and self.amount else None


def series_key(code: str, labels: Mapping[str, str]) -> str:
    """What a line is called in every year.

    Codes of the ministry's file carry the target's number, which is given anew each year: there the chain of entity,
    programme, product, activity and purpose takes its place, with funding source, fund and classifier from the code.
    Elsewhere it is the code.
    """
    chain = [labels[name] for name in SERIES_LABELS if labels.get(name)]
    if "activity_code" not in labels or "purpose_code" not in labels:
        return code
    return "/".join([*chain, *code.split("/")[-MONEY_PARTS:]])


def counted_series(lines: Iterable[YearLine]) -> tuple[SeriesYear, ...]:
    """The years in their order, as tagged and by one taxonomy. Amounts exact to the fourth decimal."""
    years = _parts(lines)
    reference = _reference_weights(years)
    result: list[SeriesYear] = []
    before: dict[str, _Part] | None = None
    for year in sorted(years):
        parts = years[year]
        result.append(
            SeriesYear(
                year,
                _as_tagged(parts),
                _constant(parts, reference),
                _decimal(sum((part.amount for name, part in parts.items() if name not in reference), Fraction(0))),
                _decimal(sum((part.amount - part.tagged for part in parts.values()), Fraction(0))),
                _decimal(sum((part.amount for part in parts.values()), Fraction(0))),
                None if before is None else _change(before, parts),
            )
        )
        before = parts
    return tuple(result)


def merged_series(lines: Iterable[YearLine]) -> list[YearLine]:
    """The same readings from fewer lines: series that are tagged alike in every year become one.

    All that `counted_series` says is linear in the amounts of series that have the same years and the same share in
    each of them. Series that are tagged in several ways within a year, or that are 0 in another year, stay apart; so do
    those whose sum would be 0 though they are not, because a share of nothing says no weight.
    """
    series: dict[str, list[YearLine]] = defaultdict(list)
    for line in lines:
        series[line.series].append(line)
    alike: dict[tuple[tuple[int, Decimal | None, bool], ...], list[list[YearLine]]] = defaultdict(list)
    for own in series.values():
        own.sort(key=lambda line: line.year)
        alike[tuple((line.year, line.share, not line.amount) for line in own)].append(own)
    return [line for parts in alike.values() for line in _merged(parts)]


def _merged(parts: list[list[YearLine]]) -> list[YearLine]:
    """One series for several with the same years and shares, where that says the same."""
    first = parts[0]
    with localcontext(prec=DIGITS):
        amounts = [sum((line.amount for line in lines), Decimal(0)) for lines in zip(*parts, strict=True)]
    is_alone = len({line.year for line in first}) < len(first)
    vanishes = any(line.amount and not amount for line, amount in zip(first, amounts, strict=True))
    if is_alone or vanishes:
        return [line for own in parts for line in own]
    return [YearLine(line.year, line.series, amount, line.share) for line, amount in zip(first, amounts, strict=True)]


def _parts(lines: Iterable[YearLine]) -> dict[int, dict[str, _Part]]:
    years: dict[int, dict[str, _Part]] = defaultdict(lambda: defaultdict(_Part))
    for line in lines:
        part, amount = years[line.year][line.series], Fraction(line.amount)
        part.amount += amount
        if line.share is None:
            part.is_unknown |= bool(amount)
        else:
            part.is_tagged = True
            part.tagged += amount
            part.counted += amount * Fraction(line.share)
    return years


def _reference_weights(years: Mapping[int, Mapping[str, _Part]]) -> dict[str, Fraction]:
    """Each series' counted share in the latest year that tells it of all its money."""
    found: dict[str, Fraction] = {}
    for year in sorted(years):
        found |= {name: weight for name, part in years[year].items() if (weight := part.reference) is not None}
    return found


def _as_tagged(parts: Mapping[str, _Part]) -> Decimal | None:
    """Counted amount of a year; None where nothing of it is tagged."""
    if not any(part.is_tagged for part in parts.values()):
        return None
    return _decimal(sum((part.counted for part in parts.values()), Fraction(0)))


def _constant(parts: Mapping[str, _Part], reference: Mapping[str, Fraction]) -> Decimal | None:
    """Counted amount of a year by one tag a series; None where no series of it has one.

    Where all that is tagged is 0, so that no share can be told, it is what the year itself says.
    """
    known = [part.amount * reference[name] for name, part in parts.items() if name in reference]
    if not known:
        return None if any(part.is_unknown for part in parts.values()) else _as_tagged(parts)
    return _decimal(sum(known, Fraction(0)))


def _change(before: Mapping[str, _Part], after: Mapping[str, _Part]) -> Change | None:
    first, second = _as_tagged(before), _as_tagged(after)
    if first is None or second is None:
        return None
    both = before.keys() & after.keys()
    money = sum((_money(before[name], after[name]) for name in both), Fraction(0))
    entered = sum((after[name].counted for name in after.keys() - both), Fraction(0))
    left = -sum((before[name].counted for name in before.keys() - both), Fraction(0))
    total = second - first
    parts = (_decimal(money), _decimal(entered), _decimal(left))
    return Change(total, parts[0], total - sum(parts, Decimal(0)), parts[1], parts[2])


def _money(before: _Part, after: _Part) -> Fraction:
    """(a1 - a0) * w1; where nothing is left of a series (a1 = 0) its tag of before is taken to stand."""
    weight = after.counted / after.amount if after.amount else before.weight or Fraction(0)
    return (after.amount - before.amount) * weight


def _decimal(number: Fraction) -> Decimal:
    with localcontext(prec=DIGITS):
        return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(DECIMALS)
