"""An uploaded budget file, imported after its preview. A refusal is the answer, not a failure, and stores nothing.

Nothing is told while the lines are stored: on SQLite the import holds the one lock that telling would need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from budget_model.errors import InputError, NotFoundError, Problem
from data.jobs.kind import JobCancelled, JobKind, JobResult, JobRun
from data.plain import plain
from data.store.budget_imports import find_import_of_upload
from data.store.tables import Site, User
from data.workflows.budget_wizard import finish_budget_import, has_reading, is_budget, keep_reading, upload_name
from data.workflows.staging import load_stage

ROLES = frozenset({"official", "admin"})
READ, STORE = "rows/0/0", "store"  # steps
KEEP, REMOVE = "keep", "remove"  # lines that the file no longer has


def bring_in(run: JobRun) -> JobResult:
    """Only an upload of the job's owner at the job's site; one that came in before is not repeated."""
    token = run.parameters["draft"]
    with run.factory() as session:
        site, login = session.get_one(Site, run.site_id).slug, session.get_one(User, run.owner_id).login
        done = find_import_of_upload(session, run.site_id, upload_name(token))
    if done is not None:
        return JobResult({"import": done})
    stage = load_stage(run.bank_folder, site, login, token)
    if not is_budget(stage):
        raise NotFoundError("upload", token[:8])
    try:
        if not has_reading(run.bank_folder, stage):
            run.progress(0, step=READ)
            keep_reading(run.bank_folder, stage)
        run.progress(0, step=STORE)
        removes = run.parameters["gone"] == REMOVE
        lines = finish_budget_import(
            run.factory, run.bank_folder, stage, login, removes, lambda: _stop_if_cancelled(run)
        )
    except InputError as refused:
        return JobResult({"problems": [plain(asdict(problem)) for problem in refused.problems]})
    return JobResult({"import": lines.import_id})


def _stop_if_cancelled(run: JobRun) -> None:
    if run.is_cancelled():
        raise JobCancelled


def checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    token, gone = parameters.get("draft"), parameters.get("gone")
    if not isinstance(token, str) or not token or gone not in (KEEP, REMOVE):
        message = "To import a budget file, its upload is needed, and whether lines that it lacks are kept or removed."
        raise InputError(Problem("budget-import", message))
    return {"draft": token, "gone": gone}


BUDGET_IMPORT = JobKind("budget-import", bring_in, ROLES, checked, changes_store=True)
