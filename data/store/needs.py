"""Needs of women and men in the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.store.bulk import insert_rows
from data.store.figures import INDICATOR_AND_AREA
from data.store.tables import Area, Indicator, Need


def replace_needs(
    session: Session, round_id: int, indicator_ids: Collection[int], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Store the needs of these indicators in a round in place of earlier ones; gives how many rows.

    rows : `indicator_id, area_id, target_group, universe, deficit, deficit_standard_error` and perhaps `weight`
    """
    session.execute(delete(Need).where(Need.round_id == round_id, Need.indicator_id.in_(list(indicator_ids))))
    return insert_rows(session, Need, ({"weight": 1.0, **row, "round_id": round_id} for row in rows))


def load_needs(session: Session, round_id: int, *, level: int | None = None) -> pd.DataFrame:
    """Needs of a round: `indicator, version, area, area_name, level, group, universe, deficit, deficit_se, weight`.

    Universe and deficit in persons; `deficit_se` NaN where there is none. level : of the areas, None for every one.
    """
    query = (
        select(
            *INDICATOR_AND_AREA,
            Need.target_group.label("group"),
            Need.universe,
            Need.deficit,
            Need.deficit_standard_error.label("deficit_se"),
            Need.weight,
        )
        .join(Indicator, Indicator.id == Need.indicator_id)
        .join(Area, Area.id == Need.area_id)
        .where(Need.round_id == round_id)
        .order_by(Indicator.code, Indicator.version, Area.level, Area.code, Need.target_group)
    )
    result = session.execute(query if level is None else query.where(Area.level == level))
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    return frame.astype({"deficit_se": float})
