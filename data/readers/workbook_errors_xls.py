"""Error cells of an XLS file (Excel 97 to 2003, and 95), found in its records.

An XLS file is a file system in small ("compound file", MS-CFB) whose stream `Workbook` holds records (MS-XLS). Only
what leads to error cells is read here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
LAST_SECTOR = 0xFFFFFFFA  # larger numbers mark ends of chains and free sectors
BOF, EOF, BOUNDSHEET, FORMULA, BOOLERR = 0x0809, 0x000A, 0x0085, 0x0006, 0x0205
BIFF8 = 0x0600
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
Cells = dict[tuple[int, int], str]


def errors_of_xls(content: bytes) -> dict[str, Cells]:
    """Texts of error cells by sheet, by (row, column) from 0. Nothing where the bytes are no such file."""
    if not content.startswith(SIGNATURE):
        return {}
    try:
        streams = _Compound.of(content)
        book = streams.read("Workbook") or streams.read("Book")
        return {name: _errors_from(book, start) for name, start in _sheets(book)}
    except (struct.error, IndexError):  # cut off or damaged: the library that reads the sheets says so
        return {}


@dataclass(frozen=True)
class _Compound:
    """The streams of a compound file."""

    content: bytes
    sector_bits: int
    fat: tuple[int, ...]
    entries: dict[str, tuple[int, int]]  # name of a stream -> first sector, bytes
    mini: bytes  # the stream that small streams lie in
    mini_bits: int
    mini_fat: tuple[int, ...]
    mini_below: int  # bytes; smaller streams lie in `mini`

    @classmethod
    def of(cls, content: bytes) -> _Compound:
        bits, mini_bits = struct.unpack_from("<HH", content, 30)
        directory, _, mini_below, mini_start, _, more, _ = struct.unpack_from("<IIIIIII", content, 48)
        numbers = list(struct.unpack_from("<109I", content, 76))
        while more < LAST_SECTOR and len(numbers) <= len(content) >> bits:
            block = _words(_sector(content, bits, more))
            numbers, more = numbers + list(block[:-1]), block[-1]
        fat = tuple(word for n in numbers if n < LAST_SECTOR for word in _words(_sector(content, bits, n)))
        listing = b"".join(_sector(content, bits, n) for n in _chain(fat, directory))
        entries = dict(_entries(listing))
        root = entries.get("Root Entry", (LAST_SECTOR, 0))
        mini = b"".join(_sector(content, bits, n) for n in _chain(fat, root[0]))
        mini_fat = tuple(word for n in _chain(fat, mini_start) for word in _words(_sector(content, bits, n)))
        return cls(content, bits, fat, entries, mini, mini_bits, mini_fat, mini_below)

    def read(self, name: str) -> bytes:
        """The bytes of a stream; empty where there is none."""
        start, size = self.entries.get(name, (LAST_SECTOR, 0))
        if size < self.mini_below:
            step = 1 << self.mini_bits
            parts = (self.mini[n * step : (n + 1) * step] for n in _chain(self.mini_fat, start))
        else:
            parts = (_sector(self.content, self.sector_bits, n) for n in _chain(self.fat, start))
        return b"".join(parts)[:size]


def _sector(content: bytes, bits: int, number: int) -> bytes:
    return content[(number + 1) << bits : (number + 2) << bits]


def _words(block: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4])


def _chain(fat: tuple[int, ...], start: int) -> Iterator[int]:
    """Numbers of sectors that follow each other; a chain that bites its tail ends."""
    number, left = start, len(fat)
    while number < LAST_SECTOR and left > 0:
        yield number
        number, left = fat[number], left - 1


def _entries(listing: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
    for at in range(0, len(listing) - 127, 128):
        length, kind = struct.unpack_from("<HB", listing, at + 64)
        start, size = struct.unpack_from("<II", listing, at + 116)
        if kind in (2, 5) and 2 <= length <= 64:
            yield listing[at : at + length - 2].decode("utf-16-le", "replace"), (start, size)


def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    at = start
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def _sheets(book: bytes) -> Iterator[tuple[str, int]]:
    """Name of each sheet and where its records begin."""
    is_biff8 = True
    for kind, data in _records(book, 0):
        if kind == BOF:
            is_biff8 = struct.unpack_from("<H", data)[0] == BIFF8
        elif kind == BOUNDSHEET:
            letters, is_wide = data[6], is_biff8 and data[7] & 1
            name = data[8 if is_biff8 else 7 :][: letters * 2 if is_wide else letters]
            yield name.decode("utf-16-le" if is_wide else "latin-1", "replace"), struct.unpack_from("<I", data)[0]
        elif kind == EOF:
            return


def _errors_from(book: bytes, start: int) -> Cells:
    """Error cells of the sheet whose records begin there; charts within it have records of their own."""
    cells: Cells = {}
    depth = 0
    for kind, data in _records(book, start):
        depth += (kind == BOF) - (kind == EOF)
        if depth == 0:
            break
        code = _error_code(kind, data)
        if code is not None and depth == 1:
            row, column = struct.unpack_from("<HH", data)
            cells[row, column] = ERRORS.get(code, "#ERROR")
    return cells


def _error_code(kind: int, data: bytes) -> int | None:
    """The error that stands in a cell, or that its formula gave."""
    if kind == BOOLERR and data[7]:
        return data[6]
    if kind == FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
        return data[8]
    return None
