"""Budget lines into the store: upserted by site, year and code, in one transaction, with their provenance."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
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
from data.readers.mef import Progress
from data.readers.tag_table import TagRow
from data.store import audit, lines
from data.store.budget_imports import add_import
from data.store.engine import transaction
from data.store.lines import LineCounts
from data.store.sites import load_site
from data.store.tables import BudgetImport, BudgetLine, Programme, ProgrammeLineShare, Site
from data.store.tags import load_lines
from data.workflows.budget_diff import GONE, BudgetDiff, amounts_document, change_row, diff_lines
from data.workflows.tag_files import ImportedTags, newest_rows, propose_rows
from data.writers.budget_lines import budget_file_bytes

LONGEST_CODE = 200
LARGEST_AMOUNT = Decimal(10) ** 14  # what SQLite can keep in ten-thousandths
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
) -> ImportedLines:
    """Store the lines of `frame` (contract: `budget_model.spending.lines`) at a site, all of them or none.

    A line that is there already (same year and code) is changed where the file differs; lines of the file's years
    that the file no longer has are reported, and removed only with `remove_gone` and if no programme is fed by them.
    A file that shares no line with a year that is there is refused without `remove_gone`: it would count money twice.
    Tags stay with their lines. What changed is kept as a record (`data.store.budget_imports`).

    tag_rows : tags that the file brings, proposed by the actor in the same transaction
    Raises InputError with every problem, NotFoundError for an unknown site; then nothing is changed.
    """
    frame = check_frame(frame)
    problems = list(_unstorable(frame, provenance.file))
    if problems:
        raise InputError(problems)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        _refuse_other_currency(site, provenance)
        diff = diff_lines(session, site.id, frame)
        gone = diff.keys(GONE)
        if not remove_gone:
            _refuse_other_grain(session, site, gone, provenance.file)
        counts = lines.save_lines(session, site.id, actor, list(_rows(frame, provenance)))
        if remove_gone and gone:
            _remove(session, site, gone, provenance.file)
            audit.record(session, actor, "budget.remove", f"{len(gone)} budget lines", site.id, {"lines": gone})
        record = add_import(session, _record(site, diff, counts, provenance, actor, remove_gone), _change_rows(diff))
        tags = propose_rows(session, site, tag_rows, actor, provenance.file) if tag_rows else None
        return ImportedLines(counts.new, counts.changed, counts.unchanged, gone, remove_gone, record.id, diff, tags)


def _change_rows(diff: BudgetDiff) -> list[dict[str, Any]]:
    return [change_row(change) for change in diff.changes]


def _record(
    site: Site, diff: BudgetDiff, counts: LineCounts, provenance: Provenance, actor: str, remove_gone: bool
) -> BudgetImport:
    totals = {
        str(year): {"lines": one.lines, "before": amounts_document(one.before), "file": amounts_document(one.file)}
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
            {"rule": problem.rule, "message": str(problem)}
            for problem in (*provenance.warnings, *diff.warnings(provenance.file))
        ],
    )


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
    progress: Progress | None = None,
) -> tuple[BudgetLines, ImportedLines]:
    """Read a budget file (see `data.readers.budget_files.read_budget`) and import its lines.

    year : import this year's lines only
    Raises InputError and NotFoundError; then nothing is changed.
    """
    with factory() as session:
        load_site(session, site_slug)  # an unknown site is told before a long file is read
    found = read_for_import(path, source, mapping, municipality, year, progress)
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
) -> ReadFile:
    """Read a file for a preview or an import; nothing is stored. Raises InputError."""
    found = read_budget(path, source, mapping, municipality, progress=progress)
    frame = found.frame if year is None else found.frame.filter(pl.col("year") == year)
    if frame.is_empty():
        years = ", ".join(map(str, found.frame["year"].unique().sort()))
        message = f"The file has no lines of {year}; it has {years}. Choose one of them."
        raise InputError(Problem("no_rows", message, file=path.name, value=str(year)))
    problems = (*found.problems, *_several_entities(frame, found.source, path.name))
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


def _unstorable(frame: pl.DataFrame, file: str) -> Iterator[Problem]:
    for year, code, line in (
        frame.filter(pl.col("code").str.len_chars() > LONGEST_CODE).select("year", "code", "line").head(5).iter_rows()
    ):
        message = f"The line of {year} is named by {len(code)} characters; {LONGEST_CODE} fit. Use fewer columns."
        yield Problem("line_code_long", message, file=file, line=line, value=code[:60])
    for stage in STAGES:
        large = frame.filter(pl.col(stage).abs() >= LARGEST_AMOUNT)
        for line, amount in large.select("line", stage).head(5).iter_rows():
            message = f"The amount {amount:f} is too large to be kept exactly. Check the factor and the number format."
            yield Problem("amount_large", message, file=file, line=line, column=stage)


def _refuse_other_currency(site: Site, provenance: Provenance) -> None:
    if provenance.currency and provenance.currency != site.currency:
        message = (
            f"The amounts are in {provenance.currency} and the site '{site.slug}' keeps its budget in {site.currency}. "
            "Import them at a site of that currency; amounts are never converted here."
        )
        raise InputError(Problem("currency_differs", message, file=provenance.file, value=provenance.currency))


def _rows(frame: pl.DataFrame, provenance: Provenance) -> Iterator[dict[str, Any]]:
    """Rows as `data.store.lines.save_lines` takes them."""
    for row in frame.iter_rows(named=True):
        content = {name: row[name] for name in ("year", "code", *STAGES, "gender_share")}
        source = {"source_file": provenance.file, "source_sha256": provenance.sha256, "source_line": row["line"]}
        yield {**content, "labels": labels_of(row), **source}


def _refuse_other_grain(session: Session, site: Site, gone: Sequence[Key], file: str) -> None:
    """A year of which the file has no stored line is the same money cut another way: it would count twice."""
    absent = Counter(year for year, _ in gone)
    before = {total.year: total.lines for total in lines.totals_by_year(session, site.id)}
    problems = [
        _other_grain(site, year, count, file) for year, count in sorted(absent.items()) if before[year] == count
    ]
    if problems:
        raise InputError(problems)


def _other_grain(site: Site, year: int, count: int, file: str) -> Problem:
    message = (
        f"The site '{site.slug}' has {count:,} lines of {year} and the file has none of them: its lines beside those "
        "would count money twice. Replace them with --remove-gone."
    )
    return Problem("lines_of_another_grain", message, file=file, value=str(year))


def _remove(session: Session, site: Site, gone: Sequence[Key], file: str) -> None:
    removed = load_lines(session, site.id, gone).values()
    names = {line.id: f"'{line.code}' of {line.year}" for line in removed}
    query = (
        select(ProgrammeLineShare.budget_line_id, Programme.code)
        .join(Programme, Programme.id == ProgrammeLineShare.programme_id)
        .where(ProgrammeLineShare.budget_line_id.in_(list(names)))
    )
    problems = [_feeds(file, names[line_id], programme) for line_id, programme in session.execute(query)]
    if problems:
        raise InputError(problems)
    lines.remove_lines(session, site.id, removed)


def _feeds(file: str, line: str, programme: str) -> Problem:
    message = (
        f"The line {line} is no longer in the file, but it feeds the programme '{programme}'. Take it out of the "
        "programme first, or import without removing lines."
    )
    return Problem("line_feeds_programme", message, file=file)
