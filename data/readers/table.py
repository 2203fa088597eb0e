"""A CSV or XLSX file with one row a budget line, read by a mapping of its columns (YAML).

::

    year: 2023                      # or {column: anio}; left out where `stages` name a column a year
    currency: ARS
    decimal: "."                    # and where needed  thousands: ","  delimiter: ";"  encoding: latin-1  sheet: Hoja1
    factor: 1                       # units of the currency in one unit of the file
    line: [jurisdiccion_codigo, programa_codigo]      # columns that together name a line
    labels: {programme: programa, activity: actividad}
    stages: {pia: credito_aprobado, pim: credito_vigente}       # or {pim: {2016: "2016-17(BE)", 2017: ...}}
    gender_share: ppg_pct           # percent; or {percent: 100} where all lines have one share
    where: {hasta: 2024-12-31}      # rows to keep; a value or a list of values a column
    repeated_lines: refuse          # or sum, where several rows make up a line
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BeforeValidator, Field, field_validator, model_validator

from budget_model.errors import InputError, Problem
from budget_model.schema_words import PlacedError
from budget_model.spending.lines import STAGES, BudgetLines, check_frame, odd_lines
from data.readers.amounts import NumberFormat
from data.readers.encodings import is_encoding
from data.readers.line_rows import LineSpec, Progress, Tally, read_rows
from data.readers.strict_yaml import StrictModel, read_strict
from data.readers.tabular import OpenOptions, TextTable, missing_column, open_table, plain_name
from data.readers.total_rows import total_rows


def _as_text(value: Any) -> Any:
    """Dates and numbers that YAML recognises, as they are written in the file."""
    return str(value) if not isinstance(value, dict | list | bool) and value is not None else value


def _as_texts(value: Any) -> Any:
    return [_as_text(item) for item in value] if isinstance(value, list) else [_as_text(value)]


DELIMITERS_ALLOWED = frozenset(",;|\t:!#$%&*/\\^_~ ")
Text = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
Texts = Annotated[list[str], BeforeValidator(_as_texts), Field(min_length=1)]
StageColumn = Text | dict[int, Text] | None


class ColumnName(StrictModel):
    """A value that stands in a column."""

    column: Text


class Percent(StrictModel):
    """One share for all lines."""

    percent: Decimal = Field(ge=0, le=100, max_digits=7, decimal_places=4)


class StageColumns(StrictModel):
    """Stage to column, or to a column a year."""

    pia: StageColumn = None
    pim: StageColumn = None
    certified: StageColumn = None
    committed: StageColumn = None
    accrued: StageColumn = None
    paid: StageColumn = None

    def named(self) -> dict[str, str | dict[int, str]]:
        """Those that are stated."""
        return {stage: value for stage in STAGES if (value := getattr(self, stage)) is not None}


class TableMapping(StrictModel):
    """The mapping file."""

    year: Annotated[int, Field(ge=1900, le=2200)] | ColumnName | None = None
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "\u00a0", "\u202f"] = ""
    factor: Annotated[Decimal, BeforeValidator(_as_text)] = Field(default=Decimal(1), gt=0)
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = None
    sheet: Text | None = None
    line: Texts
    labels: dict[str, Text] = Field(default_factory=dict)
    stages: StageColumns
    gender_share: Text | Percent | None = None
    where: dict[str, Texts] = Field(default_factory=dict)
    repeated_lines: Literal["refuse", "sum"] = "refuse"

    @field_validator("delimiter")
    @classmethod
    def _is_delimiter(cls, value: str | None) -> str | None:
        if value is not None and value not in DELIMITERS_ALLOWED:
            raise ValueError("a delimiter is a sign such as ',' ';' '|' or a tab")
        return value

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, value: str | None) -> str | None:
        if value is not None and not is_encoding(value):
            raise ValueError("this is no encoding that is known here; use utf-8, latin-1 or cp850")
        return value

    @field_validator("line")
    @classmethod
    def _once_each(cls, value: list[str]) -> list[str]:
        twice = next((name for number, name in enumerate(value) if name in value[:number]), None)
        if twice is not None:
            raise PlacedError(f"the column '{twice}' is named twice")
        return value

    @model_validator(mode="after")
    def check_together(self) -> TableMapping:
        """What only makes sense together."""
        stages = self.stages.named()
        by_year = [isinstance(value, dict) for value in stages.values()]
        if not stages:
            raise PlacedError(f"stages names no column. State at least one of {', '.join(STAGES)}", "stages")
        if any(by_year) and (not all(by_year) or self.year is not None):
            raise PlacedError("where stages name a column a year, all of them do and `year` is left out", "stages")
        if not any(by_year) and self.year is None:
            raise ValueError("`year` is missing: a year, or {column: name of the column}")
        if self.decimal == self.thousands:
            raise PlacedError("decimal and thousands cannot be the same mark", "thousands")
        self._refuse_shared_columns(stages)
        return self

    def _refuse_shared_columns(self, stages: Mapping[str, str | dict[int, str]]) -> None:
        """One column cannot hold the amounts of two stages (or years): the same money would stand there twice."""
        owner: dict[str, str] = {}
        for stage, value in stages.items():
            for year, column in value.items() if isinstance(value, dict) else [(None, value)]:
                name = f"{stage} of {year}" if year else stage
                other = owner.setdefault(plain_name(column), name)
                if other != name:
                    message = f"the column '{column}' stands for {other} and for {name}. Name the column of each"
                    raise PlacedError(message, "stages", stage)


def read_mapping(text: str, file: str) -> TableMapping:
    """The mapping of a YAML text; raises InputError with every problem, its line and the nearest right key."""
    return read_strict(text, file, TableMapping)


def read_table(path: Path, mapping: TableMapping, progress: Progress | None = None) -> BudgetLines:
    """Budget lines of a file by its mapping.

    Raises InputError with file, sheet, line and column of what cannot be read; nothing is guessed.
    """
    options = OpenOptions(mapping.encoding, mapping.delimiter, mapping.sheet)
    wanted = {plain_name(name) for name in _columns(mapping)}
    table = open_table(path, lambda cells: wanted <= {plain_name(cell) for cell in cells}, options)
    tally = Tally(progress=progress)
    parts = [read_rows(table, spec, tally) for spec in _specs(mapping, table)]
    frame = check_frame(pl.concat(parts, how="diagonal"))
    if any(isinstance(value, dict) for value in mapping.stages.named().values()):
        frame = frame.filter(pl.any_horizontal(pl.col(*STAGES).is_not_null()))  # a scheme that did not exist yet
    totals = total_rows(frame, table.file, table.sheet)
    if refused := [problem for problem in totals if problem.level == "error"]:
        raise InputError(refused)
    warnings = (
        *totals,
        *_unused_sheet(mapping, table),
        *_crossed_stages(mapping, table),
        *table.notes,
        *odd_lines(frame, table.file, table.sheet),
    )
    return BudgetLines(frame, mapping.currency, "table", warnings, tally.read, tally.kept)


def _unused_sheet(mapping: TableMapping, table: TextTable) -> Iterator[Problem]:
    """A sheet that the mapping names, for a file that has none."""
    if mapping.sheet is not None and table.sheet is None:
        message = (
            f"The mapping names the sheet '{mapping.sheet}', but a CSV file has no sheets: all of the file was read. "
            "Take `sheet` out of the mapping, or give the workbook."
        )
        yield Problem("sheet_unused", message, "warning", file=table.file, value=mapping.sheet)


def _crossed_stages(mapping: TableMapping, table: TextTable) -> Iterator[Problem]:
    """A stage that is read from the column called as another stage: it may be meant, but seldom is."""
    for stage, column in mapping.stages.named().items():
        called = str(column).strip().lower()
        if called in STAGES and called != stage:
            message = f"The mapping reads the stage {stage} from the column '{column}'. Check that it is meant."
            yield Problem("stage_crossed", message, "warning", file=table.file, sheet=table.sheet, column=str(column))


def _specs(mapping: TableMapping, table: TextTable) -> Iterator[LineSpec]:
    """One spec; or one a year, where stages name a column a year."""
    _refuse_missing(mapping, table)
    named = {plain_name(column): column for column in table.columns}
    stages = mapping.stages.named()
    years = sorted({year for value in stages.values() if isinstance(value, dict) for year in value})
    if not years:
        year = named[plain_name(mapping.year.column)] if isinstance(mapping.year, ColumnName) else mapping.year
        yield _spec(mapping, named, year, {stage: str(column) for stage, column in stages.items()})
    for year in years:
        of_year = {stage: value[year] for stage, value in stages.items() if isinstance(value, dict) and year in value}
        yield _spec(mapping, named, year, of_year)


def _spec(mapping: TableMapping, named: Mapping[str, str], year: Any, stages: Mapping[str, str]) -> LineSpec:
    share = mapping.gender_share
    is_assumed = "decimal" not in mapping.model_fields_set and not mapping.thousands
    return LineSpec(
        year=year,
        line=[named[plain_name(name)] for name in mapping.line],
        stages={stage: named[plain_name(column)] for stage, column in stages.items()},
        labels={label: named[plain_name(name)] for label, name in mapping.labels.items()},
        form=NumberFormat(mapping.decimal, mapping.thousands, mapping.factor, is_assumed=is_assumed),
        gender_share=share.percent / 100 if isinstance(share, Percent) else share and named[plain_name(share)],
        where={named[plain_name(name)]: values for name, values in mapping.where.items()},
        sums_repeated=mapping.repeated_lines == "sum",
    )


def _columns(mapping: TableMapping) -> list[str]:
    """Every column that the mapping names."""
    columns = [*mapping.line, *mapping.labels.values(), *mapping.where]
    for value in mapping.stages.named().values():
        columns += value.values() if isinstance(value, dict) else [value]
    if isinstance(mapping.year, ColumnName):
        columns.append(mapping.year.column)
    if isinstance(mapping.gender_share, str):
        columns.append(mapping.gender_share)
    return list(dict.fromkeys(columns))


def _refuse_missing(mapping: TableMapping, table: TextTable) -> None:
    there = {plain_name(name) for name in table.columns}
    missing = [missing_column(table, name) for name in _columns(mapping) if plain_name(name) not in there]
    if missing:
        raise InputError(missing)
