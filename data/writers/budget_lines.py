"""Budget lines of a site as CSV or XLSX: the mark of synthetic data and the sources first, then a row a line.

Amounts are written as exact decimals; what a spreadsheet would run as a formula is defused. `readers.budget_export`
reads the file again and finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl

from budget_model.spending.lines import LABEL, STAGES
from budget_model.spending.tag_rows import TAG_COLUMNS
from data.readers.budget_export import OWN_COLUMNS, TAG_PREFIX, label_column
from data.readers.tag_table import INFORMATIVE, SAYING
from data.writers.tables import Cell, Table, file_bytes

SYNTHETIC = "Synthetic demonstration data; no real municipality's budget."
SPREADSHEET_DIGITS = 15  # of a number in a workbook; an amount with more stands there as text, exactly
TAG_CELLS = (*TAG_COLUMNS, *SAYING, *INFORMATIVE)
Tags = Mapping[tuple[int, str], Mapping[str, str]]


def budget_file_bytes(
    file_name: str, site_name: str, currency: str, is_synthetic: bool, frame: pl.DataFrame, tags: Tags | None = None
) -> bytes:
    """The file's content by its ending (.csv or .xlsx).

    frame : the contract of `budget_model.spending.lines`, and `source_file`
    tags : year and code -> cells of the line's tag by `TAG_CELLS`; their columns are there where any line has one
    Raises InputError for another ending.
    """
    notes = _notes(site_name, currency, is_synthetic, frame)
    is_workbook = Path(file_name).suffix.lower() == ".xlsx"
    rows = list(_rows(frame, currency, tags or {}, is_workbook))
    return file_bytes(file_name, notes, [Table("Budget lines", _header(frame, bool(tags)), rows)])


def _notes(site_name: str, currency: str, is_synthetic: bool, frame: pl.DataFrame) -> list[tuple[str, str]]:
    years = frame["year"].unique().sort().to_list()
    sources = frame["source_file"].unique().sort().to_list()
    marked = [("Note", SYNTHETIC)] if is_synthetic else []
    return [
        *marked,
        ("Site", site_name),
        ("Years", ", ".join(map(str, years))),
        ("Currency", currency),
        ("Source", "; ".join(sources)),
        ("Stages", "pia opening, pim modified, then certified, committed, accrued, paid; empty = the source lacks it"),
        ("Tags", "newest version of each line's gender tag; `state` says whether it is approved; empty = not stated"),
    ]


def _label_columns(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.startswith(LABEL)]


def _header(frame: pl.DataFrame, has_tags: bool) -> list[str]:
    labels = [label_column(name.removeprefix(LABEL)) for name in _label_columns(frame)]
    tags = [f"{TAG_PREFIX}{name}" for name in TAG_CELLS] if has_tags else []
    return [*OWN_COLUMNS[:2], *labels, *OWN_COLUMNS[2:], *tags]


def _rows(frame: pl.DataFrame, currency: str, tags: Tags, is_workbook: bool) -> Iterator[Sequence[Cell]]:
    percent = (pl.col("gender_share") * 100).cast(pl.Decimal(38, 4)).alias("percent")
    chosen = ["year", "code", *_label_columns(frame), *STAGES, percent, "source_file", "line"]
    names = TAG_CELLS if tags else ()
    for row in frame.select(chosen).iter_rows():
        tag = tags.get((row[0], row[1]), {})
        yield [*(_trimmed(cell, is_workbook) for cell in row), currency, *(tag.get(name) or None for name in names)]


def _trimmed(cell: Cell, is_workbook: bool) -> Cell:
    if not isinstance(cell, Decimal):
        return cell
    short = cell.quantize(Decimal("0.01")) if cell == cell.quantize(Decimal("0.01")) else cell
    return f"{short:f}" if is_workbook and len(short.normalize().as_tuple().digits) > SPREADSHEET_DIGITS else short
