"""What a schema (pydantic) finds wrong with a document, in the words of this project.

The library's own sentences speak of dictionaries, instances and patterns; and where a value may be of several kinds it
gives one finding for each, under names of its own in the path. Here each place of the document gets one sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType

from budget_model.spelling import nearest

Path = tuple[str | int, ...]

LONGEST_SHOWN = 60
_LIBRARY_KINDS = frozenset(get_args(ErrorType))

# What was expected, by the beginning of pydantic's name of the finding.
_KINDS = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "keys with values",
    "model": "keys with values",
    "date": "a day, such as 2026-03-01",
    "none": "nothing",
}
_PATTERNS = {r"^[A-Z]{3}$": "three capital letters, such as PEN"}


class PlacedError(ValueError):
    """A finding of a schema's own check that knows the place, as a path from the value that was checked."""

    def __init__(self, message: str, *path: str | int):
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Finding:
    """One place of a document and what is wrong there."""

    kind: str  # unknown_key, missing_key, wrong_value
    path: Path  # of the key or value; of a missing key, where it should be
    message: str  # a sentence without a full stop; empty for keys
    value: Any = None


def findings(errors: Sequence[Any], document: Any) -> list[Finding]:
    """The findings of a `ValidationError` (`.errors()`) in the order of the schema, one for each place."""
    placed = [(_path(item, document), item) for item in errors]
    kept = [(path, item) for path, item in placed if not _is_told_deeper(path, item, placed)]
    found: list[Finding] = []
    for path in dict.fromkeys(path for path, _ in kept):
        items = [item for other, item in kept if other == path]
        found.append(_finding(path, items, document))
    return _without_misspelt(found)


def _without_misspelt(found: Sequence[Finding]) -> list[Finding]:
    """Without the keys that are missing because they are misspelt: the unknown key says so already."""
    missing = {one.path for one in found if one.kind == "missing_key"}
    explained = set()
    for one in found:
        if one.kind == "unknown_key":
            beside = [str(path[-1]) for path in missing if path[:-1] == one.path[:-1]]
            explained.add((*one.path[:-1], nearest(str(one.path[-1]), beside)))
    return [one for one in found if not (one.kind == "missing_key" and one.path in explained)]


def _value_at(path: Path, document: Any) -> Any:
    """What stands at a path, as it was written: a schema may have made another kind of it before it looked."""
    value = document
    for step in path:
        value = (
            value[int(step)] if isinstance(value, list) else next(v for k, v in value.items() if str(k) == str(step))
        )
    return value


def _path(item: Mapping[str, Any], document: Any) -> Path:
    """Where in the document a finding is, without pydantic's names of the kinds that a value may be of."""
    steps: list[str | int] = []
    value, loc = document, list(item["loc"])
    for position, step in enumerate(loc):
        is_last = position == len(loc) - 1
        key = next((name for name in value if str(name) == str(step)), None) if isinstance(value, dict) else None
        if key is not None:
            value = value[key]
            steps.append(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
            steps.append(step)
        elif is_last and item["type"] == "missing":
            steps.append(step)
    error = item.get("ctx", {}).get("error")
    return (*steps, *error.path) if isinstance(error, PlacedError) else tuple(steps)


def _is_told_deeper(path: Path, item: Mapping[str, Any], placed: Sequence[tuple[Path, Any]]) -> bool:
    """Whether a finding only says "not of this kind" of a value whose parts were read as another kind, or "too short"
    of a list that lost its entries to findings of their own."""
    if not (item["type"].endswith(("_type", "_parsing")) or item["type"] == "too_short"):
        return False
    return any(len(other) > len(path) and other[: len(path)] == path for other, _ in placed)


def _finding(path: Path, items: Sequence[Mapping[str, Any]], document: Any) -> Finding:
    first = items[0]
    if first["type"] == "extra_forbidden":
        return Finding("unknown_key", path, "", first["input"])
    if first["type"] == "missing":
        return Finding("missing_key", path, "")
    value = _value_at(path, document)
    sentence = next((sentence for item in items if (sentence := _sentence(item, value))), None)
    if sentence is not None:
        return Finding("wrong_value", path, sentence, value)
    expected = list(dict.fromkeys(word for item in items for word in _expected(item)))
    return Finding("wrong_value", path, f"expected {' or '.join(expected)}, found {shown(value)}", value)


def _expected(item: Mapping[str, Any]) -> Iterator[str]:
    """What would do in the place of a value of the wrong kind."""
    context = item.get("ctx", {})
    if item["type"] == "literal_error":
        yield str(context["expected"])
    elif item["type"] == "string_pattern_mismatch":
        yield _PATTERNS.get(context["pattern"], f"text of the form {context['pattern']}")
    else:
        yield _KINDS.get(item["type"].partition("_")[0], "something else")


def _sentence(item: Mapping[str, Any], value: Any) -> str:
    """The sentence of a value of the right kind that breaks a rule; empty where the kind is wrong."""
    kind, context = item["type"], item.get("ctx", {})
    if kind == "value_error":
        error = context.get("error", item["msg"])
        names_the_value = isinstance(error, PlacedError) or not _is_scalar(value) or str(value) in str(error)
        return str(error).rstrip(".") + ("" if names_the_value else f"; found {shown(value)}")
    bounds = {
        "greater_than": "above {gt}",
        "greater_than_equal": "{ge} or more",
        "less_than": "below {lt}",
        "less_than_equal": "{le} or less",
        "decimal_max_places": "a number of at most {decimal_places} decimals",
        "decimal_max_digits": "a number of at most {max_digits} digits",
        "decimal_whole_digits": "a number of at most {whole_digits} digits before its decimals",
        "string_too_long": "text of at most {max_length} letters",
        "too_long": "a list of at most {max_length} entries",
    }
    if kind in bounds:
        limits = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in context.items()}
        return f"expected {bounds[kind].format(**limits)}, found {shown(value)}"
    if kind not in _LIBRARY_KINDS:  # a check of our own, in our own words
        return str(item["msg"]).rstrip(".")
    if kind in ("string_too_short", "too_short"):
        least = context["min_length"]
        if least == 1:
            return "there is nothing here; fill it in"
        of = "letters" if kind == "string_too_short" else "entries"
        return f"expected at least {least} {of}, found {shown(value)}"
    if kind not in get_args(ErrorType):
        return str(item["msg"]).rstrip(".")  # a sentence of our own
    return ""


def _is_scalar(value: Any) -> bool:
    return value is None or not isinstance(value, dict | list | tuple)


def sentence_of(found: Finding) -> str:
    """What is wrong, without the place and without a full stop."""
    keys = {"unknown_key": "there is no such key", "missing_key": "the key is missing"}
    return keys.get(found.kind, found.message)


def shown(value: Any) -> str:
    """A value as people would name it; lists and mappings by their kind only.

    >>> shown("x"), shown(3), shown(None), shown([1]), shown(True)
    ("'x'", '3', 'nothing', 'a list', 'true')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    text = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return f"'{text}'" if isinstance(value, str) else text


def path_text(path: Sequence[str | int]) -> str:
    """`programmes.2.serves.0.need`; nothing for the whole document."""
    return ".".join(str(step) for step in path)
