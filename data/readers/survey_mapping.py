"""The mapping file of a survey: which column of the raw files is what, and what must not be stored."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from pydantic import Field, field_validator, model_validator

from data.readers.strict_yaml import StrictModel, read_strict

Code = str | int | float | bool
COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Coverage(StrictModel):
    """What was surveyed, in words, and which share of its households answered."""

    area: str = Field(min_length=3)
    rate: float | None = Field(default=None, gt=0, le=1)


class Design(StrictModel):
    """How the sample was drawn; names of stored columns. All empty for a census or a survey without weights."""

    census: bool
    weight: str | None = None
    strata: str | None = None
    psu: str | None = None
    fpc: str | None = None


class Sex(StrictModel):
    """The column of sex and what its codes mean: null is another sex or none stated, `""` a blank cell.

    People without female or male are counted in totals, and neither among women nor among men.
    """

    column: str
    values: dict[Code, Literal["female", "male"] | None] = Field(min_length=1)


class Age(StrictModel):
    """Age in whole years; `missing` lists the codes of *not known*."""

    column: str
    missing: tuple[float, ...] = ()


class AgeBand(StrictModel):
    """Age already in bands: code of the file -> band as stored (`0-4`, `18+`), or null for *not known*."""

    column: str
    values: dict[Code, str | None] = Field(min_length=1)


class PersonsFile(StrictModel):
    """The file with one row a person."""

    household: str | tuple[str, ...] = "_household"  # of files without a form: a form joins people to households itself
    sex: Sex
    age: Age | None = None
    age_band: AgeBand | None = None
    keep: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_age(self) -> PersonsFile:
        if self.age is not None and self.age_band is not None:
            raise ValueError("state either age or age_band, not both: bands are derived from age")
        return self


class HouseholdsFile(StrictModel):
    """The file with one row a household."""

    id: str | tuple[str, ...] = "_row"  # one column, or several that together name a household
    keep: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()


class AreaValue(StrictModel):
    """An area as the site knows it."""

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)


class AreaColumn(StrictModel):
    """The column of one level of areas; the first entry is level 1. `values` gives codes their names."""

    column: str
    file: Literal["persons", "households"] = "persons"
    name: str
    values: dict[Code, AreaValue] | None = None

    @field_validator("name")
    @classmethod
    def _is_column_name(cls, value: str) -> str:
        return checked_column_name(value)


class Derived(StrictModel):
    """A household column made of its members: how many there are, or whether any of them meets a condition."""

    count: Literal["persons"] | None = None
    any: str | None = None
    among: str | None = None  # only these members are asked; none of them -> missing

    @model_validator(mode="after")
    def _one_rule(self) -> Derived:
        if (self.count is None) == (self.any is None):
            raise ValueError("state either count: persons or any: <condition>")
        return self


class SurveyMapping(StrictModel):
    """A mapping file."""

    source: str = Field(min_length=3)
    starts_on: date | None = None
    ends_on: date | None = None
    coverage: Coverage
    design: Design
    persons: PersonsFile
    households: HouseholdsFile | None = None
    areas: tuple[AreaColumn, ...] = ()
    derive: dict[str, Derived] = Field(default_factory=dict)
    rename: dict[str, str] = Field(default_factory=dict)
    not_identifying: tuple[str, ...] = ()

    @field_validator("derive")
    @classmethod
    def _derived_names(cls, value: dict[str, Derived]) -> dict[str, Derived]:
        for name in value:
            checked_column_name(name)
        return value

    @field_validator("rename")
    @classmethod
    def _renamed_names(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value.values():
            checked_column_name(name)
        return value


def checked_column_name(name: str) -> str:
    """`name` if it can stand in a condition without quotes; otherwise ValueError."""
    if not COLUMN_NAME.fullmatch(name):
        raise ValueError(f"'{name}' cannot be a column name: use letters, digits and _, not beginning with a digit")
    return name


def read_survey_mapping(text: str, file: str) -> SurveyMapping:
    """The mapping in `text`; raises InputError with every problem and its line."""
    return read_strict(text, file, SurveyMapping)
