"""Runs of the rules, changes of state and representation, by round. Corrections have a file of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store import audit
from data.store.tables import RoundEvent, RoundRepresentation, SurveyRound, ValidationRun


def add_run(session: Session, survey_round: SurveyRound, actor: str, **columns: Any) -> ValidationRun:
    """Keep a run of the rules; earlier ones stay."""
    run = ValidationRun(round_id=survey_round.id, at=datetime.now(UTC), actor=actor, **columns)
    session.add(run)
    session.flush()
    detail = {"errors": run.errors, "warnings": run.warnings, "rules": run.rules_file, "sha256": run.rules_sha256}
    audit.record(session, actor, "survey.check", f"round {survey_round.code}", survey_round.site_id, detail)
    return run


def latest_run(session: Session, round_id: int) -> ValidationRun | None:
    query = select(ValidationRun).where(ValidationRun.round_id == round_id).order_by(ValidationRun.id.desc()).limit(1)
    return session.scalar(query)


def add_event(
    session: Session, survey_round: SurveyRound, actor: str, to_state: str, reason: str, detail: dict[str, Any]
) -> RoundEvent:
    """Change the state of a round, on record."""
    event = RoundEvent(
        round_id=survey_round.id,
        at=datetime.now(UTC),
        actor=actor,
        from_state=survey_round.state,
        to_state=to_state,
        reason=reason,
        detail=detail,
    )
    survey_round.state = to_state
    session.add(event)
    told = {"from": event.from_state, "to": to_state, "reason": reason, **detail}
    audit.record(session, actor, "survey.state", f"round {survey_round.code}", survey_round.site_id, told)
    return event


def list_events(session: Session, round_id: int) -> list[RoundEvent]:
    """Changes of state, the oldest first."""
    return list(session.scalars(select(RoundEvent).where(RoundEvent.round_id == round_id).order_by(RoundEvent.id)))


def add_representation(
    session: Session,
    survey_round: SurveyRound,
    actor: str,
    *,
    organisation: str,
    women: int,
    men: int,
    held_on: date,
    conclusions: str,
) -> RoundRepresentation:
    """Keep who took part in the validation."""
    row = RoundRepresentation(
        round_id=survey_round.id,
        at=datetime.now(UTC),
        actor=actor,
        organisation=organisation,
        women=women,
        men=men,
        held_on=held_on,
        conclusions=conclusions,
    )
    session.add(row)
    session.flush()
    detail = {"organisation": organisation, "women": women, "men": men, "held_on": held_on.isoformat()}
    audit.record(session, actor, "survey.represent", f"round {survey_round.code}", survey_round.site_id, detail)
    return row


def list_representation(session: Session, round_id: int) -> list[RoundRepresentation]:
    query = select(RoundRepresentation).where(RoundRepresentation.round_id == round_id)
    return list(session.scalars(query.order_by(RoundRepresentation.held_on, RoundRepresentation.id)))
