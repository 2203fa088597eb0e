"""Patterns in the work of enumerators: too many of something, answers that never vary, ages on round numbers.

A pattern is a reason to talk, not a proof: each says its numbers, and small numbers of interviews are not judged.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from budget_model.survey.validation_rules import ENUMERATOR, Heaping, NoVariance, Rule, RulePlace, Share
from budget_model.survey.validation_tables import number, truth

WHIPPLE_FROM, WHIPPLE_TO = 23, 62  # the ages of Whipple's index: forty years, so that every last digit comes four times
ROUND_SHARE = 0.2  # of those ages, the share that ends on 0 or 5 without heaping
STANDARD_ERRORS = 3


@dataclass(frozen=True)
class PatternFindings:
    """`findings`: columns enumerator (null: the whole round) and found; how many were looked at and not judged."""

    findings: pl.DataFrame
    looked_at: int
    not_judged: int


def _by(frame: pl.DataFrame, by: str) -> pl.Expr:
    return pl.col(ENUMERATOR).cast(pl.String) if by == ENUMERATOR else pl.lit(None, pl.String)


def share_findings(frame: pl.DataFrame, rule: Rule) -> PatternFindings:
    """Enumerators (or the round) among whose rows the share that meets the condition is above the limit."""
    part = rule.share
    assert isinstance(part, Share)
    met = truth(frame, part.of, RulePlace(rule.id, "share"))
    rows = frame.select(_by(frame, part.by).alias(ENUMERATOR), met.alias("met"))
    if part.among:
        rows = rows.filter(truth(frame, part.among, RulePlace(rule.id, "share")).fill_null(value=False))
    rows = rows.filter(pl.col("met").is_not_null())
    if part.by == ENUMERATOR:
        rows = rows.filter(pl.col(ENUMERATOR).is_not_null())
    counts = rows.group_by(ENUMERATOR).agg(pl.len().alias("n"), pl.col("met").sum().alias("k")).sort(ENUMERATOR)
    judged = counts.filter(pl.col("n") >= part.least)
    above = judged.filter(pl.col("k") / pl.col("n") > part.above)
    text = pl.format("{} / {} = {} %", "k", "n", (100 * pl.col("k") / pl.col("n")).round(1))
    found = above.select(ENUMERATOR, text.alias("found"))
    return PatternFindings(found, counts.height, counts.height - judged.height)


def no_variance_findings(frame: pl.DataFrame, rule: Rule) -> PatternFindings:
    """Enumerators all of whose answers to a question are the same, where that is unlikely to be chance."""
    part = rule.no_variance
    assert isinstance(part, NoVariance)
    pieces, looked_at, not_judged = [], 0, 0
    for column in part.columns:
        found, all_of_them, judged = _without_variance(frame, column, part)
        pieces.append(found)
        looked_at, not_judged = max(looked_at, all_of_them), max(not_judged, all_of_them - judged)
    return PatternFindings(pl.concat(pieces).sort(ENUMERATOR, "found"), looked_at, not_judged)


def _without_variance(frame: pl.DataFrame, column: str, part: NoVariance) -> tuple[pl.DataFrame, int, int]:
    answers = frame.select(
        pl.col(ENUMERATOR).cast(pl.String), pl.col(column).cast(pl.String).alias("answer")
    ).drop_nulls()
    total = answers.height
    overall = answers.group_by("answer").agg(pl.len().alias("overall"))
    counts = answers.group_by(ENUMERATOR).agg(
        pl.len().alias("n"), pl.col("answer").n_unique().alias("kinds"), pl.col("answer").first()
    )
    judged = counts.filter((pl.col("n") >= part.least) & (pl.col("n") < total))
    same = judged.filter(pl.col("kinds") == 1).join(overall, on="answer", how="left")
    share_of_others = (pl.col("overall") - pl.col("n")) / (total - pl.col("n"))
    unlikely = same.with_columns(share_of_others.alias("p")).filter(pl.col("p").pow(pl.col("n")) < part.chance)
    text = pl.format("{} = {}: {} / {}; {} %", pl.lit(column), "answer", "n", "n", (100 * pl.col("p")).round(1))
    return unlikely.select(ENUMERATOR, text.alias("found")), counts.height, judged.height


def heaping_findings(frame: pl.DataFrame, rule: Rule) -> PatternFindings:
    """Enumerators (or the round) whose ages end on 0 and 5 too often, by Whipple's index."""
    part = rule.heaping
    assert isinstance(part, Heaping)
    age = number(frame, part.of, RulePlace(rule.id, "heaping")).floor()
    rows = frame.select(_by(frame, part.by).alias(ENUMERATOR), age.alias("age"))
    rows = rows.filter(pl.col("age").is_between(WHIPPLE_FROM, WHIPPLE_TO))
    if part.by == ENUMERATOR:
        rows = rows.filter(pl.col(ENUMERATOR).is_not_null())
    counts = rows.group_by(ENUMERATOR).agg(pl.len().alias("n"), (pl.col("age") % 5 == 0).sum().alias("k"))
    judged = counts.filter(pl.col("n") >= part.least)
    share = pl.col("k") / pl.col("n")
    error = (ROUND_SHARE * (1 - ROUND_SHARE) / pl.col("n")).sqrt()
    index = 100 * share / ROUND_SHARE
    heaped = judged.filter((index > part.above) & (share > ROUND_SHARE + STANDARD_ERRORS * error)).sort(ENUMERATOR)
    text = pl.format("Whipple {} ({} / {})", index.round(0).cast(pl.Int64), "k", "n")
    return PatternFindings(heaped.select(ENUMERATOR, text.alias("found")), counts.height, counts.height - judged.height)
