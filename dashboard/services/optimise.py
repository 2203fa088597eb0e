"""The best reallocation: the question as a person asks it, and what she takes over of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, require
from dashboard.services.jobs import JobNews, JobService
from dashboard.services.scenarios import SavedScenario, ScenarioService
from data.store.jobs import JobState
from data.workflows.optimum import Part, Question, pose, read_question, years_taken
from data.workflows.plans import Years

if TYPE_CHECKING:
    from dashboard.services import Store

KIND, FRONTIER_KIND = "optimise", "frontier"


class OptimiseService:
    """Takes over proposals that a person's own calculation made."""

    def __init__(self, store: Store, jobs: JobService, scenarios: ScenarioService):
        self._store, self._jobs, self._scenarios = store, jobs, scenarios

    def take_over(self, user: Person, site: SiteRef, job_id: str, part: Part, name: str, note: str) -> SavedScenario:
        """Keep a part of the proposal as a scenario of its own, a plan with every year of it.

        The other programmes, and the chosen ones in years that were not chosen, stay where the search started.

        Raises
        ------
        NotFoundError : the calculation is not there, not done, or another person's. InputError : no programme or
        an unknown year was chosen; the name is missing or taken. AllocationError : together they break a limit, such
        as the budget.
        """
        require(user, PLANNERS, site, "save a scenario")
        news = self._done(user, site, job_id)
        question = read_question(news.parameters)
        years = self._years(site, news, question, part)
        sha256 = question.model_sha256
        if len(years) == 1:
            return self._scenarios.save_lines(user, site, sha256, years[0], name, note, question.maximum)
        return self._scenarios.save_years(user, site, sha256, years, question.growth, name, note, question.maximum)

    def programmes(self, user: Person, site: SiteRef, job_id: str) -> list[str]:
        """All programmes of a proposal: what whoever takes it over whole takes. NotFoundError as `take_over`."""
        require(user, PLANNERS, site, "save a scenario")
        return sorted({str(row["programme"]) for row in self._done(user, site, job_id).result["optimum"]["allocation"]})

    def _done(self, user: Person, site: SiteRef, job_id: str) -> JobNews:
        news = self._jobs.job(user, site, job_id)
        rows = (news.result or {}).get("optimum", {}).get("allocation") if news.state is JobState.DONE else None
        if news.kind != KIND or not rows:
            raise NotFoundError("proposal", job_id)
        return news

    def _years(self, site: SiteRef, news: JobNews, question: Question, part: Part) -> Years:
        with self._store.factory() as session:
            started = pose(session, site.id, question)
        unknown = sorted(set(part.programmes) - set(started.model.programmes))
        if unknown:
            raise NotFoundError("programme", unknown[0])
        if not part.programmes:
            message = "No programme was chosen. Tick at least one whose proposal is to be taken over."
            raise InputError(Problem("optimum-nothing-taken", message))
        if not set(part.years) <= set(range(1, question.n_years + 1)):
            message = f"The plan has the years 1 to {question.n_years}. Choose among them."
            raise InputError(Problem("optimum-year-unknown", message, facts={"years": question.n_years}))
        rows: list[dict[str, Any]] = news.result["optimum"]["allocation"]
        return years_taken(started, rows, part)
