"""Answers held against validation rules -> findings: which person, household or enumerator, under which rule, and why.

Rules whose columns the round lacks are named as not applicable; they are never passed over in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from budget_model.survey.validation_patterns import heaping_findings, no_variance_findings, share_findings
from budget_model.survey.validation_rules import (
    AREA,
    ENUMERATOR,
    HOUSEHOLD_ID,
    PERSON_ID,
    Outlier,
    Rule,
    RulePlace,
    RuleSet,
    columns_of,
    rule_texts,
)
from budget_model.survey.validation_tables import NotApplicable, RuleTables, number, rule_tables, truth, truths

NORMAL_MAD = 0.6745  # the MAD of a standard normal distribution
FINDING = {
    "rule": pl.String,
    "severity": pl.String,
    "level": pl.String,
    HOUSEHOLD_ID: pl.Int64,
    PERSON_ID: pl.Int64,
    ENUMERATOR: pl.String,
    AREA: pl.String,
    "found": pl.String,  # what the rule looked at, e.g. `age = 134; relation = child`
}


@dataclass(frozen=True)
class Outcome:
    """What came of one rule.

    `looked_at` counts rows (or enumerators), `not_judged` those of them that the rule could not judge: too few
    neighbours, no spread, a missing answer.
    """

    rule: Rule
    looked_at: int = 0
    not_judged: int = 0
    cases: int = 0
    missing: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_applicable(self) -> bool:
        return not self.missing and not self.reason


@dataclass(frozen=True)
class Validation:
    """The outcome of every rule in the file's order, and the findings: columns of `FINDING`, one row a case."""

    outcomes: tuple[Outcome, ...]
    findings: pl.DataFrame
    persons: int
    households: int
    names: Mapping[str, str] = field(default_factory=dict)

    def cases(self, severity: str) -> int:
        """Cases of a severity: `error` or `warning`."""
        return sum(outcome.cases for outcome in self.outcomes if outcome.rule.severity == severity)


@dataclass(frozen=True)
class Checked:
    """Rows of a table that a rule flags, and how many it could not judge."""

    flagged: pl.DataFrame
    not_judged: int = 0


def validate(
    persons: pl.DataFrame, households: pl.DataFrame, rules: RuleSet, area_column: str | None = None
) -> Validation:
    """Hold the answers of a round against rules.

    Parameters
    ----------
    persons : one row a person; `person_id`, `household_id` and the answers
    households : one row a household; `household_id` and answers
    area_column : the round's column of first-level areas, which rules call `area`

    Returns
    -------
    Validation; findings are sorted by rule (the file's order), enumerator, area and ids.
    """
    tables = rule_tables(persons, households, rules, area_column)
    ready = _conditions(tables, rules)
    outcomes, found = [], [pl.DataFrame(schema=FINDING)]
    for rule in rules.rules:
        try:
            outcome, findings = _apply(rule, tables, ready.get(rule.id))
        except NotApplicable as why:
            outcome, findings = Outcome(rule, missing=why.missing, reason=why.reason), None
        outcomes.append(outcome)
        if findings is not None and findings.height:
            found.append(findings)
    return Validation(tuple(outcomes), pl.concat(found), persons.height, households.height, tables.names)


def needed_columns(rule: Rule) -> tuple[str, ...]:
    """Columns that a rule cannot do without, in its own words."""
    texts = [columns_of(text, RulePlace(rule.id, key)) for key, text in rule_texts(rule)]
    return tuple(dict.fromkeys(column for columns in texts for column in columns))


def _conditions(tables: RuleTables, rules: RuleSet) -> dict[str, pl.Series]:
    """The conditions of all rules that can be used, one pass a table. A rule that fails here fails alone later."""
    ready: dict[str, pl.Series] = {}
    for level in ("person", "household"):
        texts = {
            rule.id: (rule.when, RulePlace(rule.id, "when"))
            for rule in rules.rules
            if rule.when and rule.level == level and not tables.missing(needed_columns(rule), level)
        }
        if not texts:
            continue
        try:
            frame = truths(tables.of(level), texts)
        except NotApplicable:
            continue
        ready |= {name: frame[name] for name in frame.columns}
    return ready


def _apply(rule: Rule, tables: RuleTables, ready: pl.Series | None) -> tuple[Outcome, pl.DataFrame]:
    """The outcome of a rule and its findings; raises NotApplicable."""
    if rule.level == "round":
        return _apply_to_round(rule, tables)
    missing = tables.missing(needed_columns(rule), rule.level)
    if missing:
        raise NotApplicable(missing)
    checked = _KINDS[rule.kind](rule, tables.of(rule.level), ready)
    findings = _as_findings(rule, checked.flagged, tables)
    rows = tables.of(rule.level).height
    return Outcome(rule, rows, checked.not_judged, findings.height), findings


def _apply_to_round(rule: Rule, tables: RuleTables) -> tuple[Outcome, pl.DataFrame]:
    part = getattr(rule, rule.kind)
    frame = tables.of(getattr(part, "counts", "person"))
    missing = tables.missing(needed_columns(rule), getattr(part, "counts", "person"))
    if missing:
        raise NotApplicable(missing)
    found = {"share": share_findings, "no_variance": no_variance_findings, "heaping": heaping_findings}[rule.kind](
        frame, rule
    )
    subject = found.findings.select(
        pl.lit(rule.id).alias("rule"),
        pl.lit(rule.severity).alias("severity"),
        pl.lit(rule.level).alias("level"),
        pl.lit(None, pl.Int64).alias(HOUSEHOLD_ID),
        pl.lit(None, pl.Int64).alias(PERSON_ID),
        pl.col(ENUMERATOR).cast(pl.String),
        pl.lit(None, pl.String).alias(AREA),
        pl.col("found"),
    )
    return Outcome(rule, found.looked_at, found.not_judged, subject.height), subject


# --- kinds of rule on persons and households -----------------------------------------------------------------------


def _when(rule: Rule, frame: pl.DataFrame, ready: pl.Series | None) -> Checked:
    met = truth(frame, rule.when or "", RulePlace(rule.id, "when")) if ready is None else ready
    return Checked(frame.filter(met.fill_null(value=False)))


def _duplicate(rule: Rule, frame: pl.DataFrame, ready: pl.Series | None) -> Checked:
    """Rows that share all the columns; a row that lacks one of them cannot be judged."""
    known = frame.select(pl.all_horizontal(pl.col(name).is_not_null() for name in rule.duplicate or ()))
    judged = frame.filter(known.to_series())
    if rule.where:
        judged = judged.filter(truth(judged, rule.where, RulePlace(rule.id, "where")).fill_null(value=False))
    twice = judged.select(pl.struct(list(rule.duplicate or ())).is_duplicated()).to_series()
    return Checked(judged.filter(twice), frame.height - int(known.to_series().sum()))


def _outlier(rule: Rule, frame: pl.DataFrame, ready: pl.Series | None) -> Checked:
    """Rows whose robust z lies beyond the limit of the rule; see `Outlier`."""
    part = rule.outlier
    assert part is not None
    value = number(frame, part.of, RulePlace(rule.id, "outlier"))
    group = frame[part.within].cast(pl.String) if part.within else pl.Series([""] * frame.height, dtype=pl.String)
    table = frame.with_columns(value.alias("__value__"), group.alias("__group__"))
    scored = table.with_columns(_score(part).alias("__z__"))
    z = scored["__z__"]
    far = {"both": z.abs() > part.beyond, "high": z > part.beyond, "low": z < -part.beyond}[part.side]
    known = int(value.is_not_null().sum())
    return Checked(scored.filter(far.fill_null(value=False)), known - int(z.is_not_null().sum()))


def _score(part: Outlier) -> pl.Expr:
    """Robust z by group; missing where the group is too small, has no spread or the number has no logarithm."""
    value = pl.col("__value__")
    x = pl.when(value > 0).then(value.log()) if part.scale == "log" else value
    deviation = x - x.median().over("__group__")
    mad = deviation.abs().median().over("__group__")
    is_judged = (x.count().over("__group__") >= part.least) & (mad > 0)
    return pl.when(is_judged).then(NORMAL_MAD * deviation / mad)


_KINDS: dict[str, Callable[[Rule, pl.DataFrame, pl.Series | None], Checked]] = {
    "when": _when,
    "duplicate": _duplicate,
    "outlier": _outlier,
}


# --- findings --------------------------------------------------------------------------------------------------------


def _as_findings(rule: Rule, flagged: pl.DataFrame, tables: RuleTables) -> pl.DataFrame:
    """Flagged rows as findings, under the names that the round's columns have."""

    def known(name: str, kind: type[pl.DataType]) -> pl.Expr:
        return pl.col(name).cast(kind) if name in flagged.columns else pl.lit(None, kind)

    shown = [name for name in (*shown_columns(rule), *(["__z__"] if rule.outlier else [])) if name in flagged.columns]
    findings = flagged.select(
        pl.lit(rule.id).alias("rule"),
        pl.lit(rule.severity).alias("severity"),
        pl.lit(rule.level).alias("level"),
        pl.col(HOUSEHOLD_ID).cast(pl.Int64),
        (known(PERSON_ID, pl.Int64) if rule.level == "person" else pl.lit(None, pl.Int64)).alias(PERSON_ID),
        known(ENUMERATOR, pl.String).alias(ENUMERATOR),
        known(AREA, pl.String).alias(AREA),
        _shown(shown, tables).alias("found"),
    )
    order = [pl.col(name) for name in (ENUMERATOR, AREA, HOUSEHOLD_ID, PERSON_ID)]
    return findings.sort(order, nulls_last=True)


def shown_columns(rule: Rule) -> tuple[str, ...]:
    """What a case shows, in the rule's words: the columns that the rule reads, and those that it asks to show."""
    hidden = (HOUSEHOLD_ID, PERSON_ID, AREA, ENUMERATOR)
    return tuple(name for name in dict.fromkeys([*needed_columns(rule), *rule.show]) if name not in hidden)


def _shown(columns: Sequence[str], tables: RuleTables) -> pl.Expr:
    """`age = 134; relation = child`; a missing answer is `–`."""
    if not columns:
        return pl.lit("")
    parts = []
    for name in columns:
        label = "z" if name == "__z__" else tables.names.get(name, name)
        parts.append(pl.concat_str(pl.lit(f"{label} = "), _shown_value(name, tables)))
    return pl.concat_str(parts, separator="; ")


def _shown_value(name: str, tables: RuleTables) -> pl.Expr:
    if name in tables.sensitive:
        return pl.lit("•••")
    value = pl.col(name).round(1) if name == "__z__" else pl.col(name)
    return value.cast(pl.String).fill_null("–")
