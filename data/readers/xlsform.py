"""XLSForms out of XLSX, XLS, CSV and JSON files: sheets first, then the questionnaire with the line of every row.

A file that is no form at all is refused; faults within a form (unknown types, rows without names, groups that are not
closed) are gathered beside the form, so that a person sees all of them at once. `budget_model.survey.form_checks`
finds what can be found on the finished form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from budget_model.errors import Problem
from budget_model.survey.questions import NO_LANGUAGE, Choice, Form, Question, Section
from data.readers.xlsform_sheets import FormSheets, Row, header_row, read_sheets, rows_below, sheets_of_bytes
from data.readers.xlsform_types import BEGIN, END, misspelt_header, read_type

CHOICE_SHEETS = ("choices", "columns")  # `columns` is an old name of a second sheet of choices


@dataclass(frozen=True)
class ReadForm:
    """A questionnaire, and what was wrong with the sheets that it was read from."""

    form: Form
    problems: tuple[Problem, ...]


def read_form(path: Path) -> ReadForm:
    """The questionnaire of an XLSX, XLS or CSV file, or of a folder that holds survey.csv, choices.csv …

    Raises InputError where the file is no form: it cannot be opened, has no survey sheet, no header, or a column twice.
    """
    return form_of(read_sheets(path))


def read_form_bytes(content: bytes, name: str) -> ReadForm:
    """The same out of memory; `name` is the file's name, whose ending says what it is."""
    return form_of(sheets_of_bytes(content, name))


# --- the questionnaire ---------------------------------------------------------------------------------------------


def form_of(sheets: FormSheets) -> ReadForm:
    """The questionnaire that the sheets describe."""
    problems = [*sheets.notes, *_spelling_problems(sheets)]
    lists = _lists(sheets, problems)
    builder = _SurveyBuilder(sheets, lists, problems)
    for row in rows_below(sheets, "survey"):
        builder.add(row)
    builder.finish()
    settings = next((dict(row.cells) for row in rows_below(sheets, "settings")), {})
    form = Form(
        file=sheets.file,
        title=settings.get("form_title", ""),
        form_id=settings.get("form_id", "") or Path(sheets.file).stem,
        version=settings.get("version", ""),
        questions=tuple(builder.questions),
        sections=tuple(builder.sections),
        lists=lists,
        languages=_languages(sheets),
        default_language=settings.get("default_language", NO_LANGUAGE),
        settings=settings,
    )
    if not form.questions:
        message = "The survey sheet asks nothing: there is no row below its header. Add the questions."
        problems.append(Problem("survey_empty", message, file=sheets.file, sheet=sheets.spelled["survey"]))
    return ReadForm(form, tuple(problems))


def _spelling_problems(sheets: FormSheets) -> Iterator[Problem]:
    for usual, name in sheets.spelled.items():
        if name != usual:
            message = f"The sheet is called '{name}'; some tools only find it as '{usual}'. Rename it."
            yield Problem("sheet_spelling", message, level="warning", file=sheets.file, sheet=name, value=name)
        start, headers = header_row(sheets, usual) or (0, [])
        for header in headers:
            near = misspelt_header(header.name)
            if near:
                message = f"The column '{header.name}' means nothing in a form. Did you mean '{near}'? It is not read."
                place = {"file": sheets.file, "sheet": name, "line": start + 1, "column": header.name}
                yield Problem("header_unknown", message, level="warning", value=header.name, **place)


def _languages(sheets: FormSheets) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for sheet in ("survey", *CHOICE_SHEETS):
        for header in (header_row(sheets, sheet) or (0, []))[1]:
            if header.name == "label":
                found.setdefault(header.language)
    return tuple(found)


def _lists(sheets: FormSheets, problems: list[Problem]) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    for sheet in CHOICE_SHEETS:
        if sheets.sheets.get(sheet) and any(map(any, sheets.sheets[sheet])) and header_row(sheets, sheet) is None:
            message = "The sheet has no header row with 'list_name' and 'name'. Add one as the first row."
            problems.append(Problem("header_missing", message, file=sheets.file, sheet=sheets.spelled[sheet], line=1))
        for row in rows_below(sheets, sheet):
            name, list_name = row.get("name"), row.get("list_name")
            if name and list_name:
                lists.setdefault(list_name, []).append(Choice(name, row.translated.get("label", {}), row.line))
            elif list_name or name:
                lacking = "name" if list_name else "list_name"
                message = f"The choice has no {lacking}. Fill in the cell or delete the row."
                place = {"file": sheets.file, "sheet": sheets.spelled[sheet], "line": row.line, "column": lacking}
                problems.append(Problem("choice_incomplete", message, **place))  # type: ignore[arg-type]
    return {name: tuple(choices) for name, choices in lists.items()}


@dataclass
class _Open:
    """A section that is not closed yet."""

    kind: str
    name: str
    line: int
    loop_list: str | None = None
    first_question: int = 0  # for a loop: where its questions begin


class _SurveyBuilder:
    """Walks down the survey sheet; keeps what is open, gathers questions, sections and problems."""

    def __init__(self, sheets: FormSheets, lists: Mapping[str, tuple[Choice, ...]], problems: list[Problem]):
        self.file, self.sheet = sheets.file, sheets.spelled["survey"]
        self.lists, self.problems = lists, problems
        self.open: list[_Open] = []
        self.questions: list[Question] = []
        self.sections: list[Section] = []

    def add(self, row: Row) -> None:
        type_text = row.get("type")
        if row.get("disabled").lower() in ("yes", "true", "true()"):
            return
        begin, end = BEGIN.fullmatch(type_text), END.fullmatch(type_text)
        if begin:
            self.begin(row, begin["what"].lower(), begin["list"])
        elif end:
            self.end(row, end["what"].lower())
        elif type_text:
            self.question(row, type_text)
        elif row.get("name") or row.translated.get("label"):
            self.refuse("type_missing", "The row has no type. Write one, or clear the row.", row.line, "type")

    def refuse(self, rule: str, message: str, line: int, column: str, value: str | None = None) -> None:
        place = {"file": self.file, "sheet": self.sheet}
        self.problems.append(Problem(rule, message, line=line, column=column, value=value, **place))

    def path(self) -> tuple[str, ...]:
        return tuple(section.name for section in self.open)

    def repeat(self) -> tuple[str, ...]:
        """Path of the nearest repeat that is open."""
        depth = max((place for place, section in enumerate(self.open, 1) if section.kind == "repeat"), default=0)
        return self.path()[:depth]

    def name_of(self, row: Row, kind: str) -> str:
        """The row's name; notes and groups may go without, as in pyxform."""
        name = row.get("name")
        if name:
            return name
        if kind not in ("note", "group"):
            message = f"The {row.get('type')} has no name, so its answers would have no column. Fill in the name."
            self.refuse("name_missing", message, row.line, "name")
        return f"generated_{kind}_{row.line}"

    def begin(self, row: Row, what: str, loop_list: str | None) -> None:
        kind = "repeat" if what == "repeat" else "group"
        name = self.name_of(row, kind)
        outside = self.repeat()
        opened = _Open(kind, name, row.line, loop_list, len(self.questions))
        self.open.append(opened)
        if what == "loop" and loop_list not in self.lists:
            message = f"There is no list of choices '{loop_list}' to go over. Add it to the choices sheet."
            self.refuse("list_missing", message, row.line, "type", loop_list)
        labels = row.translated.get("label", {})
        self.sections.append(Section(kind, name, self.path(), outside, row.line, labels, _expressions(row)))

    def end(self, row: Row, what: str) -> None:
        kind = "repeat" if what == "repeat" else "group"
        if not self.open:
            message = f"The {row.get('type')} closes nothing: no {kind} is open here. Delete the row or add the begin."
            self.refuse("section_unopened", message, row.line, "type", row.get("type"))
            return
        opened = self.open[-1]
        if opened.kind != kind:
            message = (
                f"The {row.get('type')} stands where the {opened.kind} '{opened.name}' of row {opened.line:,} is still "
                f"open. Close that one first with 'end {opened.kind}'."
            )
            self.refuse("section_crossed", message, row.line, "type", row.get("type"))
        if opened.loop_list:
            self.spread_loop(opened)
        self.open.pop()

    def spread_loop(self, opened: _Open) -> None:
        """A loop asks its questions once for each choice, in a group that is named after the choice."""
        asked = self.questions[opened.first_question :]
        depth = len(self.open)
        self.questions[opened.first_question :] = [
            _moved(question, depth, choice.name)
            for choice in self.lists.get(opened.loop_list or "", ())
            for question in asked
        ]

    def question(self, row: Row, type_text: str) -> None:
        cell = read_type(type_text)
        if cell.kind == "unknown":
            message = f"'{type_text}' is no question type. Use one of the XLSForm reference, as text, integer, date."
            self.refuse("type_unknown", message, row.line, "type", type_text)
        name = self.name_of(row, cell.kind)
        self.questions.append(
            Question(
                name=name,
                kind=cell.kind,
                type_text=type_text,
                path=(*self.path(), name),
                repeat=self.repeat(),
                line=row.line,
                labels=row.translated.get("label", {}),
                hints=row.translated.get("hint", {}),
                list_name=cell.list_name,
                has_other=cell.has_other,
                cells=_expressions(row),
            )
        )

    def finish(self) -> None:
        for opened in self.open:
            message = f"The {opened.kind} '{opened.name}' is never closed. Add 'end {opened.kind}' after its questions."
            self.refuse("section_unclosed", message, opened.line, "type", opened.name)


def _moved(question: Question, depth: int, choice: str) -> Question:
    return replace(question, path=(*question.path[:depth], choice, *question.path[depth:]))


def _expressions(row: Row) -> dict[str, str]:
    """Cells other than texts: relevant, constraint, calculation, media, appearance …"""
    left_out = {"type", "name", "label", "hint", "guidance_hint"}
    return {name: cell for name, cell in row.cells.items() if name not in left_out}
