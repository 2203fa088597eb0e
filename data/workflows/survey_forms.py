"""A form and its exports -> the two raw tables of a survey import, and the codebook that stays with the round.

The form says which rows are people, joins them to their households, gives types, codes and labels, and names the
questions that identify people: their answers are left out here, before anything else sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from budget_model.errors import InputError, Problem
from budget_model.survey.form_checks import why_no_members
from budget_model.survey.questions import METADATA, Form, Question, words_of
from data.readers.answers import RawFile
from data.readers.compact import compacted
from data.readers.kobo import Export, chosen_or_not, option_columns, read_export
from data.readers.kobo_answers import UNTOLD
from data.readers.kobo_table import Level
from data.readers.survey_mapping import SurveyMapping
from data.workflows.forms import identifying_questions

PERSON_KEY, HOUSEHOLD_KEY = "_household", "_row"
ADDRESS = ("_row", "_parent", "_household", "_file", "_line")
CODED_KINDS = (
    "select_one",
    "select_multiple",
    "rank",
    "integer",
    "decimal",
    "range",
    "calculate",
    "date",
    "acknowledge",
)
STAFF_WORDS, CODE_WORDS = frozenset({"enumerator", "encuestador", "encuestadora"}), frozenset({"code", "codigo", "id"})
OF_HOUSEHOLD = "household_"  # before a household's question that is asked of each person under the same name too
OPTION = "/"  # between a question with several answers and the code of one of them


@dataclass(frozen=True)
class FormAnswers:
    """What came in with a form. `codebook`: column -> question text, kind and codes, as plain JSON."""

    form: Form
    raw: Mapping[str, RawFile]
    codebook: Mapping[str, Any]
    problems: tuple[Problem, ...]  # warnings


def answers_of_form(form: Form, files: Sequence[Path]) -> FormAnswers:
    """Read the files of one export by its form.

    Raises InputError with every error: files that cannot be read, another form, answers without their household.
    """
    export = read_export(form, files)
    errors = [problem for problem in export.problems if problem.level == "error"]
    if export.members is None:
        errors.append(no_members(form))
    if errors:
        raise InputError(errors)
    return form_answers(export)


def no_members(form: Form) -> Problem:
    """Why nothing can be imported without people: the form has no repeat of them, or the export no rows of it."""
    if form.members is None:
        message = (
            f"{why_no_members(form)}, so that nothing can be said of women and men. Take the form that lists the "
            "members of each household."
        )
        return Problem("members_missing", message, file=form.file, sheet="survey", column="type")
    name = form.members[-1]
    message = (
        f"The export has no rows of the repeat '{name}', which lists the household members, so that nothing can be "
        f"said of women and men. Give the file or sheet of '{name}' too."
    )
    return Problem("member_rows_missing", message, file=form.file, sheet="survey", column="type", value=name)


def form_answers(export: Export) -> FormAnswers:
    """The two tables of an export whose answers were found fit."""
    form, members = export.form, export.members
    assert members is not None
    assert form.members is not None
    left_out, warnings = _left_out(form)
    raw = {
        "persons": _raw(export, form.members, members, PERSON_KEY, left_out),
        "households": _raw(export, (), export.households, HOUSEHOLD_KEY, left_out),
    }
    columns = [name for file in raw.values() for name in file.frame.columns]
    return FormAnswers(form, raw, codebook_of(form, columns), (*export.problems, *warnings))


def harmless_columns(form: Form, columns: Iterable[str]) -> tuple[str, ...]:
    """Columns that hold codes or numbers by the word of the form, so that the rules for unknown files need not suspect
    them by their name (`has_dni`, `enumerator_code`)."""
    suspect = {str(problem.value) for problem in identifying_questions(form)}
    found = []
    for column in columns:
        question, _ = _question_of(form, column)
        is_harmless = question is not None and question.name not in suspect
        if question and is_harmless and all(map(_is_coded, form.by_name[question.name])):
            found.append(column)
    return tuple(dict.fromkeys(found))


def _is_coded(question: Question) -> bool:
    words = words_of(question.name)
    return question.kind in CODED_KINDS or bool(words & STAFF_WORDS and words & CODE_WORDS)


def keyed_by_form(mapping: SurveyMapping, found: FormAnswers) -> SurveyMapping:
    """The mapping with the form's own link between people and households (what it says of keys is for files without a
    form), and with what the form vouches for."""
    columns = [name for file in found.raw.values() for name in file.frame.columns]
    households = mapping.households.model_dump() if mapping.households else {}
    document = mapping.model_dump()
    document["not_identifying"] = tuple(
        dict.fromkeys([*mapping.not_identifying, *harmless_columns(found.form, columns)])
    )
    document["persons"] |= {"household": PERSON_KEY}
    document["households"] = {**households, "id": HOUSEHOLD_KEY}
    for part in ("persons", "households"):
        document[part]["drop"] = [name for name in document[part].get("drop", ()) if name != PERSON_KEY]
    return SurveyMapping.model_validate(document)


def without_strangers(mapping: SurveyMapping, raw: Mapping[str, RawFile]) -> SurveyMapping:
    """The mapping without columns to drop that are gone already: the form's reading leaves keys and identities out."""
    document = mapping.model_dump()
    for role, file in raw.items():
        if document.get(role):
            document[role]["drop"] = [name for name in document[role]["drop"] if name in file.frame.columns]
    return SurveyMapping.model_validate(document)


def _left_out(form: Form) -> tuple[frozenset[str], list[Problem]]:
    """Names of questions that identify people, and of what the tablet writes by itself."""
    found = list(identifying_questions(form))
    service = {question.name for question in form.questions if question.kind == METADATA}
    return frozenset({str(problem.value) for problem in found} | service), found


def _raw(export: Export, level: Level, frame: pl.DataFrame, key: str, left_out: Iterable[str]) -> RawFile:
    """One table with its key; every row still knows its line in the file that was given."""
    out = set(left_out)
    places = frame.select(pl.col("_file").cast(pl.String).alias("file"), pl.col("_line").alias("line"))
    spread = _spread(export.form, level, frame)
    names = [name for name in spread.columns if name not in ADDRESS and name.split(OPTION)[-1] not in out]
    names = [name for name in names if name.split(OPTION)[0] not in out]
    table = compacted(spread.select(key, *names))
    if not level:
        table = table.rename({name: f"{OF_HOUSEHOLD}{name}" for name in names if _is_asked_twice(export.form, name)})
    file = next((str(name) for name in places["file"].head(1)), export.form.file)
    return RawFile(Path(file), table, places)


def _is_asked_twice(form: Form, column: str) -> bool:
    """Whether a question of the household has its name from one that is asked of each person too."""
    questions = form.by_name.get(column, form.by_name.get(column.partition(OPTION)[0], ()))
    return {(), form.members} <= {question.repeat for question in questions}


def _question_of(form: Form, column: str) -> tuple[Question | None, str]:
    """The question whose answers a column holds, and the code of its option where it is one of several."""
    is_of_household = column.startswith(OF_HOUSEHOLD) and _is_asked_twice(form, column.removeprefix(OF_HOUSEHOLD))
    plain = column.removeprefix(OF_HOUSEHOLD) if is_of_household else column
    name, _, code = plain.partition(OPTION)
    questions = form.by_name.get(plain, form.by_name.get(name, ()))
    wanted = () if is_of_household else form.members
    best = next((one for one in questions if one.repeat == wanted), next(iter(questions), None))
    return best, code if plain not in form.by_name else ""


def _spread(form: Form, level: Level, frame: pl.DataFrame) -> pl.DataFrame:
    """Questions with several answers as `question/code` columns of 1 and 0; codes that the form lacks have one too."""
    wide = option_columns(form, level, frame)
    several = [q.name for q in form.at(level) if q.kind == "select_multiple" and q.name in frame.columns]
    for name in several:
        found = wide[name].drop_nulls().str.split(" ").explode().unique().drop_nulls().sort()
        strange = [code for code in found if code and f"{name}{OPTION}{code}" not in wide.columns]
        wide = wide.with_columns(chosen_or_not(wide, name, code) for code in strange)
    untold = [name for name in wide.columns if name.startswith(UNTOLD)]
    return wide.drop(several, untold)


# --- the codebook --------------------------------------------------------------------------------------------------


def codebook_of(form: Form, columns: Iterable[str]) -> dict[str, Any]:
    """Column -> its question: kind, texts and codes by language. Columns that no question asked are not in it."""
    found: dict[str, Any] = {}
    for column in dict.fromkeys(columns):
        question, code = _question_of(form, column)
        if question is not None:
            found[column] = dict(_entry(form, question, code))
    return found


def _entry(form: Form, question: Question, code: str) -> Iterator[tuple[str, Any]]:
    labels = {_language(name): text for name, text in question.labels.items() if text}
    yield "kind", question.kind
    yield "question", labels
    if question.cells.get("relevant"):
        yield "asked_if", question.cells["relevant"]
    if code:
        chosen = next((choice for choice in form.choices(question) if choice.name == code), None)
        yield "option", {"code": code, "label": _labels(chosen.labels) if chosen else {}}
    elif question.is_select:
        yield "codes", [{"code": one.name, "label": _labels(one.labels)} for one in form.choices(question)]


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    return {_language(name): text for name, text in labels.items() if text}


def _language(name: str) -> str:
    """`English (en)` is `en`; a column without language stays as it is called."""
    inner = name.rpartition("(")[2].rstrip(")").strip() if "(" in name else name.strip()
    return inner.lower() or "default"
