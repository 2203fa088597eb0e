"""XLSForms out of XLSX, XLS, CSV and JSON files: sheets first, then the questionnaire with the line of every row.

A file that is no form at all is refused; faults within a form (unknown types, rows without names, groups that are not
closed) are gathered beside the form, so that a person sees all of them at once. `budget_model.survey.form_checks`
finds what can be found on the finished form.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import python_calamine

from budget_model.errors import InputError, Problem
from budget_model.spelling import nearest
from budget_model.survey.questions import NO_LANGUAGE, Choice, Form, Question, Section
from data.readers.encodings import Decoder
from data.readers.files import check_file
from data.readers.kobo_json import SUFFIX as JSON
from data.readers.kobo_json import form_sheets
from data.readers.tabular import HEADER_SEARCH_LINES
from data.readers.workbook import cell_text
from data.readers.xlsform_types import BEGIN, END, TRANSLATED, Header, misspelt_header, read_header, read_type

SHEETS = ("survey", "choices", "settings", "columns", "external_choices", "entities", "osm")
CHOICE_SHEETS = ("choices", "columns")  # `columns` is an old name of a second sheet of choices
WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")
Rows = list[list[str]]


@dataclass(frozen=True)
class FormSheets:
    """The cells of a form as text, by the usual name of each sheet; row 1 first, blank rows kept."""

    file: str
    sheets: Mapping[str, Rows]
    spelled: Mapping[str, str]  # usual name -> as the file spells it
    notes: tuple[Problem, ...] = ()  # warnings about how the file was read


@dataclass(frozen=True)
class Row:
    """One row below a header: its cells by what the column holds."""

    line: int
    cells: Mapping[str, str]
    translated: Mapping[str, Mapping[str, str]]  # label, hint … -> language -> text

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


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


def read_sheets(path: Path) -> FormSheets:
    """The sheets of a form, before anything is made of them."""
    check_file(path, allows_folder=True)
    if path.is_dir():
        parts = {part.stem: _csv_rows(part.read_bytes(), part.name) for part in sorted(path.glob("*.csv"))}
        notes = tuple(note for _, note in parts.values() if note)
        return replace(_named(path.name, {stem: rows for stem, (rows, _) in parts.items()}), notes=notes)
    return sheets_of_bytes(path.read_bytes(), path.name)


def sheets_of_bytes(content: bytes, name: str) -> FormSheets:
    """The sheets of a form that is in memory."""
    if not content:
        raise InputError(Problem("file_empty", "The file is empty (0 bytes). Get it again.", file=name))
    if Path(name).suffix.lower() in WORKBOOKS:
        return _named(name, _workbook_rows(content, name))
    if Path(name).suffix.lower() == JSON:
        return _named(name, form_sheets(content, name))
    rows, note = _csv_rows(content, name)
    return replace(_named(name, _sections_of_csv(rows)), notes=(note,) if note else ())


def _workbook_rows(content: bytes, name: str) -> dict[str, Rows]:
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            raw = {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names}
    except (python_calamine.CalamineError, OSError) as broken:
        reason = str(broken).splitlines()[0]
        message = (
            f"The workbook cannot be opened ({reason}): it is cut off, damaged, protected with a password, or no "
            "workbook at all. Get the file again, or open it in a spreadsheet and save it as XLSX."
        )
        raise InputError(Problem("workbook_broken", message, file=name)) from None
    return {sheet: [[_clean(cell_text(cell)) for cell in row] for row in rows] for sheet, rows in raw.items()}


def _clean(text: str) -> str:
    """Blanks that cannot be seen (no-break spaces) become blanks; outer ones go."""
    return text.replace("\xa0", " ").strip()


def _csv_rows(content: bytes, name: str) -> tuple[Rows, Problem | None]:
    decoder = Decoder(name)
    text, raw = decoder.decode(content.removeprefix(b"\xef\xbb\xbf"), 1)
    reader = csv.reader(io.StringIO(text if text is not None else raw.decode(), newline=""))
    rows: Rows = []
    try:
        for row in reader:  # a record of several lines fills several rows, so that line numbers stay true
            while len(rows) < reader.line_num - 1:
                rows.append([])
            rows.append([_clean(cell) for cell in row])
    except csv.Error as error:
        message = f"This is not CSV from here on ({error}). Look for a quotation mark that is never closed."
        raise InputError(Problem("csv_broken", message, file=name, line=reader.line_num)) from None
    return rows, decoder.note()


def _sections_of_csv(rows: Rows) -> dict[str, Rows]:
    """One CSV file with all sheets: a row that names the sheet in its first column, the sheet's rows below it."""
    if any("type" in {cell.lower() for cell in row} and row[0] for row in rows[:HEADER_SEARCH_LINES] if row):
        return {"survey": rows}
    sheets: dict[str, Rows] = {}
    current: Rows | None = None
    for place, row in enumerate(rows):
        if row and row[0]:
            current = sheets.setdefault(row[0], [[] for _ in range(place + 1)])
        elif current is not None:
            current.append(row[1:])
    return sheets


def _named(file: str, sheets: Mapping[str, Rows]) -> FormSheets:
    """Sheets under their usual names, however they are written."""
    spelled = {usual: name for usual in SHEETS for name in sheets if name.strip().lower() == usual}
    if "survey" not in spelled:
        near = nearest("survey", sheets)
        hint = f"Is '{near}' meant? Rename it." if near else f"There are: {', '.join(sheets) or 'none'}."
        message = f"The file has no sheet 'survey', so it is no XLSForm. {hint}"
        raise InputError(Problem("sheet_missing", message, file=file, sheet="survey"))
    return FormSheets(file, {usual: sheets[name] for usual, name in spelled.items()}, spelled)


# --- rows below a header -------------------------------------------------------------------------------------------


def header_row(sheets: FormSheets, sheet: str) -> tuple[int, list[Header]] | None:
    """Index of a sheet's header row and what its columns hold; None where the sheet says nothing.

    Raises InputError for a survey sheet without a header, and for a column that stands twice.
    """
    rows = sheets.sheets.get(sheet, [])
    needed = {"survey": {"type"}, "choices": {"list_name", "name"}, "columns": {"list_name", "name"}}.get(sheet, set())
    said = [(index, row) for index, row in enumerate(rows) if any(row)]
    for index, row in said[:HEADER_SEARCH_LINES]:
        headers = [read_header(cell, sheet) for cell in row]
        if needed <= {header.name for header in headers}:
            _refuse_twice(sheets, sheet, index + 1, row)
            return index, headers
    if sheet != "survey":
        return None
    message = "No row of the survey sheet is a header with the columns 'type' and 'name'. Add one as the first row."
    raise InputError(Problem("header_missing", message, file=sheets.file, sheet=sheets.spelled[sheet], line=1))


def _refuse_twice(sheets: FormSheets, sheet: str, line: int, row: Sequence[str]) -> None:
    seen: set[str] = set()
    problems = []
    for cell in row:
        name = cell.lower()
        if name and name in seen:
            message = f"The column '{cell}' stands twice, so that one of the two would be lost. Rename or remove one."
            place = {"file": sheets.file, "sheet": sheets.spelled[sheet]}
            problems.append(Problem("column_duplicate", message, line=line, column=cell, value=cell, **place))
        seen.add(name)
    if problems:
        raise InputError(problems)


def rows_below(sheets: FormSheets, sheet: str) -> Iterator[Row]:
    """The rows of a sheet that say anything."""
    found = header_row(sheets, sheet)
    if found is None:
        return
    start, headers = found
    for place, row in enumerate(sheets.sheets[sheet][start + 1 :], start=start + 2):
        if any(row):
            yield _row(place, headers, row)


def _row(line: int, headers: Sequence[Header], row: Sequence[str]) -> Row:
    cells: dict[str, str] = {}
    translated: dict[str, dict[str, str]] = {}
    for header, cell in zip(headers, row, strict=False):
        if not cell or not header.name:
            continue
        if header.name in TRANSLATED:
            translated.setdefault(header.name, {}).setdefault(header.language, cell)
        if not header.language:
            cells.setdefault(header.name, cell)
    return Row(line, cells, translated)


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
