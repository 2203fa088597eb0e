"""Votes on the site: what a voter may do with a code, and what officials do to a vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.assembly.ballot_forms import BallotContent, BallotForm
from budget_model.assembly.tallies import TallyRow
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import EVERYBODY, PLANNERS, require
from dashboard.services.assembly import EDIT, SEE
from data.store import assembly
from data.store import ballots as store
from data.store.areas import list_areas
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, BallotBox, BallotTally, Site
from data.workflows.ballot_boxes import BoxToOpen, ballot_form, cancel_box, open_box, site_zone
from data.workflows.ballot_codes import CodeGroup, make_codes
from data.workflows.casting import admit, cast, checked_choices
from data.workflows.closing import ClosedVote, close_box
from data.workflows.code_sheets import sheet_of
from data.workflows.tallies import (
    ENTERED,
    TallyToEnter,
    enter_tally,
    keep_tally,
    list_tallies,
    rows_of,
    sign_tally,
    withdraw_tally,
)

if TYPE_CHECKING:
    from dashboard.services import Store

Texts = Mapping[str, str]


@dataclass(frozen=True)
class BoxInfo:
    """A vote on the site. Times by the clock of the site; money exact, in currency."""

    id: int
    year: int
    zone: str  # name; empty: the whole site
    state: str
    form: BallotForm
    titles: Mapping[str, Texts]
    descriptions: Mapping[str, Texts]
    opens_at: datetime
    closes_at: datetime
    asks: tuple[str, ...]
    rule: Mapping[str, Any]
    is_synthetic: bool


@dataclass(frozen=True)
class BatchInfo:
    """Codes printed together, and how many of them have voted."""

    sex: str
    age: str
    zone: str
    codes: int
    used: int


@dataclass(frozen=True)
class TallyInfo:
    """A count by hand. `rows` are empty for whoever may count it again, who is not to see the first count."""

    id: int
    place: str
    way: str
    state: str
    entered_by: str
    signed_by: str
    persons: int | None
    rows: tuple[TallyRow, ...]
    may_sign: bool
    leaving_by: str = ""  # who asked to take the signed count out; a second person must agree
    leaving_reason: str = ""
    is_leaving_by_me: bool = False


@dataclass(frozen=True)
class DeskBox:
    """A vote as officials see it: how many, never what."""

    info: BoxInfo
    batches: tuple[BatchInfo, ...]
    statistics: Mapping[str, Any] | None
    tallies: tuple[TallyInfo, ...]
    zones: tuple[tuple[str, str], ...] = ()  # code and name of every area of which people may be


class BallotService:
    """Voters need no account: the code admits them. Everything else is for officials."""

    def __init__(self, given: Store):
        self._store = given
        self._open: dict[int, BoxInfo] = {}  # by number: nothing of a vote changes while it is open

    def announced(self, user: Person, site: SiteRef) -> tuple[BoxInfo, ...]:
        """Votes of a site that are not closed, the newest first."""
        require(user, EVERYBODY, site, SEE)
        with self._store.factory() as session:
            return tuple(box_info(session, process, box) for process, box in store.site_boxes(session, site.id))

    def admitted(self, user: Person, site: SiteRef, code: str, address: str) -> BoxInfo:
        """The vote that a code opens; InputError as `casting.admit`."""
        require(user, EVERYBODY, site, SEE)
        return self._info(admit(self._store.factory, site.id, code, self._store.secret, address).box)

    def _info(self, box: BallotBox) -> BoxInfo:
        """What was announced for a vote to which somebody was just admitted."""
        if box.id not in self._open:
            with self._store.factory() as session:
                process = session.get_one(AssemblyProcess, box.process_id)
                self._open[box.id] = box_info(session, process, box)
        return self._open[box.id]

    def preview(
        self, user: Person, site: SiteRef, code: str, chosen: Mapping[str, int], address: str
    ) -> tuple[BoxInfo, BallotContent]:
        """The vote and what the ballot would say; InputError where it may not say that."""
        require(user, EVERYBODY, site, SEE)
        found = admit(self._store.factory, site.id, code, self._store.secret, address)
        return self._info(found.box), checked_choices(found.box, chosen)

    def cast(self, user: Person, site: SiteRef, code: str, chosen: Mapping[str, int], address: str) -> str:
        """Cast a ballot; the mark of its receipt."""
        require(user, EVERYBODY, site, SEE)
        return cast(self._store.factory, site.id, code, chosen, self._store.secret, address)

    # --- officials ---------------------------------------------------------------------------------------------------

    def desk(self, user: Person, site: SiteRef, year: int) -> tuple[DeskBox, ...]:
        require(user, PLANNERS, site, EDIT)
        with self._store.factory() as session:
            process = assembly.load_process(session, site.id, year)
            return tuple(desk_box(session, process, box, user.login) for box in store.list_boxes(session, process.id))

    def open(self, user: Person, site: SiteRef, year: int, wanted: BoxToOpen) -> int:
        require(user, PLANNERS, site, EDIT)
        return open_box(self._store.factory, site.slug, year, wanted, user.login).id

    def codes(
        self, user: Person, site: SiteRef, box_id: int, number: int, group: CodeGroup, address: str
    ) -> tuple[bytes, str]:
        """A sheet of codes as PDF, this once, and its name."""
        require(user, PLANNERS, site, EDIT)
        made = make_codes(self._store.factory, site.slug, box_id, number, group, self._store.secret, user.login)
        with self._store.factory() as session:
            return sheet_of(session, load_site(session, site.slug), made, address)

    def close(self, user: Person, site: SiteRef, box_id: int, reason: str) -> ClosedVote:
        require(user, PLANNERS, site, EDIT)
        return close_box(self._store.factory, site.slug, box_id, user.login, reason)

    def cancel(self, user: Person, site: SiteRef, box_id: int, reason: str) -> None:
        require(user, PLANNERS, site, EDIT)
        cancel_box(self._store.factory, site.slug, box_id, reason, user.login)

    def enter_tally(self, user: Person, site: SiteRef, box_id: int, given: TallyToEnter) -> None:
        require(user, PLANNERS, site, EDIT)
        enter_tally(self._store.factory, site.slug, box_id, given, user.login)

    def sign_tally(self, user: Person, site: SiteRef, tally_id: int, text: str) -> None:
        require(user, PLANNERS, site, EDIT)
        sign_tally(self._store.factory, site.slug, tally_id, text, user.login)

    def withdraw_tally(self, user: Person, site: SiteRef, tally_id: int, reason: str) -> None:
        require(user, PLANNERS, site, EDIT)
        withdraw_tally(self._store.factory, site.slug, tally_id, reason, user.login)

    def keep_tally(self, user: Person, site: SiteRef, tally_id: int) -> None:
        require(user, PLANNERS, site, EDIT)
        keep_tally(self._store.factory, site.slug, tally_id, user.login)

    def box_year(self, user: Person, site: SiteRef, box_id: int) -> int:
        require(user, PLANNERS, site, EDIT)
        with self._store.factory() as session:
            return store.load_box(session, site.id, box_id)[0].year


def box_info(session: Session, process: AssemblyProcess, box: BallotBox) -> BoxInfo:
    areas = {area.id: area for area in list_areas(session, process.site_id)}
    site = next(one for one in areas.values() if not one.level)
    zone = site_zone(_country(session, process.site_id))
    return BoxInfo(
        box.id,
        process.year,
        areas[box.area_id].name if box.area_id != site.id else "",
        box.state,
        ballot_form(box),
        {one["code"]: one["title"] for one in box.projects},
        {one["code"]: one["description"] for one in box.projects},
        box.opens_at.astimezone(zone),
        box.closes_at.astimezone(zone),
        tuple(box.asks),
        box.rule,
        box.is_synthetic,
    )


def desk_box(session: Session, process: AssemblyProcess, box: BallotBox, login: str) -> DeskBox:
    areas = list_areas(session, process.site_id)
    names = {area.code: area.name for area in areas}
    batches = tuple(replace(one, zone=names.get(one.zone, "")) for one in sheets_of(session, box))
    tallies = tuple(tally_info(one, login) for one in list_tallies(session, box.id))
    zones = tuple((area.code, area.name) for area in areas if area.level)
    return DeskBox(box_info(session, process, box), batches, box.statistics, tallies, zones)


def sheets_of(session: Session, box: BallotBox) -> list[BatchInfo]:
    """The sheets of codes, each with the code of its zone. Closing removes the codes; how many voted was frozen."""
    if box.statistics:
        return [BatchInfo(**one) for one in box.statistics["codes"]]
    return [
        BatchInfo(one.batch.sex, one.batch.age, one.batch.zone, one.batch.codes, one.used)
        for one in store.list_batches(session, box.id)
    ]


def tally_info(tally: BallotTally, login: str) -> TallyInfo:
    rows, may_sign = rows_of(tally), tally.state == ENTERED and tally.entered_by != login
    persons = sum(row.female + row.male + row.other for row in rows)
    return TallyInfo(
        tally.id, tally.place, tally.way, tally.state, tally.entered_by, tally.signed_by,
        None if may_sign else persons, () if may_sign else rows, may_sign,
        tally.leaving_by, tally.leaving_reason, tally.leaving_by == login,
    )  # fmt: skip


def _country(session: Session, site_id: int) -> str:
    return session.get_one(Site, site_id).country
