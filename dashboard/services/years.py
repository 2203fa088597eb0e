"""A saved scenario, or today's budget, carried on through 1 to 10 years: the answer at once, without draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from budget_model.coverage.plans import PlanResult, check_plan, simulate_plan
from budget_model.coverage.project import build_horizon
from budget_model.coverage.types import Array
from budget_model.errors import InputError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import require
from dashboard.services.programmes import ProgrammeInfo, load_programmes
from dashboard.services.scenarios import SavedScenario, ScenarioService
from dashboard.services.simulate import TRYERS, LoadedModel, SimulateService, Workbench
from data.workflows.planned import Growth, carried_on, with_growth

if TYPE_CHECKING:
    from dashboard.services import Store


AS_THE_MODEL_SAYS = Growth()


@dataclass(frozen=True)
class Asked:
    """What is carried on (None: today's budget), how far, on which growth, and perhaps against which other scenario."""

    scenario_id: str | None = None
    n_years: int = 1
    growth: Growth = AS_THE_MODEL_SAYS
    against_id: str | None = None


@dataclass(frozen=True)
class Planned:
    """The answer for the years, with everything that its page says of where it comes from."""

    asked: Asked
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
        """
        require(user, TRYERS, site, "see the years of a scenario")
        scenario = self._scenario(user, site, asked.scenario_id)
        against = self._scenario(user, site, asked.against_id)
        model = scenario.model_sha256 if scenario else against.model_sha256 if against else None
        workbench = self._simulate.workbench(user, site, model)
        if against is not None and against.model_sha256 != workbench.loaded.sha256:
            message = "This scenario rests on another model: survey, budget or programmes changed since it was saved."
            raise InputError(Problem("plan-models", message, value=str(against.id)))
        horizon = build_horizon(with_growth(workbench.loaded.calibrated, asked.growth), asked.n_years)
        plan = carried_on(horizon, self._amounts(user, site, workbench.loaded, scenario))
        return Planned(
            asked=asked,
            workbench=workbench,
            scenario=scenario,
            against=against,
            result=simulate_plan(horizon, plan),
            problems=check_plan(horizon, plan),
            programmes=self._programmes(site),
        )

    def _scenario(self, user: Person, site: SiteRef, scenario_id: str | None) -> SavedScenario | None:
        return None if scenario_id is None else self._scenarios.scenario(user, site, scenario_id)

    def _amounts(self, user: Person, site: SiteRef, loaded: LoadedModel, scenario: SavedScenario | None) -> Array:
        model = loaded.model
        if scenario is None:
            return model.baseline
        saved = self._scenarios.allocation(user, site, scenario.id)
        return np.array([[float(saved[code, area]) for area in model.areas] for code in model.programmes])

    def _programmes(self, site: SiteRef) -> dict[str, ProgrammeInfo]:
        with self._store.factory() as session:
            return {programme.code: programme for programme in load_programmes(session, site.id).programmes}


def same_model(scenarios: Sequence[SavedScenario], planned: Planned) -> list[SavedScenario]:
    """Other scenarios of the same model: those that can be held against this one."""
    own = planned.scenario.id if planned.scenario else None
    return [one for one in scenarios if one.model_sha256 == planned.loaded.sha256 and one.id != own]
