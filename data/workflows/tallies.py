"""Counts of ballots on paper and of hands: one person enters a count, a second one counts again; equal counts count."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.tallies import TallyRow, differences, parse_tally
from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store import ballots as store
from data.store.areas import area_ids
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, BallotBox, BallotTally
from data.workflows.ballot_boxes import ballot_form, check_open

ENTERED, SIGNED, WITHDRAWN = "entered", "signed", "withdrawn"
PAPER, HANDS = WAYS = ("paper", "hands")
LONGEST_PLACE, LONGEST_REASON = 80, 400


@dataclass(frozen=True)
class TallyToEnter:
    """A count as somebody enters it. `text`: a line for each kind of ballot, `choices; women; men; others`."""

    way: str
    place: str
    text: str
    zone: str = ""  # code of an area, where the vote asks for results by zone


def list_tallies(session: Session, box_id: int) -> list[BallotTally]:
    """Counts of a box that were not withdrawn."""
    query = select(BallotTally).where(BallotTally.box_id == box_id, BallotTally.state != WITHDRAWN)
    return list(session.scalars(query.order_by(BallotTally.id)))


def rows_of(tally: BallotTally) -> tuple[TallyRow, ...]:
    return tuple(TallyRow(**row) for row in tally.rows)


def enter_tally(
    factory: sessionmaker[Session], site_slug: str, box_id: int, given: TallyToEnter, actor: str
) -> BallotTally:
    """Keep a first count. It counts when a second person has found the same.

    Raises InputError with every problem and its line: nothing is stored then.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process, box = store.load_box(session, site.id, box_id)
        store.lock_box(session, box, is_closing=True)
        check_open(box)
        place = given.place.strip()[:LONGEST_PLACE]
        problems = _place_problems(session, site.id, box, given, place)
        rows, wrong = parse_tally(given.text, ballot_form(box))
        if problems or wrong:
            raise InputError([*problems, *wrong])
        tally = BallotTally(
            box_id=box.id,
            state=ENTERED,
            way=given.way,
            place=place,
            zone=given.zone,
            rows=[asdict(row) for row in rows],
            entered_at=datetime.now(UTC),
            entered_by=actor,
            signed_at=None,
        )
        session.add(tally)
        session.flush()
        _record(session, actor, "enter", process, tally)
    return tally


def sign_tally(factory: sessionmaker[Session], site_slug: str, tally_id: int, text: str, actor: str) -> BallotTally:
    """A second count by another person. Equal counts are signed off; else the differences are told and kept on record.

    Raises InputError: the same person, a count that differs, a count that is signed already.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process, box, tally = _load(session, site.id, tally_id)
        if tally.entered_by == actor:
            message = "Whoever entered a count cannot sign it off. A second person counts again."
            raise InputError(Problem("tally-same-person", message))
        rows, wrong = parse_tally(text, ballot_form(box))
        if wrong:
            raise InputError(wrong)
        found = differences(rows_of(tally), rows)
        if not found:
            tally.state, tally.signed_at, tally.signed_by = SIGNED, datetime.now(UTC), actor
        _record(session, actor, "differ" if found else "sign", process, tally, {"differences": found})
    if found:
        raise InputError([_difference(*one) for one in found])
    return tally


def withdraw_tally(
    factory: sessionmaker[Session], site_slug: str, tally_id: int, reason: str, actor: str
) -> BallotTally:
    """Take a count out while the vote is open; it stays on record.

    A count that waits for its second person goes at once. Two put a signed one in, so two take it out: the first one
    asks, and it goes when another one asks for it as well. Until then it counts, and the vote is not closed.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process, _box, tally = _load(session, site.id, tally_id, may_be_signed=True)
        if not reason.strip():
            raise InputError(Problem("tally-reason", "Say why the count is taken out."))
        if tally.leaving_by == actor:
            message = "You asked for this already. A second person must agree to take a signed count out."
            raise InputError(Problem("tally-out-same-person", message))
        asked_by = tally.leaving_by
        is_asked = tally.state == SIGNED and not asked_by
        if is_asked:
            tally.leaving_by, tally.leaving_reason = actor, reason.strip()[:LONGEST_REASON]
        else:
            tally.state = WITHDRAWN
        detail: dict[str, object] = {"reason": reason[:LONGEST_REASON], "asked_by": asked_by}
        _record(session, actor, "ask-out" if is_asked else "withdraw", process, tally, detail)
    return tally


def keep_tally(factory: sessionmaker[Session], site_slug: str, tally_id: int, actor: str) -> BallotTally:
    """A signed count that somebody asked to take out stays. InputError where nobody asked."""
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process, _box, tally = _load(session, site.id, tally_id, may_be_signed=True)
        if not tally.leaving_by:
            raise InputError(Problem("tally-not-leaving", "Nobody asked to take this count out."))
        detail: dict[str, object] = {"asked_by": tally.leaving_by, "reason": tally.leaving_reason}
        tally.leaving_by = tally.leaving_reason = ""
        _record(session, actor, "keep", process, tally, detail)
    return tally


def check_all_signed(session: Session, box_id: int) -> list[BallotTally]:
    """The counts that are signed off; InputError where one waits for its second person, to come in or to go."""
    tallies = list_tallies(session, box_id)
    waiting = [one.place for one in tallies if one.state == ENTERED]
    if waiting:
        places = ", ".join(waiting)[:200]
        message = f"Counts wait for a second person: {places}. Sign them off or take them out before closing."
        raise InputError(Problem("tally-waits", message, facts={"places": places}))
    leaving = [one.place for one in tallies if one.leaving_by]
    if leaving:
        places = ", ".join(leaving)[:200]
        message = f"Somebody asked to take counts out: {places}. A second person agrees, or keeps them, before closing."
        raise InputError(Problem("tally-leaving", message, facts={"places": places}))
    return tallies


def _load(
    session: Session, site_id: int, tally_id: int, may_be_signed: bool = False
) -> tuple[AssemblyProcess, BallotBox, BallotTally]:
    tally = session.get(BallotTally, tally_id)
    if tally is None:
        raise NotFoundError("tally", str(tally_id))
    process, box = store.load_box(session, site_id, tally.box_id)
    store.lock_box(session, box, is_closing=True)
    session.refresh(tally)
    check_open(box)
    if tally.state == WITHDRAWN or (tally.state == SIGNED and not may_be_signed):
        raise InputError(Problem("tally-done", "This count was signed off or taken out already."))
    return process, box, tally


def _place_problems(session: Session, site_id: int, box: BallotBox, given: TallyToEnter, place: str) -> list[Problem]:
    problems = []
    if given.way not in WAYS:
        problems.append(Problem("tally-way", f"A count is of {' or '.join(WAYS)}."))
    if not place:
        problems.append(Problem("tally-place", "Say which table or assembly this is the count of."))
    elif any(one.place == place for one in list_tallies(session, box.id)):
        message = f"There is a count of '{place}' already. Take it out first, or name another place."
        problems.append(Problem("tally-there", message, facts={"place": place}))
    if given.zone and ("zone" not in box.asks or given.zone not in area_ids(session, site_id)):
        message = f"'{given.zone[:40]}' is no zone that this vote tells apart."
        problems.append(Problem("codes-group", message, value=given.zone[:40], facts={"value": given.zone[:40]}))
    return problems


def _difference(vote: str, group: str, first: int, second: int) -> Problem:
    message = f"{vote}, {group}: the first count says {first}, this one {second}. Count again together."
    facts = {"vote": vote, "group": group, "first": first, "second": second}
    return Problem("tally-differs", message, value=vote, facts=facts)


def _record(
    session: Session,
    actor: str,
    step: str,
    process: AssemblyProcess,
    tally: BallotTally,
    detail: dict[str, object] | None = None,
) -> None:
    told = {"box": tally.box_id, "tally": tally.id, "place": tally.place, "way": tally.way, **(detail or {})}
    if step == "enter":
        told["rows"] = tally.rows
    audit.record(session, actor, f"assembly.tally.{step}", str(process.year), process.site_id, told)
