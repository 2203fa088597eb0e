"""Columns and codes of a survey in words: `sex = female` as “Sexo: Mujer”. No Dash here."""

from __future__ import annotations

import re

from dashboard.context import PageContext
from dashboard.services.question_words import QuestionWords
from dashboard.views.instrument import label_in
from dashboard.views.validation_words import DERIVED

PART = re.compile(r"; (?=\w+ = )")  # between the parts of `age = 134; relation = child`


def column_name(column: str, words: QuestionWords, context: PageContext) -> str:
    """The question behind a column, the meaning of a computed figure, else the column itself."""
    if column in DERIVED:
        return context.gettext(DERIVED[column])
    return label_in(words.questions.get(column, {}), context.language) or column


def column_with_code(column: str, words: QuestionWords, context: PageContext) -> str:
    """`Sexo (sex)`: where a file is to be written, the code is needed too."""
    name = column_name(column, words, context)
    return column if name == column else f"{name} ({column})"


def answer_name(column: str, value: str, words: QuestionWords, context: PageContext) -> str:
    """The label of a code, else the answer itself."""
    return label_in(words.answers.get((column, value), {}), context.language) or value


def found_text(text: str, words: QuestionWords, context: PageContext) -> str:
    """`age = 134; relation = child` in words; what is not written so stays as it is."""
    parts = []
    for part in PART.split(text):
        column, equals, value = part.partition(" = ")
        said = f"{column_name(column, words, context)}: {answer_name(column, value, words, context)}"
        parts.append(said if equals else part)
    return "; ".join(parts)
