"""Classes of a map: where their bounds lie, which class a value is in, and which estimates are too uncertain to colour.

Bounds run from the lowest to the highest, one more than there are classes. A class holds its upper bound; the first
one holds its lower bound too. Nothing here knows areas or colours.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from budget_model.errors import InputError, Problem

EQUAL, QUANTILE, JENKS, OWN = "equal", "quantile", "jenks", "own"
METHODS = (QUANTILE, EQUAL, JENKS, OWN)
FEWEST, MOST = 3, 7
SURE, CARE, UNCERTAIN = "sure", "care", "uncertain"
NORMAL_95 = 1.959963984540054
NO_VARIATION = 1e-12  # a coefficient of variation below it is no error at all
Numbers = NDArray[np.float64]
Bounds = tuple[float, ...]


# --- bounds -----------------------------------------------------------------------------------------------------------


def class_bounds(
    values: Sequence[float], method: str, number: int, own: Sequence[float] = (), digits: int = 3
) -> Bounds:
    """Bounds of `number` classes; of fewer where the values do not fill them. Empty without values.

    Parameters
    ----------
    values : finite; in any order. number : 3 to 7.
    own : for the method `own`, the bounds between classes, rising; they decide how many classes there are.
    digits : bounds are rounded to so many decimals, as values are written, so that a legend says what the map shows.

    Raises InputError for an unknown method, a number of classes outside 3-7, or bounds that do not rise.
    """
    check_choice(method, number, own)
    found = np.sort(np.asarray(values, dtype=np.float64))
    if not len(found):
        return ()
    inner = list(own) if method == OWN else _inner(found, method, number)
    return _tidy(float(found[0]), inner, float(found[-1]), digits)


def diverging_bounds(
    values: Sequence[float], method: str, number: int, own: Sequence[float] = (), digits: int = 3
) -> Bounds:
    """Bounds that mirror each other around 0, from the sizes of the values. With an odd number the middle class is
    around 0. `own` gives the positive bounds.

    >>> diverging_bounds([-0.1, 0.05, 0.2], "equal", 4)
    (-0.2, -0.1, 0.0, 0.1, 0.2)
    """
    check_choice(method, number, own)
    if method == OWN and own and own[0] <= 0:
        message = "Own bounds of a difference are sizes: write them above 0; they count on both sides of 0."
        raise InputError(Problem("classes.own_sign", message, value=f"{own[0]:g}"))
    sizes = np.sort(np.abs(np.asarray(values, dtype=np.float64)))
    if not len(sizes):
        return ()
    has_middle = method == OWN or number % 2 == 1
    count = number // 2 + (1 if has_middle else 0)
    inner = list(own) if method == OWN else _inner(np.concatenate([[0.0], sizes]), method, count)
    positive = [bound for bound in _tidy(0.0, inner, float(sizes[-1]), digits) if bound > 0]
    if not positive:  # every difference is 0
        return (-(10.0**-digits), 10.0**-digits)
    middle = [] if has_middle and len(positive) > 1 else [0.0]
    return tuple([-bound for bound in reversed(positive)] + middle + positive)


def class_of(value: float, bounds: Sequence[float]) -> int:
    """The number of the class, from 0; values beyond the ends belong to the class at that end."""
    last = max(len(bounds) - 2, 0)
    return min(bisect_left(bounds, value, lo=min(1, last)) - 1, last) if last else 0


def check_choice(method: str, number: int, own: Sequence[float] = ()) -> None:
    """Refuse, with every problem, a choice of classes that cannot be drawn."""
    problems = []
    if method not in METHODS:
        message = f"There is no method '{method}' of making classes. Choose one of: {', '.join(METHODS)}."
        problems.append(Problem("classes.method", message, value=method, facts={"found": method}))
    if not FEWEST <= number <= MOST:
        message = f"A map has {FEWEST} to {MOST} classes; {number} were asked for."
        facts = {"least": FEWEST, "most": MOST, "found": number}
        problems.append(Problem("classes.number", message, value=str(number), facts=facts))
    if method == OWN:
        problems += _problems_of_own(own)
    if problems:
        raise InputError(problems)


def _problems_of_own(own: Sequence[float]) -> list[Problem]:
    if not 1 <= len(own) < MOST:
        message = f"Write 1 to {MOST - 1} bounds between classes; {len(own)} were found."
        return [Problem("classes.own_number", message, facts={"most": MOST - 1, "found": len(own)})]
    falling = [(low, high) for low, high in pairwise(own) if not low < high]
    if falling or not all(math.isfinite(bound) for bound in own):
        low, high = falling[0] if falling else (own[0], own[-1])
        message = f"Bounds of classes must rise; {low:g} is followed by {high:g}."
        return [Problem("classes.own_order", message, facts={"low": f"{low:g}", "high": f"{high:g}"})]
    return []


def _inner(values: Numbers, method: str, number: int) -> list[float]:
    if method == EQUAL:
        return [float(bound) for bound in np.linspace(values[0], values[-1], number + 1)[1:-1]]
    if method == QUANTILE:
        steps = np.arange(1, number) / number
        return [float(bound) for bound in np.quantile(values, steps, method="inverted_cdf")]
    return natural_bounds(values, number)


def _tidy(lowest: float, inner: Sequence[float], highest: float, digits: int) -> Bounds:
    """Rounded, each once, rising; inner bounds outside the values stay out unless they are one's own choice."""
    low, high = round(lowest, digits), round(highest, digits)
    rounded = sorted({round(bound, digits) for bound in inner})
    between = [bound for bound in rounded if low < bound < high]
    return (low, *between, high) if low < high else (low, low)


def natural_bounds(values: Sequence[float] | Numbers, number: int) -> list[float]:
    """Upper bounds of all classes but the last that make the squared distances to the class means smallest.

    Exact, by dynamic programming over the distinct values (Fisher 1958, "On grouping for maximum homogeneity";
    Jenks' natural breaks): number × distinct² steps.
    """
    distinct, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    size, number = len(distinct), min(number, len(distinct))
    if number < 2:
        return []
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    sums = np.concatenate([[0.0], np.cumsum(counts * distinct)])
    squares = np.concatenate([[0.0], np.cumsum(counts * distinct**2)])

    def cost(first: NDArray[np.int64], end: int) -> Numbers:
        """Squared distances within the class [first, end)."""
        w, s = weight[end] - weight[first], sums[end] - sums[first]
        within: Numbers = squares[end] - squares[first] - s * s / w
        return within

    ends = np.arange(size + 1)
    best = np.concatenate([[0.0], [cost(ends[:1], int(end))[0] for end in ends[1:]]])
    starts = np.zeros((number + 1, size + 1), dtype=np.int64)
    for classes in range(2, number + 1):
        new = np.full(size + 1, np.inf)
        for end in range(classes, size + 1):
            first = ends[classes - 1 : end]
            total = best[first] + cost(first, end)
            at = int(np.argmin(total))
            new[end], starts[classes, end] = total[at], first[at]
        best = new
    bounds, end = [], size
    for classes in range(number, 1, -1):
        end = int(starts[classes, end])
        bounds.append(float(distinct[end - 1]))
    return bounds[::-1]


# --- how certain ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CertaintyRule:
    """When a figure of a sample is coloured, hatched, or left uncoloured. Widths are of the 95 % interval of a share.

    The shape (an absolute width that is always enough, one that is never enough, a relative rule between them) follows
    the presentation standard for proportions of the US National Center for Health Statistics (Parker et al. 2017);
    the coefficients of variation are this product's reliability borders.
    """

    care_cv: float = 0.15
    largest_cv: float = 0.25
    narrow: float = 0.05
    wide: float = 0.30


DEFAULT_RULE = CertaintyRule()


def certainty(
    estimate: float,
    standard_error: float | None,
    interval: tuple[float | None, float | None],
    is_share: bool,
    rule: CertaintyRule = DEFAULT_RULE,
) -> str:
    """`sure`, `care` (hatched) or `uncertain` (not coloured) for a figure of a sample.

    A share is `uncertain` where its interval is as wide as `wide`, or wider than `narrow` while its coefficient of
    variation is above `largest_cv`; `care` where the interval is wider than `narrow` and the coefficient of variation
    of the smaller side (share or complement) is above `care_cv`. A mean goes by its coefficient of variation alone.
    Without an error nothing vouches for the figure: it is `uncertain`, unless an interval is known all the same.
    """
    error = standard_error if standard_error and standard_error > NO_VARIATION * max(abs(estimate), 1e-9) else None
    low, high = interval
    if not is_share:
        return _by_cv(abs(estimate), error, rule)
    if low is None or high is None or (error is None and high - low <= NO_VARIATION):
        if error is None:
            return UNCERTAIN
        low, high = share_interval(estimate, error)
    width = high - low
    if width <= rule.narrow:
        return SURE
    if width >= rule.wide or (error is not None and error > rule.largest_cv * estimate):
        return UNCERTAIN
    return CARE if error is None or error > rule.care_cv * min(estimate, 1 - estimate) else SURE


def _by_cv(size: float, error: float | None, rule: CertaintyRule) -> str:
    if error is None or error > rule.largest_cv * size:
        return UNCERTAIN
    return CARE if error > rule.care_cv * size else SURE


def difference_certainty(difference: float, errors: Sequence[float | None]) -> str:
    """`care` where the 95 % interval of a difference holds 0; errors are taken as independent, None for a census."""
    known = [error for error in errors if error is not None]
    return CARE if known and abs(difference) <= NORMAL_95 * math.hypot(*known) else SURE


def share_interval(share: float, standard_error: float) -> tuple[float, float]:
    """95 % interval, symmetric on the logit scale so that it stays within 0 and 1.

    >>> low, high = share_interval(0.5, 0.05)
    >>> round(low, 4), round(high, 4)
    (0.4032, 0.5968)
    """
    if not 0 < share < 1:
        return share, share
    logit, width = math.log(share / (1 - share)), NORMAL_95 * standard_error / (share * (1 - share))

    def back(x: float) -> float:
        return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))

    return back(logit - width), back(logit + width)
