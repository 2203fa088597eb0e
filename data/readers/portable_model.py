"""The files of the portable model: the model itself (YAML), an allocation (CSV `programme,area,amount`), a plan.

A plan's file has a column `year` more (1 is the year that the model describes).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from budget_model.coverage.portable import parse_model
from budget_model.coverage.project import Horizon
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import InputError, Problem
from budget_model.spelling import did_you_mean
from data.readers.files import read_text
from data.readers.yaml_document import read_yaml

COLUMNS = ("programme", "area", "amount")
YEAR = "year"  # a column more in the file of a plan
OUTSIDE = -1  # a year that the plan does not have; reported, so no amount is ever put there


def read_portable_model(file: Path) -> BudgetModel:
    """The model of a YAML file; every problem comes with its line.

    Raises
    ------
    InputError : the file is not YAML, or the model in it is refused.
    """
    document, lines = read_yaml(file)
    return parse_model(document, str(file), lines)


def read_allocation(file: Path, model: BudgetModel) -> Array:
    """An allocation (P, A) in currency / year; what the file does not name stays at its baseline.

    Raises
    ------
    InputError : wrong header, unknown programme or area, a line named twice, an amount that is no plain number or is
        negative; all of them at once, with their lines.
    """
    return _read_amounts(file, model, model.baseline[None], has_years=False)[0]


def read_plan(file: Path, horizon: Horizon) -> Array:
    """A plan (T, P, A) in currency of each year; what the file does not name stays at that year's baseline.

    A file without the column `year` holds for every year.

    Raises
    ------
    InputError : as `read_allocation`; also a year outside the horizon.
    """
    return _read_amounts(file, horizon.model, horizon.baseline, has_years=True)


def _read_amounts(file: Path, model: BudgetModel, baseline: Array, has_years: bool) -> Array:
    problems: list[Problem] = []
    amounts = baseline.copy()
    first_line: dict[tuple[int | None, int, int], int] = {}
    for line, row in _rows(read_text(file), str(file), problems, has_years):
        place = _place(row, model, str(file), line, problems)
        amount = _amount(row["amount"], str(file), line, problems)
        year = _year(row, len(baseline), str(file), line, problems)
        if place is None or amount is None or year == OUTSIDE:
            continue
        earlier = first_line.setdefault((year, *place), line)
        if earlier != line:
            message = f"'{row['programme']}' in '{row['area']}' stands on line {earlier} already. Keep one."
            problems.append(Problem("duplicate-row", message, file=str(file), line=line, value=row["programme"]))
        amounts[slice(None) if year is None else year, *place] = amount
    if problems:
        raise InputError(problems)
    return amounts


def _year(row: dict[str, str], n_years: int, file: str, line: int, problems: list[Problem]) -> int | None:
    """Position of the year that a row names; None where the file has no years."""
    if YEAR not in row:
        return None
    written = row[YEAR]
    if written.isascii() and written.isdigit() and 1 <= int(written) <= n_years:
        return int(written) - 1
    message = (
        f"The year '{written}' is not one of this plan's: it has the years 1 to {n_years}, 1 being the year that the "
        "model describes. Ask for a longer plan (--years), or take the row away."
    )
    problems.append(Problem("unknown-year", message, file=file, line=line, column=YEAR, value=written))
    return OUTSIDE


def _rows(text: str, file: str, problems: list[Problem], may_have_years: bool) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows as dicts with the line on which they end; nothing where the header is wrong."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        yield from _records(reader, file, problems, may_have_years)
    except csv.Error as error:
        message = f"This is not CSV from here on ({error}). Look for a quotation mark that is never closed."
        problems.append(Problem("broken-row", message, file=file, line=reader.line_num))


def _records(
    reader: Any, file: str, problems: list[Problem], may_have_years: bool
) -> Iterator[tuple[int, dict[str, str]]]:
    header = [name.strip() for name in next(reader, [])]
    if sorted(header) not in [sorted(COLUMNS), *([sorted((*COLUMNS, YEAR))] if may_have_years else [])]:
        problems.append(_header_problem(header, file))
        return
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            message = f"Found {len(cells)} values, not {len(header)}. Numbers take a point, no thousands separator."
            problems.append(Problem("broken-row", message, file=file, line=reader.line_num))
            continue
        yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))


def _header_problem(header: list[str], file: str) -> Problem:
    found = ", ".join(f"'{name}'" for name in header) or "nothing"
    message = f"The first line must be {','.join(COLUMNS)} (a plan of several years also has year); found {found}."
    if len(header) == 1 and ";" in header[0]:
        message += " Save the file with commas between the columns, not semicolons."
    return Problem("wrong-header", message, file=file, line=1)


def _place(
    row: dict[str, str], model: BudgetModel, file: str, line: int, problems: list[Problem]
) -> tuple[int, int] | None:
    """Positions of the programme and the area that a row names."""
    place = []
    for column, names in (("programme", model.programmes), ("area", model.areas)):
        name = row[column]
        if name in names:
            place.append(names.index(name))
        else:
            message = f"There is no {column} '{name}' in the model.{did_you_mean(name, names)}"
            problems.append(Problem(f"unknown-{column}", message, file=file, line=line, column=column, value=name))
    return (place[0], place[1]) if len(place) == 2 else None


def _amount(written: str, file: str, line: int, problems: list[Problem]) -> float | None:
    try:
        amount = float(written)
    except ValueError:
        amount = math.nan
    if "_" in written or not math.isfinite(amount):
        message = f"'{written}' is not a number. Write it plainly, such as 120000.50."
        problems.append(Problem("bad-number", message, file=file, line=line, column="amount", value=written))
        return None
    if amount < 0:
        message = f"The amount {written} is negative. Give 0 or more."
        problems.append(Problem("negative-amount", message, file=file, line=line, column="amount", value=written))
        return None
    return amount
