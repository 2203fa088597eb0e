"""What a kind of background work is, and what its function is given. Knows no kind by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem

LIMIT_SECONDS = 15 * 60


class JobCancelled(Exception):  # noqa: N818  it is no error: somebody wanted it
    """The owner wants the job to end. Raised by `JobRun.progress`."""


class JobLost(Exception):  # noqa: N818
    """The job was given to another worker: what this one makes of it counts no more."""


class JobRun(Protocol):
    """What the function of a kind is given."""

    @property
    def factory(self) -> sessionmaker[Session]: ...

    @property
    def bank_folder(self) -> Path: ...

    @property
    def site_id(self) -> int: ...

    @property
    def owner_id(self) -> int: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...

    def progress(self, done: int, total: int | None = None, step: str = "") -> None:
        """Say how far it is, as often as you like; raises JobCancelled where the owner wants it to end.

        step : key of the words that screens have for it (dashboard/views/jobs.py)
        """

    def is_cancelled(self) -> bool:
        """Whether to end, for loops that rather return than be interrupted. Costs nothing."""


@dataclass(frozen=True)
class JobFile:
    """A file as the result of a job."""

    name: str
    mimetype: str
    content: bytes


@dataclass(frozen=True)
class JobResult:
    """What a job made: plain JSON (NaN becomes null), a file, or both."""

    content: Any = None
    file: JobFile | None = None


@dataclass(frozen=True)
class JobKind:
    """A kind of work.

    name : as stored and as asked for
    run : does it; what it raises on purpose (`BudgetModelError`) is shown to the owner as a failure
    roles : who may ask for it, at the site of the job; held against today's roles when it is asked for and when it runs
    check : the parameters as they are kept, or InputError with every problem; called before anything is stored
    limit_seconds : a run that takes longer has failed
    changes_store : it stores what it does. Once it has returned it is done, and a wish to cancel came too late; it asks
        for such a wish itself before it stores
    """

    name: str
    run: Callable[[JobRun], JobResult]
    roles: frozenset[str]
    check: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict
    limit_seconds: float = LIMIT_SECONDS
    changes_store: bool = False


Kinds = Mapping[str, JobKind]


def find_kind(kinds: Kinds, name: str) -> JobKind:
    """The kind of a name. InputError where there is none: the worker may be older than the page."""
    if name not in kinds:
        message = (
            f"Nobody here knows the calculation '{name}'. Known: {', '.join(sorted(kinds)) or 'none'}. "
            "The worker may be older than the pages: restart it."
        )
        raise InputError(Problem("job-kind", message, value=name, facts={"kind": name}))
    return kinds[name]
