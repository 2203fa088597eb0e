"""Publishing a new definition of an indicator, or a further indicator, of a round that the public knows already.

The figures that are out stay until a second person makes them anew, with a reason, on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from data.store.audit import COMMAND_LINE
from data.store.definitions import DEFINITIONS, PendingDefinition
from data.store.rounds import PUBLISHED
from data.store.tables import AuditEntry, SurveyRound
from data.store.users import find_user, roles_of
from data.store.validation import add_event
from data.workflows.round_states import LONGEST_REASON, PUBLISHERS


def require_republication(
    session: Session, survey_round: SurveyRound, pending: Sequence[PendingDefinition], actor: str, reason: str
) -> None:
    """Raises InputError with all that stands against it: no reason, nobody named, or the person who ran them."""
    if not pending:
        return
    names = ", ".join(f"{one.code} (version {one.version})" for one in pending)
    facts = {"round": survey_round.code, "names": names, "actor": actor}
    problems = []
    if not reason.strip():
        message = (
            f"Round {survey_round.code} is published, and this would change what the public sees: {names}. "
            "State why (--reason)."
        )
        problems.append(Problem("republish.reason", message, facts=facts))
    if len(reason) > LONGEST_REASON:
        problems.append(Problem("state.reason_long", f"The reason is longer than {LONGEST_REASON:,} characters."))
    if actor == COMMAND_LINE:
        message = (
            f"Changing what the public sees of round {survey_round.code} ({names}) takes a person with a role that "
            "publishes. Name the account (--by LOGIN)."
        )
        problems.append(Problem("republish.nobody", message, facts=facts))
    elif actor in _who_ran(session, survey_round, pending):
        message = f"'{actor}' computed {names}. Publishing them takes a second person."
        problems.append(Problem("republish.second_person", message, facts=facts))
    if problems:
        raise InputError(problems)


def _who_ran(session: Session, survey_round: SurveyRound, pending: Sequence[PendingDefinition]) -> set[str]:
    """Who last computed each of them on the round."""
    query = select(AuditEntry).where(
        AuditEntry.site_id == survey_round.site_id,
        AuditEntry.action == "indicators.run",
        AuditEntry.subject == f"round {survey_round.code}",
    )
    last: dict[str, str] = {}
    for entry in session.scalars(query.order_by(AuditEntry.id)):
        last |= dict.fromkeys(entry.detail.get("indicators", ()), entry.actor)
    return {last[one.code] for one in pending if one.code in last}


def record_republication(
    session: Session, survey_round: SurveyRound, pending: Sequence[PendingDefinition], actor: str, reason: str
) -> None:
    """Put it in the history of the round and in the audit trail; nothing where nothing is pending."""
    if not pending:
        return
    detail: dict[str, Any] = {
        DEFINITIONS: [
            {
                "indicator": one.code,
                "version": one.version,
                "earlier": one.public_version,
                "label": dict(one.label),
            }
            for one in pending
        ],
        "role": _role(session, survey_round.site_id, actor),
    }
    add_event(session, survey_round, actor, PUBLISHED, reason.strip(), detail)


def _role(session: Session, site_id: int, login: str) -> str:
    """The role that lets the person publish; empty for a log-in name without an account."""
    user = find_user(session, login)
    held = {role for role, where in roles_of(session, user.id) if where in (None, site_id)} if user else set()
    return next(iter(sorted(held & PUBLISHERS, reverse=True)), "")  # official before admin
