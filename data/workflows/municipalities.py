"""Budgets of all municipalities of a country, and the inhabitants of its districts, from files into the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import LABEL, STAGES
from budget_model.spending.ranking import DISTRICT, PROVINCE
from data.readers.budget_files import read_budget
from data.readers.district_population import read_district_population
from data.store import audit, municipalities
from data.store.engine import transaction
from data.store.lines import LineCounts

PERU = "PE"
OF_PROVINCES = ("MUNICIPALIDAD PROVINCIAL", "MUNICIPALIDAD METROPOLITANA")
QUERY_PAGE = "consulta"


@dataclass(frozen=True)
class ImportedBudgets:
    """What a file of budgets did to the store."""

    years: tuple[int, ...]
    counts: LineCounts
    warnings: tuple[Problem, ...]


def import_budgets(factory: sessionmaker[Session], path: Path, actor: str) -> ImportedBudgets:
    """Budgets of municipalities from what the query page of Peru's ministry gives; all of the file or nothing.

    Raises InputError with the places of what cannot be read, and for files of another kind.
    """
    found = read_budget(path)
    if found.source != QUERY_PAGE:
        message = (
            f"The file is of the kind '{found.source}'. Here a file of the ministry's query page with a row a "
            "municipality and year is needed (Consulta Amigable, by municipality); import others into a site."
        )
        raise InputError(Problem("municipal_source", message, file=path.name))
    rows = list(_rows(found.frame))
    with transaction(factory) as session:
        counts = municipalities.save_budgets(session, PERU, rows, path.name, actor)
        years = tuple(sorted({row["year"] for row in rows}))
        detail = {"years": list(years), "new": counts.new, "changed": counts.changed}
        audit.record(session, actor, "municipal_budgets.import", path.name, None, detail)
    return ImportedBudgets(years, counts, found.problems)


def _rows(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for row in frame.iter_rows(named=True):
        yield {
            "year": row["year"],
            "code": row["code"],
            **_labels(row),
            **{stage: row[stage] for stage in STAGES},
        }


def _labels(row: Mapping[str, Any]) -> dict[str, str]:
    name, department, province = (row.get(LABEL + label) or "" for label in ("entity", "department", "province"))
    governs = PROVINCE if name.upper().startswith(OF_PROVINCES) else DISTRICT
    return {"name": name[:200], "department": department[:80], "province": province[:80], "governs": governs}


def import_population(factory: sessionmaker[Session], path: Path, source: str, actor: str) -> int:
    """Inhabitants of districts in place of those that were there; gives how many districts have a figure.

    Raises InputError with the line of what cannot be read, and where the source is not stated.
    """
    if not source.strip():
        raise InputError(Problem("population_source", "State who counted the inhabitants and where it was published."))
    rows = [asdict(one) for one in read_district_population(path)]
    with transaction(factory) as session:
        kept = municipalities.replace_population(session, PERU, rows, source.strip()[:300])
        audit.record(session, actor, "district_population.import", path.name, None, {"districts": kept})
    return kept
