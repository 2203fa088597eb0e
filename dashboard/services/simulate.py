"""Trying an allocation: the site's model, its coefficients for the browser, and the result that counts.

A model is known by the hash of its content and never changes, so a process keeps the last few it used, calibrated.
What comes from a browser (model hash, amounts) is checked here; names in the reader's language are the views' matter.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.coverage.allocation import baseline_totals, check_allocation, spread_totals
from budget_model.coverage.calibrate import CalibratedModel, calibrate
from budget_model.coverage.effect import served
from budget_model.coverage.kernel import pack_kernel
from budget_model.coverage.reachable import BestReachable, best_reachable
from budget_model.coverage.scenario import ScenarioResult, evaluate, scenario_result
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import AllocationError, NotFoundError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, require
from dashboard.services.findings import RoundInfo
from dashboard.services.needs import round_info
from data.store.engine import transaction
from data.store.models import find_hash
from data.store.rounds import latest_round
from data.store.tables import Area, Indicator, ModelSnapshot, Programme, SurveyRound
from data.workflows import models
from data.workflows.maxima import Maximum, stored_model, with_maximum

if TYPE_CHECKING:
    from dashboard.services import Store

TRYERS = PLANNERS | {"monitor"}  # may move sliders; only planners may save
MODELS_KEPT = 12
AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
CENT = Decimal("0.01")

Texts = Mapping[str, str]  # by language


@dataclass(frozen=True)
class LoadedModel:
    """A calibrated model with the names its document gives."""

    sha256: str
    site_id: int
    round_id: int
    budget_year: int | None
    calibrated: CalibratedModel
    need_names: Mapping[str, Texts]  # of those who lack it
    programme_names: Mapping[str, Texts]
    kernel: bytes
    weight_mix: Mapping[str, Any] | None = None  # of focus groups and survey; None: survey only
    survey_errors: Mapping[str, Any] = field(default_factory=dict)  # cells whose error is borrowed, or unknown
    covered_names: Mapping[str, Texts] = field(default_factory=dict)  # of those who do not lack it, where they have one

    @property
    def model(self) -> BudgetModel:
        return self.calibrated.model

    @cached_property
    def baseline_coverage(self) -> Array:
        """Coverage at today's budget, (N, A, G): the same for every allocation that is tried."""
        return evaluate(self.calibrated, self.model.baseline)

    @cached_property
    def best(self) -> BestReachable:
        """What the money could meet at best: the same for every allocation that is tried, and searched once."""
        return best_reachable(self.calibrated)

    def result(self, allocation: Array) -> ScenarioResult:
        """As `simulate`, with today's coverage computed once a model."""
        coverage, persons = evaluate(self.calibrated, allocation), served(self.model, allocation)
        return scenario_result(self.calibrated, allocation, persons, coverage, self.baseline_coverage)


@dataclass(frozen=True)
class ProgrammeNote:
    """What the page says about a programme beside its money. Empty where the programme has gone since."""

    heading: Texts
    lock_reason: Texts | None


@dataclass(frozen=True)
class Workbench:
    """Everything the Simulate page starts from."""

    loaded: LoadedModel
    is_current: bool  # whether the stored data still give this model
    survey_round: RoundInfo
    programmes: Mapping[str, ProgrammeNote]
    dimensions: Mapping[str, str]  # need -> dimension
    area_names: Mapping[str, str]
    has_geometry: bool

    @property
    def model(self) -> BudgetModel:
        return self.loaded.model


@dataclass(frozen=True)
class Run:
    """A tried allocation with its result. `problems` are the limits it breaks; it cannot be saved with any."""

    loaded: LoadedModel
    changes: Mapping[str, Decimal]  # programme -> new total, only of those that differ from today
    result: ScenarioResult
    problems: tuple[Problem, ...]


class ModelShelf:
    """The last models used, by hash; shared by all threads of a process."""

    def __init__(self, most: int = MODELS_KEPT):
        self._most, self._models, self._lock = most, OrderedDict[str, LoadedModel](), Lock()

    def get(self, sha256: str) -> LoadedModel | None:
        with self._lock:
            if sha256 in self._models:
                self._models.move_to_end(sha256)
            return self._models.get(sha256)

    def put(self, loaded: LoadedModel) -> LoadedModel:
        with self._lock:
            self._models[loaded.sha256] = loaded
            while len(self._models) > self._most:
                self._models.popitem(last=False)
        return loaded


class SimulateService:
    """Models to try allocations on, and the results of trying."""

    def __init__(self, store: Store):
        self._store, self._shelf = store, ModelShelf()

    def workbench(self, user: Person, site: SiteRef, sha256: str | None = None) -> Workbench:
        """The model of today's data, or the one whose hash is or begins like `sha256` if it is one of this site's.

        Raises
        ------
        NotFoundError : no such model here. InputError : needs or programmes are missing.
        """
        require(user, TRYERS, site, "simulate")
        current = self._current_model(site.id)
        with self._store.factory() as session:
            wanted = find_hash(session, site.id, sha256) or sha256 if sha256 else current
            loaded = self._load(session, site.id, wanted)
            return Workbench(
                loaded=loaded,
                is_current=loaded.sha256 == current,
                survey_round=round_info(session.get_one(SurveyRound, loaded.round_id)),
                programmes=_programme_notes(session, site.id),
                dimensions=_dimensions(session, site.id, loaded.model),
                area_names=_area_names(session, site.id),
                has_geometry=bool(_geometries(session, site.id, loaded.model)),
            )

    def _current_model(self, site_id: int) -> str:
        """Hash of the model that today's data give. It is stored when it is new; looking takes no write lock."""
        with self._store.factory() as session:
            round_id = newest_round(session, site_id)
            sha256 = models.snapshot(session, site_id, round_id).sha256
            session.rollback()  # a reading session keeps nothing; what is new is stored below, under the write lock
            if session.get(ModelSnapshot, sha256) is not None:
                return sha256
        with transaction(self._store.factory) as session:
            return models.snapshot(session, site_id, round_id).sha256

    def kernel(self, user: Person, site: SiteRef, sha256: str) -> bytes:
        """The model's coefficients for `assets/kernel.js`."""
        return self.loaded(user, site, sha256).kernel

    def area_shapes(self, user: Person, site: SiteRef, sha256: str) -> bytes:
        """GeoJSON of the model's areas that have a geometry, with code and name."""
        loaded = self.loaded(user, site, sha256)
        with self._store.factory() as session:
            found = _geometries(session, site.id, loaded.model)
        features = [
            {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry}
            for code, name, geometry in found
        ]
        collection = {"type": "FeatureCollection", "features": features}
        return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()

    def area_names(self, user: Person, site: SiteRef) -> dict[str, str]:
        """What the site's areas are called, by code."""
        require(user, TRYERS, site, "simulate")
        with self._store.factory() as session:
            return _area_names(session, site.id)

    def area_geometries(self, user: Person, site: SiteRef, sha256: str) -> dict[str, dict[str, Any]]:
        """Shapes (GeoJSON) of the model's areas by code; those without one are left out."""
        loaded = self.loaded(user, site, sha256)
        with self._store.factory() as session:
            return {code: geometry for code, _name, geometry in _geometries(session, site.id, loaded.model)}

    def run(self, user: Person, site: SiteRef, sha256: str, changes: Mapping[str, str]) -> Run:
        """The authoritative result of new programme totals; programmes that are not named stay as they are.

        Raises
        ------
        AllocationError : an amount cannot be read, a programme is unknown, or a locked line is moved.
        NotFoundError : no such model here.
        """
        return try_changes(self.loaded(user, site, sha256), changes)

    def run_lines(
        self,
        user: Person,
        site: SiteRef,
        sha256: str,
        allocation: Mapping[tuple[str, str], Decimal],
        changes: Mapping[str, str] | None = None,
        maximum: Maximum | None = None,
    ) -> Run:
        """The result of an allocation by programme and area, as scenarios are stored: every line is named.

        changes : new totals of programmes. They are spread over the areas as `run` does, the others stay by area.
        maximum : limit on growth that it was found under; None: the model's own

        Raises AllocationError as `run` does.
        """
        return run_stored(self.loaded(user, site, sha256), allocation, changes or {}, maximum)

    def loaded(self, user: Person, site: SiteRef, sha256: str) -> LoadedModel:
        """The model of a hash, if it is one of this site's."""
        require(user, TRYERS, site, "simulate")
        found = self._shelf.get(sha256)
        if found is None:
            with self._store.factory() as session:
                found = self._load(session, site.id, sha256)
        if found.site_id != site.id:
            raise NotFoundError("model", sha256)
        return found

    def _load(self, session: Session, site_id: int, sha256: str) -> LoadedModel:
        found = self._shelf.get(sha256)
        if found is None:
            snapshot = session.get(ModelSnapshot, sha256)
            if snapshot is None:
                raise NotFoundError("model", sha256)
            found = self._shelf.put(load_snapshot(snapshot))
        if found.site_id != site_id:
            raise NotFoundError("model", sha256)
        return found


def load_snapshot(snapshot: ModelSnapshot) -> LoadedModel:
    """Parse, calibrate and pack a stored model."""
    calibrated = calibrate(stored_model(snapshot.document))
    return LoadedModel(
        sha256=snapshot.sha256,
        site_id=snapshot.site_id,
        round_id=snapshot.round_id,
        budget_year=snapshot.budget_year,
        calibrated=calibrated,
        need_names=_names(snapshot.document["needs"]),
        covered_names=_names(snapshot.document["needs"], "covered_name"),
        programme_names=_names(snapshot.document["programmes"]),
        kernel=pack_kernel(calibrated),
        weight_mix=snapshot.document.get("weight_mix"),
        survey_errors=snapshot.document.get("survey_errors", {}),
    )


def try_changes(loaded: LoadedModel, changes: Mapping[str, str]) -> Run:
    """Evaluate new totals on a model. Limits other than a lock are reported, so that the picture can show why."""
    amounts = read_changes(loaded.model, changes)
    allocation = spread_changes(loaded.model, amounts)
    return Run(loaded, amounts, loaded.result(allocation), checked(loaded.model, allocation, amounts))


def spread_changes(model: BudgetModel, amounts: Mapping[str, Decimal]) -> Array:
    """(P, A) with new totals of some programmes, in today's proportions; the others as they are today."""
    totals = baseline_totals(model)
    for code, amount in amounts.items():
        totals[model.programmes.index(code)] = float(amount)
    return spread_totals(model, totals)


def checked(model: BudgetModel, allocation: Array, moved: Collection[str]) -> tuple[Problem, ...]:
    """The limits that an allocation breaks; AllocationError where a locked programme is among those moved."""
    problems = by_programme(model, allocation, check_allocation(model, allocation))
    locked = [problem for problem in problems if problem.rule == "locked" and problem.facts["programme"] in moved]
    if locked:
        raise AllocationError(locked)
    return problems


def run_stored(
    loaded: LoadedModel,
    stored: Mapping[tuple[str, str], Decimal],
    changes: Mapping[str, str] = MappingProxyType({}),
    maximum: Maximum | None = None,
) -> Run:
    """Evaluate a stored allocation; programmes with a new total are spread as today, the others keep their areas.

    maximum : limit on growth that it was found under, and is held against; None: the model's own
    """
    model = loaded.model
    totals = {code: sum((stored[code, area] for area in model.areas), Decimal(0)) for code in model.programmes}
    moved = read_changes(model, changes, totals)
    allocation = np.array([[float(stored[code, area]) for area in model.areas] for code in model.programmes])
    rows = [model.programmes.index(code) for code in moved]
    allocation[rows] = spread_changes(model, moved)[rows]
    is_other = np.abs(allocation - model.baseline).max(axis=1) >= float(CENT / 2)
    shown = {
        code: moved.get(code, totals[code]) for code, other in zip(model.programmes, is_other, strict=True) if other
    }
    limits = with_maximum(loaded.calibrated, maximum).model
    return Run(loaded, shown, loaded.result(allocation), checked(limits, allocation, moved))


def read_changes(
    model: BudgetModel, changes: Mapping[str, str], start: Mapping[str, Decimal] | None = None
) -> dict[str, Decimal]:
    """Amounts that a browser sent, exact, without those that equal the start to the cent.

    start : programme -> total; None: today's

    Raises
    ------
    AllocationError : with every programme that is unknown and every amount that cannot be one.
    """
    today = dict(zip(model.programmes, baseline_totals(model), strict=True))
    at_start = start or {code: Decimal(repr(float(total))) for code, total in today.items()}
    problems, amounts = [], {}
    for code, text in changes.items():
        problem = _problem_of(code, text, today)
        if problem:
            problems.append(problem)
        elif abs(Decimal(text) - at_start[code]) >= CENT / 2:
            amounts[code] = Decimal(text)
    if problems:
        raise AllocationError(problems)
    return amounts


def _problem_of(code: str, text: Any, today: Mapping[str, float]) -> Problem | None:
    facts = {"programme": code, "value": str(text)}
    if code not in today:
        message = f"There is no programme '{code}' in this model. Check the address or the spelling."
        return Problem("unknown-programme", message, value=code, facts=facts)
    if not isinstance(text, str) or not AMOUNT.fullmatch(text):
        message = f"Programme '{code}': '{text}' is not an amount of 0 or more with at most two decimals."
        return Problem("amount-unreadable", message, value=str(text), facts=facts)
    return None


def by_programme(model: BudgetModel, allocation: Array, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """One problem a rule and programme, told by its total: the page moves totals, so its areas repeat each other."""
    first: dict[tuple[str, Any], Problem] = {}
    for problem in problems:
        first.setdefault((problem.rule, problem.facts.get("programme")), problem)
    return tuple(
        problem if code is None else of_programme(model, allocation, problem) for (_, code), problem in first.items()
    )


def of_programme(model: BudgetModel, allocation: Array, problem: Problem) -> Problem:
    """A problem of one line as a problem of its programme; `facts` keep the area that decides and its amounts."""
    facts = problem.facts
    index = model.programmes.index(facts["programme"])
    total, today = float(allocation[index].sum()), float(model.baseline[index].sum())
    name = f"Programme '{facts['programme']}'"
    amounts = {"amount": total, "area_amount": facts["amount"], "area_limit": facts["limit"]}
    if problem.rule == "locked":
        message = f"{name} is locked and stays at {today:,.2f} {model.currency}; {total:,.2f} was asked for."
        amounts["limit"] = today
    else:
        message = f"{name}, total {total:,.2f} {model.currency}: {problem.message}"
    return replace(problem, message=message, value=repr(total), facts={**facts, **amounts})


def newest_round(session: Session, site_id: int) -> int:
    """The survey round that counts, of those with needs.

    Raises
    ------
    NotFoundError : none has.
    """
    found = latest_round(session, site_id, has_needs=True)
    if found is None:
        raise NotFoundError("survey round with needs", str(site_id))
    return found.id


def _names(entries: list[dict[str, Any]], key: str = "name") -> dict[str, Texts]:
    return {entry["id"]: entry.get(key) or {} for entry in entries}


def _programme_notes(session: Session, site_id: int) -> dict[str, ProgrammeNote]:
    rows = session.scalars(select(Programme).where(Programme.site_id == site_id))
    return {row.code: ProgrammeNote(row.heading, row.lock_reason) for row in rows}


def _dimensions(session: Session, site_id: int, model: BudgetModel) -> dict[str, str]:
    rows = session.execute(
        select(Indicator.code, Indicator.definition)
        .where(Indicator.site_id == site_id, Indicator.code.in_(model.needs))
        .order_by(Indicator.version)
    )
    return {code: definition.get("dimension") or "" for code, definition in rows}


def _area_names(session: Session, site_id: int) -> dict[str, str]:
    rows = session.execute(select(Area.code, Area.name).where(Area.site_id == site_id))
    return {code: name for code, name in rows}  # noqa: C416  dict() would take the result for a mapping


def _geometries(session: Session, site_id: int, model: BudgetModel) -> list[tuple[str, str, dict[str, Any]]]:
    rows = session.execute(
        select(Area.code, Area.name, Area.geometry).where(Area.site_id == site_id, Area.code.in_(model.areas))
    )
    return [(code, name, geometry) for code, name, geometry in rows if geometry]
