"""Rows of the ministry's file that stand twice: their money would count twice.

The file's own key is everything but its amounts: year, month, unit, target, source and the classifier down to its
last class (`ESPECIFICA_DET`). Where that class is there, a row that repeats key and amounts of another one is the
same row again, and is refused; one that repeats the key with other amounts is told. Variants without that class have
rows of several classes under one key, so that equal rows may be two things: they are added, and told.

Two numbers a row are kept, so that files of any size pass; rows without money cannot count twice and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from budget_model.errors import Problem
from data.readers.tabular import LINE, MOST_PROBLEMS, TextTable, capped, plain_name

LAST_CLASS = "ESPECIFICA_DET"
AMOUNT_NAMES = ("MONTO_", "MTO_")
NAME_OF = "_NOMBRE"  # the words of the code beside it
SEEDS = (11, 23)


def key_columns(table: TextTable, amounts: Sequence[str]) -> tuple[str, ...]:
    """All columns that tell rows apart: no amounts, and no words of a code that is there itself."""
    plain = {plain_name(name): name for name in table.columns}
    return tuple(
        name
        for known, name in plain.items()
        if name not in amounts
        and not known.startswith(AMOUNT_NAMES)
        and not (known.endswith(NAME_OF) and known.removesuffix(NAME_OF) in plain)
    )


@dataclass
class RowsSeen:
    """What was seen of each row with money: its key, its amounts and its line."""

    table: TextTable
    amounts: Sequence[str]
    keys: tuple[str, ...] = field(init=False)
    parts: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = key_columns(self.table, self.amounts)

    def add(self, block: pl.DataFrame) -> None:
        """Take in rows whose amounts are parsed."""
        has_money = pl.any_horizontal(pl.col(name).fill_null(0) != 0 for name in self.amounts)
        seeds = zip((self.keys, self.amounts), SEEDS, strict=True)
        hashes = [pl.struct(names).hash(seed).alias(f"hash_{seed}") for names, seed in seeds]
        self.parts.append(block.filter(has_money).select(*hashes, LINE))

    def problems(self) -> tuple[Problem, ...]:
        """Rows that repeat another one: refusals where the file tells its rows apart, else one warning."""
        repeated = self._repeated()
        if not self._has_last_class():
            twice = [pair for pair in repeated if pair[2]]
            return (self._maybe(twice),) if twice else ()
        same = [self._same(line, first) for line, first, is_same in repeated if is_same]
        others = [(line, first) for line, first, is_same in repeated if not is_same]
        return (*capped(same[:MOST_PROBLEMS], len(same)), *self._other_amounts(others))

    def _has_last_class(self) -> bool:
        return LAST_CLASS in {plain_name(name) for name in self.table.columns}

    def _repeated(self) -> list[tuple[int, int, bool]]:
        """Line, the line that it repeats, and whether the amounts are the same, too; in the order of the file."""
        key, amounts = (f"hash_{seed}" for seed in SEEDS)
        if not self.parts:
            return []
        ordered = np.sort(np.concatenate([part[key].to_numpy() for part in self.parts]))
        twice = pl.Series(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]), dtype=pl.UInt64)
        rows = pl.concat([part.filter(pl.col(key).is_in(twice.implode())) for part in self.parts]).sort(LINE)
        return list(_pairs(rows.select(key, amounts, LINE).rows()))

    def _same(self, line: int, first: int) -> Problem:
        message = (
            f"The row is the same as that of line {first:,}, with all its codes and amounts, so that its money would "
            "count twice. Take one of the two out, or get the file again."
        )
        return Problem(
            "row_repeated", message, file=self.table.file, sheet=self.table.sheet, line=line, value=str(first)
        )

    def _maybe(self, twice: Sequence[tuple[int, int, bool]]) -> Problem:
        line, first, _ = twice[0]
        message = (
            f"{len(twice):,} rows are the same as an earlier one, with all codes and amounts; the first is line "
            f"{line:,}, the same as line {first:,}. The file has no {LAST_CLASS}, so that they may be two classes of "
            "expenditure: both are counted. Check that none stands there twice."
        )
        place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "value": str(first)}
        return Problem("row_maybe_repeated", message, "warning", **place, facts={"count": len(twice)})

    def _other_amounts(self, others: Sequence[tuple[int, int]]) -> Iterator[Problem]:
        if not others:
            return
        line, first = others[0]
        message = (
            f"{len(others):,} rows have all the codes, year and month of an earlier one with other amounts; the first "
            f"is line {line:,}, as line {first:,}. Both are counted. Check that none is a corrected copy of the other."
        )
        place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "value": str(first)}
        yield Problem("row_key_repeated", message, "warning", **place, facts={"count": len(others)})


def _pairs(rows: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, bool]]:
    """Each row of a key that was there before, beside the first row like it."""
    first_of_key: dict[int, int] = {}
    first_of_row: dict[tuple[int, int], int] = {}
    for key, amounts, line in rows:
        if (key, amounts) in first_of_row:
            yield line, first_of_row[key, amounts], True
        elif key in first_of_key:
            yield line, first_of_key[key], False
        first_of_key.setdefault(key, line)
        first_of_row.setdefault((key, amounts), line)
