"""The table of one sheet of a workbook (XLSX and what else calamine reads). Every cell becomes text."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine

from budget_model.errors import InputError, Problem
from data.readers.tabular import (
    HEADER_SEARCH_LINES,
    LINE,
    IsHeader,
    OpenOptions,
    header_position,
    nearest,
    unique_columns,
)
from data.readers.workbook_errors import show_errors

SPREADSHEET_DIGITS = 15  # what spreadsheets keep of a number; digits beyond are noise of binary fractions


@dataclass(frozen=True)
class WorkbookTable:
    """One sheet, loaded."""

    file: str
    sheet: str | None
    columns: tuple[str, ...]
    header_line: int
    rows: Sequence[Sequence[str]]  # below the header
    notes: list[Problem] = field(default_factory=list)
    bytes_read: None = None

    @classmethod
    def open(cls, path: Path, is_header: IsHeader | None, options: OpenOptions) -> WorkbookTable:
        """The named sheet; else the first whose header is recognised; else the first that is not empty."""
        sheets = _read_sheets(path, options.sheet)
        for name, rows in sheets.items():
            head = [[cell_text(cell) for cell in row] for row in rows[:HEADER_SEARCH_LINES]]
            recognised = is_header is None or any(is_header(row) for row in head)
            if recognised and header_position(head, is_header) is not None:
                return cls._from_rows(path.name, name, rows, head, is_header)
        name, rows = next(((name, rows) for name, rows in sheets.items() if rows), (None, []))
        if name is None:
            raise InputError(Problem("file_empty", "No sheet of the workbook holds anything.", file=path.name))
        head = [[cell_text(cell) for cell in row] for row in rows[:HEADER_SEARCH_LINES]]
        return cls._from_rows(path.name, name, rows, head, is_header)

    @classmethod
    def _from_rows(
        cls, file: str, sheet: str, rows: Sequence[Sequence[Any]], head: Sequence[Sequence[str]], is_header: Any
    ) -> WorkbookTable:
        place = header_position(head, is_header)
        if place is None:
            raise InputError(Problem("file_empty", "The sheet holds nothing.", file=file, sheet=sheet))
        below = [[cell_text(cell) for cell in row] for row in rows[place + 1 :]]
        return cls(file, sheet, unique_columns(head[place]), place + 1, below)

    def blocks(self, wanted: Iterable[str] | None = None) -> Iterator[pl.DataFrame]:
        """One frame; rows that are blank in the wanted columns are passed over."""
        names = self.columns if wanted is None else tuple(name for name in self.columns if name in set(wanted))
        places = {name: self.columns.index(name) for name in names}
        numbered = enumerate(self.rows, start=self.header_line + 1)
        kept = [(line, row) for line, row in numbered if any(row[place] for place in places.values())]
        cells = {name: [row[place] for _, row in kept] for name, place in places.items()}
        schema = {**dict.fromkeys(names, pl.String), LINE: pl.Int64}
        yield pl.DataFrame({**cells, LINE: [line for line, _ in kept]}, schema=schema)


def _read_sheets(path: Path, wanted: str | None) -> dict[str, list[list[Any]]]:
    """Rows by sheet, all from the first line on, so that places in the list are lines of the sheet."""
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            names = _chosen(path, book.sheet_names, wanted)
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except (python_calamine.CalamineError, OSError) as broken:
        message = (
            f"The workbook cannot be opened ({str(broken).splitlines()[0]}): it is cut off, damaged, protected with a "
            "password, or no workbook at all. Get the file again, or open it in a spreadsheet and save it as XLSX."
        )
        raise InputError(Problem("workbook_broken", message, file=path.name)) from None
    show_errors(sheets, path)
    return sheets


def _chosen(path: Path, names: Sequence[str], wanted: str | None) -> Sequence[str]:
    if wanted is None:
        return names
    if wanted in names:
        return [wanted]
    near = nearest(wanted, names)
    hint = f"Did you mean '{near}'?" if near else f"There are: {', '.join(names)}."
    raise InputError(Problem("sheet_missing", f"There is no sheet '{wanted}'. {hint}", file=path.name, sheet=wanted))


def cell_text(cell: Any) -> str:
    """A cell as the text that a person would type for it; numbers without the noise of binary fractions."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).strip()


def _number_text(number: float) -> str:
    text = format(Decimal(format(number, f".{SPREADSHEET_DIGITS}g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def workbook_tables(path: Path) -> tuple[WorkbookTable, ...]:
    """A table for each sheet that holds anything, the workbook read once; a broken workbook is refused."""
    tables = []
    for name, rows in _read_sheets(path, None).items():
        if any(map(any, rows)):
            head = [[cell_text(cell) for cell in row] for row in rows[:HEADER_SEARCH_LINES]]
            tables.append(WorkbookTable._from_rows(path.name, name, rows, head, None))
    return tuple(tables)
