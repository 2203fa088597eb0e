"""Columns made of others before estimating: the sex of the household's head, and age bands.

They are Ibis expressions, so they work on every engine and are never stored in the answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from budget_model.errors import InputError, Problem

UNBORN = -1  # at the reference date


def with_head_sex(
    persons: Any,
    household: str = "household_id",
    relationship: str = "relationship",
    head: Any = "head",
    sex: str = "sex",
    name: str = "head_sex",
) -> Any:
    """The table with the sex of the head of each person's household.

    Missing where the household has no head, or heads of both sexes: two answers are no answer.

    Parameters
    ----------
    persons : Ibis table, a row a person. `head` is the answer in `relationship` that says so.
    """
    _require(persons, (household, relationship, sex))
    heads = persons.filter(persons[relationship] == head)
    heads = heads.select(head_household=heads[household], answer=heads[sex])
    found = heads.group_by("head_household").aggregate(first_sex=heads["answer"].min(), last_sex=heads["answer"].max())
    joined = persons.left_join(found, persons[household] == found["head_household"])
    one = ibis.ifelse(joined["first_sex"] == joined["last_sex"], joined["first_sex"], ibis.null(persons[sex].type()))
    return joined.mutate(**{name: one}).drop("head_household", "first_sex", "last_sex")


@dataclass(frozen=True)
class AgeBands:
    """Bands of age by the completed years at which each begins: (0, 15, 65) is 0-14, 15-64, 65+.

    The first may begin at -1, which files of income give to those who were born after their reference date.
    `version` is raised when the borders change, so that a series can say where it broke.
    """

    starts: tuple[int, ...]
    version: int = 1

    def __post_init__(self) -> None:
        rising = all(one < next_one for one, next_one in itertools.pairwise(self.starts))
        if not self.starts or self.starts[0] < UNBORN or not rising:
            message = f"age bands begin at rising ages from 0 on; found {', '.join(map(str, self.starts)) or 'none'}."
            raise InputError(Problem("age_bands.starts", message))

    def labels(self) -> tuple[str, ...]:
        """Names that sort like the bands: `00-14`, `15-64`, `65+`."""
        closed = [f"{one:02}-{next_one - 1:02}" for one, next_one in itertools.pairwise(self.starts)]
        return (*closed, f"{self.starts[-1]:02}+")

    def differs_from(self, other: AgeBands) -> bool:
        """Whether figures by these and by other bands cannot stand in one series."""
        return self.starts != other.starts


def with_age_band(persons: Any, bands: AgeBands, age: str = "age", name: str = "age_band") -> Any:
    """The table with the band of each person's age; missing where the age is missing or below the first band."""
    _require(persons, (age,))
    years = persons[age]
    tests = [(years >= start, label) for start, label in zip(bands.starts, bands.labels(), strict=True)]
    known = years.notnull() & ~years.isnan() if years.type().is_floating() else years.notnull()
    band = ibis.cases(*reversed(tests), else_=ibis.null("string"))
    return persons.mutate(**{name: ibis.ifelse(known, band, ibis.null("string"))})


def _require(table: Any, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        message = f"the survey has no column '{missing[0]}'. Name the column that holds it."
        raise InputError(Problem("survey.unknown_column", message, column=missing[0]))
