"""Bringing a budget file in, step by step, for people: uploaded, looked at beside what is stored, imported.

The file waits in a private folder (`staging.py`); nothing is stored before the last step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.spending.lines import BudgetLines
from data.readers.budget_files import SOURCES, read_budget
from data.readers.line_rows import Progress
from data.readers.table import read_mapping
from data.store import tags as tag_store
from data.store.sites import load_site
from data.workflows.budget_checks import refusals
from data.workflows.budget_diff import GONE, BudgetDiff, diff_lines
from data.workflows.budgets import ImportedLines, ReadFile, as_read_file, import_lines, try_import
from data.workflows.kept_reading import find_reading, load_reading, save_reading
from data.workflows.staging import Stage, Upload, abandon_stage, data_paths, find_stages, make_stage, staging_folder

KIND = "budget"  # of a stage, beside those of surveys
MAPPING_FILE = "mapping.yaml"
LARGE_BYTES = 2 * 2**20  # of a file that is read in the background
LARGE_WORKBOOK_BYTES = 2**19  # a packed one takes about seven times as long a byte
PACKED = (".xlsx", ".xlsm", ".ods")


@dataclass(frozen=True)
class Wishes:
    """What a person states of a file. Empty: found out, or all of it."""

    source: str = "auto"
    municipality: str = ""
    year: int | None = None
    mapping: str = ""  # YAML text, for a table


@dataclass(frozen=True)
class BudgetPreview:
    """A file beside what is stored."""

    read: ReadFile
    diff: BudgetDiff
    gone_tagged: int  # tagged lines that the file no longer has
    refused_keeping: tuple[Problem, ...] = ()  # why it cannot come in where lines that are gone are kept
    refused_removing: tuple[Problem, ...] = ()  # and where they are removed

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why no way is open, each reason once."""
        of_removing = self.refused_removing if self.diff.counts[GONE] else ()
        return (*self.refused_keeping, *(one for one in of_removing if one not in self.refused_keeping))

    @property
    def is_refused(self) -> bool:
        """Whether no way of importing it is open."""
        return bool(self.refused_keeping) and (not self.diff.counts[GONE] or bool(self.refused_removing))


def start_budget_import(bank_folder: Path, site_slug: str, owner: str, upload: Upload, wishes: Wishes) -> Stage:
    """Keep an uploaded file. InputError for a wrong type or a mapping that cannot be read; then nothing is kept."""
    if wishes.source not in SOURCES:
        message = f"There is no source '{wishes.source}'. There are: {', '.join(SOURCES)}."
        raise InputError(Problem("source_unknown", message, value=wishes.source))
    if wishes.mapping.strip():
        read_mapping(wishes.mapping, MAPPING_FILE)
    facts = {"kind": KIND, "source": wishes.source, "municipality": wishes.municipality.strip(), "year": wishes.year}
    stage = make_stage(bank_folder, site_slug, owner, KIND, None, [upload], facts)
    if wishes.mapping.strip():
        (staging_folder(bank_folder) / stage.token / MAPPING_FILE).write_text(wishes.mapping, encoding="utf-8")
    return stage


def waiting_files(bank_folder: Path, site_slug: str, owner: str, now: datetime | None = None) -> list[Stage]:
    """Uploads of budget files of a person that are still there."""
    return [stage for stage in find_stages(bank_folder, site_slug, owner, now) if is_budget(stage)]


def is_budget(stage: Stage) -> bool:
    """Whether an upload is a budget file."""
    return stage.facts.get("kind") == KIND


def preview_budget_import(factory: sessionmaker[Session], bank_folder: Path, stage: Stage) -> BudgetPreview:
    """Read the file and compare it with what is stored; nothing is stored. InputError with every problem."""
    read = _read(bank_folder, stage)
    with factory() as session:
        site = load_site(session, stage.site)
        diff = diff_lines(session, site.id, read.lines.frame)
        gone, provenance = diff.keys(GONE), read.provenance
        tagged = tag_store.find_heads(session, site.id, gone)
        refused = refusals(session, site, read.lines.frame, provenance.currency, provenance.file, gone)
    ways = [
        tuple(problems) or _refused_tags(factory, stage, read, removes)
        for problems, removes in zip(refused, (False, True), strict=True)
    ]
    return BudgetPreview(read, diff, len(tagged), *ways)


def _refused_tags(factory: sessionmaker[Session], stage: Stage, read: ReadFile, removes: bool) -> tuple[Problem, ...]:
    """Why the tags that a file brings cannot be proposed: known only once its lines are there, hence a trial."""
    if not read.tag_rows:
        return ()
    lines_and_tags = (read.lines.frame, read.provenance, stage.owner, removes, read.tag_rows)
    return try_import(factory, stage.site, *lines_and_tags)


def finish_budget_import(
    factory: sessionmaker[Session],
    bank_folder: Path,
    stage: Stage,
    actor: str,
    remove_gone: bool,
    before_commit: Callable[[], None] | None = None,
) -> ImportedLines:
    """Import the file, once, and remove the upload. InputError as `budgets.import_lines`; then the upload stays.

    before_commit : called when all is ready to be stored; what it raises takes everything back
    """
    read = _read(bank_folder, stage)
    provenance = replace(read.provenance, upload=upload_name(stage.token))
    lines = (read.lines.frame, provenance, actor, remove_gone, read.tag_rows)
    done = import_lines(factory, stage.site, *lines, before_commit)
    abandon_stage(bank_folder, stage)
    return done


def upload_name(token: str) -> str:
    """What the trail calls an upload: its token opens it, and does not stand there."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_large(bank_folder: Path, stage: Stage) -> bool:
    """Whether reading the file takes longer than a person should wait for a page."""
    is_packed = data_paths(bank_folder, stage)[0].suffix.lower() in PACKED
    return file_bytes(bank_folder, stage) > (LARGE_WORKBOOK_BYTES if is_packed else LARGE_BYTES)


def file_bytes(bank_folder: Path, stage: Stage) -> int:
    """Size of the uploaded file."""
    return data_paths(bank_folder, stage)[0].stat().st_size


def has_reading(bank_folder: Path, stage: Stage) -> bool:
    """Whether the file was read and its lines are kept beside it."""
    return find_reading(staging_folder(bank_folder) / stage.token) is not None


def keep_reading(
    bank_folder: Path, stage: Stage, progress: Progress | None = None, last_line_is_whole: bool = False
) -> ReadFile:
    """Read the file and keep its lines beside it, for the preview and the import; nothing else is stored.

    last_line_is_whole : the person confirms that a last line without its line end was not cut off

    Raises InputError with every problem, NotFoundError where the upload was removed meanwhile; then nothing is kept.
    """
    try:
        lines = _read_file(bank_folder, stage, progress, last_line_is_whole)
        read = _as_read_file(bank_folder, stage, lines)
        save_reading(staging_folder(bank_folder) / stage.token, lines)
    except FileNotFoundError:
        raise NotFoundError("upload", stage.token[:8]) from None
    return read


def _read(bank_folder: Path, stage: Stage) -> ReadFile:
    """What was read before, so that the lines that were looked at are imported; else the file."""
    kept = load_reading(staging_folder(bank_folder) / stage.token)
    return keep_reading(bank_folder, stage) if kept is None else _as_read_file(bank_folder, stage, kept)


def _as_read_file(bank_folder: Path, stage: Stage, lines: BudgetLines) -> ReadFile:
    path, facts = data_paths(bank_folder, stage)[0], stage.facts
    return as_read_file(lines, path, facts["municipality"] or None, facts["year"])


def _read_file(bank_folder: Path, stage: Stage, progress: Progress | None, last_line_is_whole: bool) -> BudgetLines:
    facts: Mapping[str, Any] = stage.facts
    mapping = staging_folder(bank_folder) / stage.token / MAPPING_FILE
    return read_budget(
        data_paths(bank_folder, stage)[0],
        facts["source"],
        mapping if mapping.is_file() else None,
        facts["municipality"] or None,
        progress=progress,
        last_line_is_whole=last_line_is_whole,
    )
