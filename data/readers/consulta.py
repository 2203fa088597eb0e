"""What the expenditure query page of Peru's Ministry of Economy and Finance gives (XLSX or CSV), in soles.

One row a municipality and year; code and name stand in one cell: `150142-301291: MUNICIPALIDAD DISTRITAL DE ...` is
ubigeo, SEC_EJEC and name. The code of a line is `150142-301291`. Amounts are whole soles with ',' between thousands.
`committed` is *Compromiso Anual*; *Atención de Compromiso Mensual* and *Avance %* are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from budget_model.errors import InputError, Problem
from budget_model.spelling import nearest
from budget_model.spending.lines import LABEL, BudgetLines, check_frame, odd_lines
from data.readers.amounts import NumberFormat
from data.readers.line_rows import LineSpec, Progress, Tally, read_rows
from data.readers.tabular import TextTable, capped, open_table, plain_name

FORMAT = NumberFormat(
    thousands=",", mendable="the query page writes 1,234,567.89, so write the file anew", is_assumed=True
)
YEAR, MUNICIPALITY = "ANO", "MUNICIPALIDAD"
STAGES: Mapping[str, tuple[str, ...]] = {
    "pia": ("PIA",),
    "pim": ("PIM",),
    "certified": ("CERTIFICACION",),
    "committed": ("COMPROMISO_ANUAL", "COMPROMISO"),
    "accrued": ("DEVENGADO",),
    "paid": ("GIRADO",),
}
LABELS = {"department": "DEPARTAMENTO", "province": "PROVINCIA"}
NEEDED = (YEAR, MUNICIPALITY, "PIM", "DEVENGADO")
CODE_AND_NAME = r"^(\d{6}-\d{6})\s*:\s*(.*)$"


def has_consulta_header(cells: Sequence[str]) -> bool:
    """Whether these cells are the header of a file of the query page."""
    return set(NEEDED) <= {plain_name(cell) for cell in cells}


def read_consulta(path: Path, municipality: str | None = None) -> BudgetLines:
    """Budget lines of the file: one a municipality and year.

    municipality : ubigeo or SEC_EJEC, six digits each; None = all of them
    Raises InputError with sheet, line and column of what cannot be read.
    """
    return read_consulta_table(open_table(path, has_consulta_header), municipality)


def read_consulta_table(
    table: TextTable, municipality: str | None = None, progress: Progress | None = None
) -> BudgetLines:
    """As `read_consulta`, of an open table."""
    there = {plain_name(name): name for name in table.columns}
    if not has_consulta_header(table.columns):
        raise InputError(header_problem(table))
    stages = {stage: found for stage, names in STAGES.items() if (found := _first(there, names))}
    labels = {label: there[name] for label, name in LABELS.items() if name in there}
    spec = LineSpec(there[YEAR], [there[MUNICIPALITY]], stages, {**labels, "entity": there[MUNICIPALITY]}, FORMAT)
    frame = _split_labels(read_rows(table, spec, tally := Tally(progress=progress)), table, there[MUNICIPALITY])
    frame = check_frame(_of_municipality(frame, table, municipality))
    warnings = (*table.notes, *odd_lines(frame, table.file, table.sheet))
    return BudgetLines(frame, "PEN", "consulta", warnings, tally.read, frame.height)


def header_problem(table: TextTable) -> Problem:
    """What was looked for in the header, and what comes nearest."""
    looked_for = ("Año", "Municipalidad", "PIM", "Devengado")
    near = {name: nearest(name, table.columns) for name in looked_for}
    hints = ", ".join(f"{name} (nearest there: {found or 'none'})" for name, found in near.items())
    message = (
        f"This is not the header of the ministry's query page. Looked for: {hints}. "
        f"Found: {', '.join(table.columns)[:300]}. Use --source table with a mapping for other files."
    )
    return Problem("header_unknown", message, file=table.file, sheet=table.sheet, line=table.header_line)


def _split_labels(frame: pl.DataFrame, table: TextTable, column: str) -> pl.DataFrame:
    """The code out of the municipality's cell, and names without their codes."""
    wrong = frame.filter(~pl.col("code").str.contains(CODE_AND_NAME)).select("line", "code")
    problems = list(_without_code(wrong, table, column))
    if problems:
        raise InputError(capped(problems))
    names = [
        pl.col(LABEL + label).str.replace(r"^[\d-]+\s*:\s*", "")
        for label in ("department", "province", "entity")
        if LABEL + label in frame.columns
    ]
    return frame.with_columns(pl.col("code").str.extract(CODE_AND_NAME, 1), *names)


def _without_code(wrong: pl.DataFrame, table: TextTable, column: str) -> Iterator[Problem]:
    for line, value in wrong.iter_rows():
        message = (
            f"'{value[:60]}' does not begin with ubigeo and SEC_EJEC as in '150142-301291: NAME'. Export the query by "
            "municipality, or take the row out if it is a total."
        )
        place = {"file": table.file, "sheet": table.sheet, "line": line, "column": column}
        yield Problem("municipality_code", message, value=value[:60], **place)


def _of_municipality(frame: pl.DataFrame, table: TextTable, municipality: str | None) -> pl.DataFrame:
    if municipality is None:
        return frame
    found = frame.filter(pl.col("code").str.split("-").list.contains(municipality.strip()))
    if found.is_empty():
        message = (
            f"None of the {frame.height:,} rows belongs to the municipality '{municipality}'. State its ubigeo or its "
            "SEC_EJEC, six digits each."
        )
        raise InputError(Problem("no_rows", message, file=table.file, sheet=table.sheet, value=municipality))
    return found


def _first(there: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((there[name] for name in names if name in there), None)
