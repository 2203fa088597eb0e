"""YAML documents against a strict schema: every problem at once, with its line and the nearest right key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from budget_model.errors import CatalogueError, InputError, Problem
from budget_model.schema_words import Finding, findings, path_text, shown
from budget_model.spelling import nearest
from data.readers.yaml_document import DocumentPath, parse_yaml

Schema = TypeVar("Schema", bound=BaseModel)
Path = tuple[int | str, ...]


class StrictModel(BaseModel):
    """A part of a document: no unknown key, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LineFinder:
    """Knows the line on which a path of keys and positions stands."""

    def __init__(self, lines: Mapping[DocumentPath, int]):
        self._lines = lines

    def line_of(self, path: Sequence[int | str]) -> int:
        """1-based line of the deepest part of `path` that the document has."""
        for length in range(len(path), 0, -1):
            line = self._lines.get(tuple(path[:length]))
            if line is not None:
                return line
        return 1


def read_strict(text: str, file: str, schema: type[Schema], error: type[InputError] = InputError) -> Schema:
    """`text` as a `schema`; raises `error` with all problems, each with its line."""
    document, lines = load_document(text, file, error)
    try:
        return schema.model_validate(document)
    except ValidationError as refusal:
        found = findings(refusal.errors(include_url=False), document)
        problems = [_problem(one, file, lines, schema) for one in found]
        raise error(sorted(problems, key=lambda problem: problem.line or 0)) from None


def load_document(text: str, file: str, error: type[InputError] = InputError) -> tuple[Any, LineFinder]:
    """The parsed YAML and its line finder; broken YAML and keys written twice are refused."""
    try:
        document, lines = parse_yaml(text, file)
    except InputError as refusal:
        raise error(refusal.problems) from None
    return document, LineFinder(lines)


def _problem(found: Finding, file: str, lines: LineFinder, schema: type[BaseModel]) -> Problem:
    path = found.path
    place = {"file": file, "line": lines.line_of(path), "column": path_text(path) or None}
    if found.kind == "unknown_key":
        return Problem("key_unknown", _unknown_key(path, schema), **place)
    if found.kind == "missing_key":
        return Problem("key_missing", f"The key '{path[-1]}' is missing. Add it here.", **place)
    message = f"{found.message[:1].upper()}{found.message[1:]}."
    if not path and not isinstance(found.value, dict):
        message = f"{message} The file begins with the keys {', '.join(schema.model_fields)}."
    return Problem("value_wrong", message, value=shown(found.value), **place)


class Named(Protocol):
    """What is known by its id."""

    @property
    def id(self) -> str: ...


Entry = TypeVar("Entry", bound=Named)


def read_by_id(folder: FilePath, read: Callable[[str, str], Entry], noun: str) -> dict[str, Entry]:
    """Every YAML file of a folder, in the order of their names, by the id that it gives itself.

    Raises CatalogueError where an id stands twice, and what `read` raises.
    """
    found: dict[str, Entry] = {}
    for file in sorted(folder.glob("*.yaml")):
        entry = read(file.read_text(encoding="utf-8"), file.name)
        if entry.id in found:
            message = f"The {noun} '{entry.id}' is there already. Give it another id."
            raise CatalogueError(Problem(f"{noun}_twice", message, file=file.name, value=entry.id))
        found[entry.id] = entry
    return found


def _unknown_key(path: Path, schema: type[BaseModel]) -> str:
    known = sorted(_fields_at(schema, path[:-1]))
    near = nearest(str(path[-1]), known)
    listed = f"Known keys: {', '.join(known)}." if known else "Take it out."
    hint = f"Did you mean '{near}'?" if near else listed
    return f"Unknown key '{path[-1]}'. {hint}"


def _fields_at(schema: Any, path: Path) -> set[str]:
    """Names that the part of the schema at `path` allows; positions in lists are passed over."""
    for step in path:
        if isinstance(step, int):
            continue
        fields = schema.model_fields if isinstance(schema, type) and issubclass(schema, BaseModel) else {}
        if step in fields:
            schema = _model_within(fields[step].annotation)
    return set(schema.model_fields) if isinstance(schema, type) and issubclass(schema, BaseModel) else set()


def _model_within(annotation: Any) -> Any:
    """The model class inside `list[Model]`, `Model | None`, `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_within(argument)
        if found is not None:
            return found
    return None
