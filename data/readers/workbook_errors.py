"""Cells of a workbook that have no value although something stands in them: errors, and formulas never calculated.

The library that reads workbooks gives both as empty cells, and an empty cell is a missing amount. Here they are found
in the file itself, so that readers see the error's text and refuse it where a number is needed. XLSX is read here, XLS
and ODS in files of their own.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from data.readers.workbook_errors_ods import errors_of_ods
from data.readers.workbook_errors_xls import errors_of_xls

Cells = dict[tuple[int, int], str]  # (row, column), both from 0 -> what stands there

_SHEET = re.compile(rb"<sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VALUE = re.compile(rb"<v\b[^>]*>([^<]+)</v>")
_FORMULA = re.compile(rb"<f\b[^>]*>([^<]*)</f>")


def cells_without_value(file: Path | IO[bytes]) -> dict[str, Cells]:
    """Such cells by sheet; nothing for files of another format or ones that cannot be opened (others refuse those)."""
    try:
        with zipfile.ZipFile(file) as parts:
            return {name: _of_sheet(parts.read(part)) for name, part in _sheets(parts).items()}
    except (zipfile.BadZipFile, KeyError, OSError):
        return {}


def show_errors(sheets: Mapping[str, list[list[Any]]], file: Path) -> None:
    """Put the texts of such cells into rows that were read from the file."""
    for name, cells in cells_without_value(file).items():
        rows = sheets.get(name, [])
        for (row, column), text in cells.items():
            if row < len(rows) and column < len(rows[row]) and rows[row][column] == "":
                rows[row][column] = text
    for name, cells in _of_other_formats(file).items():
        if cells and name in sheets:
            _put(cells, sheets[name])


def _of_other_formats(file: Path) -> dict[str, Cells]:
    """Cells of an XLS or ODS file: what stands in them is known to be no value, whatever the library made of it."""
    if file.suffix.lower() == ".xls":
        return errors_of_xls(file.read_bytes())
    return errors_of_ods(file) if file.suffix.lower() == ".ods" else {}


def _put(cells: Cells, rows: list[list[Any]]) -> None:
    """Set cells; the library leaves out rows and columns at the end that hold errors only."""
    width = max(column for _, column in cells) + 1
    height = max(row for row, _ in cells) + 1
    rows += [[] for _ in range(height - len(rows))]
    width = max(width, *(len(row) for row in rows))
    for row in rows:
        row += [""] * (width - len(row))
    for (row_number, column), text in cells.items():
        rows[row_number][column] = text


def _sheets(parts: zipfile.ZipFile) -> dict[str, str]:
    """Name of a sheet -> its file in the workbook."""
    targets = {}
    for relation in _RELATION.findall(parts.read("xl/_rels/workbook.xml.rels")):
        one = _attributes(relation)
        targets[one.get("Id", "")] = one.get("Target", "")
    found = {}
    for sheet in _SHEET.findall(parts.read("xl/workbook.xml")):
        one = _attributes(sheet)
        target = targets.get(one.get("r:id", ""), "")
        found[one.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return {name: part for name, part in found.items() if part in parts.namelist()}


def _attributes(element: bytes) -> dict[str, str]:
    pairs = _ATTRIBUTE.findall(element)
    return {name.decode(): html.unescape(value.decode("utf-8", "replace")) for name, value in pairs}


def _of_sheet(content: bytes) -> Cells:
    if b't="e"' not in content and b"<f" not in content:
        return {}
    cells: Cells = {}
    for attributes, inside in _CELL.findall(content):
        text = _text(attributes, inside)
        place = _PLACE.search(attributes)
        if text and place:
            cells[int(place[2]) - 1, _column(place[1])] = text
    return cells


def _text(attributes: bytes, inside: bytes) -> str:
    """What stands in a cell that has no value; empty where it has one, or where nothing stands there."""
    value, formula = _VALUE.search(inside), _FORMULA.search(inside)
    if b't="e"' in attributes:
        return value[1].decode("utf-8", "replace") if value else "#ERROR"
    if formula and not value and b't="str"' not in attributes:  # a text formula may well give the empty text
        return f"={formula[1].decode('utf-8', 'replace')[:40]}"
    return ""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number - 1
