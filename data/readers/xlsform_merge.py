"""A local module appended to a questionnaire: its rows, choices and languages, without touching what is there.

What stands inside a repeat of the module that is called as one of the questionnaire's goes into that repeat, at its
end; everything else goes to the end of the questionnaire, to the household.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from budget_model.errors import InputError, Problem
from data.readers.xlsform import ReadForm, form_of
from data.readers.xlsform_sheets import FormSheets, Rows, header_row
from data.readers.xlsform_types import BEGIN, END, Header


def append_module(base: FormSheets, module: FormSheets) -> FormSheets:
    """The sheets of the questionnaire with the module's rows.

    Raises InputError with every clash: a question of the module that the questionnaire has already, a list of choices
    of the same name with other choices; and every error within the module itself but references to the questionnaire.
    """
    asked, added = form_of(base), form_of(module)
    problems = [*_errors(added), *_clashes(asked, added)]
    if problems:
        raise InputError(problems)
    sheets = dict(base.sheets)
    sheets["survey"] = _survey(base, module)
    if module.sheets.get("choices"):
        new = set(added.form.lists) - set(asked.form.lists)
        sheets["choices"] = _choices(base, module, new)
    return replace(base, sheets=sheets, spelled={**{name: name for name in sheets}, **base.spelled})


def _errors(read: ReadForm) -> Iterator[Problem]:
    yield from (problem for problem in read.problems if problem.level == "error")


def _clashes(base: ReadForm, module: ReadForm) -> Iterator[Problem]:
    taken = {row.name: row.line for row in base.form.rows}
    repeats = {section.name for section in base.form.repeats}
    for row in module.form.rows:
        if row.name in taken and not (row.name in repeats and getattr(row, "kind", "") == "repeat"):
            message = (
                f"The module asks '{row.name}', and the form has that name already (row {taken[row.name]:,}). "
                "Give the question of the module another name."
            )
            place = {"file": module.form.file, "sheet": "survey", "line": row.line, "column": "name"}
            yield Problem("module_clash", message, value=row.name, **place)  # type: ignore[arg-type]
    for name, choices in module.form.lists.items():
        there = base.form.lists.get(name)
        if there is not None and [choice.name for choice in there] != [choice.name for choice in choices]:
            message = (
                f"The module's list '{name}' has other choices than the form's list of that name. Rename the module's "
                "list, or use the same codes."
            )
            place = {"file": module.form.file, "sheet": "choices", "line": choices[0].line, "column": "list_name"}
            yield Problem("module_list_clash", message, value=name, **place)  # type: ignore[arg-type]


def _survey(base: FormSheets, module: FormSheets) -> Rows:
    start, headers = header_row(base, "survey") or (0, [])
    rows = [list(row) for row in base.sheets["survey"]]
    columns, moved = _aligned(headers, rows[start], module, "survey")
    rows[start] = columns
    place = [header.name for header in headers].index("type")
    repeats = {section.name for section in form_of(base).form.repeats}
    outside, inside = _parted(moved, place, _name_place(headers), repeats)
    for name, group in inside.items():
        end = _end_of_repeat(rows, place, _name_place(headers), name)
        rows[end:end] = group
    return rows + outside


def _name_place(headers: Sequence[Header]) -> int:
    return [header.name for header in headers].index("name")


def _parted(rows: Rows, type_place: int, name_place: int, repeats: set[str]) -> tuple[Rows, dict[str, Rows]]:
    """Rows for the household, and rows for each repeat that the questionnaire has too (without its begin and end)."""
    outside: Rows = []
    inside: dict[str, Rows] = {}
    current: str | None = None
    depth = 0
    for row in rows:
        begin, end = BEGIN.fullmatch(row[type_place]), END.fullmatch(row[type_place])
        if current is None and begin and begin["what"].lower() == "repeat" and row[name_place] in repeats:
            current, depth = row[name_place], 0
        elif current is not None and end and depth == 0:
            current = None
        else:
            depth += (1 if begin else 0) - (1 if end else 0)
            (outside if current is None else inside.setdefault(current, [])).append(row)
    return outside, inside


def _end_of_repeat(rows: Rows, type_place: int, name_place: int, name: str) -> int:
    """Index of the row that closes a repeat."""
    depth = -1
    for index, row in enumerate(rows):
        cell = row[type_place] if len(row) > type_place else ""
        begin, end = BEGIN.fullmatch(cell), END.fullmatch(cell)
        if depth < 0 and begin and begin["what"].lower() == "repeat" and row[name_place] == name:
            depth = 0
        elif depth >= 0 and begin:
            depth += 1
        elif depth > 0 and end:
            depth -= 1
        elif depth == 0 and end:
            return index
    raise LookupError(name)  # the form was read without errors, so every repeat is closed


def _choices(base: FormSheets, module: FormSheets, new: set[str]) -> Rows:
    found = header_row(base, "choices") if base.sheets.get("choices") else None
    if found is None:
        return [list(row) for row in module.sheets["choices"]]
    start, headers = found
    rows = [list(row) for row in base.sheets["choices"]]
    columns, moved = _aligned(headers, rows[start], module, "choices")
    rows[start] = columns
    place = [header.name for header in headers].index("list_name")
    return rows + [row for row in moved if row[place] in new]


def _aligned(
    headers: Sequence[Header], columns: Sequence[str], module: FormSheets, sheet: str
) -> tuple[list[str], Rows]:
    """The base's header with columns that only the module has, and the module's rows in that order."""
    found = header_row(module, sheet)
    if found is None:
        return list(columns), []
    start, theirs = found
    cells = module.sheets[sheet]
    known = list(headers)
    names = list(columns)
    for header, text in zip(theirs, cells[start], strict=False):
        if header.name and header not in known:
            known.append(header)
            names.append(text)
    target = [known.index(header) if header.name else None for header in theirs]
    rows = []
    for row in cells[start + 1 :]:
        if any(row):
            moved = [""] * len(names)
            for place, text in zip(target, row, strict=False):
                if place is not None and text:
                    moved[place] = text
            rows.append(moved)
    return names, rows
