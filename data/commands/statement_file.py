"""`budget statement --output`: the statement of a site and year as PDF, XLSX or CSV, for scripts and archives."""

from __future__ import annotations

from pathlib import Path

from budget_model.errors import InputError, Problem
from data.store.tables import Site
from data.workflows.statement import Statement
from data.workflows.statement_document import Place, statement_file

ENDINGS = (".pdf", ".xlsx", ".csv")


def write_statement(file: Path, site: Site, found: Statement, language: str) -> None:
    """Write the statement as its file's ending says. InputError for any other ending; nothing is then written."""
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        message = f"'{file.name}' ends neither in .pdf, .xlsx nor .csv. Choose one of them."
        raise InputError(Problem("file_ending", message, file=file.name))
    place = Place(site.name, site.currency, site.is_synthetic)
    file.write_bytes(statement_file(ending.removeprefix("."), place, found, language))
