"""What a site adds for expenditure incidence: which questions tell the users of a programme, fees, hours freed.

Strict YAML; every figure carries its source or the word *assumption*.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from budget_model.errors import CatalogueError
from data.readers.files import read_text
from data.readers.programmes import Amount, Source
from data.readers.strict_yaml import StrictModel, read_strict


class Income(StrictModel):
    """The column by which people are ranked, poorest first."""

    column: str = Field(min_length=1)
    source: Source


class Users(StrictModel):
    """Who uses a programme: an SQL condition on the questions of the survey."""

    condition: str = Field(min_length=1)
    source: Source


class Fees(StrictModel):
    """What users pay for a programme in a year, in all; it is taken off the spending."""

    value: Amount
    source: Source


class HoursSaved(StrictModel):
    """Hours of unpaid work in a week that one user, of either sex, spares women and men (at home, of the carer)."""

    women: float = Field(ge=0, le=168)
    men: float = Field(ge=0, le=168)
    source: Source


class HourValue(StrictModel):
    """Currency that an hour of unpaid work is valued at: the wage of somebody paid to do it, or a minimum wage."""

    value: Amount = Field(gt=0)
    source: Source


class ProgrammeUse(StrictModel):
    """What is known of the users of one programme."""

    users: Users | None = None
    fees: Fees | None = None
    hours_saved: HoursSaved | None = None


class IncidenceQuestions(StrictModel):
    """The file."""

    income: Income | None = None
    hour_value: HourValue | None = None
    programmes: dict[str, ProgrammeUse] = Field(default_factory=dict)


def parse_questions(text: str, file: str) -> IncidenceQuestions:
    """CatalogueError with every problem and its line."""
    return read_strict(text, file, IncidenceQuestions, CatalogueError)


def read_questions(file: Path) -> IncidenceQuestions:
    return parse_questions(read_text(file), file.name)
