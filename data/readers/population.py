"""The population of a municipality by sex as a small table `year,women,men`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from budget_model.errors import InputError, Problem
from budget_model.spending.population import Count
from data.readers.price_index import FIRST_YEAR, LAST_YEAR

HEADERS = (["year", "women", "men"], ["año", "mujeres", "hombres"], ["anio", "mujeres", "hombres"])
MOST_PERSONS = 100_000_000


def parse_population(text: str, file: str = "population") -> dict[int, Count]:
    """Women and men by year of a table with the columns year, women and men (`,` or `;`); whole persons.

    Raises InputError with every row that cannot be read.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    delimiter = ";" if lines and ";" in lines[0] else ","
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    if not rows or [cell.strip().lower() for cell in rows[0]] not in HEADERS:
        message = "The first line must be 'year,women,men'; then a line a year, e.g. '2025,201300,198700'."
        raise InputError(Problem("population_header", message, file=file, line=1))
    counts: dict[int, Count] = {}
    problems = list(_read(rows[1:], counts, file))
    if problems or not counts:
        empty = Problem("population_empty", "No year is stated. Add a line a year.", file=file, line=2)
        raise InputError(problems or empty)
    return counts


def _read(rows: list[list[str]], counts: dict[int, Count], file: str) -> Iterator[Problem]:
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        found = _count(cells)
        told = ", ".join(cells)[:60]
        if found is None:
            message = (
                f"A line holds a year, women and men as whole numbers, e.g. '2025,201300,198700'. Found: {told!r}."
            )
            yield Problem("population_row", message, file=file, line=number, value=told)
        elif found[0] in counts:
            message = f"The year {found[0]} stands twice. Keep one."
            yield Problem("population_twice", message, file=file, line=number, value=str(found[0]))
        else:
            counts[found[0]] = found[1]


def _count(cells: list[str]) -> tuple[int, Count] | None:
    """Year and persons; None where a cell is no whole number, or nobody lives there."""
    if len(cells) != len(HEADERS[0]) or not all(cell.isascii() and cell.isdecimal() for cell in cells):
        return None
    year, women, men = (int(cell) for cell in cells)
    is_sound = FIRST_YEAR <= year <= LAST_YEAR and 0 < women <= MOST_PERSONS and 0 < men <= MOST_PERSONS
    return (year, Count(women, men)) if is_sound else None
