"""Why an allocation gives what it gives: whose work the met needs are, where more money would help, why money moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.explain import (
    Contributions,
    NextMoney,
    contributions,
    contributions_of_plan,
    explain_changes,
    next_money,
)
from budget_model.coverage.explain_programmes import (
    ProgrammeChange,
    best_year_of_each,
    changes_by_programme,
    split_changes,
)
from budget_model.coverage.explain_years import explain_plan_changes, next_money_of_plan, over_years
from budget_model.coverage.project import Horizon, build_horizon
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import require
from dashboard.services.jobs import JobNews, JobService
from dashboard.services.optimise import KIND
from dashboard.services.simulate import TRYERS, SimulateService
from dashboard.services.simulate_models import LoadedModel
from dashboard.services.simulate_tries import Run
from data.store.jobs import JobState
from data.workflows.growth import with_growth
from data.workflows.maxima import read_maximum
from data.workflows.optimum import read_question

NEXT_AMOUNT = 1000.0  # currency


@dataclass(frozen=True)
class Period:
    """What of a plan of several years the reasons are of; what its money does is counted until the plan ends."""

    n_years: int
    year: int | None  # None: all years together, in person-years


@dataclass(frozen=True)
class Moves:
    """What money does: the next 1,000 of each programme, and what was taken and given.

    next_year : (P,) the year of a plan in which the next money of each programme is spent
    """

    next: NextMoney
    cuts: tuple[ProgrammeChange, ...]
    increases: tuple[ProgrammeChange, ...]
    next_year: NDArray[np.intp] | None = None


@dataclass(frozen=True)
class Reasons:
    """The reasons of one allocation, or of a plan or a year of it (docs/model.md, Reasons)."""

    loaded: LoadedModel
    money: Array  # (P,) currency, over areas; of a plan of the year, or of all years
    here: Contributions
    today: Contributions
    find_moves: Callable[[], Moves]  # asked once, where they are shown: of a plan they take seconds
    run: Run | None = None  # of one allocation
    period: Period | None = None  # of a plan of several years

    @cached_property
    def moves(self) -> Moves:
        return self.find_moves()

    @property
    def model(self) -> BudgetModel:
        return self.loaded.model

    @property
    def persons(self) -> Array:
        """(P, N, A, G) persons covered by each programme's work; person-years over all years of a plan."""
        return self.here.of_programmes(self.model)


@dataclass(frozen=True)
class ProposedPlan:
    """A plan of several years that a search of one's own proposed."""

    loaded: LoadedModel
    horizon: Horizon
    plan: Array  # (T, P, A)


class ReasonService:
    """Reasons of what is tried, saved or proposed."""

    def __init__(self, simulate: SimulateService, jobs: JobService):
        self._simulate, self._jobs = simulate, jobs

    def explain(self, user: Person, site: SiteRef, run: Run) -> Reasons:
        """The reasons of a result of `SimulateService`."""
        require(user, TRYERS, site, "see the reasons of an allocation")
        calibrated, allocation = run.loaded.calibrated, run.result.allocation
        return Reasons(
            loaded=run.loaded,
            money=allocation.sum(axis=1),
            here=contributions(calibrated, allocation),
            today=contributions(calibrated, run.loaded.model.baseline),
            find_moves=partial(_moves, calibrated, allocation),
            run=run,
        )

    def explain_plan(
        self, user: Person, site: SiteRef, loaded: LoadedModel, horizon: Horizon, plan: Array, year: int | None
    ) -> Reasons:
        """The reasons of a plan (T, P, A), of one of its years or (None) of all of them together."""
        require(user, TRYERS, site, "see the reasons of a plan")
        here, today = contributions_of_plan(horizon, plan), contributions_of_plan(horizon, horizon.baseline)
        shown = slice(None) if year is None else slice(year - 1, year)
        return Reasons(
            loaded=loaded,
            money=plan[shown].sum(axis=(0, 2)),
            here=over_years(here[shown]),
            today=over_years(today[shown]),
            find_moves=partial(_moves_of_plan, horizon, plan, year),
            period=Period(horizon.n_years, year),
        )

    def proposed_plan(self, user: Person, site: SiteRef, job_id: str) -> ProposedPlan | None:
        """What a person's own search for the best plan of several years proposed; None where it was of one year.

        Raises
        ------
        NotFoundError : the calculation is not there, not done, found nothing, or is another person's.
        """
        require(user, TRYERS, site, "see a proposal")
        news = self._proposal(user, site, job_id)
        question = read_question(news.parameters)
        if question.n_years == 1:
            return None
        loaded = self._simulate.loaded(user, site, question.model_sha256)
        horizon = build_horizon(with_growth(loaded.calibrated, question.growth), question.n_years)
        plan = horizon.baseline.copy()
        for row in news.result["optimum"]["allocation"]:
            line = loaded.model.programmes.index(row["programme"]), loaded.model.areas.index(row["area"])
            plan[(row["year"] - 1, *line)] = row["amount"]
        return ProposedPlan(loaded, horizon, plan)

    def proposal(self, user: Person, site: SiteRef, job_id: str) -> Run:
        """The result of what a person's own search for the best reallocation proposed.

        Raises
        ------
        NotFoundError : the calculation is not there, not done, found nothing, is of several years, or another person's.
        """
        require(user, TRYERS, site, "see a proposal")
        news = self._proposal(user, site, job_id)
        if news.parameters.get("years", 1) != 1:
            raise NotFoundError("proposal", job_id)
        rows = news.result["optimum"]["allocation"]
        maximum = read_maximum(news.parameters, [])
        return self._simulate.run_lines(user, site, str(news.parameters["model"]), _amounts(rows), maximum=maximum)

    def _proposal(self, user: Person, site: SiteRef, job_id: str) -> JobNews:
        news = self._jobs.job(user, site, job_id)
        rows = (news.result or {}).get("optimum", {}).get("allocation") if news.state is JobState.DONE else None
        if news.kind != KIND or not rows:
            raise NotFoundError("proposal", job_id)
        return news


def _moves(calibrated: CalibratedModel, allocation: Array) -> Moves:
    cuts, increases = split_changes(explain_changes(calibrated, allocation))
    return Moves(next_money(calibrated, allocation, NEXT_AMOUNT), cuts, increases)


def _moves_of_plan(horizon: Horizon, plan: Array, year: int | None) -> Moves:
    """Of one year, or of all: then each programme's next money in the year where it meets most."""
    indices = range(horizon.n_years) if year is None else [year - 1]
    changes = explain_plan_changes(horizon, plan, indices)
    best, in_year = best_year_of_each(next_money_of_plan(horizon, plan, NEXT_AMOUNT, indices))
    return Moves(
        next=best,
        cuts=changes_by_programme([line for one in changes for line in one.cuts]),
        increases=changes_by_programme([line for one in changes for line in one.increases]),
        next_year=in_year if year is None else np.full_like(in_year, year),
    )


def _amounts(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Decimal]:
    return {(row["programme"], row["area"]): Decimal(f"{row['amount']:.2f}") for row in rows}
