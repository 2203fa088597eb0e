"""A round goes draft → validated → published, with who, when and why. What is published never changes.

Validating needs a run of the rules on the answers as they are. Publishing needs another person than the one who
validated, and women's organisations in the validation, or a reason why there were none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.store.corrections import corrections_sha256, list_corrections
from data.store.engine import transaction
from data.store.rounds import DRAFT, PUBLISHED, VALIDATED, load_round
from data.store.sites import load_site
from data.store.tables import AuditEntry, Correction, Estimate, SurveyRound
from data.store.validation import (
    add_event,
    add_representation,
    latest_run,
    list_events,
    list_representation,
)

VALIDATORS = frozenset({"surveyor", "official", "admin"})  # may run rules, correct, validate, send back
PUBLISHERS = frozenset({"official", "admin"})
LONGEST_REASON, LONGEST_ORGANISATION, LONGEST_CONCLUSIONS = 2_000, 200, 4_000
CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}|(?<!\d)\d(?:[\s-]?\d){7,}(?!\d)", re.IGNORECASE)
TITLED_NAME = re.compile(
    r"\b(?:(?i:sra|sr|srta|señora|señor|señorita|doña|don|dra|dr|mrs|mr|ms|miss))\.?\s+[A-ZÁÉÍÓÚÑ][a-záéíóúñ]+"
)


@dataclass(frozen=True)
class StateChange:
    """A round's new state, and what to know of it."""

    round_code: str
    from_state: str
    to_state: str
    warnings: tuple[Problem, ...] = ()


def locked_round(session: Session, site_id: int, code: str) -> SurveyRound:
    """The round, and nobody else changes it until the transaction ends."""
    survey_round = load_round(session, site_id, code)
    session.refresh(survey_round, with_for_update=True)
    return survey_round


def state_of_round(factory: sessionmaker[Session], site_slug: str, round_code: str) -> str:
    """draft, validated or published."""
    with factory() as session:
        return load_round(session, load_site(session, site_slug).id, round_code).state


def require_draft(survey_round: SurveyRound, action: str) -> None:
    """Only a draft is corrected. Raises InputError for every other state."""
    if survey_round.state == DRAFT:
        return
    code = survey_round.code
    if survey_round.state == PUBLISHED:
        message = (
            f"Round {code} is published and is not {action} any more. Import the corrected answers as a new round."
        )
        raise InputError(Problem("state.published", message, facts={"round": code}))
    message = (
        f"Round {code} is validated and is not {action} in this state. Send it back to draft, with a reason, first."
    )
    raise InputError(Problem("state.not_draft", message, facts={"round": code}))


def answers_sha256(survey_round: SurveyRound, log: list[Correction]) -> str:
    """Hash of the answers as they are used: the files and the corrections."""
    return hashlib.sha256(f"{survey_round.content_sha256}{corrections_sha256(log)}".encode()).hexdigest()


def change_state(
    factory: sessionmaker[Session], site_slug: str, round_code: str, to_state: str, actor: str, reason: str = ""
) -> StateChange:
    """Move a round to a state, on record.

    actor : log-in name; whether the role allows it is for the caller to ask (`VALIDATORS`, `PUBLISHERS`)
    reason : needed to go back to draft, to validate with errors left, and to publish without representation

    Raises InputError with all that stands against it; nothing is stored then.
    """
    reason = reason.strip()
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        survey_round = locked_round(session, site.id, round_code)
        warnings, detail = require_step(session, survey_round, to_state, actor, reason)
        event = add_event(session, survey_round, actor, to_state, reason, detail)
        return StateChange(round_code, event.from_state, to_state, warnings)


def require_step(
    session: Session, survey_round: SurveyRound, to_state: str, actor: str, reason: str
) -> tuple[tuple[Problem, ...], dict[str, Any]]:
    """What to know of a step that may be taken, and its details for the record; InputError with all against it."""
    if len(reason) > LONGEST_REASON:
        raise InputError(Problem("state.reason_long", f"The reason is longer than {LONGEST_REASON:,} characters."))
    step = _STEPS.get((survey_round.state, to_state))
    if step is None:
        raise InputError(_no_such_step(survey_round, to_state))
    problems, detail = step(session, survey_round, actor, reason.strip())
    errors = [problem for problem in problems if problem.level == "error"]
    if errors:
        raise InputError(errors)
    return tuple(problem for problem in problems if problem.level == "warning"), detail


Step = Callable[[Session, SurveyRound, str, str], tuple[list[Problem], dict[str, Any]]]


def _no_such_step(survey_round: SurveyRound, to_state: str) -> Problem:
    facts = {"round": survey_round.code, "state": survey_round.state, "wanted": to_state}
    if survey_round.state == PUBLISHED:
        message = f"Round {survey_round.code} is published. What is published never changes; import a new round."
        return Problem("state.is_published", message, facts=facts)
    message = (
        f"Round {survey_round.code} is {survey_round.state} and cannot become {to_state}. "
        "The way is draft, validated, published; back goes from validated to draft."
    )
    return Problem("state.no_such_step", message, facts=facts)


def _validate(
    session: Session, survey_round: SurveyRound, actor: str, reason: str
) -> tuple[list[Problem], dict[str, Any]]:
    run = latest_run(session, survey_round.id)
    log = list_corrections(session, survey_round.id)
    if run is None or run.answers_sha256 != answers_sha256(survey_round, log):
        message = "The rules have not been run on the answers as they are now. Run them first."
        return [Problem("state.not_checked", message)], {}
    detail = {
        "errors": run.errors,
        "warnings": run.warnings,
        "rules_sha256": run.rules_sha256,
        "answers_sha256": run.answers_sha256,
        "corrections": len(log),
    }
    rules, applied = rules_applied(run.result)
    detail |= {"rules": rules, "rules_applied": applied}
    problems = []
    if run.errors and not reason:
        message = f"{run.errors:,} cases still break a rule of severity error. Correct them, or say why they stand."
        problems.append(Problem("state.errors_remain", message, facts={"errors": f"{run.errors:,}"}))
    if is_hardly_checked(run.result) and not reason:
        message = (
            f"Only {applied:,} of {rules:,} rules could be applied, so that few errors were looked for. "
            "Say why the round is validated all the same, or bring in the columns that the rules need."
        )
        problems.append(Problem("state.few_rules", message, facts={"applied": f"{applied:,}", "rules": f"{rules:,}"}))
    return problems, detail


def rules_applied(result: Mapping[str, Any]) -> tuple[int, int]:
    """How many rules a run had, and how many of them the round has the columns for."""
    rules = result.get("rules", ())
    return len(rules), sum(not (rule["missing"] or rule["reason"]) for rule in rules)


def is_hardly_checked(result: Mapping[str, Any]) -> bool:
    """Whether fewer than half of the rules could be applied: no errors found then says little."""
    rules, applied = rules_applied(result)
    return 2 * applied < rules


def _send_back(
    session: Session, survey_round: SurveyRound, actor: str, reason: str
) -> tuple[list[Problem], dict[str, Any]]:
    if reason:
        return [], {}
    return [Problem("state.reason_missing", "Going back to draft needs a reason. Write it.")], {}


def _publish(
    session: Session, survey_round: SurveyRound, actor: str, reason: str
) -> tuple[list[Problem], dict[str, Any]]:
    problems = []
    validator = next(
        (event.actor for event in reversed(list_events(session, survey_round.id)) if event.to_state == VALIDATED), None
    )
    if validator == actor:
        message = f"'{actor}' validated this round. Publishing takes a second person."
        problems.append(Problem("state.second_person", message, facts={"actor": actor}))
    took_part = list_representation(session, survey_round.id)
    if not any(entry.women for entry in took_part):
        message = (
            "No organisation with women took part in the validation on record. Record it, or publish with the reason "
            "why there was none."
        )
        level = "warning" if reason else "error"
        problems.append(Problem("state.no_representation", message, level=level))
    if _has_stale_estimates(session, survey_round):
        message = "Answers were corrected after the indicators were run. Run the indicators again, then publish."
        problems.append(Problem("state.stale_estimates", message))
    log = list_corrections(session, survey_round.id)
    detail = {
        "organisations": len(took_part),
        "women": sum(entry.women for entry in took_part),
        "men": sum(entry.men for entry in took_part),
        "corrections": len(log),
        "answers_sha256": answers_sha256(survey_round, log),
    }
    return problems, detail


def _has_stale_estimates(session: Session, survey_round: SurveyRound) -> bool:
    """Whether there are estimates, and they were made of other answers than those that would be published."""
    log = list_corrections(session, survey_round.id)
    if not log or session.scalar(select(Estimate.id).where(Estimate.round_id == survey_round.id).limit(1)) is None:
        return False
    query = select(AuditEntry).where(
        AuditEntry.site_id == survey_round.site_id,
        AuditEntry.action == "indicators.run",
        AuditEntry.subject == f"round {survey_round.code}",
    )
    last = session.scalars(query.order_by(AuditEntry.id.desc()).limit(1)).first()
    made_of = (last.detail.get("corrections") or {}).get("sha256") if last else None
    return made_of != corrections_sha256(log)


_STEPS: dict[tuple[str, str], Step] = {
    (DRAFT, VALIDATED): _validate,
    (VALIDATED, DRAFT): _send_back,
    (VALIDATED, PUBLISHED): _publish,
}


@dataclass(frozen=True)
class Representation:
    """An organisation that took part in the validation."""

    organisation: str
    women: int
    men: int
    held_on: date
    conclusions: str


def record_representation(
    factory: sessionmaker[Session], site_slug: str, round_code: str, entry: Representation, actor: str
) -> tuple[Problem, ...]:
    """Keep who took part, and what they concluded; returns warnings about what looks like a person's name.

    Raises InputError with every problem: nothing named, nobody took part, a day to come, contact data in the text,
    a round that is published already.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        survey_round = locked_round(session, site.id, round_code)
        if survey_round.state == PUBLISHED:
            require_draft(survey_round, "changed")
        problems = _representation_problems(entry)
        if problems:
            raise InputError(problems)
        add_representation(
            session,
            survey_round,
            actor,
            organisation=entry.organisation.strip(),
            women=entry.women,
            men=entry.men,
            held_on=entry.held_on,
            conclusions=entry.conclusions.strip(),
        )
    return tuple(_name_warnings(entry))


def _representation_problems(entry: Representation) -> list[Problem]:
    checks = [
        (
            0 < len(entry.organisation.strip()) <= LONGEST_ORGANISATION,
            "organisation",
            f"Name the organisation, in up to {LONGEST_ORGANISATION} characters.",
        ),
        (
            0 < len(entry.conclusions.strip()) <= LONGEST_CONCLUSIONS,
            "conclusions",
            f"Write what was concluded, in up to {LONGEST_CONCLUSIONS:,} characters.",
        ),
        (0 <= entry.women <= 100_000 and 0 <= entry.men <= 100_000, "number", "Numbers of people run from 0."),
        (entry.women + entry.men > 0, "nobody", "State how many women and men took part: both are 0."),
        (entry.held_on <= datetime.now(UTC).date(), "day", "The day lies ahead. State the day on which it was held."),
        (
            not CONTACT.search(f"{entry.organisation}\n{entry.conclusions}"),
            "contact",
            "The text holds a telephone, document number or e-mail address. Take it out: no person is named here.",
        ),
    ]
    return [Problem(f"representation.{rule}", message) for is_right, rule, message in checks if not is_right]


def _name_warnings(entry: Representation) -> list[Problem]:
    found = TITLED_NAME.findall(f"{entry.organisation}\n{entry.conclusions}")
    message = "'{name}' looks like the name of a person. The record is public to the team: no person is named in it."
    return [
        Problem("representation.name", message.format(name=name), level="warning", facts={"name": name})
        for name in dict.fromkeys(found)
    ]
