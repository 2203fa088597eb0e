"""Where a condition of the indicator catalogue stands, and how a problem with it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from budget_model.errors import Problem

# Syntax follows DuckDB's: 'text' in single quotes, "column name" in double quotes.
DIALECT = "duckdb"


@dataclass(frozen=True)
class Place:
    """Where a condition stands: indicator id, key of the entry, and file and line where known."""

    indicator: str
    key: str
    file: str | None = None
    line: int | None = None

    def problem(self, rule: str, message: str, position: int | None = None, **facts: Any) -> Problem:
        """A problem at this place; `position` counts characters of the condition from 1."""
        where = f"indicator '{self.indicator}', {self.key}" + (f", position {position}" if position else "")
        return Problem(
            rule=rule,
            message=f"{where}: {message}",
            file=self.file,
            line=self.line,
            facts={"indicator": self.indicator, "key": self.key, "position": position, **facts},
        )


def position_of(node: exp.Expression) -> int | None:
    """Character at which a node's first name or value starts, counted from 1."""
    starts = [int(part.meta["start"]) for part in node.walk() if "start" in part.meta]
    return min(starts) + 1 if starts else None


def too_deep(place: Place) -> Problem:
    return place.problem("condition.deep", "too deeply nested. Write it shorter, with IN (…).")
