"""Sessions of focus groups from a file: YAML, or a CSV or XLSX table with one row a session and need.

::

    sessions:
      - code: FG-2026-03             # its name at the site; the same code again is the next version
        held_on: 2026-03-14
        area: S1                     # code of an area; left out: people of the whole site
        place: Local comunal
        group: women                 # women, men or mixed (then with the priorities of both, apart)
        facilitator: Red de mujeres  # an organisation
        participants: {female: {18-29: 4, 30-44: 6, unknown: 1}}      # or {female: 11}
        method: points               # or ranks: 1 is the most important
        priorities: {women: {WATER: 10, CARE05: 6, HINS: 0}}          # only needs that were on the table
        findings: "…"
        quotes: ["…"]                # without names

The table has the columns `session, held_on, group, place, facilitator, need, women_score, men_score`, and perhaps
`area, method, findings, quotes` (apart by `|`), `female, male` or one column a sex and age band (`female 18-29`).
What tells of the session stands in its first row; further rows repeat it or leave it blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from budget_model.errors import InputError, Problem
from budget_model.needs.focus_groups import AGE_BANDS, GROUPS
from budget_model.spelling import nearest
from data.readers.files import read_text
from data.readers.strict_yaml import StrictModel, load_document, read_strict
from data.readers.tabular import LINE, TextTable, missing_column, open_table, plain_name

SEX_OF = {"women": "female", "men": "male"}
UNKNOWN_AGE = "unknown"
YAML_NAMES = (".yaml", ".yml")
NEEDED = ("session", "held_on", "group", "place", "facilitator", "need")
OPTIONAL = ("area", "method", "findings", "quotes", "women_score", "men_score")
PEOPLE = {
    plain_name(f"{sex} {band}".strip()): (sex, band or UNKNOWN_AGE)
    for sex in SEX_OF.values()
    for band in ("", *AGE_BANDS)
}
QUOTE_MARK = "|"
NUMBER = re.compile(r"\d{1,9}(\.\d{0,6}0*)?")
MOST_ROWS = 20_000


@dataclass(frozen=True)
class FocusGroupRecord:
    """A session as somebody enters it."""

    held_on: date
    place: str  # where, in words
    composition: str  # women, men, mixed
    facilitator: str  # an organisation
    participants: Mapping[str, Mapping[str, int]]  # sex -> age band -> persons
    priorities: Mapping[str, Mapping[str, float]]  # group -> need -> points or rank
    method: str = "points"
    area: str | None = None  # code; None: people of the whole site
    findings: str = ""
    quotes: tuple[str, ...] = ()
    code: str | None = None  # None: the next free one
    is_synthetic: bool = False
    file: str | None = None  # where it was read, for problems
    line: int | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """Whose priorities the session has."""
        return GROUPS if self.composition == "mixed" else (self.composition,)

    def participants_of(self, group: str) -> int:
        """Persons of a group who took part."""
        return sum(self.participants.get(SEX_OF[group], {}).values())


def read_sessions(path: Path) -> tuple[FocusGroupRecord, ...]:
    """The sessions of a file.

    Raises InputError with every problem: file, line and column.
    """
    if path.suffix.lower() in YAML_NAMES:
        return _read_yaml(read_text(path), path.name)
    return _read_table(open_table(path, _is_header))


# ---- YAML ------------------------------------------------------------------------------------------------------------

Number = Annotated[float, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0)]
Text = Annotated[str, Field(min_length=1)]


def _by_age(found: Any) -> Any:
    """A number without ages is one of unknown age."""
    return {UNKNOWN_AGE: found} if isinstance(found, int) else found


People = Annotated[dict[str, Count], BeforeValidator(_by_age)]


class SessionEntry(StrictModel):
    """One session in a YAML file."""

    code: Text
    held_on: date
    area: str | None = None
    place: Text
    group: Literal["women", "men", "mixed"]
    facilitator: Text
    participants: dict[Literal["female", "male"], People] = Field(min_length=1)
    method: Literal["points", "ranks"] = "points"
    priorities: dict[Literal["women", "men"], dict[str, Number]] = Field(min_length=1)
    findings: str = ""
    quotes: tuple[str, ...] = ()
    synthetic: bool = False


class SessionsFile(StrictModel):
    """A file of sessions."""

    sessions: tuple[SessionEntry, ...] = Field(min_length=1)


def _read_yaml(text: str, file: str) -> tuple[FocusGroupRecord, ...]:
    content = read_strict(text, file, SessionsFile)
    lines = load_document(text, file)[1]
    return tuple(
        _record_of(entry, file, lines.line_of(("sessions", index))) for index, entry in enumerate(content.sessions)
    )


def _record_of(entry: SessionEntry, file: str, line: int) -> FocusGroupRecord:
    return FocusGroupRecord(
        held_on=entry.held_on,
        place=entry.place,
        composition=entry.group,
        facilitator=entry.facilitator,
        participants=entry.participants,
        priorities=entry.priorities,
        method=entry.method,
        area=entry.area or None,
        findings=entry.findings,
        quotes=entry.quotes,
        code=entry.code,
        is_synthetic=entry.synthetic,
        file=file,
        line=line,
    )


# ---- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A row of the table: column (plain name) -> cell."""

    line: int
    cells: Mapping[str, str]


def _is_header(cells: Sequence[str]) -> bool:
    return plain_name("session") in {plain_name(cell) for cell in cells}


def _read_table(table: TextTable) -> tuple[FocusGroupRecord, ...]:
    _refuse_columns(table)
    groups: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    for row in _rows(table):
        code = row.cells.get("SESSION", "")
        if code:
            groups.setdefault(code, []).append(row)
        else:
            problems.append(_problem(table, row.line, "session", "", "The session has no code. Write one."))
    if not groups and not problems:
        problems.append(_problem(table, table.header_line, "session", "", "There is no session below the header."))
    records = [record for rows in groups.values() if (record := _record_of_rows(table, rows, problems))]
    if problems:
        raise InputError(problems)
    return tuple(records)


def _refuse_columns(table: TextTable) -> None:
    """Columns that are missing, or that nobody knows: a misspelt one would be left out in silence."""
    there = {plain_name(column) for column in table.columns}
    problems = [missing_column(table, name) for name in NEEDED if plain_name(name) not in there]
    known = {plain_name(name) for name in (*NEEDED, *OPTIONAL)} | set(PEOPLE)
    for column in (column for column in table.columns if plain_name(column) not in known):
        near = nearest(column, [*NEEDED, *OPTIONAL, *(f"{sex} {band}" for sex, band in PEOPLE.values())])
        hint = f"Did you mean '{near}'?" if near else "Remove it, or see docs/needs.md for the columns."
        problems.append(_problem(table, table.header_line, column, column, f"The column is not known. {hint}"))
    if problems:
        raise InputError(problems)


def _rows(table: TextTable) -> Iterator[Row]:
    seen = 0
    for block in table.blocks():
        for values in block.to_dicts():
            seen += 1
            if seen > MOST_ROWS:
                message = f"The file has more than {MOST_ROWS:,} rows. Split it."
                raise InputError(_problem(table, values[LINE], "session", "", message))
            cells = {plain_name(name): value or "" for name, value in values.items() if name != LINE}
            yield Row(values[LINE], cells)


def _record_of_rows(table: TextTable, rows: Sequence[Row], problems: list[Problem]) -> FocusGroupRecord | None:
    """The session of its rows; None with problems where something cannot be read."""
    before = len(problems)
    facts = _facts(table, rows, problems)
    participants: dict[str, dict[str, int]] = {}
    for name, (sex, band) in PEOPLE.items():
        number = _number(table, rows[0].line, name, facts.get(name, ""), problems)
        if number is not None and number != int(number):
            message = f"'{facts[name]}' is not a whole number of participants."
            problems.append(_problem(table, rows[0].line, f"{sex} {band}", facts[name], message))
        elif number:
            participants.setdefault(sex, {})[band] = participants.get(sex, {}).get(band, 0) + int(number)
    held_on = _date(table, rows[0].line, facts.get("HELD_ON", ""), problems)
    priorities = _priorities(table, rows, problems)
    if len(problems) > before or held_on is None:
        return None
    return FocusGroupRecord(
        held_on=held_on,
        place=facts.get("PLACE", ""),
        composition=facts.get("GROUP", ""),
        facilitator=facts.get("FACILITATOR", ""),
        participants=participants,
        priorities=priorities,
        method=facts.get("METHOD", "") or "points",
        area=facts.get("AREA", "") or None,
        findings=facts.get("FINDINGS", ""),
        quotes=tuple(quote.strip() for quote in facts.get("QUOTES", "").split(QUOTE_MARK) if quote.strip()),
        code=facts["SESSION"],
        file=table.file,
        line=rows[0].line,
    )


def _facts(table: TextTable, rows: Sequence[Row], problems: list[Problem]) -> dict[str, str]:
    """What tells of the session: of its first row; a later row that says something else is a problem."""
    of_needs = {"NEED", "WOMEN_SCORE", "MEN_SCORE"}
    facts = {name: cell for name, cell in rows[0].cells.items() if name not in of_needs}
    for row in rows[1:]:
        for name, cell in row.cells.items():
            if name in facts and cell and cell != facts[name]:
                message = f"The first row of the session says '{facts[name]}', this one '{cell}'. Keep one of the two."
                problems.append(_problem(table, row.line, name.lower(), cell, message))
    return facts


def _priorities(table: TextTable, rows: Sequence[Row], problems: list[Problem]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        need = row.cells.get("NEED", "")
        for group in GROUPS:
            column = f"{group}_score"
            score = _number(table, row.line, column, row.cells.get(plain_name(column), ""), problems)
            if score is None:
                continue
            if not need or need in found.get(group, {}):
                message = "The score has no need." if not need else f"The need '{need}' stands twice in the session."
                problems.append(_problem(table, row.line, "need", need, f"{message} Correct the row."))
                continue
            found.setdefault(group, {})[need] = score
    return found


def _number(table: TextTable, line: int, column: str, cell: str, problems: list[Problem]) -> float | None:
    """The number of a cell; None where it is blank, or (with a problem) cannot be read."""
    if not cell:
        return None
    if NUMBER.fullmatch(cell):
        return float(cell)
    message = f"'{cell}' is not a number of 0 or more. Write digits, with a point before decimals."
    problems.append(_problem(table, line, column.lower(), cell, message))
    return None


def _date(table: TextTable, line: int, cell: str, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(cell[:10] if cell[10:] in ("", " 00:00:00", "T00:00:00") else cell)
    except ValueError:
        message = f"'{cell}' is not a day. Write year-month-day, such as 2026-03-14."
        problems.append(_problem(table, line, "held_on", cell, message))
        return None


def _problem(table: TextTable, line: int, column: str, value: Any, message: str) -> Problem:
    place = {"file": table.file, "sheet": table.sheet}
    return Problem("focus.file", message, line=line, column=column, value=str(value)[:80], **place)
