"""A scenario carried on through several years: the question in plain words, its plan, and its answer in many draws.

The stored model describes one year. What changes after it (prices, people, budget) is stated with the question; what
the question leaves open stays as the plan was saved, else as the model says. Amounts of one year are carried on as
today's budget is: the same money each year, grown with the budget. A plan of several years has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from budget_model.coverage.draws_report import chances_against, draws_document, tornado_rows
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.portable_outlook import MAX_YEARS
from budget_model.coverage.project import Horizon, build_horizon
from budget_model.coverage.tornado import tornado
from budget_model.coverage.types import Array
from budget_model.coverage.uncertainty import run_draws
from budget_model.errors import InputError, Problem
from data.store import scenarios as scenario_store
from data.store.tables import Scenario
from data.workflows.growth import AS_THE_MODEL_SAYS, Growth, growth_document, read_growth, with_growth
from data.workflows.plans import grown_as, growth_of, plan_problems, years_of
from data.workflows.scenarios import load_calibrated

USUAL_DRAWS, MOST_DRAWS = 1000, 10_000
Progress = Callable[[int, int | None, str], None]  # done, in all, step


@dataclass(frozen=True)
class PlanQuestion:
    """A saved scenario (None: today's budget) of a stored model through 1 to 10 years, perhaps against another one."""

    model_sha256: str
    scenario_id: int | None = None
    against_id: int | None = None
    n_years: int = 1
    growth: Growth = AS_THE_MODEL_SAYS
    n_draws: int = USUAL_DRAWS
    seed: int = 0


def read_plan_question(parameters: Mapping[str, Any]) -> PlanQuestion:
    """A question from plain JSON; InputError with everything that cannot be read."""
    problems: list[Problem] = []
    question = PlanQuestion(
        model_sha256=str(parameters.get("model") or ""),
        scenario_id=_number(parameters, "scenario", problems),
        against_id=_number(parameters, "against", problems),
        n_years=_whole(parameters, "years", 1, (1, MAX_YEARS), problems),
        growth=read_growth(parameters, problems),
        n_draws=_whole(parameters, "draws", USUAL_DRAWS, (2, MOST_DRAWS), problems),
        seed=_whole(parameters, "seed", 0, (0, 2**32 - 1), problems),
    )
    if problems:
        raise InputError(problems)
    return question


def plan_question_document(question: PlanQuestion) -> dict[str, Any]:
    """The question as plain JSON, always written the same way."""
    return {
        "model": question.model_sha256,
        "scenario": question.scenario_id,
        "against": question.against_id,
        "years": question.n_years,
        **growth_document(question.growth),
        "draws": question.n_draws,
        "seed": question.seed,
    }


def _number(parameters: Mapping[str, Any], name: str, problems: list[Problem]) -> int | None:
    value = parameters.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    message = f"'{name}' must be the number of a saved scenario; found {str(value)[:40]!r}."
    problems.append(Problem("plan-scenario", message, value=str(value)[:40], facts={"value": str(value)[:40]}))
    return None


def _whole(
    parameters: Mapping[str, Any], name: str, otherwise: int, limits: tuple[int, int], problems: list[Problem]
) -> int:
    value = parameters.get(name, otherwise)
    if isinstance(value, int) and not isinstance(value, bool) and limits[0] <= value <= limits[1]:
        return value
    message = f"'{name}' must be a whole number from {limits[0]:,} to {limits[1]:,}; found {str(value)[:40]!r}."
    facts = {"value": str(value)[:40], "fewest": limits[0], "most": limits[1]}
    problems.append(Problem(f"plan-{name}", message, value=str(value)[:40], facts=facts))
    return otherwise


# ---- the plan --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PosedPlan:
    """A question ready to be drawn: the years, the plan, and the one that it is held against (or None)."""

    horizon: Horizon
    plan: Array
    other: Array | None


def pose_plan(session: Session, site_id: int, question: PlanQuestion) -> PosedPlan:
    """The model, stretched, and the plans. What the question leaves open of the growth is as the plans were saved.

    Raises
    ------
    NotFoundError : no such model or scenario of this site. InputError : a scenario rests on another model, or is a
    plan of fewer years.
    """
    asked = (question.scenario_id, question.against_id)
    found = {one: _scenario(session, site_id, question, one) for one in asked if one is not None}
    growth = grown_as(question.growth, *(growth_of(scenario) for scenario in found.values()))
    calibrated = with_growth(load_calibrated(session, site_id, question.model_sha256), growth)
    horizon = build_horizon(calibrated, question.n_years)

    def plan_of(scenario_id: int | None) -> Array:
        if scenario_id is None:
            return horizon.baseline
        return years_of(horizon, scenario_store.load_years(session, site_id, scenario_id))

    other = None if question.against_id is None else plan_of(question.against_id)
    return PosedPlan(horizon, plan_of(question.scenario_id), other)


def _scenario(session: Session, site_id: int, question: PlanQuestion, scenario_id: int) -> Scenario:
    scenario = scenario_store.load_scenario(session, site_id, scenario_id)
    if scenario.model_sha256 != question.model_sha256:
        message = "This scenario rests on another model: survey, budget or programmes changed since it was saved."
        raise InputError(Problem("plan-models", message, value=str(scenario_id)))
    return scenario


def planned_answer(posed: PosedPlan, question: PlanQuestion, on_progress: Progress | None = None) -> dict[str, Any]:
    """The plan in many draws, as plain data.

    `years_drawn` has what `simulate --years --draws` says of each year, `horizon` of all of them (null for one year);
    `beats_baseline` and `beats_other` how often the plan beats today's budget carried on and the other plan (null
    without one); `tornado` which assumption it hangs on most.
    """

    def told(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(done, total, "draws")

    horizon, plan = posed.horizon, posed.plan
    plans = [plan] if posed.other is None else [plan, posed.other]
    draws = run_draws(horizon, plans, question.n_draws, question.seed, told)
    document = draws_document(simulate_plan(horizon, plan), draws, draws.plans[0], plan_problems(horizon, plan))
    if on_progress is not None:
        on_progress(0, None, "tornado")
    return {
        **plan_question_document(question),
        "years_drawn": document.get("years") or [first_year(document)],
        "horizon": document.get("horizon"),
        "beats_baseline": document["draws"]["beats_baseline"],
        "beats_other": None if posed.other is None else chances_against(draws, draws.plans[0], draws.plans[1]),
        "tornado": tornado_rows(horizon.model, tornado(horizon, plan)),
    }


YEAR_KEYS = ("coverage", "needs", "groups", "gap", "money", "unpaid_hours")


def first_year(document: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario of one year as the year of a plan; works of earlier years are none yet."""
    return {"year": 1, **{key: document[key] for key in YEAR_KEYS if key in document}}
