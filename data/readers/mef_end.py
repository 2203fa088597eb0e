"""Whether the last row of the ministry's file may have lost digits of its last amount.

A download that broke off inside of the last amount leaves a row with all its cells: of 200 soles the 2. Only the
missing line end shows it. A row that was kept is then refused unless its amount is surely whole, or somebody says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from budget_model.errors import Problem
from data.readers.delimited import DelimitedTable
from data.readers.files import open_end
from data.readers.tabular import LINE, TextTable

DECIMALS = r"^-?[0-9]+\.([0-9]+)$"
ONLY_ZEROS = "0.,- "
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")  # of others, as compressed ones, the end is no line of text


@dataclass
class LastRow:
    """What is seen of the last row, block after block. Only files of text have a last line that can be cut off."""

    table: TextTable
    amounts: Sequence[str]
    last_line: int = 0  # of all rows that were read
    own_line: int = 0  # of the rows that are kept
    value: str = ""  # of the last kept row
    decimals: set[int] = field(default_factory=set)  # of the last amounts of all kept rows before it

    @property
    def column(self) -> str:
        return self.table.columns[-1]

    def pass_by(self, block: pl.DataFrame) -> None:
        """Take note of all rows of a block."""
        self.last_line = max(self.last_line, int(block[LINE][-1])) if block.height else self.last_line

    def add(self, block: pl.DataFrame) -> None:
        """Take in the rows of a block that are kept, every cell still the text of the file."""
        if self.column not in self.amounts:
            return
        earlier = block[self.column].head(block.height - 1)
        if self.own_line:
            earlier = pl.concat([pl.Series(self.column, [self.value], dtype=pl.String), earlier])
        digits = earlier.str.extract(DECIMALS, 1).fill_null("").str.len_chars()
        self.decimals |= set(digits.unique().to_list())
        self.own_line, self.value = int(block[LINE][-1]), str(block[self.column][-1])

    def problem(self) -> Problem | None:
        """Why the file cannot be taken as it ends; None where nothing that is kept can have been cut."""
        if not isinstance(self.table, DelimitedTable) or self.table.path.suffix.lower() not in TEXT_SUFFIXES:
            return None
        is_last = self.own_line == self.last_line and self.own_line > 0
        if not is_last or self._is_whole() or open_end(self.table.path) is None:
            return None
        message = (
            f"The last line has no line end and ends in the amount '{self.value}' ({self.column}): if the file was cut "
            "off on its way, digits of it are missing. Get the file again. If you have held it against the source and "
            "it is whole, say so: --last-line-is-whole, or the box beside this message."
        )
        place = {"file": self.table.file, "line": self.own_line, "column": self.column}
        return Problem("end_uncertain", message, value=self.value, **place)

    def _is_whole(self) -> bool:
        """Nothing was paid, or the amount has as many decimals as every other one."""
        if self.value and not self.value.strip(ONLY_ZEROS):
            return True
        own = len(self.value.rpartition(".")[2]) if "." in self.value else 0
        return own > 0 and self.decimals == {own}
