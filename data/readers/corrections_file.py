"""A file of corrections (CSV): one answer a line, with the value that is there now and the one that should be.

Columns: `record` (person or household), `id`, `column`, `old`, `new`, `reason`. An empty `old` or `new` means no
answer. `column` `*` with `new` `remove` takes a whole record out. Knows nothing of the answers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from budget_model.errors import InputError, Problem
from budget_model.spelling import nearest
from data.readers.encodings import Decoder

HEADER = ("record", "id", "column", "old", "new", "reason")
RECORDS = ("person", "household")
WHOLE, REMOVE = "*", "remove"
MOST_LINES = 100_000
FIELD_LIMIT = 10_000  # characters of one cell


@dataclass(frozen=True)
class CorrectionLine:
    """One line of the file. Values are text; None is no answer."""

    line: int
    record: str
    record_id: int
    column: str
    old: str | None
    new: str | None
    reason: str

    @property
    def removes(self) -> bool:
        """Whether it takes the whole record out."""
        return self.column == WHOLE


def read_corrections(content: bytes, file: str) -> tuple[tuple[CorrectionLine, ...], list[Problem]]:
    """The lines of a file, and what is wrong with those that cannot be read as a correction.

    Raises InputError where no line can be read: no CSV, other columns, nothing below them.
    """
    rows = _rows(content, file)
    if not rows:
        raise InputError(_problem("corrections.empty", "The file is empty. {header}", file, 1, header=_header_hint()))
    header = [cell.strip().lower() for cell in rows[0][1]]
    problems = _header_problems(header, file)
    if problems:
        raise InputError(problems)
    lines: list[CorrectionLine] = []
    for number, cells in rows[1:]:
        found = _line(number, dict(zip(header, map(_plain, cells), strict=False)), file)
        if isinstance(found, CorrectionLine):
            lines.append(found)
        else:
            problems += found
    if not lines and not problems:
        raise InputError(_problem("corrections.empty", "The file has no corrections below its header.", file, 1))
    return tuple(lines), problems


def _rows(content: bytes, file: str) -> list[tuple[int, list[str]]]:
    """Line number and cells of every line that is not blank; lines that start with # are notes."""
    text = Decoder(file).decode(content.removeprefix(b"\xef\xbb\xbf"), 1)[0] or ""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith(("#", '"#'))), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    try:
        for cells in islice(reader, MOST_LINES + 2):
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        message = "This is not CSV from here on ({error}). Save the file again as CSV."
        raise InputError(_problem("corrections.csv", message, file, reader.line_num, error=str(error))) from None
    if len(rows) > MOST_LINES + 1:
        message = "The file has more than {most} corrections. Split it."
        raise InputError(_problem("corrections.many", message, file, MOST_LINES, most=f"{MOST_LINES:,}"))
    return rows


def _plain(cell: str) -> str:
    """The cell without the apostrophe that keeps a spreadsheet from running it as a formula."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:2] in tuple("=+-@") else text


def _header_hint() -> str:
    return f"The first line names the columns: {','.join(HEADER)}."


def _header_problems(header: Sequence[str], file: str) -> list[Problem]:
    """Columns that are missing, and columns that are not known with the nearest right one."""
    problems = []
    for name in (name for name in HEADER if name not in header):
        message = "The column '{name}' is missing. {hint}"
        problems.append(_problem("corrections.header", message, file, 1, name=name, hint=_header_hint()))
    for name in (name for name in header if name not in HEADER):
        near = nearest(name, HEADER)
        hint = f"Did you mean '{near}'?" if near else _header_hint()
        message = "The column '{name}' is not known. {hint}"
        problems.append(_problem("corrections.column", message, file, 1, name=name, hint=hint))
    return problems


def _line(number: int, cells: dict[str, str], file: str) -> CorrectionLine | list[Problem]:
    """A correction, or what is wrong with the line."""
    wrong = [
        _problem(f"corrections.{rule}", message, file, number, column=column, value=cells.get(column, ""))
        for is_wrong, rule, column, message in LINE_CHECKS
        if is_wrong(cells)
    ]
    if wrong:
        return wrong
    is_whole = cells["column"] == WHOLE
    old, new = (None, REMOVE) if is_whole else (cells["old"] or None, cells["new"] or None)
    return CorrectionLine(number, cells["record"], int(cells["id"]), cells["column"], old, new, cells["reason"])


def _has_wrong_id(cells: dict[str, str]) -> bool:
    text = cells.get("id", "")
    return not (text.isascii() and text.isdecimal() and len(text) <= 18)


def _removes_wrongly(cells: dict[str, str]) -> bool:
    return cells.get("column") == WHOLE and (cells.get("new") != REMOVE or bool(cells.get("old")))


def _changes_nothing(cells: dict[str, str]) -> bool:
    return cells.get("column") != WHOLE and cells.get("old") == cells.get("new")


LINE_CHECKS: tuple[tuple[Callable[[dict[str, str]], bool], str, str, str], ...] = (
    (
        lambda cells: len(cells) < len(HEADER),
        "short",
        "record",
        "The line has fewer cells than the header. Fill it up.",
    ),
    (
        lambda cells: cells.get("record") not in RECORDS,
        "record",
        "record",
        "The record is '{value}'. Write person or household.",
    ),
    (_has_wrong_id, "id", "id", "The id '{value}' is not a whole number."),
    (
        lambda cells: not cells.get("column"),
        "no_column",
        "column",
        "No column is named. Write which answer to correct, or * for the record.",
    ),
    (lambda cells: not cells.get("reason"), "reason", "reason", "The reason is missing. Say how it is known."),
    (
        lambda cells: any(len(cell) > FIELD_LIMIT for cell in cells.values()),
        "long",
        "reason",
        "A cell of this line is too long.",
    ),
    (
        _removes_wrongly,
        "remove",
        "new",
        "With column * only a removal is possible: leave old empty and write new = remove.",
    ),
    (
        _changes_nothing,
        "same",
        "new",
        "Old and new are the same ('{value}'). Remove the line or change one.",
    ),
)


def _problem(rule: str, message: str, file: str, line: int, **facts: str) -> Problem:
    column = facts.get("column")
    text = message.format(**facts)
    return Problem(
        rule, text, file=file, line=line, column=column, value=facts.get("value"), facts={"line": line, **facts}
    )
