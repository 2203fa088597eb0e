"""The form of a programme: from its document to what stands in the fields, and back. No Dash, no database.

Values are texts by path (`unit_cost.low`, `serves.0.reach.women`); shares are shown as per cent. A row of a list that
names nothing is passed over, so problems of the document are told by the row of the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from budget_model.errors import Problem
from data.readers.typed_numbers import AMBIGUOUS, typed_number
from data.workflows.programme_changes import canonical_number
from data.workflows.programme_checks import problem
from data.workflows.programme_parts import NO_SOURCE, Document

HUNDRED = Decimal(100)
BLANK_ROWS = 2
YES = "yes"
STATED, SURVEY = "stated", "survey"  # kinds of reach that ask for more
SOURCED = {  # parameter -> its values, all numbers; without the first the parameter is not stated
    "unit_cost": ("value", "low", "high"),
    "capacity": ("value",),
    "durability_years": ("value",),
    "running_cost": ("value",),
    "beneficiaries": ("women", "men"),
    "baseline": ("value",),
    "floor": ("value",),
    "ceiling": ("value",),
}
LANGUAGES = ("es", "en")


@dataclass
class ReadForm:
    """A document read from a form. `rows`: beginning of a path in the document -> that of the form's row."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    rows: dict[str, str] = field(default_factory=dict)

    def form_path(self, path: str) -> str:
        """The field of the form that a path of the document belongs to."""
        for start, row in self.rows.items():
            if path == start or path.startswith(f"{start}."):
                return row + path[len(start) :]
        return path


# --- document -> form ------------------------------------------------------------------------------------------------


def form_values(document: Mapping[str, Any], areas: Mapping[str, str]) -> dict[str, str]:
    """What stands in each field; two blank rows follow the lines and the needs."""
    values = {
        f"{name}.{language}": document.get(name, {}).get(language, "")
        for name in ("name", "heading")
        for language in LANGUAGES
    }
    for name, parts in SOURCED.items():
        stated = document.get(name) or {}
        values |= {f"{name}.{part}": shown(stated.get(part)) for part in parts}
        values[f"{name}.source"] = stated.get("source", "")
    locked = document.get("locked")
    values["locked"] = YES if locked else ""
    values |= {
        f"locked.reason.{language}": ((locked or {}).get("reason") or {}).get(language, "") for language in LANGUAGES
    }
    values["locked.source"] = (locked or {}).get("source", "")
    return {**values, **_split_values(document, areas), **_line_values(document), **_link_values(document)}


def _split_values(document: Mapping[str, Any], areas: Mapping[str, str]) -> dict[str, str]:
    split = document.get("area_split", "need")
    is_stated = isinstance(split, Mapping)
    shares = {f"area_split.{area}": percent(split.get(area)) if is_stated else "" for area in areas}
    return {"area_split": STATED if is_stated else split, **shares}


def _line_values(document: Mapping[str, Any]) -> dict[str, str]:
    lines = [*document.get("lines", []), *[{}] * BLANK_ROWS]
    values = {}
    for number, line in enumerate(lines):
        values[f"lines.{number}.code"] = line.get("code", "")
        values[f"lines.{number}.share"] = percent(line.get("share"))
    return values


def _link_values(document: Mapping[str, Any]) -> dict[str, str]:
    links = [*document.get("serves", []), *[{}] * BLANK_ROWS]
    values = {}
    for number, link in enumerate(links):
        row = f"serves.{number}"
        low, high = link.get("effectiveness_range") or (None, None)
        values |= {
            f"{row}.need": link.get("need", ""),
            f"{row}.effectiveness": percent(link.get("effectiveness")),
            f"{row}.effectiveness.low": percent(low),
            f"{row}.effectiveness.high": percent(high),
            f"{row}.ceiling": percent(link.get("ceiling")),
            f"{row}.response": link.get("response", "exponential"),
            f"{row}.source": link.get("source", ""),
            **_reach_values(row, link.get("reach", "need")),
        }
    return values


def _reach_values(row: str, reach: Any) -> dict[str, str]:
    is_survey = isinstance(reach, Mapping) and SURVEY in reach
    is_stated = isinstance(reach, Mapping) and not is_survey
    return {
        f"{row}.reach": SURVEY if is_survey else STATED if is_stated else str(reach),
        f"{row}.reach.survey": reach[SURVEY] if is_survey else "",
        f"{row}.reach.women": percent(reach.get("women")) if is_stated else "",
        f"{row}.reach.men": percent(reach.get("men")) if is_stated else "",
    }


def shown(value: Any) -> str:
    """A number as people type it, without grouping; nothing where there is none."""
    return "" if value is None else canonical_number(Decimal(str(value)))


def percent(share: Any) -> str:
    """A share (0-1) as per cent, to the last digit."""
    return "" if share is None else canonical_number(Decimal(str(share)) * HUNDRED)


# --- form -> document ------------------------------------------------------------------------------------------------


def read_form(values: Mapping[str, Any], code: str) -> ReadForm:
    """The document that a form says, with every number that cannot be read."""
    read = ReadForm({"code": code})
    texts = {path: str(value or "").strip() for path, value in values.items()}
    for name in ("name", "heading"):
        read.document[name] = {
            language: texts[f"{name}.{language}"] for language in LANGUAGES if texts.get(f"{name}.{language}")
        }
    for name, parts in SOURCED.items():
        _read_sourced(read, texts, name, parts)
    if texts.get("locked") == YES:
        reason = {
            language: texts[f"locked.reason.{language}"]
            for language in LANGUAGES
            if texts.get(f"locked.reason.{language}")
        }
        read.document["locked"] = {"reason": reason, "source": texts.get("locked.source") or NO_SOURCE}
    _read_split(read, texts)
    read.document["lines"] = [_read_line(read, texts, row) for row in _rows(read, texts, "lines", "code")]
    read.document["serves"] = [_read_link(read, texts, row) for row in _rows(read, texts, "serves", "need")]
    return read


def _read_sourced(read: ReadForm, texts: Mapping[str, str], name: str, parts: tuple[str, ...]) -> None:
    """A parameter with its source; not stated where none of its values is."""
    if not any(texts.get(f"{name}.{part}") for part in parts):
        return
    stated: Document = {
        part: number for part in parts if (number := _number(read, texts, f"{name}.{part}")) is not None
    }
    unread = [part for part in parts if texts.get(f"{name}.{part}") and part not in stated]
    if not unread:  # what cannot be read has its own problem
        read.document[name] = {**stated, "source": texts.get(f"{name}.source") or NO_SOURCE}


def _read_split(read: ReadForm, texts: Mapping[str, str]) -> None:
    split = texts.get("area_split") or "need"
    if split != STATED:
        read.document["area_split"] = split
        return
    paths = [path for path in texts if path.startswith("area_split.") and texts[path]]
    shares = {path.removeprefix("area_split."): _share(read, texts, path) for path in paths}
    read.document["area_split"] = {area: share for area, share in shares.items() if share is not None}


def _rows(read: ReadForm, texts: Mapping[str, str], name: str, key: str) -> list[str]:
    """Rows of a list that name something, in their order; remembers where each stands in the document."""
    numbers = sorted({int(path.split(".")[1]) for path in texts if path.startswith(f"{name}.")})
    rows = [f"{name}.{number}" for number in numbers if texts.get(f"{name}.{number}.{key}")]
    read.rows |= {f"{name}.{place}": row for place, row in enumerate(rows)}
    return rows


def _read_line(read: ReadForm, texts: Mapping[str, str], row: str) -> Document:
    line: Document = {"code": texts[f"{row}.code"]}
    share = _share(read, texts, f"{row}.share", is_exact=True)
    return line if share is None else {**line, "share": share}


def _read_link(read: ReadForm, texts: Mapping[str, str], row: str) -> Document:
    link: Document = {
        "need": texts[f"{row}.need"],
        "reach": _read_reach(read, texts, row),
        "response": texts.get(f"{row}.response") or "exponential",
        "source": texts.get(f"{row}.source") or NO_SOURCE,
    }
    for name in ("effectiveness", "ceiling"):
        share = _share(read, texts, f"{row}.{name}")
        if share is not None:
            link[name] = share
    ends = [_share(read, texts, f"{row}.effectiveness.{end}") for end in ("low", "high")]
    if any(end is not None for end in ends):
        link["effectiveness_range"] = [link.get("effectiveness") if end is None else end for end in ends]
    return link


def _read_reach(read: ReadForm, texts: Mapping[str, str], row: str) -> Any:
    kind = texts.get(f"{row}.reach") or "need"
    if kind == SURVEY:
        return {SURVEY: texts.get(f"{row}.reach.survey", "")}
    if kind == STATED:
        shares = {group: _share(read, texts, f"{row}.reach.{group}") for group in ("women", "men")}
        return {group: share for group, share in shares.items() if share is not None}
    return kind


def _share(read: ReadForm, texts: Mapping[str, str], path: str, is_exact: bool = False) -> Any:
    """Per cent as a share; budget lines keep it exact, the model's parameters are floats."""
    number = _number(read, texts, path)
    if number is None:
        return None
    return number / HUNDRED if is_exact else float(number / HUNDRED)


def _number(read: ReadForm, texts: Mapping[str, str], path: str) -> Decimal | None:
    number = typed_number(texts.get(path, ""))
    if number is None or (isinstance(number, Decimal) and not number.is_signed()):
        return number
    text = texts[path]
    rule, message = "programme-number", f"'{text}' cannot be read as a number of 0 or more. Write 1234.50 or 1,234.50."
    if AMBIGUOUS.fullmatch(text):
        rule, message = "programme-thousands", f"'{text}' may be thousands or decimals. Write 1500 or 1.5."
    read.problems.append(problem(rule, message, str(read.document["code"]), path, value=text))
    return None


def changed_at(document: Mapping[str, Any], path: str, value: Any) -> Document:
    """The document with one parameter set (`unit_cost.low`); None takes it away, and with its first value all of it."""
    name, _, part = path.partition(".")
    stated = dict(document.get(name) or {})
    if value is None:
        stated.pop(part, None)
    else:
        stated[part] = value
    changed = {key: kept for key, kept in document.items() if key != name}
    if part != "source" and not any(key in stated for key in SOURCED.get(name, ())):
        return changed
    return {**changed, name: {"source": NO_SOURCE, **stated}}
