"""What `budget export` writes, read again: the same lines, labels and shares, and the rows of tags."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import LABEL, STAGES, BudgetLines, check_frame, odd_lines
from budget_model.spending.tag_rows import TAG_COLUMNS
from data.readers.line_rows import LineSpec, Progress, Tally, read_rows
from data.readers.tabular import TextTable, open_table
from data.readers.tag_table import INFORMATIVE, SAYING, TagRow, plain_text, tag_rows

SHARE_COLUMN, CURRENCY_COLUMN = "gender_share_percent", "currency"
OWN_COLUMNS = ("year", "code", *STAGES, SHARE_COLUMN, "source_file", "source_line", CURRENCY_COLUMN)
LABEL_MARK = "label."  # before the name of a label that could be taken for another column
TAG_PREFIX = "tag."
DEFUSED = r"^'('*[=+\-@\t\r\n])"  # what data.writers.tables.undefused takes the apostrophe from


def label_column(name: str) -> str:
    """The column of a label: its name, marked where it could be taken for another column."""
    is_taken = name in OWN_COLUMNS or name.startswith((TAG_PREFIX, LABEL_MARK)) or "(" in name
    return f"{LABEL_MARK}{name}" if is_taken else name


def has_export_header(cells: Sequence[str]) -> bool:
    """Whether these cells are the header of an export."""
    return set(OWN_COLUMNS) - {CURRENCY_COLUMN} <= set(cells)


def read_export(path: Path) -> BudgetLines:
    """Budget lines of an exported CSV or XLSX file. Raises InputError with the place of what cannot be read."""
    return read_export_table(open_table(path, has_export_header))


def read_export_table(table: TextTable, progress: Progress | None = None) -> BudgetLines:
    """As `read_export`, of an open table."""
    if not has_export_header(table.columns):
        missing = ", ".join(name for name in OWN_COLUMNS if name not in table.columns)
        message = f"This is not the header of an export: {missing} are missing. Use --source table with a mapping."
        place = {"file": table.file, "sheet": table.sheet, "line": table.header_line}
        raise InputError(Problem("header_unknown", message, **place))
    labels = [name for name in table.columns if name not in OWN_COLUMNS and not name.startswith(TAG_PREFIX)]
    spec = LineSpec(
        year="year",
        line=["code"],
        stages={stage: stage for stage in STAGES},
        labels={plain_text(table)(name).removeprefix(LABEL_MARK): name for name in labels},
        gender_share=SHARE_COLUMN,
    )
    frame = read_rows(table, spec, tally := Tally(progress=progress))
    if table.sheet is None:
        texts = ["code", *(name for name in frame.columns if name.startswith(LABEL))]
        frame = frame.with_columns(pl.col(name).str.replace(DEFUSED, "${1}") for name in texts)
    frame = check_frame(frame)
    warnings = (*table.notes, *odd_lines(frame, table.file, table.sheet))
    return BudgetLines(frame, _currency(table), "export", warnings, tally.read, tally.kept)


def _currency(table: TextTable) -> str | None:
    if CURRENCY_COLUMN not in table.columns:
        return None
    found = {cell for block in table.blocks([CURRENCY_COLUMN]) for cell in block[CURRENCY_COLUMN].unique()}
    if len(found) > 1:
        message = f"The rows are in several currencies ({', '.join(sorted(found))}). Keep one of them."
        raise InputError(Problem("currency_differs", message, file=table.file, column=CURRENCY_COLUMN))
    return found.pop() if found else None


def read_export_tags(path: Path) -> list[TagRow]:
    """Rows of tags of an exported file; empty where it has none."""
    table = open_table(path, has_export_header)
    known = {f"{TAG_PREFIX}{name}": name for name in (*TAG_COLUMNS, *SAYING, *INFORMATIVE)}
    columns = {name: known[name] for name in table.columns if name in known}
    if not columns:
        return []
    return [row for row in tag_rows(table, {"year": "year", "code": "code", **columns}) if row.is_stating]
