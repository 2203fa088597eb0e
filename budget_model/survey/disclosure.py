"""Disclosure control: whole-number tables rounded once, at their finest cells, so that every published sum agrees.

The finest cells (area x age band, one sex) of a set of persons are rounded at random to a neighbouring multiple of a
base; areas, levels and totals are *sums of the rounded cells*. Nothing published then says more than the rounded cells
do, whatever is subtracted from or added to what. Up or down is chosen so that the sums stay near the truth: controlled
random rounding (Fellegi 1975, Cox 1987). A set of persons is known by the sum of its members' record keys, so the same
persons are rounded the same way wherever they are counted (the idea of the cell-key method: Fraser and Wooton 2005,
Thompson, Broadfoot and Elazar 2013). Means come from answers that carry a noise factor a person (Evans, Zayatz and
Slanta 1998). `docs/disclosure.md` says what this guards against, and how well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]

RECORD_KEY_BITS = 24  # sums of 500 million keys stay exact in 64-bit floats
NEAREST_FACTOR, FARTHEST_FACTOR = 0.10, 0.15  # how far a noise factor lies from 1


@dataclass(frozen=True)
class Rule:
    """How a kind of indicator is protected."""

    base: int  # counts are multiples of it
    least: int  # fewest persons inside the numerator, and outside it, that may be shown
    slack: int  # how far above `least` the rounded count has to be, so that the true one is not below it

    @property
    def shown_from(self) -> int:
        """Smallest rounded count that is shown."""
        return self.least + self.slack


ORDINARY = Rule(base=5, least=10, slack=10)
SENSITIVE = Rule(base=10, least=20, slack=20)


def random_numbers(secret: bytes, purpose: str, size: int) -> NDArray[np.uint64]:
    """`size` whole numbers (64 bits) that only who holds the secret can foresee; the same for the same purpose."""
    stream = hashlib.shake_256(len(secret).to_bytes(4, "big") + secret + purpose.encode()).digest(8 * size)
    return np.frombuffer(stream, dtype="<u8").astype(np.uint64)


def uniform_numbers(secret: bytes, purpose: str, size: int) -> Numbers:
    """The same as numbers from 0 to below 1."""
    return (random_numbers(secret, purpose, size) >> np.uint64(11)).astype(np.float64) / 2.0**53


def record_keys(secret: bytes, persons: int) -> Whole:
    """A key a person; the sum over a set of persons tells sets apart."""
    return (random_numbers(secret, "record keys", persons) >> np.uint64(64 - RECORD_KEY_BITS)).astype(np.int64)


def noise_factors(secret: bytes, persons: int) -> Numbers:
    """A factor a person, 10 to 15 % above or below 1, each side as likely: no answer can be known more closely."""
    drawn = uniform_numbers(secret, "noise factors", persons)
    side = np.where(drawn < 0.5, -1.0, 1.0)
    return 1 + side * (NEAREST_FACTOR + (FARTHEST_FACTOR - NEAREST_FACTOR) * np.mod(2 * drawn, 1.0))


# --- controlled random rounding ---------------------------------------------------------------------------------------


def round_cells(values: Whole, margins: Whole, base: int, secret: bytes, purpose: str) -> Whole:
    """Each cell at a neighbouring multiple of `base` (a multiple stays), the sums of the margins near the truth.

    Parameters
    ----------
    values : (cells), whole numbers from 0 on.
    margins : (cells, ways), the number of the sum that a cell goes into, for each way of adding up.
    purpose : a name for the draw; the same name and values give the same result.

    Returns
    -------
    (cells), differing from `values` by less than `base`.
    """
    rest = values % base
    result = values - rest
    errors, order = _start(margins, base, secret, purpose, len(values))
    for cell in order:
        if rest[cell] == 0:
            continue
        ways = margins[cell]
        is_up = errors[ways].mean() < rest[cell] - base / 2
        result[cell] += base * is_up
        errors[ways] += result[cell] - values[cell]
    return result


def round_part(
    part: Whole, whole: Whole, rounded_whole: Whole, margins: Whole, base: int, secret: bytes, purpose: str
) -> Whole:
    """Round a part of a set that is rounded already, so that the part *and* the remainder are neighbouring multiples.

    part, whole : (cells), 0 <= part <= whole; rounded_whole : neighbouring multiples of `whole`; see `round_cells`.
    """
    lowest, highest = _limits(part, whole, rounded_whole, base)
    result = lowest.copy()
    errors, order = _start(margins, base, secret, purpose, len(part))
    for cell in order:
        ways = margins[cell]
        if lowest[cell] < highest[cell]:
            middle = (lowest[cell] + highest[cell]) / 2 - part[cell]
            result[cell] = highest[cell] if errors[ways].mean() + middle < 0 else lowest[cell]
        errors[ways] += result[cell] - part[cell]
    return result


def _limits(part: Whole, whole: Whole, rounded_whole: Whole, base: int) -> tuple[Whole, Whole]:
    """Lowest and highest multiple that leave both the part and the remainder at a neighbouring multiple.

    A whole that is itself the sum of two rounded sets can lie further off; where no such multiple is left, the one
    that keeps the share is taken.
    """
    remainder = whole - part
    floor, ceiling = part // base * base, -(-part // base) * base
    lowest = np.maximum(floor, rounded_whole - -(-remainder // base) * base)
    highest = np.minimum(ceiling, rounded_whole - remainder // base * base)
    in_share = np.rint(part * rounded_whole / np.maximum(whole, 1) / base).astype(np.int64) * base
    is_empty = lowest > highest
    return np.where(is_empty, in_share, lowest), np.where(is_empty, in_share, highest)


def is_neighbour(rounded: Whole, values: Whole, base: int) -> bool:
    """Whether every cell lies at a multiple next to its true value, and none below 0."""
    return bool((np.abs(rounded - values) < base).all() and (rounded >= 0).all())


def _start(margins: Whole, base: int, secret: bytes, purpose: str, cells: int) -> tuple[Numbers, list[int]]:
    """Errors of the sums so far (a common random start makes the first choices random), and the order of the cells."""
    drawn = random_numbers(secret, purpose, cells + 1)
    start = (float(drawn[-1] >> np.uint64(11)) / 2.0**53 - 0.5) * base
    sums = int(margins.max(initial=-1)) + 1
    return np.full(sums, start), np.argsort(drawn[:-1], kind="stable").tolist()


# --- many indicators that share persons -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """An indicator's universe and numerator for one sex: persons by cell, and the sums of their record keys."""

    indicator: str
    sex: str
    universe: Whole  # (cells)
    numerator: Whole | None  # (cells); None for a mean
    universe_key: int
    numerator_key: int = 0

    @property
    def size(self) -> int:
        return int(self.universe.sum())


@dataclass(frozen=True)
class Rounded:
    """The same after rounding."""

    universe: Whole
    numerator: Whole | None


@dataclass
class SetRounder:
    """Rounds sets of persons; a set that was rounded before comes back as it was."""

    margins: Whole
    base: int
    secret: bytes
    known: dict[tuple[int, int], Whole] = field(default_factory=dict)

    def round_all(self, counted: Sequence[Counted]) -> dict[tuple[str, str], Rounded]:
        """By indicator and sex. Small universes first: the parts of a larger one may be among them."""
        parts = {_key(item.universe_key, item.universe) for item in counted}
        ordered = sorted(counted, key=lambda item: (item.size, item.universe_key, not _has_part(item, parts)))
        return {(item.indicator, item.sex): self._round(item) for item in ordered}

    def _round(self, item: Counted) -> Rounded:
        if item.numerator is None:
            return Rounded(self._of_universe(item.universe_key, item.universe), None)
        universe_key = _key(item.universe_key, item.universe)
        remainder = item.universe - item.numerator
        part = _key(item.numerator_key, item.numerator)
        rest = _key(item.universe_key - item.numerator_key, remainder)
        if universe_key not in self.known and (part in self.known or rest in self.known):
            numerator = self._of_universe(item.numerator_key, item.numerator)
            others = self._of_universe(item.universe_key - item.numerator_key, remainder)
            self.known[universe_key] = numerator + others
            return Rounded(numerator + others, numerator)
        universe = self._of_universe(item.universe_key, item.universe)
        numerator = self._part_of(item, universe, part, rest)
        self.known[part], self.known[rest] = numerator, universe - numerator
        return Rounded(universe, numerator)

    def _of_universe(self, key: int, values: Whole) -> Whole:
        name = _key(key, values)
        if name not in self.known:
            purpose = f"set {name[0]} of {name[1]} to {self.base}"
            self.known[name] = round_cells(values, self.margins, self.base, self.secret, purpose)
        return self.known[name]

    def _part_of(self, item: Counted, universe: Whole, part: tuple[int, int], rest: tuple[int, int]) -> Whole:
        assert item.numerator is not None
        remainder = item.universe - item.numerator
        for name, is_remainder in ((part, False), (rest, True)):
            if name in self.known:
                numerator = universe - self.known[name] if is_remainder else self.known[name]
                fits = is_neighbour(numerator, item.numerator, self.base)
                if fits and is_neighbour(universe - numerator, remainder, self.base):
                    return numerator
        return self._fresh_part(item, universe, part, rest)

    def _fresh_part(self, item: Counted, universe: Whole, part: tuple[int, int], rest: tuple[int, int]) -> Whole:
        """The part or the remainder, whichever has the lower key: an indicator and its opposite agree."""
        assert item.numerator is not None
        remainder = item.universe - item.numerator
        name, values = min((part, item.numerator), (rest, remainder), key=lambda pair: pair[0])
        purpose = f"part {name[0]} of {name[1]} to {self.base}"
        rounded = round_part(values, item.universe, universe, self.margins, self.base, self.secret, purpose)
        return rounded if name == part else universe - rounded


def _key(key: int, values: Whole) -> tuple[int, int]:
    """What tells a set of persons apart: the sum of their record keys, and how many they are."""
    return int(key), int(values.sum())


def _has_part(item: Counted, universes: set[tuple[int, int]]) -> bool:
    """Whether the numerator, or what is left of the universe, is itself a universe that somebody counts."""
    if item.numerator is None:
        return False
    remainder = _key(item.universe_key - item.numerator_key, item.universe - item.numerator)
    return _key(item.numerator_key, item.numerator) in universes or remainder in universes
