"""Tables as CSV and XLSX for people: notes first (source, period, filters), then each table with its header.

What is text stays text: a cell that a spreadsheet would run as a formula is defused. Knows nothing of what it writes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from budget_model.errors import InputError, Problem

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
NOT_PRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XLSX cannot hold them
FORBIDDEN_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
LONGEST_TITLE = 31
WIDEST_COLUMN = 60

Cell = str | int | float | Decimal | None


@dataclass(frozen=True)
class Table:
    """A table with a title. A missing value is None and leaves its cell empty; it is never written as 0."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_bytes(notes: Sequence[tuple[str, str]], tables: Iterable[Table]) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to read accents; notes as lines that start with `#`."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    for name, text in notes:
        writer.writerow([f"# {name}: {text}"])
    for table in tables:
        writer.writerow([])
        writer.writerow([f"# {table.title}"])
        writer.writerow([defused(cell) for cell in table.header])
        writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return stream.getvalue().encode("utf-8-sig")


def xlsx_bytes(notes_title: str, notes: Sequence[tuple[str, Cell]], tables: Iterable[Table]) -> bytes:
    """A workbook: a sheet with the notes, then one a table with its header frozen."""
    book = Workbook()
    sheet = book.active
    sheet.title = sheet_title(notes_title)
    _fill(sheet, [], notes)
    for table in tables:
        sheet = book.create_sheet(sheet_title(table.title))
        _fill(sheet, table.header, table.rows)
        sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def file_bytes(file_name: str, notes: Sequence[tuple[str, str]], tables: Iterable[Table]) -> bytes:
    """The file's content by its ending, .csv or .xlsx; InputError for another one."""
    ending = Path(file_name).suffix.lower()
    if ending == ".csv":
        return csv_bytes(notes, tables)
    if ending == ".xlsx":
        return xlsx_bytes("Notes", notes, tables)
    message = f"'{file_name}' ends neither in .csv nor in .xlsx. Choose one of them."
    raise InputError(Problem("file_ending", message, file=file_name))


def defused(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula.

    A text that begins with apostrophes and then such a sign gets one more, so that `undefused` gives back each text.
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def undefused(text: str) -> str:
    """The text that `defused` was given.

    >>> [undefused(defused(text)) for text in ("=1+1", "'=1+1", "'t Gooi", "-5")]
    ['=1+1', "'=1+1", "'t Gooi", '-5']
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA_STARTS) else text


def sheet_title(title: str) -> str:
    """The title as a sheet can bear it: 31 characters, none of ``[]:*?/\\``."""
    return FORBIDDEN_IN_TITLES.sub("-", title)[:LONGEST_TITLE]


def _plain(cell: Cell) -> Any:
    if cell is None:
        return ""
    return defused(cell) if isinstance(cell, str) else cell


def _fill(sheet: Worksheet, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    lines = [header, *rows] if header else list(rows)
    for number, line in enumerate(lines, start=1):
        for column, cell in enumerate(line, start=1):
            _write(sheet, number, column, cell, is_header=bool(header) and number == 1)
    for column in range(1, max((len(line) for line in lines), default=0) + 1):
        longest = max(len(str(line[column - 1])) for line in lines if len(line) >= column)
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST_COLUMN, longest + 2)


def _write(sheet: Worksheet, line: int, column: int, cell: Cell, is_header: bool) -> None:
    target = sheet.cell(line, column)
    if isinstance(cell, str):
        target.value = NOT_PRINTABLE.sub("", cell)
        target.data_type = "s"  # "=1+1" stays the text that it is
        target.quotePrefix = cell.startswith(FORMULA_STARTS)
    else:
        target.value = cell
    if is_header:
        target.font = Font(bold=True)
        target.alignment = Alignment(wrap_text=True, vertical="top")
