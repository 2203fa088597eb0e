"""The best reallocation: the question as a person asks it, and what she takes over of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, require
from dashboard.services.jobs import JobNews, JobService
from dashboard.services.scenarios import SavedScenario, ScenarioService
from data.store.jobs import JobState
from data.workflows.optimum import amounts_taken, pose, read_question

if TYPE_CHECKING:
    from dashboard.services import Store

KIND, FRONTIER_KIND = "optimise", "frontier"


class OptimiseService:
    """Takes over proposals that a person's own calculation made."""

    def __init__(self, store: Store, jobs: JobService, scenarios: ScenarioService):
        self._store, self._jobs, self._scenarios = store, jobs, scenarios

    def take_over(
        self, user: Person, site: SiteRef, job_id: str, programmes: Sequence[str], name: str, note: str
    ) -> SavedScenario:
        """Keep the proposal for some programmes as a scenario of its own; the others stay where the search started.

        Raises
        ------
        NotFoundError : the calculation is not there, not done, or another person's. InputError : no programme was
        chosen; the name is missing or taken. AllocationError : together they break a limit, such as the budget.
        """
        require(user, PLANNERS, site, "save a scenario")
        news = self._done(user, site, job_id)
        amounts = self._amounts(site, news, programmes)
        sha256 = str(news.parameters["model"])
        return self._scenarios.save_lines(user, site, sha256, amounts, name, note)

    def _done(self, user: Person, site: SiteRef, job_id: str) -> JobNews:
        news = self._jobs.job(user, site, job_id)
        rows = (news.result or {}).get("optimum", {}).get("allocation") if news.state is JobState.DONE else None
        if news.kind != KIND or not rows:
            raise NotFoundError("proposal", job_id)
        return news

    def _amounts(self, site: SiteRef, news: JobNews, programmes: Sequence[str]) -> dict[tuple[str, str], Decimal]:
        with self._store.factory() as session:
            started = pose(session, site.id, read_question(news.parameters))
        unknown = sorted(set(programmes) - set(started.model.programmes))
        if unknown:
            raise NotFoundError("programme", unknown[0])
        if not programmes:
            message = "No programme was chosen. Tick at least one whose proposal is to be taken over."
            raise InputError(Problem("optimum-nothing-taken", message))
        rows: list[dict[str, Any]] = news.result["optimum"]["allocation"]
        return amounts_taken(started, rows, programmes)
