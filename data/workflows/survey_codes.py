"""Codes of raw answers in the store's words; a code that the mapping does not have is a problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from budget_model.errors import InputError, Problem
from data.readers.answers import RawFile
from data.workflows.row_problems import problems_at

NAMES = {"sex": "sex", "age_band": "age band", "area": "area"}
AREA_BLANK = ("area_missing", "Rows have no area", "Fill the code in or remove the rows.")
BLANK = {  # rule, what is wrong with blank answers, and how to mend it; blank age bands are not known
    "sex": (
        "sex_blank",
        "Rows have no sex",
        'Fill it in. If a blank means that none was stated, say so in the mapping (persons, sex, values: "": null).',
    ),
    "area": AREA_BLANK,
}


def refuse(problems: Iterator[Problem] | list[Problem]) -> None:
    found = list(problems)
    if found:
        raise InputError(found)


def code_text(values: pl.Series) -> pl.Series:
    """Codes as text, so that 1, 1.0 and "1" are one code."""
    if values.dtype.is_float() and (values.drop_nulls() == values.drop_nulls().round()).all():
        values = values.cast(pl.Int64)
    return values.cast(pl.String).str.strip_chars()


def stored_code(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def translated(
    file: RawFile,
    column: str,
    values: Mapping[Any, str | None],
    word: str,
    problems: list[Problem],
    blank_allowed: bool = False,
) -> pl.Series:
    """The column's codes in the store's words; a code that the mapping does not have is a problem."""
    codes = code_text(file.frame[column])
    table = {stored_code(code): stored for code, stored in values.items()}
    blank = codes.is_null() | (codes == "").fill_null(value=False)
    if not blank_allowed:
        problems.extend(problems_at(file, blank, *BLANK[word], column))
    unknown = ~codes.is_in(list(table)) & ~blank
    known = ", ".join(code for code in table if code)
    message = f"Rows have a {NAMES[word]} that the mapping does not know"
    advice = f"It knows {known}. Mend the answers or add the code to the mapping."
    problems.extend(problems_at(file, unknown, f"{word}_wrong", message, advice, column))
    return codes.replace_strict(table, default=None, return_dtype=pl.String)
