"""The exception tree, and the record of a single problem.

::

    BudgetModelError
    ├── InputError            a file, a row, a request or an argument is refused
    │   ├── CatalogueError    an indicator, programme or parameter definition is refused
    │   ├── DesignError       a sample design cannot be used (single-PSU stratum, bad weight)
    │   └── AllocationError   an allocation breaks a limit (total, floor, ceiling, lock)
    ├── NotFoundError         what was asked for is not there, or is another site's
    ├── AccessError           the role does not allow it
    ├── InfeasibleError       no allocation satisfies the constraints
    └── SolverError           a solver or a loop gave up

The class keeps the facts, so that a screen can translate them; `str()` is a complete English sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where.

    `rule` is the stable key of the sentence (translation catalogues look it up); `facts` are the values that the
    sentence needs. `message` is the English sentence, already complete: what was found and how to mend it.
    """

    rule: str
    message: str
    level: str = "error"  # or "warning"
    file: str | None = None
    sheet: str | None = None
    line: int | None = None  # 1-based, the header being line 1
    column: str | None = None
    value: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def place(self) -> str:
        """`file, sheet s, line n, column c`, leaving out what is unknown."""
        parts = [
            self.file,
            f"sheet {self.sheet}" if self.sheet else None,
            f"line {self.line:,}" if self.line is not None else None,
            f"column {self.column}" if self.column else None,
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        place = self.place()
        return f"{place}: {self.message}" if place else self.message


class BudgetModelError(Exception):
    """Root of everything that this project raises on purpose."""


class InputError(BudgetModelError):
    """Input is refused; carries every problem that was found, not only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]):
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CatalogueError(InputError):
    """A definition (indicator, programme, parameter) is refused."""


class DesignError(InputError):
    """The sample design cannot carry an estimate."""


class AllocationError(InputError):
    """An allocation breaks the total, a floor, a ceiling, the limit on change or a lock."""


class NotFoundError(BudgetModelError):
    """What was asked for does not exist, or belongs to another site.

    Both cases read the same, so that nobody learns what other sites hold.
    """

    def __init__(self, subject: str, identifier: str):
        self.subject, self.identifier = subject, identifier
        super().__init__(f"There is no {subject} '{identifier}' here. Check the address or the spelling.")


class AccessError(BudgetModelError):
    """The role of the person does not allow the action."""

    def __init__(self, action: str, role: str):
        self.action, self.role = action, role
        super().__init__(f"Your role ({role}) does not allow: {action}. Ask an administrator of the site.")


class InfeasibleError(BudgetModelError):
    """No allocation satisfies all constraints."""


class SolverError(BudgetModelError):
    """A solver or an iteration ended without an answer."""
