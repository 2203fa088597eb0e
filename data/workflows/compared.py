"""Saved scenarios side by side in the same years and draws: intervals, and how often one beats another.

Where one of them is a plan of several years, all are looked at through its years: scenarios of one year are carried on
as today's budget is. Plans of different length are compared over the years that all of them state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from budget_model.coverage.project import Horizon, build_horizon
from budget_model.coverage.types import Array
from budget_model.errors import InputError, Problem
from data.store import scenarios as scenario_store
from data.store.tables import Scenario
from data.workflows.drawn import MOST_PLANS, DrawQuestion, drawn_plans
from data.workflows.growth import Growth, with_growth
from data.workflows.plans import growth_of, years_of
from data.workflows.scenarios import load_calibrated

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


@dataclass(frozen=True)
class SideBySide:
    """Scenarios through the same years of one model: the plan (T, P, A) of each, in their order."""

    scenarios: tuple[Scenario, ...]
    growth: Growth
    horizon: Horizon
    plans: tuple[Array, ...]


def load_plans(session: Session, site_id: int, ids: Sequence[int]) -> SideBySide:
    """The scenarios on their one model, through the years that they share.

    Raises
    ------
    NotFoundError : a scenario is not there, or another site's. InputError : they rest on different models, or plans
    among them on different growth: what one of them does is then no answer to what the other does.
    """
    found = tuple(scenario_store.load_scenario(session, site_id, scenario_id) for scenario_id in ids)
    if len({scenario.model_sha256 for scenario in found}) > 1:
        message = "These scenarios rest on different models: survey, budget or programmes changed between them."
        raise InputError(Problem("compare-models", message))
    growth = shared_growth(found)
    calibrated = with_growth(load_calibrated(session, site_id, found[0].model_sha256), growth)
    horizon = build_horizon(calibrated, shared_years(found))
    plans = tuple(years_of(horizon, scenario_store.load_years(session, site_id, one.id)) for one in found)
    return SideBySide(found, growth, horizon, plans)


def shared_years(scenarios: Sequence[Scenario]) -> int:
    """Years that all of them have: those of the shortest plan; 1 where there is no plan among them."""
    return min((one.n_years for one in scenarios if one.n_years > 1), default=1)


def shared_growth(scenarios: Sequence[Scenario]) -> Growth:
    """The growth that the plans among them were made on; InputError where they differ."""
    stated = {growth_of(one) for one in scenarios if one.n_years > 1}
    if len(stated) > 1:
        message = (
            "The plans among these scenarios assume different growth of prices, people or budget. Open each under "
            "Over the years to see its assumptions, and compare plans that share them."
        )
        raise InputError(Problem("compare-growth", message))
    return next(iter(stated), Growth())


def compared_answer(found: SideBySide, on_progress: Any = None) -> dict[str, Any]:
    """`allocations` with intervals in the order of the plans, and `chances` of each against each other.

    Of several years, each allocation has the keys of a plan: year 1, `years`, and `horizon` over all of them.
    """
    question = DrawQuestion("", (), n_years=found.horizon.n_years)
    return {"years": found.horizon.n_years, **drawn_plans(found.horizon, found.plans, question, on_progress)}
