"""Columns of answers that say again what an extract takes out: a person's key, a place below the level, an age.

Forms carry such copies: a roster repeats the person's key in each module, a calculated column keeps the age, and the
place is asked by district, block and cluster. A column is found by its name or, whatever it is called, by its values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import polars as pl

KEYS = ("person_id", "household_id")
START = r"(?:^|[_/.\- ])"
KEY_NAME = re.compile(
    START + r"(?:person_id|household_id|member_id|hhid|hh_id|parent_key|parent_index|submission_id|instance_?id)$",
    re.IGNORECASE,
)
PLACE_NAME = re.compile(
    START + r"(?:adm(?:in)?_?[2-9]|cluster|conglomerado|ubigeo|manzana|distrito|district|village|ward|block|ea"
    r"|enumeration_area)(?:_?(?:id|code|number|no|name))?$",
    re.IGNORECASE,
)
AGE_NAME = re.compile(
    r"(?:^|[_/.\- ])(?:age|ages|aged|edad|edades|dob|birth|nacimiento)(?:$|[_/.\- \d])", re.IGNORECASE
)
MOST_DISTINCT = 0.9  # a text that differs for so many of the persons is a key, whatever it is called
FEWEST = 20  # values that such a finding needs
PLACES_A_SECTOR = 2  # a column with more values than this for each sector, each inside one sector, is a place


def key_columns(frame: pl.DataFrame) -> list[str]:
    """Columns that repeat a key of a person or a household, but for the keys that were given out anew."""
    return [name for name in frame.columns if name not in KEYS and (KEY_NAME.search(name) or _is_key(frame[name]))]


def _is_key(values: pl.Series) -> bool:
    if values.dtype != pl.String:
        return False
    known = values.drop_nulls()
    return len(known) >= FEWEST and known.n_unique() > MOST_DISTINCT * len(known)


def place_columns(frame: pl.DataFrame, area: str | None, kept: Collection[str]) -> list[str]:
    """Columns that tell a place below the area that is shown."""
    others = [name for name in frame.columns if name not in kept and name not in KEYS and name != area]
    return [name for name in others if PLACE_NAME.search(name) or (area and _lies_within(frame, name, area))]


def _lies_within(frame: pl.DataFrame, name: str, area: str) -> bool:
    """Whether each value is found in one sector alone, with so many values that it cannot be by chance."""
    if area not in frame.columns or frame[name].dtype.is_float():
        return False
    known = frame.select(name, area, "household_id").drop_nulls()
    sectors = known[area].n_unique()
    if sectors < PLACES_A_SECTOR:
        return False
    values = known.group_by(name).agg(pl.col(area).n_unique().alias("sectors"), pl.col("household_id").n_unique())
    common = values.filter(pl.col("household_id") > 1)
    return common.height > PLACES_A_SECTOR * sectors and bool((common["sectors"] == 1).all())


def age_columns(persons: pl.DataFrame, kept: Collection[str]) -> list[str]:
    """Columns that tell an age, but for the age itself and its band: by name, or since the age decides their value."""
    others = [name for name in persons.columns if name not in kept and name not in (*KEYS, "age", "age_band", "sex")]
    return [name for name in others if AGE_NAME.search(name) or _is_told_by_age(persons, name)]


def _is_told_by_age(persons: pl.DataFrame, name: str) -> bool:
    """Whether persons of one age all have the same value, and those of different ages different ones."""
    if "age" not in persons.columns:
        return False
    known = persons.select("age", name).drop_nulls()
    if known[name].n_unique() == 1:
        return False
    by_age = known.group_by("age").agg(pl.len().alias("persons"), pl.col(name).n_unique().alias("values"))
    common = by_age.filter(pl.col("persons") > 1)
    return int(common["persons"].sum()) >= FEWEST and bool((common["values"] == 1).all())


def without_ages(persons: pl.DataFrame, changed: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    """The persons whose age is hidden say it nowhere else."""
    return persons.with_columns(pl.when(changed).then(None).otherwise(pl.col(name)).alias(name) for name in names)
