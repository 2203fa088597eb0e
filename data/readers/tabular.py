"""Tables of text out of CSV (plain or gzip) and XLSX files, in blocks, each record with its line in the file.

Holds what all budget readers share: opening a file, finding its header, its encoding and its delimiter, and refusing
broken records with their exact line. Every cell is text here; what it means is the next reader's business. Nothing is
loaded whole except workbooks: a CSV passes through in blocks of a few megabytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from budget_model.errors import InputError, Problem
from budget_model.spelling import nearest
from data.readers.files import check_file

LINE = "__line__"
HEADER_SEARCH_LINES = 20
MOST_PROBLEMS = 20  # of one kind in one message; the rest is counted
PDF_MARK = b"%PDF-"
IsHeader = Callable[[Sequence[str]], bool]


class TextTable(Protocol):
    """What readers see of a file."""

    @property
    def file(self) -> str: ...

    @property
    def sheet(self) -> str | None: ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def header_line(self) -> int: ...

    @property
    def bytes_read(self) -> int | None:
        """How much of the file was read so far; None where it is loaded as a whole."""
        ...

    @property
    def notes(self) -> list[Problem]:
        """Warnings about how the blocks read so far were understood."""
        ...

    def blocks(self, wanted: Iterable[str] | None = None) -> Iterator[pl.DataFrame]:
        """Frames of String columns (stripped of outer blanks) and `LINE`; raises InputError for broken records."""
        ...


@dataclass(frozen=True)
class OpenOptions:
    """What the caller knows of a file; None leaves it to be found out."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def open_table(path: Path, is_header: IsHeader | None = None, options: OpenOptions | None = None) -> TextTable:
    """The table of a file. `is_header` recognises the header among the first lines; else the first line that says
    something (and does not start with `#`) is taken for it."""
    from data.readers.delimited import DelimitedTable
    from data.readers.workbook import WorkbookTable

    check_file(path)
    _refuse_pdf(path)
    options = options or OpenOptions()
    kind = WorkbookTable if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods") else DelimitedTable
    return kind.open(path, is_header, options)


def _refuse_pdf(path: Path) -> None:
    with path.open("rb") as stream:
        is_pdf = stream.read(len(PDF_MARK)) == PDF_MARK
    if is_pdf:
        message = (
            "This is a PDF, from which no table can be read. Get the same figures as CSV or XLSX from where it came."
        )
        raise InputError(Problem("file_is_pdf", message, file=path.name))


def header_position(rows: Sequence[Sequence[str]], is_header: IsHeader | None) -> int | None:
    """Index of the header among the first rows; None where no row says anything."""
    if is_header is not None:
        for index, row in enumerate(rows):
            if is_header(row):
                return index
    for index, row in enumerate(rows):
        if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#"):
            return index
    return None


def plain_name(name: str) -> str:
    """A column name without regard to case, accents, blanks and dashes: `Año Eje` and `ANO_EJE` are one name."""
    letters = unicodedata.normalize("NFKD", name.replace("\ufeff", "").strip())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return "_".join(kept.upper().replace("-", " ").replace("_", " ").split())


def unique_columns(cells: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns; a blank one is called by its place, a second one of a name gets its number."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.replace("\ufeff", "").strip() or f"(column {place})"
        again = sum(1 for earlier in names if earlier == name or earlier.startswith(f"{name} ("))
        names.append(f"{name} ({again + 1})" if again else name)
    return tuple(names)


def missing_column(table: TextTable, name: str, why: str = "") -> Problem:
    """The problem of a column that is looked for and not there."""
    near = nearest(name, table.columns)
    hint = f"The nearest one there is '{near}'." if near else f"There are: {', '.join(table.columns)[:400]}."
    message = f"There is no column '{name}'{why}. {hint} Correct the name in the mapping or in the file."
    place = {"file": table.file, "sheet": table.sheet, "line": table.header_line}
    return Problem("column_missing", message, column=name, **place)


def capped(problems: Sequence[Problem], total: int | None = None) -> tuple[Problem, ...]:
    """The first problems, and one that counts the rest."""
    total = len(problems) if total is None else total
    kept = tuple(problems[:MOST_PROBLEMS])
    if total <= len(kept):
        return kept
    more = f"There are {total - len(kept):,} more problems of this kind after these."
    return (*kept, Problem("more_problems", more, file=kept[-1].file if kept else None))
