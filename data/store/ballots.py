"""Ballot boxes, codes and ballots in the store. What ties a code to a ballot is not here, because it is nowhere."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from data.store.tables import AssemblyProcess, Ballot, BallotBox, BallotCode, BallotCodeBatch, BallotTally, WrongCode

OPEN, CLOSED, CANCELLED = "open", "closed", "cancelled"
MIXED_WITH = 9  # other ballots that are taken out and put back with a new one
PART = 5_000  # rows of one statement


@dataclass(frozen=True)
class BatchUse:
    """Codes printed together: for whom, how many, how many have voted."""

    batch: BallotCodeBatch
    used: int


# --- boxes -----------------------------------------------------------------------------------------------------------


def list_boxes(session: Session, process_id: int) -> list[BallotBox]:
    """All boxes of a process, the latest first."""
    query = select(BallotBox).where(BallotBox.process_id == process_id)
    return list(session.scalars(query.order_by(BallotBox.id.desc())))


def open_boxes(session: Session, process_id: int) -> list[BallotBox]:
    """Boxes that are neither closed nor cancelled, whether or not their time has come."""
    return [one for one in list_boxes(session, process_id) if one.state == OPEN]


def site_boxes(session: Session, site_id: int) -> list[tuple[AssemblyProcess, BallotBox]]:
    """Boxes of a site that are open, with their processes, the newest first."""
    query = (
        select(AssemblyProcess, BallotBox)
        .join(BallotBox, BallotBox.process_id == AssemblyProcess.id)
        .where(AssemblyProcess.site_id == site_id, BallotBox.state == OPEN)
        .order_by(BallotBox.id.desc())
    )
    return [(process, box) for process, box in session.execute(query)]


def find_open_box(session: Session, process_id: int, area_id: int) -> BallotBox | None:
    """The box of an area that is open, or None."""
    return next((one for one in open_boxes(session, process_id) if one.area_id == area_id), None)


def load_box(session: Session, site_id: int, box_id: int) -> tuple[AssemblyProcess, BallotBox]:
    """A box with its process; NotFoundError where it is not there or another site's."""
    query = (
        select(AssemblyProcess, BallotBox)
        .join(BallotBox, BallotBox.process_id == AssemblyProcess.id)
        .where(BallotBox.id == box_id, AssemblyProcess.site_id == site_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFoundError("ballot box", str(box_id))
    return found[0], found[1]


def lock_box(session: Session, box: BallotBox, is_closing: bool) -> None:
    """Voters share the box; whoever closes it waits for them and has it alone. `box` is then as it is now."""
    query = select(BallotBox.id).where(BallotBox.id == box.id)
    session.execute(query.with_for_update(read=not is_closing))
    session.refresh(box)


# --- codes -----------------------------------------------------------------------------------------------------------


def add_codes(session: Session, batch: BallotCodeBatch, hashes: Sequence[str]) -> None:
    """Store a batch with the hashes of its codes, in an order that is not that of the sheet."""
    session.add(batch)
    session.flush()
    rows = [{"code_hash": one, "batch_id": batch.id, "is_used": False} for one in sorted(hashes)]
    for start in range(0, len(rows), PART):
        session.execute(insert(BallotCode), rows[start : start + PART])


def find_code(session: Session, site_id: int, code_hash: str) -> tuple[BallotCode, BallotCodeBatch, BallotBox] | None:
    """A code of the site with its batch and box, or None."""
    query = (
        select(BallotCode, BallotCodeBatch, BallotBox)
        .join(BallotCodeBatch, BallotCodeBatch.id == BallotCode.batch_id)
        .join(BallotBox, BallotBox.id == BallotCodeBatch.box_id)
        .join(AssemblyProcess, AssemblyProcess.id == BallotBox.process_id)
        .where(BallotCode.code_hash == code_hash, AssemblyProcess.site_id == site_id)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


def key_checks(session: Session, site_id: int) -> frozenset[str]:
    """Which keys the codes of open boxes of a site were made with."""
    query = (
        select(BallotCodeBatch.key_check)
        .join(BallotBox, BallotBox.id == BallotCodeBatch.box_id)
        .join(AssemblyProcess, AssemblyProcess.id == BallotBox.process_id)
        .where(AssemblyProcess.site_id == site_id, BallotBox.state == OPEN)
        .distinct()
    )
    return frozenset(session.scalars(query))


def use_code(session: Session, code_hash: str) -> bool:
    """Mark a code as used; False where it was used already. Of two at once one waits for the other."""
    unused = (BallotCode.code_hash == code_hash, BallotCode.is_used.is_(False))
    done = session.execute(update(BallotCode).where(*unused).values(is_used=True))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def list_batches(session: Session, box_id: int) -> list[BatchUse]:
    used = (
        select(BallotCode.batch_id, func.count().label("used"))
        .where(BallotCode.is_used.is_(True))
        .group_by(BallotCode.batch_id)
        .subquery()
    )
    query = (
        select(BallotCodeBatch, func.coalesce(used.c.used, 0))
        .outerjoin(used, used.c.batch_id == BallotCodeBatch.id)
        .where(BallotCodeBatch.box_id == box_id)
        .order_by(BallotCodeBatch.id)
    )
    return [BatchUse(batch, number) for batch, number in session.execute(query)]


# --- ballots ---------------------------------------------------------------------------------------------------------


def add_ballot(session: Session, content: Mapping[str, object]) -> None:
    """Put a ballot into its box, mixed with others.

    A database keeps for itself in which transaction and in which place a row was written. So some other ballots of the
    box are taken out and put back with the new one under new keys: what the database keeps fits all of them.
    """
    columns = ("box_id", "vote", "points", "sex", "age", "zone")
    near = (
        select(Ballot.key, *(getattr(Ballot, name) for name in columns))
        .where(Ballot.box_id == content["box_id"], Ballot.key >= secrets.token_hex(16))
        .order_by(Ballot.key)
        .limit(MIXED_WITH)
        .with_for_update(skip_locked=True)
    )
    others = session.execute(near).all()
    rows = [{name: getattr(one, name) for name in columns} for one in others]
    if others:
        session.execute(delete(Ballot).where(Ballot.key.in_([one.key for one in others])))
    rows.append({name: content.get(name, "") for name in columns})
    random.SystemRandom().shuffle(rows)
    session.execute(insert(Ballot), [{"key": secrets.token_hex(16), **row} for row in rows])


def count_ballots(session: Session, box_id: int) -> int:
    return session.scalar(select(func.count()).select_from(Ballot).where(Ballot.box_id == box_id)) or 0


def count_tallies(session: Session, box_id: int) -> int:
    """Counts by hand that were not withdrawn."""
    query = select(func.count()).select_from(BallotTally)
    return session.scalar(query.where(BallotTally.box_id == box_id, BallotTally.state != "withdrawn")) or 0


def ballots_of_box(session: Session, box_id: int) -> list[dict[str, str]]:
    """The ballots in the order of what they say, without their keys."""
    columns = (Ballot.vote, Ballot.points, Ballot.sex, Ballot.age, Ballot.zone)
    query = select(*columns).where(Ballot.box_id == box_id)
    return [row._asdict() for row in sorted(session.execute(query), key=tuple)]


def empty_box(session: Session, box_id: int) -> None:
    """Remove ballots and codes of a box that is counted or cancelled; the numbers of codes stay."""
    session.execute(delete(Ballot).where(Ballot.box_id == box_id))
    batches = select(BallotCodeBatch.id).where(BallotCodeBatch.box_id == box_id)
    session.execute(delete(BallotCode).where(BallotCode.batch_id.in_(batches)))


# --- wrong codes -----------------------------------------------------------------------------------------------------


def count_wrong_codes(session: Session, address: str, since: datetime) -> int:
    query = select(func.count()).select_from(WrongCode).where(WrongCode.address == address, WrongCode.at >= since)
    return session.scalar(query) or 0


def add_wrong_code(session: Session, address: str, at: datetime, forget_before: datetime) -> None:
    session.execute(delete(WrongCode).where(WrongCode.at < forget_before))
    session.add(WrongCode(at=at, address=address))
