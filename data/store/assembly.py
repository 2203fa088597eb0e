"""Processes of the participatory budget, their participants in numbers, their proposals in versions, their votes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, defer

from budget_model.errors import NotFoundError
from data.store.tables import (
    AssemblyParticipants,
    AssemblyPhoto,
    AssemblyProcess,
    AssemblyProposal,
    AssemblyScore,
    AssemblyVote,
)

COUNTED, REPLACED = "counted", "replaced"


@dataclass(frozen=True)
class ParticipantCount:
    """So many people of a sex, an age group, a zone and an organisation.

    `area_id`: of the site itself where no zone is told; `organisation`: empty where none is.
    """

    sex: str
    age_band: str
    area_id: int
    persons: int
    organisation: str = ""


# --- processes -------------------------------------------------------------------------------------------------------


def list_processes(session: Session, site_id: int) -> list[AssemblyProcess]:
    """The latest year first."""
    query = select(AssemblyProcess).where(AssemblyProcess.site_id == site_id)
    return list(session.scalars(query.order_by(AssemblyProcess.year.desc())))


def find_process(session: Session, site_id: int, year: int) -> AssemblyProcess | None:
    """The process of a year, or None."""
    query = select(AssemblyProcess).where(AssemblyProcess.site_id == site_id, AssemblyProcess.year == year)
    return session.scalar(query)


def load_process(session: Session, site_id: int, year: int) -> AssemblyProcess:
    """The process of a year; NotFoundError where there is none."""
    found = find_process(session, site_id, year)
    if found is None:
        raise NotFoundError("participatory budget", str(year))
    return found


def lock_process(session: Session, process_id: int) -> None:
    """Let writers of a process wait for each other, so that no two take the same version."""
    session.execute(select(AssemblyProcess.id).where(AssemblyProcess.id == process_id).with_for_update())


def list_participants(session: Session, process_id: int) -> list[AssemblyParticipants]:
    query = select(AssemblyParticipants).where(AssemblyParticipants.process_id == process_id)
    return list(session.scalars(query.order_by(AssemblyParticipants.id)))


def replace_participants(session: Session, process_id: int, counts: Iterable[ParticipantCount]) -> None:
    session.execute(delete(AssemblyParticipants).where(AssemblyParticipants.process_id == process_id))
    session.add_all(
        AssemblyParticipants(
            process_id=process_id,
            sex=one.sex,
            age_band=one.age_band,
            area_id=one.area_id,
            organisation=one.organisation,
            persons=one.persons,
        )
        for one in counts
    )
    session.flush()


# --- proposals -------------------------------------------------------------------------------------------------------


def list_proposals(session: Session, process_id: int) -> list[AssemblyProposal]:
    """The newest version of every proposal, by code."""
    newest = (
        select(AssemblyProposal.code, func.max(AssemblyProposal.version).label("version"))
        .where(AssemblyProposal.process_id == process_id)
        .group_by(AssemblyProposal.code)
        .subquery()
    )
    query = (
        select(AssemblyProposal)
        .join(newest, (AssemblyProposal.code == newest.c.code) & (AssemblyProposal.version == newest.c.version))
        .where(AssemblyProposal.process_id == process_id)
        .order_by(AssemblyProposal.code)
    )
    return list(session.scalars(query))


def list_proposal_versions(session: Session, process_id: int, code: str) -> list[AssemblyProposal]:
    """All versions of a proposal, the newest first; NotFoundError where there is none."""
    query = select(AssemblyProposal).where(AssemblyProposal.process_id == process_id, AssemblyProposal.code == code)
    found = list(session.scalars(query.order_by(AssemblyProposal.version.desc())))
    if not found:
        raise NotFoundError("proposal of the assembly", code)
    return found


def find_sent(session: Session, process_id: int, sent_key: str) -> AssemblyProposal | None:
    """The proposal that came with a form, or None where it has not come yet."""
    query = select(AssemblyProposal).where(
        AssemblyProposal.process_id == process_id, AssemblyProposal.sent_key == sent_key
    )
    return session.scalar(query)


def photo_names(session: Session, process_id: int) -> frozenset[str]:
    """SHA-256 of every photo of a process."""
    return frozenset(session.scalars(select(AssemblyPhoto.sha256).where(AssemblyPhoto.process_id == process_id)))


def photo_sizes(session: Session, process_id: int) -> dict[str, tuple[int, int]]:
    """SHA-256 -> width and height in pixels, without loading the photos."""
    query = select(AssemblyPhoto.sha256, AssemblyPhoto.width, AssemblyPhoto.height)
    rows = session.execute(query.where(AssemblyPhoto.process_id == process_id))
    return {sha256: (width, height) for sha256, width, height in rows}


def load_photo(session: Session, process_id: int, sha256: str) -> AssemblyPhoto:
    """A photo of a process; NotFoundError where it is not there."""
    query = select(AssemblyPhoto).where(AssemblyPhoto.process_id == process_id, AssemblyPhoto.sha256 == sha256)
    found = session.scalar(query)
    if found is None:
        raise NotFoundError("photo", sha256[:12])
    return found


def find_scores(session: Session, process_id: int) -> AssemblyScore | None:
    """What was computed last, or None."""
    return session.scalar(select(AssemblyScore).where(AssemblyScore.process_id == process_id))


# --- votes -----------------------------------------------------------------------------------------------------------


def list_votes(session: Session, process_id: int) -> list[AssemblyVote]:
    """Votes that count, the whole site's first; without their files."""
    query = select(AssemblyVote).where(AssemblyVote.process_id == process_id, AssemblyVote.state == COUNTED)
    return list(session.scalars(query.order_by(AssemblyVote.area_id).options(defer(AssemblyVote.content))))


def find_vote(session: Session, process_id: int, area_id: int) -> AssemblyVote | None:
    """The vote of an area that counts, or None."""
    query = select(AssemblyVote).where(
        AssemblyVote.process_id == process_id, AssemblyVote.area_id == area_id, AssemblyVote.state == COUNTED
    )
    return session.scalar(query)


def load_vote(session: Session, site_id: int, vote_id: int) -> AssemblyVote:
    """A vote that counts; NotFoundError where it is not there, was replaced, or is another site's."""
    query = (
        select(AssemblyVote)
        .join(AssemblyProcess, AssemblyProcess.id == AssemblyVote.process_id)
        .where(AssemblyVote.id == vote_id, AssemblyProcess.site_id == site_id, AssemblyVote.state == COUNTED)
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError("vote", str(vote_id))
    return found
