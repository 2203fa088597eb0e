"""Budget lines of a site as CSV or XLSX: the mark of synthetic data and the sources first, then a row a line.

Amounts are written as exact decimals; what a spreadsheet would run as a formula is defused.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from budget_model.spending.lines import LABEL, STAGES
from data.writers.tables import Cell, Table, file_bytes

SYNTHETIC = "Synthetic demonstration data; no real municipality's budget."


def budget_file_bytes(file_name: str, site_name: str, currency: str, is_synthetic: bool, frame: pl.DataFrame) -> bytes:
    """The file's content by its ending (.csv or .xlsx).

    frame : the contract of `budget_model.spending.lines`, and `source_file`
    Raises InputError for another ending.
    """
    notes = _notes(site_name, currency, is_synthetic, frame)
    table = Table("Budget lines", _header(frame), _rows(frame))
    return file_bytes(file_name, notes, [table])


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
    ]


def _label_columns(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.startswith(LABEL)]


def _header(frame: pl.DataFrame) -> list[str]:
    labels = [name.removeprefix(LABEL) for name in _label_columns(frame)]
    taken = {"year", "code", *STAGES, "gender_share_percent", "source_file", "source_line"}
    safe = [f"{name} (label)" if name in taken else name for name in labels]
    return ["year", "code", *safe, *STAGES, "gender_share_percent", "source_file", "source_line"]


def _rows(frame: pl.DataFrame) -> list[Sequence[Cell]]:
    percent = (pl.col("gender_share") * 100).cast(pl.Decimal(38, 4)).alias("percent")
    chosen = ["year", "code", *_label_columns(frame), *STAGES, percent, "source_file", "line"]
    return [[_trimmed(cell) for cell in row] for row in frame.select(chosen).iter_rows()]


def _trimmed(cell: Cell) -> Cell:
    if isinstance(cell, Decimal):
        return cell.quantize(Decimal("0.01")) if cell == cell.quantize(Decimal("0.01")) else cell
    return cell
