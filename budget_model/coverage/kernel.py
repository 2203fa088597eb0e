"""The calibrated model as one compact binary, which `assets/kernel.js` evaluates in the browser.

Layout, all little-endian, every block starting at a multiple of 8 bytes, arrays in C order (last axis fastest):

    header    16 x int32   magic 0x4B4D4243 ("CBMK" in the file), version, P, N, A, G, L, bytes in all,
                           index of the group women, of men (-1 where there is none), 6 x 0
    float64   unit_cost        P x A     currency / person / year
              capacity         P x A     persons / year, Infinity where there is no limit
              baseline         P x A     currency / year
              baseline_total   P         currency / year
              split            P x A     share by which a programme without money today enters the areas
              universe         N x A x G persons
              background       N x A x G share; 0 where the universe is 0
              weight           N x G     priority
              link_ceiling     L         share
              coefficient      L x A x G intensity that one person served adds
    int32     overlap          N         0 additive, 1 independent, 2 nested
              need_start       N + 1     links of need n are need_start[n] .. need_start[n + 1] - 1
              link_programme   L
              link_curve       L         0 linear, 1 exponential, 2 tanh
              programme_start  P + 1     links of programme p are programme_link[programme_start[p] .. ]
              programme_link   L
              link_need        L

The order of programmes, needs, areas and groups is that of the model; links are sorted by need. Names stay out: the
page has them, in its language.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.allocation import area_split, baseline_totals
from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.overlap import OVERLAPS
from budget_model.coverage.response import CURVES
from budget_model.coverage.scenario import MEN, WOMEN
from budget_model.coverage.types import BudgetModel

MAGIC, VERSION = 0x4B4D4243, 1
HEADER_WORDS = 16


def pack_kernel(calibrated: CalibratedModel) -> bytes:
    """The bytes that `budgetKernel.parse` reads; the same model always gives the same bytes."""
    body = b"".join(_block(values) for values in (*_floats(calibrated), *_integers(calibrated)))
    return _header(calibrated, len(body)) + body


def _header(calibrated: CalibratedModel, body_bytes: int) -> bytes:
    model = calibrated.model
    words = np.zeros(HEADER_WORDS, dtype="<i4")
    words[:10] = (
        MAGIC,
        VERSION,
        len(model.programmes),
        len(model.needs),
        len(model.areas),
        len(model.groups),
        len(calibrated.effect.link),
        HEADER_WORDS * 4 + body_bytes,
        _index_of(model, WOMEN),
        _index_of(model, MEN),
    )
    return words.tobytes()


def _index_of(model: BudgetModel, group: str) -> int:
    return model.groups.index(group) if group in model.groups else -1


def _floats(calibrated: CalibratedModel) -> list[NDArray[Any]]:
    model, effect = calibrated.model, calibrated.effect
    return [
        np.asarray(values, dtype="<f8")
        for values in (
            model.unit_cost,
            model.capacity,
            model.baseline,
            baseline_totals(model),
            area_split(model),
            model.universe,
            np.nan_to_num(calibrated.background),
            model.weight,
            effect.ceiling,
            effect.coefficient,
        )
    ]


def _integers(calibrated: CalibratedModel) -> list[NDArray[Any]]:
    model, effect = calibrated.model, calibrated.effect
    curve_of_link = np.zeros(len(effect.link), dtype=np.intp)
    for curve, rows in effect.curves:
        curve_of_link[rows] = list(CURVES).index(curve)
    return [
        np.asarray(values, dtype="<i4")
        for values in (
            [OVERLAPS.index(rule) for rule in model.overlap],
            _starts(effect.need, len(model.needs)),
            effect.programme,
            curve_of_link,
            _starts(effect.programme, len(model.programmes)),
            np.argsort(effect.programme, kind="stable"),
            effect.need,
        )
    ]


def _starts(owner: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))]).astype(np.intp)


def _block(values: NDArray[Any]) -> bytes:
    content = np.ascontiguousarray(values).tobytes()
    return content + b"\0" * (-len(content) % 8)
