"""What questions and their answers are called: from the site's own questionnaires, else from those of the product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy.orm import Session

from budget_model.survey.questions import Form
from data.workflows.forms import CORE_INSTRUMENTS, core_form, list_versions, load_form

Texts = Mapping[str, str]  # language as the form writes it -> text
ASKED = "_asked"  # a calculation named `hours` takes its answer from the question `hours_asked`


@dataclass(frozen=True)
class QuestionWords:
    """Labels of columns, and of the codes that stand in them."""

    questions: Mapping[str, Texts] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], Texts] = field(default_factory=dict)


def words_of(forms: Iterable[Form]) -> QuestionWords:
    """The words of several questionnaires; an earlier one goes before a later one."""
    questions: dict[str, Texts] = {}
    answers: dict[tuple[str, str], Texts] = {}
    for form in forms:
        for question in form.questions:
            if any(question.labels.values()):
                questions.setdefault(question.name, question.labels)
                questions.setdefault(question.name.removesuffix(ASKED), question.labels)
            for choice in form.choices(question) if question.is_select else ():
                answers.setdefault((question.name, choice.name), choice.labels)
    return QuestionWords(questions, answers)


def site_words(session: Session, site_id: int) -> QuestionWords:
    """Words of the latest version of each questionnaire that the site published, then those of the product."""
    latest = {row.form_id: row.version for row in reversed(list_versions(session, site_id))}
    own = words_of(load_form(session, site_id, form_id, version) for form_id, version in latest.items())
    core = _core_words()
    return QuestionWords({**core.questions, **own.questions}, {**core.answers, **own.answers})


@cache
def _core_words() -> QuestionWords:
    return words_of(core_form(name) for name in CORE_INSTRUMENTS)
