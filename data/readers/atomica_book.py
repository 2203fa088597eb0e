"""An Atomica program book (XLSX): programmes with spending, unit cost, capacity and saturation by year, and outcomes.

Three sheets: *Program targeting* (a row a programme, populations that it is for), *Spending data* (a block a programme
with years in its head) and *Program effects* (a block a parameter, a row a population, a column a programme). The file
keeps its own words here; what they become in a site is the next step's matter.

Source: atomicateam/atomica, docs/general/programs; `atomica/programs.py`, `ProgramSet.from_spreadsheet`.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import numpy as np
import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from budget_model.errors import CatalogueError, Problem

TARGETING, SPENDING, EFFECTS = "Program targeting", "Spending data", "Program effects"
SHEETS = (TARGETING, SPENDING, EFFECTS)
SPEND, UNIT_COST, CAPACITY, SATURATION = "Annual spend", "Unit cost", "Capacity constraint", "Saturation"
SERIES = (SPEND, UNIT_COST, CAPACITY, SATURATION)
OLD_NAMES = {"Total spend": SPEND, "Capacity": CAPACITY}
FIRST_POPULATION = 2  # column of the first population in the sheet of targets, from 0
FIRST_OUTCOME = 6  # column of the first programme in the sheet of effects
REFERENCE = re.compile(r"='?([^'!]+)'?!\$?([A-Z]{1,3})\$?(\d{1,6})")
BROKEN = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError)


@dataclass(frozen=True)
class Series:
    """Figures by year, or one figure for all years; `line` is the row of the sheet."""

    line: int
    years: Mapping[int, float]
    assumption: float | None = None
    has_uncertainty: bool = False

    @property
    def is_stated(self) -> bool:
        return bool(self.years) or self.assumption is not None

    def at(self, year: int) -> float | None:
        """The figure of a year: between two years in a straight line, before the first and after the last as there."""
        if not self.years:
            return self.assumption
        known = sorted(self.years)
        return float(np.interp(year, known, [self.years[one] for one in known]))


@dataclass(frozen=True)
class BookProgramme:
    """A programme of the book."""

    abbreviation: str
    name: str
    populations: tuple[str, ...]  # those that it is for
    line: int
    series: Mapping[str, Series] = field(default_factory=dict)


@dataclass(frozen=True)
class BookEffect:
    """A parameter in one population: its value without programmes, and where each programme alone would bring it."""

    parameter: str
    population: str
    line: int
    baseline: float | None
    interaction: str  # Additive, Random or Nested; empty where none is stated
    impact: str
    outcomes: Mapping[str, float]  # abbreviation -> value in those whom the programme covers


@dataclass(frozen=True)
class ProgramBook:
    """What a program book says."""

    file: str
    populations: tuple[str, ...]
    programmes: tuple[BookProgramme, ...]
    effects: tuple[BookEffect, ...]

    @property
    def last_year(self) -> int | None:
        """The last year with a spending of any programme."""
        years = [year for one in self.programmes for year in one.series[SPEND].years]
        return max(years, default=None)


def is_program_book(content: bytes) -> bool:
    """Whether a file is a workbook with the three sheets of a program book."""
    try:
        names = openpyxl.load_workbook(BytesIO(content), read_only=True).sheetnames
    except BROKEN:
        return False
    return set(SHEETS) <= set(names)


def read_program_book(content: bytes, file: str) -> ProgramBook:
    """CatalogueError with every problem in its sheet, row and column."""
    sheets = _Sheets.of(content, file)
    problems: list[Problem] = []
    populations, programmes = _targets(sheets, problems)
    names = {one.abbreviation: one.abbreviation for one in programmes} | {
        one.name: one.abbreviation for one in programmes
    }
    blocks = dict(_spending_blocks(sheets, names, problems))
    complete = tuple(_with_series(one, blocks, file, problems) for one in programmes)
    effects = tuple(_effects(sheets, names, problems))
    if problems:
        raise CatalogueError(problems)
    return ProgramBook(file, populations, complete, effects)


# ---- cells -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sheets:
    """The cells of the three sheets: values as last computed, and formulas that only point to another cell resolved."""

    file: str
    values: Mapping[str, Any]
    formulas: Mapping[str, Any]

    @classmethod
    def of(cls, content: bytes, file: str) -> _Sheets:
        try:
            books = [openpyxl.load_workbook(BytesIO(content), data_only=only) for only in (True, False)]
        except BROKEN:
            message = (
                "The workbook cannot be opened: it is damaged or no XLSX at all. Open and save it in a spreadsheet."
            )
            raise CatalogueError(Problem("atomica-broken", message, file=file)) from None
        lacking = [name for name in SHEETS if name not in books[0].sheetnames]
        if lacking:
            message = f"A program book has the sheets {', '.join(SHEETS)}; this one lacks {', '.join(lacking)}."
            raise CatalogueError(Problem("atomica-sheet", message, file=file, facts={"sheets": ", ".join(lacking)}))
        return cls(file, *({name: book[name] for name in SHEETS} for book in books))

    def rows(self, sheet: str) -> int:
        return int(self.values[sheet].max_row)

    def columns(self, sheet: str) -> int:
        return int(self.values[sheet].max_column)

    def cell(self, sheet: str, line: int, column: int) -> Any:
        """The value at a row (from 1) and a column (from 0)."""
        found = self.values[sheet].cell(line, column + 1).value
        if found is not None:
            return found
        formula = self.formulas[sheet].cell(line, column + 1).value
        pointer = REFERENCE.fullmatch(formula) if isinstance(formula, str) else None
        if pointer is None or pointer[1] not in self.values:
            return formula  # a formula whose value was never computed: no number, and told as such
        return self.values[pointer[1]][f"{pointer[2]}{pointer[3]}"].value

    def text(self, sheet: str, line: int, column: int) -> str:
        found = self.cell(sheet, line, column)
        return "" if found is None else str(found).strip()

    def problem(self, rule: str, message: str, place: tuple[str, int, int], **facts: Any) -> Problem:
        sheet, line, column = place
        letter = get_column_letter(column + 1)
        return Problem(rule, message, file=self.file, sheet=sheet, line=line, column=letter, facts=facts)

    def number(self, place: tuple[str, int, int], problems: list[Problem], most: float = math.inf) -> float | None:
        """A number of 0 or more; None where the cell is empty, and a problem where it is anything else."""
        found = self.cell(*place)
        if found is None or found == "":
            return None
        is_number = isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)
        if not is_number or not 0 <= found <= most:
            limit = "" if most == math.inf else f" to {most:g}"
            message = f"'{str(found)[:60]}' is no number of 0{limit or ' or more'}. Correct the cell."
            problems.append(self.problem("atomica-number", message, place, value=str(found)[:60]))
            return None
        return float(found)


# ---- the three sheets ------------------------------------------------------------------------------------------------


def _targets(sheets: _Sheets, problems: list[Problem]) -> tuple[tuple[str, ...], list[BookProgramme]]:
    """Populations (up to the first empty column of the second row) and programmes."""
    populations: list[str] = []
    for column in range(FIRST_POPULATION, sheets.columns(TARGETING)):
        name = sheets.text(TARGETING, 2, column)
        if not name:
            break
        populations.append(name)
    programmes: list[BookProgramme] = []
    for line in range(3, sheets.rows(TARGETING) + 1):
        abbreviation = sheets.text(TARGETING, line, 0)
        if not abbreviation:
            continue
        if any(one.abbreviation == abbreviation for one in programmes):
            message = f"The programme '{abbreviation}' stands twice. Give each its own abbreviation."
            problems.append(sheets.problem("atomica-twice", message, (TARGETING, line, 0), programme=abbreviation))
            continue
        own = [
            name
            for place, name in enumerate(populations)
            if sheets.text(TARGETING, line, FIRST_POPULATION + place).upper() == "Y"
        ]
        name = sheets.text(TARGETING, line, 1) or abbreviation
        programmes.append(BookProgramme(abbreviation, name, tuple(own), line))
    if not programmes:
        message = "The sheet names no programme. Write one a row from the third row on."
        problems.append(sheets.problem("atomica-empty", message, (TARGETING, 3, 0)))
    return tuple(populations), programmes


def _spending_blocks(
    sheets: _Sheets, names: Mapping[str, str], problems: list[Problem]
) -> Iterator[tuple[str, dict[str, Series]]]:
    """Abbreviation -> series: a block begins with the programme's name beside the word Units."""
    line, last = 1, sheets.rows(SPENDING)
    while line <= last:
        name = sheets.text(SPENDING, line, 0)
        if not name or sheets.text(SPENDING, line, 1) != "Units":
            line += 1
            continue
        if name not in names:
            message = f"The sheet '{TARGETING}' has no programme '{name}'. Correct the name in one of the two."
            problems.append(sheets.problem("atomica-programme", message, (SPENDING, line, 0), programme=name))
        years = _years(sheets, line)
        found: dict[str, Series] = {}
        line += 1
        while line <= last and sheets.text(SPENDING, line, 0) and sheets.text(SPENDING, line, 1) != "Units":
            label = sheets.text(SPENDING, line, 0)
            key = OLD_NAMES.get(label, label)
            if key in SERIES:
                found[key] = _series(sheets, line, years, key, problems)
            line += 1
        if name in names:
            yield names[name], found


def _years(sheets: _Sheets, line: int) -> dict[int, int]:
    """Column -> year, of the head of a block."""
    found = {column: sheets.cell(SPENDING, line, column) for column in range(4, sheets.columns(SPENDING))}
    return {
        column: int(year)
        for column, year in found.items()
        if isinstance(year, int | float) and not isinstance(year, bool) and 1900 <= year <= 2200
    }


def _series(sheets: _Sheets, line: int, years: Mapping[int, int], key: str, problems: list[Problem]) -> Series:
    most = 1.0 if key == SATURATION else math.inf
    values = {year: sheets.number((SPENDING, line, column), problems, most) for column, year in years.items()}
    return Series(
        line=line,
        years={year: value for year, value in values.items() if value is not None},
        assumption=sheets.number((SPENDING, line, 3), problems, most),
        has_uncertainty=bool(sheets.text(SPENDING, line, 2)),
    )


def _with_series(
    one: BookProgramme, blocks: Mapping[str, dict[str, Series]], file: str, problems: list[Problem]
) -> BookProgramme:
    """The programme with its figures; spending and unit cost are needed."""
    found = {key: Series(one.line, {}) for key in SERIES} | blocks.get(one.abbreviation, {})
    place = {"file": file, "sheet": SPENDING, "value": one.abbreviation, "facts": {"programme": one.abbreviation}}
    cost = found[UNIT_COST]
    if not found[SPEND].is_stated:
        message = f"Programme '{one.abbreviation}' has no annual spend. Write one; a programme without money has 0."
        problems.append(Problem("atomica-spend", message, line=found[SPEND].line, **place))
    if not cost.is_stated or not min(
        [*cost.years.values(), *([cost.assumption] if cost.assumption else [])], default=0
    ):
        message = f"Programme '{one.abbreviation}' has no unit cost above 0. Write what serving a person costs."
        problems.append(Problem("atomica-cost", message, line=cost.line, **place))
    return replace(one, series=found)


def _effects(sheets: _Sheets, names: Mapping[str, str], problems: list[Problem]) -> Iterator[BookEffect]:
    """Rows of a block; a block begins with the parameter's name beside the words Baseline value."""
    parameter, heads = "", {}
    for line in range(1, sheets.rows(EFFECTS) + 1):
        first = sheets.text(EFFECTS, line, 0)
        if sheets.text(EFFECTS, line, 1) == "Baseline value":
            parameter, heads = first, _outcome_heads(sheets, line, names, problems)
        elif first and parameter:
            outcomes = {
                abbreviation: sheets.number((EFFECTS, line, column), problems) for column, abbreviation in heads.items()
            }
            yield BookEffect(
                parameter=parameter,
                population=first,
                line=line,
                baseline=sheets.number((EFFECTS, line, 1), problems),
                interaction=sheets.text(EFFECTS, line, 2),
                impact=sheets.text(EFFECTS, line, 3),
                outcomes={name: value for name, value in outcomes.items() if value is not None},
            )


def _outcome_heads(sheets: _Sheets, line: int, names: Mapping[str, str], problems: list[Problem]) -> dict[int, str]:
    """Column -> abbreviation."""
    heads: dict[int, str] = {}
    for column in range(FIRST_OUTCOME, sheets.columns(EFFECTS)):
        name = sheets.text(EFFECTS, line, column)
        if name in names:
            heads[column] = names[name]
        elif name:
            message = f"The sheet '{TARGETING}' has no programme '{name}'. Correct the name in one of the two."
            problems.append(sheets.problem("atomica-programme", message, (EFFECTS, line, column), programme=name))
    return heads


def differing(values: Sequence[float]) -> bool:
    """Whether figures that should be one differ."""
    return bool(values) and max(values) - min(values) > 1e-9
