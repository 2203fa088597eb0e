"""Proposals with what belongs to them: how the review went, place and photo; and how one is handed in by a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from budget_model.assembly.proposals import FEASIBLE
from budget_model.errors import NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, may, require
from dashboard.services.assembly import EDIT, SEE
from data.readers.photos import MOST_BYTES, Photo, read_photo
from data.store import assembly as store
from data.store.areas import list_areas
from data.workflows.ballot_boxes import site_zone
from data.workflows.proposals import save_proposal

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class ReviewStep:
    """A finding of the technical review, and since when it holds, by the clock of the site. Never by whom."""

    state: str
    cost: Decimal | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class AreaShape:
    """An area to be drawn: WGS 84."""

    code: str
    name: str
    geometry: Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    """A form as it came: texts by column, the photo's name and stream, the key of the form."""

    cells: Mapping[str, str]
    photo: tuple[str, IO[bytes]] | None = None
    key: str = ""


def sent_photo(photo: tuple[str, IO[bytes]] | None) -> Photo | None:
    """The picture of a file that was sent; InputError where it is none."""
    return read_photo(photo[1].read(MOST_BYTES + 1), photo[0][-80:]) if photo else None


class ProposalService:
    """Reads are open to everybody where the newest version is feasible."""

    def __init__(self, given: Store):
        self._store = given

    def reviews(self, user: Person, site: SiteRef, year: int, code: str) -> tuple[ReviewStep, ...]:
        """Every finding of a proposal, the first one first; versions that changed none of it are passed over."""
        require(user, EVERYBODY, site, SEE)
        clock = site_zone(site.country)
        with self._store.factory() as session:
            process = store.load_process(session, site.id, year)
            rows = store.list_proposal_versions(session, process.id, code)
            if rows[0].state != FEASIBLE and not may(user, PLANNERS, site):
                raise NotFoundError("proposal of the assembly", code)
            steps: list[ReviewStep] = []
            for row in reversed(rows):
                last = steps[-1] if steps else None
                if last is None or (last.state, last.cost, last.reason) != (row.state, row.cost, row.reason):
                    steps.append(ReviewStep(row.state, row.cost, row.reason, row.saved_at.astimezone(clock)))
        return tuple(steps)

    def hand_in(self, user: Person, site: SiteRef, year: int, sent: Sent) -> str:
        """Store a new proposal, to be reviewed; gives its code. A form that comes twice counts once."""
        require(user, PLANNERS, site, EDIT)
        photo = sent_photo(sent.photo)
        cells = dict(sent.cells)
        return save_proposal(self._store.factory, site.slug, year, cells, user.login, photo=photo, sent_key=sent.key)

    def shapes(self, user: Person, site: SiteRef) -> tuple[AreaShape, ...]:
        """The sectors of the site that have a shape; of a site without sectors its own."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            drawn = [area for area in list_areas(session, site.id) if area.geometry]
        level = min((area.level for area in drawn if area.level), default=0)
        return tuple(AreaShape(area.code, area.name, area.geometry or {}) for area in drawn if area.level == level)

    def photo(self, user: Person, site: SiteRef, year: int, sha256: str, is_small: bool = False) -> bytes:
        """A photo as JPEG. The public sees those of feasible proposals as they stand now."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            process = store.load_process(session, site.id, year)
            shown = {one.photo_sha256 for one in store.list_proposals(session, process.id) if one.state == FEASIBLE}
            if sha256 not in shown and not may(user, PLANNERS, site):
                raise NotFoundError("photo", sha256[:12])
            found = store.load_photo(session, process.id, sha256)
            return found.small if is_small else found.content

    def photo_sizes(self, user: Person, site: SiteRef, year: int) -> Mapping[str, tuple[int, int]]:
        """Width and height in pixels of the photos of a year, so that a page keeps their room."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            return store.photo_sizes(session, store.load_process(session, site.id, year).id)
