"""XLSForm workbooks out of sheets of text. The same sheets give the same bytes: a version has one fingerprint."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

LONG_AGO = datetime.datetime(2000, 1, 1)  # stands in the file where spreadsheets write the time of saving
WIDTH = 24


def form_workbook_bytes(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """An XLSX file with a sheet for each entry, the header in the first row, every cell a text.

    A cell that begins with = stays text: conditions of a form are no spreadsheet formulas.
    """
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for line, row in enumerate(rows, start=1):
            for place, text in enumerate(row, start=1):
                if text:
                    cell = sheet.cell(line, place)
                    cell.value = text
                    cell.data_type = "s"
                    if line == 1:
                        cell.font = Font(bold=True)
                        cell.alignment = Alignment(vertical="top")
        sheet.freeze_panes = "A2"
        for column in "ABCDEFGHIJKLMNOP"[: max((len(row) for row in rows), default=0)]:
            sheet.column_dimensions[column].width = WIDTH
    book.properties.creator = "CBMS-GRB"
    book.properties.created = book.properties.modified = LONG_AGO
    stream = io.BytesIO()
    book.save(stream)
    return _without_times(stream.getvalue())


def _without_times(content: bytes) -> bytes:
    """The same archive with the parts in their order, but none with the hour at which it was written."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as written, zipfile.ZipFile(stream, "w") as plain:
        for part in written.infolist():
            entry = zipfile.ZipInfo(part.filename, date_time=LONG_AGO.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            body = written.read(part)
            plain.writestr(entry, _fixed_properties(body) if part.filename == "docProps/core.xml" else body)
    return stream.getvalue()


def _fixed_properties(body: bytes) -> bytes:
    """openpyxl writes the time of saving into the properties whatever they say; put the fixed one back."""
    text = body.decode()
    start, end = text.find("<dcterms:modified"), text.find("</dcterms:modified>")
    if start < 0 or end < 0:
        return body
    opening_end = text.index(">", start) + 1
    return (text[:opening_end] + LONG_AGO.isoformat() + "Z" + text[end:]).encode()
