"""The shape of a Fiscal Data Package's descriptor: which part must be an object, a list or a text.

Only parts that are there are looked at; what is missing is told by the reader, who knows what it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.readers.encodings import is_encoding

OBJECT, LIST, TEXT = "an object {…}", "a list […]", "a text"
_TYPES: dict[str, type | tuple[type, ...]] = {OBJECT: dict, LIST: list, TEXT: str}
Wrong = Iterator[str]


def wrong_shape(content: dict[str, Any]) -> str:
    """A sentence about the first part that is of another shape; empty where there is none."""
    return next(_wrong(content), "")


def _wrong(content: dict[str, Any]) -> Wrong:
    for key in ("model", "mapping"):
        yield from _is(content.get(key), OBJECT, key)
        if isinstance(content.get(key), dict):
            yield from _measures(content[key].get("measures"), f"{key}.measures")
            yield from _dimensions(content[key].get("dimensions"), f"{key}.dimensions")
    yield from _is(content.get("fiscalPeriod"), OBJECT, "fiscalPeriod")
    yield from _is(content.get("granularity"), TEXT, "granularity")
    yield from _is(content.get("resources"), LIST, "resources")
    for number, resource in enumerate(content.get("resources") or []):
        yield from _resource(resource, f"resources[{number}]")


def _is(value: Any, wanted: str, place: str) -> Wrong:
    if value is not None and not isinstance(value, _TYPES[wanted]):
        yield f"In the descriptor {place} must be {wanted}. Correct it."


def _entries(value: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in value.items() if isinstance(value, dict) else ():
        if isinstance(entry, dict):
            yield f"{place}.{name}", entry


def _objects(value: Any, place: str) -> Wrong:
    """`value` must be an object of objects."""
    yield from _is(value, OBJECT, place)
    for name, entry in value.items() if isinstance(value, dict) else ():
        yield from _is(entry, OBJECT, f"{place}.{name}")


def _texts(entry: dict[str, Any], keys: tuple[str, ...], place: str) -> Wrong:
    for key in keys:
        yield from _is(entry.get(key), TEXT, f"{place}.{key}")


def _measures(value: Any, place: str) -> Wrong:
    yield from _objects(value, place)
    for name, entry in _entries(value, place):
        yield from _texts(entry, ("source", "phase", "direction", "currency", "resource"), name)


def _dimensions(value: Any, place: str) -> Wrong:
    yield from _objects(value, place)
    for name, entry in _entries(value, place):
        yield from _objects(entry.get("attributes"), f"{name}.attributes")
        key = entry.get("primaryKey")
        if key is not None and not isinstance(key, str) and not _is_list_of_texts(key):
            yield f"In the descriptor {name}.primaryKey must be a text, the name of an attribute, or a list of them."


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _resource(resource: Any, place: str) -> Wrong:
    yield from _is(resource, OBJECT, place)
    if not isinstance(resource, dict):
        return
    yield from _texts(resource, ("name", "encoding"), place)
    if isinstance(resource.get("encoding"), str) and not is_encoding(resource["encoding"]):
        yield f"In the descriptor {place}.encoding is '{resource['encoding']}', which is no encoding known here."
    yield from _is(resource.get("dialect"), OBJECT, f"{place}.dialect")
    delimiter = (resource.get("dialect") or {}).get("delimiter") if isinstance(resource.get("dialect"), dict) else None
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or not delimiter.isascii()):
        yield f"In the descriptor {place}.dialect.delimiter must be a single sign such as ','. Correct it."
    yield from _schema(resource.get("schema"), f"{place}.schema")


def _schema(schema: Any, place: str) -> Wrong:
    yield from _is(schema, OBJECT, place)
    fields = schema.get("fields") if isinstance(schema, dict) else None
    yield from _is(fields, LIST, f"{place}.fields")
    for number, field in enumerate(fields if isinstance(fields, list) else []):
        yield from _is(field, OBJECT, f"{place}.fields[{number}]")
        for key in ("decimalChar", "groupChar") if isinstance(field, dict) else ():
            mark = field.get(key, "")
            if not isinstance(mark, str) or len(mark) > 1:
                yield f"In the descriptor {place}.fields[{number}].{key} must be a single sign. Correct it."
