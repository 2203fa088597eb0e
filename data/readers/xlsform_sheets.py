"""Sheets of an XLSForm as text, out of XLSX, XLS, CSV and JSON, and the rows below their headers.

What the rows mean is the questionnaire's matter (`xlsform`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import python_calamine

from budget_model.errors import InputError, Problem
from budget_model.spelling import nearest
from data.readers.encodings import Decoder
from data.readers.files import check_file
from data.readers.kobo_json import SUFFIX as JSON
from data.readers.kobo_json import form_sheets
from data.readers.tabular import HEADER_SEARCH_LINES
from data.readers.workbook import cell_text
from data.readers.xlsform_types import TRANSLATED, Header, read_header

SHEETS = ("survey", "choices", "settings", "columns", "external_choices", "entities", "osm")
WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")
Rows = list[list[str]]


@dataclass(frozen=True)
class FormSheets:
    """The cells of a form as text, by the usual name of each sheet; row 1 first, blank rows kept."""

    file: str
    sheets: Mapping[str, Rows]
    spelled: Mapping[str, str]  # usual name -> as the file spells it
    notes: tuple[Problem, ...] = ()  # warnings about how the file was read


@dataclass(frozen=True)
class Row:
    """One row below a header: its cells by what the column holds."""

    line: int
    cells: Mapping[str, str]
    translated: Mapping[str, Mapping[str, str]]  # label, hint … -> language -> text

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


def read_sheets(path: Path) -> FormSheets:
    """The sheets of a form, before anything is made of them."""
    check_file(path, allows_folder=True)
    if path.is_dir():
        parts = {part.stem: _csv_rows(part.read_bytes(), part.name) for part in sorted(path.glob("*.csv"))}
        notes = tuple(note for _, note in parts.values() if note)
        return replace(_named(path.name, {stem: rows for stem, (rows, _) in parts.items()}), notes=notes)
    return sheets_of_bytes(path.read_bytes(), path.name)


def sheets_of_bytes(content: bytes, name: str) -> FormSheets:
    """The sheets of a form that is in memory."""
    if not content:
        raise InputError(Problem("file_empty", "The file is empty (0 bytes). Get it again.", file=name))
    if Path(name).suffix.lower() in WORKBOOKS:
        return _named(name, _workbook_rows(content, name))
    if Path(name).suffix.lower() == JSON:
        return _named(name, form_sheets(content, name))
    rows, note = _csv_rows(content, name)
    return replace(_named(name, _sections_of_csv(rows)), notes=(note,) if note else ())


def _workbook_rows(content: bytes, name: str) -> dict[str, Rows]:
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            raw = {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names}
    except (python_calamine.CalamineError, OSError) as broken:
        reason = str(broken).splitlines()[0]
        message = (
            f"The workbook cannot be opened ({reason}): it is cut off, damaged, protected with a password, or no "
            "workbook at all. Get the file again, or open it in a spreadsheet and save it as XLSX."
        )
        raise InputError(Problem("workbook_broken", message, file=name)) from None
    return {sheet: [[_clean(cell_text(cell)) for cell in row] for row in rows] for sheet, rows in raw.items()}


def _clean(text: str) -> str:
    """Blanks that cannot be seen (no-break spaces) become blanks; outer ones go."""
    return text.replace("\xa0", " ").strip()


def _csv_rows(content: bytes, name: str) -> tuple[Rows, Problem | None]:
    decoder = Decoder(name)
    text, raw = decoder.decode(content.removeprefix(b"\xef\xbb\xbf"), 1)
    reader = csv.reader(io.StringIO(text if text is not None else raw.decode(), newline=""))
    rows: Rows = []
    try:
        for row in reader:  # a record of several lines fills several rows, so that line numbers stay true
            while len(rows) < reader.line_num - 1:
                rows.append([])
            rows.append([_clean(cell) for cell in row])
    except csv.Error as error:
        message = f"This is not CSV from here on ({error}). Look for a quotation mark that is never closed."
        raise InputError(Problem("csv_broken", message, file=name, line=reader.line_num)) from None
    return rows, decoder.note()


def _sections_of_csv(rows: Rows) -> dict[str, Rows]:
    """One CSV file with all sheets: a row that names the sheet in its first column, the sheet's rows below it."""
    if any("type" in {cell.lower() for cell in row} and row[0] for row in rows[:HEADER_SEARCH_LINES] if row):
        return {"survey": rows}
    sheets: dict[str, Rows] = {}
    current: Rows | None = None
    for place, row in enumerate(rows):
        if row and row[0]:
            current = sheets.setdefault(row[0], [[] for _ in range(place + 1)])
        elif current is not None:
            current.append(row[1:])
    return sheets


def _named(file: str, sheets: Mapping[str, Rows]) -> FormSheets:
    """Sheets under their usual names, however they are written."""
    spelled = {usual: name for usual in SHEETS for name in sheets if name.strip().lower() == usual}
    if "survey" not in spelled:
        near = nearest("survey", sheets)
        hint = f"Is '{near}' meant? Rename it." if near else f"There are: {', '.join(sheets) or 'none'}."
        message = f"The file has no sheet 'survey', so it is no XLSForm. {hint}"
        raise InputError(Problem("sheet_missing", message, file=file, sheet="survey"))
    return FormSheets(file, {usual: sheets[name] for usual, name in spelled.items()}, spelled)


def header_row(sheets: FormSheets, sheet: str) -> tuple[int, list[Header]] | None:
    """Index of a sheet's header row and what its columns hold; None where the sheet says nothing.

    Raises InputError for a survey sheet without a header, and for a column that stands twice.
    """
    rows = sheets.sheets.get(sheet, [])
    needed = {"survey": {"type"}, "choices": {"list_name", "name"}, "columns": {"list_name", "name"}}.get(sheet, set())
    said = [(index, row) for index, row in enumerate(rows) if any(row)]
    for index, row in said[:HEADER_SEARCH_LINES]:
        headers = [read_header(cell, sheet) for cell in row]
        if needed <= {header.name for header in headers}:
            _refuse_twice(sheets, sheet, index + 1, row)
            return index, headers
    if sheet != "survey":
        return None
    message = "No row of the survey sheet is a header with the columns 'type' and 'name'. Add one as the first row."
    raise InputError(Problem("header_missing", message, file=sheets.file, sheet=sheets.spelled[sheet], line=1))


def _refuse_twice(sheets: FormSheets, sheet: str, line: int, row: Sequence[str]) -> None:
    seen: set[str] = set()
    problems = []
    for cell in row:
        name = cell.lower()
        if name and name in seen:
            message = f"The column '{cell}' stands twice, so that one of the two would be lost. Rename or remove one."
            place = {"file": sheets.file, "sheet": sheets.spelled[sheet]}
            problems.append(Problem("column_duplicate", message, line=line, column=cell, value=cell, **place))
        seen.add(name)
    if problems:
        raise InputError(problems)


def rows_below(sheets: FormSheets, sheet: str) -> Iterator[Row]:
    """The rows of a sheet that say anything."""
    found = header_row(sheets, sheet)
    if found is None:
        return
    start, headers = found
    for place, row in enumerate(sheets.sheets[sheet][start + 1 :], start=start + 2):
        if any(row):
            yield _row(place, headers, row)


def _row(line: int, headers: Sequence[Header], row: Sequence[str]) -> Row:
    cells: dict[str, str] = {}
    translated: dict[str, dict[str, str]] = {}
    for header, cell in zip(headers, row, strict=False):
        if not cell or not header.name:
            continue
        if header.name in TRANSLATED:
            translated.setdefault(header.name, {}).setdefault(header.language, cell)
        if not header.language:
            cells.setdefault(header.name, cell)
    return Row(line, cells, translated)
