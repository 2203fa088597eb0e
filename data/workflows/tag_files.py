"""Tags out into a table that people edit, and back in as proposals.

A tag comes in as a proposal of whoever brings it: a file never approves anything. A row that says what the line's
newest version says already changes nothing, so that what was exported comes in again without a trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.tag_rows import TAG_COLUMNS, row_of_tag, tag_of_row
from budget_model.spending.tags import parse_tag, tag_document
from data.readers.files import write_file
from data.readers.schemes import read_schemes
from data.readers.tabular import capped
from data.readers.tag_table import INFORMATIVE, SAYING, TagRow, read_tag_rows
from data.store import tags as store
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import LineTagVersion, Site
from data.store.tags import Key
from data.workflows.tag_bulk import new_batch
from data.workflows.tag_people import TAGGERS, require_role
from data.workflows.tag_steps import Step, known_needs, open_lines, proposal, save_steps
from data.writers.tables import Table, file_bytes

IMPORTED = "Imported from {file}"


@dataclass(frozen=True)
class ImportedTags:
    """What came of a file of tags."""

    proposed: tuple[Key, ...]
    unchanged: int
    empty: int  # rows that state nothing


def export_tags(factory: sessionmaker[Session], site_slug: str, path: Path, year: int | None = None) -> int:
    """Write the newest tags of a site to a CSV or XLSX file; says how many. InputError where there are none."""
    with factory() as session:
        site = load_site(session, site_slug)
        rows = [[str(key[0]), key[1], *row.values()] for key, row in newest_rows(session, site.id, year)]
    if not rows:
        message = f"The site '{site_slug}' has no tags{f' of {year}' if year else ''}. Propose some first."
        raise InputError(Problem("no_rows", message))
    header = ["year", "code", *TAG_COLUMNS, *SAYING, *INFORMATIVE]
    notes = [("Site", site.name), ("Content", "gender tags of budget lines, newest versions; not all are approved")]
    if site.is_synthetic:
        notes.insert(0, ("Note", "Synthetic demonstration data; no real municipality's tags."))
    write_file(path, file_bytes(path.name, notes, [Table("Tags", header, rows)]))
    return len(rows)


def newest_rows(session: Session, site_id: int, year: int | None = None) -> Iterable[tuple[Key, dict[str, str]]]:
    """Newest versions as rows of texts: the facets, rationale and evidence, and where the tag stands."""
    for head, newest, approved in store.current_and_approved(session, site_id, year):
        row = row_of_tag(newest.content)
        row |= {"rationale": newest.rationale, "evidence": "\n".join(newest.evidence)}
        row |= {"state": head.state, "version": str(head.version), "author": newest.author}
        row |= {"saved_at": newest.at.isoformat(timespec="seconds")}
        yield (head.year, head.code), row | {"approved_version": str(approved.version) if approved else ""}


def import_tags(
    factory: sessionmaker[Session], site_slug: str, path: Path, actor: str, is_dry_run: bool = False
) -> ImportedTags:
    """Propose the tags of a CSV or XLSX file, all of them or none.

    The file has `year`, `code` and any of the columns that an export has; notes above the header are passed over.
    is_dry_run : check everything, store nothing
    Raises InputError with the line and column of everything that is refused, AccessError, NotFoundError.
    """
    rows = read_tag_rows(path)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        done = propose_rows(session, site, rows, actor, path.name)
        if is_dry_run:
            session.rollback()
    return done


def propose_rows(session: Session, site: Site, rows: Sequence[TagRow], actor: str, file: str) -> ImportedTags:
    """Propose the tags of rows within a transaction; what says the same as the newest version is passed over."""
    require_role(session, actor, site.id, TAGGERS, "tag budget lines")
    stating = [row for row in rows if row.is_stating]
    problems = list(_twice(stating, file)) + list(_unknown_lines(session, site, stating, file))
    if problems:
        raise InputError(capped(problems))
    newest = open_lines(session, site, dict.fromkeys(row.key for row in stating)) if stating else {}
    known = known_needs(session, site.id)
    steps: list[Step] = []
    for row in stating:
        try:
            step = _step(row, newest[row.key], known, actor, file)
        except InputError as refusal:
            problems += [_placed(problem, row, file) for problem in refusal.problems]
            continue
        steps += [step] if step else []
    if problems:
        raise InputError(capped(problems))
    if steps:
        save_steps(session, site, actor, steps, new_batch())
    return ImportedTags(tuple(step.key for step in steps), len(stating) - len(steps), len(rows) - len(stating))


def _step(
    row: TagRow, before: LineTagVersion | None, known: frozenset[str] | None, actor: str, file: str
) -> Step | None:
    tag = parse_tag(tag_of_row(row.cells), read_schemes(), known)
    if before is not None and before.content == tag_document(tag):
        return None
    evidence = row.cells.get("evidence", "").splitlines()
    return proposal(row.key, before, tag, row.cells.get("rationale") or IMPORTED.format(file=file), evidence, actor)


def _twice(rows: Sequence[TagRow], file: str) -> Iterable[Problem]:
    first: dict[Key, int] = {}
    for row in rows:
        if first.setdefault(row.key, row.line) != row.line:
            message = f"The line '{row.key[1]}' of {row.key[0]} stands in line {first[row.key]} already. Keep one row."
            yield Problem("line_twice", message, file=file, line=row.line, value=row.key[1])


def _unknown_lines(session: Session, site: Site, rows: Sequence[TagRow], file: str) -> Iterable[Problem]:
    """Lines that are not in the budget, or no longer."""
    keys = list(dict.fromkeys(row.key for row in rows))
    there = store.known_lines(session, site.id, keys)
    tagged = store.find_heads(session, site.id, [key for key in keys if key not in there])
    for row in rows:
        if row.key not in there:
            gone = "was removed from the budget" if row.key in tagged else "is not in the budget of the site"
            message = f"The line '{row.key[1]}' of {row.key[0]} {gone}. Take the row out, or import the line first."
            yield Problem("tag_line_gone", message, file=file, line=row.line, column="code", value=row.key[1])


def _placed(problem: Problem, row: TagRow, file: str) -> Problem:
    facts = {**problem.facts, "year": row.key[0], "code": row.key[1]}
    return replace(problem, file=file, line=row.line, facts=facts)
