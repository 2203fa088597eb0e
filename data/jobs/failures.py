"""Errors as plain data in the job record, and back: screens translate the facts, the log has the trace."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from budget_model.errors import BudgetModelError, InputError, NotFoundError, Problem
from data.plain import plain

log = logging.getLogger("jobs")


def failure_of(error: BaseException) -> dict[str, Any]:
    """What is kept of an error: its problems, or its sentence, or a reference under which the log has its trace."""
    problems = getattr(error, "problems", ())
    if isinstance(error, BudgetModelError) and problems:
        return {"problems": [plain(asdict(problem)) for problem in problems]}
    if isinstance(error, NotFoundError):
        return {"not_found": [error.subject, error.identifier]}
    if isinstance(error, BudgetModelError):
        return _single("job-refused", str(error))
    reference = secrets.token_hex(4)
    log.error("Reference %s", reference, exc_info=(type(error), error, error.__traceback__))
    return {"reference": reference}


def forbidden() -> dict[str, Any]:
    return _single("job-forbidden", "Your role no longer allows this calculation. Ask an administrator of the site.")


def out_of_time(limit_seconds: float) -> dict[str, Any]:
    minutes = max(1, round(limit_seconds / 60))
    message = f"The calculation took longer than {minutes} minutes and was ended. Ask for less, and start it again."
    return _single("job-out-of-time", message, {"minutes": minutes})


def worker_stopped() -> dict[str, Any]:
    message = (
        "The process that did this calculation stopped, twice, without saying why; it may have run out of memory. "
        "Ask for less, or tell an administrator."
    )
    return _single("job-worker-stopped", message)


def problems_of(failure: Mapping[str, Any]) -> tuple[Problem, ...]:
    """The problems that a stored failure tells of; empty where there is only a reference."""
    if "not_found" in failure:
        return (Problem("job-not-found", str(NotFoundError(*failure["not_found"]))),)
    return tuple(Problem(**problem) for problem in failure.get("problems", ()))


def sentence_of(failure: Mapping[str, Any]) -> str:
    """The complete English sentence of a stored failure."""
    problems = problems_of(failure)
    if problems:
        return str(InputError(problems))
    return f"Something went wrong here, not with you. Reference: {failure.get('reference')}."


def _single(rule: str, message: str, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"problems": [{"rule": rule, "message": message, "facts": dict(facts or {})}]}
