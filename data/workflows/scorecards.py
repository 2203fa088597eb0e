"""Scorecards of a site and year: answers with evidence and history, what the system holds, and the grade they support.

What the system holds is shown beside the questions and may propose an answer; it counts only once a person has taken it
over. The grade looks at answers of people and at nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.spending.scorecards import CardGrade, Question, Scorecard, contradictions, grade_card
from data.readers.scorecards import load_scorecard
from data.store import scorecards as store
from data.store.engine import transaction
from data.store.lines import list_years
from data.store.scorecards import GivenAnswer
from data.store.sites import load_site
from data.store.tables import ScorecardAnswer
from data.workflows.scorecard_evidence import held_evidence
from data.workflows.tag_people import require_role

ANSWERERS = frozenset({"official", "admin"})
LONGEST_TEXT = 1000
MOST_EVIDENCE = 20
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
Factory = sessionmaker[Session]


@dataclass(frozen=True)
class QuestionState:
    """A question with its newest answer, all its versions (the newest first), and what the system holds for it."""

    question: Question
    answer: ScorecardAnswer | None  # None: never answered; its value None: taken back
    history: tuple[ScorecardAnswer, ...]
    evidence: Mapping[str, Mapping[str, Any]]  # kind -> facts
    proposal: str | None  # the answer that the system would propose; never where somebody has answered

    @property
    def lacking(self) -> tuple[str, ...]:
        """Kinds that bear on it of which the system holds nothing for the year."""
        return tuple(kind for kind in self.question.evidence if kind not in self.evidence)

    @property
    def value(self) -> str | None:
        """The answer that counts; None: not assessed."""
        return self.answer.value if self.answer else None

    @property
    def version(self) -> int:
        """Version of the newest answer, 0 for none."""
        return self.answer.version if self.answer else 0


@dataclass(frozen=True)
class SiteCard:
    """A scorecard as a site has answered it. `outdated`: questions answered under another version of the card."""

    card: Scorecard
    year: int
    questions: Mapping[str, QuestionState]
    grade: CardGrade
    outdated: tuple[str, ...]


def card_years(session: Session, site_id: int, card_id: str) -> tuple[int, ...]:
    """Years that have budget lines or answers, ascending."""
    return tuple(sorted({*list_years(session, site_id), *store.list_years(session, site_id, card_id)}))


def load_card(session: Session, site_id: int, card_id: str, year: int) -> SiteCard:
    """A scorecard of a year with its grade; NotFoundError where there is no such card."""
    card, held = load_scorecard(card_id), held_evidence(session, site_id, year)
    versions: dict[str, list[ScorecardAnswer]] = {}
    for row in store.list_answers(session, site_id, card_id, year):
        versions.setdefault(row.question, []).append(row)
    questions = {name: _state(one, versions.get(name, ()), held) for name, one in card.questions().items()}
    answers = {name: state.value for name, state in questions.items() if state.value is not None}
    known = {name: value for name, value in answers.items() if card.option(value) is not None}
    outdated = tuple(
        name for name, state in questions.items() if state.answer and state.answer.card_version != card.version
    )
    return SiteCard(card, year, questions, grade_card(card, known), outdated)


def shown_year(years: Sequence[int], this_year: int) -> int | None:
    """The last year that is over; where none is, the last there is; None of no years."""
    return max((year for year in years if year < this_year), default=max(years, default=None))


def _state(question: Question, versions: Sequence[ScorecardAnswer], held: Mapping[str, Any]) -> QuestionState:
    evidence = {kind: held[kind] for kind in question.evidence if kind in held}
    newest = versions[0] if versions else None
    is_open = newest is None or newest.value is None
    proposed = question.prefill is not None and question.prefill.when in held and is_open
    answer = question.prefill.answer if proposed and question.prefill else None
    return QuestionState(question, newest, tuple(versions), evidence, answer)


def answer_question(
    factory: Factory, site_slug: str, card_id: str, year: int, given: GivenAnswer, actor: str, based_on: int
) -> int:
    """Keep an answer as a new version; gives its number. `value` None takes the answer back.

    Raises
    ------
    AccessError : the role does not allow it. NotFoundError : no such card or question.
    InputError : an answer that the card does not have, one without the evidence that it needs, one that contradicts
    another answer, a proposal that the system does not hold for that year.
    StaleVersionError : somebody answered after `based_on`. In each case nothing is stored.
    """
    card = load_scorecard(card_id)
    question = card.questions().get(given.question)
    if question is None:
        raise NotFoundError("question", given.question)
    with transaction(factory) as session:
        site_id = load_site(session, site_slug).id
        require_role(session, actor, site_id, ANSWERERS, "answer a scorecard")
        kept = _checked(session, site_id, card, question, year, given)
        return store.add_answer(session, site_id, actor, (card.id, card.version), year, kept, based_on).version


def _checked(
    session: Session, site_id: int, card: Scorecard, question: Question, year: int, given: GivenAnswer
) -> GivenAnswer:
    """The answer as it is kept, with the facts of a proposal that was taken over."""
    evidence = tuple(text for one in given.evidence if (text := one.strip()))
    facts = _facts_of(session, site_id, question, year, given) if given.prefill else None
    problems = [*_text_problems(evidence, given.note), *_year_problems(year)]
    problems += _contradiction_problems(_newest_answers(session, site_id, card, year), card, given)
    option = card.option(given.value) if given.value is not None else None
    if given.value is not None and option is None:
        known = ", ".join(one.code for one in card.answers)
        message = f"Question {question.id}: '{given.value[:40]}' is no answer of this scorecard. There are: {known}."
        problems.append(Problem("scorecard_answer", message, value=given.value[:40], facts={"known": known}))
    if option is not None and option.needs_evidence and not evidence and facts is None:
        message = f"Question {question.id}: the answer '{option.code}' needs evidence. Name a document or an address."
        problems.append(Problem("scorecard_evidence", message, value=option.code, facts={"question": question.id}))
    if problems:
        raise InputError(problems)
    return GivenAnswer(question.id, given.value, evidence, given.note.strip(), given.prefill, facts)


def _facts_of(session: Session, site_id: int, question: Question, year: int, given: GivenAnswer) -> Mapping[str, Any]:
    """What stands behind a proposal now; InputError where it is not held, or proposes another answer."""
    prefill = question.prefill
    facts = held_evidence(session, site_id, year).get(given.prefill or "")
    if prefill is None or prefill.when != given.prefill or prefill.answer != given.value or facts is None:
        message = f"Question {question.id}: the system does not hold what would propose this answer for {year}."
        raise InputError(Problem("scorecard_prefill", message, facts={"question": question.id, "year": year}))
    return facts


def _newest_answers(session: Session, site_id: int, card: Scorecard, year: int) -> dict[str, str]:
    newest: dict[str, str | None] = {}
    for row in store.list_answers(session, site_id, card.id, year):  # the newest of a question comes first
        newest.setdefault(row.question, row.value)
    return {question: value for question, value in newest.items() if value is not None}


def _contradiction_problems(answers: Mapping[str, str], card: Scorecard, given: GivenAnswer) -> list[Problem]:
    """What the given answer would contradict: a question that builds on another is yes only where that one is."""
    if given.value is None:
        return []
    together = {**answers, given.question: given.value}
    pairs = [pair for pair in contradictions(card, together) if given.question in pair]
    if not pairs:
        return []
    later, first = ", ".join(one for one, _first in pairs), pairs[0][1]
    message = (
        f"Question {later} can be 'yes' only where question {first} is 'yes', on which it builds. "
        "Change the other answer first, or take it back."
    )
    return [Problem("scorecard_contradiction", message, value=given.value, facts={"later": later, "first": first})]


def _text_problems(evidence: Sequence[str], note: str) -> list[Problem]:
    if len(evidence) <= MOST_EVIDENCE and all(len(text) <= LONGEST_TEXT for text in (*evidence, note)):
        return []
    message = f"Give at most {MOST_EVIDENCE} pieces of evidence, and at most {LONGEST_TEXT} characters in each text."
    return [Problem("scorecard_text", message, facts={"most": MOST_EVIDENCE, "longest": LONGEST_TEXT})]


def _year_problems(year: int) -> list[Problem]:
    if EARLIEST_YEAR <= year <= LATEST_YEAR:
        return []
    message = f"{year} is no year of a budget here. Give one between {EARLIEST_YEAR} and {LATEST_YEAR}."
    return [Problem("scorecard_year", message, value=str(year))]
