"""YAML files as plain documents, with the line of every part. Knows nothing of what the documents mean.

Stricter than the library's default reading, which changes what people wrote without a word: a key that appears
twice keeps only the last value, `0101` becomes 65 (octal), `no` becomes false, `1e6` becomes text, keys such as
150142 become numbers. Here a repeated key is refused, and scalars follow YAML 1.2.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from budget_model.errors import InputError, Problem
from data.readers.files import read_text

DocumentPath = tuple[str | int, ...]
MAX_PARTS = 3_000_000  # a whole country's model fits; a file that multiplies itself through aliases does not


class _Loader(yaml.SafeLoader):
    """Scalars of YAML 1.2: true/false, decimal integers without leading zeros, floats; no dates, no octal."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 (the name and place are the library's)


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^([-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)
_Loader.add_constructor(
    "tag:yaml.org,2002:float",
    lambda loader, node: float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan")),
)


def read_yaml(file: Path) -> tuple[Any, dict[DocumentPath, int]]:
    """The document of a YAML file and the line (from 1) of each of its parts, by path.

    Raises
    ------
    InputError : the file cannot be read, is not UTF-8, is not YAML, or repeats a key (each one named).
    """
    return parse_yaml(read_text(file), str(file))


def parse_yaml(text: str, place: str) -> tuple[Any, dict[DocumentPath, int]]:
    """`read_yaml` for text that is at hand; `place` is what the problems name as their file."""
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        raise InputError(_character_problem(error, text, place)) from None
    reading = _Reading(loader, place)
    try:
        node = loader.get_single_node()
        _refuse_multiplying(node)
        document = None if node is None else reading.plain(node, ())
    except yaml.MarkedYAMLError as error:
        raise InputError(_syntax_problem(error, place)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(Problem("yaml_broken", f"This is not YAML: {error}.", file=place)) from None
    except RecursionError:
        message = "The document contains itself, or is nested too deeply. Write it out without aliases (*)."
        raise InputError(Problem("yaml_broken", message, file=place)) from None
    finally:
        loader.dispose()
    if reading.repeated:
        raise InputError(reading.repeated)
    return document, reading.lines


def _refuse_multiplying(node: yaml.Node | None) -> None:
    """Raise ValueError where aliases would unfold a document into too many parts; counted without unfolding it."""
    parts: dict[int, int] = {}

    def count(one: yaml.Node) -> int:
        if id(one) not in parts:
            parts[id(one)] = MAX_PARTS  # a part that contains itself has no end
            value = one.value if isinstance(one.value, list) else []
            inner = [part for pair in value for part in (pair if isinstance(pair, tuple) else (pair,))]
            parts[id(one)] = 1 + sum(count(part) for part in inner)
        return parts[id(one)]

    if node is not None and count(node) > 2 * MAX_PARTS:  # keys are counted too
        raise ValueError(f"it unfolds into more than {MAX_PARTS:,} parts; write it out without aliases (*)")


class _Reading:
    """One pass over the nodes of a document: plain values out, lines and repeated keys noted on the way."""

    def __init__(self, loader: _Loader, place: str):
        self.loader, self.place = loader, place
        self.lines: dict[DocumentPath, int] = {}
        self.repeated: list[Problem] = []

    def plain(self, node: yaml.Node, path: DocumentPath) -> Any:
        """Dicts, lists and scalars; keys stay the text that was written."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if len(self.lines) > MAX_PARTS:
            raise ValueError(f"it unfolds into more than {MAX_PARTS:,} parts; write it out without aliases (*)")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.value)]
        return self.loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: DocumentPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                message = (
                    "A key is a word or a number; here stands a list or something with keys of its own. Write it out."
                )
                self.repeated.append(Problem("key_wrong", message, file=self.place, line=line))
                continue
            key = str(key_node.value)
            if key in mapping:
                message = f"The key '{key}' appears twice. Keep one of the two."
                self.repeated.append(Problem("key_repeated", message, file=self.place, line=line, value=key))
            self.lines[(*path, key)] = line
            mapping[key] = self.plain(value_node, (*path, key))
        return mapping


def _syntax_problem(error: yaml.MarkedYAMLError, place: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    what = error.problem or error.context or "a syntax error"
    return Problem(
        "yaml_broken", f"This is not YAML: {what}. Check indentation, colons and quotes.", file=place, line=line
    )


def _character_problem(error: yaml.reader.ReaderError, text: str, place: str) -> Problem:
    line = text[: error.position].count("\n") + 1
    message = (
        f"The character U+{error.character:04X} may not stand in YAML. Take it out, or save the file as plain text."
    )
    return Problem("yaml_broken", message, file=place, line=line)
