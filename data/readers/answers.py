"""A raw file of survey answers as it lies, with its name for messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data.readers.microdata import read_microdata


@dataclass(frozen=True)
class RawFile:
    """A raw table; row i of `frame` stands on line i + 2 of a CSV whose cells hold no line breaks."""

    path: Path
    frame: pl.DataFrame

    @property
    def name(self) -> str:
        return self.path.name


def read_raw(path: Path, say: Callable[[str], None] | None = None) -> RawFile:
    """The whole file in memory; raises InputError as `read_microdata` does."""
    path = Path(path)
    frame: pl.DataFrame = read_microdata(path, say=say).to_polars()
    return RawFile(path, frame)
