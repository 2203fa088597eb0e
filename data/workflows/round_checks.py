"""What the frames of a round must hold before anything of it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from budget_model.errors import InputError, Problem
from data.workflows.round_spec import RoundSpec, day_problems, sampling_unit

SEXES = ("female", "male")
Check = Callable[[RoundSpec, pl.DataFrame, pl.DataFrame], Iterator[Problem]]


def check_round(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> None:
    """Raise InputError with every problem of the frames; columns first, since all else needs them."""
    missing = list(_missing_columns(spec, persons, households))
    if missing:
        raise InputError(missing)
    problems = [problem for check in CHECKS for problem in check(spec, persons, households)]
    if problems:
        raise InputError(problems)


def _missing_columns(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> Iterator[Problem]:
    design = (spec.weight_column, spec.strata_column, spec.psu_column, spec.fpc_column)
    wanted = ["person_id", "household_id", "sex", *spec.area_columns, *(name for name in design if name)]
    for column in dict.fromkeys(wanted):
        if column not in persons.columns:
            message = f"The persons have no column '{column}'. They have: {', '.join(persons.columns)}."
            yield Problem("column_unknown", message, column=column)
    if "household_id" not in households.columns:
        yield Problem("column_unknown", "The households have no column 'household_id'.", column="household_id")


def _empty(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> Iterator[Problem]:
    for what, frame in (("persons", persons), ("households", households)):
        if frame.is_empty():
            yield Problem("file_empty", f"There are no {what}. A round needs at least one row of each.")


def _keys(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> Iterator[Problem]:
    """Ids count 1 … n: nothing of the raw file's numbering can be left in them."""
    for column, frame in (("person_id", persons), ("household_id", households)):
        ids = frame[column]
        if not ids.dtype.is_integer() or not ids.sort().equals(pl.Series(column, range(1, len(ids) + 1), ids.dtype)):
            message = f"'{column}' must be re-keyed to whole numbers 1 to {len(ids):,}, each once."
            yield Problem("key_not_rekeyed", message, column=column)
    strangers = persons.filter(~pl.col("household_id").is_in(households["household_id"].implode()))
    if strangers.height:
        message = f"{strangers.height:,} persons belong to a household that is not among the households."
        yield Problem("household_unknown", message, column="household_id")


def _sex(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> Iterator[Problem]:
    """Female, male, or missing: another sex or none stated, which the mapping has to say."""
    wrong = persons.filter(~pl.col("sex").cast(pl.String).is_in(SEXES).fill_null(value=True))
    if wrong.height:
        message = (
            f"{wrong.height:,} persons have a sex that is neither female, male nor missing "
            f"(first: {wrong['sex'][0]!r}). Say in the mapping what the code means."
        )
        yield Problem("sex_wrong", message, column="sex", value=str(wrong["sex"][0]))


def _areas(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> Iterator[Problem]:
    for column in spec.area_columns:
        blank = persons[column].null_count()
        if blank:
            message = f"{blank:,} persons have no area. Fill the code in, or leave these households out."
            yield Problem("area_missing", message, column=column)


def _weights(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> Iterator[Problem]:
    for column in filter(None, (spec.weight_column, spec.fpc_column)):
        values = persons[column]
        if not values.dtype.is_numeric():
            yield Problem("weight_wrong", f"'{column}' holds text, not numbers.", column=column)
            continue
        wrong = persons.filter(values.is_null() | ~values.cast(pl.Float64).is_finite() | (values < 0))
        if wrong.height:
            first = wrong[column][0]
            message = f"{wrong.height:,} persons have a weight that is missing, negative or infinite (first: {first})."
            yield Problem("weight_wrong", message, column=column, value=str(wrong[column][0]))


def _strata(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> Iterator[Problem]:
    """A stratum with a single PSU has no variance: it is refused by name, never dropped."""
    if spec.strata_column is None or spec.is_census:
        return
    psu = sampling_unit(spec.is_census, spec.psu_column)
    counts = persons.group_by(spec.strata_column).agg(pl.col(psu).n_unique().alias("psus"))
    for name in sorted(map(str, counts.filter(pl.col("psus") < 2)[spec.strata_column])):
        message = (
            f"Stratum '{name}' has a single PSU, so no standard error can be computed. "
            "Merge it with a neighbouring stratum in the file, or state another design."
        )
        yield Problem("single_psu", message, column=spec.strata_column, value=name)


def _days(spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> Iterator[Problem]:
    yield from day_problems(spec.starts_on, spec.ends_on)


def design_notes(spec: RoundSpec) -> list[Problem]:
    """What was taken for granted of the design because nobody stated it."""
    if spec.is_census or spec.psu_column:
        return []
    message = (
        "No sampling unit (PSU) is stated: the household counts as the unit that was drawn, so that members of one "
        "household do not count as drawn one by one. If areas or blocks were drawn first, state their column."
    )
    return [Problem("psu_household", message, level="warning")]


CHECKS: tuple[Check, ...] = (_days, _empty, _keys, _sex, _areas, _weights, _strata)
