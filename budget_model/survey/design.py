"""How the people in a survey were drawn, and whether that design can carry a standard error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget_model.errors import DesignError, Problem


@dataclass(frozen=True)
class SampleDesign:
    """Names of the columns that describe the sample; all None for a census.

    weight : persons of the population that a row stands for; >= 0, never missing. None: each row counts once.
    strata : stratum of the row. None: one stratum.
    psu : primary sampling unit, read within its stratum. None: each row is its own unit.
    fpc : for the finite population correction, one value a stratum: above 1 the number of units (PSUs) in the
        stratum's population, up to 1 the share of them that was drawn. None: drawn with replacement.
    """

    weight: str | None = None
    strata: str | None = None
    psu: str | None = None
    fpc: str | None = None

    @property
    def is_census(self) -> bool:
        """Everybody was asked: no sampling error."""
        return not any((self.weight, self.strata, self.psu, self.fpc))

    @property
    def rows_are_units(self) -> bool:
        """Each row is its own primary sampling unit."""
        return self.psu is None

    def columns(self) -> dict[str, str]:
        """Part of the design → column, leaving out what is not given."""
        parts = {"weight": self.weight, "strata": self.strata, "psu": self.psu, "fpc": self.fpc}
        return {part: column for part, column in parts.items() if column is not None}


@dataclass(frozen=True)
class Strata:
    """Labels, units drawn in each stratum, and the share of its units that were drawn (0 without fpc)."""

    labels: tuple[Any, ...]
    unit_count: NDArray[np.int64]
    sampling_fraction: NDArray[np.float64]

    @property
    def degrees_of_freedom(self) -> int:
        """Units minus strata, over the whole design."""
        return int(self.unit_count.sum() - len(self.labels))

    def variance_factor(self) -> NDArray[np.float64]:
        """(1 − f) · n / (n − 1) of each stratum; 0 where all units were drawn."""
        spread = self.unit_count / np.maximum(self.unit_count - 1, 1)
        return (1 - self.sampling_fraction) * spread


def make_strata(
    design: SampleDesign,
    labels: Sequence[Any],
    unit_count: NDArray[np.int64],
    fpc_low: NDArray[np.float64],
    fpc_high: NDArray[np.float64],
) -> Strata:
    """Check a design and sum it up.

    Parameters
    ----------
    labels, unit_count : of each stratum, over the whole sample and not only over those of a domain.
    fpc_low, fpc_high : smallest and largest value of the fpc column in the stratum; NaN without one.

    Raises
    ------
    DesignError : strata with a single unit (unless all of its units were drawn), an fpc that is not positive, that
        differs within a stratum, or that is below the units drawn. All of them at once, each naming its stratum.
    """
    problems: list[Problem] = []
    fraction = np.zeros(len(labels))
    for index, label in enumerate(labels):
        drawn = int(unit_count[index])
        if design.fpc is not None:
            low, high = float(fpc_low[index]), float(fpc_high[index])
            problem = _fpc_problem(design, label, drawn, low, high)
            if problem:
                problems.append(problem)
                continue
            fraction[index] = drawn / low if low > 1 else low
        if drawn == 1 and fraction[index] < 1:
            problems.append(_single_unit(design, label))
    if problems:
        raise DesignError(problems)
    return Strata(tuple(labels), unit_count, fraction)


def _stratum_name(design: SampleDesign, label: Any) -> str:
    return f"stratum {label} (column '{design.strata}')" if design.strata else "the sample"


def _single_unit(design: SampleDesign, label: Any) -> Problem:
    unit = f"primary sampling unit (column '{design.psu}')" if design.psu else "row"
    message = (
        f"{_stratum_name(design, label)} has a single {unit}, so its sampling error cannot be estimated. "
        "Merge it with the stratum most like it, in a new stratum column."
    )
    return Problem("design.single_unit", message, column=design.strata, value=str(label), facts={"stratum": label})


def _fpc_problem(design: SampleDesign, label: Any, drawn: int, low: float, high: float) -> Problem | None:
    name = _stratum_name(design, label)
    if low != high:
        text = f"{name}: the fpc differs between rows ({low:g} to {high:g}). Give one value a stratum."
    elif low <= 0 or low == np.inf:
        text = f"{name}: the fpc is {low:g}. Give the number of units in the population, or the share drawn (0-1)."
    elif 1 < low < drawn:
        text = f"{name}: the fpc says {low:g} units in the population, but {drawn} were drawn. Correct the fpc."
    else:
        return None
    return Problem("design.fpc", text, column=design.fpc, value=f"{low:g}", facts={"stratum": label})
