"""Price indices: those of the catalogue by country, and a site's own as a small table `year,index`."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from budget_model.errors import InputError, Problem
from budget_model.spending.prices import PriceIndex, yearly_averages

FOLDER = Path(__file__).resolve().parent.parent / "catalogue"
FIRST_YEAR, LAST_YEAR = 1990, 2200
LARGEST = Decimal(10) ** 9


@functools.cache
def country_index(country: str) -> PriceIndex | None:
    """The catalogue's index of a country (ISO code); None where it has none."""
    file = FOLDER / f"price_index_{country.lower()}.yaml"
    if not country.isalpha() or not file.exists():
        return None
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    monthly = {
        int(year): [Decimal(str(change)) for change in months] for year, months in document["monthly_percent"].items()
    }
    return PriceIndex(yearly_averages(monthly), document["source"].strip())


def parse_price_index(text: str, file: str = "index") -> dict[int, Decimal]:
    """The values of a table with the columns year and index (`,` or `;`), e.g. the average of each year.

    Raises InputError with every row that cannot be read; a decimal comma needs `;` between the columns.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    delimiter = ";" if lines and ";" in lines[0] else ","
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    if not rows or [cell.strip().lower() for cell in rows[0]] not in (
        ["year", "index"],
        ["año", "índice"],
        ["anio", "indice"],
    ):
        message = "The first line must be 'year,index'; then a line a year, e.g. '2024,112.5'."
        raise InputError(Problem("index_header", message, file=file, line=1))
    values: dict[int, Decimal] = {}
    problems = list(_read(rows[1:], values, file, delimiter))
    if problems or not values:
        raise InputError(problems or Problem("index_empty", "No year is stated. Add a line a year.", file=file, line=2))
    return values


def _read(rows: list[list[str]], values: dict[int, Decimal], file: str, delimiter: str) -> Iterator[Problem]:
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        year = int(cells[0]) if cells[0].isdigit() else 0
        level = _level(cells[1] if len(cells) == 2 else "", delimiter)
        if not FIRST_YEAR <= year <= LAST_YEAR or level is None:
            message = f"A line holds a year and an index above 0, e.g. '2024,112.5'. Found: {', '.join(cells)[:60]!r}."
            yield Problem("index_row", message, file=file, line=number, value=", ".join(cells)[:60])
        elif year in values:
            yield Problem(
                "index_twice", f"The year {year} stands twice. Keep one.", file=file, line=number, value=str(year)
            )
        else:
            values[year] = level


def _level(text: str, delimiter: str) -> Decimal | None:
    plain = text.replace(",", ".") if delimiter == ";" else text
    try:
        level = Decimal(plain)
    except InvalidOperation:
        return None
    is_sound = level.is_finite() and 0 < level < LARGEST
    return level.quantize(Decimal("0.0001")) if is_sound else None
