"""Answers of an export held against the form's own conditions: limits, required questions, questions without a column.

Everything is a warning: the answers were given and come in. What is wrong with them is for the team to judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from budget_model.errors import Problem
from budget_model.survey.form_checks import YES_NO
from budget_model.survey.questions import Form, Question, Section
from budget_model.survey.xpath import references
from data.readers.findings import Findings
from data.readers.kobo import Export
from data.readers.kobo_table import Level, name_in_level
from data.workflows.form_conditions import NotSimple, condition

ALWAYS = ("yes", "true", "true()", "1", "si", "sí")


def check_answers(export: Export) -> tuple[Problem, ...]:
    """Problems of the answers, one for each rule and question."""
    findings = Findings()
    for level, frame in export.tables.items():
        _check_level(export, level, frame, findings)
    return (*findings.problems(), *_absent(export))


def _check_level(export: Export, level: Level, frame: pl.DataFrame, findings: Findings) -> None:
    form = export.form
    asked = [question for question in form.at(level) if _is_checked(question, frame)]
    if not asked or not frame.height:
        return
    frame, columns = _with_outer_answers(export, level, frame, asked)
    for question in asked:
        checks = ((_outside, "constraint"), (_unanswered, "required"))
        for check, cell in checks:
            if question.cells.get(cell):
                try:
                    check(form, question, frame, columns, findings, _sheet_of(export, level))
                except (NotSimple, pl.exceptions.PolarsError):
                    continue  # not decidable from the row's answers: no verdict


def _is_checked(question: Question, frame: pl.DataFrame) -> bool:
    return question.is_answered and question.kind != "calculate" and question.name in frame.columns


def _sheet_of(export: Export, level: Level) -> str | None:
    return next((info.sheet for info in export.infos if info.level == "/".join(level)), None)


def _with_outer_answers(
    export: Export, level: Level, frame: pl.DataFrame, asked: list[Question]
) -> tuple[pl.DataFrame, dict[str, tuple[str, str]]]:
    """The frame with the answers of outer levels that its conditions refer to; question -> (column, kind)."""
    form = export.form
    columns = {
        question.name: (question.name, question.kind) for question in form.at(level) if question.name in frame.columns
    }
    wanted = {name for question in asked for text in _conditions(form, question) for name in references(text)}
    outer = level
    link = frame.select("_parent")
    while outer:
        outer = form.parent_repeat(outer)
        if outer not in export.tables:
            continue
        above = export.tables[outer]
        fresh = [q for q in form.at(outer) if q.name in wanted - set(columns) and q.name in above.columns]
        joined = link.join(
            above.select(pl.col("_row").alias("_parent"), pl.col("_parent").alias("_next"), *(q.name for q in fresh)),
            on="_parent",
            how="left",
            maintain_order="left",
        )
        frame = frame.hstack(joined.select(pl.col(q.name).alias(f"_outer_{q.name}") for q in fresh))
        columns |= {q.name: (f"_outer_{q.name}", q.kind) for q in fresh}
        link = joined.select(pl.col("_next").alias("_parent"))
    return frame, columns


def _conditions(form: Form, question: Question) -> Iterator[str]:
    yield from (question.cells.get(cell, "") for cell in ("constraint", "required", "relevant"))
    yield from (section.cells.get("relevant", "") for section in _around(form, question))


def _around(form: Form, question: Question) -> Iterator[Section]:
    for section in form.sections:
        if question.path[: len(section.path)] == section.path:
            yield section


def _outside(
    form: Form,
    question: Question,
    frame: pl.DataFrame,
    columns: Mapping[str, tuple[str, str]],
    findings: Findings,
    sheet: str | None,
) -> None:
    text = question.cells["constraint"]
    fits = condition(text, columns, question.name)
    wrong = frame.filter(pl.col(question.name).is_not_null() & ~fits)
    advice = f"The form's limit is {text}. Look at the paper or ask the enumerator, and correct through the log."
    _tell(findings, "constraint_broken", question, wrong, sheet, "Answers outside the limit of the question", advice)


def _unanswered(
    form: Form,
    question: Question,
    frame: pl.DataFrame,
    columns: Mapping[str, tuple[str, str]],
    findings: Findings,
    sheet: str | None,
) -> None:
    required = question.cells["required"]
    if required.lower() in YES_NO and required.lower() not in ALWAYS:
        return
    conditions = [question.cells.get("relevant", "")] + [s.cells.get("relevant", "") for s in _around(form, question)]
    if required.lower() not in ALWAYS:
        conditions.append(required)
    is_asked = [condition(text, columns, question.name) for text in conditions if text]
    wrong = frame.filter(pl.col(question.name).is_null(), *is_asked)
    advice = "They count as missing. Ask again where that is possible."
    _tell(findings, "required_missing", question, wrong, sheet, "Required answers are missing", advice)


def _tell(
    findings: Findings,
    rule: str,
    question: Question,
    wrong: pl.DataFrame,
    sheet: str | None,
    message: str,
    advice: str,
) -> None:
    for (file,), rows in wrong.group_by(["_file"], maintain_order=True):
        values = rows[question.name].drop_nulls().unique(maintain_order=True).cast(pl.String)
        place = (str(file), sheet, question.name)
        findings.add(rule, place, rows["_line"].fill_null(0), values, message, advice, level="warning")


def _absent(export: Export) -> Iterator[Problem]:
    """Questions of the form that have no column in the tables of their level."""
    for level, frame in export.tables.items():
        asked = [q for q in export.form.at(level) if q.is_answered and q.kind not in ("metadata", "hidden")]
        absent = [q for q in asked if name_in_level(export.form, q) not in frame.columns]
        info = next((one for one in export.infos if one.level == "/".join(level)), None)
        if absent and info:
            shown = ", ".join(question.name for question in absent[:8]) + (" …" if len(absent) > 8 else "")
            message = (
                f"{len(absent):,} of {len(asked):,} questions of this level have no column: {shown}. Export all "
                "questions, or use the version of the form that was in the field."
            )
            yield Problem(
                "question_absent",
                message,
                level="warning",
                file=info.file,
                sheet=info.sheet,
                line=1,
                column=absent[0].name,
            )
