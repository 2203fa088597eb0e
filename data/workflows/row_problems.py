"""Wrong rows of a raw file as one problem for each file: how many, the first lines, the first different answers."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from budget_model.errors import Problem
from data.readers.answers import RawFile
from data.readers.findings import ROWS_SHOWN, VALUES_SHOWN


def problems_at(
    file: RawFile, wrong: pl.Series, rule: str, message: str, advice: str, column: str, level: str = "error"
) -> Iterator[Problem]:
    """A problem for each file that has wrong rows, at the first of them; nothing where no row is wrong.

    wrong : whether a row is wrong; missing is not
    message, advice : what is wrong with the rows, and how to mend it
    """
    rows = wrong.fill_null(value=False).arg_true()
    if rows.is_empty():
        return
    for name, lines, own in _by_file(file, rows):
        values = file.frame[column][own].drop_nulls().cast(pl.String).unique(maintain_order=True)
        found = values.head(VALUES_SHOWN).to_list()
        yield Problem(
            rule,
            f"{message} ({_count(len(own), lines, found)}). {advice}",
            level=level,
            file=name,
            line=lines[0] if lines else None,
            column=column,
            value=found[0] if found else None,
            facts={"count": len(own), "rows": lines, "values": found},
        )


def _by_file(file: RawFile, rows: pl.Series) -> Iterator[tuple[str, list[int], pl.Series]]:
    """Name, first lines and rows of each file that the raw table comes from; no lines where it has none (JSON)."""
    if file.places is None:
        yield file.name, [row + 2 for row in rows.head(ROWS_SHOWN)], rows
        return
    table = file.places[rows].with_columns(rows.alias("row"))
    for (name,), part in table.group_by("file", maintain_order=True):
        lines = part["line"].drop_nulls().head(ROWS_SHOWN).to_list()
        yield str(name or file.name), lines, part["row"]


def _count(number: int, lines: list[int], values: list[str]) -> str:
    rows = f"{number:,} row{'s' if number > 1 else ''}"
    if lines:
        rows += f": {', '.join(f'{line:,}' for line in lines)}" + (", …" if number > len(lines) else "")
    return rows + (f"; found {', '.join(f'{value!r}' for value in values)}" if values else "")
