"""Response curves: from intensity (served, effective persons over the universe) to the coverage of one programme.

All curves start at 0 with slope 1 and never exceed their ceiling, so that a unit cost means the same in each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.types import Array, Response


def linear(intensity: Array, ceiling: Array) -> Array:
    """`min(u, s)`: constant unit cost up to the ceiling."""
    return np.minimum(intensity, ceiling)


def exponential(intensity: Array, ceiling: Array) -> Array:
    """`s (1 - exp(-u / s))`: the first unit of money as effective as in `linear`, then diminishing returns."""
    return np.asarray(-ceiling * np.expm1(-intensity / ceiling))


def tanh(intensity: Array, ceiling: Array) -> Array:
    """`s tanh(u / s)`, which equals `2 s / (1 + exp(-2 u / s)) - s`: the saturation curve of Atomica and Optima."""
    return np.asarray(ceiling * np.tanh(intensity / ceiling))


CURVES: dict[Response, Callable[[Array, Array], Array]] = {
    "linear": linear,
    "exponential": exponential,
    "tanh": tanh,
}

CurveRows = tuple[tuple[Response, NDArray[np.intp] | slice], ...]


def curve_numbers(responses: Sequence[Response]) -> NDArray[np.intp]:
    """The position of each curve in `CURVES`."""
    position = {curve: number for number, curve in enumerate(CURVES)}
    return np.array([position[response] for response in responses], dtype=np.intp)


def rows_by_curve(responses: Sequence[Response]) -> CurveRows:
    """Which rows follow which curve: grouped once, so that each curve is then one vectorised call."""
    return rows_by_number(curve_numbers(responses))


def rows_by_number(numbers: NDArray[np.intp]) -> CurveRows:
    """`rows_by_curve` from `curve_numbers`, (R,); rows that lie together come as a slice, which copies nothing."""
    found = ((curve, np.flatnonzero(numbers == number)) for number, curve in enumerate(CURVES))
    return tuple((curve, _as_slice(rows)) for curve, rows in found if rows.size)


def _as_slice(rows: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == len(rows) else rows


def respond(intensity: Array, ceiling: Array, curves: CurveRows) -> Array:
    """Coverage of each row by its own programme alone.

    Parameters
    ----------
    intensity : (R, ...) share of the universe, >= 0
    ceiling : (R,) share, above 0
    curves : from `rows_by_curve`, covering all R rows

    Returns
    -------
    (R, ...) share, 0 to the row's ceiling.
    """
    limits = ceiling.reshape(-1, *(1,) * (intensity.ndim - 1))
    if len(curves) == 1:
        return CURVES[curves[0][0]](intensity, limits)
    coverage = np.empty_like(intensity)
    for curve, rows in curves:
        coverage[rows] = CURVES[curve](intensity[rows], limits[rows])
    return coverage


def respond_scaled(scaled: Array, ceiling: Array, curves: CurveRows, out: Array) -> Array:
    """`respond` from intensity / ceiling, for many numbers at once: equal to it but for the last bit of 1.

    Built on `exp` alone, which takes half the time of `expm1` and `tanh`; coverage far below 1e-12 loses digits.

    Parameters
    ----------
    scaled : (R, ...) intensity over the row's ceiling, >= 0
    curves : whose rows lie together
    out : where the answer goes; may be `scaled` itself
    """
    for curve, rows in curves:
        _SCALED[curve](scaled[rows], out[rows])
    out *= ceiling.reshape(-1, *(1,) * (scaled.ndim - 1))
    return out


def _scaled_linear(scaled: Array, out: Array) -> None:
    np.minimum(scaled, 1.0, out=out)


def _scaled_exponential(scaled: Array, out: Array) -> None:
    np.multiply(scaled, -1.0, out=out)  # numpy 2.4 negates strided rows wrongly in place
    np.exp(out, out=out)
    np.subtract(1.0, out, out=out)


def _scaled_tanh(scaled: Array, out: Array) -> None:
    falling = scaled * -2.0
    np.exp(falling, out=falling)
    np.subtract(1.0, falling, out=out)
    falling += 1.0
    out /= falling


_SCALED: dict[Response, Callable[[Array, Array], None]] = {
    "linear": _scaled_linear,
    "exponential": _scaled_exponential,
    "tanh": _scaled_tanh,
}
