"""Which reader a budget file belongs to, by its name and header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import BudgetLines
from data.readers.budget_export import has_export_header, read_export_table
from data.readers.consulta import has_consulta_header, read_consulta_table
from data.readers.consulta import header_problem as consulta_problem
from data.readers.fdp import DESCRIPTOR, read_fdp
from data.readers.files import open_end, read_text
from data.readers.line_rows import Progress
from data.readers.mef import read_mef_table
from data.readers.mef_columns import has_mef_header
from data.readers.mef_columns import header_problem as mef_problem
from data.readers.table import read_mapping, read_table
from data.readers.tabular import TextTable, open_table

SOURCES = ("auto", "mef", "consulta", "fdp", "table", "export")
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")


def read_budget(
    path: Path,
    source: str = "auto",
    mapping: Path | None = None,
    municipality: str | None = None,
    labels: bool = True,
    progress: Progress | None = None,
    last_line_is_whole: bool = False,
) -> BudgetLines:
    """Budget lines of a file.

    source : one of `SOURCES`; auto takes fdp for a descriptor or a folder, table where a mapping is given, and else
        looks at the header
    municipality : SEC_EJEC or ubigeo, for the ministry's files
    labels : False leaves out the labels of the ministry's file, to save memory
    last_line_is_whole : the last line of a ministry's file has no line end, and somebody confirms that it is whole
    Raises InputError.
    """
    lines = _read(path, source, mapping, municipality, labels, progress, last_line_is_whole)
    note = open_end(path) if path.suffix.lower() in TEXT_SUFFIXES else None
    return lines if note is None else replace(lines, problems=(note, *lines.problems))


def _read(
    path: Path,
    source: str,
    mapping: Path | None,
    municipality: str | None,
    labels: bool,
    progress: Progress | None,
    last_line_is_whole: bool,
) -> BudgetLines:
    source = _recognised(path, mapping) if source == "auto" else source
    _refuse_municipality(source, municipality, path)
    if source == "fdp":
        return read_fdp(path)
    if source == "table":
        return read_table(path, read_mapping(*_mapping_text(path, mapping)), progress)
    table = open_table(path, _is_known_header)
    if source == "export" or (source == "auto" and has_export_header(table.columns)):
        _refuse_municipality("export", municipality, path)
        return read_export_table(table, progress)
    if source == "consulta" or (source == "auto" and has_consulta_header(table.columns)):
        return read_consulta_table(table, municipality, progress)
    if source == "auto" and not has_mef_header(table.columns):
        raise InputError(_unknown_header(path, table))
    return read_mef_table(table, municipality, labels, progress, last_line_is_whole)


def _refuse_municipality(source: str, municipality: str | None, path: Path) -> None:
    if municipality and source in ("fdp", "table", "export"):
        message = "Only the ministry's files can be narrowed to a municipality. Use `where` in the mapping."
        raise InputError(Problem("municipality_unused", message, file=path.name))


def _recognised(path: Path, mapping: Path | None) -> str:
    if mapping is not None:
        return "table"
    return "fdp" if path.is_dir() or path.suffix.lower() == ".json" else "auto"


def _is_known_header(cells: Sequence[str]) -> bool:
    return has_mef_header(cells) or has_consulta_header(cells) or has_export_header(cells)


def _mapping_text(path: Path, mapping: Path | None) -> tuple[str, str]:
    if mapping is None:
        message = "A table needs a mapping of its columns: --map FILE.yaml. See docs/real-input-budget.md."
        raise InputError(Problem("mapping_missing", message, file=path.name))
    return read_text(mapping), mapping.name


def _unknown_header(path: Path, table: TextTable) -> list[Problem]:
    """What each kind of file looked for; and the descriptor, where one lies beside the file."""
    problems = [mef_problem(table), consulta_problem(table)]
    near = (folder / DESCRIPTOR for folder in (path.parent, path.parent.parent))
    descriptor = next((file for file in near if file.is_file()), None)
    if descriptor:
        message = f"The file seems to belong to a Fiscal Data Package: read its {DESCRIPTOR} instead ({descriptor})."
        problems.append(Problem("descriptor_beside", message, file=table.file))
    return problems
