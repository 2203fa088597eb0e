"""The table of a CSV file, plain or gzip, in blocks of whole records.

Each block is looked at byte by byte (NumPy) before Polars parses it: where records end, how many fields each has, and
whether the bytes are of the encoding. So a broken record is refused with its line, however long the file is.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import polars as pl

from budget_model.errors import InputError, Problem
from data.readers.encodings import Decoder
from data.readers.line_scan import Candidates, Mark, candidate_lines
from data.readers.tabular import (
    HEADER_SEARCH_LINES,
    LINE,
    IsHeader,
    OpenOptions,
    capped,
    header_position,
    unique_columns,
)

BLOCK_BYTES = 16 * 2**20
LONGEST_RECORD_BYTES = 64 * 2**20
SAMPLE_BYTES = 2**20
DELIMITERS = ",;|\t"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
QUOTE, NEWLINE, RETURN = ord('"'), ord("\n"), ord("\r")


@dataclass
class Position:
    """How far a file was read."""

    bytes: int = 0

    def note(self, stream: BinaryIO) -> None:
        on_disk = getattr(stream, "fileobj", None) or stream  # of a compressed file the one behind it
        self.bytes = on_disk.tell()


@dataclass(frozen=True)
class DelimitedTable:
    """A CSV file with its header found; the rest is still on the disk."""

    path: Path
    columns: tuple[str, ...]
    header_line: int
    skipped_bytes: int  # up to and with the header
    skipped_lines: int
    delimiter: str
    is_quoted: bool
    encoding: str | None
    sheet: None = None
    notes: list[Problem] = field(default_factory=list)
    position: Position = field(default_factory=Position)

    @property
    def file(self) -> str:
        return self.path.name

    @property
    def bytes_read(self) -> int:
        """How much of the file on the disk was read so far, of a compressed one as it lies there."""
        return self.position.bytes

    @classmethod
    def open(cls, path: Path, is_header: IsHeader | None, options: OpenOptions) -> DelimitedTable:
        """Find delimiter and header in the first megabyte."""
        with _open_bytes(path) as stream:
            sample = _read(stream, SAMPLE_BYTES, path.name)
        mark = len(BYTE_ORDER_MARK) if sample.startswith(BYTE_ORDER_MARK) else 0
        text, _ = Decoder(path.name, options.encoding).decode(_whole_lines(sample[mark:]), 1)
        if not text.strip():
            raise InputError(Problem("file_empty", "The file holds nothing but blanks. Get it again.", file=path.name))
        delimiter = options.delimiter or _likeliest_delimiter(text)
        is_quoted = delimiter != "|" or f'{delimiter}"' in text or text.startswith('"') or '\n"' in text
        rows, ends = _first_records(text, delimiter, is_quoted)
        place = header_position(rows, is_header)
        if place is None:
            raise InputError(Problem("file_empty", "The file holds no header.", file=path.name))
        lines = ends[place]
        header_bytes = sum(len(line) for line in sample[mark:].splitlines(keepends=True)[:lines]) + mark
        columns = unique_columns(rows[place])
        first = ends[place - 1] + 1 if place else 1
        return cls(path, columns, first, header_bytes, lines, delimiter, is_quoted, options.encoding)

    def blocks(self, wanted: Iterable[str] | None = None) -> Iterator[pl.DataFrame]:
        """Frames of the wanted columns and `LINE`, a few megabytes each."""
        names = list(self.columns) if wanted is None else [name for name in self.columns if name in set(wanted)]
        decoder = Decoder(self.file, self.encoding)
        with _open_bytes(self.path) as stream:
            _read(stream, self.skipped_bytes, self.file)
            for line, block in self._whole_records(stream):
                self.position.note(stream)
                yield self._parse(block, line, names, decoder)
        self._keep_note(decoder)

    def _keep_note(self, decoder: Decoder) -> None:
        note = decoder.note()
        if note is not None and note not in self.notes:
            self.notes.append(note)

    def lines_with(self, marks: Sequence[Mark], wanted: Iterable[str]) -> Iterator[tuple[int, pl.DataFrame]]:
        """As `blocks`, of the lines that hold one of the marks (and the last one); beside each, the lines so far.

        Quicker by far where few lines do. Raises LinesNotPlain where a candidate is not one whole record, because a
        text runs over several lines or the record is broken: `blocks` reads such a file, or says what is wrong.
        """
        names = [name for name in self.columns if name in set(wanted)]
        decoder = Decoder(self.file, self.encoding)
        with _open_bytes(self.path, buffering=0) as stream:
            _read(stream, self.skipped_bytes, self.file)
            for found in candidate_lines(_Guarded(stream, self.file), marks, self.skipped_lines + 1):
                self.position.note(stream)
                yield found.passed, self._parse_lines(found, names, decoder)
        self._keep_note(decoder)

    def _parse_lines(self, found: Candidates, names: Sequence[str], decoder: Decoder) -> pl.DataFrame:
        block = b"".join(found.lines)
        if not block:
            return self._parse_utf8(b"", 0, names).with_columns(pl.Series(LINE, [], dtype=pl.Int64))
        if not _Marks.of(block, self.delimiter, self.is_quoted).is_regular(len(self.columns)):
            raise LinesNotPlain
        try:
            text, utf8 = decoder.decode(block, found.numbers[0], as_utf8=True)
        except InputError:  # the line of the wrong byte is known only where all lines are read
            raise LinesNotPlain from None
        frame = self._parse_utf8(utf8 if text is None else text.encode(), found.numbers[0], names)
        if frame.height != len(found.lines):
            raise LinesNotPlain
        return self._numbered(frame, found.numbers)

    def _numbered(self, frame: pl.DataFrame, lines: Sequence[int] | np.ndarray) -> pl.DataFrame:
        """Cells without blanks around them, missing ones as empty texts, and each record with its line."""
        cleaned = frame.select(pl.all().str.strip_chars().fill_null(""))
        numbered = cleaned.with_columns(pl.Series(LINE, lines, dtype=pl.Int64))
        return numbered.filter(pl.any_horizontal(pl.col(name) != "" for name in frame.columns))

    def _whole_records(self, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
        """Blocks that end where a record ends, each with a newline at its end, and the line of its first record."""
        rest, line = b"", self.skipped_lines + 1
        while True:
            fresh = _read(stream, BLOCK_BYTES, self.file)
            block = rest + fresh
            end = len(block) if not fresh else _last_record_end(block, self.is_quoted)
            if (not fresh and self.is_quoted and block.count(b'"') % 2) or len(block) - end > LONGEST_RECORD_BYTES:
                raise InputError(self._open_quote(line))
            if end and not block[:end].isspace():
                yield line, block[:end] if block.endswith(b"\n") or fresh else block + b"\n"
            if not fresh:
                return
            rest, line = block[end:], line + block[:end].count(b"\n")

    def _open_quote(self, line: int) -> Problem:
        message = (
            "A quotation mark is opened at or after this line and never closed, so that no record ends. Close it, or "
            'double quotation marks that belong to a text (""). Where this is the last line, the file was probably cut '
            "off on its way: fetch it again."
        )
        return Problem("quote_open", message, file=self.file, line=line)

    def _parse(self, block: bytes, line: int, names: Sequence[str], decoder: Decoder) -> pl.DataFrame:
        marks = _Marks.of(block, self.delimiter, self.is_quoted)
        lines = np.arange(len(marks.ends))
        if not marks.is_regular(len(self.columns)):
            lines, fields, blank = marks.records(block)
            wrong = np.flatnonzero((fields != len(self.columns)) & ~blank)
            if len(wrong):
                raise InputError(self._wrong_fields(line, lines[wrong], fields[wrong], block))
            block, lines = marks.without(block, blank), lines[~blank]
        text, utf8 = decoder.decode(block, line, as_utf8=True)
        frame = self._parse_utf8(utf8 if text is None else text.encode(), line, names)
        if frame.height != len(lines):
            raise InputError(self._misread(line, "records run into one another"))
        return self._numbered(frame.select(names), lines + line)

    def _parse_utf8(self, block: bytes, line: int, names: Sequence[str]) -> pl.DataFrame:
        if not block:
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        try:
            return pl.read_csv(
                block,
                has_header=False,
                separator=self.delimiter,
                quote_char='"' if self.is_quoted else None,
                schema=dict.fromkeys(self.columns, pl.String),
                columns=sorted(self.columns.index(name) for name in names),
            )
        except pl.exceptions.PolarsError as broken:
            raise InputError(self._misread(line, str(broken).splitlines()[0])) from None

    def _misread(self, line: int, reason: str) -> Problem:
        message = (
            f"From here on the records cannot be told apart ({reason}). Look for a quotation mark inside a text: write "
            'it twice ("").'
        )
        return Problem("record_broken", message, file=self.file, line=line)

    def _wrong_fields(self, first: int, lines: np.ndarray, fields: np.ndarray, block: bytes) -> tuple[Problem, ...]:
        source = block.split(b"\n")
        problems = []
        for place, count in zip(lines[:20], fields[:20], strict=True):
            found = source[place].decode("utf-8", "replace").strip()[:60]
            begins = f"The record has {count:,} fields where the header has {len(self.columns):,}; it begins '{found}'."
            is_long = count > len(self.columns)
            rule = "field_surplus" if is_long else "field_count"
            problems.append(
                Problem(rule, f"{begins} {self._advice(is_long)}", file=self.file, line=int(first + place), value=found)
            )
        return capped(problems, len(lines))

    def _advice(self, is_long: bool) -> str:
        if is_long:
            return f"Take out the '{self.delimiter}' that is too many, or quote a text that holds one."
        return (
            f"Put the missing '{self.delimiter}' back. If it is the last record alone, the file was cut off on its "
            "way: get it again."
        )


class LinesNotPlain(Exception):  # noqa: N818 (a signal between readers, not an error that anybody is shown)
    """A line that was looked for is not one whole record, or not in the encoding of the file."""


@dataclass(frozen=True)
class _Guarded:
    """A stream whose broken end is told as a problem of the file."""

    stream: BinaryIO
    file: str

    def readinto(self, room: memoryview) -> int:
        with _unpacking(self.file):
            return self.stream.readinto(room)  # type: ignore[attr-defined]


def _open_bytes(path: Path, buffering: int = -1) -> BinaryIO:
    with path.open("rb") as stream:
        is_gzip = stream.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzip else path.open("rb", buffering=buffering)


def _read(stream: BinaryIO, size: int, file: str) -> bytes:
    with _unpacking(file):
        return stream.read(size)


@contextlib.contextmanager
def _unpacking(file: str) -> Iterator[None]:
    """Tell of a compressed file that is cut off as a problem of the file."""
    try:
        yield
    except (EOFError, OSError, zlib.error) as broken:
        message = f"The compressed file cannot be unpacked to its end ({broken}). It is cut off; get it again."
        raise InputError(Problem("gzip_broken", message, file=file)) from None


def _whole_lines(sample: bytes) -> bytes:
    """The sample up to its last line end, unless it is all one line: a character may be cut in two at the end."""
    end = sample.rfind(b"\n")
    return sample if end < 0 or len(sample) < SAMPLE_BYTES // 2 else sample[: end + 1]


def _likeliest_delimiter(text: str) -> str:
    """The delimiter that stands most often in the first line which holds any."""
    for line in text.splitlines()[:HEADER_SEARCH_LINES]:
        if not line.startswith("#") and any(mark in line for mark in DELIMITERS):
            return max(DELIMITERS, key=line.count)
    return ","


def _first_records(text: str, delimiter: str, is_quoted: bool) -> tuple[list[list[str]], list[int]]:
    """The first records, and the line on which each ends."""
    quoting = csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
    rows, ends = [], []
    for row in reader:
        rows.append(row or [""])
        ends.append(reader.line_num)
        if len(rows) == HEADER_SEARCH_LINES:
            break
    return rows, ends


def _last_record_end(block: bytes, is_quoted: bool) -> int:
    """Where the last whole record ends; 0 if none does."""
    end = block.rfind(b"\n") + 1
    if not is_quoted:
        return end
    is_open = block.count(b'"', 0, end) % 2
    while end and is_open:  # this newline stands inside of quotation marks: look at the one before
        before = block.rfind(b"\n", 0, end - 1) + 1
        is_open ^= block.count(b'"', before, end) % 2
        end = before
    return end


@dataclass(frozen=True)
class _Marks:
    """Where things stand in a block: all newlines; and outside of quotation marks, ends of records and delimiters."""

    newlines: np.ndarray
    ends: np.ndarray
    delimiters: np.ndarray

    @classmethod
    def of(cls, block: bytes, delimiter: str, is_quoted: bool) -> _Marks:
        """Look at every byte of a block of whole records."""
        content = np.frombuffer(block, dtype=np.uint8)
        newlines, delimiters = np.flatnonzero(content == NEWLINE), np.flatnonzero(content == ord(delimiter))
        quotes = np.flatnonzero(content == QUOTE) if is_quoted and b'"' in block else newlines[:0]
        ends = _outside(newlines, quotes)
        if not len(ends) or ends[-1] != len(block) - 1:
            ends = np.append(ends, len(block) - 1)
        return cls(newlines, ends, _outside(delimiters, quotes))

    def is_regular(self, columns: int) -> bool:
        """Whether each line is a record with all its fields, and none is blank."""
        if columns < 2 or len(self.ends) != len(self.newlines):
            return False
        if len(self.delimiters) != len(self.ends) * (columns - 1):
            return False
        grid = self.delimiters.reshape(len(self.ends), columns - 1)
        return bool((grid[:, -1] < self.ends).all() and (grid[1:, 0] > self.ends[:-1]).all())

    def records(self, block: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each record: lines before it in the block, its fields, whether it is blank."""
        content = np.frombuffer(block, dtype=np.uint8)
        fields = np.diff(np.searchsorted(self.delimiters, self.ends), prepend=0) + 1
        starts = self._starts()
        lengths = self.ends - starts
        blank = (lengths == 0) | ((lengths == 1) & (content[starts] == RETURN))
        return np.searchsorted(self.newlines, starts), fields, blank

    def without(self, block: bytes, blank: np.ndarray) -> bytes:
        """The block without its blank records."""
        if not blank.any():
            return block
        places = zip(self._starts()[~blank], self.ends[~blank], strict=True)
        return b"".join(block[start : end + 1] for start, end in places)

    def _starts(self) -> np.ndarray:
        return np.concatenate(([0], self.ends[:-1] + 1))


def _outside(positions: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    """Those of the positions that stand between no two quotation marks."""
    if not len(quotes):
        return positions
    size = len(positions) + 1
    opened = np.bincount(np.searchsorted(positions, quotes[::2]), minlength=size)
    closed = np.bincount(np.searchsorted(positions, quotes[1::2]), minlength=size)
    return positions[np.cumsum(opened - closed)[:-1] == 0]
