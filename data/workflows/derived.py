"""Household columns made of the members: their number, or whether any of them meets a condition."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import polars as pl
from sqlglot import exp

from budget_model.survey.condition_ibis import to_ibis
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition
from data.readers.compact import with_plain_texts
from data.readers.survey_mapping import Derived


def add_derived(
    derive: Mapping[str, Derived], persons: pl.DataFrame, households: pl.DataFrame, key: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with the derived columns; a later rule may use an earlier one's column.

    A household of which no member is asked (`among`) gets a missing value; so does one where no member is known
    to meet the condition and some answer is missing: missing is not no.
    """
    for name, rule in derive.items():
        values = _count(persons, name, key) if rule.count else _any(persons, name, rule, key)
        households = households.join(values, on=key, how="left", maintain_order="left")
        if rule.count:
            households = households.with_columns(pl.col(name).fill_null(0))
        persons = persons.join(households.select(key, name), on=key, how="left", maintain_order="left")
    return persons, households


def _count(persons: pl.DataFrame, name: str, key: str) -> pl.DataFrame:
    return persons.group_by(key).agg(pl.len().cast(pl.Int64).alias(name))


def _any(persons: pl.DataFrame, name: str, rule: Derived, key: str) -> pl.DataFrame:
    assert rule.any is not None
    flags = persons.select(
        key,
        _truth(persons, rule.any, Place(name, "derive.any")).alias("meets"),
        _truth(persons, rule.among, Place(name, "derive.among")).alias("asked")
        if rule.among
        else pl.lit(value=True).alias("asked"),
    )
    asked = flags.filter(pl.col("asked"))
    any_known = pl.col("meets").any(ignore_nulls=False)  # true beats unknown, unknown beats false
    return asked.group_by(key).agg(any_known.alias(name))


def _truth(persons: pl.DataFrame, sql: str, place: Place) -> pl.Series:
    """The condition on every row: true, false or missing."""
    tree = parse_condition(sql, persons.columns, place)
    asked = dict.fromkeys(column.name for column in tree.find_all(exp.Column))
    rows = with_plain_texts(persons.with_row_index("__row__").select("__row__", *asked))
    table = ibis.memtable(rows)
    condition = to_ibis(tree, table, place)
    result: pl.DataFrame = ibis.polars.connect().to_polars(table.select("__row__", truth=condition))
    return result.sort("__row__")["truth"]
