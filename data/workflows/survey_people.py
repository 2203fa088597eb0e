"""Sex, age and age band of persons, out of the raw answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from budget_model.errors import Problem
from data.readers.answers import RawFile
from data.readers.compact import plain
from data.readers.survey_mapping import SurveyMapping
from data.workflows.row_problems import problems_at
from data.workflows.survey_codes import refuse, translated

# Course of life as Peru's Ministry of Health divides it, with the start of primary school at 6.
AGE_BANDS = ((0, "0-5"), (6, "6-11"), (12, "12-17"), (18, "18-29"), (30, "30-59"), (60, "60+"))
OLDEST = 120


def with_people(mapping: SurveyMapping, file: RawFile, persons: pl.DataFrame, problems: list[Problem]) -> pl.DataFrame:
    """Sex, age and age band in the store's words."""
    part = mapping.persons
    may_be_blank = part.sex.values.get("", "refused") is None
    sex = translated(file, part.sex.column, part.sex.values, "sex", problems, blank_allowed=may_be_blank)
    columns = [sex.alias("sex")]
    if part.age_band:
        band = translated(file, part.age_band.column, part.age_band.values, "age_band", problems, blank_allowed=True)
        columns.append(band.alias("age_band"))
    if part.age:
        age = _ages(file, part.age.column, part.age.missing, problems)
        columns += [age.alias("age"), age_bands(age).alias("age_band")]
    refuse(problems)
    return persons.with_columns(columns)


def _ages(file: RawFile, column: str, missing: Collection[float], problems: list[Problem]) -> pl.Series:
    raw = plain(file.frame[column])
    ages = raw.cast(pl.Float64, strict=False)
    ages = ages.set(ages.is_in(list(missing)).fill_null(value=False), None) if missing else ages
    coded = raw.cast(pl.Float64, strict=False).is_in(list(missing)).fill_null(value=False)
    wrong = raw.is_not_null() & ~coded & (ages.is_null() | (ages < 0) | (ages > OLDEST)).fill_null(value=True)
    message = f"Answers are no age between 0 and {OLDEST}"
    advice = "Mend them, or list under age.missing what means not known."
    problems.extend(problems_at(file, wrong, "age_wrong", message, advice, column))
    return ages.floor().cast(pl.Int16, strict=False)


def age_notes(mapping: SurveyMapping, file: RawFile) -> Iterator[Problem]:
    """Ages with a fraction become completed years, which is said."""
    if mapping.persons.age is None:
        return
    column = mapping.persons.age.column
    ages = plain(file.frame[column]).cast(pl.Float64, strict=False)
    coded = ages.is_in(list(mapping.persons.age.missing))
    rows = ((ages != ages.floor()) & ~coded).fill_null(value=False).arg_true().to_list()
    if rows:
        name, line = file.place(rows[0])
        message = (
            f"{len(rows):,} ages are no whole years (the first is {ages[rows[0]]:g}); they were stored as completed "
            f"years ({int(ages[rows[0]])}). Check that the column holds ages in years."
        )
        facts = {"count": len(rows)}
        yield Problem("age_rounded", message, level="warning", file=name, line=line, column=column, facts=facts)


def age_bands(age: pl.Series) -> pl.Series:
    """Band of each age in years; missing stays missing.

    >>> age_bands(pl.Series([0, 17, 60, None])).to_list()
    ['0-5', '12-17', '60+', None]
    """
    band = pl.lit(None, pl.String)
    for low, label in AGE_BANDS:
        band = pl.when(pl.col("age") >= low).then(pl.lit(label)).otherwise(band)
    return pl.DataFrame({"age": age}).select(band.alias("age_band"))["age_band"]
