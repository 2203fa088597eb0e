"""The synthetic census: rosters and answers of every household, as the two frames of a survey round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data.demo.community import add_community
from data.demo.dwelling import add_dwelling
from data.demo.figures import Figures
from data.demo.geometry import MapArea
from data.demo.health import add_health
from data.demo.income import add_income
from data.demo.learning import add_learning
from data.demo.roster import Places, draw_roster
from data.demo.work import add_work


@dataclass(frozen=True)
class Census:
    """`persons`: one row a person with the household's columns on it; `households`: one row a household."""

    persons: pl.DataFrame
    households: pl.DataFrame


def generate_census(
    generator: np.random.Generator,
    figures: Figures,
    map_areas: tuple[MapArea, ...],
    households: int,
    places: Places | None = None,
) -> Census:
    """Households and persons, calibrated to `figures`; the same generator state gives the same census.

    households : how many, at least 200 (every neighbourhood is lived in); about 3.9 persons each
    places : what the neighbourhoods are like, from another round; None draws them
    """
    if households < 200:
        raise ValueError(f"A synthetic census needs at least 200 households, not {households}.")
    answers = draw_roster(generator, figures, map_areas, households, places)
    for add_answers in (add_learning, add_work, add_income, add_dwelling, add_health, add_community):
        add_answers(answers)
    household_frame = pl.DataFrame(answers.households.columns)
    repeated = household_frame[answers.home]
    return Census(repeated.hstack(pl.DataFrame(answers.persons.columns)), household_frame)
