"""What is known of a survey round besides its answers, and what came of storing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from budget_model.errors import Problem

HOUSEHOLD_UNIT = "household_id"
ZONES = timedelta(days=1)  # a day that has begun somewhere on earth is not in the future


def sampling_unit(is_census: bool, psu_column: str | None) -> str | None:
    """The column of the unit that was drawn: the one stated, else the household, whose members are never drawn one by
    one; None for a census."""
    return None if is_census else psu_column or HOUSEHOLD_UNIT


def day_problems(starts_on: date | None, ends_on: date | None, today: date | None = None) -> list[Problem]:
    """What is wrong with the first and the last day of a survey: the order; and, if `today` is given, the future."""
    problems = []
    if starts_on and ends_on and ends_on < starts_on:
        message = f"The last day, {ends_on}, is before the first day, {starts_on}. Exchange them or mend the wrong one."
        problems.append(Problem("days_order", message, column="ends_on", value=str(ends_on)))
    for name, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if day and today and day > today + ZONES:
            message = f"{day} lies ahead: nobody can have been asked then. State the day on which people were asked."
            problems.append(Problem("day_ahead", message, column=name, value=str(day)))
    return problems


@dataclass(frozen=True)
class AreaSpec:
    """An area that the round's codes name; `parent` is the code one level up, None at level 1."""

    code: str
    name: str
    level: int
    parent: str | None = None


@dataclass(frozen=True)
class RoundSpec:
    """What is known of a round besides its answers. Column names are those of the frames."""

    code: str
    coverage_area: str
    is_census: bool
    area_columns: tuple[str, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    coverage_rate: float | None = None
    weight_column: str | None = None
    strata_column: str | None = None
    psu_column: str | None = None
    fpc_column: str | None = None
    state: str = "draft"
    age_starts: tuple[int, ...] = ()  # years at which the age bands of the figures begin; empty: those of the answers
    source: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredRound:
    """What came of an import."""

    round_id: int
    code: str
    households: int
    persons: int
    new_areas: tuple[str, ...]
    warnings: tuple[Problem, ...]
    bank_path: str
