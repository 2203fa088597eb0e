"""Tags as rows of a CSV or XLSX file: a file of tags, or the tag columns of an exported budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from budget_model.errors import InputError, Problem
from budget_model.spending.tag_rows import TAG_COLUMNS
from data.readers.tabular import LINE, TextTable, capped, missing_column, open_table, plain_name
from data.writers.tables import undefused

SAYING = ("rationale", "evidence")
INFORMATIVE = ("state", "version", "author", "saved_at", "approved_version")
NAMING = ("year", "code")
Key = tuple[int, str]


@dataclass(frozen=True)
class TagRow:
    """A row that brings a tag: its line in the file, the budget line it names, and its cells by column."""

    line: int
    key: Key
    cells: Mapping[str, str]

    @property
    def is_stating(self) -> bool:
        """Whether it says anything about the line."""
        return any(self.cells.get(name, "").strip() for name in TAG_COLUMNS)


def read_tag_rows(path: Path) -> list[TagRow]:
    """The rows of a file of tags: `year`, `code` and any of the columns of an export; notes above it are passed over.

    Raises InputError for a column that is no facet (it would be lost without a word), and for rows without a name.
    """
    wanted = {plain_name(name) for name in NAMING}
    table = open_table(path, lambda cells: wanted <= {plain_name(cell) for cell in cells})
    there = {plain_name(name): name for name in table.columns}
    known = {plain_name(name): name for name in (*NAMING, *TAG_COLUMNS, *SAYING, *INFORMATIVE)}
    problems = [missing_column(table, name) for name in NAMING if plain_name(name) not in there]
    problems += [_no_facet(table, name) for plain, name in there.items() if plain not in known]
    if problems:
        raise InputError(problems)
    return tag_rows(table, {name: known[plain] for plain, name in there.items()})


def tag_rows(table: TextTable, columns: Mapping[str, str]) -> list[TagRow]:
    """The rows of a table. columns : column of the table -> year, code, facet, rationale, evidence …"""
    plain = plain_text(table)
    rows, problems = [], []
    for block in table.blocks(columns):
        for cells in block.iter_rows(named=True):
            row = {name: plain(cells[column]) for column, name in columns.items()}
            if row["year"].isdigit() and row["code"]:
                rows.append(TagRow(cells[LINE], (int(row["year"]), row["code"]), row))
            else:
                message = "The row does not name a line: year and code are needed. State both."
                problems.append(Problem("tag_row_nameless", message, file=table.file, line=cells[LINE]))
    if problems:
        raise InputError(capped(problems))
    return rows


def plain_text(table: TextTable) -> Callable[[str], str]:
    """Gives back the text that was exported: in a CSV file texts that look like formulas stand behind an apostrophe."""
    return undefused if table.sheet is None else str


def _no_facet(table: TextTable, column: str) -> Problem:
    message = f"A tag has no column '{column}'. It has: {', '.join((*TAG_COLUMNS, *SAYING))}. Rename it or take it out."
    place = {"file": table.file, "sheet": table.sheet, "line": table.header_line}
    return Problem("tag_key_unknown", message, column=column, **place)
