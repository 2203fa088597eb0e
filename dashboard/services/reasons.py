"""Why an allocation gives what it gives: whose work the met needs are, where more money would help, why money moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budget_model.coverage.explain import Contributions, NextMoney, contributions, explain_changes, next_money
from budget_model.coverage.explain_programmes import ProgrammeChange, split_changes
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import require
from dashboard.services.jobs import JobService
from dashboard.services.optimise import KIND
from dashboard.services.simulate import TRYERS, LoadedModel, Run, SimulateService
from data.store.jobs import JobState
from data.workflows.maxima import read_maximum

NEXT_AMOUNT = 1000.0  # currency


@dataclass(frozen=True)
class Reasons:
    """The reasons of one allocation (docs/model.md, Reasons)."""

    run: Run
    here: Contributions
    today: Contributions
    next: NextMoney
    cuts: tuple[ProgrammeChange, ...]
    increases: tuple[ProgrammeChange, ...]

    @property
    def loaded(self) -> LoadedModel:
        return self.run.loaded

    @property
    def model(self) -> BudgetModel:
        return self.run.loaded.model

    @property
    def persons(self) -> Array:
        """(P, N, A, G) persons covered by each programme's work."""
        return self.here.of_programmes(self.model)


class ReasonService:
    """Reasons of what is tried, saved or proposed."""

    def __init__(self, simulate: SimulateService, jobs: JobService):
        self._simulate, self._jobs = simulate, jobs

    def explain(self, user: Person, site: SiteRef, run: Run) -> Reasons:
        """The reasons of a result of `SimulateService`."""
        require(user, TRYERS, site, "see the reasons of an allocation")
        calibrated, allocation = run.loaded.calibrated, run.result.allocation
        cuts, increases = split_changes(explain_changes(calibrated, allocation))
        return Reasons(
            run=run,
            here=contributions(calibrated, allocation),
            today=contributions(calibrated, run.loaded.model.baseline),
            next=next_money(calibrated, allocation, NEXT_AMOUNT),
            cuts=cuts,
            increases=increases,
        )

    def proposal(self, user: Person, site: SiteRef, job_id: str) -> Run:
        """The result of what a person's own search for the best reallocation proposed.

        Raises
        ------
        NotFoundError : the calculation is not there, not done, found nothing, is of several years, or another person's.
        """
        require(user, TRYERS, site, "see a proposal")
        news = self._jobs.job(user, site, job_id)
        rows = (news.result or {}).get("optimum", {}).get("allocation") if news.state is JobState.DONE else None
        if news.kind != KIND or not rows or news.parameters.get("years", 1) != 1:
            raise NotFoundError("proposal", job_id)
        maximum = read_maximum(news.parameters, [])
        return self._simulate.run_lines(user, site, str(news.parameters["model"]), _amounts(rows), maximum=maximum)


def _amounts(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Decimal]:
    return {(row["programme"], row["area"]): Decimal(f"{row['amount']:.2f}") for row in rows}
