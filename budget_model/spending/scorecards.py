"""Scorecards of gender-responsive budgeting as data, and how they grade what people answered.

What nobody answered is *not assessed*: it is neither yes nor no, and whatever hangs on it is not graded. A part is
graded without all its answers only where the missing ones could not turn the result. A question that builds on another
one (`only_if`: is it published; if so, in time?) counts only where that one is answered yes; where it is answered no,
nothing is missing of the questions that build on it. Nothing here looks at data of a budget: what a system holds is
evidence for a person, never an answer.

Kinds
-----
threshold : yes and no; a part is satisfied by at least so many yes; the verdict follows from the parts satisfied
weakest_link : letters A (best) to D; a part has the letter of its weakest question, with a + where another is better
profile : states, counted; no grade
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[dict[Text, Text], Field(min_length=1)]  # by language
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.]{0,39}$")]
Answers = Mapping[str, str]  # question -> code of an answer; a question that is missing is not assessed
YES = "yes"


class CardModel(BaseModel):
    """A part of a scorecard: no unknown key, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AnswerOption(CardModel):
    """What can be answered; for letters in their order, the best first."""

    code: Text
    label: Texts
    needs_evidence: bool


class Prefill(CardModel):
    """An answer to propose where the system holds `when`. A person takes it over, or does not."""

    when: Text
    answer: Text


class Question(CardModel):
    """One question. `evidence`: kinds of things the system may hold that bear on it.

    `only_if`: an earlier question of the part, which must be answered yes for a yes to this one to make sense.
    """

    id: Id
    only_if: Id | None = None
    text: Texts
    evidence: tuple[Text, ...] = ()
    prefill: Prefill | None = None


class Part(CardModel):
    """A criterion, an indicator or an area. `at_least`: yes answers that satisfy it, of a card of kind threshold."""

    id: Id
    label: Texts
    at_least: Annotated[int, Field(ge=1)] | None = None
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]


class Verdict(CardModel):
    """What is said where at least so many parts are satisfied; the highest that fits counts."""

    code: Text
    label: Texts
    parts_satisfied: Annotated[int, Field(ge=0)]


class Scorecard(CardModel):
    """A scorecard, with its source and how far it was verified."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    version: Annotated[int, Field(ge=1)]
    kind: Literal["threshold", "weakest_link", "profile"]
    label: Texts
    about: Texts
    source: Text
    verified: Texts
    answers: Annotated[tuple[AnswerOption, ...], Field(min_length=2)]
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    verdicts: tuple[Verdict, ...] = ()

    @model_validator(mode="after")
    def fits_its_kind(self) -> Self:
        """Thresholds and verdicts where the kind needs them, questions told apart, proposed answers that there are."""
        ids = [question.id for part in self.parts for question in part.questions]
        if len(set(ids)) != len(ids):
            raise ValueError("two questions have the same id; give each its own")
        codes = {option.code for option in self.answers}
        is_threshold = self.kind == "threshold"
        if is_threshold and (YES not in codes or not any(one.parts_satisfied == 0 for one in self.verdicts)):
            raise ValueError("a card of kind threshold needs the answer 'yes' and a verdict for 0 parts satisfied")
        for part in self.parts:
            if is_threshold != (part.at_least is not None):
                raise ValueError(f"part '{part.id}': at_least belongs to each part of kind threshold, and to no other")
            if part.at_least is not None and part.at_least > len(part.questions):
                raise ValueError(f"part '{part.id}': at_least is more than it has questions")
            _check_order(part, is_threshold)
            unknown = [q.id for q in part.questions if q.prefill and q.prefill.answer not in codes]
            if unknown:
                raise ValueError(f"question '{unknown[0]}': the answer that it proposes is none of the card's")
        return self

    def questions(self) -> dict[str, Question]:
        """All questions by id, in their order."""
        return {question.id: question for part in self.parts for question in part.questions}

    def option(self, code: str) -> AnswerOption | None:
        """An answer by its code, or None."""
        return next((option for option in self.answers if option.code == code), None)


def _check_order(part: Part, is_threshold: bool) -> None:
    """A question builds only on an earlier one of its part, which builds on none itself."""
    first: set[str] = set()
    for question in part.questions:
        if question.only_if is None:
            first.add(question.id)
        elif not is_threshold or question.only_if not in first:
            message = "only_if belongs to cards of kind threshold and names an earlier question that has no only_if"
            raise ValueError(f"question '{question.id}': {message}")


@dataclass(frozen=True)
class PartGrade:
    """A part. `grade`: satisfied or not_satisfied, a letter, or None: not assessed.

    `missing`: questions unanswered that could still count. `not_counted`: answered yes, and what they build on is not.
    """

    part: str
    grade: str | None
    counts: Mapping[str, int]  # answers given, by code
    missing: tuple[str, ...]
    not_counted: tuple[str, ...] = ()


@dataclass(frozen=True)
class CardGrade:
    """A card. `verdict`: None where it cannot be said yet, or where the card has none."""

    parts: tuple[PartGrade, ...]
    verdict: str | None
    answered: int
    missing: tuple[str, ...]


def grade_card(card: Scorecard, answers: Answers) -> CardGrade:
    """The grades that these answers support.

    Raises ValueError for a question or an answer that the card does not have.
    """
    questions = card.questions()
    for question, code in answers.items():
        if question not in questions or card.option(code) is None:
            raise ValueError(f"'{code}' to '{question}' is no answer of the scorecard '{card.id}'")
    parts = tuple(_part_grade(card, part, answers) for part in card.parts)
    missing = tuple(question for part in parts for question in part.missing)
    return CardGrade(parts, _verdict(card, parts), len(answers), missing)


def _part_grade(card: Scorecard, part: Part, answers: Answers) -> PartGrade:
    given = [answers[question.id] for question in part.questions if question.id in answers]
    open_questions = [one for one in part.questions if one.only_if is None or answers.get(one.only_if, YES) == YES]
    missing = tuple(question.id for question in open_questions if question.id not in answers)
    not_counted = tuple(one.id for one in part.questions if one.only_if and _says_yes_too_early(one, answers))
    counts = {option.code: given.count(option.code) for option in card.answers}
    grade: str | None = None
    if part.at_least is not None:
        undecided = [name for name in not_counted if name in {one.id for one in open_questions}]
        grade = _threshold(counts[YES] - len(not_counted), len(missing) + len(undecided), part.at_least)
    elif card.kind == "weakest_link" and not missing:
        grade = _weakest([option.code for option in card.answers], given)
    return PartGrade(part.id, grade, counts, missing, not_counted)


def _says_yes_too_early(question: Question, answers: Answers) -> bool:
    return answers.get(question.id) == YES and answers.get(question.only_if or "") != YES


def contradictions(card: Scorecard, answers: Answers) -> list[tuple[str, str]]:
    """Questions answered yes, each with the one that it builds on and that is answered otherwise."""
    return [
        (name, question.only_if)
        for name, question in card.questions().items()
        if question.only_if and question.only_if in answers and _says_yes_too_early(question, answers)
    ]


def _threshold(yes: int, missing: int, at_least: int) -> str | None:
    """Satisfied by what is there, or not even by what is missing; else not assessed."""
    if yes >= at_least:
        return "satisfied"
    return "not_satisfied" if yes + missing < at_least else None


def _weakest(order: Sequence[str], given: Sequence[str]) -> str:
    """The weakest letter, with a + where another answer is better (the PEFA method M1).

    >>> _weakest("ABCD", ["B", "D"]), _weakest("ABCD", ["B", "B"])
    ('D+', 'B')
    """
    worst = max(given, key=order.index)
    return worst if set(given) == {worst} else f"{worst}+"


def _verdict(card: Scorecard, parts: Sequence[PartGrade]) -> str | None:
    """The verdict, where the parts that are not assessed cannot turn it."""
    if not card.verdicts:
        return None
    least = sum(part.grade == "satisfied" for part in parts)
    most = least + sum(part.grade is None for part in parts)
    found = {_verdict_for(card.verdicts, number) for number in range(least, most + 1)}
    return found.pop() if len(found) == 1 else None


def _verdict_for(verdicts: Sequence[Verdict], satisfied: int) -> str:
    return max((one for one in verdicts if one.parts_satisfied <= satisfied), key=lambda one: one.parts_satisfied).code
