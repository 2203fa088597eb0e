"""Budget lines as a frame, their exact totals, and what looks odd about them. Knows no file and no currency rate.

The frame (Polars) has one row a line and year:

=============  ===============  ===========================================================================
column         type             meaning
=============  ===============  ===========================================================================
year           Int32            budget year
code           String           names the line within its year; unique there
line           Int64            first line of the source that speaks of it, 1-based; null = unknown
pia ... paid   Decimal(38, 4)   amounts of the stages, in units of the currency; null = the source lacks it
gender_share   Decimal(38, 6)   0 to 1 as the source states it; null = not stated
label:<name>   String           labels of the line as in the source; any number of them, or none
=============  ===============  ===========================================================================

Stages in their order: opening budget (`pia`), modified budget (`pim`), reservation (`certified`), commitment
(`committed`), obligation recognised (`accrued`), payment (`paid`). Nothing here is a float.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

import polars as pl

from budget_model.errors import InputError, Problem

STAGES = ("pia", "pim", "certified", "committed", "accrued", "paid")
AMOUNT_DECIMALS = 4
AMOUNT = pl.Decimal(38, AMOUNT_DECIMALS)
SHARE = pl.Decimal(38, 6)
LABEL = "label:"
SCHEMA: Mapping[str, pl.DataType] = {
    "year": pl.Int32(),
    "code": pl.String(),
    "line": pl.Int64(),
    **dict.fromkeys(STAGES, AMOUNT),
    "gender_share": SHARE,
}
ENOUGH_DIGITS = 60  # of an exact sum of products; the default context of Decimal would round at 28
NAMED_LINES = 3
Amounts = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class BudgetLines:
    """Lines of one source, and what its reader had to say about them."""

    frame: pl.DataFrame
    currency: str | None  # ISO 4217; None where the source does not say
    source: str  # mef, consulta, fdp, table
    problems: tuple[Problem, ...] = ()  # warnings only
    rows_read: int | None = None  # rows of the file below its header
    rows_kept: int | None = None  # those that the lines are made of; the others were filtered out


@dataclass(frozen=True)
class YearTotals:
    """Sums of one year; a stage that no line has is None."""

    lines: int
    amounts: Amounts


@dataclass(frozen=True)
class GenderTotals:
    """The lines with a gender share above 0: their whole amounts, and amount times share."""

    lines: int
    full: Amounts
    weighted: Amounts


def check_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in the order of the contract; missing stage and share columns become null.

    Raises InputError for a missing year or code, a column of another type, a share outside 0 to 1, or a code that
    stands twice in one year.
    """
    problems = [*_wrong_columns(frame)]
    if problems:
        raise InputError(problems)
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in SCHEMA.items() if name not in frame.columns]
    labels = [name for name in frame.columns if name.startswith(LABEL)]
    whole = frame.with_columns(absent).select(*[pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()], *labels)
    problems = [*_nameless(whole), *_wrong_shares(whole), *repeated_codes(whole)]
    if problems:
        raise InputError(problems)
    return whole


def _wrong_columns(frame: pl.DataFrame) -> Iterator[Problem]:
    for name in ("year", "code"):
        if name not in frame.columns:
            yield Problem("frame_column", f"The frame of budget lines has no column '{name}'.", column=name)
    for name in (*STAGES, "gender_share"):
        if name in frame.columns and frame[name].dtype.is_float():
            message = f"The column '{name}' holds floats. Amounts and shares are exact: pass decimals."
            yield Problem("frame_float", message, column=name)
    for name in STAGES:
        dtype = frame[name].dtype if name in frame.columns else None
        if isinstance(dtype, pl.Decimal) and (dtype.scale or 0) > AMOUNT_DECIMALS:
            message = f"The column '{name}' has more than {AMOUNT_DECIMALS} decimals, which cannot be kept exactly."
            yield Problem("frame_decimals", message, column=name)


def _nameless(frame: pl.DataFrame) -> Iterator[Problem]:
    nameless = frame.filter(pl.col("code").fill_null("").str.strip_chars(" /") == "")
    for year, line in nameless.select("year", "line").head(NAMED_LINES).iter_rows():
        message = f"A line of {year} has no code. Name it, or take it out if it is a total."
        yield Problem("line_code_missing", message, line=line)


def _wrong_shares(frame: pl.DataFrame) -> Iterator[Problem]:
    outside = frame.filter((pl.col("gender_share") < 0) | (pl.col("gender_share") > 1))
    for line, share in outside.select("line", "gender_share").head(NAMED_LINES).iter_rows():
        message = f"A gender share lies between 0 and 100 percent; here it is {share * 100:f} percent. Correct it."
        yield Problem("gender_share", message, line=line, value=f"{share:f}")


def repeated_codes(frame: pl.DataFrame) -> Iterator[Problem]:
    """A problem for each code that stands more than once in a year."""
    repeated = frame.group_by("year", "code").agg(pl.len(), pl.col("line").sort()).filter(pl.col("len") > 1)
    for year, code, times, places in repeated.sort("year", "code").iter_rows():
        known = [f"{place:,}" for place in places[:NAMED_LINES] if place is not None]
        where = f" (lines {', '.join(known)})" if known else ""
        message = (
            f"The line '{code}' of {year} stands here {times} times{where}. Name each line with enough columns, "
            "or remove what is there twice."
        )
        yield Problem("line_repeated", message, line=places[-1], value=code)


def amount_text(amount: Decimal) -> str:
    """The exact amount: whole, or with two decimals, or with as many as it has.

    >>> [amount_text(Decimal(text)) for text in ("203605168.0000", "6796436441.1000", "0.31850")]
    ['203605168', '6796436441.10', '0.3185']
    """
    text = f"{amount:f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals.ljust(2, '0')}" if decimals else whole


def labels_of(row: Mapping[str, object]) -> dict[str, str]:
    """The labels of a row (as `frame.iter_rows(named=True)` gives it), without the empty ones."""
    return {name.removeprefix(LABEL): str(text) for name, text in row.items() if name.startswith(LABEL) and text}


def totals_by_year(frame: pl.DataFrame) -> dict[int, YearTotals]:
    """Exact sums by year, in the order of the years."""
    return {year: YearTotals(part.height, _sums(part)) for year, part in _years(frame)}


def gender_totals_by_year(frame: pl.DataFrame) -> dict[int, GenderTotals]:
    """Full and weighted sums of the lines with a share above 0; empty where no line states a share.

    weighted = sum of amount x share, exact and not rounded: it may have more decimals than the currency.
    """
    if frame["gender_share"].null_count() == frame.height:
        return {}
    totals = {}
    for year, part in _years(frame):
        tagged = part.filter(pl.col("gender_share") > 0)
        totals[year] = GenderTotals(tagged.height, _none_unless_known(_sums(tagged), part), _weighted(tagged, part))
    return totals


def _years(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    for year in frame["year"].unique().sort():
        yield year, frame.filter(pl.col("year") == year)


def _sums(frame: pl.DataFrame) -> dict[str, Decimal | None]:
    return {stage: _sum(frame[stage]) for stage in STAGES}


def _sum(amounts: pl.Series) -> Decimal | None:
    known = amounts.drop_nulls()
    return Decimal(str(known.sum())) if len(known) else None


def _none_unless_known(sums: Mapping[str, Decimal | None], year: pl.DataFrame) -> dict[str, Decimal | None]:
    """No tagged line is a sum of 0 where the year has the stage, and None where it lacks it."""
    return {
        stage: Decimal(0) if total is None and year[stage].null_count() < year.height else total
        for stage, total in sums.items()
    }


def _weighted(tagged: pl.DataFrame, year: pl.DataFrame) -> dict[str, Decimal | None]:
    weighted: dict[str, Decimal | None] = dict.fromkeys(STAGES)
    with localcontext() as context:
        context.prec = ENOUGH_DIGITS
        for share in tagged["gender_share"].unique().sort():
            for stage, total in _sums(tagged.filter(pl.col("gender_share") == share)).items():
                if total is not None:
                    weighted[stage] = (weighted[stage] or Decimal(0)) + total * share
    return _none_unless_known(weighted, year)


STAGE_WORDS = {
    "pia": "the opening budget (PIA)",
    "pim": "the modified budget (PIM)",
    "certified": "the certified amount",
    "committed": "the committed amount",
    "accrued": "the accrued amount",
    "paid": "the paid amount",
}


def odd_lines(frame: pl.DataFrame, file: str | None = None, sheet: str | None = None) -> tuple[Problem, ...]:
    """Warnings, one a rule and not one a line: negative amounts, stages that some lines of a year lack, and stages
    that exceed the stage before them.

    Expected is paid <= accrued <= committed <= certified <= PIM; where a stage is missing the next one that is there
    takes its place, and accrued is held against the PIM in any case.
    """
    warnings = [_negatives(frame, stage) for stage in STAGES]
    warnings += [_lacking(frame, stage) for stage in STAGES]
    warnings += [_exceeding(frame, small, large) for small, large in _pairs(frame)]
    return tuple(replace(warning, file=file, sheet=sheet) for warning in warnings if warning is not None)


def _pairs(frame: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Neighbouring stages among those that the frame has, and accrued with PIM."""
    chain = ("paid", "accrued", "committed", "certified", "pim")
    there = [stage for stage in chain if frame[stage].null_count() < frame.height]
    pairs = list(itertools.pairwise(there))
    yield from pairs
    if {"accrued", "pim"} <= set(there) and ("accrued", "pim") not in pairs:
        yield "accrued", "pim"


def _negatives(frame: pl.DataFrame, stage: str) -> Problem | None:
    found = frame.filter(pl.col(stage) < 0)
    if found.is_empty():
        return None
    total = amount_text(_sum(found[stage]) or Decimal(0))
    message = (
        f"{_lines(found.height)} a negative amount in {STAGE_WORDS[stage]}, together {total}"
        f"{_examples(found)}. They are kept and counted as they stand."
    )
    facts = _facts(found, total)
    return Problem("negative_amount", message, "warning", line=found["line"][0], column=stage, facts=facts)


def _lacking(frame: pl.DataFrame, stage: str) -> Problem | None:
    """Lines without an amount where others of their year have one: the sum of the stage is not that of all lines."""
    found = frame.filter(pl.col(stage).is_null() & pl.col(stage).is_not_null().any().over("year"))
    if found.is_empty():
        return None
    message = (
        f"{_lines(found.height)} no amount in {STAGE_WORDS[stage]}, while others of the same year do"
        f"{_examples(found)}. The sum of this stage is that of the others; what is missing is not 0."
    )
    facts = {name: fact for name, fact in _facts(found, "").items() if name != "total"}
    return Problem(f"{stage}_missing", message, "warning", line=found["line"][0], column=stage, facts=facts)


def _exceeding(frame: pl.DataFrame, small: str, large: str) -> Problem | None:
    found = frame.filter(pl.col(small) > pl.col(large))
    if found.is_empty():
        return None
    excess = amount_text(_sum(found[small] - found[large]) or Decimal(0))
    message = (
        f"{_lines(found.height)} more in {STAGE_WORDS[small]} than in {STAGE_WORDS[large]}, together {excess} more"
        f"{_examples(found)}. Nothing was changed; ask whoever keeps the source."
    )
    facts = _facts(found, excess)
    return Problem(f"{small}_above_{large}", message, "warning", line=found["line"][0], column=small, facts=facts)


def _facts(found: pl.DataFrame, total: str) -> dict[str, int | str]:
    """Number of lines, their sum, and the first of them."""
    codes = ", ".join(f"{code} ({year})" for year, code in found.select("year", "code").head(NAMED_LINES).rows())
    return {"count": found.height, "total": total, "codes": codes + (", …" if found.height > NAMED_LINES else "")}


def _lines(count: int) -> str:
    return "1 line has" if count == 1 else f"{count:,} lines have"


def _examples(found: pl.DataFrame) -> str:
    codes = ", ".join(f"'{code}' of {year}" for year, code in found.select("year", "code").head(NAMED_LINES).rows())
    return f" ({codes}{', …' if found.height > NAMED_LINES else ''})"
