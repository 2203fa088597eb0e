"""The programmes workbook read back: entries of programmes, and the place of each of their parts for what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from budget_model.errors import CatalogueError, Problem
from budget_model.spelling import nearest
from data.readers.workbook import WorkbookTable, workbook_tables
from data.writers.programme_columns import SHEETS, SheetColumn

Place = tuple[str, int, str]  # sheet, line, header
NUMBERED = {"serves": "need", "lines": "code"}  # sheet -> what its rows name


@dataclass
class ReadWorkbook:
    """Texts of each programme by path (as in the form), the versions they started from, and places.

    `values`: code -> path -> text; `places`: (code, path) -> sheet, line, header.
    """

    file: str
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def placed(self, found: Problem, code: str, path: str) -> Problem:
        """A problem of a programme with the cell that it is about: the deepest part of the path that has one."""
        steps = path.split(".")
        for length in range(len(steps), -1, -1):
            near = ".".join(steps[:length])
            place = self.places.get((code, near)) or self.places.get((code, f"{near}.value")) or None
            place = place or (self.places.get((code, "programme")) if not length else None)
            if place is not None:
                sheet, line, header = place
                return replace(found, file=self.file, sheet=sheet, line=line, column=header)
        return replace(found, file=self.file)


@dataclass(frozen=True)
class _Sheet:
    """A sheet with the columns that its headers name."""

    name: str
    table: WorkbookTable
    columns: Mapping[int, SheetColumn]  # position -> column

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Line and texts by path of each row that says anything."""
        for line, row in enumerate(self.table.rows, start=self.table.header_line + 1):
            texts = {
                column.path: row[position] if position < len(row) else "" for position, column in self.columns.items()
            }
            if any(texts.values()):
                yield line, texts

    def header(self, path: str) -> str:
        position = next((position for position, column in self.columns.items() if column.path == path), None)
        return self.table.columns[position] if position is not None else path


def is_programme_workbook(path: Path) -> bool:
    """Whether one of the sheets is that of programmes, in either language."""
    titles = set(SHEETS["programmes"][0].values())
    return any(table.sheet in titles for table in workbook_tables(path))


def read_programme_workbook(path: Path) -> ReadWorkbook:
    """Everything that the workbook says; CatalogueError where sheets or columns are not those of the workbook."""
    read = ReadWorkbook(path.name)
    sheets = _sheets(path, read)
    if read.problems:
        raise CatalogueError(read.problems)
    _read_programmes(sheets["programmes"], read)
    for name in ("serves", "lines", "split"):
        if name in sheets:
            _read_rows(sheets[name], read)
    return read


def _sheets(path: Path, read: ReadWorkbook) -> dict[str, _Sheet]:
    tables = {table.sheet: table for table in workbook_tables(path)}
    found = {}
    for name, (titles, columns) in SHEETS.items():
        title = next((title for title in titles.values() if title in tables), None)
        if title is not None and name != "needs":
            found[name] = _Sheet(name, tables[title], _columns(tables[title], columns, read))
    if "programmes" not in found:
        wanted = " / ".join(SHEETS["programmes"][0].values())
        message = f"There is no sheet '{wanted}'. Start from a workbook that was exported here."
        read.problems.append(Problem("sheet_missing", message, file=path.name))
    return found


def _columns(table: WorkbookTable, columns: Sequence[SheetColumn], read: ReadWorkbook) -> dict[int, SheetColumn]:
    """Positions of the columns; every header that nobody knows, and every column that is missing, is a problem."""
    by_title = {title.casefold(): column for column in columns for title in column.title.values()}
    found = {}
    place: dict[str, Any] = {"file": read.file, "sheet": table.sheet, "line": table.header_line}
    for position, header in enumerate(table.columns):
        column = by_title.get(header.strip().casefold())
        if column is not None:
            found[position] = column
        elif any(position < len(row) and row[position] for row in table.rows):
            near = nearest(header, [title for c in columns for title in c.title.values()])
            message = f"There is no column '{header}' on this sheet." + (f" Did you mean '{near}'?" if near else "")
            read.problems.append(Problem("column_unknown", message, column=header, value=header, **place))
    for column in columns:
        if column not in found.values():
            wanted = " / ".join(column.title.values())
            message = f"The column '{wanted}' is missing. Add it; its cells may be empty."
            read.problems.append(Problem("column_missing", message, value=wanted, **place))
    return found


def _read_programmes(sheet: _Sheet, read: ReadWorkbook) -> None:
    for line, texts in sheet.rows():
        code = texts.pop("programme", "")
        if not code or code in read.values:
            twice = f"The programme '{code}' stands twice." if code else "The row has no programme code."
            read.problems.append(_row_problem(sheet, read, line, "programme", f"{twice} Give each programme one row."))
            continue
        version = texts.pop("version", "")
        read.versions[code] = int(version) if version.isdecimal() else 0
        read.values[code] = _keyed(sheet, read, line, texts)
        _remember(sheet, read, code, line, {**texts, "programme": ""}, "")


def _read_rows(sheet: _Sheet, read: ReadWorkbook) -> None:
    """Rows of needs, lines and shares of sectors, each to its programme."""
    numbers: dict[str, int] = {}
    for line, texts in sheet.rows():
        code = texts.pop("programme", "")
        if code not in read.values:
            near = nearest(code, read.values) if code else None
            hint = f" Did you mean '{near}'?" if near else ""
            message = f"There is no programme '{code}' on the sheet of programmes.{hint}"
            read.problems.append(_row_problem(sheet, read, line, "programme", message))
            continue
        if sheet.name == "split":
            path = f"area_split.{texts['area']}"
            read.values[code][path] = texts["share"]
            read.places[code, path] = (str(sheet.table.sheet), line, sheet.header("share"))
            continue
        number = numbers[code] = numbers.get(code, -1) + 1
        if not texts[NUMBERED[sheet.name]]:
            message = "The row names nothing. Fill it in, or empty the whole row."
            read.problems.append(_row_problem(sheet, read, line, NUMBERED[sheet.name], message))
        row = f"{sheet.name}.{number}"
        keyed = _keyed(sheet, read, line, texts)
        read.values[code] |= {f"{row}.{path}": text for path, text in keyed.items()}
        _remember(sheet, read, code, line, texts, f"{row}.")


def _keyed(sheet: _Sheet, read: ReadWorkbook, line: int, texts: Mapping[str, str]) -> dict[str, str]:
    """Texts with words of a choice turned into what they stand for."""
    columns = {column.path: column for column in sheet.columns.values()}
    keyed = {}
    for path, text in texts.items():
        choices = columns[path].choices
        if choices is None or not text:
            keyed[path] = text
            continue
        words = {word.casefold(): key for key, by_language in choices.items() for word in (*by_language.values(), key)}
        if text.casefold() in words:
            keyed[path] = words[text.casefold()]
            continue
        allowed = ", ".join(sorted({by_language["es"] + " / " + by_language["en"] for by_language in choices.values()}))
        read.problems.append(
            _row_problem(sheet, read, line, path, f"'{text}' is no choice here. Choose: {allowed}.", text)
        )
    return keyed


def _remember(sheet: _Sheet, read: ReadWorkbook, code: str, line: int, texts: Mapping[str, str], start: str) -> None:
    for path in texts:
        read.places[code, f"{start}{path}"] = (str(sheet.table.sheet), line, sheet.header(path))


def _row_problem(
    sheet: _Sheet, read: ReadWorkbook, line: int, path: str, message: str, value: str | None = None
) -> Problem:
    place = {"file": read.file, "sheet": sheet.table.sheet, "line": line, "column": sheet.header(path)}
    return Problem("workbook_row", message, value=value, **place)
