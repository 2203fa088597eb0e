"""Second step of an import: what stands in the uploaded files, and what is wrong with them, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from budget_model.errors import InputError, Problem
from budget_model.survey.questions import Form, asks_sex
from data.readers.xlsform import read_form
from data.workflows.form_answers import check_answers
from data.workflows.forms import form_problems
from data.workflows.staging import Stage, data_paths, form_path
from data.workflows.survey_forms import FormAnswers, form_answers, no_members
from data.workflows.survey_frames import RawFile, read_raw

FIRST_LINES = 5


@dataclass(frozen=True)
class ProblemGroup:
    """Problems of one rule in one place: how many rows, the first lines, and one sentence."""

    rule: str
    level: str
    file: str
    sheet: str
    column: str
    count: int
    lines: tuple[int, ...]
    message: str
    named: tuple[str, ...] = ()  # what the sentence of the rule is about, where the column alone does not say it


@dataclass(frozen=True)
class Found:
    """What the files hold. `answers` is None where they are refused."""

    problems: tuple[ProblemGroup, ...]
    raw: Mapping[str, RawFile]
    form: Form | None = None
    answers: FormAnswers | None = None
    tables: tuple[tuple[str, str, str, int], ...] = ()  # file, sheet, level, rows

    @property
    def is_refused(self) -> bool:
        return any(group.level == "error" for group in self.problems)


def look_into(bank_folder: Path, stage: Stage) -> Found:
    """Read the uploaded files and say what is wrong with them; never raises for what they hold."""
    try:
        return _form_found(bank_folder, stage) if stage.is_of_form else _tables_found(bank_folder, stage)
    except InputError as refused:
        return Found(grouped(refused.problems), {})


def _form_found(bank_folder: Path, stage: Stage) -> Found:
    from data.readers.kobo import read_export

    read = read_form(form_path(bank_folder, stage))
    faults = [replace(problem, level="warning") for problem in form_problems(read)]
    export = read_export(read.form, data_paths(bank_folder, stage))
    problems = [*faults, *export.problems, *check_answers(export)]
    if export.members is None:
        problems = [problem for problem in problems if problem.rule != "members_missing"]
        problems.append(no_members(read.form))
    tables = tuple((info.file, info.sheet or "", info.level, info.rows) for info in export.infos)
    if any(problem.level == "error" for problem in problems):
        return Found(grouped(problems), {}, read.form, None, tables)
    answers = form_answers(export)
    problems += no_sex(read.form)
    return Found(grouped(problems), answers.raw, read.form, answers, tables)


def no_sex(form: Form) -> list[Problem]:
    """An error where no question about members can be that of their sex: none is named so, and none is a choice."""
    members = form.members or ()
    asked = [one for depth in range(1, len(members) + 1) for one in form.at(members[:depth])]
    if any(asks_sex(one) or one.kind == "select_one" for one in asked):
        return []
    message = (
        f"The form does not ask for the sex of the people in the repeat '{members[-1]}', so that nothing can be said "
        "of women and men. Ask it in the form, or give the answers as a table of people with a column of sex."
    )
    return [Problem("sex_absent", message, file=form.file, sheet="survey", column="name", value=members[-1])]


def _tables_found(bank_folder: Path, stage: Stage) -> Found:
    """Files without a form: one row a person in the longest, one row a household in the other if there are two."""
    paths = data_paths(bank_folder, stage)
    wrong = [path for path in paths if path.suffix.lower() in (".xlsx", ".xls", ".json")]
    if wrong:
        message = "This file needs the form that it was collected with. Give the form too, or save the table as CSV."
        raise InputError([Problem("form_needed", message, file=path.name) for path in wrong])
    if len(paths) > len(ROLES):
        message = "Without a form give one file with a row a person and, if there is one, one with a row a household."
        raise InputError(Problem("upload_many", message, facts={"most": len(ROLES)}))
    notes: list[str] = []
    files = sorted((read_raw(path, notes.append) for path in paths), key=lambda file: -file.frame.height)
    raw = dict(zip(ROLES, files, strict=False))
    tables = tuple((file.name, "", role, file.frame.height) for role, file in raw.items())
    told = [Problem("reading_judged", note, level="warning") for note in notes]
    return Found(grouped(told), raw, tables=tables)


ROLES = ("persons", "households")


def grouped(problems: Sequence[Problem]) -> tuple[ProblemGroup, ...]:
    """Problems of the same rule, file, sheet and column as one, errors first; rows counted, the first lines named."""
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        key = (problem.level, problem.rule, problem.file or "", problem.sheet or "", problem.column or "")
        groups.setdefault(key, []).append(problem)
    found = [_group(key, members) for key, members in groups.items()]
    return tuple(sorted(found, key=lambda group: group.level != "error"))


def _group(key: tuple[str, ...], members: Sequence[Problem]) -> ProblemGroup:
    level, rule, file, sheet, column = key
    count = sum(int(problem.facts.get("count") or 1) for problem in members)
    lines = [line for problem in members for line in (problem.facts.get("rows") or [problem.line]) if line is not None]
    named = tuple(name for problem in members for name in problem.facts.get("named", ()))
    return ProblemGroup(rule, level, file, sheet, column, count, tuple(lines[:FIRST_LINES]), members[0].message, named)
