"""Small XLS and ODS files written by hand, with error cells: no library at hand writes these formats."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

ERROR_CODES = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#N/A": 0x2A}
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, SMALL = 512, 64


class Formula(str):
    """The result of a formula: an error such as `#REF!`, or for ODS a formula without a result, such as `=A1`."""


def write_xls(file: Path, rows: list[list[object]], sheet: str = "Hoja", is_small: bool = False) -> Path:
    """An Excel 97 workbook; `is_small` puts its stream among the small ones, as a file of few bytes may have it."""
    book = _workbook_stream(rows, sheet)
    if not is_small:
        book = book.ljust(4096, b"\0")
    size = SMALL if is_small else SECTOR
    count = -(-len(book) // size)
    chain = [*range(1, count), END]
    padded = book.ljust(-(-len(book) // SECTOR) * SECTOR, b"\0")
    sectors = len(padded) // SECTOR
    first = 3  # 0 the table of sectors, 1 the directory, 2 that of small sectors
    fat = [FAT, END, END, *range(first + 1, first + sectors), END]
    mini_fat = chain if is_small else []
    root = _entry("Root Entry", 5, first if is_small else END, len(book) if is_small else 0, child=1)
    stream = _entry("Workbook", 2, 0 if is_small else first, len(book))
    directory = root + stream + bytes(SECTOR - 256)
    parts = [_sector_of(fat), directory, _sector_of(mini_fat), padded]
    file.write_bytes(_header(2 if is_small else END, int(is_small)) + b"".join(parts))
    return file


def _header(mini_fat: int, mini_sectors: int) -> bytes:
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, mini_fat, mini_sectors, END, 0)
    return head + struct.pack("<109I", 0, *[FREE] * 108)


def _sector_of(numbers: list[int]) -> bytes:
    return struct.pack("<128I", *numbers, *[FREE] * (128 - len(numbers)))


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, FREE, FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def _workbook_stream(rows: list[list[object]], sheet: str) -> bytes:
    name = struct.pack("<BB", len(sheet), 0) + sheet.encode("latin-1")
    start = len(_bof(5)) + len(_record(0x85, bytes(6) + name)) + len(_record(0x0A))
    book = _bof(5) + _record(0x85, struct.pack("<IH", start, 0) + name) + _record(0x0A)
    width = max(map(len, rows))
    book += _bof(0x10) + _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for number, row in enumerate(rows):
        book += b"".join(_cell(number, column, value) for column, value in enumerate(row))
    return book + _record(0x0A)


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, Formula):
        result = struct.pack("<BxBxxxH", 2, ERROR_CODES[value], 0xFFFF)
        return _record(0x06, place + result + struct.pack("<HIH", 0, 0, 3) + b"\x1e\x01\x00")
    if value in ERROR_CODES:
        return _record(0x205, place + struct.pack("<BB", ERROR_CODES[str(value)], 1))
    if isinstance(value, int | float):
        return _record(0x203, place + struct.pack("<d", value))
    return _record(0x204, place + struct.pack("<HB", len(str(value)), 0) + str(value).encode("latin-1"))


MANIFEST = '<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}


def write_ods(file: Path, rows: list[list[object]], sheet: str = "Hoja") -> Path:
    """An OpenDocument spreadsheet as LibreOffice writes it."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    empty = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    names = " ".join(f'xmlns:{name}="{address}"' for name, address in NAMES.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
        f"<table:table table:name={quoteattr(sheet)}>{body}{empty}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", content)
        parts.writestr("META-INF/manifest.xml", MANIFEST)
    return file


def _ods_cell(value: object) -> str:
    shown = f"<text:p>{escape(str(value))}</text:p>"
    if isinstance(value, Formula) and value.startswith("="):
        return f"<table:table-cell table:formula={quoteattr('of:' + value)}/>"
    if value in ERROR_CODES or isinstance(value, Formula):
        kind = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
        return f'<table:table-cell table:formula="of:=[.Z9]" {kind}>{shown}</table:table-cell>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}">{shown}</table:table-cell>'
    return f'<table:table-cell office:value-type="string">{shown}</table:table-cell>'
