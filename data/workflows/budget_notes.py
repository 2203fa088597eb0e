"""Notes pinned to points in time of the trends of sites: pinned, changed and withdrawn, each once and on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.notes import LONGEST_AUTHOR, LONGEST_REASON, Note, checked_words
from data.store import budget_notes as store
from data.store.budget_notes import PinnedNote, Words
from data.store.engine import transaction
from data.store.sites import load_site

Factory = sessionmaker[Session]


@dataclass(frozen=True)
class SavedNote:
    """A note after a step; not `is_new`: it stood there like this already, and nothing was stored."""

    id: int
    version: int
    is_new: bool = True


def pin_note(factory: Factory, slugs: Sequence[str], note: Note, author: str, actor: str) -> SavedNote:
    """Pin a note to the trends of these sites. The very same note of the same author is not pinned twice.

    Raises InputError for an unsound author or no site, NotFoundError for a site that is not there.
    """
    author = checked_words("author", author, LONGEST_AUTHOR)
    if not slugs:
        raise InputError(Problem("note_sites", "Name at least one site that the note is pinned to."))
    with transaction(factory) as session:
        site_ids = frozenset(load_site(session, slug).id for slug in slugs)
        store.lock_sites(session, site_ids)
        same = _same(session, site_ids, note, author)
        if same is not None:
            return SavedNote(same.id, same.newest.version, False)
        return SavedNote(store.add_note(session, site_ids, note, author, actor), 1)


def change_note(
    factory: Factory, note_id: int, note: Note, author: str, actor: str, based_on: int, reason: str = ""
) -> SavedNote:
    """The next version of a note: its words, its point in time or its stage.

    Raises StaleVersionError where somebody saved after `based_on`, InputError for a note that was withdrawn.
    """
    author, reason = checked_words("author", author, LONGEST_AUTHOR), checked_reason(reason)
    with transaction(factory) as session:
        pinned = store.load_note(session, note_id)
        _refuse_withdrawn(pinned, based_on)
        if pinned.newest.version == based_on and pinned.newest.note == note:
            return SavedNote(note_id, based_on, False)
        words = Words(actor, author, reason)
        return SavedNote(note_id, store.add_version(session, pinned, based_on, store.ACTIVE, note, words))


def withdraw_note(factory: Factory, note_id: int, reason: str, actor: str, based_on: int | None = None) -> SavedNote:
    """Take a note out of the trend; all versions stay on record.

    based_on : the version that the person saw; None: whichever is the newest

    Raises InputError without a reason or where it was withdrawn before, StaleVersionError.
    """
    reason = checked_words("reason", reason, LONGEST_REASON)
    with transaction(factory) as session:
        pinned = store.load_note(session, note_id)
        seen = pinned.newest.version if based_on is None else based_on
        _refuse_withdrawn(pinned, seen)
        words = Words(actor, pinned.newest.author, reason)
        version = store.add_version(session, pinned, seen, store.WITHDRAWN, pinned.newest.note, words)
        return SavedNote(note_id, version)


def active_notes(session: Session, site_ids: Collection[int]) -> list[PinnedNote]:
    """Notes of the sites that stand, in the order of their points in time."""
    return in_order(one for one in store.list_notes(session, site_ids) if one.is_active)


def in_order(notes: Iterable[PinnedNote]) -> list[PinnedNote]:
    """From left to right as in a chart."""
    return sorted(notes, key=lambda one: (*time_key(one), one.id))


def time_key(pinned: PinnedNote) -> tuple[int, float]:
    """Year, and where in it: as the marks of a chart follow each other."""
    moment = pinned.newest.note.moment
    return moment.year, moment.share_of_year


def checked_reason(reason: str) -> str:
    """A reason that may be left out."""
    return checked_words("reason", reason, LONGEST_REASON) if reason.strip() else ""


def _same(session: Session, site_ids: frozenset[int], note: Note, author: str) -> PinnedNote | None:
    """The note that says this already: somebody pressed a button twice."""
    return next(
        (
            one
            for one in store.list_notes(session, site_ids)
            if one.is_active and one.site_ids == site_ids and (one.newest.note, one.newest.author) == (note, author)
        ),
        None,
    )


def _refuse_withdrawn(pinned: PinnedNote, based_on: int) -> None:
    if not pinned.is_active and pinned.newest.version == based_on:
        message = f"The note {pinned.id} was withdrawn by {pinned.newest.saved_by}. Pin a new one if it should stand."
        raise InputError(Problem("note_withdrawn", message, value=str(pinned.id)))
