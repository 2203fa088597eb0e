"""A survey round on its way from draft to published: what the rules found, corrections, states, who took part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import may, require
from dashboard.services.question_words import QuestionWords, site_words
from dashboard.services.round_figures import FiguresInfo, figures_info
from data.store.areas import list_areas
from data.store.corrections import count_corrections, recent_corrections
from data.store.rounds import list_rounds, load_round
from data.store.tables import SurveyRound
from data.store.validation import latest_run, list_events, list_representation
from data.workflows.corrections import AppliedCorrections, CheckedCorrections, apply_corrections, check_corrections
from data.workflows.publication import publish_round
from data.workflows.round_states import (
    PUBLISHERS,
    VALIDATORS,
    Representation,
    StateChange,
    change_state,
    record_representation,
)
from data.workflows.validation import (
    answers_to_correct,
    check_round_answers,
    is_current,
    report_now,
    sensitive_columns,
)
from data.writers.validation_report import cases_csv

if TYPE_CHECKING:
    from dashboard.services import Store

LARGEST_FILE = 5 * 2**20  # bytes of a file of corrections
SHOWN_CORRECTIONS = 50


@dataclass(frozen=True)
class RunInfo:
    """The latest run of the rules; `result` is its stored document."""

    at: datetime
    actor: str
    rules_file: str
    errors: int
    warnings: int
    is_current: bool
    result: Mapping[str, Any]


@dataclass(frozen=True)
class EventInfo:
    at: datetime
    actor: str
    from_state: str
    to_state: str
    reason: str


@dataclass(frozen=True)
class CorrectionInfo:
    """A line of the log; answers that the rules call sensitive are None and `is_sensitive`."""

    at: datetime
    actor: str
    record: str
    record_id: int
    column: str
    old: str | None
    new: str | None
    reason: str
    is_sensitive: bool


@dataclass(frozen=True)
class TookPart:
    held_on: date
    organisation: str
    women: int
    men: int
    conclusions: str
    actor: str


@dataclass(frozen=True)
class Board:
    """All that the page shows of a round."""

    rounds: tuple[tuple[str, str], ...]  # code and state, the newest first
    code: str
    state: str
    source: str
    persons: int
    households: int
    areas: Mapping[str, str]  # code -> name
    run: RunInfo | None
    events: tuple[EventInfo, ...]
    corrections: int
    recent: tuple[CorrectionInfo, ...]
    took_part: tuple[TookPart, ...]
    figures: FiguresInfo
    may_publish: bool
    is_validator: bool  # whether the reader is the one who validated, so that somebody else has to publish
    is_drawn_by_household: bool = False  # a sample of which nobody stated the sampling unit
    words: QuestionWords = field(default_factory=QuestionWords)


class ValidationService:
    """Every method asks for a role at the very site; who acts is the log-in name of the reader."""

    def __init__(self, store: Store):
        self._store = store

    def board(self, user: Person, site: SiteRef, code: str | None = None) -> Board | None:
        """A round of the site (the newest where none is named); None where there is no round.

        Raises NotFoundError for a round that the site does not have.
        """
        require(user, VALIDATORS, site)
        with self._store.factory() as session:
            rounds = list_rounds(session, site.id)
            if not rounds and not code:
                return None
            chosen = load_round(session, site.id, code) if code else rounds[0]
            return _board(session, rounds, chosen, user, may(user, PUBLISHERS, site))

    def run_rules(self, user: Person, site: SiteRef, code: str) -> None:
        """Hold the round against the rules and keep what came of it."""
        require(user, VALIDATORS, site, "run the rules")
        check_round_answers(self._store.factory, self._store.bank_folder, site.slug, code, user.login)

    def preview(self, user: Person, site: SiteRef, code: str, content: bytes, file: str) -> CheckedCorrections:
        """A file of corrections held against the round; InputError with every problem. Nothing is stored."""
        require(user, VALIDATORS, site, "correct answers")
        _refuse_large(content, file)
        with self._store.factory() as session:
            survey_round = load_round(session, site.id, code)
            return check_corrections(session, self._store.bank_folder, survey_round, content, file)

    def correct(self, user: Person, site: SiteRef, code: str, content: bytes, file: str) -> AppliedCorrections:
        """Append a file of corrections to the log."""
        require(user, VALIDATORS, site, "correct answers")
        _refuse_large(content, file)
        store = self._store
        return apply_corrections(store.factory, store.bank_folder, site.slug, code, content, file, user.login)

    def move(self, user: Person, site: SiteRef, code: str, to_state: str, reason: str) -> StateChange:
        """Change the state of the round."""
        roles = PUBLISHERS if to_state == "published" else VALIDATORS
        require(user, roles, site, f"make a round {to_state}")
        store = self._store
        if to_state == "published":
            return publish_round(store.factory, store.bank_folder, site.slug, code, user.login, reason)
        return change_state(store.factory, site.slug, code, to_state, user.login, reason)

    def represent(self, user: Person, site: SiteRef, code: str, entry: Representation) -> tuple[Problem, ...]:
        """Record an organisation that took part; returns warnings."""
        require(user, VALIDATORS, site, "record who took part")
        return record_representation(self._store.factory, site.slug, code, entry, user.login)

    def report(self, user: Person, site: SiteRef, code: str, language: str) -> bytes:
        """The report on the answers as they are, as a workbook."""
        require(user, VALIDATORS, site)
        with self._store.factory() as session:
            return report_now(session, self._store.bank_folder, load_round(session, site.id, code), language)

    def cases(self, user: Person, site: SiteRef, code: str, rule: str) -> bytes:
        """The answers that a rule found, as a file of corrections to fill in."""
        require(user, VALIDATORS, site)
        with self._store.factory() as session:
            survey_round = load_round(session, site.id, code)
            return cases_csv(answers_to_correct(session, self._store.bank_folder, survey_round, rule))


def _refuse_large(content: bytes, file: str) -> None:
    if len(content) > LARGEST_FILE:
        message = f"The file is larger than {LARGEST_FILE // 2**20} MB. Split it."
        raise InputError(Problem("corrections.large", message, file=file, facts={"most": LARGEST_FILE // 2**20}))


def _board(session: Session, rounds: list[SurveyRound], chosen: SurveyRound, user: Person, may_publish: bool) -> Board:
    events = tuple(
        EventInfo(event.at, event.actor, event.from_state, event.to_state, event.reason)
        for event in list_events(session, chosen.id)
    )
    validator = next((event.actor for event in reversed(events) if event.to_state == "validated"), None)
    return Board(
        rounds=tuple((one.code, one.state) for one in rounds),
        code=chosen.code,
        state=chosen.state,
        source=chosen.source,
        persons=chosen.person_count,
        households=chosen.household_count,
        areas={area.code: area.name for area in list_areas(session, chosen.site_id)},
        run=_run(session, chosen),
        events=events,
        corrections=count_corrections(session, chosen.id),
        recent=_recent(session, chosen.id),
        took_part=tuple(
            TookPart(one.held_on, one.organisation, one.women, one.men, one.conclusions, one.actor)
            for one in list_representation(session, chosen.id)
        ),
        figures=figures_info(session, chosen),
        may_publish=may_publish,
        is_validator=validator == user.login,
        is_drawn_by_household=not (chosen.is_census or chosen.psu_column) and bool(chosen.bank_path),
        words=site_words(session, chosen.site_id),
    )


def _run(session: Session, chosen: SurveyRound) -> RunInfo | None:
    run = latest_run(session, chosen.id)
    if run is None:
        return None
    return RunInfo(
        run.at, run.actor, run.rules_file, run.errors, run.warnings, is_current(session, chosen, run), run.result
    )


def _recent(session: Session, round_id: int) -> tuple[CorrectionInfo, ...]:
    hidden = sensitive_columns()
    return tuple(
        CorrectionInfo(
            one.at,
            one.actor,
            one.record,
            one.record_id,
            one.column_name,
            None if one.column_name in hidden else one.old_value,
            None if one.column_name in hidden else one.new_value,
            one.reason,
            one.column_name in hidden,
        )
        for one in recent_corrections(session, round_id, SHOWN_CORRECTIONS)
    )
