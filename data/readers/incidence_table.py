"""A table of groups, poorest first, with what they have together: CSV `group,population,benefit`."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

from budget_model.errors import InputError, Problem
from data.readers.files import read_text

COLUMNS = ("group", "population", "benefit")


@dataclass(frozen=True)
class GroupsTable:
    """Rows in the order of the file."""

    names: tuple[str, ...]
    population: tuple[float, ...]
    benefit: tuple[float, ...]


def read_groups(file: Path) -> GroupsTable:
    """InputError with every problem and its line."""
    reader = csv.DictReader(io.StringIO(read_text(file), newline=""))
    header = [name.strip() for name in reader.fieldnames or []]
    if sorted(header) != sorted(COLUMNS):
        found = ", ".join(f"'{name}'" for name in header) or "nothing"
        message = f"The first line must be {','.join(COLUMNS)}; found {found}."
        raise InputError(Problem("wrong-header", message, file=str(file), line=1))
    problems: list[Problem] = []
    names: list[str] = []
    figures: dict[str, list[float]] = {"population": [], "benefit": []}
    for row in reader:
        names.append((row.get("group") or "").strip())
        for column, values in figures.items():
            values.append(_number(row.get(column), column, str(file), reader.line_num, problems))
    if problems:
        raise InputError(problems)
    return GroupsTable(tuple(names), tuple(figures["population"]), tuple(figures["benefit"]))


def _number(written: str | None, column: str, file: str, line: int, problems: list[Problem]) -> float:
    try:
        number = float(written or "")
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in (written or ""):
        message = f"'{written or ''}' is not a number. Write it plainly, such as 1234.5."
        problems.append(Problem("bad-number", message, file=file, line=line, column=column, value=written))
    return number
