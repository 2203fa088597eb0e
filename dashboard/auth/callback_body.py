"""Whether the body of a callback's request is one that Dash's renderer could have sent.

What a browser sends is input: Dash itself takes its shape on trust and would answer a wrong one with an error of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Scalar = str | int | float | bool | None
Check = Callable[[Any], bool]


def is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def is_choice(value: Any) -> bool:
    """What a field, a select or a list of boxes can hold."""
    many = value if isinstance(value, list) else [value]
    return all(one is None or isinstance(one, str | int | float) for one in many)


def is_count(value: Any) -> bool:
    return value is None or isinstance(value, int | float)


def is_text_or_texts(value: Any) -> bool:
    return all(is_text(one) for one in (value if isinstance(value, list) else [value]))


# Properties that the pages' own functions take for what they are called; any other may hold anything.
VALUES: Mapping[str, Check] = {
    "pathname": is_text,
    "search": is_text,
    "value": is_choice,
    "n_clicks": is_count,
    "n_intervals": is_count,
    "contents": is_text_or_texts,
    "filename": is_text_or_texts,
}


def is_well_formed(body: Mapping[str, Any], registered: Mapping[str, Any]) -> bool:
    """`registered`: the entry of Dash's `callback_map`, with the ids of `inputs` and `state`."""
    return (
        _fits(body.get("inputs", []), registered["inputs"])
        and _fits(body.get("state", []), registered["state"])
        and _names_places(body.get("outputs"))
        and _are_texts(body.get("changedPropIds", []))
        and isinstance(body.get("parsedChangedPropsIds", []), list)
    )


def _fits(sent: Any, registered: Sequence[Mapping[str, Any]]) -> bool:
    if not isinstance(sent, list) or len(sent) != len(registered):
        return False
    return all(_is_argument(one, wanted) for one, wanted in zip(sent, registered, strict=True))


def _is_argument(sent: Any, wanted: Mapping[str, Any]) -> bool:
    """One argument; an id with wildcards stands for a list of arguments."""
    if str(wanted["id"]).startswith("{"):
        parts = sent if isinstance(sent, list) else [sent]
        return all(_is_place(part) and part["property"] == wanted["property"] for part in parts)
    if not _is_place(sent) or (sent["id"], sent["property"]) != (wanted["id"], wanted["property"]):
        return False
    check = VALUES.get(sent["property"])
    return check is None or check(sent.get("value"))


def _is_place(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("id"), str | dict) and isinstance(part.get("property"), str)


def _names_places(outputs: Any) -> bool:
    """One place, or a list of places (of lists, with wildcards); nothing where the callback has no output."""
    if isinstance(outputs, list):
        return all(_names_places(part) for part in outputs)
    return outputs is None or _is_place(outputs)


def _are_texts(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) and "." in name for name in names)
