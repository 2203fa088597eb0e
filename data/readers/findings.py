"""Faults of many rows told in one sentence each: what, how many, the first rows and values. Never a wall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from budget_model.errors import Problem

ROWS_SHOWN = 5
VALUES_SHOWN = 5


@dataclass
class Finding:
    """One rule broken in one column; rows are counted over all blocks of the file."""

    message: str
    advice: str
    level: str
    count: int = 0
    lines: list[int] = field(default_factory=list)
    values: dict[str, None] = field(default_factory=dict)
    out_of: int = 0  # answers that were looked at, where that decides the level

    @property
    def final_level(self) -> str:
        """A fault of most answers of a column is an error even where a single one is a warning."""
        return "error" if self.out_of and 2 * self.count > self.out_of else self.level


class Findings:
    """Gathers while files stream past, and tells at the end."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str, str | None, str | None], Finding] = {}

    def add(
        self,
        rule: str,
        place: tuple[str, str | None, str | None],
        lines: Sequence[int] | pl.Series,
        values: Iterable[str],
        message: str,
        advice: str,
        level: str = "error",
        out_of: int = 0,
    ) -> None:
        """`place` is file, sheet, column; `message` says what is wrong with the rows, `advice` how to mend it."""
        if (rule, *place) in self.found:
            self.found[(rule, *place)].out_of += out_of
        if not len(lines):
            return
        finding = self.found.setdefault((rule, *place), Finding(message, advice, level, out_of=out_of))
        finding.count += len(lines)
        finding.lines.extend(int(line) for line in lines[: max(0, ROWS_SHOWN - len(finding.lines))])
        for value in values:
            if len(finding.values) >= VALUES_SHOWN:
                break
            finding.values.setdefault(value)

    def problems(self) -> tuple[Problem, ...]:
        """One problem for each rule, file, sheet and column, at its first row."""
        return tuple(
            Problem(
                rule,
                f"{finding.message} ({_count(finding)}). {finding.advice}",
                level=finding.final_level,
                file=file,
                sheet=sheet,
                line=finding.lines[0],
                column=column,
                value=next(iter(finding.values), None),
                facts={"count": finding.count, "rows": finding.lines, "values": list(finding.values)},
            )
            for (rule, file, sheet, column), finding in self.found.items()
        )


def _count(finding: Finding) -> str:
    more = ", …" if finding.count > len(finding.lines) else ""
    rows = (
        f"{finding.count:,} row{'s' if finding.count > 1 else ''}: {', '.join(f'{line:,}' for line in finding.lines)}"
    )
    found = ", ".join(f"'{value}'" for value in finding.values)
    return f"{rows}{more}" + (f"; found {found}" if found else "")
