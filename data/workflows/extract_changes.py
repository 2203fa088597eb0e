"""What an anonymised extract changes in each indicator: how many persons it can no longer say something of.

Only counts of persons whose answers were recoded, never which way they had answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import ibis
import polars as pl

from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.condition_ibis import to_ibis
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition
from budget_model.survey.questions import needed_columns
from data.readers.compact import plain

CHANGES = ("universe_unknown", "value_unknown", "value_changed", "sector_unknown", "age_band_unknown")
OF_THE_TOTAL = CHANGES[:3]  # the others change tables by sector and by age only
AFTER = "after "  # prefix of a column of the extract


def indicator_changes(
    before: pl.DataFrame, after: pl.DataFrame, definitions: Iterable[IndicatorDefinition], area: str | None
) -> list[dict[str, Any]]:
    """One entry an indicator: `indicator`, `version`, and either the columns that it lacks (`left_out`) or counts.

    universe_unknown : persons of whom the extract does not know whether they belong to the universe; they leave it
    value_unknown : persons of the universe of whom it does not know what is counted or averaged
    value_changed : persons who enter or leave the universe, or whose value is another, because old ages are together
    sector_unknown : persons of the universe who count in the site and in no sector (column `area`)
    age_band_unknown : persons of the universe who count in no age band

    before, after : the same persons in the same order
    """
    shared = [name for name in before.columns if name in after.columns]
    kept = before.select(shared).hstack(after.select(pl.col(shared).name.prefix(AFTER)))
    is_recoded = recoded_persons(before, after, shared)
    recoded = kept.filter(is_recoded)
    was, now = recoded.select(shared), recoded.select(pl.col(f"{AFTER}{name}").alias(name) for name in shared)
    return [_change(item, was, now, area, before.columns) for item in definitions]


def _change(
    item: IndicatorDefinition, was: pl.DataFrame, now: pl.DataFrame, area: str | None, asked: Sequence[str]
) -> dict[str, Any]:
    entry: dict[str, Any] = {"indicator": item.id, "version": item.version}
    missing = [name for name in needed_columns(item) if name not in now.columns]
    if missing:
        return {**entry, "left_out": [name for name in missing if name in asked]}
    then, after = _evaluated(item, was), _evaluated(item, now)
    inside = after["universe"].fill_null(False)
    values = [name for name in after.columns if name != "universe"]
    told = {
        "universe_unknown": _lost(then["universe"], after["universe"]),
        "value_unknown": inside & _any(_lost(then[name], after[name]) for name in values),
        "value_changed": _any(
            _other(then[name], after[name]) & (inside | (name == "universe")) for name in then.columns
        ),
        "sector_unknown": inside & _differs(was, now, area),
        "age_band_unknown": inside & _differs(was, now, "age_band" if "age_band" in now.columns else "age"),
    }
    return {**entry, **{name: int(told[name].sum()) for name in CHANGES}}


def _evaluated(item: IndicatorDefinition, persons: pl.DataFrame) -> pl.DataFrame:
    """The universe and what is measured in it, a row a person; null is unknown."""
    table = ibis.memtable(persons)
    texts = {"universe": item.universe, "measured": item.measured, "over": item.over}
    columns = {}
    for key, text in texts.items():
        if text:
            place = Place(item.id, key)
            columns[key] = to_ibis(parse_condition(text, persons.columns, place), table, place)
    return ibis.polars.connect().to_polars(table.select(**columns))


def _lost(before: pl.Series, after: pl.Series) -> pl.Series:
    return before.is_not_null() & after.is_null()


def _other(before: pl.Series, after: pl.Series) -> pl.Series:
    return before.is_not_null() & after.is_not_null() & before.ne_missing(after)


def _any(masks: Iterator[pl.Series]) -> pl.Series:
    found = next(masks)
    for mask in masks:
        found = found | mask
    return found


def _differs(was: pl.DataFrame, now: pl.DataFrame, column: str | None) -> pl.Series:
    if column is None or column not in now.columns:
        return pl.Series([False] * now.height, dtype=pl.Boolean)
    changed = was[column].ne_missing(now[column])
    return changed if column != "age" else changed & now[column].is_null()


def recoded_persons(before: pl.DataFrame, after: pl.DataFrame, names: Iterable[str]) -> pl.Series:
    """Whether any of these columns has another value; categories are compared by their texts."""
    changed = pl.Series([False] * before.height)
    for name in names:
        old, new = plain(before[name]), plain(after[name])
        if old.dtype != new.dtype:  # sampling units under numbers
            old, new = old.cast(pl.String), new.cast(pl.String)
        changed = changed | old.ne_missing(new)
    return changed
