"""The tables that validation rules look at: answers under the rules' own names, with figures of the household on them.

Knows how to evaluate conditions over them; knows no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ibis
import polars as pl

from budget_model.errors import CatalogueError
from budget_model.survey.condition_ibis import kind_of, to_ibis
from budget_model.survey.conditions import parse_condition
from budget_model.survey.validation_rules import (
    AREA,
    ENUMERATOR,
    HOUSEHOLD_ID,
    PERSON_ID,
    Derived,
    RulePlace,
    RuleSet,
    columns_of,
    derived_texts,
    rule_texts,
)

ROW = "__row__"


class NotApplicable(Exception):  # noqa: N818 (a finding about the rule, not a failure)
    """A rule cannot be used on this round: columns that it lacks, or a reason."""

    def __init__(self, missing: Iterable[str] = (), reason: str = ""):
        self.missing, self.reason = tuple(dict.fromkeys(missing)), reason
        super().__init__(reason or ", ".join(self.missing))


@dataclass(frozen=True)
class RuleTables:
    """Persons and households as rules see them. `names`: a rule's word -> the column of the round.

    `lacking`: a derived figure that could not be made -> the columns that the round lacks for it.
    """

    persons: pl.DataFrame
    households: pl.DataFrame
    names: Mapping[str, str]
    lacking: Mapping[str, tuple[str, ...]]
    sensitive: frozenset[str]

    def of(self, level: str) -> pl.DataFrame:
        return self.persons if level == "person" else self.households

    def missing(self, columns: Iterable[str], level: str) -> tuple[str, ...]:
        """Columns of `columns` that the table of a level lacks; for a derived figure, what it was to be made of."""
        known = self.of(level).columns
        lacking: list[str] = []
        for column in columns:
            if column not in known:
                lacking += self.lacking.get(column, (column,))
        return tuple(dict.fromkeys(lacking))


def rule_tables(persons: pl.DataFrame, households: pl.DataFrame, rules: RuleSet, area_column: str | None) -> RuleTables:
    """Both tables under the rules' names, `area` and the derived figures on them.

    An answer of the household that stands on the persons only (a round without a households file) is given to the
    household where all its members agree; one that stands on the household only is given to its members.
    """
    names = _names(rules, [*persons.columns, *households.columns], area_column)
    persons, households = _renamed(persons, names), _renamed(households, names)
    given = [name for name in households.columns if name not in persons.columns]
    persons = persons.join(households.select(HOUSEHOLD_ID, *given), on=HOUSEHOLD_ID, how="left", maintain_order="left")
    households = _agreed(persons, households, _wanted(rules))
    lacking: dict[str, tuple[str, ...]] = {}
    for name, figure in rules.derived.items():
        try:
            values = _figure(persons, name, figure, lacking)
        except NotApplicable as why:
            lacking[name] = why.missing or (name,)
            continue
        persons = persons.drop(name, strict=False).join(values, on=HOUSEHOLD_ID, how="left", maintain_order="left")
        households = households.drop(name, strict=False).join(
            values, on=HOUSEHOLD_ID, how="left", maintain_order="left"
        )
        if figure.count:
            households = households.with_columns(pl.col(name).fill_null(0))
    return RuleTables(persons, households, names, lacking, frozenset(rules.sensitive))


def _names(rules: RuleSet, known: Sequence[str], area_column: str | None) -> dict[str, str]:
    found = {AREA: area_column} if area_column else {}
    for meaning, candidates in rules.columns.items():
        column = next((name for name in candidates if name in known), None)
        if column is not None:
            found[meaning] = column
    return found


def _renamed(frame: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """The frame with a column a meaning beside those it has."""
    extra = {word: column for word, column in names.items() if column in frame.columns and word != column}
    return frame.with_columns(pl.col(column).alias(word) for word, column in extra.items())


def _wanted(rules: RuleSet) -> set[str]:
    """Columns that rules on households read."""
    wanted = {AREA, ENUMERATOR}
    for rule in rules.rules:
        for key, text in rule_texts(rule):
            wanted |= set(columns_of(text, RulePlace(rule.id, key)))
    return wanted


def _agreed(persons: pl.DataFrame, households: pl.DataFrame, wanted: set[str]) -> pl.DataFrame:
    """Households with those wanted columns of the persons on which the members of every household agree."""
    candidates = [
        name for name in persons.columns if name in wanted and name not in households.columns and name != PERSON_ID
    ]
    if not candidates:
        return households
    by_household = persons.group_by(HOUSEHOLD_ID).agg(
        *(pl.col(name).first().alias(name) for name in candidates),
        *(pl.col(name).n_unique().alias(f"__n_{name}") for name in candidates),
    )
    agreed = [name for name in candidates if not (by_household[f"__n_{name}"] > 1).any()]
    return households.join(
        by_household.select(HOUSEHOLD_ID, *agreed), on=HOUSEHOLD_ID, how="left", maintain_order="left"
    )


def _figure(persons: pl.DataFrame, name: str, figure: Derived, lacking: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """`household_id` and the figure; households of which nobody is asked have none."""
    needed = [column for key, text in derived_texts(name, figure) for column in columns_of(text, RulePlace(name, key))]
    missing: list[str] = []
    for column in needed:
        if column not in persons.columns:
            missing += lacking.get(column, (column,))
    if missing:
        raise NotApplicable(missing)
    if figure.roster:
        return _roster(persons, name, figure.roster)
    if figure.count:
        asked = truth(persons, figure.count, RulePlace(name, "count"))
        values = pl.DataFrame({HOUSEHOLD_ID: persons[HOUSEHOLD_ID], "v": asked.fill_null(value=False)})
        return values.group_by(HOUSEHOLD_ID).agg(pl.col("v").sum().cast(pl.Int64).alias(name))
    key = "largest" if figure.largest else "smallest"
    numbers = number(persons, figure.largest or figure.smallest or "", RulePlace(name, key))
    frame = pl.DataFrame({HOUSEHOLD_ID: persons[HOUSEHOLD_ID], "v": numbers})
    if figure.among:
        frame = frame.filter(truth(persons, figure.among, RulePlace(name, "among")).fill_null(value=False))
    value = pl.col("v").max() if figure.largest else pl.col("v").min()
    return frame.group_by(HOUSEHOLD_ID).agg(value.alias(name))


def _roster(persons: pl.DataFrame, name: str, columns: Sequence[str]) -> pl.DataFrame:
    member = pl.concat_str([pl.col(column).cast(pl.String).fill_null("?") for column in columns], separator="/")
    lines = persons.select(HOUSEHOLD_ID, member.alias("m"))
    return lines.group_by(HOUSEHOLD_ID).agg(pl.col("m").sort().str.join(" ").alias(name))


def truth(frame: pl.DataFrame, sql: str, place: RulePlace) -> pl.Series:
    """A condition on every row: true, false or missing. Raises NotApplicable where kinds do not fit."""
    return truths(frame, {"t": (sql, place)})["t"]


def truths(frame: pl.DataFrame, conditions: Mapping[str, tuple[str, RulePlace]]) -> pl.DataFrame:
    """Several conditions in one pass over the frame, a column each."""
    return _evaluated(frame, conditions, "boolean")


def number(frame: pl.DataFrame, sql: str, place: RulePlace) -> pl.Series:
    """A numeric expression on every row as decimals; NaN and infinity are missing."""
    value = _evaluated(frame, {"v": (sql, place)}, "number")["v"].cast(pl.Float64)
    return value.to_frame().select(pl.when(pl.col("v").is_finite()).then(pl.col("v")))["v"]


def _evaluated(frame: pl.DataFrame, texts: Mapping[str, tuple[str, RulePlace]], wanted: str) -> pl.DataFrame:
    used = {column for sql, place in texts.values() for column in columns_of(sql, place)}
    table = ibis.memtable(frame.select(name for name in frame.columns if name in used).with_row_index(ROW))
    expressions = {}
    for name, (sql, place) in texts.items():
        try:
            value = to_ibis(parse_condition(sql, frame.columns, place), table, place)
        except CatalogueError as error:
            raise NotApplicable(reason=str(error)) from error
        if kind_of(value) not in (wanted, "null"):
            raise NotApplicable(reason=f"{place.key} '{sql}' gives {kind_of(value)}, and {wanted} is needed.")
        expressions[name] = value
    result: pl.DataFrame = ibis.polars.connect().to_polars(table.select(ROW, **expressions))
    return result.sort(ROW).drop(ROW)
