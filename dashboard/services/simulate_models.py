"""Models as a process keeps them: calibrated, with their names, by the hash of their content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from budget_model.coverage.calibrate import CalibratedModel, calibrate
from budget_model.coverage.effect import served
from budget_model.coverage.kernel import pack_kernel
from budget_model.coverage.reachable import BestReachable, best_reachable
from budget_model.coverage.scenario import ScenarioResult, evaluate, scenario_result
from budget_model.coverage.types import Array, BudgetModel
from data.store.tables import ModelSnapshot
from data.workflows.maxima import stored_model

MODELS_KEPT = 12
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


def _names(entries: list[dict[str, Any]], key: str = "name") -> dict[str, Texts]:
    return {entry["id"]: entry.get(key) or {} for entry in entries}
