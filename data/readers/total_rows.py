"""Rows of a table that are the total of others: as lines their money would count twice.

A row says so by its words (its code or a label begins with *total*), by its amounts (at every stage they are the sum of
all other lines of its year), or by both. By both it is refused; by one of the two alone it is kept and told, because a
line may be called so, and a sum may come about by chance.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from budget_model.errors import Problem
from budget_model.spending.lines import LABEL, STAGES

TOTAL_WORDS = r"(?i)^\W*(?:gran\s+|sub\W?)?total(?:es)?\b"
FEWEST = 3  # lines of a year, one of which may be the sum of the others
NAMED_ROWS = 5


def total_rows(frame: pl.DataFrame, file: str, sheet: str | None) -> tuple[Problem, ...]:
    """Problems of level error for rows that are totals by words and amounts, warnings for those by one of the two."""
    texts = ["code", *(name for name in frame.columns if name.startswith(LABEL))]
    said = pl.any_horizontal(pl.col(name).fill_null("").str.contains(TOTAL_WORDS) for name in texts)
    found = frame.with_columns(said.alias("said"), _is_sum(frame).alias("is_sum")).filter(
        pl.col("said") | pl.col("is_sum")
    )
    return tuple(_problems(found, file, sheet))


def _is_sum(frame: pl.DataFrame) -> pl.Expr:
    """Whether a line's amounts are those of all other lines of its year together, and not all nothing."""
    stages = [stage for stage in STAGES if frame[stage].null_count() < frame.height]
    same = [2 * pl.col(stage).fill_null(0) == pl.col(stage).fill_null(0).sum().over("year") for stage in stages]
    has_money = pl.any_horizontal([pl.col(stage).fill_null(0) != 0 for stage in stages] or [pl.lit(False)])
    return pl.all_horizontal(same or [pl.lit(False)]) & has_money & (pl.len().over("year") >= FEWEST)


def _problems(found: pl.DataFrame, file: str, sheet: str | None) -> Iterator[Problem]:
    for row in found.head(NAMED_ROWS).iter_rows(named=True):
        place = {"file": file, "sheet": sheet, "line": row["line"], "value": row["code"]}
        if row["said"] and row["is_sum"]:
            message = (
                f"The row '{row['code']}' of {row['year']} is called a total, and its amounts are the sum of all other "
                "lines: its money would count twice. Take it out, or leave it out with `where` in the mapping."
            )
            yield Problem("line_is_total", message, **place)
            continue
        why = "is called a total" if row["said"] else "has the sum of all other lines at every stage"
        message = (
            f"The row '{row['code']}' of {row['year']} {why}, and was kept as a line. If it is a total its money "
            "counts twice: then take it out, or leave it out with `where` in the mapping."
        )
        yield Problem("line_maybe_total", message, "warning", **place)
