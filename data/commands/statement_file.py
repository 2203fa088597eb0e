"""`budget statement --output`: the statement of a site and year as PDF, XLSX or CSV, for scripts and archives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import STAGES
from budget_model.spending.statement import Amounts, Breakdown, Counted
from data.messages import translate
from data.readers.schemes import read_schemes
from data.store.tables import Site
from data.workflows.modification_words import SYNTHETIC
from data.workflows.statement import CONTRIBUTORS, Statement
from data.writers.pdf import pdf_bytes
from data.writers.tables import Cell, Table, file_bytes

LANGUAGE = "en"  # as everything of the command line; the page writes it in the language of its reader
ENDINGS = (".pdf", ".xlsx", ".csv")


def write_statement(file: Path, site: Site, found: Statement) -> None:
    """Write the statement as its file's ending says. InputError for any other ending; nothing is then written."""
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        message = f"'{file.name}' ends neither in .pdf, .xlsx nor .csv. Choose one of them."
        raise InputError(Problem("file_ending", message, file=file.name))
    notes, tables = statement_notes(site, found), statement_tables(found)
    warning = translate(LANGUAGE, SYNTHETIC) if site.is_synthetic else ""
    if ending == ".pdf":
        file.write_bytes(pdf_bytes(f"Gender budget statement, {found.year}", LANGUAGE, notes, tables, warning))
        return
    file.write_bytes(file_bytes(file.name, [*notes, *([("Warning", warning)] if warning else [])], tables))


def statement_notes(site: Site, found: Statement) -> list[tuple[str, str]]:
    """Site, period, scheme, unit and source, which every figure needs."""
    floor = found.floor
    told = "cannot be said" if floor is None else f"{floor.verdict}, counted by {found.floor_by}"
    return [
        ("Site", site.name),
        ("Year", str(found.year)),
        ("Stage", found.stage),
        ("Scheme that counts the money", read_schemes()[found.counted.scheme].label[LANGUAGE]),
        ("Currency", site.currency),
        ("Floor of 5 %", told),
        ("What it stands on", "Approved tags only. What nobody has tagged is unknown, which is not 0."),
        ("Source", ", ".join(found.files)),
    ]


def statement_tables(found: Statement) -> list[Table]:
    """What counts, whom it names, and one table a way of breaking the budget down: each by one scheme alone."""
    labels = {name: read_schemes()[name].label[LANGUAGE] for name in found.breakdowns}
    parts = [_breakdown_table(labels[name], one, found.stage) for name, one in found.breakdowns.items()]
    return [_counted_table(found.counted), _largest_table(found), *parts]


def _counted_table(one: Counted) -> Table:
    rows = [[stage, *_row((one.amounts, one.unknown, one.total), stage)] for stage in STAGES]
    return Table("What counts, by stage", ["stage", "counted", "unknown", "whole budget"], rows)


def _row(parts: Sequence[Amounts], stage: str) -> list[Cell]:
    return [part[stage] for part in parts]


def _largest_table(found: Statement) -> Table:
    rows: list[list[Cell]] = [
        [found.names.get(part.key, ""), part.key[1], part.amount, part.share]
        for part in found.counted.contributions[:CONTRIBUTORS]
    ]
    return Table("Largest of what counts", ["line", "code", found.stage, "share of what counts (0-1)"], rows)


def _breakdown_table(title: str, one: Breakdown, stage: str) -> Table:
    rows: list[list[Cell]] = [[part.code, part.lines, part.amounts[stage]] for part in one.classes]
    rows += [[f"unknown: {part.code}", part.lines, part.amounts[stage]] for part in one.unknown]
    return Table(title, ["class", "lines", stage], [*rows, ["whole budget", one.whole.lines, one.whole.amounts[stage]]])
