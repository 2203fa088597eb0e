"""Inhabitants of districts: a plain table, or the district table of Peru with area and density.

Plain table: `code, year, persons` and, where the source tells them apart, `women, men`. The district table of Peru
(columns `inei, superficie, pob_densidad_2020`) states persons a square kilometre and square kilometres: their product
is a whole number of persons, and what is none is refused. Districts without a figure (`NA`, `S.I.`) stay unknown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from budget_model.errors import InputError, Problem
from data.readers.files import read_text
from data.readers.tabular import capped

PLAIN = ("code", "year", "persons")
BY_SEX = ("women", "men")
CODE, AREA, DENSITY = "inei", "superficie", "pob_densidad_2020"  # of the district table of Peru
DENSITY_YEAR = 2020
UNKNOWN = {"", "NA", "S.I."}
WHOLE = Decimal("0.001")  # how far a product may be from a whole number of persons
MOST_PERSONS = 100_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True)
class Inhabitants:
    """Persons of a district in a year; women and men are None where the source does not tell them apart."""

    code: str
    year: int
    persons: int
    women: int | None = None
    men: int | None = None


def read_district_population(path: Path) -> tuple[Inhabitants, ...]:
    """Inhabitants by district; InputError with every row that cannot be read."""
    return parse_district_population(read_text(path), path.name)


def parse_district_population(text: str, file: str) -> tuple[Inhabitants, ...]:
    """As `read_district_population`, of the text of a file."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    header = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    if set(PLAIN) <= set(header):
        found = [_plain(row, reader.line_num, file) for row in reader]
    elif {CODE, AREA, DENSITY} <= set(header):
        found = [_by_density(row, reader.line_num, file) for row in reader]
    else:
        message = (
            f"The header is '{', '.join(header)[:200]}'. Expected 'code,year,persons' (and 'women,men' where they are "
            f"told apart), or the district table with '{CODE}', '{AREA}' and '{DENSITY}'."
        )
        raise InputError(Problem("population_header", message, file=file, line=1))
    problems = [one for one in found if isinstance(one, Problem)]
    kept = [one for one in found if isinstance(one, Inhabitants)]
    problems += _repeated(kept, file)
    if problems:
        raise InputError(capped(problems))
    return tuple(kept)


def _plain(row: Mapping[str, str | None], line: int, file: str) -> Inhabitants | Problem | None:
    values = {name: (row.get(name) or "").strip() for name in (*PLAIN, *BY_SEX)}
    for name in ("year", "persons", *(name for name in BY_SEX if values[name])):
        if not (values[name].isascii() and values[name].isdigit()):
            message = f"'{values[name][:40]}' is not a whole number. Write digits alone, without separators."
            return Problem("population_number", message, file=file, line=line, column=name, value=values[name][:40])
    if not values["code"]:
        return Problem("population_code", "The code of the district is missing.", file=file, line=line, column="code")
    women, men = (int(values[name]) if values[name] else None for name in BY_SEX)
    one = Inhabitants(values["code"], int(values["year"]), int(values["persons"]), women, men)
    return _unsound(one, line, file) or one


def _unsound(one: Inhabitants, line: int, file: str) -> Problem | None:
    if not FIRST_YEAR <= one.year <= LAST_YEAR:
        message = f"The year is {one.year}. Write one from {FIRST_YEAR} to {LAST_YEAR}."
        return Problem("population_year", message, file=file, line=line, column="year", value=str(one.year))
    if one.persons > MOST_PERSONS:
        message = f"{one.persons:,} inhabitants of one district cannot be. Write at most {MOST_PERSONS:,}."
        return Problem("population_number", message, file=file, line=line, column="persons", value=str(one.persons))
    if one.women is not None and one.men is not None and one.women + one.men != one.persons:
        message = f"{one.women:,} women and {one.men:,} men are not {one.persons:,} persons. Correct the row."
        return Problem("population_sum", message, file=file, line=line, column="persons", value=str(one.persons))
    return None


def _by_density(row: Mapping[str, str | None], line: int, file: str) -> Inhabitants | Problem | None:
    code, area, density = ((row.get(name) or "").strip() for name in (CODE, AREA, DENSITY))
    if {code, area, density} & UNKNOWN:
        return None
    try:
        persons = Decimal(area) * Decimal(density)
        is_whole = abs(persons - persons.to_integral_value()) <= WHOLE and 0 <= persons <= MOST_PERSONS
    except InvalidOperation:
        is_whole = False
    if not is_whole:
        message = f"'{area}' square kilometres times '{density}' persons each is no whole number of persons."
        return Problem("population_density", message, file=file, line=line, column=DENSITY, value=density[:40])
    return Inhabitants(code, DENSITY_YEAR, int(persons.to_integral_value()))


def _repeated(found: Sequence[Inhabitants], file: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for one in found:
        if one.code in seen:
            message = f"District '{one.code}' stands twice. Keep one year of each district."
            yield Problem("population_repeated", message, file=file, column="code", value=one.code)
        seen.add(one.code)
