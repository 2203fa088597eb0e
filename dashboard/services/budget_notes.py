"""Notes pinned to points in time of a site's trend: who may read them, pin them, change and withdraw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from budget_model.spending.notes import Note
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, SIGNED_IN, may, require
from data.store import budget_notes as store
from data.store.budget_notes import NoteVersion, PinnedNote
from data.store.sites import list_sites
from data.store.tables import Site
from data.workflows.budget_notes import SavedNote, change_note, in_order, pin_note, withdraw_note

if TYPE_CHECKING:
    from dashboard.services import Store

NOTERS = PLANNERS | {"monitor"}  # may pin notes where they hold the role
PIN = "pin a note"


@dataclass(frozen=True)
class ShownNote:
    """A note as a person may see it. `also`: other municipalities that it is pinned to, of those open to the person.

    may_change : the person may pin notes to all that it is pinned to
    """

    id: int
    versions: tuple[NoteVersion, ...]
    also: tuple[str, ...]
    may_change: bool

    @property
    def newest(self) -> NoteVersion:
        return self.versions[0]

    @property
    def is_active(self) -> bool:
        return self.newest.state == store.ACTIVE


@dataclass(frozen=True)
class NoteBoard:
    """Notes of a site in the order of time; `others`: slug -> name of further sites that the person may pin to."""

    notes: tuple[ShownNote, ...]
    withdrawn: tuple[ShownNote, ...]
    may_pin: bool
    others: Mapping[str, str]

    def find(self, note_id: str) -> ShownNote | None:
        """A note that stands and that the person may change, by its id as an address has it; None for any other."""
        return next((one for one in self.notes if str(one.id) == note_id and one.may_change), None)


class BudgetNoteService:
    """Reads notes of a site, pins, changes and withdraws them."""

    def __init__(self, given: Store):
        self._store = given

    def board(self, user: Person, site: SiteRef) -> NoteBoard:
        """Notes that are pinned to this site, also where they are pinned to others too."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            sites = list_sites(session)
            found = [_shown(one, site, sites, user) for one in in_order(store.list_notes(session, [site.id]))]
        pinnable = {one.slug: one.name for one in sites if one.id != site.id and may(user, NOTERS, one)}
        return NoteBoard(
            tuple(one for one in found if one.is_active),
            tuple(one for one in found if not one.is_active),
            may(user, NOTERS, site),
            pinnable,
        )

    def beside(self, user: Person) -> Mapping[str, tuple[ShownNote, ...]]:
        """Notes that stand, of every site that the person may see: slug -> in the order of time."""
        with self._store.factory() as session:
            sites = list_sites(session)
            seen = {one.id: one.slug for one in sites if may(user, SIGNED_IN, one)}
            pinned = in_order(store.list_notes(session, list(seen)))
            by_id = {one.id: one for one in sites}
        found: dict[str, list[ShownNote]] = {slug: [] for slug in seen.values()}
        for one in pinned:
            for site_id in one.site_ids & seen.keys():
                shown = _shown(one, by_id[site_id], sites, user)
                if shown.is_active:
                    found[seen[site_id]].append(shown)
        return {slug: tuple(notes) for slug, notes in found.items()}

    def pin(self, user: Person, site: SiteRef, others: Sequence[str], note: Note) -> SavedNote:
        """Pin a note to this site and others. AccessError unless the person may pin to every one of them."""
        require(user, NOTERS, site, PIN)
        with self._store.factory() as session:
            known = {one.slug: one for one in list_sites(session)}
        for slug in others:
            if slug not in known or not may(user, SIGNED_IN, known[slug]):
                raise NotFoundError("site", slug)
            require(user, NOTERS, known[slug], PIN)
        slugs = list(dict.fromkeys([site.slug, *others]))
        return pin_note(self._store.factory, slugs, note, _name(user), user.login)

    def change(self, user: Person, site: SiteRef, note_id: int, note: Note, based_on: int, reason: str) -> SavedNote:
        """The next version of a note. StaleVersionError where somebody saved after `based_on`."""
        self._require_note(user, site, note_id)
        return change_note(self._store.factory, note_id, note, _name(user), user.login, based_on, reason)

    def withdraw(self, user: Person, site: SiteRef, note_id: int, based_on: int, reason: str) -> SavedNote:
        """Take a note out of the trend; it stays on record."""
        self._require_note(user, site, note_id)
        return withdraw_note(self._store.factory, note_id, reason, user.login, based_on)

    def _require_note(self, user: Person, site: SiteRef, note_id: int) -> None:
        """NotFoundError for a note that is not pinned here, in the same words as for one that is nowhere."""
        require(user, NOTERS, site, PIN)
        with self._store.factory() as session:
            pinned, sites = store.load_note(session, note_id), _by_id(session)
        if site.id not in pinned.site_ids:
            raise NotFoundError("note", str(note_id))
        for site_id in pinned.site_ids:
            require(user, NOTERS, sites[site_id], "change a note that other municipalities have too")


def _by_id(session: Session) -> dict[int, Site]:
    return {one.id: one for one in list_sites(session)}


def _shown(pinned: PinnedNote, site: SiteRef | Site, sites: Sequence[Site], user: Person) -> ShownNote:
    own = [one for one in sites if one.id in pinned.site_ids]
    also = tuple(one.name for one in own if one.id != site.id and may(user, SIGNED_IN, one))
    return ShownNote(pinned.id, pinned.versions, also, all(may(user, NOTERS, one) for one in own))


def _name(user: Person) -> str:
    return user.display_name or user.login
