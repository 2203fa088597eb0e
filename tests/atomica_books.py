"""Atomica program books made by hand, as its own template lays them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import openpyxl

YEARS = (2024, 2025, 2026)


@dataclass(frozen=True)
class Row:
    """A programme: spend, unit cost, capacity and saturation as figures by year, or one figure for all years."""

    abbreviation: str
    spend: Any
    unit_cost: Any
    capacity: Any = None
    saturation: Any = None
    populations: Sequence[str] = ("Y",)


def book_of(
    rows: Sequence[Row],
    effects: Mapping[str, Sequence[Sequence[Any]]],
    populations: Sequence[str] = ("Adults",),
    references: bool = True,
) -> openpyxl.Workbook:
    """effects : parameter -> rows of population, baseline, interaction, and the outcome of each programme or None"""
    book = openpyxl.Workbook()
    targets, money, outcomes = book.active, book.create_sheet("Spending data"), book.create_sheet("Program effects")
    targets.title = "Program targeting"
    targets.append([None, None, "Targeted to (populations)"])
    targets.append(["Abbreviation", "Display name", *populations])
    for row in rows:
        targets.append([row.abbreviation, f"{row.abbreviation} in full", *row.populations])
    heads = [
        f"='Program targeting'!$A${line}" if references else row.abbreviation for line, row in enumerate(rows, start=3)
    ]
    for head, row in zip(heads, rows, strict=True):
        money.append([head, "Units", "Uncertainty", "Assumption", None, *YEARS])
        for label, value in (
            ("Annual spend", row.spend),
            ("Unit cost", row.unit_cost),
            ("Capacity constraint", row.capacity),
            ("Saturation", row.saturation),
            ("Coverage", None),
        ):
            years = [value.get(year) for year in YEARS] if isinstance(value, dict) else [None] * len(YEARS)
            money.append([label, "…", None, None if isinstance(value, dict) else value, "OR", *years])
        money.append([])
    for parameter, lines in effects.items():
        outcomes.append(
            [parameter, "Baseline value", "Coverage interaction", "Impact interaction", "Uncertainty", None, *heads]
        )
        for population, baseline, interaction, *values in lines:
            outcomes.append([population, baseline, interaction, None, None, None, *values])
        outcomes.append([])
    return book


def bytes_of(book: openpyxl.Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
