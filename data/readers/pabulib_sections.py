"""A file in the format of Pabulib as sections of records with their lines, before anything is made of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from budget_model.errors import InputError, Problem

SECTIONS = ("META", "PROJECTS", "VOTES")
MOST_BYTES = 200 * 2**20
MOST_PROBLEMS = 200
LONGEST_FIELD = 131_072


@dataclass(frozen=True)
class Record:
    """One record of a section with the line that it stands on."""

    line: int
    fields: tuple[str, ...]


@dataclass
class Section:
    """Header and records of META, PROJECTS or VOTES."""

    name: str
    line: int
    columns: tuple[str, ...] = ()
    records: list[Record] = field(default_factory=list)

    def cells(self, record: Record) -> dict[str, str]:
        return dict(zip(self.columns, record.fields, strict=False))


class PabulibProblems:
    """Collects what is wrong in a file; too many end the reading."""

    def __init__(self, file: str):
        self.file = file
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def error(
        self, rule: str, message: str, line: int | None = None, column: str | None = None, value: str | None = None
    ) -> None:
        shown = value if value is None or len(value) <= 80 else value[:79] + "…"
        self.errors.append(Problem(rule, message, file=self.file, line=line, column=column, value=shown))
        if len(self.errors) >= MOST_PROBLEMS:
            self.stop()

    def warn(self, rule: str, message: str, line: int | None = None, column: str | None = None) -> None:
        self.warnings.append(Problem(rule, message, "warning", file=self.file, line=line, column=column))

    def stop(self) -> NoReturn:
        raise InputError(self.errors)


def text_of(content: bytes, problems: PabulibProblems) -> str:
    if len(content) > MOST_BYTES:
        message = f"The file is larger than {MOST_BYTES // 2**20} MiB. Split the vote by zone."
        problems.error("file_too_large", message, content[:MOST_BYTES].count(b"\n") + 1)
        problems.stop()
    if not content.strip():
        problems.error("file_empty", "The file is empty. Export the vote again.", 1)
        problems.stop()
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        message = "The file holds a byte 0, so it is no text. A .pb file is plain text in UTF-8; export the vote again."
        problems.error("file_no_text", message, line)
        problems.stop()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        message = f"The byte 0x{content[wrong.start]:02x} is not UTF-8. Save the file as UTF-8 and read it again."
        problems.error("encoding_wrong", message, line)
        problems.stop()


def sections_of(text: str, problems: PabulibProblems) -> dict[str, Section]:
    sections: dict[str, Section] = {}
    current: Section | None = None
    for record in _records(text, problems):
        name = record.fields[0].strip().upper()
        if len(record.fields) == 1 and name in SECTIONS:
            if name in sections:
                problems.error("section_twice", f"The section {name} stands twice. Keep one.", record.line)
            current = sections[name] = Section(name, record.line)
        elif current is None:
            message = f"The file must begin with META, but '{record.fields[0][:40]}' was found."
            problems.error("section_missing", message, record.line)
            problems.stop()
        elif not current.columns:
            current.columns = tuple(column.strip() for column in record.fields)
            _check_header(current, record.line, problems)
        else:
            _check_width(current, record, problems)
            current.records.append(record)
    is_broken = any(one.rule == "record_broken" for one in problems.errors)  # what follows was not read
    for name in SECTIONS:
        if name not in sections and not is_broken:
            message = f"The section {name} is missing. A .pb file has META, PROJECTS and VOTES, in this order."
            problems.error("section_missing", message, max(1, len(text.splitlines())))
    return sections


def _records(text: str, problems: PabulibProblems) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    line = 1
    try:
        for fields in reader:
            if any(value.strip() for value in fields):
                yield Record(line, tuple(fields))
            line = reader.line_num + 1
    except csv.Error as wrong:
        if "field limit" in str(wrong):
            message = f"A field of the line is longer than {LONGEST_FIELD:,} letters. Shorten the text."
            problems.error("record_broken", message, line)
            return
        message = f"The line cannot be read ({wrong}): a quotation mark is not closed, or stands inside a field."
        problems.error("record_broken", message, line)


def _check_header(section: Section, line: int, problems: PabulibProblems) -> None:
    wanted = {"META": ("key", "value"), "PROJECTS": ("project_id", "cost"), "VOTES": ("voter_id", "vote")}[section.name]
    for column in wanted:
        if column not in section.columns:
            message = f"The section {section.name} has no column '{column}'; it has {', '.join(section.columns)[:120]}."
            problems.error("column_missing", message, line, column)
    for column in {name for name in section.columns if section.columns.count(name) > 1}:
        problems.error("column_twice", f"The column '{column}' stands twice in {section.name}.", line, column)


def _check_width(section: Section, record: Record, problems: PabulibProblems) -> None:
    found, wanted = len(record.fields), len(section.columns)
    if found != wanted:
        hint = " A semicolon inside a text needs quotation marks around the text." if found > wanted else ""
        message = f"The record has {found} fields where the header of {section.name} has {wanted}.{hint}"
        problems.error("record_width", message, record.line)
