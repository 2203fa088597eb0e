"""A raw file of survey answers as it lies, with its name for messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from data.readers.compact import compacted
from data.readers.microdata import labels_of, read_microdata


@dataclass(frozen=True)
class RawFile:
    """A raw table. Row i of `frame` stands on line i + 2 of a CSV whose cells hold no line breaks, unless `places` says
    where it stands.

    places : columns `file` and `line`, a row for each row of `frame` (an export may lie in several files)
    codebook : column -> question text and codes, where the file says them itself (SPSS, Stata)
    """

    path: Path
    frame: pl.DataFrame
    places: pl.DataFrame | None = None
    codebook: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.name

    def label(self, column: str, code: str) -> str:
        """The text of a code; the code itself where the file has none."""
        codes = self.codebook.get(column, {}).get("codes", ())
        texts = (text for one in codes if one["code"] == code for text in one["label"].values())
        return next(texts, "") or code

    def place(self, row: int) -> tuple[str, int | None]:
        """File and line of a row."""
        if self.places is None:
            return self.name, row + 2
        file, line = self.places.row(row)
        return str(file or self.name), line


def read_raw(path: Path, say: Callable[[str], None] | None = None) -> RawFile:
    """The whole file in memory, texts as categories where they repeat; raises InputError as `read_microdata` does."""
    path = Path(path)
    frame: pl.DataFrame = read_microdata(path, say=say).to_polars()
    frame = frame.with_columns(pl.col(pl.Null).cast(pl.String))  # without any answer: kept as a column of texts
    return RawFile(path, compacted(frame), codebook=labels_of(path))
