"""Estimates in the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.store.bulk import insert_rows
from data.store.figures import labelled_figures
from data.store.tables import Area, Estimate, HeadEstimate, Indicator, SexContrast

FIGURES = (
    "estimate",
    "standard_error",
    "ci_low",
    "ci_high",
    "cv",
    "deff",
    "n",
    "population",
    "count",
    "count_standard_error",
)


def replace_estimates(
    session: Session, round_id: int, indicator_ids: Collection[int], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Store the estimates of these indicators in a round in place of earlier ones; gives how many rows.

    rows : columns of the table `estimate` without `id` and `round_id`; missing is None, never NaN
    """
    session.execute(
        delete(Estimate).where(Estimate.round_id == round_id, Estimate.indicator_id.in_(list(indicator_ids)))
    )
    return insert_rows(session, Estimate, ({"age_band": "all", **row, "round_id": round_id} for row in rows))


def replace_contrasts(
    session: Session, round_id: int, indicator_ids: Collection[int], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Store women beside men, of these indicators in a round, in place of what was there; gives how many rows."""
    return _replace(session, SexContrast, round_id, indicator_ids, rows)


def replace_head_estimates(
    session: Session, round_id: int, indicator_ids: Collection[int], rows: Iterable[Mapping[str, Any]]
) -> int:
    """The same for estimates by the sex of the household's head."""
    return _replace(session, HeadEstimate, round_id, indicator_ids, rows)


def _replace(
    session: Session,
    table: type[SexContrast] | type[HeadEstimate],
    round_id: int,
    indicator_ids: Collection[int],
    rows: Iterable[Mapping[str, Any]],
) -> int:
    session.execute(delete(table).where(table.round_id == round_id, table.indicator_id.in_(list(indicator_ids))))
    return insert_rows(session, table, ({**row, "round_id": round_id} for row in rows))


def list_contrasts(session: Session, round_id: int, indicator_id: int) -> list[SexContrast]:
    """Women beside men of an indicator in a round, an entry an area."""
    query = select(SexContrast).where(SexContrast.round_id == round_id, SexContrast.indicator_id == indicator_id)
    return list(session.scalars(query))


def list_head_estimates(session: Session, round_id: int, indicator_id: int) -> list[HeadEstimate]:
    """Estimates of an indicator in a round by the sex of the household's head."""
    query = select(HeadEstimate).where(HeadEstimate.round_id == round_id, HeadEstimate.indicator_id == indicator_id)
    return list(session.scalars(query))


def load_estimates(
    session: Session,
    round_id: int,
    *,
    level: int | None = None,
    indicators: Collection[str] | None = None,
    age_band: str | None = "all",
) -> pd.DataFrame:
    """Estimates of a round by indicator, area, sex and age band.

    level : of the areas, None for every level; indicators : codes, None for all; age_band : None for all bands

    Returns a frame with `indicator, version, area, area_name, level, sex, age_band` and the columns of `FIGURES`
    (floats, `n` whole where all are known); missing is NaN.
    """
    query = labelled_figures(Estimate, round_id, age_band, [getattr(Estimate, name) for name in FIGURES])
    if level is not None:
        query = query.where(Area.level == level)
    if indicators is not None:
        query = query.where(Indicator.code.in_(list(indicators)))
    result = session.execute(query)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    frame = frame.astype(dict.fromkeys(FIGURES, float))
    return frame if frame["n"].isna().any() else frame.astype({"n": int})
