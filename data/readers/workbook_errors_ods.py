"""Error cells of an ODS file (OpenDocument), found in its `content.xml`."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import IO

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
ERROR = re.compile(r"#(NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)|(Err|Fehler|Error):\d+")
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
MOST_REPEATED = 1_000_000  # cells; empty rows at the end of a sheet are written as one that repeats
Cells = dict[tuple[int, int], str]


def errors_of_ods(file: Path | IO[bytes]) -> dict[str, Cells]:
    """Texts of error cells, and formulas never calculated, by sheet and by (row, column) from 0."""
    try:
        with zipfile.ZipFile(file) as parts, parts.open("content.xml") as content:
            return _errors_of(content)
    except (zipfile.BadZipFile, KeyError, OSError, ET.ParseError):
        return {}  # the library that reads the sheets says what is wrong with the file


def _errors_of(content: IO[bytes]) -> dict[str, Cells]:
    found: dict[str, Cells] = {}
    sheet, row, name = Cells(), 0, ""
    # expat ends documents that multiply themselves, and reads nothing from outside
    for event, element in ET.iterparse(content, events=("start", "end")):  # noqa: S314
        if event == "start" and element.tag == f"{TABLE}table":
            name, row = element.get(f"{TABLE}name", ""), 0
            sheet = found.setdefault(name, {})
        elif event == "end" and element.tag == f"{TABLE}table-row":
            times = int(element.get(f"{TABLE}number-rows-repeated", "1"))
            errors = _errors_of_row(element)
            for again in range(min(times, MOST_REPEATED) if errors else 0):
                sheet |= {(row + again, column): text for column, text in errors.items()}
            row += times
            element.clear()
    return found


def _errors_of_row(row: ET.Element) -> dict[int, str]:
    errors: dict[int, str] = {}
    column = 0
    for cell in row:
        if cell.tag in CELLS:
            times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
            text = _error_text(cell)
            if text:
                errors |= {column + again: text for again in range(min(times, MOST_REPEATED))}
            column += times
    return errors


def _error_text(cell: ET.Element) -> str:
    """The error that a cell shows, or its formula where it has no value; empty for every other cell."""
    formula, kind = cell.get(f"{TABLE}formula"), cell.get(f"{OFFICE}value-type")
    shown = "".join("".join(part.itertext()) for part in cell.findall(f"{TEXT}p"))
    if cell.get(f"{CALC}value-type") == "error" or (formula and ERROR.fullmatch(shown)):
        return shown or "#ERROR"
    return f"={formula.removeprefix('of:=')[:40]}" if formula and kind is None and not shown else ""
