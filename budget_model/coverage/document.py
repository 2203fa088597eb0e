"""Strict reading of a nested document (what a YAML file becomes): places, problems, the nearest right word.

A `Node` is a value with the path that leads to it. Its readers never raise on bad input: they note a problem and
return a stand-in, so that one pass finds everything that is wrong. Knows nothing of budgets.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from budget_model.errors import Problem
from budget_model.spelling import did_you_mean, nearest

Path = tuple[str | int, ...]


@dataclass
class ProblemList:
    """What was found wrong so far. `lines` maps paths to lines of the file, where the reader knows them."""

    place: str
    lines: Mapping[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, rule: str, message: str, value: Any = None, **facts: Any) -> None:
        """Gather a problem at a path of the document, with its line where the text is known.

        facts : what a translated sentence needs besides the path.
        """
        where = path_text(path)
        self.problems.append(
            Problem(
                rule,
                f"{where}: {message}" if where else message,
                file=self.place,
                line=self._line(path),
                value=None if value is None else str(value),
                facts={"path": where, **facts},
            )
        )

    def _line(self, path: Path) -> int | None:
        """The line of the path, or of the nearest enclosing part that has one."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def path_text(path: Path) -> str:
    """`programmes[2].serves[0].reach`: how a place in the document is named to people."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(parts).removeprefix(".")


@dataclass(frozen=True)
class Node:
    """One value of the document, the path to it, and the list that its problems go to.

    `reported` marks a part whose absence is among the problems already.
    """

    value: Any
    path: Path
    found: ProblemList
    reported: bool = False

    def problem(self, rule: str, message: str, **facts: Any) -> None:
        self.found.add(self.path, rule, message, self.value if _is_scalar(self.value) else None, **facts)

    @property
    def is_absent(self) -> bool:
        return self.value is None

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, Mapping)

    def record(self, required: Collection[str], optional: Collection[str]) -> dict[str, Node]:
        """The parts of a mapping with known keys; an absent optional part is a node of None."""
        if not self.is_mapping:
            self.problem("wrong-type", f"expected a mapping with the keys {', '.join(required)}, found {_kind(self)}.")
            return {key: Node(None, (*self.path, key), self.found, True) for key in (*required, *optional)}
        known = [*required, *optional]
        parts = {str(key): item for key, item in self.value.items()}
        misspelt: set[str | None] = set()
        for key in (key for key in parts if key not in known):
            misspelt.add(nearest(key, known))
            self.found.add((*self.path, key), "unknown-key", f"unknown key '{key}'.{did_you_mean(key, known)}", key=key)
        for key in required:
            if parts.get(key) is None and (key in parts or key not in misspelt):
                self.found.add(self.path, "missing-key", f"the key '{key}' is missing. Add it.", key=key)
        return {key: Node(parts.get(key), (*self.path, key), self.found, reported=key in required) for key in known}

    def entries(self, names: Sequence[str], what: str, complete: bool = True) -> dict[str, Node]:
        """The parts of a mapping whose keys are names (areas, groups, needs).

        A name that is not known is a problem; so, where `complete`, is one that is left out: missing is not zero.
        """
        if not names:  # the names themselves are among the problems already: nothing can be held against them
            return {}
        if not self.is_mapping:
            if not (self.is_absent and self.reported):
                listed = ", ".join(names)
                self.problem("wrong-type", f"expected a value for each {what} ({listed}), found {_kind(self)}.")
            return {}
        parts: dict[str, Node] = {}
        for key, item in self.value.items():
            name = str(key)
            if name in names:
                parts[name] = Node(item, (*self.path, name), self.found)
            else:
                message = f"unknown {what} '{name}'.{did_you_mean(name, names)}"
                self.found.add((*self.path, name), f"unknown-{what}", message, name=name)
        if complete and (missing := [name for name in names if name not in parts]):
            listed = ", ".join(f"'{name}'" for name in missing)
            self.problem(
                "missing-entry",
                f"no value for the {what} {listed}. A figure that is left out is not taken as 0: give it.",
                names=missing,
            )
        return parts

    def items(self) -> Iterator[Node]:
        """The parts of a list."""
        if isinstance(self.value, Sequence) and not isinstance(self.value, str):
            for index, item in enumerate(self.value):
                yield Node(item, (*self.path, index), self.found)
        elif not self.is_absent:
            self.problem("wrong-type", f"expected a list, found {_kind(self)}.")

    def required_number(self, low: float = -math.inf, high: float = math.inf, above: float | None = None) -> float:
        """`number`, where an absent one is a problem: missing is not zero."""
        if self.is_absent and not self.reported:
            self.problem("missing-value", "there is no figure. Give one; it may be 0 where 0 is meant.")
        return self.number(low, high, above)

    def number(self, low: float = -math.inf, high: float = math.inf, above: float | None = None) -> float:
        """A finite number within bounds (`above`: strictly more than); NaN after a problem, or where it is absent."""
        if self.is_absent:
            return math.nan
        if (
            isinstance(self.value, bool)
            or not isinstance(self.value, numbers.Number)
            or isinstance(self.value, complex)
        ):
            self.problem("wrong-type", f"expected a number, found {_kind(self)}. Write it plainly, such as 1234.5.")
            return math.nan
        number = _float(self.value)
        if not math.isfinite(number):
            shown = number if math.isnan(number) else "a number beyond all bounds"
            self.problem("not-finite", f"{shown} is not a finite number. Give a number, or null where none is known.")
            return math.nan
        if above is not None and number <= above:
            self.problem("out-of-range", f"{number:g} must be above {above:g}.", low=above)
            return math.nan
        if not low <= number <= high:
            self.problem("out-of-range", f"{number:g} is outside {_bounds(low, high)}.", low=low, high=high)
            return math.nan
        return number

    def text(self) -> str:
        """A name: text, or a whole number written as one. Empty after a problem."""
        if isinstance(self.value, str) and self.value.strip():
            return self.value
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        if not (self.is_absent and self.reported):
            self.problem("wrong-type", f"expected a name, found {_kind(self)}.")
        return ""

    def flag(self) -> bool:
        """True or false; absent is false."""
        if isinstance(self.value, bool):
            return self.value
        if not self.is_absent:
            self.problem("wrong-type", f"expected true or false, found {_kind(self)}.")
        return False

    def choice(self, choices: Sequence[str], default: str) -> str:
        """One of a few words; the default where it is absent."""
        if self.is_absent:
            return default
        if not isinstance(self.value, str) or self.value not in choices:
            hint = did_you_mean(str(self.value), choices) if _is_scalar(self.value) else ""
            self.problem("unknown-word", f"expected {' | '.join(choices)}, found {_kind(self)}.{hint}")
            return default
        return self.value

    def name_of(self, names: Sequence[str], what: str) -> int | None:
        """Index of a known name; a problem and None where it is not known."""
        name = self.text()
        if not name or not names or name in names:
            return list(names).index(name) if name in names else None
        self.problem(f"unknown-{what}", f"unknown {what} '{name}'.{did_you_mean(name, names)}", name=name)
        return None


def unique_names(nodes: Iterable[Node], what: str) -> tuple[str, ...]:
    """The names of a list; a repeated one is a problem."""
    names: list[str] = []
    for node in nodes:
        name = node.text()
        if name and name in names:
            node.problem("duplicate", f"the {what} '{name}' appears twice. Give each its own id.", name=name)
        names.append(name)
    return tuple(names)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, numbers.Number))


def _kind(node: Node) -> str:
    if node.is_absent:
        return "nothing"
    if node.is_mapping:
        return "a mapping"
    if _is_scalar(node.value):
        return _scalar_words(node.value)
    return "a list"


def _scalar_words(value: Any) -> str:
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, str):
        return f"the text '{value[:60]}'"
    return f"the number {value:g}" if isinstance(value, float) else f"the number {value}"


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number with more digits than a float has room for
        return math.inf


def _bounds(low: float, high: float) -> str:
    if math.isinf(high):
        return f"the allowed range: it must be {low:g} or more"
    if math.isinf(low):
        return f"the allowed range: it may be {high:g} at most"
    return f"the allowed range {low:g} to {high:g}"
