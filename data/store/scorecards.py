"""Answers to scorecards in the store: only added, the newest version of each question counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from budget_model.errors import StaleVersionError
from data.store import audit
from data.store.tables import ScorecardAnswer


@dataclass(frozen=True)
class GivenAnswer:
    """What somebody answers. `value` None takes the answer back."""

    question: str
    value: str | None
    evidence: Sequence[str] = ()
    note: str = ""
    prefill: str | None = None
    prefill_facts: Mapping[str, Any] | None = None


def list_answers(session: Session, site_id: int, card: str, year: int) -> list[ScorecardAnswer]:
    """Every version of every answer, the newest of a question first."""
    query = select(ScorecardAnswer).where(
        ScorecardAnswer.site_id == site_id, ScorecardAnswer.card == card, ScorecardAnswer.year == year
    )
    return list(session.scalars(query.order_by(ScorecardAnswer.question, ScorecardAnswer.version.desc())))


def list_years(session: Session, site_id: int, card: str) -> list[int]:
    """Years that have answers, ascending."""
    query = select(ScorecardAnswer.year).where(ScorecardAnswer.site_id == site_id, ScorecardAnswer.card == card)
    return list(session.scalars(query.distinct().order_by(ScorecardAnswer.year)))


def add_answer(
    session: Session, site_id: int, actor: str, card: tuple[str, int], year: int, given: GivenAnswer, based_on: int
) -> ScorecardAnswer:
    """Add a version of an answer.

    card : id and version of the scorecard; based_on : the version that the person saw, 0 for none

    Raises StaleVersionError where somebody has answered meanwhile; nothing is stored then.
    """
    newest = _newest(session, site_id, card[0], year, given.question)
    if (newest.version if newest else 0) != based_on:
        raise _stale(newest, based_on)
    row = ScorecardAnswer(
        site_id=site_id,
        card=card[0],
        card_version=card[1],
        year=year,
        question=given.question,
        version=based_on + 1,
        value=given.value,
        evidence=list(given.evidence),
        note=given.note,
        prefill=given.prefill,
        prefill_facts=None if given.prefill_facts is None else dict(given.prefill_facts),
        at=datetime.now(UTC),
        actor=actor,
    )
    try:
        with session.begin_nested():  # another process may have answered since it was checked
            session.add(row)
    except IntegrityError:
        raise _stale(_newest(session, site_id, card[0], year, given.question), based_on) from None
    detail = {
        "year": year,
        "version": row.version,
        "from": newest.value if newest else None,
        "to": given.value,
        "evidence": list(given.evidence),
        "prefill": given.prefill,
    }
    audit.record(session, actor, "scorecard.answer", f"{card[0]} {given.question}", site_id, detail)
    return row


def _newest(session: Session, site_id: int, card: str, year: int, question: str) -> ScorecardAnswer | None:
    query = select(ScorecardAnswer).where(
        ScorecardAnswer.site_id == site_id,
        ScorecardAnswer.card == card,
        ScorecardAnswer.year == year,
        ScorecardAnswer.question == question,
    )
    return session.scalar(query.order_by(ScorecardAnswer.version.desc()).limit(1))


def _stale(newest: ScorecardAnswer | None, based_on: int) -> StaleVersionError:
    if newest is None:
        return StaleVersionError("answer", based_on, 0, "", "", "answer", {})
    at = newest.at.isoformat(timespec="minutes")
    changes = {"value": (None, newest.value), "evidence": (None, newest.evidence)}
    return StaleVersionError("answer", based_on, newest.version, newest.actor, at, "answer", changes)
