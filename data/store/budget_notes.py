"""Notes pinned to points in time, in versions that are only ever added; the newest of a note counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError, StaleVersionError
from budget_model.spending.notes import Moment, Note
from data.store import audit
from data.store.tables import BudgetNote, BudgetNoteSite, BudgetNoteVersion, Site

ACTIVE, WITHDRAWN = "active", "withdrawn"


@dataclass(frozen=True)
class NoteVersion:
    """One version of a note: its words, whose they are, and who saved it. `reason`: of a change or a withdrawal."""

    version: int
    state: str
    note: Note
    author: str
    reason: str
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True)
class PinnedNote:
    """A note with all its versions, the newest first, and the sites that it is pinned to."""

    id: int
    site_ids: frozenset[int]
    versions: tuple[NoteVersion, ...]

    @property
    def newest(self) -> NoteVersion:
        return self.versions[0]

    @property
    def is_active(self) -> bool:
        return self.newest.state == ACTIVE


@dataclass(frozen=True)
class Words:
    """Who saves a version, under which name its words stand, and why."""

    actor: str
    author: str
    reason: str = ""


def lock_sites(session: Session, site_ids: Collection[int]) -> None:
    """Let those who pin to the same sites wait for each other, so that nothing is pinned twice."""
    session.execute(select(Site.id).where(Site.id.in_(site_ids)).order_by(Site.id).with_for_update())


def add_note(session: Session, site_ids: Collection[int], note: Note, author: str, actor: str) -> int:
    """Pin a note to sites; its id."""
    head = BudgetNote(version=1)
    session.add(head)
    session.flush()
    session.add_all(BudgetNoteSite(note_id=head.id, site_id=site_id) for site_id in sorted(site_ids))
    _add_version(session, head.id, NoteVersion(1, ACTIVE, note, author, "", datetime.now(UTC), actor))
    _record(session, "note.pin", head.id, site_ids, actor, {"version": 1, **_facts(note)})
    return head.id


def add_version(session: Session, pinned: PinnedNote, based_on: int, state: str, given: Note, words: Words) -> int:
    """The next version of a note; its number.

    Raises StaleVersionError where somebody saved another one after `based_on`; nothing is stored then.
    """
    mine = update(BudgetNote).where(BudgetNote.id == pinned.id, BudgetNote.version == based_on)
    changed = session.execute(mine.values(version=based_on + 1))
    assert isinstance(changed, CursorResult)
    if changed.rowcount != 1:
        raise _stale(load_note(session, pinned.id), based_on)
    now = max(datetime.now(UTC), pinned.newest.saved_at)  # versions follow each other, whatever the clock does
    row = NoteVersion(based_on + 1, state, given, words.author, words.reason, now, words.actor)
    _add_version(session, pinned.id, row)
    action = "note.withdraw" if state == WITHDRAWN else "note.change"
    detail = {"version": row.version, "reason": words.reason, **_facts(given)}
    _record(session, action, pinned.id, pinned.site_ids, words.actor, detail)
    return row.version


def load_note(session: Session, note_id: int) -> PinnedNote:
    """A note with its versions; NotFoundError where there is none."""
    found = _notes(session, [note_id])
    if not found:
        raise NotFoundError("note", str(note_id))
    return found[0]


def list_notes(session: Session, site_ids: Collection[int] | None = None) -> list[PinnedNote]:
    """Notes that are pinned to one of the sites (None: all of them), withdrawn ones too, the first pinned first."""
    query = select(BudgetNoteSite.note_id)
    if site_ids is not None:
        query = query.where(BudgetNoteSite.site_id.in_(site_ids))
    return _notes(session, session.scalars(query.distinct()).all())


def _notes(session: Session, ids: Sequence[int]) -> list[PinnedNote]:
    sites: dict[int, set[int]] = defaultdict(set)
    for place in session.scalars(select(BudgetNoteSite).where(BudgetNoteSite.note_id.in_(ids))):
        sites[place.note_id].add(place.site_id)
    versions: dict[int, list[NoteVersion]] = defaultdict(list)
    query = select(BudgetNoteVersion).where(BudgetNoteVersion.note_id.in_(ids))
    for row in session.scalars(query.order_by(BudgetNoteVersion.note_id, BudgetNoteVersion.version.desc())):
        versions[row.note_id].append(_version(row))
    return [PinnedNote(note_id, frozenset(sites[note_id]), tuple(own)) for note_id, own in sorted(versions.items())]


def _version(row: BudgetNoteVersion) -> NoteVersion:
    note = Note(Moment(row.year, row.month, row.day), row.text, row.stage, row.source)
    return NoteVersion(row.version, row.state, note, row.author, row.reason, row.saved_at, row.saved_by)


def _add_version(session: Session, note_id: int, one: NoteVersion) -> None:
    moment = one.note.moment
    session.add(
        BudgetNoteVersion(
            note_id=note_id,
            version=one.version,
            state=one.state,
            year=moment.year,
            month=moment.month,
            day=moment.day,
            stage=one.note.stage,
            text=one.note.text,
            source=one.note.source,
            author=one.author,
            reason=one.reason,
            saved_at=one.saved_at,
            saved_by=one.saved_by,
        )
    )
    session.flush()


def _facts(note: Note) -> dict[str, Any]:
    return {"when": str(note.moment), "stage": note.stage, "text": note.text, "source": note.source}


def _record(
    session: Session, action: str, note_id: int, site_ids: Collection[int], actor: str, detail: dict[str, Any]
) -> None:
    """An entry in the trail of every site that the note is pinned to."""
    for site_id in sorted(site_ids):
        audit.record(session, actor, action, str(note_id), site_id, detail)


def _stale(pinned: PinnedNote, based_on: int) -> StaleVersionError:
    newest = pinned.newest
    before = next((one for one in pinned.versions if one.version == based_on), newest)
    old, new = ({**_facts(one.note), "state": one.state} for one in (before, newest))
    changes = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
    at, action = newest.saved_at.isoformat(timespec="minutes"), "withdraw" if not pinned.is_active else "change"
    return StaleVersionError("note", based_on, newest.version, newest.saved_by, at, action, changes)
