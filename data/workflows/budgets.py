"""Budget lines into the store: upserted by site, year and code, in one transaction, with their provenance."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import LABEL, SCHEMA, STAGES, BudgetLines, check_frame, labels_of
from data.readers.budget_files import read_budget
from data.readers.fdp import DESCRIPTOR
from data.readers.files import write_file
from data.readers.mef import Progress
from data.store import audit, lines
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import BudgetLine, Programme, ProgrammeLineShare, Site
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


@dataclass(frozen=True)
class ImportedLines:
    """What an import did."""

    new: int
    changed: int
    unchanged: int
    gone: tuple[Key, ...]  # (year, code) in the store, of the file's years, and not in the file
    removed: bool  # whether those were removed


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
) -> ImportedLines:
    """Store the lines of `frame` (contract: `budget_model.spending.lines`) at a site, all of them or none.

    A line that is there already (same year and code) is changed where the file differs; lines of the file's years
    that the file no longer has are reported, and removed only with `remove_gone` and if no programme is fed by them.
    A file that shares no line with a year that is there is refused without `remove_gone`: it would count money twice.

    Raises InputError with every problem, NotFoundError for an unknown site; then nothing is changed.
    """
    frame = check_frame(frame)
    problems = list(_unstorable(frame, provenance.file))
    if problems:
        raise InputError(problems)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        _refuse_other_currency(site, provenance)
        stored = [line for year in frame["year"].unique() for line in lines.list_lines(session, site.id, year)]
        gone = _gone_lines(stored, frame)
        if not remove_gone:
            _refuse_other_grain(site, stored, gone, provenance.file)
        counts = lines.save_lines(session, site.id, actor, list(_rows(frame, provenance)))
        keys = tuple(sorted((line.year, line.code) for line in gone))
        if remove_gone and gone:
            _remove(session, gone, provenance.file)
            audit.record(session, actor, "budget.remove", f"{len(gone)} budget lines", site.id, {"lines": keys})
    return ImportedLines(counts.new, counts.changed, counts.unchanged, keys, remove_gone)


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
    lines_read = read_budget(path, source, mapping, municipality, progress=progress)
    frame = lines_read.frame if year is None else lines_read.frame.filter(pl.col("year") == year)
    if frame.is_empty():
        years = ", ".join(map(str, lines_read.frame["year"].unique().sort()))
        message = f"The file has no lines of {year}; it has {years}. Choose one of them."
        raise InputError(Problem("no_rows", message, file=path.name, value=str(year)))
    provenance = provenance_of(_content_file(path), lines_read.currency)
    return lines_read, import_lines(factory, site_slug, frame, provenance, actor, remove_gone)


def _content_file(path: Path) -> Path:
    """The file that stands for a source: of a package's folder its descriptor."""
    return path / DESCRIPTOR if path.is_dir() else path


def export_lines(factory: sessionmaker[Session], site_slug: str, path: Path, year: int | None = None) -> int:
    """Write the lines of a site to a CSV or XLSX file; says how many. Raises InputError where there are none."""
    with factory() as session:
        site = load_site(session, site_slug)
        frame = load_lines_frame(session, site.id, year)
    if frame.is_empty():
        message = f"The site '{site_slug}' has no budget lines{f' of {year}' if year else ''}. Import some first."
        raise InputError(Problem("no_rows", message))
    write_file(path, budget_file_bytes(path.name, site.name, site.currency, site.is_synthetic, frame))
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


def _gone_lines(stored: Sequence[BudgetLine], frame: pl.DataFrame) -> list[BudgetLine]:
    there = set(frame.select("year", "code").iter_rows())
    return [line for line in stored if (line.year, line.code) not in there]


def _refuse_other_grain(site: Site, stored: Sequence[BudgetLine], gone: Sequence[BudgetLine], file: str) -> None:
    """A year of which the file has no stored line is the same money cut another way: it would count twice."""
    before, absent = Counter(line.year for line in stored), Counter(line.year for line in gone)
    problems = [
        _other_grain(site, year, count, file) for year, count in sorted(before.items()) if absent[year] == count
    ]
    if problems:
        raise InputError(problems)


def _other_grain(site: Site, year: int, count: int, file: str) -> Problem:
    message = (
        f"The site '{site.slug}' has {count:,} lines of {year} and the file has none of them: its lines beside those "
        "would count money twice. Replace them with --remove-gone."
    )
    return Problem("lines_of_another_grain", message, file=file, value=str(year))


def _remove(session: Session, gone: Sequence[BudgetLine], file: str) -> None:
    names = {line.id: f"'{line.code}' of {line.year}" for line in gone}
    query = (
        select(ProgrammeLineShare.budget_line_id, Programme.code)
        .join(Programme, Programme.id == ProgrammeLineShare.programme_id)
        .where(ProgrammeLineShare.budget_line_id.in_(list(names)))
    )
    problems = [_feeds(file, names[line_id], programme) for line_id, programme in session.execute(query)]
    if problems:
        raise InputError(problems)
    for line in gone:
        session.delete(line)


def _feeds(file: str, line: str, programme: str) -> Problem:
    message = (
        f"The line {line} is no longer in the file, but it feeds the programme '{programme}'. Take it out of the "
        "programme first, or import without removing lines."
    )
    return Problem("line_feeds_programme", message, file=file)
