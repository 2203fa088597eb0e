"""Trying an allocation: the site's model, its coefficients for the browser, and the result that counts.

A model is known by the hash of its content and never changes, so a process keeps the last few it used, calibrated.
What comes from a browser (model hash, amounts) is checked here; names in the reader's language are the views' matter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.coverage.types import BudgetModel
from budget_model.errors import NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, require
from dashboard.services.findings import RoundInfo
from dashboard.services.needs import round_info
from dashboard.services.simulate_models import LoadedModel, ModelShelf, Texts, load_snapshot
from dashboard.services.simulate_tries import Run, run_stored, try_changes
from data.store.areas import area_names, list_shapes
from data.store.engine import transaction
from data.store.indicators import list_indicators
from data.store.models import find_hash
from data.store.programmes import list_programmes
from data.store.rounds import latest_round
from data.store.tables import ModelSnapshot, SurveyRound
from data.workflows import models
from data.workflows.maxima import Maximum

if TYPE_CHECKING:
    from dashboard.services import Store

TRYERS = PLANNERS | {"monitor"}  # may move sliders; only planners may save


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
                area_names=area_names(session, site.id),
                has_geometry=bool(list_shapes(session, site.id, loaded.model.areas)),
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
            found = list_shapes(session, site.id, loaded.model.areas)
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
            return area_names(session, site.id)

    def area_geometries(self, user: Person, site: SiteRef, sha256: str) -> dict[str, dict[str, Any]]:
        """Shapes (GeoJSON) of the model's areas by code; those without one are left out."""
        loaded = self.loaded(user, site, sha256)
        with self._store.factory() as session:
            return {code: geometry for code, _name, geometry in list_shapes(session, site.id, loaded.model.areas)}

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


def _programme_notes(session: Session, site_id: int) -> dict[str, ProgrammeNote]:
    rows = list_programmes(session, site_id)
    return {row.code: ProgrammeNote(row.heading, row.lock_reason) for row in rows}


def _dimensions(session: Session, site_id: int, model: BudgetModel) -> dict[str, str]:
    rows = list_indicators(session, site_id)
    return {row.code: row.definition.get("dimension") or "" for row in rows if row.code in model.needs}
