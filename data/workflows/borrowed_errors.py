"""Survey errors of needs that a round could not estimate: cells whose answers come from a single sampling unit.

The design gives them the error 0. Taken as it stands, the model would hold the shakiest cells for certain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.survey.borrowed_error import borrowed_error
from budget_model.survey.classes import NO_VARIATION
from data.store.tables import Area, Estimate

SEXES = ("female", "male")  # in the order of the model's groups
ONE_UNIT_REACH = 0.9  # the exact interval of nobody or everybody is 0.975 wide of one unit, 0.84 of two
Row = Any


def with_borrowed_errors(
    session: Session, round_id: int, indicator_ids: Sequence[int], areas: Sequence[str], cells: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Errors of deficits (N, A, G) with those of single sampling units borrowed from the whole site.

    indicator_ids : of each need; cells : `universe`, `deficit` and `error` (N, A, G) in persons

    Returns the errors, NaN where the site tells none either; which were borrowed; and which stay unknown.
    """
    universe, deficit, error = cells["universe"], cells["deficit"], cells["error"]
    shown = np.zeros(error.shape, dtype=bool)
    silent = (universe > 0) & (error <= NO_VARIATION * universe)
    if not silent.any():
        return error, shown, shown
    stored = _stored(session, round_id, indicator_ids)
    found, borrowed, unknown = error.copy(), shown.copy(), shown.copy()
    for need, place, group in np.argwhere(silent):
        key = (indicator_ids[need], SEXES[group])
        here, whole = stored.get((*key, areas[place])), stored.get((*key, None))
        if here is None or not _is_one_unit(here):
            continue
        cell = (need, place, group)
        share = deficit[cell] / universe[cell]
        found[cell] = _borrowed(share, here, None if here.level == 0 else whole) * universe[cell]
        (unknown if np.isnan(found[cell]) else borrowed)[cell] = True
    return found, borrowed, unknown


def _stored(session: Session, round_id: int, indicator_ids: Sequence[int]) -> dict[tuple[int, str, str | None], Row]:
    """Estimates by indicator, sex and area; those of the whole site under None as well."""
    figures = (Estimate.estimate, Estimate.ci_low, Estimate.ci_high, Estimate.deff, Estimate.n)
    rows = session.execute(
        select(Estimate.indicator_id, Estimate.sex, Area.code, Area.level, *figures)
        .join(Area, Area.id == Estimate.area_id)
        .where(Estimate.round_id == round_id, Estimate.indicator_id.in_(list(indicator_ids)))
        .where(Estimate.sex.in_(SEXES), Estimate.age_band == "all", Area.level <= 1)
    ).all()
    found: dict[tuple[int, str, str | None], Row] = {(row.indicator_id, row.sex, row.code): row for row in rows}
    return found | {(row.indicator_id, row.sex, None): row for row in rows if row.level == 0}


def _is_one_unit(row: Row) -> bool:
    """Whether an error of 0 is that of one sampling unit. A stratum that was drawn as a whole has no design effect, and
    nobody or everybody in several units an interval that is narrower."""
    if row.estimate is None or row.n is None:
        return False
    if 0 < row.estimate < 1:
        return row.deff is not None
    return row.ci_low is not None and row.ci_high is not None and row.ci_high - row.ci_low > ONE_UNIT_REACH


def _borrowed(share: float, here: Row, whole: Row | None) -> float:
    """Standard error as a share of the universe; NaN where the whole site does not tell one."""
    if whole is None or whole.estimate is None or whole.deff is None or not whole.deff > NO_VARIATION:
        return float("nan")
    parts = (share, whole.estimate, whole.deff, here.n)
    return float(borrowed_error(*(np.array([value], dtype=float) for value in parts))[0])


def named_cells(
    mask: np.ndarray, needs: Sequence[str], areas: Sequence[str], groups: Sequence[str]
) -> dict[str, dict[str, list[str]]]:
    """Need -> area -> groups of the cells of a mask (N, A, G)."""
    found: dict[str, dict[str, list[str]]] = {}
    for need, place, group in np.argwhere(mask):
        found.setdefault(needs[need], {}).setdefault(areas[place], []).append(groups[group])
    return found
