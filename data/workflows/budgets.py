"""Budget lines into the store: upserted by site, year and code, in one transaction, with their provenance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import LABEL, SCHEMA, STAGES, BudgetLines, check_frame, labels_of
from data.readers.budget_export import read_export_tags
from data.readers.budget_files import read_budget
from data.readers.fdp import DESCRIPTOR
from data.readers.files import write_file
from data.readers.line_rows import Progress
from data.readers.tag_table import TagRow
from data.store import audit, lines
from data.store.budget_imports import add_import, find_import_of_upload, note_upload
from data.store.engine import transaction
from data.store.lines import LineCounts
from data.store.sites import load_site
from data.store.tables import BudgetImport, BudgetLine, Site
from data.store.tags import load_lines
from data.workflows.budget_checks import refusals
from data.workflows.budget_diff import GONE, BudgetDiff, amounts_document, change_row, diff_lines
from data.workflows.tag_files import ImportedTags, newest_rows, propose_rows
from data.writers.budget_lines import budget_file_bytes

HASH_BLOCK = 2**20
Key = tuple[int, str]


@dataclass(frozen=True)
class Provenance:
    """Whence the lines come."""

    file: str
    sha256: str
    currency: str | None = None  # None where the source does not say
    source: str = "table"
    municipality: str | None = None
    rows_read: int | None = None
    rows_kept: int | None = None
    warnings: tuple[Problem, ...] = ()
    upload: str | None = None  # what names an upload that is imported once


@dataclass(frozen=True)
class ImportedLines:
    """What an import did; `import_id` is its record with every change."""

    new: int
    changed: int
    unchanged: int
    gone: tuple[Key, ...]  # (year, code) in the store, of the file's years, and not in the file
    removed: bool  # whether those were removed
    import_id: int
    diff: BudgetDiff
    tags: ImportedTags | None = None  # where the file brings tags
    totals: Mapping[str, Any] = field(default_factory=dict)  # year -> {lines, lines_before, before, file, …}


def provenance_of(path: Path, currency: str | None = None) -> Provenance:
    """Name and SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(HASH_BLOCK):
            digest.update(block)
    return Provenance(path.name, digest.hexdigest(), currency)


def import_lines(
    factory: sessionmaker[Session],
    site_slug: str,
    frame: pl.DataFrame,
    provenance: Provenance,
    actor: str,
    remove_gone: bool = False,
    tag_rows: Sequence[TagRow] = (),
    before_commit: Callable[[], None] | None = None,
) -> ImportedLines:
    """Store the lines of `frame` (contract: `budget_model.spending.lines`) at a site, all of them or none.

    A line that is there already (same year and code) is changed where the file differs; lines of the file's years
    that the file no longer has are reported, and removed only with `remove_gone` and if no programme is fed by them.
    A file that shares no line with a year that is there is refused without `remove_gone`: it would count money twice.
    Tags stay with their lines. What changed is kept as a record (`data.store.budget_imports`).

    tag_rows : tags that the file brings, proposed by the actor in the same transaction
    before_commit : called when all is ready; what it raises takes everything back
    Raises InputError with every problem, NotFoundError for an unknown site; then nothing is changed.
    """
    frame = check_frame(frame)
    with transaction(factory) as session:
        done = _store(session, site_slug, frame, provenance, actor, remove_gone, tag_rows)
        if before_commit is not None:
            before_commit()
        return done


class _TakenBackError(Exception):
    """Ends a trial, so that nothing of it is stored."""


def try_import(
    factory: sessionmaker[Session],
    site_slug: str,
    frame: pl.DataFrame,
    provenance: Provenance,
    actor: str,
    remove_gone: bool,
    tag_rows: Sequence[TagRow],
) -> tuple[Problem, ...]:
    """Why `import_lines` would refuse: it is done and taken back, so that nothing is stored."""
    try:
        with transaction(factory) as session:
            _store(session, site_slug, check_frame(frame), provenance, actor, remove_gone, tag_rows)
            raise _TakenBackError
    except _TakenBackError:
        return ()
    except InputError as refused:
        return refused.problems


def _store(
    session: Session,
    site_slug: str,
    frame: pl.DataFrame,
    provenance: Provenance,
    actor: str,
    remove_gone: bool,
    tag_rows: Sequence[TagRow],
) -> ImportedLines:
    site = load_site(session, site_slug)
    _refuse_second(session, site, provenance.upload)
    diff = diff_lines(session, site.id, frame)
    gone = diff.keys(GONE)
    kept, removed = refusals(session, site, frame, provenance.currency, provenance.file, gone)
    if problems := removed if remove_gone else kept:
        raise InputError(problems)
    counts = lines.save_lines(session, site.id, actor, list(_rows(frame, provenance)))
    if remove_gone and gone:
        _remove(session, site, gone)
        audit.record(session, actor, "budget.remove", f"{len(gone)} budget lines", site.id, {"lines": gone})
    session.flush()
    row = _record(site, diff, counts, provenance, actor, remove_gone)
    row.totals = _with_what_is_stored(session, site.id, row.totals)
    record = add_import(session, row, _change_rows(diff))
    if provenance.upload:
        note_upload(session, site.id, actor, provenance.upload, record.id)
    tags = propose_rows(session, site, tag_rows, actor, provenance.file) if tag_rows else None
    numbers = (counts.new, counts.changed, counts.unchanged)
    return ImportedLines(*numbers, gone, remove_gone, record.id, diff, tags, record.totals)


def _refuse_second(session: Session, site: Site, upload: str | None) -> None:
    """An upload comes in once, however often it is asked for."""
    if upload and find_import_of_upload(session, site.id, upload) is not None:
        message = "This upload was imported before. Look at the list of imports; upload the file again to repeat it."
        raise InputError(Problem("upload_imported", message))


def _with_what_is_stored(session: Session, site_id: int, totals: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The totals of a record with what the database adds up to after the import, asked of the database itself."""
    stored = {str(total.year): total for total in lines.totals_by_year(session, site_id)}
    return {
        year: {**one, "after": amounts_document(stored[year].amounts), "lines_after": stored[year].lines}
        for year, one in totals.items()
    }


def _change_rows(diff: BudgetDiff) -> list[dict[str, Any]]:
    return [change_row(change) for change in diff.changes]


def _record(
    site: Site, diff: BudgetDiff, counts: LineCounts, provenance: Provenance, actor: str, remove_gone: bool
) -> BudgetImport:
    totals = {
        str(year): {
            "lines": one.lines,
            "lines_before": one.lines_before,
            "before": amounts_document(one.before),
            "file": amounts_document(one.file),
        }
        for year, one in diff.years.items()
    }
    return BudgetImport(
        site_id=site.id,
        at=datetime.now(UTC),
        actor=actor,
        source_file=provenance.file,
        source_sha256=provenance.sha256,
        source=provenance.source,
        municipality=provenance.municipality,
        rows_read=provenance.rows_read,
        rows_kept=provenance.rows_kept,
        new_count=counts.new,
        changed_count=counts.changed,
        unchanged_count=counts.unchanged,
        gone_count=diff.counts[GONE],
        has_removed=remove_gone and diff.counts[GONE] > 0,
        totals=totals,
        warnings=[
            {"rule": problem.rule, "message": str(problem), **_found(problem)}
            for problem in (*provenance.warnings, *diff.warnings(provenance.file))
        ],
    )


def _found(problem: Problem) -> dict[str, Any]:
    """Place and facts of a warning, so that a screen can tell them later in its own words."""
    return {name: getattr(problem, name) for name in ("sheet", "line", "column", "value")} | {"facts": problem.facts}


def import_budget_file(
    factory: sessionmaker[Session],
    site_slug: str,
    path: Path,
    actor: str,
    *,
    source: str = "auto",
    mapping: Path | None = None,
    municipality: str | None = None,
    year: int | None = None,
    remove_gone: bool = False,
    last_line_is_whole: bool = False,
    progress: Progress | None = None,
) -> tuple[BudgetLines, ImportedLines]:
    """Read a budget file (see `data.readers.budget_files.read_budget`) and import its lines.

    year : import this year's lines only
    Raises InputError and NotFoundError; then nothing is changed.
    """
    with factory() as session:
        load_site(session, site_slug)  # an unknown site is told before a long file is read
    found = read_for_import(path, source, mapping, municipality, year, progress, last_line_is_whole)
    done = import_lines(factory, site_slug, found.lines.frame, found.provenance, actor, remove_gone, found.tag_rows)
    return found.lines, done


@dataclass(frozen=True)
class ReadFile:
    """A file as an import takes it."""

    lines: BudgetLines
    provenance: Provenance
    tag_rows: Sequence[TagRow]


def read_for_import(
    path: Path,
    source: str = "auto",
    mapping: Path | None = None,
    municipality: str | None = None,
    year: int | None = None,
    progress: Progress | None = None,
    last_line_is_whole: bool = False,
) -> ReadFile:
    """Read a file for a preview or an import; nothing is stored. Raises InputError."""
    found = read_budget(path, source, mapping, municipality, progress=progress, last_line_is_whole=last_line_is_whole)
    return as_read_file(found, path, municipality, year)


def as_read_file(found: BudgetLines, path: Path, municipality: str | None, year: int | None) -> ReadFile:
    """Lines of a file as an import takes them: of one year where one is stated, with their provenance and tags."""
    frame = found.frame if year is None else found.frame.filter(pl.col("year") == year)
    if frame.is_empty():
        years = ", ".join(map(str, found.frame["year"].unique().sort()))
        message = f"The file has no lines of {year}; it has {years}. Choose one of them."
        raise InputError(Problem("no_rows", message, file=path.name, value=str(year)))
    problems = (*found.problems, *_other_years(found.frame, year, path.name))
    problems = (*problems, *_several_entities(frame, found.source, path.name))
    found = replace(found, frame=frame, problems=problems)
    provenance = replace(
        provenance_of(_content_file(path), found.currency),
        source=found.source,
        municipality=municipality,
        rows_read=found.rows_read,
        rows_kept=found.rows_kept,
        warnings=problems,
    )
    tags = read_export_tags(path) if found.source == "export" else []
    return ReadFile(found, provenance, [row for row in tags if year is None or row.key[0] == year])


def _other_years(frame: pl.DataFrame, year: int | None, file: str) -> Iterator[Problem]:
    """What a stated year leaves out: the reader counts its rows among those kept."""
    left = frame.filter(pl.col("year") != year) if year is not None else frame.clear()
    if left.height:
        years = ", ".join(map(str, left["year"].unique().sort()))
        message = (
            f"{left.height:,} lines of other years ({years}) are left out, as only {year} was asked for. Their rows "
            "are counted among the rows kept."
        )
        facts = {"count": left.height, "codes": years}
        yield Problem("other_years", message, "warning", file=file, facts=facts)


def _several_entities(frame: pl.DataFrame, source: str, file: str) -> Iterator[Problem]:
    """A warning where a ministry's file brings the money of several municipalities to one site."""
    if source not in ("mef", "consulta"):
        return
    entities = frame["code"].str.split("/").list.first().n_unique()
    if entities > 1:
        message = (
            f"The file has lines of {entities:,} executing units, and all of them are kept at this site. To keep one, "
            "state its SEC_EJEC or its ubigeo as the municipality."
        )
        yield Problem("several_entities", message, "warning", file=file, facts={"count": entities})


def _content_file(path: Path) -> Path:
    """The file that stands for a source: of a package's folder its descriptor."""
    return path / DESCRIPTOR if path.is_dir() else path


def export_lines(factory: sessionmaker[Session], site_slug: str, path: Path, year: int | None = None) -> int:
    """Write the lines of a site to a CSV or XLSX file; says how many. Raises InputError where there are none."""
    with factory() as session:
        site = load_site(session, site_slug)
        frame = load_lines_frame(session, site.id, year)
        tags = dict(newest_rows(session, site.id, year))
    if frame.is_empty():
        message = f"The site '{site_slug}' has no budget lines{f' of {year}' if year else ''}. Import some first."
        raise InputError(Problem("no_rows", message))
    write_file(path, budget_file_bytes(path.name, site.name, site.currency, site.is_synthetic, frame, tags))
    return frame.height


def load_lines_frame(session: Session, site_id: int, year: int | None = None) -> pl.DataFrame:
    """The stored lines of a site as a frame of the contract, with `source_file`, in the order of year and code."""
    query = select(BudgetLine).where(BudgetLine.site_id == site_id).order_by(BudgetLine.year, BudgetLine.code)
    if year is not None:
        query = query.where(BudgetLine.year == year)
    stored = list(session.scalars(query))
    names = dict.fromkeys(name for line in stored for name in line.labels)
    columns: dict[str, list[Any]] = {"year": [line.year for line in stored], "code": [line.code for line in stored]}
    columns["line"] = [line.source_line for line in stored]
    columns |= {stage: [getattr(line, stage) for line in stored] for stage in STAGES}
    columns["gender_share"] = [line.gender_share for line in stored]
    columns |= {LABEL + name: [line.labels.get(name) for line in stored] for name in names}
    return _typed(columns).with_columns(pl.Series("source_file", [line.source_file for line in stored], pl.String))


def _typed(columns: Mapping[str, list[Any]]) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(name, cells, SCHEMA.get(name, pl.String())) for name, cells in columns.items()])


def _rows(frame: pl.DataFrame, provenance: Provenance) -> Iterator[dict[str, Any]]:
    """Rows as `data.store.lines.save_lines` takes them."""
    for row in frame.iter_rows(named=True):
        content = {name: row[name] for name in ("year", "code", *STAGES, "gender_share")}
        source = {"source_file": provenance.file, "source_sha256": provenance.sha256, "source_line": row["line"]}
        yield {**content, "labels": labels_of(row), **source}


def _remove(session: Session, site: Site, gone: Sequence[Key]) -> None:
    lines.remove_lines(session, site.id, load_lines(session, site.id, gone).values())
