"""Text answers held as categories while a file is on its way in: 4 bytes a cell instead of 16 and more.

A million people with a hundred answers each then fit into memory several times over. Whoever reads the cells of such a
column as text or numbers takes `plain` first; in the data bank they are text again.
"""

from __future__ import annotations

import polars as pl

SAMPLE = 5_000  # first rows that decide whether a column repeats itself
MOST_DIFFERENT = 0.2  # share of the sample's answers that may differ from one another


def compacted(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with texts that come again and again as categories, column by column, so that no copy stands beside."""
    for name, kind in frame.schema.items():
        if kind == pl.String and _repeats(frame[name]):
            frame = frame.with_columns(pl.col(name).cast(pl.Categorical))
    return frame


def _repeats(values: pl.Series) -> bool:
    sample = values.head(SAMPLE).drop_nulls()
    return sample.n_unique() <= max(50, MOST_DIFFERENT * len(sample))


def plain(values: pl.Series) -> pl.Series:
    """Categories as the text that they stand for; everything else as it is."""
    return values.cast(pl.String) if is_category(values.dtype) else values


def is_category(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.Categorical | pl.Enum)


def with_plain_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its categories as text."""
    kinds = frame.schema.items()
    return frame.with_columns(pl.col(name).cast(pl.String) for name, kind in kinds if is_category(kind))
