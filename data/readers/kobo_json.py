"""Forms and submissions as JSON: an asset of Kobo's API, a list of its submissions, or both in one file (formpack).

The form comes out as the sheets that an XLSForm has. Submissions come out as tables of text, one of the households and
one a repeat, joined by `_index` and `_parent_index`; each row knows the line on which its submission begins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from json.decoder import WHITESPACE  # type: ignore[attr-defined]  # not in the stubs
from pathlib import Path
from typing import Any

import polars as pl

from budget_model.errors import InputError, Problem
from data.readers.tabular import LINE

SUFFIX = ".json"
LISTS = ("submissions", "results")  # keys under which formpack and Kobo's API keep submissions
TRANSLATED = frozenset({"label", "hint", "guidance_hint", "constraint_message", "required_message"})
SETTINGS = {"version": ("version", "version_id"), "form_id": ("id_string", "uid"), "form_title": ("title", "name")}
Level = tuple[str, ...]


# --- the form ------------------------------------------------------------------------------------------------------


def form_sheets(content: bytes, name: str) -> dict[str, list[list[str]]]:
    """The sheets of a form: `content` as Kobo keeps it, or `survey`, `choices`, `settings` by themselves."""
    document = _parsed(_text_of(content, name), name)
    inner = document.get("content", document) if isinstance(document, Mapping) else {}
    if not isinstance(inner, Mapping) or not isinstance(inner.get("survey"), list):
        message = (
            "The file holds no questionnaire: there is no list 'survey' in it, nor in its 'content'. Give the XLSForm, "
            "or the form as Kobo's API gives it."
        )
        raise InputError(Problem("sheet_missing", message, file=name, sheet="survey"))
    languages = [str(one) if one else "" for one in inner.get("translations") or []]
    sheets = {sheet: _rows(inner[sheet], languages) for sheet in ("survey", "choices") if inner.get(sheet)}
    sheets["settings"] = _settings(document, inner.get("settings") or {})
    return sheets


def _settings(document: Mapping[str, Any], stated: Any) -> list[list[str]]:
    """The settings' row; what they leave open is taken from the asset's own keys."""
    own = dict(stated[0] if isinstance(stated, list) and stated else stated or {})
    for name, keys in SETTINGS.items():
        value = next((document[key] for key in keys if document.get(key)), None)
        if value is not None and not own.get(name):
            own[name] = value
    return _rows([own], []) if own else []


def _rows(entries: Any, languages: list[str]) -> list[list[str]]:
    """Header and rows of a sheet out of a list of objects."""
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        return []
    cells = [dict(_cells(entry, languages)) for entry in entries]
    header = list(dict.fromkeys(name for row in cells for name in row))
    return [header, *([row.get(name, "") for name in header] for row in cells)]


def _cells(entry: Mapping[str, Any], languages: list[str]) -> Iterator[tuple[str, str]]:
    """Name of the column and text of each cell of one row."""
    for key, value in entry.items():
        if key.startswith("$") or key == "select_from_list_name" or value is None:
            continue
        if key == "type":
            yield key, _type(entry)
        elif key in TRANSLATED and isinstance(value, list):
            for place, text in enumerate(value):
                language = languages[place] if place < len(languages) else ""
                yield (f"{key}::{language}" if language else key), "" if text is None else str(text)
        elif key in TRANSLATED and isinstance(value, Mapping):
            yield from ((f"{key}::{language}", str(text)) for language, text in value.items() if text is not None)
        elif not isinstance(value, Mapping | list):
            yield key, str(value).lower() if isinstance(value, bool) else str(value).strip()


def _type(entry: Mapping[str, Any]) -> str:
    """`{"type": "select_one", "select_from_list_name": "l"}` and `{"type": {"select_one": "l"}}` -> `select_one l`."""
    kind = entry["type"]
    if isinstance(kind, Mapping):
        return " ".join(str(part) for pair in kind.items() for part in pair)
    listed = entry.get("select_from_list_name")
    return f"{kind} {listed}" if listed and " " not in str(kind).strip() else str(kind)


# --- submissions ---------------------------------------------------------------------------------------------------


@dataclass
class JsonTable:
    """Rows of one level of the submissions of a file."""

    file: str
    sheet: str | None
    header_line: int = 1
    cells: dict[str, list[str]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    notes: tuple[Problem, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.cells)

    def blocks(self, wanted: Iterable[str] | None = None) -> Iterator[pl.DataFrame]:
        """One frame."""
        names = [name for name in self.cells if wanted is None or name in set(wanted)]
        schema = {**dict.fromkeys(names, pl.String), LINE: pl.Int64}
        yield pl.DataFrame({**{name: self.cells[name] for name in names}, LINE: self.lines}, schema=schema)

    def add(self, row: Mapping[str, str], line: int) -> None:
        """One more row; a column that is new was blank so far."""
        for name in row:
            self.cells.setdefault(name, [""] * len(self.lines))
        for name, column in self.cells.items():
            column.append(row.get(name, "").strip())
        self.lines.append(line)


def holds_submissions(path: Path) -> bool:
    """Whether a form's file brings its answers along."""
    if path.suffix.lower() != SUFFIX or not path.is_file():
        return False
    return next(_submissions(_text_of(path.read_bytes(), path.name), path.name), None) is not None


def submission_tables(path: Path) -> tuple[JsonTable, ...]:
    """The tables of a file's submissions, the households first; InputError where there is none."""
    text = _text_of(path.read_bytes(), path.name)
    tables: dict[Level, JsonTable] = {(): JsonTable(path.name, None)}
    counted_to, line = 0, 1
    for place, submission in _submissions(text, path.name):
        line += text.count("\n", counted_to, place)
        counted_to = place
        if not isinstance(submission, Mapping):
            message = "This entry of the list of submissions is no object with answers. Export the submissions again."
            raise InputError(Problem("submission_broken", message, file=path.name, line=line))
        _add(tables, (), submission, None, line)
    if not tables[()].lines:
        message = (
            "The file holds no submissions: neither a list of them, nor one under 'submissions' or 'results'. Export "
            "the answers of the form."
        )
        raise InputError(Problem("file_empty", message, file=path.name))
    return tuple(tables.values())


def _add(tables: dict[Level, JsonTable], level: Level, entry: Mapping[str, Any], parent: int | None, line: int) -> None:
    """A row of this level, then the rows of the repeats inside of it."""
    table = tables.setdefault(level, JsonTable("", level[-1] if level else None))
    table.file = tables[()].file
    row = {"_index": str(len(table.lines) + 1)}
    if parent is not None:
        row["_parent_index"] = str(parent)
    own = len(table.lines) + 1
    inner: list[tuple[Level, Mapping[str, Any]]] = []
    for name, value in _flat(entry, level):
        if isinstance(value, list):
            inner += [(tuple(name.split("/")), one) for one in value if isinstance(one, Mapping)]
        else:
            row[name] = value
    table.add(row, line)
    for path, one in inner:
        _add(tables, path, one, own, line)


def _flat(entry: Mapping[str, Any], outer: Level) -> Iterator[tuple[str, str | list[Any]]]:
    """Answers under their full path, groups dissolved; a list of objects is a repeat. What the server keeps beside the
    answers (`_attachments`, `_validation_status` …) is left out."""
    for key, value in entry.items():
        is_server_s = key.startswith("_") and isinstance(value, Mapping | list)
        if value is None or is_server_s:
            continue
        name = key if not outer or "/" in key or key.startswith("_") else "/".join((*outer, key))
        if isinstance(value, Mapping):
            yield from _flat(value, tuple(name.split("/")))
        elif isinstance(value, list) and not any(isinstance(one, Mapping) for one in value):
            yield name, " ".join(str(one) for one in value)
        elif isinstance(value, list):
            yield name, value
        else:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)


# --- the text ------------------------------------------------------------------------------------------------------


def _text_of(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        message = f"The file is not written in UTF-8 (byte {wrong.start:,}). Save it as UTF-8."
        raise InputError(Problem("encoding_wrong", message, file=name)) from None


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as broken:
        raise InputError(_broken(broken, name)) from None
    except RecursionError:
        raise InputError(_too_deep(name)) from None


def _too_deep(name: str) -> Problem:
    message = "The file is nested too deeply: it is no form and no list of submissions. Export it again."
    return Problem("json_broken", message, file=name)


def _broken(broken: json.JSONDecodeError, name: str) -> Problem:
    message = f"From here on the file is no JSON ({broken.msg}): it may be cut off. Get it again."
    return Problem("json_broken", message, file=name, line=broken.lineno)


def _submissions(text: str, name: str) -> Iterator[tuple[int, Any]]:
    """Each submission with its place in the text; only one at a time becomes objects."""
    try:
        place = _skip(text, 0)
        if text[place : place + 1] == "[":
            yield from _elements(text, place)
        elif text[place : place + 1] == "{":
            yield from _in_object(text, place)
        else:
            _parsed(text, name)
    except json.JSONDecodeError as broken:
        raise InputError(_broken(broken, name)) from None
    except RecursionError:
        raise InputError(_too_deep(name)) from None


def _skip(text: str, place: int) -> int:
    match = WHITESPACE.match(text, place)
    return int(match.end())


def _in_object(text: str, place: int) -> Iterator[tuple[int, Any]]:
    """Submissions of a document: the list under the first of its keys that is called so."""
    decoder = json.JSONDecoder()
    place = _skip(text, place + 1)
    while text[place : place + 1] == '"':
        key, place = decoder.raw_decode(text, place)
        place = _skip(text, place)
        if text[place : place + 1] != ":":
            raise json.JSONDecodeError("Expecting ':'", text, place)
        place = _skip(text, place + 1)
        if key in LISTS and text[place : place + 1] == "[":
            yield from _elements(text, place)
            return
        _, place = decoder.raw_decode(text, place)
        place = _skip(text, place)
        place = _skip(text, place + 1) if text[place : place + 1] == "," else place
    if text[place : place + 1] != "}":
        raise json.JSONDecodeError("Expecting ',' or '}'", text, place)


def _elements(text: str, place: int) -> Iterator[tuple[int, Any]]:
    decoder = json.JSONDecoder()
    place = _skip(text, place + 1)
    while text[place : place + 1] != "]":
        value, end = decoder.raw_decode(text, place)
        yield place, value
        place = _skip(text, end)
        if text[place : place + 1] == ",":
            place = _skip(text, place + 1)
        elif text[place : place + 1] != "]":
            raise json.JSONDecodeError("Expecting ',' or ']'", text, place)
