"""The YAML text of an indicator catalogue: its entries with their lines, before anything is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from budget_model.errors import CatalogueError, Problem

ENTRY_RULES = ("condition.", "catalogue.", "questions_missing", "universe_empty", "indicator_changed", "survey.line")


def with_lines_of(problems: Iterable[Problem], text: str, file: str) -> Iterator[Problem]:
    """Problems that came up with the answers, at the place in the catalogue's text of the condition they are of."""
    lines = _lines_by_entry(text, file)
    told = set()
    for problem in problems:
        named = str(problem.facts.get("indicator", ""))
        entry = _entry_of(named, lines)
        same = (entry, problem.rule, str(problem.facts.get("column", problem.message)))
        if entry not in lines or not problem.rule.startswith(ENTRY_RULES):
            yield problem
        elif entry == named or same not in told:  # once for all indicators that are made of the entry
            told.add(same)
            yield replace(problem, file=file, line=lines[entry].get(str(problem.facts.get("key")), lines[entry][""]))


def line_of_column(text: str, identifier: str, column: str) -> int | None:
    """The first line of an indicator's entry that names a column, else that where the entry begins; None without one.

    A condition over several lines is searched line by line, and so are the deprivations of a kind.
    """
    for node in entry_nodes(text, None):
        keys = {str(key.value): value for key, value in node.value}
        if "id" not in keys or _entry_of(identifier, {str(keys["id"].value): {}}) == "":
            continue
        first, last = line_of(node), int(node.end_mark.line) + 1
        rows = text.splitlines()[first - 1 : last]
        named = (at for at, row in enumerate(rows, first) if re.search(rf"(?<!\w){re.escape(column)}(?!\w)", row))
        return next(named, first)
    return None


def _lines_by_entry(text: str, file: str) -> dict[str, dict[str, int]]:
    """Lines of the keys by the id of their entry; '' is where the entry begins."""
    lines = {}
    for node in entry_nodes(text, file):
        keys = {str(key.value): (line_of(key), value) for key, value in node.value}
        if "id" in keys:
            lines[str(keys["id"][1].value)] = {"": line_of(node), **{key: line for key, (line, _) in keys.items()}}
    return lines


def _entry_of(identifier: str, entries: Mapping[str, object]) -> str:
    """The entry that an indicator was made of: MPI.headcount.water comes of the entry MPI; '' where none is."""
    while identifier and identifier not in entries:
        identifier = identifier.rpartition(".")[0]
    return identifier


def entry_nodes(text: str, file: str | None) -> list[yaml.MappingNode]:
    """The entries of a catalogue with their marks: line and column of everything that stands in them.

    file : name for the messages

    Raises
    ------
    CatalogueError : the text is no YAML, no list of entries, or has entries that are no `key: value` lines; of these
        all at once, each with its line.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        message = f"the character U+{error.character:04X} may not stand in YAML. Take it out."
        raise CatalogueError(Problem("catalogue.yaml", message, file=file, line=line)) from None
    except yaml.YAMLError as error:
        raise CatalogueError(_yaml_problem(error, file)) from error
    except RecursionError:
        message = "the text is nested too deeply. A catalogue is a list of entries, each beginning with '- id: …'."
        raise CatalogueError(Problem("catalogue.yaml", message, file=file)) from None
    if isinstance(root, yaml.MappingNode) and [key.value for key, _ in root.value] == ["indicators"]:
        root = root.value[0][1]
    if not isinstance(root, yaml.SequenceNode) or not root.value:
        message = "a catalogue is a list of entries, each beginning with '- id: …'; found something else or nothing."
        raise CatalogueError(Problem("catalogue.shape", message, file=file, line=1))
    wrong = [node for node in root.value if not isinstance(node, yaml.MappingNode)]
    if wrong:
        message = "this entry is not a list of 'key: value' lines. Begin it with '- id: …'."
        raise CatalogueError([Problem("catalogue.shape", message, file=file, line=line_of(node)) for node in wrong])
    return list(root.value)


def _yaml_problem(error: yaml.YAMLError, file: str | None) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    message = f"the text is not YAML: {reason}. Text with ': ' or '#' inside goes in quotation marks."
    return Problem("catalogue.yaml", message, file=file, line=mark.line + 1 if mark else None)


def line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def content_of(node: yaml.MappingNode, file: str | None) -> dict[str, Any]:
    """Keys and values of an entry, the keys as text.

    Raises
    ------
    CatalogueError : a value cannot be read (no such day …), or the entry contains itself; with the entry's line.
    """
    try:
        content = yaml.SafeLoader("").construct_document(node)
    except RecursionError:
        message = "the entry is nested too deeply, or contains itself. Write it out."
        raise CatalogueError(Problem("catalogue.yaml", message, file=file, line=line_of(node))) from None
    except (yaml.YAMLError, ValueError) as error:
        message = f"the entry cannot be read: {getattr(error, 'problem', None) or error}."
        raise CatalogueError(Problem("catalogue.yaml", message, file=file, line=line_of(node))) from error
    return {str(key): value for key, value in content.items()}
