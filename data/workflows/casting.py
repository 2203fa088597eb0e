"""A ballot is cast with a code: one transaction marks the code as used and puts the ballot into the box.

Neither the time of a ballot nor who cast it is kept anywhere, also not in the audit trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.ballot_forms import BallotContent, content_of
from budget_model.errors import InputError, Problem
from data.store import ballots as store
from data.store.engine import transaction
from data.store.tables import BallotBox, BallotCodeBatch
from data.workflows.ballot_boxes import ballot_form
from data.workflows.ballot_codes import LENGTH, code_hash, code_key, key_check, read_code, receipt_mark

MOST_WRONG = 30  # a hall of people shares one address
WINDOW = timedelta(minutes=1)
KEPT = timedelta(days=1)
LONGEST_ADDRESS = 60
UNKNOWN = "code-unknown"


@dataclass(frozen=True)
class Admission:
    """A code that may vote, and the vote it is for."""

    box: BallotBox
    batch: BallotCodeBatch
    code: str


def admit(
    factory: sessionmaker[Session],
    site_id: int,
    text: str,
    secret: str | None,
    address: str,
    now: datetime | None = None,
) -> Admission:
    """The vote that a code opens.

    address : from which it comes; after so many wrong codes within a minute further wrong ones are not even counted
    Raises InputError: no such code, used already, not open yet, closed, too many wrong codes.
    """
    now = now or datetime.now(UTC)
    key = code_key(secret)
    address = address[:LONGEST_ADDRESS]
    code = read_code(text)
    with factory() as session:
        found = store.find_code(session, site_id, code_hash(key, code))
        keys = store.key_checks(session, site_id) if found is None else frozenset()
    if found is None:
        if keys and key_check(key) not in keys:
            message = "The codes were printed under another SECRET_KEY. Start the dashboard with that one."
            raise InputError(Problem("codes-other-key", message))
        _count_wrong(factory, address, now)  # only wrong codes are held up: nobody locks the hall for the others
        raise InputError(Problem(UNKNOWN, f"There is no such code. A code has {LENGTH} signs; type it as printed."))
    row, batch, box = found
    _check_time(box, now)
    if row.is_used:
        raise _used()
    return Admission(box, batch, code)


def cast(
    factory: sessionmaker[Session],
    site_id: int,
    text: str,
    chosen: Mapping[str, int],
    secret: str | None,
    address: str,
    now: datetime | None = None,
) -> str:
    """Cast a ballot; gives the mark of the receipt, which is the same whatever was chosen.

    Raises InputError as `admit` does, or with what is wrong with the choices. The code can still vote then.
    """
    admitted = admit(factory, site_id, text, secret, address, now)
    content = checked_choices(admitted.box, chosen)
    key = code_key(secret)
    with transaction(factory) as session:
        box = session.get_one(BallotBox, admitted.box.id)
        store.lock_box(session, box, is_closing=False)
        _check_time(box, now or datetime.now(UTC))
        if not store.use_code(session, code_hash(key, admitted.code)):
            raise _used()
        group = {name: getattr(admitted.batch, name) for name in box.asks}
        store.add_ballot(session, {"box_id": box.id, "vote": content.vote, "points": content.points, **group})
    return receipt_mark(key, admitted.code)


def checked_choices(box: BallotBox, chosen: Mapping[str, int]) -> BallotContent:
    """What a ballot would say; InputError with every problem."""
    content, problems = content_of(ballot_form(box), chosen)
    if content is None:
        raise InputError(problems)
    return content


def _check_time(box: BallotBox, now: datetime) -> None:
    if box.state == store.CANCELLED:
        raise InputError(Problem("vote-cancelled", "This vote was taken back. Codes of it are void."))
    if box.state == store.CLOSED or now >= box.closes_at:
        facts = {"closes_at": box.closes_at.isoformat(timespec="minutes")}
        raise InputError(Problem("vote-closed", "The vote is closed. No ballot is taken any more.", facts=facts))
    if now < box.opens_at:
        facts = {"opens_at": box.opens_at.isoformat(timespec="minutes")}
        message = f"The vote has not begun: it opens at {facts['opens_at']}. The code can vote then."
        raise InputError(Problem("vote-not-open", message, facts=facts))


def _count_wrong(factory: sessionmaker[Session], address: str, now: datetime) -> None:
    with transaction(factory) as session:
        if store.count_wrong_codes(session, address, now - WINDOW) >= MOST_WRONG:
            message = "Too many wrong codes came from this connection. Wait a minute and try again."
            raise InputError(Problem("code-locked", message))
        store.add_wrong_code(session, address, now, now - KEPT)


def _used() -> InputError:
    message = "This code has voted already. A code votes once, and a ballot cannot be changed."
    return InputError(Problem("code-used", message))
