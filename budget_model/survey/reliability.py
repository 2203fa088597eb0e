"""A mark for how far an estimate can be relied on, from its coefficient of variation.

Statistical offices draw these borders at different places, so they are parameters. The default, 15 % and 25 %, is this
product's convention, not a standard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.classes import NO_VARIATION

RELIABLE, WITH_CARE, UNRELIABLE = "reliable", "with_care", "unreliable"


@dataclass(frozen=True)
class ReliabilityBorders:
    """Largest coefficient of variation (a ratio) that is still reliable, and that is still of use with care."""

    reliable: float = 0.15
    with_care: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.reliable <= self.with_care:
            message = f"the borders must be above 0 and rise; found {self.reliable:g} and {self.with_care:g}."
            raise InputError(Problem("reliability.borders", message))


DEFAULT_BORDERS = ReliabilityBorders()


def no_variation(estimate: NDArray[np.float64], se: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a sample shows a standard error of 0, up to the last digits of large sums."""
    return se <= NO_VARIATION * np.maximum(np.abs(estimate), 1.0)


def rests_on_one_unit(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Cells of a sample whose answers all come from one sampling unit, with no variation to judge them by."""
    estimate, se = frame["estimate"].to_numpy(float), frame["se"].to_numpy(float)
    return (frame["units"].to_numpy(float) <= 1) & no_variation(estimate, se)


def reliability_of(
    frame: pd.DataFrame,
    indicators: Sequence[IndicatorDefinition],
    borders: ReliabilityBorders = DEFAULT_BORDERS,
) -> pd.Series:
    """`reliable`, `with_care` or `unreliable` for each row of estimates; None where there is no sampling error.

    A share near 1 has a small coefficient of variation whatever its sample; the smaller side decides, so that a share
    of 98 % and its complement of 2 % get the same mark. A share of exactly 0 or 1, or a mean of answers that are all
    the same, shows no variation at all, so nothing vouches for it: it is marked `with_care`.

    The answers of a single sampling unit show no variation either, for linearised values are taken from the mean of
    the cell. Their error of 0 is not small but unknown: they are `unreliable`, be it one answer or fifty.

    Parameters
    ----------
    frame : with the columns indicator, estimate, se and units of `survey.estimate.estimate`.
    indicators : the definitions behind the estimates.
    """
    estimate, se = frame["estimate"].to_numpy(float), frame["se"].to_numpy(float)
    shares = [item.id for item in indicators if not item.is_mean]
    is_share = frame["indicator"].isin(shares).to_numpy()
    smaller = np.where(is_share, np.minimum(estimate, 1 - estimate), np.abs(estimate))
    with np.errstate(invalid="ignore", divide="ignore"):
        variation = np.where(smaller > 0, se / smaller, np.nan)
    marks = np.where(variation <= borders.reliable, RELIABLE, np.where(variation <= borders.with_care, WITH_CARE, ""))
    marks = np.where(marks == "", UNRELIABLE, marks).astype(object)
    marks[no_variation(estimate, se) & ~(is_share & (smaller > 0))] = WITH_CARE
    marks[rests_on_one_unit(frame)] = UNRELIABLE
    marks[np.isnan(se)] = None
    return pd.Series(marks, index=frame.index, dtype="object", name="reliability")
