"""Saved scenarios side by side in the same draws: intervals, and how often one beats another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.types import Array
from budget_model.errors import InputError, NotFoundError, Problem
from data.store.tables import Allocation, Scenario
from data.workflows.drawn import MOST_PLANS, USUAL_DRAWS, DrawQuestion, drawn_plans
from data.workflows.scenarios import as_array, load_calibrated

FEWEST = 2


def read_scenario_ids(parameters: Mapping[str, Any]) -> list[int]:
    """Ids of two to four scenarios, in their order.

    Raises
    ------
    InputError : fewer, more, or something else.
    """
    given = parameters.get("scenarios")
    ids = (
        [one for one in given if isinstance(one, int) and not isinstance(one, bool)] if isinstance(given, list) else []
    )
    if not isinstance(given, list) or len(ids) != len(given) or not FEWEST <= len(set(ids)) <= MOST_PLANS:
        message = f"Choose {FEWEST} to {MOST_PLANS} different scenarios to compare."
        raise InputError(Problem("compare-count", message, facts={"fewest": FEWEST, "most": MOST_PLANS}))
    return list(dict.fromkeys(ids))


def load_plans(session: Session, site_id: int, ids: Sequence[int]) -> tuple[CalibratedModel, list[Array]]:
    """The one model of the scenarios, and each as a plan of one year (1, P, A).

    Raises
    ------
    NotFoundError : a scenario is not there, or another site's. InputError : they rest on different models.
    """
    found = [_scenario(session, site_id, scenario_id) for scenario_id in ids]
    if len({scenario.model_sha256 for scenario in found}) > 1:
        message = "These scenarios rest on different models: survey, budget or programmes changed between them."
        raise InputError(Problem("compare-models", message))
    calibrated = load_calibrated(session, site_id, found[0].model_sha256)
    return calibrated, [_plan(session, calibrated, scenario) for scenario in found]


def _scenario(session: Session, site_id: int, scenario_id: int) -> Scenario:
    found = session.get(Scenario, scenario_id)
    if found is None or found.site_id != site_id:
        raise NotFoundError("scenario", str(scenario_id))
    return found


def _plan(session: Session, calibrated: CalibratedModel, scenario: Scenario) -> Array:
    rows = session.scalars(select(Allocation).where(Allocation.scenario_id == scenario.id))
    amounts = {(row.programme_code, row.area_code): row.amount for row in rows}
    return np.asarray(as_array(calibrated.model, amounts)[None])


def compared_answer(calibrated: CalibratedModel, plans: Sequence[Array], on_progress: Any = None) -> dict[str, Any]:
    """`allocations` with intervals in the order of the plans, and `chances` of each against each other."""
    question = DrawQuestion("", (), n_draws=USUAL_DRAWS)
    return drawn_plans(calibrated, plans, question, on_progress)
