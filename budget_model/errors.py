"""The exception tree, and the record of a single problem.

::

    BudgetModelError
    ├── InputError            a file, a row, a request or an argument is refused
    │   ├── CatalogueError    an indicator, programme or parameter definition is refused
    │   ├── DesignError       a sample design cannot be used (single-PSU stratum, bad weight)
    │   └── AllocationError   an allocation breaks a limit (total, floor, ceiling, lock)
    ├── NotFoundError         what was asked for is not there, or is another site's
    ├── AccessError           the role does not allow it
    ├── StaleVersionError     somebody else saved meanwhile; nothing of theirs is overwritten
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


class StaleVersionError(BudgetModelError):
    """Somebody saved another version after this one was opened. Nothing is stored; what they did is told.

    based_on : the version that the change started from; found : the version that is there now
    by, at : who saved it, and when (as text); changes : facet -> (what stood in `based_on`, what stands now)
    """

    def __init__(
        self,
        subject: str,
        based_on: int,
        found: int,
        by: str,
        at: str,
        action: str,
        changes: Mapping[str, tuple[Any, Any]],
    ):
        self.subject, self.based_on, self.found = subject, based_on, found
        self.by, self.at, self.action, self.changes = by, at, action, dict(changes)
        what = "; ".join(f"{name}: {_told(old)} → {_told(new)}" for name, (old, new) in self.changes.items())
        done = f"{action}; {what}" if what else action
        super().__init__(
            f"{subject}: '{by}' saved version {found} at {at} ({done}), after you opened "
            f"version {based_on}. Your change is not stored, and theirs stands. Look at it and save again."
        )


def _told(value: Any) -> str:
    return "nothing" if value is None else str(value)


class InfeasibleError(BudgetModelError):
    """No allocation satisfies all constraints."""


class SolverError(BudgetModelError):
    """A solver or an iteration ended without an answer."""
