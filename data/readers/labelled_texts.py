"""A table of texts, some or all of them with a label that people gave them: CSV with a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from budget_model.errors import InputError, Problem
from data.readers.files import read_text


@dataclass(frozen=True)
class LabelledText:
    """A row. `label` "": nobody gave it one; `group`: what it shares with other rows, its own text without that."""

    line: int  # in the file, the header being line 1
    text: str
    label: str
    group: str


def read_labelled_texts(
    file: Path, text_columns: Sequence[str], label_column: str, group_column: str | None, needs_labels: bool
) -> list[LabelledText]:
    """The rows of a file, the texts of several columns put together.

    needs_labels : whether the column of labels must be there
    InputError : a column that is not there, with those that are; a file without rows.
    """
    reader = csv.DictReader(io.StringIO(read_text(file), newline=""))
    wanted = [*text_columns, *([label_column] if needs_labels else []), *([group_column] if group_column else [])]
    there = list(reader.fieldnames or ())
    problems = [_missing(file, name, there) for name in dict.fromkeys(wanted) if name not in there]
    if problems:
        raise InputError(problems)
    rows = []
    for row in reader:
        text = " ".join(filter(None, ((row[name] or "").strip() for name in text_columns)))
        group = (row[group_column] or "").strip() if group_column else ""
        rows.append(LabelledText(reader.line_num, text, (row.get(label_column) or "").strip(), group or text))
    if not rows:
        message = "The file has a header and no row: give it one row for each text."
        raise InputError(Problem("labelled_texts_empty", message, file=file.name))
    return rows


def _missing(file: Path, name: str, there: Sequence[str]) -> Problem:
    message = f"There is no column '{name}'. The header has: {', '.join(there) or 'nothing'}."
    return Problem("labelled_texts_column", message, file=file.name, line=1, column=name, value=name)
