"""A saved scenario, or today's budget, carried on through 1 to 10 years: the answer at once, without draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from budget_model.coverage.plans import PlanResult, simulate_plan
from budget_model.coverage.project import build_horizon
from budget_model.errors import InputError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import require
from dashboard.services.programmes import ProgrammeInfo, load_programmes
from dashboard.services.scenarios import SavedScenario, ScenarioService
from dashboard.services.simulate import TRYERS, SimulateService, Workbench
from dashboard.services.simulate_models import LoadedModel
from data.workflows.compared import load_plans
from data.workflows.growth import AS_THE_MODEL_SAYS, Growth, with_growth
from data.workflows.maxima import with_maximum
from data.workflows.plans import grown_as, plan_problems, years_of

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class Asked:
    """What is carried on (None: today's budget), how far, on which growth, and perhaps against which other scenario."""

    scenario_id: str | None = None
    n_years: int = 1
    growth: Growth = AS_THE_MODEL_SAYS
    against_id: str | None = None
    has_own_years: bool = False  # no number of years was stated: of a plan all of its own are meant


@dataclass(frozen=True)
class Planned:
    """The answer for the years, with everything that its page says of where it comes from.

    asked : the question as it was answered: years that the plans have, growth that they were saved on
    """

    asked: Asked
    stated: Asked  # the question as it came
    workbench: Workbench
    scenario: SavedScenario | None  # None: today's budget
    against: SavedScenario | None
    result: PlanResult
    problems: tuple[Problem, ...]
    programmes: Mapping[str, ProgrammeInfo]  # as stored now; one that has gone since is not there

    @property
    def loaded(self) -> LoadedModel:
        return self.workbench.loaded

    @property
    def n_years(self) -> int:
        return self.result.horizon.n_years


@dataclass(frozen=True)
class Together:
    """Saved scenarios through the same years of one model, each with its answer, in their order."""

    scenarios: tuple[SavedScenario, ...]
    loaded: LoadedModel
    results: tuple[PlanResult, ...]

    @property
    def n_years(self) -> int:
        return self.results[0].horizon.n_years


class YearsService:
    """Carries scenarios on."""

    def __init__(self, store: Store, simulate: SimulateService, scenarios: ScenarioService):
        self._store, self._simulate, self._scenarios = store, simulate, scenarios

    def planned(self, user: Person, site: SiteRef, asked: Asked) -> Planned:
        """The scenario through its years.

        Raises
        ------
        NotFoundError : no such scenario here, or the site has no model yet. InputError : the other scenario rests on
        another model.

        A plan has the years that it was saved with: of fewer its first ones are shown, more are not invented.
        """
        require(user, TRYERS, site, "see the years of a scenario")
        scenario = self._scenario(user, site, asked.scenario_id)
        against = self._scenario(user, site, asked.against_id)
        model = scenario.model_sha256 if scenario else against.model_sha256 if against else None
        workbench = self._simulate.workbench(user, site, model)
        if against is not None and against.model_sha256 != workbench.loaded.sha256:
            message = "This scenario rests on another model: survey, budget or programmes changed since it was saved."
            raise InputError(Problem("plan-models", message, value=str(against.id)))
        own = as_saved(asked, [one for one in (scenario, against) if one is not None])
        stored = with_maximum(workbench.loaded.calibrated, scenario.maximum if scenario else None)
        horizon = build_horizon(with_growth(stored, own.growth), own.n_years)
        plan = horizon.baseline
        if scenario is not None:
            plan = years_of(horizon, self._scenarios.years(user, site, scenario.id))
        return Planned(
            asked=own,
            stated=asked,
            workbench=workbench,
            scenario=scenario,
            against=against,
            result=simulate_plan(horizon, plan),
            problems=plan_problems(horizon, plan),
            programmes=self._programmes(site),
        )

    def together(self, user: Person, site: SiteRef, ids: Sequence[int]) -> Together:
        """Scenarios side by side through the years that they share, computed again from what is stored.

        Raises
        ------
        NotFoundError : one of them is not here. InputError : they rest on different models or growth.
        """
        require(user, TRYERS, site, "compare scenarios")
        scenarios = tuple(self._scenarios.scenario(user, site, one) for one in ids)
        with self._store.factory() as session:
            found = load_plans(session, site.id, ids)
        loaded = self._simulate.loaded(user, site, scenarios[0].model_sha256)
        return Together(scenarios, loaded, tuple(simulate_plan(found.horizon, plan) for plan in found.plans))

    def _scenario(self, user: Person, site: SiteRef, scenario_id: str | None) -> SavedScenario | None:
        return None if scenario_id is None else self._scenarios.scenario(user, site, scenario_id)

    def _programmes(self, site: SiteRef) -> dict[str, ProgrammeInfo]:
        with self._store.factory() as session:
            return {programme.code: programme for programme in load_programmes(session, site.id).programmes}


def as_saved(asked: Asked, scenarios: Sequence[SavedScenario]) -> Asked:
    """The question as it can be answered: no more years than the plans among the scenarios have, on their growth."""
    plans = [one for one in scenarios if one.is_plan]
    longest = min((one.n_years for one in plans), default=asked.n_years)
    years = longest if asked.has_own_years else min(asked.n_years, longest)
    return replace(asked, n_years=years, growth=grown_as(asked.growth, *(one.growth for one in plans)))


def same_model(scenarios: Sequence[SavedScenario], planned: Planned) -> list[SavedScenario]:
    """Other scenarios of the same model: those that can be held against this one."""
    own = planned.scenario.id if planned.scenario else None
    return [one for one in scenarios if one.model_sha256 == planned.loaded.sha256 and one.id != own]
