"""The programmes of a site as a workbook that people fill in: one sheet a kind of row, lists to choose from."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from data.writers.programme_columns import INSTRUCTIONS, INSTRUCTIONS_TITLE, SHEETS, SheetColumn
from data.writers.tables import FORMULA_STARTS, NOT_PRINTABLE

LISTS = "_"  # hidden sheet with what may be chosen
ROWS_TO_FILL = 500
DIGITS_KEPT = 15
GREY = PatternFill("solid", fgColor="EEEEF2")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class WorkbookContent:
    """Rows by sheet (`programmes`, `serves`, `lines`, `split`, `needs`), each path -> text or number."""

    site: str
    currency: str
    budget_year: int | None
    rows: Mapping[str, Sequence[Row]]
    lists: Mapping[str, Sequence[str]]  # path -> what may be chosen: need, code (of lines), area


def programme_workbook_bytes(content: WorkbookContent, language: str) -> bytes:
    """The workbook in a language; what is text stays text, whatever it begins with."""
    book = Workbook()
    _instructions(book.active, content, language)
    options = book.create_sheet(LISTS)
    options.sheet_state = "hidden"
    for name, (title, columns) in SHEETS.items():
        sheet = book.create_sheet(title[language])
        _fill(sheet, columns, content.rows.get(name, ()), language)
        if name == "needs":
            sheet.protection.sheet = True
        else:
            _offer(sheet, options, columns, content, language)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _instructions(sheet: Worksheet, content: WorkbookContent, language: str) -> None:
    sheet.title = INSTRUCTIONS_TITLE[language]
    sheet.column_dimensions["A"].width = 110
    facts = {"site": content.site, "year": content.budget_year or "–", "currency": content.currency}
    for line, text in enumerate(INSTRUCTIONS[language], start=1):
        _write(sheet, line, 1, text.format(**facts))
        sheet.cell(line, 1).alignment = Alignment(wrap_text=True)


def _fill(sheet: Worksheet, columns: Sequence[SheetColumn], rows: Iterable[Row], language: str) -> None:
    for number, column in enumerate(columns, start=1):
        _write(sheet, 1, number, column.title[language])
        head = sheet.cell(1, number)
        head.font, head.fill = Font(bold=True), GREY
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(number)].width = 28 if column.is_text else 16
    for line, row in enumerate(rows, start=2):
        for number, column in enumerate(columns, start=1):
            _write(sheet, line, number, _shown(row.get(column.path), column, language))
    sheet.freeze_panes = "B2"


def _shown(value: Any, column: SheetColumn, language: str) -> Any:
    if column.choices is not None:
        return column.choices[str(value or "")][language] if str(value or "") in column.choices else value
    if column.is_text or value in (None, ""):
        return value or None
    text = str(value)
    # A spreadsheet keeps 15 digits of a number; what has more goes as text, so that nothing differs when it comes back.
    return text if len(text.replace(".", "").strip("0")) > DIGITS_KEPT else float(text)


def _write(sheet: Worksheet, line: int, number: int, value: Any) -> None:
    cell = sheet.cell(line, number)
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = NOT_PRINTABLE.sub("", value)
    cell.data_type = "s"  # "=1+1" stays the text that it is
    cell.quotePrefix = value.startswith(FORMULA_STARTS)


def _offer(
    sheet: Worksheet, options: Worksheet, columns: Sequence[SheetColumn], content: WorkbookContent, language: str
) -> None:
    """Lists to choose from; budget lines and needs by their codes."""
    for number, column in enumerate(columns, start=1):
        words = (
            [texts[language] for texts in column.choices.values()]
            if column.choices is not None
            else list(content.lists.get(column.path, ()))
        )
        if not words:
            continue
        place = options.max_column + 1
        for line, word in enumerate(words, start=1):
            _write(options, line, place, word)
        letter = get_column_letter(place)
        rule = DataValidation(type="list", formula1=f"'{LISTS}'!${letter}$1:${letter}${len(words)}", allow_blank=True)
        rule.showErrorMessage = True
        sheet.add_data_validation(rule)
        own = get_column_letter(number)
        rule.add(f"{own}2:{own}{ROWS_TO_FILL}")
