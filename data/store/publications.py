"""Protected figures in the store: one publication a round, replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.store.bulk import insert_rows
from data.store.figures import labelled_figures
from data.store.tables import Publication, PublishedFigure

FIGURES = ("estimate", "standard_error", "ci_low", "ci_high", "cv", "n", "population", "count")


def find_publication(session: Session, round_id: int) -> Publication | None:
    """The publication of a round; None where it has none."""
    return session.scalar(select(Publication).where(Publication.round_id == round_id))


def replace_published(session: Session, round_id: int, rows: Iterable[Mapping[str, Any]]) -> int:
    """Store the protected figures of a round in place of earlier ones; gives how many.

    rows : columns of `published_figure` without `id` and `round_id`; missing is None, never NaN
    """
    session.execute(delete(PublishedFigure).where(PublishedFigure.round_id == round_id))
    return insert_rows(session, PublishedFigure, ({**row, "round_id": round_id} for row in rows))


def load_published(session: Session, round_id: int, *, age_band: str | None = "all") -> pd.DataFrame:
    """Protected figures of a round.

    Columns `indicator, version, area, area_name, level, sex, age_band, status, least` and FIGURES; hidden is NaN.
    age_band : None for all bands
    """
    columns = [PublishedFigure.status, PublishedFigure.least, *(getattr(PublishedFigure, name) for name in FIGURES)]
    query = labelled_figures(PublishedFigure, round_id, age_band, columns)
    result = session.execute(query)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    return frame.astype(dict.fromkeys(FIGURES, float))
