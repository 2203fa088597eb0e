"""An edit of a site's programmes: checked whole, then written whole, with a version of each programme it touches.

Whoever changes a programme says which version she saw: where another one has been saved since, she is told what it
changed, and nothing of hers is stored. The caller's transaction holds it all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.plain import plain
from data.readers.programmes import ProgrammeEntry
from data.store.areas import list_areas
from data.store.engine import one_at_a_time
from data.store.indicators import list_indicators
from data.store.lines import list_lines
from data.store.programme_versions import Change, add_version, last_version, versions_since
from data.store.programmes import list_programmes, load_programme, remove_other_programmes, save_programme
from data.store.rounds import latest_round
from data.store.tables import ProgrammeVersion, Site
from data.workflows.models import build_model, latest_budget_year, snapshot
from data.workflows.programme_changes import changes_between
from data.workflows.programme_checks import Known, line_share_problems, problem, read_entry, reference_problems
from data.workflows.programme_parts import (
    Document,
    ProgrammeParts,
    columns_of_entry,
    document_of,
    link_columns,
    parts_of_entry,
    stored_parts,
)

NO_FAULT_OF_PROGRAMMES = ("programmes_missing", "pim_missing")
LOCK = 7_216_341_000  # plus the site: one change of a site's programmes at a time


@dataclass(frozen=True)
class Edit:
    """What somebody wants programmes to be.

    entries : code -> the whole entry as in a programmes file; None: the programme goes
    seen : code -> version that the change started from (0: none yet); a code that is missing here is not checked
    is_whole_list : programmes that `entries` does not name go; their order becomes that of `entries`
    origin : where it comes from, for the history: a page, or the name of a file
    """

    entries: Mapping[str, Mapping[str, Any] | None]
    seen: Mapping[str, int] = field(default_factory=dict)
    is_whole_list: bool = False
    origin: str = ""
    reason: str = ""
    price_year: int | None = None


@dataclass(frozen=True)
class EditedProgramme:
    """What an edit does to one programme. `action`: add, change, remove."""

    code: str
    action: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class SavedEdit:
    """What came of an edit. `model_sha256` None: the site's data do not give a model yet."""

    edited: tuple[EditedProgramme, ...]
    model_sha256: str | None


def known_at(session: Session, site: Site, budget_year: int | None = None) -> Known:
    """What programmes may refer to at a site. Needs are the site's indicators."""
    year = budget_year if budget_year is not None else latest_budget_year(session, site.id)
    return Known(
        site.currency,
        frozenset(indicator.code for indicator in list_indicators(session, site.id)),
        {line.code: line.id for line in list_lines(session, site.id, year)} if year is not None else {},
        frozenset(area.code for area in list_areas(session, site.id)),
        year,
    )


def plan_edit(
    session: Session, site: Site, known: Known, edit: Edit
) -> tuple[dict[str, ProgrammeEntry], tuple[EditedProgramme, ...]]:
    """The entries to write and what they change; InputError with every problem."""
    stored = {parts.programme.code: document_of(parts) for parts in stored_parts(session, site.id)}
    entries, problems = _read_entries(edit)
    problems += _stale(session, site, edit)
    for entry in entries.values():
        problems += reference_problems(entry, known)
    wanted = _after(stored, edit, entries)
    problems += line_share_problems(list(wanted.values()))
    if problems:
        raise InputError(problems)
    return entries, tuple(_edited(stored, edit, entries))


def _read_entries(edit: Edit) -> tuple[dict[str, ProgrammeEntry], list[Problem]]:
    entries, problems = {}, []
    for code, document in edit.entries.items():
        if document is None:
            continue
        entry, found = read_entry(document, code)
        problems += found
        if entry is not None:
            entries[code] = entry
    return entries, problems


def _after(
    stored: Mapping[str, Document], edit: Edit, entries: Mapping[str, ProgrammeEntry]
) -> dict[str, ProgrammeEntry]:
    """All programmes as they would be. A stored one that today's checks refuse takes part in none."""
    kept = {} if edit.is_whole_list else {code: doc for code, doc in stored.items() if code not in edit.entries}
    read = {code: read_entry(document, code)[0] for code, document in kept.items()}
    return {**{code: entry for code, entry in read.items() if entry is not None}, **entries}


def _stale(session: Session, site: Site, edit: Edit) -> list[Problem]:
    """Programmes that somebody else has changed since they were looked at, with what was changed."""
    versions = {programme.code: programme.version for programme in list_programmes(session, site.id)}
    problems = []
    for code, seen in edit.seen.items():
        now = versions.get(code, 0)
        if now != seen:
            problems.append(_changed_since(session, site.id, code, seen))
    return problems


def _changed_since(session: Session, site_id: int, code: str, seen: int) -> Problem:
    since = versions_since(session, site_id, code, seen)
    last = since[-1] if since else None
    what = "; ".join(described(change) for version in since for change in version.changes) or "it is no longer there"
    who = last.saved_by if last else "somebody"
    when = last.saved_at.isoformat(timespec="minutes") if last else ""
    message = (
        f"Programme '{code}' was changed by {who} ({when}) after you opened it: {what}. "
        "Nothing of yours was stored. Load it again and enter your change anew."
    )
    changes = [change for version in since for change in version.changes]
    return problem("programme-changed", message, code, "", who=who, when=when, what=what, changes=changes, seen=seen)


def described(change: Mapping[str, Any]) -> str:
    """`unit_cost.value 100 → 120`; an en dash where it was or is not stated."""
    before, after = ("–" if change[key] is None else change[key] for key in ("before", "after"))
    return f"{change['path']} {before} → {after}"


def _edited(
    stored: Mapping[str, Document], edit: Edit, entries: Mapping[str, ProgrammeEntry]
) -> Iterator[EditedProgramme]:
    for code, entry in entries.items():
        changes = tuple(changes_between(stored.get(code), document_of(parts_of_entry(entry))))
        if code not in stored:
            yield EditedProgramme(code, "add", changes)
        elif changes:
            yield EditedProgramme(code, "change", changes)
    for code, document in stored.items():
        if (edit.is_whole_list and code not in edit.entries) or (code in edit.entries and edit.entries[code] is None):
            yield EditedProgramme(code, "remove", tuple(changes_between(document, None)))


# --- writing ---------------------------------------------------------------------------------------------------------


def apply_edit(session: Session, site: Site, known: Known, edit: Edit, actor: str) -> SavedEdit:
    one_at_a_time(session, LOCK + site.id)
    for code, document in edit.entries.items():
        if document is None and code not in {programme.code for programme in list_programmes(session, site.id)}:
            raise NotFoundError("programme", code)
    entries, planned = plan_edit(session, site, known, edit)
    before = _model_problems(session, site.id)
    versions = [_write(session, site, known, edit, entries, edited, actor) for edited in planned]
    if edit.is_whole_list:
        _put_in_order(session, site.id, list(edit.entries))
    new = [found for found in _model_problems(session, site.id) if str(found) not in {str(known) for known in before}]
    if new and planned:
        raise InputError(new)
    sha256 = _snapshot(session, site.id) if planned else None
    for version in versions:
        version.model_sha256 = sha256
    return SavedEdit(planned, sha256)


def _write(
    session: Session,
    site: Site,
    known: Known,
    edit: Edit,
    entries: Mapping[str, ProgrammeEntry],
    edited: EditedProgramme,
    actor: str,
) -> ProgrammeVersion:
    """One programme, and the version that tells of it."""
    parts = {found.programme.code: found for found in stored_parts(session, site.id)}
    stored = parts.get(edited.code)
    if stored is not None and last_version(session, site.id, edited.code) < stored.programme.version:
        found = plain(document_of(stored))
        add_version(session, site.id, edited.code, "found", "", found, [])
    document: Document | None = None
    if edited.action == "remove":
        others = [code for code in parts if code != edited.code]
        remove_other_programmes(session, site.id, actor, others)
    else:
        document = _save(session, site, known, edit, entries[edited.code], actor, stored)
    version = add_version(
        session, site.id, edited.code, edited.action, actor, document, edited.changes, edit.origin, edit.reason
    )
    if document is not None:
        load_programme(session, site.id, edited.code).version = version.version
    return version


def _save(
    session: Session,
    site: Site,
    known: Known,
    edit: Edit,
    entry: ProgrammeEntry,
    actor: str,
    stored: ProgrammeParts | None,
) -> Document:
    columns = columns_of_entry(entry)
    position = stored.programme.position if stored else _last_position(session, site.id) + 1
    price_year = edit.price_year or (stored.programme.price_year if stored else known.budget_year)
    lines = {known.lines[line.code]: line.share for line in entry.lines}
    links = [link_columns(link, entry) for link in entry.serves]
    columns |= {"position": position, "price_year": price_year}
    save_programme(session, site.id, actor, entry.code, columns, lines, links)
    return plain(document_of(parts_of_entry(entry)))


def _put_in_order(session: Session, site_id: int, codes: Sequence[str]) -> None:
    for programme in list_programmes(session, site_id):
        programme.position = codes.index(programme.code)
    session.flush()


def _last_position(session: Session, site_id: int) -> int:
    return max((programme.position for programme in list_programmes(session, site_id)), default=-1)


def _model_problems(session: Session, site_id: int) -> tuple[Problem, ...]:
    """Why the site's data give no model; empty where they do, or where it has no needs yet."""
    found = latest_round(session, site_id, has_needs=True)
    if found is None:
        return ()
    try:
        build_model(session, site_id, found.id)
    except InputError as refusal:
        return tuple(
            problem for problem in refusal.problems if problem.rule not in ("programmes_missing", "pim_missing")
        )
    return ()


def _snapshot(session: Session, site_id: int) -> str | None:
    found = latest_round(session, site_id, has_needs=True)
    if found is None:
        return None
    try:
        return snapshot(session, site_id, found.id).sha256
    except InputError:
        return None
