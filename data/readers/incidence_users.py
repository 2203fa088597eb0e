"""A table of the users of programmes by sex and fifth of income, CSV or XLSX: `programme, sex, fifth, users, source`.

Every programme that the table names has all ten cells (women and men, fifths 1, the poorest, to 5): a cell that is left
out is not taken as 0. Knows no site.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from budget_model.errors import InputError, Problem
from data.readers.tabular import LINE, TextTable, capped, open_table, plain_name

SEXES = ("women", "men")
FIFTHS = 5
COLUMNS = {
    "programme": ("PROGRAMME", "PROGRAMA"),
    "sex": ("SEX", "SEXO", "GROUP", "GRUPO"),
    "fifth": ("FIFTH", "QUINTILE", "QUINTIL"),
    "users": ("USERS", "USUARIOS"),
    "source": ("SOURCE", "FUENTE"),
}
SEX_WORDS = {
    **dict.fromkeys(("WOMEN", "FEMALE", "MUJERES", "MUJER"), 0),
    **dict.fromkeys(("MEN", "MALE", "HOMBRES", "HOMBRE"), 1),
}
NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")
LONGEST_SOURCE = 500


@dataclass(frozen=True)
class ProgrammeUsers:
    """Users of one programme in a year."""

    users: tuple[tuple[float, ...], tuple[float, ...]]  # women, men; by fifth, poorest first
    source: str
    line: int  # of its first row


@dataclass
class _Rows:
    """What was read so far of one programme."""

    line: int
    source: str
    cells: dict[tuple[int, int], float]


def read_users(path: Path, name: str | None = None) -> dict[str, ProgrammeUsers]:
    """Programme code -> its users, in the order of the file.

    name : what the file is called in messages
    Raises InputError with every problem and its line.
    """
    table = open_table(path, is_header=_is_header)
    file = name or path.name
    places = _places(table, file)
    problems: list[Problem] = []
    found: dict[str, _Rows] = {}
    for block in table.blocks():
        for row in block.to_dicts():
            _take(row, places, Place(file, table.sheet, row[LINE]), found, problems)
    if not found and not problems:
        message = "The table has no row. Write one for each programme, sex and fifth."
        problems.append(Problem("users-empty", message, file=file, sheet=table.sheet))
    problems += list(_incomplete(found, file, table.sheet))
    if problems:
        raise InputError(capped(problems))
    return {code: _finished(rows) for code, rows in found.items()}


@dataclass(frozen=True)
class Place:
    """Where a row stands."""

    file: str
    sheet: str | None
    line: int

    def problem(self, rule: str, message: str, column: str, value: str) -> Problem:
        facts = {"value": value[:60], "column": column}
        place = {"file": self.file, "sheet": self.sheet, "line": self.line, "column": column}
        return Problem(rule, message, value=value[:60], facts=facts, **place)


def _is_header(cells: list[str]) -> bool:
    names = {plain_name(cell) for cell in cells}
    return sum(1 for known in COLUMNS.values() if names & set(known)) >= 3


def _places(table: TextTable, file: str) -> dict[str, str]:
    """Our name of each column -> the file's."""
    by_name = {plain_name(column): column for column in table.columns}
    places = {key: next((by_name[name] for name in names if name in by_name), None) for key, names in COLUMNS.items()}
    lacking = [key for key, column in places.items() if column is None]
    if lacking:
        message = (
            f"The table lacks the column {', '.join(lacking)}. Its columns are {', '.join(COLUMNS)}; "
            f"found {', '.join(table.columns)[:300]}."
        )
        facts = {"columns": ", ".join(lacking), "known": ", ".join(COLUMNS)}
        raise InputError(
            Problem("users-column", message, file=file, sheet=table.sheet, line=table.header_line, facts=facts)
        )
    return {key: column for key, column in places.items() if column is not None}


def _take(
    row: Mapping[str, str], places: Mapping[str, str], place: Place, found: dict[str, _Rows], problems: list[Problem]
) -> None:
    """One row into what was read, or its problems."""
    texts = {key: (row[column] or "").strip() for key, column in places.items()}
    wrong = list(_row_problems(texts, places, place))
    if wrong:
        problems.extend(wrong)
        return
    cell = SEX_WORDS[plain_name(texts["sex"])], int(texts["fifth"]) - 1
    rows = found.setdefault(texts["programme"], _Rows(place.line, texts["source"][:LONGEST_SOURCE], {}))
    if cell in rows.cells:
        message = f"Programme '{texts['programme']}' has this sex and fifth twice. Keep one of the rows."
        problems.append(place.problem("users-twice", message, places["fifth"], texts["fifth"]))
    rows.cells[cell] = float(texts["users"])


def _row_problems(texts: Mapping[str, str], places: Mapping[str, str], place: Place) -> Iterator[Problem]:
    if not texts["programme"]:
        message = "The code of the programme is missing. Write it as the programmes of the site have it."
        yield place.problem("users-programme", message, places["programme"], "")
    if plain_name(texts["sex"]) not in SEX_WORDS:
        message = f"'{texts['sex']}' is no sex here. Write women or men."
        yield place.problem("users-sex", message, places["sex"], texts["sex"])
    if texts["fifth"] not in {str(number + 1) for number in range(FIFTHS)}:
        message = f"'{texts['fifth']}' is no fifth. Write 1 (the poorest) to 5."
        yield place.problem("users-fifth", message, places["fifth"], texts["fifth"])
    if not NUMBER.fullmatch(texts["users"]):
        message = f"'{texts['users']}' is not a number of users. Write it plainly, 0 or more, such as 1250."
        yield place.problem("users-number", message, places["users"], texts["users"])
    if not texts["source"]:
        message = "The source is missing. Name the record or the study, or write 'assumption: …'."
        yield place.problem("users-source", message, places["source"], "")


def _incomplete(found: Mapping[str, _Rows], file: str, sheet: str | None) -> Iterator[Problem]:
    for code, rows in found.items():
        lacking = [
            f"{SEXES[sex]} {fifth + 1}"
            for sex in range(len(SEXES))
            for fifth in range(FIFTHS)
            if (sex, fifth) not in rows.cells
        ]
        facts = {"programme": code, "cells": ", ".join(lacking)}
        place = {"file": file, "sheet": sheet, "line": rows.line, "value": code, "facts": facts}
        if lacking:
            message = f"Programme '{code}' lacks {', '.join(lacking)}. Write all ten rows; what is not known is not 0."
            yield Problem("users-incomplete", message, **place)
        elif not math.fsum(rows.cells.values()) > 0:
            message = f"Programme '{code}' has no user at all. Leave it out of the table where nobody counts its users."
            yield Problem("users-nobody", message, **place)


def _finished(rows: _Rows) -> ProgrammeUsers:
    women, men = (tuple(rows.cells[sex, fifth] for fifth in range(FIFTHS)) for sex in range(len(SEXES)))
    return ProgrammeUsers((women, men), rows.source, rows.line)
