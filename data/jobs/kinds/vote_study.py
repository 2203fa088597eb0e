"""The study of a vote: other rules and tie rules, and whether women's and men's lists differ by more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget_model.errors import InputError, Problem
from data.jobs.kind import JobKind, JobResult, JobRun
from data.store.tables import Site
from data.workflows.vote_studies import RELABELLINGS, study_vote

ROLES = frozenset({"official", "admin"})
ACTOR = "background"


def study(run: JobRun) -> JobResult:
    with run.factory() as session:
        slug = session.get_one(Site, run.site_id).slug
    done = study_vote(run.factory, slug, run.parameters["vote"], ACTOR, run.parameters["relabellings"], run.progress)
    return JobResult({"vote": run.parameters["vote"], "computed_at": done["computed_at"]})


def checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    vote, count = parameters.get("vote"), parameters.get("relabellings", RELABELLINGS)
    if not isinstance(vote, int) or not isinstance(count, int) or not RELABELLINGS <= count <= 100_000:
        message = f"A study needs the number of a vote and {RELABELLINGS:,} to 100,000 relabellings."
        raise InputError(Problem("vote-study", message))
    return {"vote": vote, "relabellings": count}


VOTE_STUDY = JobKind("vote-study", study, ROLES, checked)
