"""Proposals of an assembly as rows of a CSV or XLSX file; every cell is text here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from budget_model.assembly.proposals import COLUMNS
from budget_model.errors import InputError, Problem
from budget_model.spelling import did_you_mean
from data.readers.tabular import LINE, TextTable, capped, missing_column, open_table, plain_name
from data.writers.tables import undefused

INFORMATIVE = ("version", "saved_at", "saved_by")  # an export tells them; an import passes them over
NEEDED = ("code",)
MOST_ROWS = 5000


@dataclass(frozen=True)
class ProposalRow:
    """A row and where it stands."""

    cells: Mapping[str, str]
    line: int
    sheet: str | None


def read_proposals(path: Path) -> list[ProposalRow]:
    """The rows of a file; notes above the header are passed over.

    Raises InputError for a column that is none of COLUMNS (it would be lost without a word), for a missing one, and
    for a file without rows or with too many.
    """
    table = open_table(path, lambda cells: {plain_name(name) for name in NEEDED} <= {plain_name(c) for c in cells})
    known = {plain_name(name): name for name in (*COLUMNS, *INFORMATIVE)}
    there = {name: known.get(plain_name(name)) for name in table.columns}
    problems = [missing_column(table, name) for name in NEEDED if name not in there.values()]
    problems += [_unknown(table, name) for name, column in there.items() if column is None]
    if problems:
        raise InputError(capped(problems))
    return _rows(table, {name: column for name, column in there.items() if column})


def _rows(table: TextTable, columns: Mapping[str, str]) -> list[ProposalRow]:
    plain = undefused if table.sheet is None else str
    rows: list[ProposalRow] = []
    for block in table.blocks(columns):
        for cells in block.iter_rows(named=True):
            texts = {name: plain(cells[column] or "") for column, name in columns.items()}
            if any(texts.values()):
                rows.append(ProposalRow(texts, cells[LINE], table.sheet))
        if len(rows) > MOST_ROWS:
            message = f"The file has more than {MOST_ROWS:,} proposals. Split it."
            raise InputError(Problem("proposals-many", message, file=table.file))
    if not rows:
        raise InputError(Problem("proposals-none", "The file has no proposal below its header.", file=table.file))
    return rows


def _unknown(table: TextTable, column: str) -> Problem:
    message = f"A proposal has no column '{column[:60]}'.{did_you_mean(column, COLUMNS)} Rename it or take it out."
    place = {"file": table.file, "sheet": table.sheet, "line": table.header_line}
    return Problem("proposal-column", message, column=column[:60], **place)
