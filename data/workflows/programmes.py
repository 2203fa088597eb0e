"""Programmes of a site changed: from a file, a page or a workbook, whole or one by one; always all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import CatalogueError, InputError, Problem
from data.readers.files import read_text
from data.readers.programmes import ProgrammesFile, read_programmes
from data.readers.strict_yaml import LineFinder
from data.store import audit
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import Site
from data.workflows.programme_checks import Known, line_share_problems, reference_problems
from data.workflows.programme_edits import Edit, EditedProgramme, SavedEdit, apply_edit, known_at, plan_edit
from data.workflows.programme_parts import document_of, parts_of_entry


@dataclass(frozen=True)
class ImportedProgrammes:
    """What came of an import."""

    programmes: tuple[str, ...]
    removed: tuple[str, ...]  # programmes of the site that the file no longer has
    budget_year: int | None
    edited: tuple[EditedProgramme, ...] = ()
    model_sha256: str | None = None


def import_programmes(
    factory: sessionmaker[Session],
    site_slug: str,
    document: str | Path,
    actor: str,
    budget_year: int | None = None,
    file: str = "programmes",
) -> ImportedProgrammes:
    """Read a programmes file (its text, or its path) and make it the site's programmes.

    budget_year : the year in which line codes are looked up; None takes the latest year with a modified budget

    The file is the whole list: programmes of the site that it no longer has are removed. Raises CatalogueError with
    every problem, and nothing is changed.
    """
    if isinstance(document, Path):
        document, file = read_text(document), document.name
    content, lines = read_programmes(document, file)
    entries = {entry.code: document_of(parts_of_entry(entry)) for entry in content.programmes}
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        known = known_at(session, site, budget_year)
        problems = list(_file_problems(content, known, file, lines))
        if problems:
            raise CatalogueError(sorted(problems, key=lambda problem: problem.line or 0))
        edit = Edit(entries, is_whole_list=True, origin=file, price_year=content.price_year)
        done = apply_edit(session, site, known, edit, actor)
        removed = tuple(edited.code for edited in done.edited if edited.action == "remove")
        detail = {"programmes": list(entries), "removed": list(removed), "budget_year": known.budget_year}
        audit.record(session, actor, "programmes.import", file, site.id, detail)
    return ImportedProgrammes(tuple(entries), removed, known.budget_year, done.edited, done.model_sha256)


def save_edit(
    factory: sessionmaker[Session], site_slug: str, edit: Edit, actor: str, budget_year: int | None = None
) -> SavedEdit:
    """Store an edit, or none of it.

    Raises InputError with every problem: entries that are refused, programmes that somebody else has changed since
    (`programme-changed`, with what was changed), an edit that changes nothing (`programme-unchanged`).
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        known = known_at(session, site, budget_year)
        done = apply_edit(session, site, known, edit, actor)
        if not done.edited:
            raise InputError(Problem("programme-unchanged", "Nothing differs from what is stored. Nothing was saved."))
    return done


def preview_edit(
    session: Session, site: Site, edit: Edit, budget_year: int | None = None
) -> tuple[EditedProgramme, ...]:
    """What an edit would do. Raises InputError with every problem, as `save_edit` would; nothing is stored."""
    _, planned = plan_edit(session, site, known_at(session, site, budget_year), edit)
    return planned


def _file_problems(content: ProgrammesFile, known: Known, file: str, lines: LineFinder) -> Iterator[Problem]:
    """What a file gets wrong against the store, with its lines."""

    def placed(found: Problem, *path: int | str) -> Problem:
        return Problem(found.rule, found.message, file=file, line=lines.line_of(path), facts=found.facts)

    if content.currency != known.currency:
        message = f"The file is in {content.currency}, the site in {known.currency}. Convert the amounts."
        yield placed(Problem("currency_other", message), "currency")
    for index, entry in enumerate(content.programmes):
        for found in reference_problems(entry, known):
            yield placed(found, "programmes", index, *_steps(found.column))
    for found in line_share_problems(content.programmes):
        yield placed(found, *_last_share_of(str(found.value), content))


def _last_share_of(code: str, content: ProgrammesFile) -> tuple[int | str, ...]:
    """Where the last share of a budget line stands: the one that goes too far."""
    places = [
        ("programmes", index, "lines", number)
        for index, entry in enumerate(content.programmes)
        for number, line in enumerate(entry.lines)
        if line.code == code
    ]
    return places[-1]


def _steps(path: str | None) -> list[int | str]:
    return [int(step) if step.isdecimal() else step for step in (path or "").split(".") if step]
