"""What is wrong with a questionnaire, each fault with the row that it stands in. Pure: a `Form` in, problems out.

Errors are what no collecting app would take (or would take wrongly); warnings are what a survey team should know.
What can only be seen while the sheets are read (groups that are not closed, unknown types, columns that stand twice)
is the reader's to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from budget_model.errors import Problem
from budget_model.spelling import nearest
from budget_model.survey.questions import METADATA, NO_LANGUAGE, Choice, Form, Question, Section, asks_sex
from budget_model.survey.xpath import FUNCTIONS, ExpressionError, parse_expression, references

SURVEY, CHOICES = "survey", "choices"
EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter", "repeat_count")
YES_NO = frozenset({"", "yes", "no", "true", "false", "true()", "false()", "1", "0", "si", "sí"})
XML_NAME = re.compile(r"[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?")
# Kinds that collect nothing to look at, and so need no label.
SILENT = (METADATA, "calculate", "hidden", "unknown", "xml_external", "csv_external")
ROWS_SHOWN = 5


def check_form(form: Form) -> tuple[Problem, ...]:
    """All problems of a form, in the order of its rows."""
    checks: tuple[Callable[[Form], Iterator[Problem]], ...] = (
        _names,
        _lists,
        _choices,
        _references,
        _expressions,
        _labels,
        _translations,
        _members,
    )
    found = [problem for check in checks for problem in check(form)]
    return tuple(sorted(found, key=lambda problem: (problem.sheet != SURVEY, problem.line or 0)))


def rows_in_words(lines: Sequence[int]) -> str:
    """The first few rows and how many more.

    >>> rows_in_words([2, 4]), rows_in_words([1, 2, 3, 4, 5, 6, 7])
    ('rows 2, 4', 'rows 1, 2, 3, 4, 5 and 2 more')
    """
    shown = ", ".join(f"{line:,}" for line in lines[:ROWS_SHOWN])
    more = f" and {len(lines) - ROWS_SHOWN:,} more" if len(lines) > ROWS_SHOWN else ""
    return f"row{'s' if len(lines) > 1 else ''} {shown}{more}"


def _problem(
    form: Form,
    rule: str,
    message: str,
    row: Question | Section | Choice,
    column: str,
    level: str = "error",
    value: str | None = None,
) -> Problem:
    sheet = CHOICES if isinstance(row, Choice) else SURVEY
    return Problem(rule, message, level=level, file=form.file, sheet=sheet, line=row.line, column=column, value=value)


def _names(form: Form) -> Iterator[Problem]:
    """Names that are no XML names; names that stand twice in one group, repeat or at the top."""
    seen: dict[tuple[str, ...], Question | Section] = {}
    for row in form.rows:
        if not XML_NAME.fullmatch(row.name):
            message = (
                f"'{row.name}' is no name for a column. Begin with a letter or _, go on with letters, digits, _ - or ."
            )
            yield _problem(form, "name_invalid", message, row, "name", value=row.name)
        first = seen.setdefault(row.path, row)
        if first is not row and first.line != row.line:
            where = f"inside '{row.path[-2]}'" if len(row.path) > 1 else "at the top of the form"
            message = (
                f"The name '{row.name}' stands twice {where} (first in row {first.line:,}), so that their answers "
                "cannot be told apart. Rename one of the two."
            )
            yield _problem(form, "name_duplicate", message, row, "name", value=row.name)


def _lists(form: Form) -> Iterator[Problem]:
    """Select questions whose list of choices is not there."""
    missing: dict[str, list[Question]] = {}
    for question in form.questions:
        if question.list_name and question.list_name not in form.lists and not _from_elsewhere(question):
            missing.setdefault(question.list_name, []).append(question)
    for name, questions in missing.items():
        near = nearest(name, form.lists)
        hint = f"Did you mean '{near}'?" if near else f"The lists are: {', '.join(form.lists) or 'none'}."
        rows = rows_in_words([question.line for question in questions])
        message = (
            f"There is no list of choices '{name}' ({rows}). {hint} Add it to the choices sheet or correct the name."
        )
        yield _problem(form, "list_missing", message, questions[0], "type", value=name)


def _from_elsewhere(question: Question) -> bool:
    """Choices out of a file, of a repeat, or out of the sheet external_choices."""
    return bool(re.search(r"\.(csv|xml|geojson)$|\$\{", question.list_name or "")) or "external" in question.type_text


def _choices(form: Form) -> Iterator[Problem]:
    """Choices without a label, choices that stand twice in a list, codes with blanks where several can be chosen."""
    may_repeat = form.settings.get("allow_choice_duplicates", "").lower() in ("yes", "true", "true()")
    several = {question.list_name for question in form.questions if question.kind in ("select_multiple", "rank")}
    for name, choices in form.lists.items():
        bare = [choice for choice in choices if not any(choice.labels.values())]
        if bare:
            rows = rows_in_words([choice.line for choice in bare])
            message = f"List '{name}': {len(bare):,} choices have no label ({rows}). Write what the person is to see."
            yield _problem(form, "choice_label_missing", message, bare[0], "label", level="warning", value=bare[0].name)
        counts = Counter(choice.name for choice in choices)
        again = [choice for choice in choices if counts[choice.name] > 1]
        if again and not may_repeat and not _has_filter(form, name):
            message = (
                f"List '{name}' has the choice '{again[0].name}' more than once "
                f"({rows_in_words([choice.line for choice in again])}). Give each choice a code of its own."
            )
            yield _problem(form, "choice_duplicate", message, again[1], "name", value=again[1].name)
        blank = [choice for choice in choices if " " in choice.name] if name in several else []
        if blank:
            message = (
                f"The code '{blank[0].name}' of list '{name}' holds a blank, which parts the answers of a "
                "select_multiple. Write _ instead."
            )
            yield _problem(form, "choice_blank", message, blank[0], "name", value=blank[0].name)


def _has_filter(form: Form, list_name: str) -> bool:
    return any(q.list_name == list_name and q.cells.get("choice_filter") for q in form.questions)


def _texts(row: Question | Section) -> Iterator[tuple[str, str]]:
    """Every cell of a row that may hold references, with its column."""
    yield from row.cells.items()
    for language, text in row.labels.items():
        yield (f"label::{language}" if language else "label"), text
    if isinstance(row, Question):
        for language, text in row.hints.items():
            yield (f"hint::{language}" if language else "hint"), text


def _references(form: Form) -> Iterator[Problem]:
    """`${x}` where the form has no x."""
    known = {row.name for row in form.rows}
    for row in form.rows:
        for column, text in _texts(row):
            for name in dict.fromkeys(references(text)):
                if name not in known:
                    near = nearest(name, known)
                    hint = f"Did you mean ${{{near}}}?" if near else "Write the name of a question of this form."
                    message = f"${{{name}}} refers to a question that the form does not have. {hint}"
                    yield _problem(form, "reference_unknown", message, row, column, value=name)


def _expressions(form: Form) -> Iterator[Problem]:
    """Conditions and calculations that are no expressions, and functions that nobody knows."""
    for row in form.rows:
        for column in (*EXPRESSIONS, "required"):
            text = row.cells.get(column, "")
            if not text or (column == "required" and text.lower() in YES_NO):
                continue
            try:
                tree = parse_expression(text)
            except ExpressionError as wrong:
                message = f"The {column} cannot be read as an expression ({wrong}): {text}"
                yield _problem(form, "expression_invalid", message, row, column, value=text)
                continue
            for node in tree.walk():
                if node.kind == "call" and node.value not in FUNCTIONS:
                    near = nearest(node.value, FUNCTIONS)
                    message = f"The function {node.value}() is not known" + (
                        f"; the nearest is {near}()." if near else "."
                    )
                    yield _problem(form, "function_unknown", message, row, column, level="warning", value=node.value)


def _labels(form: Form) -> Iterator[Problem]:
    """Questions that show nothing at all."""
    bare = [q for q in form.questions if q.kind not in SILENT and not _shows_something(q)]
    if bare:
        message = (
            f"{len(bare):,} questions have neither label nor hint nor media "
            f"({rows_in_words([question.line for question in bare])}). Write what is to be asked."
        )
        yield _problem(form, "label_missing", message, bare[0], "label", level="warning", value=bare[0].name)


def _shows_something(question: Question) -> bool:
    shown = (*question.labels.values(), *question.hints.values())
    return any(shown) or any(question.cells.get(media) for media in ("image", "audio", "video", "big-image"))


def _translations(form: Form) -> Iterator[Problem]:
    """Labels that one language has and another lacks: one problem a language and sheet."""
    if len(form.languages) < 2:
        return
    for language in form.languages:
        rows: tuple[tuple[str, Sequence[Question | Choice]], ...] = (
            ("questions", form.questions),
            ("choices", [choice for choices in form.lists.values() for choice in choices]),
        )
        for what, group in rows:
            lacking = [row for row in group if any(row.labels.values()) and not row.labels.get(language)]
            if lacking and any(row.labels.get(language) for row in group):
                yield _untranslated(form, language, what, lacking)


def _untranslated(form: Form, language: str, what: str, lacking: Sequence[Question | Choice]) -> Problem:
    name = f"'{language}'" if language != NO_LANGUAGE else "the column without a language"
    column = f"label::{language}" if language else "label"
    message = (
        f"{len(lacking):,} {what} have no label in {name} ({rows_in_words([row.line for row in lacking])}). "
        f"Fill in the column {column}."
    )
    return _problem(form, "translation_missing", message, lacking[0], column, level="warning", value=lacking[0].name)


def why_no_members(form: Form) -> str:
    """What of a form's repeats keeps it from telling persons apart, without a full stop."""
    names = [f"'{section.name}'" for section in form.repeats]
    if not names:
        return "The form has no repeat of household members"
    listed = ", ".join(names[:ROWS_SHOWN]) + (
        f" and {len(names) - ROWS_SHOWN:,} more" if len(names) > ROWS_SHOWN else ""
    )
    if len(names) == 1:
        return f"The form's repeat {listed} lists no household members: it asks nobody's sex or age"
    return f"The form's repeats ({listed}) list no household members: none asks for the sex or age of a person"


def _members(form: Form) -> Iterator[Problem]:
    """A household survey lists its members in a repeat, and asks each for sex."""
    if form.members is None:
        message = (
            f"{why_no_members(form)}, so that nothing can be said of women and men of the household. Add a repeat "
            "'members' that asks sex and age of each person."
        )
        yield Problem("members_missing", message, level="warning", file=form.file, sheet=SURVEY, column="type")
    elif not any(asks_sex(question) for question in form.at(form.members)):
        repeat = next(section for section in form.repeats if section.path == form.members)
        message = (
            f"The repeat '{repeat.name}' lists people and does not ask for their sex, so that no figure can be "
            "given for women and men. Add a question 'sex'."
        )
        yield _problem(form, "members_without_sex", message, repeat, "name", level="warning", value=repeat.name)
