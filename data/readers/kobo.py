"""Exports of Kobo, ODK and Ona that go with a form -> one frame of households and one of each repeat.

Takes workbooks with a sheet a repeat, split CSVs, `members[2]/age` columns, flattened rows and short titles, columns
by name, path or label, codes or labels. Answers come out as codes and numbers; every row knows its line in the file.

Frames: columns are called as the questions (with their path where a level has the name twice), and `_row` (from 1),
`_parent` (`_row` of the level above), `_household` (`_row` of the household), `_file`, `_line`. Answers of one choice
are categories, of several a text of codes; `_untold/question` has the codes of which a row's 0/1 columns tell nothing.
Columns that the form does not know (weights, areas) follow as they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from budget_model.errors import InputError, Problem
from budget_model.survey.questions import METADATA, Form, Question
from data.readers.files import check_file
from data.readers.findings import Findings
from data.readers.kobo_answers import UNTOLD, AnswerReader, blanked
from data.readers.kobo_columns import VERSIONS, ColumnIndex, Target, is_service
from data.readers.kobo_joins import join_levels, people_with_siblings
from data.readers.kobo_json import SUFFIX as JSON
from data.readers.kobo_json import submission_tables
from data.readers.kobo_table import Level, TablePlan, read_parts
from data.readers.tabular import TextTable, open_table
from data.readers.workbook import workbook_tables

WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")
MOSTLY = 0.5  # a table of whose columns fewer are known is of another form


@dataclass(frozen=True)
class TableInfo:
    """What was recognised in one sheet or file."""

    file: str
    sheet: str | None
    level: str  # path of the repeat; "" is the household
    layout: str  # rows, wide (members[1]/…), flat (a row a person with the household's answers repeated)
    rows: int
    matched: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Export:
    """The answers of a form. `tables` by path of the repeat, () being the households."""

    form: Form
    tables: Mapping[Level, pl.DataFrame]
    infos: tuple[TableInfo, ...]
    problems: tuple[Problem, ...]
    versions: Mapping[str, int] = field(default_factory=dict)  # version -> submissions

    @property
    def households(self) -> pl.DataFrame:
        return self.tables[()]

    @property
    def members(self) -> pl.DataFrame | None:
        """One row a person, with the answers of repeats that go over the same people once more; None where the form or
        the export has no repeat of people."""
        if self.form.members not in self.tables:
            return None
        return people_with_siblings(self.form, self.tables, self.form.members)


def read_export(form: Form, paths: Sequence[Path]) -> Export:
    """Read the files of one export by its form.

    Raises InputError for files that cannot be read or are of another form. Problems of answers are returned with the
    frames (grouped by rule and column), so that a team sees them all.
    """
    index, findings = ColumnIndex(form), Findings()
    answers = AnswerReader(form, findings)
    plans = [plan for path in paths for plan in _plans(path, index)]
    refused = [problem for plan in plans for problem in _other_form(form, plan)]
    if refused or not plans:
        raise InputError(refused or [_nothing(paths)])
    supplied = {plan.level for plan in plans}
    plans = [plan.settled(supplied) for plan in plans]
    parts = [part for plan in plans for part in read_parts(plan, answers)]
    joined = join_levels(form, parts, findings)
    answers.tell_labels()
    notes = [note for plan in plans for note in plan.table.notes]
    notes += [
        *findings.problems(),
        *_unknown_columns(plans),
        *_absent_options(plans),
        *_version_problems(form, joined.versions),
    ]
    return Export(form, joined.tables, tuple(_infos(plans)), tuple(notes), joined.versions)


def _plans(path: Path, index: ColumnIndex) -> Iterator[TablePlan]:
    """A plan for each sheet or file: its level, and which column is which question."""
    for table in _tables(path):
        columns = [column for column in table.columns if not _is_blank(column)]
        counts: Counter[Level] = Counter()
        found: dict[str, list[Target]] = {}
        for column in columns:
            found[column] = index.candidates(column)
            counts.update({target.question.repeat for target in found[column] if not target.instance})
        level = _level(index.form, table, counts)
        targets = {column: index.choose(column, level) for column in columns if found[column]}
        yield TablePlan(index.form, table, level, {name: target for name, target in targets.items() if target})


def _tables(path: Path) -> Iterator[TextTable]:
    check_file(path)
    if path.suffix.lower() in WORKBOOKS:
        yield from workbook_tables(path)
    elif path.suffix.lower() == JSON and path.is_file():
        yield from submission_tables(path)
    else:
        yield open_table(path)


def _is_blank(column: str) -> bool:
    return column.startswith("(column ")


def _level(form: Form, table: TextTable, counts: Mapping[Level, int]) -> Level:
    """The level most of whose questions stand in the table; the sheet's or file's name breaks ties."""
    name = (table.sheet or Path(table.file).stem).lower()
    has_parent = any(column.lower() in ("parent_key", "_parent_index") for column in table.columns)
    levels: list[Level] = [(), *(section.path for section in form.repeats)]

    def weight(level: Level) -> float:
        called = bool(level) and (
            name == level[-1].lower() or name.endswith(tuple(f"{s}{level[-1].lower()}" for s in "-_/"))
        )
        return counts.get(level, 0) + (0.5 if called else 0) + (0.25 if has_parent and level else 0)

    return max(levels, key=weight)


def _other_form(form: Form, plan: TablePlan) -> Iterator[Problem]:
    """Most columns unknown: the export of another form. A level that asks nothing has no columns of its own."""
    unknown, known = plan.unknown_columns, plan.targets
    if known and len(known) >= MOSTLY * (len(known) + len(unknown)):
        return
    if not unknown and not any(question.is_answered and question.kind != METADATA for question in form.at(plan.level)):
        return
    shown = ", ".join(unknown[:6]) or "none"
    message = (
        f"This is not an export of the form '{form.title or form.form_id}': of its {len(known) + len(unknown):,} "
        f"columns {len(known):,} are questions of the form. Unknown are {shown}{' …' if len(unknown) > 6 else ''}. "
        "Choose the form that was used in the field, or the right export."
    )
    place = {"file": plan.table.file, "sheet": plan.table.sheet, "line": plan.table.header_line}
    yield Problem("other_form", message, column=unknown[0] if unknown else None, **place)  # type: ignore[arg-type]


def _nothing(paths: Sequence[Path]) -> Problem:
    names = ", ".join(path.name for path in paths) or "no file"
    return Problem("file_empty", f"There is no table in {names}. Export the answers again.", file=names)


def _unknown_columns(plans: Sequence[TablePlan]) -> Iterator[Problem]:
    for plan in plans:
        unknown = plan.unknown_columns
        if unknown:
            shown = ", ".join(unknown[:8]) + (" …" if len(unknown) > 8 else "")
            message = (
                f"{len(unknown):,} columns are no questions of the form: {shown}. They are kept as they stand, "
                "unchecked. Fine if they were calculated after the export; else add them to the form."
            )
            yield Problem(
                "column_unknown",
                message,
                level="warning",
                file=plan.table.file,
                sheet=plan.table.sheet,
                line=plan.table.header_line,
                column=unknown[0],
                value=unknown[0],
            )


def _absent_options(plans: Sequence[TablePlan]) -> Iterator[Problem]:
    """Questions that stand as 0/1 columns, of which options of the form have none: not known, which is not 0."""
    for plan in plans:
        for question, codes in plan.options_without_column():
            shown = ", ".join(codes[:8]) + (" …" if len(codes) > 8 else "")
            message = (
                f"Options of question '{question.name}' have no column in the export ({len(codes):,}: {shown}). "
                "Whether they were chosen is not known: they come in as missing, not as 0. Export all options, or use "
                "the version of the form that was in the field."
            )
            yield Problem(
                "option_absent",
                message,
                level="warning",
                file=plan.table.file,
                sheet=plan.table.sheet,
                line=plan.table.header_line,
                column=question.name,
                value=codes[0],
                facts={"named": list(codes)},
            )


def _version_problems(form: Form, versions: Mapping[str, int]) -> Iterator[Problem]:
    """Several versions in one export; or one that is not the form's."""
    counted = ", ".join(f"{version} ({count:,} submissions)" for version, count in list(versions.items())[:8])
    if len(versions) > 1:
        message = (
            f"The export mixes {len(versions):,} versions of the form: {counted}. Check that questions and codes mean "
            "the same in all of them, or import each version with its own form."
        )
        yield Problem("versions_mixed", message, level="warning", file=form.file, column=VERSIONS[0])
    elif versions and form.version and form.version not in versions:
        message = f"The answers were collected with version {counted}, the form is version {form.version}."
        advice = " Check that questions and codes are the same."
        yield Problem("version_other", message + advice, level="warning", file=form.file, column=VERSIONS[0])


def _infos(plans: Sequence[TablePlan]) -> Iterator[TableInfo]:
    for plan in plans:
        yield TableInfo(
            plan.table.file,
            plan.table.sheet,
            "/".join(plan.level),
            plan.layout,
            plan.rows,
            tuple(plan.targets),
            tuple(plan.unknown_columns),
        )


def option_columns(form: Form, level: Level, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `question/code` columns for questions with several answers: 1 chosen, 0 not, missing where not
    answered and where the export does not tell."""
    columns = []
    for question in form.at(level):
        if question.kind == "select_multiple" and question.name in frame.columns:
            columns.extend(_options(form, question, frame))
    return frame.with_columns(columns)


def _options(form: Form, question: Question, frame: pl.DataFrame) -> list[pl.Series]:
    codes = [choice.name for choice in form.choices(question)] + (["other"] if question.has_other else [])
    return [chosen_or_not(frame, question.name, code) for code in dict.fromkeys(codes)]


def chosen_or_not(frame: pl.DataFrame, question: str, code: str) -> pl.Series:
    """`question/code`: 1 chosen, 0 not, missing where not answered and where the export does not tell."""
    values = frame[question].str.split(" ").list.contains(code).cast(pl.Int8).alias(f"{question}/{code}")
    if f"{UNTOLD}{question}" not in frame.columns:
        return values
    is_untold = frame[f"{UNTOLD}{question}"].str.split(" ").list.contains(code).fill_null(False)
    return blanked(values, is_untold)


__all__ = ["Export", "TableInfo", "chosen_or_not", "is_service", "option_columns", "read_export"]
