"""An uploaded budget file, read for its preview. What is wrong with the file is the answer, not a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from budget_model.errors import InputError, NotFoundError, Problem
from data.jobs.kind import JobKind, JobResult, JobRun
from data.plain import plain
from data.readers.line_rows import Progress, ReadSoFar
from data.store.tables import Site, User
from data.workflows.budget_wizard import file_bytes, is_budget, keep_reading
from data.workflows.staging import load_stage

ROLES = frozenset({"official", "admin"})
STEP = "rows"  # rows/<read>/<kept>


def read(run: JobRun) -> JobResult:
    """Only an upload of the job's owner at the job's site is read; any other is not there."""
    token = run.parameters["draft"]
    with run.factory() as session:
        site, login = session.get_one(Site, run.site_id).slug, session.get_one(User, run.owner_id).login
    stage = load_stage(run.bank_folder, site, login, token)
    if not is_budget(stage):
        raise NotFoundError("upload", token[:8])
    try:
        lines = keep_reading(run.bank_folder, stage, _teller(run, file_bytes(run.bank_folder, stage))).lines
    except InputError as refused:
        return JobResult({"problems": [plain(asdict(problem)) for problem in refused.problems]})
    return JobResult({"rows_read": lines.rows_read, "rows_kept": lines.rows_kept})


def _teller(run: JobRun, size: int) -> Progress:
    """Tells the rows in the step, and how far the file is read in bytes; not how far where its reader cannot say."""
    run.progress(0, step=f"{STEP}/0/0")

    def tell(so_far: ReadSoFar) -> None:
        step = f"{STEP}/{so_far.rows}/{so_far.kept}"
        if so_far.bytes is None:
            run.progress(0, step=step)
        else:
            run.progress(min(so_far.bytes, size), size, step)

    return tell


def problems_of(result: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Why a file was refused that was read to its end; empty where it was not."""
    return tuple(Problem(**problem) for problem in result.get("problems", ()))


def checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    token = parameters.get("draft")
    if not isinstance(token, str) or not token:
        raise InputError(Problem("budget-reading", "To read a budget file, its upload is needed."))
    return {"draft": token}


BUDGET_READING = JobKind("budget-reading", read, ROLES, checked)
