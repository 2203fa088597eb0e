"""Columns that `estimate` can make for --by: age bands with stated borders, and the sex of the household's head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from budget_model.errors import InputError, Problem
from budget_model.survey.derived import AgeBands, with_age_band, with_head_sex
from data.commands.indicators import age_starts
from data.workflows.indicator_details import HEAD, HEAD_SEX, RELATIONS

AGE_BAND = "age_band"


@dataclass(frozen=True)
class MadeColumns:
    """What was asked for; names of columns of the survey.

    ages : years at which bands begin, as typed; None leaves the survey's own bands. head : `relation=head`, the column
        that says who is the head, and with which answer; None looks for the usual ones.
    """

    ages: str | None = None
    age: str = "age"
    head: str | None = None
    household: str = "household_id"
    sex: str = "sex"


def with_made_columns(table: Any, columns: Sequence[str], asked: MadeColumns, say: Callable[[str], None]) -> Any:
    """The table with the columns of `columns` that have to be made first.

    Raises
    ------
    UsageError : --ages or --head without its column in --by. InputError : a column that is needed is not there.
    """
    starts = age_starts(asked.ages)
    for option, wanted, name in (("--ages", starts, AGE_BAND), ("--head", asked.head, HEAD_SEX)):
        if wanted and name not in columns:
            raise click.UsageError(f"{option} makes the column {name}. Add it to --by, for example --by sex,{name}.")
    if starts:
        if AGE_BAND in table.columns:
            say(f"The bands of the column '{AGE_BAND}' give way to those of --ages.")
        table = with_age_band(table, AgeBands(starts), asked.age)
    if HEAD_SEX in columns and (asked.head or HEAD_SEX not in table.columns):
        table = _with_head(table, asked)
    return table


def _with_head(table: Any, asked: MadeColumns) -> Any:
    relation, answer = _head_answer(table, asked.head)
    return with_head_sex(table, asked.household, relation, answer, asked.sex)


def _head_answer(table: Any, text: str | None) -> tuple[str, Any]:
    """The column and the answer that say who is the head; a number where the column holds numbers."""
    if text is None:
        found = next((name for name in RELATIONS if name in table.columns), None)
        if found is None:
            message = (
                f"no column says who is the head of a household ({' or '.join(RELATIONS)} is looked for). "
                f"Name it with --head COLUMN=ANSWER, for example --head parentesco=1."
            )
            raise InputError(Problem("survey.no_head", message, column=HEAD_SEX))
        return found, HEAD
    column, _, answer = text.partition("=")
    if not column.strip() or not answer.strip():
        raise click.UsageError(f"--head takes COLUMN=ANSWER, such as relation=head. Found: {text}")
    return column.strip(), _typed(table, column.strip(), answer.strip())


def _typed(table: Any, column: str, answer: str) -> Any:
    if column not in table.columns or not table[column].type().is_numeric():
        return answer
    try:
        return float(answer)
    except ValueError:
        message = f"the column '{column}' holds numbers, so that nobody has the answer '{answer}' of --head."
        raise InputError(Problem("survey.no_head", message, column=column, value=answer)) from None
