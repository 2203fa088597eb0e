"""A file in the ministry's layout (63 columns) of more than two megabytes, and the same one a month later."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from data.demo.spending import write_budget_file

OWN, OTHERS = "301291", ("301292", "301293")  # SEC_EJEC of the municipality that is asked for, and of others
CHANGED, ADDED, TAKEN_OUT = 100, 12, 8  # targets of the later file
KEYS = ("SEC_EJEC", "SEC_FUNC", "FUENTE_FINANCIAMIENTO", "RUBRO", "TIPO_TRANSACCION", "GENERICA")
Row = dict[str, str]


@cache
def _demonstration() -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "once.csv"
        write_budget_file(np.random.default_rng(1), file)
        with file.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
    year = header.index("ANO_EJE")
    last = max(row[year] for row in rows)
    return tuple(header), tuple(tuple(row) for row in rows if row[year] == last)


def ministry_rows() -> list[Row]:
    """Rows of the last year of the demonstration, of three municipalities, until they fill two megabytes."""
    header, rows = _demonstration()
    made = [dict(zip(header, row, strict=True)) for row in rows]
    return [{**row, "SEC_EJEC": unit} for unit in (OWN, *OTHERS) for row in made]


def line_of(row: Row) -> tuple[str, ...]:
    """What names the line that a row belongs to."""
    return tuple(row[name] for name in KEYS)


def a_month_later(rows: Iterable[Row]) -> list[Row]:
    """Of the municipality: the PIM of some lines grew by 1,000.50, some lines are new, some no longer there."""
    rows = list(rows)
    lines = list(dict.fromkeys(line_of(row) for row in rows if row["SEC_EJEC"] == OWN))
    changed, gone = set(lines[:CHANGED]), set(lines[CHANGED : CHANGED + TAKEN_OUT])
    later, grown = [], set()
    for row in rows:
        line = line_of(row)
        if line in gone:
            continue
        if line in changed and row["MES_EJE"] == "0" and line not in grown:
            grown.add(line)
            row = {**row, "MONTO_PIM": str(Decimal(row["MONTO_PIM"]) + Decimal("1000.50"))}
        later.append(row)
    opening = next(row for row in rows if row["MES_EJE"] == "0" and row["SEC_EJEC"] == OWN)
    return [*later, *({**opening, "SEC_FUNC": f"9{number:03}"} for number in range(ADDED))]


def as_csv(rows: Iterable[Row]) -> bytes:
    """The rows as the ministry publishes them."""
    rows, text = list(rows), io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def sums(rows: Iterable[Row], unit: str = OWN) -> dict[str, Decimal]:
    """PIA and PIM of month 0, accrued of all months, of a municipality: added up with the standard library alone."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["SEC_EJEC"] != unit:
            continue
        if row["MES_EJE"] == "0":
            found["pia"] += Decimal(row["MONTO_PIA"])
            found["pim"] += Decimal(row["MONTO_PIM"])
        found["accrued"] += Decimal(row["MONTO_DEVENGADO"])
    return dict(found)
