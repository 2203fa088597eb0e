"""Programmes and the model of a site as files, out and in: YAML, a workbook to fill in, the portable model.

What comes in becomes an edit, which is checked and stored like any other; nothing is stored here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from budget_model.errors import CatalogueError, InputError, Problem
from data.readers.programme_workbook import ReadWorkbook, read_programme_workbook
from data.readers.programmes import read_programmes
from data.store.areas import list_areas
from data.store.rounds import latest_round
from data.store.tables import Site
from data.workflows.models import build_model, latest_round_id
from data.workflows.need_cells import load_need_cells
from data.workflows.programme_edits import Edit, known_at
from data.workflows.programme_parts import document_of, parts_of_entry, stored_parts
from data.workflows.programme_texts import form_values, read_form
from data.writers.programme_columns import LINES, LINKS, PROGRAMMES
from data.writers.programme_workbook import WorkbookContent, programme_workbook_bytes

LARGEST_FILE = 5 * 2**20  # bytes
WORKBOOKS, YAMLS = (".xlsx",), (".yaml", ".yml")


# --- out -------------------------------------------------------------------------------------------------------------


def programmes_yaml(session: Session, site: Site) -> str:
    """The programmes file of a site; reading it gives the same programmes."""
    parts = stored_parts(session, site.id)
    if not parts:
        raise InputError(Problem("programmes_missing", f"Site '{site.slug}' has no programmes yet."))
    years = [part.programme.price_year for part in parts if part.programme.price_year]
    year = max(years) if years else known_at(session, site).budget_year
    if year is None:
        message = "No programme says of which year its prices are, and there is no budget. Import a budget first."
        raise InputError(Problem("price_year_missing", message))
    document = {"currency": site.currency, "price_year": year, "programmes": [document_of(part) for part in parts]}
    return _yaml(document)


def model_yaml(session: Session, site: Site) -> str:
    """The site's model of today in the portable form that `simulate` and `optimise` read."""
    return _yaml(build_model(session, site.id, latest_round_id(session, site.id)))


def programmes_workbook(session: Session, site: Site, language: str) -> bytes:
    """The workbook that people fill in, with what is stored."""
    known = known_at(session, site)
    areas = {area.code: area.name for area in list_areas(session, site.id, 1) or list_areas(session, site.id, 0)}
    rows: dict[str, list[dict[str, Any]]] = {"programmes": [], "serves": [], "lines": [], "split": []}
    for part in stored_parts(session, site.id):
        values = form_values(document_of(part), areas)
        code = {"programme": part.programme.code}
        rows["programmes"].append({**code, "version": part.programme.version, **_of(values, PROGRAMMES)})
        rows["serves"] += [{**row, **code} for row in _numbered(values, "serves", LINKS, "need")]
        rows["lines"] += [{**row, **code} for row in _numbered(values, "lines", LINES, "code")]
        shares = {area: values[f"area_split.{area}"] for area in areas}
        rows["split"] += [{**code, "area": area, "share": share} for area, share in shares.items() if share]
    rows["needs"] = _need_rows(session, site, language)
    lists = {"need": sorted(known.needs), "reach.survey": sorted(known.needs), "area": list(areas)}
    lists["code"] = sorted(known.lines)
    content = WorkbookContent(site.name, site.currency, known.budget_year, rows, lists)
    return programme_workbook_bytes(content, language)


def _of(values: Mapping[str, str], columns: Any) -> dict[str, str]:
    return {column.path: values[column.path] for column in columns if column.path in values}


def _numbered(values: Mapping[str, str], name: str, columns: Any, key: str) -> list[dict[str, str]]:
    numbers = sorted({int(path.split(".")[1]) for path in values if path.startswith(f"{name}.")})
    rows = [{column.path: values.get(f"{name}.{number}.{column.path}", "") for column in columns} for number in numbers]
    return [row for row in rows if row[key]]


def _need_rows(session: Session, site: Site, language: str) -> list[dict[str, Any]]:
    found = latest_round(session, site.id, has_needs=True)
    if found is None:
        return []
    cells = load_need_cells(session, site.id, found.id)
    return [
        {
            "need": code,
            "name": cells.names[code].lacking.get(language) or next(iter(cells.names[code].lacking.values()), ""),
            **{f"{group}.universe": float(cells.universe[n, :, g].sum()) for g, group in enumerate(("women", "men"))},
            **{f"{group}.deficit": float(cells.deficit[n, :, g].sum()) for g, group in enumerate(("women", "men"))},
        }
        for n, code in enumerate(cells.codes)
    ]


class _Dumper(yaml.SafeDumper):
    """Exact amounts as plain numbers; nothing is sorted or shared."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    Decimal,
    lambda dumper, value: dumper.represent_scalar(
        "tag:yaml.org,2002:int" if value == value.to_integral_value() else "tag:yaml.org,2002:float",
        format(value.to_integral_value() if value == value.to_integral_value() else value, "f"),
    ),
)


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(dict(document), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


# --- in --------------------------------------------------------------------------------------------------------------


def read_edit(content: bytes, name: str) -> tuple[Edit, ReadWorkbook | None]:
    """The edit that a file asks for: a programmes file (YAML) or a filled-in workbook, each the whole list.

    Raises CatalogueError with every problem of the file itself, in its place.
    """
    ending = Path(name).suffix.lower()
    if len(content) > LARGEST_FILE:
        message = f"The file has {len(content):,} bytes; at most {LARGEST_FILE:,} are read."
        raise CatalogueError(Problem("file_large", message, file=name))
    if ending in WORKBOOKS:
        return _workbook_edit(content, name)
    if ending in YAMLS:
        return _yaml_edit(content, name), None
    message = (
        f"A file of programmes ends with {', '.join((*YAMLS, *WORKBOOKS))}; this one with '{ending or 'nothing'}'."
    )
    raise CatalogueError(Problem("file_kind", message, file=name, value=ending))


def _yaml_edit(content: bytes, name: str) -> Edit:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CatalogueError(Problem("file_encoding", "The file is not UTF-8 text.", file=name)) from None
    found, _lines = read_programmes(text, name)
    entries = {entry.code: document_of(parts_of_entry(entry)) for entry in found.programmes}
    return Edit(entries, is_whole_list=True, origin=name, price_year=found.price_year)


def _workbook_edit(content: bytes, name: str) -> tuple[Edit, ReadWorkbook]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        read = read_programme_workbook(path)
    entries, problems = {}, list(read.problems)
    for code, values in read.values.items():
        form = read_form(values, code)
        problems += [read.placed(found, code, str(found.facts["path"])) for found in form.problems]
        entries[code] = form.document
    if not entries and not problems:
        problems.append(Problem("programmes_missing", "The sheet of programmes has no row.", file=name))
    if problems:
        raise CatalogueError(problems)
    seen = {code: version for code, version in read.versions.items() if version}
    return Edit(entries, seen, is_whole_list=True, origin=name), read


def in_place(refusal: InputError, read: ReadWorkbook | None) -> InputError:
    """Problems of an edit with the cells of the workbook that they are about."""
    if read is None:
        return refusal
    placed = []
    for found in refusal.problems:
        code, path = str(found.facts.get("programme", "")), str(found.facts.get("path") or "")
        placed.append(read.placed(replace(found, column=None), code, path) if code else replace(found, file=read.file))
    return CatalogueError(placed)
