"""Scenarios: saved under a name, listed, opened again. Never overwritten; what another site holds is not found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.errors import AllocationError, InputError, NotFoundError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, require
from dashboard.services.simulate import TRYERS, SimulateService
from dashboard.services.simulate_tries import Run, read_changes
from data.store import scenarios as scenario_store
from data.store.engine import transaction
from data.store.tables import ModelSnapshot, Scenario, User
from data.workflows.growth import AS_THE_MODEL_SAYS, Growth
from data.workflows.maxima import Maximum
from data.workflows.plans import Years, growth_of, maximum_of, save_plan
from data.workflows.scenarios import exact_allocation, save_scenario

if TYPE_CHECKING:
    from dashboard.services import Store

LONGEST_NAME = 120
LONGEST_NOTE = 2000
NAME_TAKEN = "scenario-exists"


@dataclass(frozen=True)
class SavedScenario:
    """A scenario as lists show it. Coverages are of identified needs, shares by group, as the server computed them."""

    id: int
    name: str
    note: str
    owner: str
    created_at: datetime
    model_sha256: str
    budget_year: int | None
    coverage: Mapping[str, float]
    coverage_baseline: Mapping[str, float]
    spent: Decimal
    n_years: int = 1  # of a plan of several, coverages and money are over all of them
    growth: Growth = AS_THE_MODEL_SAYS
    maximum: Maximum | None = None  # of growth, that it was found under; None: no search found it

    @property
    def is_plan(self) -> bool:
        return self.n_years > 1


class ScenarioService:
    """Saves and finds scenarios."""

    def __init__(self, store: Store, simulate: SimulateService):
        self._store, self._simulate = store, simulate

    def save(
        self, user: Person, site: SiteRef, sha256: str, changes: Mapping[str, str], name: str, note: str
    ) -> SavedScenario:
        """Keep an allocation under a name of its own.

        Raises
        ------
        AllocationError : the allocation breaks a limit. InputError : the name is missing, too long or taken, or the
        note is too long. In each case nothing is stored.
        """
        require(user, PLANNERS, site, "save a scenario")
        run = self._simulate.run(user, site, sha256, changes)
        if run.problems:
            raise AllocationError(run.problems)
        return self._keep(user, site, sha256, name, note, totals=run.changes)

    def save_lines(
        self,
        user: Person,
        site: SiteRef,
        sha256: str,
        amounts: Mapping[tuple[str, str], Decimal],
        name: str,
        note: str,
        maximum: Maximum | None = None,
    ) -> SavedScenario:
        """Keep an allocation by programme and area under a name of its own; raises like `save`."""
        require(user, PLANNERS, site, "save a scenario")
        return self._keep(user, site, sha256, name, note, amounts=amounts, maximum=maximum)

    def save_years(
        self,
        user: Person,
        site: SiteRef,
        sha256: str,
        years: Years,
        growth: Growth,
        name: str,
        note: str,
        maximum: Maximum | None = None,
    ) -> SavedScenario:
        """Keep the money of every year as one scenario; raises like `save`."""
        require(user, PLANNERS, site, "save a scenario")
        _check_note(note)
        with transaction(self._store.factory) as session:
            owner = session.get_one(User, user.id)
            return _saved(
                session, save_plan(session, site.id, sha256, name, owner, years, growth, note.strip(), maximum)
            )

    def run(self, user: Person, site: SiteRef, scenario_id: str | int, changes: Mapping[str, str]) -> Run:
        """The result of a scenario as it is stored, area by area, with new totals of some programmes.

        Of a plan it is year 1, the year that the model describes; its later years are `YearsService`'s matter.

        Raises
        ------
        NotFoundError : as `scenario`. AllocationError : as `SimulateService.run`.
        """
        found = self.scenario(user, site, scenario_id)
        stored = self.years(user, site, scenario_id)[0]
        return self._simulate.run_lines(user, site, found.model_sha256, stored, changes, found.maximum)

    def save_from(
        self, user: Person, site: SiteRef, scenario_id: str | int, changes: Mapping[str, str], name: str, note: str
    ) -> SavedScenario:
        """Keep what `run` gives as another scenario; raises like `save`. Programmes at the total of the first one keep
        its amounts by area to the cent. Of a plan, what is moved is moved in year 1; its later years stay."""
        require(user, PLANNERS, site, "save a scenario")
        run = self.run(user, site, scenario_id, changes)
        if run.problems:
            raise AllocationError(run.problems)
        maximum = self.scenario(user, site, scenario_id).maximum
        first, *later = self.years(user, site, scenario_id)
        moved = read_changes(run.loaded.model, changes, totals_of(first))
        kept = {line: amount for line, amount in first.items() if line[0] not in moved}
        if not later:
            return self._keep(user, site, run.loaded.sha256, name, note, amounts=kept, totals=moved, maximum=maximum)
        years = [exact_allocation(run.loaded.model, kept, moved), *later]
        growth = self.scenario(user, site, scenario_id).growth
        return self.save_years(user, site, run.loaded.sha256, years, growth, name, note, maximum)

    def _keep(self, user: Person, site: SiteRef, sha256: str, name: str, note: str, **money: Any) -> SavedScenario:
        _check_note(note)
        with transaction(self._store.factory) as session:
            owner = session.get_one(User, user.id)
            return _saved(session, save_scenario(session, site.id, sha256, name, owner, note=note.strip(), **money))

    def scenario(self, user: Person, site: SiteRef, scenario_id: str | int) -> SavedScenario:
        """One of this site's scenarios.

        Raises
        ------
        NotFoundError : it does not exist, is another site's, or the number is none.
        """
        require(user, TRYERS, site, "see scenarios")
        with self._store.factory() as session:
            return _saved(session, scenario_store.load_scenario(session, site.id, _number(scenario_id)))

    def allocation(self, user: Person, site: SiteRef, scenario_id: str | int) -> dict[tuple[str, str], Decimal]:
        """(programme, area) -> amount of a scenario of one year, as it was saved; also those that equal the baseline.

        Raises
        ------
        NotFoundError : as `scenario`. InputError : it is a plan of several years; `years` has them.
        """
        require(user, TRYERS, site, "see scenarios")
        with self._store.factory() as session:
            return scenario_store.load_allocation(session, site.id, _number(scenario_id))

    def years(self, user: Person, site: SiteRef, scenario_id: str | int) -> tuple[dict[tuple[str, str], Decimal], ...]:
        """`allocation` of each year, year 1 first; one of them where the scenario is no plan."""
        require(user, TRYERS, site, "see scenarios")
        with self._store.factory() as session:
            return scenario_store.load_years(session, site.id, _number(scenario_id))

    def list(self, user: Person, site: SiteRef) -> list[SavedScenario]:
        """All scenarios of the site, the newest first."""
        require(user, TRYERS, site, "see scenarios")
        with self._store.factory() as session:
            return [_saved(session, found) for found, _owner in scenario_store.list_scenarios(session, site.id)]

    def free_name(self, user: Person, site: SiteRef, wanted: str) -> str:
        """The wanted name, or the first `name (2)`, `name (3)` … that the person has not used here yet."""
        require(user, PLANNERS, site, "save a scenario")
        with self._store.factory() as session:
            return first_free(wanted.strip(), scenario_store.names_of(session, site.id, user.id))


def _check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        message = f"The note has {len(note)} characters; at most {LONGEST_NOTE} are kept. Shorten it."
        raise InputError(Problem("scenario-note", message, facts={"longest": LONGEST_NOTE}))


def first_free(wanted: str, taken: set[str]) -> str:
    """`Plan` -> `Plan (2)` -> `Plan (3)`, never longer than a name may be."""
    if wanted not in taken:
        return wanted
    stem = re.sub(r" \(\d+\)$", "", wanted)
    for number in range(2, len(taken) + 3):
        ending = f" ({number})"
        name = stem[: LONGEST_NAME - len(ending)] + ending
        if name not in taken:
            return name
    raise AssertionError("among more numbers than names one is free")


def _number(scenario_id: str | int) -> int:
    """What an address calls a scenario; NotFoundError where it is no number, as for a number that no scenario has."""
    text = str(scenario_id)
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotFoundError("scenario", text)
    return int(text)


def totals_of(allocation: Mapping[tuple[str, str], Decimal]) -> dict[str, Decimal]:
    """Programme -> its money over all areas."""
    totals: dict[str, Decimal] = {}
    for (programme, _area), amount in allocation.items():
        totals[programme] = totals.get(programme, Decimal(0)) + amount
    return totals


def _saved(session: Session, found: Scenario) -> SavedScenario:
    groups: dict[str, Any] = found.result["groups"]
    spent = scenario_store.money_of(session, found.id)
    return SavedScenario(
        id=found.id,
        name=found.name,
        note=found.note,
        owner=session.get_one(User, found.owner_id).display_name,
        created_at=found.created_at,
        model_sha256=found.model_sha256,
        budget_year=session.get_one(ModelSnapshot, found.model_sha256).budget_year,
        coverage={group: totals["coverage"] for group, totals in groups.items()},
        coverage_baseline={group: totals["coverage_baseline"] for group, totals in groups.items()},
        spent=spent if spent is not None else Decimal(0),
        n_years=found.n_years,
        growth=growth_of(found),
        maximum=maximum_of(found),
    )
