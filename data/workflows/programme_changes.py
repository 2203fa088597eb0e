"""What differs between two documents of a programme, parameter by parameter. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from data.store.programme_versions import Change

KEYS = {"lines": "code", "serves": "need"}  # lists whose entries have a name, so that their order says nothing


def changes_between(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """Parameters that differ, by path (`unit_cost.low`, `serves.WATER.reach`), in the order of the paths."""
    old, new = dict(_leaves(before or {})), dict(_leaves(after or {}))
    return [
        Change(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path) and path != "code"
    ]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    key = KEYS.get(path)
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else str(name))
    elif key and isinstance(value, Sequence):
        for entry in value:
            rest = {name: part for name, part in entry.items() if name != key}
            yield from _leaves(rest, f"{path}.{entry[key]}")
    elif isinstance(value, list | tuple):
        yield path, [_canonical(part) for part in value]
    else:
        yield path, _canonical(value)


def _canonical(value: Any) -> Any:
    """Equal numbers as the same text, whatever type they came in; other things as they are."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return canonical_number(value)
    text = str(value)
    return canonical_number(Decimal(text)) if _is_number(text) else text


def canonical_number(value: int | float | Decimal) -> str:
    """`2450`, `0.95`: without zeros at the end, without an exponent."""
    text = format(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_number(text: str) -> bool:
    return bool(text) and text.replace(".", "", 1).isdecimal() and text.isascii()
