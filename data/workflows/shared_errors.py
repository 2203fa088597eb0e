"""How far the survey errors of women and men go together, need by need, from what a round has stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.survey.shared_error import error_correlation
from data.store.tables import Area, Estimate, SexContrast

SEXES = ("female", "male")


def load_error_correlations(
    session: Session, round_id: int, indicator_ids: Collection[int], areas: Sequence[str]
) -> dict[int, float]:
    """Indicator id -> correlation (0-1) over the areas of these codes.

    An indicator is left out where the round does not tell it: a census, published estimates without differences,
    answers that were estimated before differences were kept.
    """
    found = _errors_of_differences(session, round_id, indicator_ids, areas)
    by_sex = _errors_by_sex(session, round_id, indicator_ids, areas)
    correlations = {}
    for indicator in {indicator for indicator, _area in found}:
        places = [area for one, area in found if one == indicator]
        first, second = ([by_sex.get((indicator, area, sex), np.nan) for area in places] for sex in SEXES)
        of_difference = [found[indicator, area] for area in places]
        correlation = error_correlation(np.array(first), np.array(second), np.array(of_difference))
        if correlation is not None:
            correlations[indicator] = correlation
    return correlations


def _errors_of_differences(
    session: Session, round_id: int, indicator_ids: Collection[int], areas: Sequence[str]
) -> dict[tuple[int, int], float]:
    query = (
        select(SexContrast.indicator_id, SexContrast.area_id, SexContrast.difference_se)
        .join(Area, Area.id == SexContrast.area_id)
        .where(SexContrast.round_id == round_id, SexContrast.indicator_id.in_(list(indicator_ids)))
        .where(Area.code.in_(list(areas)), SexContrast.difference_se.is_not(None))
        .order_by(SexContrast.area_id)
    )
    return {(indicator, area): float(error) for indicator, area, error in session.execute(query)}


def _errors_by_sex(
    session: Session, round_id: int, indicator_ids: Collection[int], areas: Sequence[str]
) -> dict[tuple[int, int, str], float]:
    query = (
        select(Estimate.indicator_id, Estimate.area_id, Estimate.sex, Estimate.standard_error)
        .join(Area, Area.id == Estimate.area_id)
        .where(Estimate.round_id == round_id, Estimate.indicator_id.in_(list(indicator_ids)))
        .where(Area.code.in_(list(areas)), Estimate.sex.in_(SEXES), Estimate.age_band == "all")
        .where(Estimate.standard_error.is_not(None))
    )
    return {(indicator, area, sex): float(error) for indicator, area, sex, error in session.execute(query)}
