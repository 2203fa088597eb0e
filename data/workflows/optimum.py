"""The best reallocation of a stored model: plain questions become constraints, and the answer plain data.

The question starts from where somebody stands (today's budget, or amounts that she tries), and limits on change are
counted from there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise import is_provable, optimise
from budget_model.coverage.optimise_concave import Effort
from budget_model.coverage.optimise_frontier import find_frontier
from budget_model.coverage.optimise_report import frontier_rows, optimum_document
from budget_model.coverage.optimise_task import Watch, unwatched
from budget_model.coverage.plan_report import plan_document
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.portable_outlook import MAX_YEARS
from budget_model.coverage.project import Horizon, build_horizon
from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import simulate
from budget_model.coverage.types import Array, BudgetModel, Constraints
from budget_model.errors import InputError, Problem
from data.workflows.growth import AS_THE_MODEL_SAYS, Growth, carried_on, growth_document, read_growth, with_growth
from data.workflows.maxima import ASSUMED, Maximum, maximum_document, read_maximum, with_maximum
from data.workflows.optimum_conditions import (
    Conditions,
    conditions_document,
    read_amount,
    read_conditions,
    read_share,
    unknown_names,
    with_conditions,
)
from data.workflows.plans import exact_years
from data.workflows.scenarios import as_array, exact_allocation, load_calibrated

OBJECTIVES = ("total", "women", "max_min", "min_gap", "min_cost")
FRONTIER_POINTS = 13
QUICK = Effort(gap=0.005, boxes=40)  # where no best value can be proved, a page waits no longer for the last digits
MOST_CHANGE = 10.0  # a change of 1,000 % is no limit any more
YEAR_KEYS = ("year", "groups", "allocated", "running_cost", "spent")
Targets = Mapping[str, Mapping[str, float]]  # need -> group -> share
NO_CONDITIONS = Conditions()


@dataclass(frozen=True)
class Question:
    """What is looked for.

    changes : new totals of programmes that the search starts from; the others stand at today's amounts
    budget_pen : most that may be spent, in the model's currency; None: what the start spends
    max_change : share of each amount at the start that it may change by; None: no limit
    protects_all : no group may be worse off than today in any need
    max_gap : most that women's and men's weighted coverage may differ (share)
    targets : need -> lowest coverage of women and of men (share)
    conditions : targets by area and group, funding sources, a least share of some programmes
    n_years, growth : length of the plan, and what grows after its first year
    maximum : most that programmes without a stated maximum may grow to
    """

    model_sha256: str
    objective: str = "total"
    changes: Mapping[str, Decimal] = field(default_factory=dict)
    budget_pen: Decimal | None = None
    max_change: float | None = None
    protects_all: bool = False
    max_gap: float | None = None
    targets: Mapping[str, float] = field(default_factory=dict)
    conditions: Conditions = NO_CONDITIONS
    n_years: int = 1
    growth: Growth = AS_THE_MODEL_SAYS
    maximum: Maximum = ASSUMED


def read_question(parameters: Mapping[str, Any]) -> Question:
    """A question from plain JSON.

    Raises
    ------
    InputError : with everything that cannot be read.
    """
    problems: list[Problem] = []
    objective = str(parameters.get("objective") or "total")
    if objective not in OBJECTIVES:
        message = f"'{objective}' is no objective. Use {', '.join(OBJECTIVES)}."
        problems.append(Problem("optimum-objective", message, value=objective, facts={"objective": objective[:40]}))
    question = Question(
        model_sha256=str(parameters.get("model") or ""),
        objective=objective,
        changes=_amounts(parameters.get("changes") or {}, problems),
        budget_pen=read_amount(parameters.get("budget"), problems, "optimum-budget"),
        max_change=read_share(parameters.get("max_change"), "optimum-change", MOST_CHANGE, problems),
        protects_all=parameters.get("protects_all") is True,
        max_gap=read_share(parameters.get("max_gap"), "optimum-gap", 1.0, problems),
        targets=_targets(parameters.get("targets") or {}, problems),
        conditions=read_conditions(parameters, problems),
        n_years=_years(parameters.get("years", 1), problems),
        growth=read_growth(parameters, problems),
        maximum=read_maximum(parameters, problems),
    )
    if problems:
        raise InputError(problems)
    return question


def question_document(question: Question) -> dict[str, Any]:
    """The question as plain JSON; `read_question` gives it back."""
    return {
        "model": question.model_sha256,
        "objective": question.objective,
        "changes": {code: str(amount) for code, amount in sorted(question.changes.items())},
        "budget": None if question.budget_pen is None else str(question.budget_pen),
        "max_change": question.max_change,
        "protects_all": question.protects_all,
        "max_gap": question.max_gap,
        "targets": dict(sorted(question.targets.items())),
        **conditions_document(question.conditions),
        "years": question.n_years,
        **growth_document(question.growth),
        **maximum_document(question.maximum),
    }


def _amounts(values: Any, problems: list[Problem]) -> dict[str, Decimal]:
    if not isinstance(values, Mapping):
        problems.append(Problem("optimum-changes", "'changes' must give an amount a programme."))
        return {}
    read = {str(code): read_amount(value, problems) for code, value in values.items()}
    return {code: amount for code, amount in read.items() if amount is not None}


def _targets(values: Any, problems: list[Problem]) -> dict[str, float]:
    if not isinstance(values, Mapping):
        problems.append(Problem("optimum-targets", "'targets' must give a share a need."))
        return {}
    read = {str(need): read_share(value, "optimum-target", 1.0, problems) for need, value in values.items()}
    return {need: share for need, share in read.items() if share is not None}


def _years(value: Any, problems: list[Problem]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_YEARS:
        return value
    message = f"'years' must be a whole number from 1 to {MAX_YEARS}; found {str(value)[:40]!r}."
    facts = {"value": str(value)[:40], "most": MAX_YEARS}
    problems.append(Problem("plan-years", message, value=str(value)[:40], facts=facts))
    return 1


@dataclass(frozen=True)
class Started:
    """A question ready to be solved: the model with its limits, and where the search starts."""

    calibrated: CalibratedModel
    start: Array  # (P, A) currency / year
    n_years: int = 1

    @property
    def model(self) -> BudgetModel:
        return self.calibrated.model

    @property
    def horizon(self) -> Horizon:
        """The years of the plan."""
        return build_horizon(self.calibrated, self.n_years)


def pose(session: Session, site_id: int, question: Question) -> Started:
    """The model of a question.

    Raises
    ------
    NotFoundError : no such model of this site. AllocationError : a start that cannot be one.
    InputError : a need, group, area or programme that the model does not have.
    """
    stored = with_maximum(load_calibrated(session, site_id, question.model_sha256), question.maximum)
    calibrated = with_growth(stored, question.growth)
    model = calibrated.model
    problems = [*_unknown_needs(question, model), *unknown_names(question.conditions, model)]
    if problems:
        raise InputError(problems)
    start = as_array(model, exact_allocation(model, totals=question.changes))
    floor, ceiling = limits(model, start, question.max_change)
    posed = replace(
        model,
        floor=floor,
        ceiling=ceiling,
        objective=question.objective,
        constraints=_constraints(calibrated, start, question),
    )
    return Started(replace(calibrated, model=posed), start, question.n_years)


def _unknown_needs(question: Question, model: BudgetModel) -> list[Problem]:
    return [
        Problem(
            "unknown-need",
            f"There is no need '{need}' in the model. It has: {', '.join(model.needs)}.",
            value=need,
            facts={"need": need},
        )
        for need in sorted(set(question.targets) - set(model.needs))
    ]


def todays_coverage(calibrated: CalibratedModel) -> dict[str, dict[str, float]]:
    """Coverage of every need and group today, over the areas: the target of *the same for less money*."""
    needs = scenario_document(simulate(calibrated, calibrated.model.baseline), ())["needs"]
    return {
        row["need"]: {
            group: figures["coverage_baseline"]
            for group, figures in row["groups"].items()
            if figures["coverage_baseline"] is not None
        }
        for row in needs
    }


def limits(model: BudgetModel, start: Array, max_change: float | None) -> tuple[Array, Array]:
    """Floors and ceilings with the limit on change around the start folded in; locked lines keep theirs."""
    if max_change is None:
        return model.floor, model.ceiling
    free = ~model.locked[:, np.newaxis]
    floor = np.where(free, np.maximum(model.floor, start * max(0.0, 1 - max_change)), model.floor)
    ceiling = np.where(free, np.minimum(model.ceiling, start * (1 + max_change)), model.ceiling)
    return floor, np.maximum(ceiling, floor)


def _constraints(calibrated: CalibratedModel, start: Array, question: Question) -> Constraints:
    model, stated = calibrated.model, calibrated.model.constraints
    budget = float(question.budget_pen) if question.budget_pen is not None else _own_budget(stated, start)
    kept = todays_coverage(calibrated) if question.objective == "min_cost" else {}
    targets = {need: dict.fromkeys(model.groups, share) for need, share in question.targets.items()}
    limits = replace(
        stated,
        budget=budget,
        max_change=None if question.max_change is not None else stated.max_change,
        no_group_worse_off=tuple(model.needs) if question.protects_all else stated.no_group_worse_off,
        min_coverage=_higher(_higher(stated.min_coverage, kept), targets),
        max_gap=question.max_gap if question.max_gap is not None else stated.max_gap,
    )
    return with_conditions(limits, question.conditions, model)


def _higher(one: Targets, other: Targets) -> dict[str, dict[str, float]]:
    """Both sets of targets; where both have one for the same people, the higher one."""
    merged = {need: dict(groups) for need, groups in one.items()}
    for need, groups in other.items():
        place = merged.setdefault(need, {})
        for group, share in groups.items():
            place[group] = max(share, place.get(group, 0.0))
    return merged


def _own_budget(stated: Constraints, start: Array) -> float:
    spent = float(start.sum())
    return spent if stated.budget is None else max(stated.budget, 0.0)


def optimum_answer(started: Started, watch: Watch = unwatched) -> dict[str, Any]:
    """The best allocation, or the best plan of several years, beside today's and the start's, as plain data.

    `optimum` as `optimise --json`; `today`, `start` and (where there is one) `best`: `groups` and `needs` of the
    scenario, over all years of a plan; `totals`: programme -> `today, start, best` in currency, of a plan over all
    years with `years` and `start_years`, what is proposed for each and what the start has. `watch` as of `optimise`.
    """
    is_hard = not is_provable(started.model)
    optimum = optimise(started.calibrated, QUICK if is_hard else None, started.n_years, watch)
    best = None if optimum.allocation is None else _as_plan(optimum.allocation)
    today, start = started.horizon.baseline, carried_on(started.horizon, started.start)
    return {
        "optimum": optimum_document(optimum),
        "today": _effects(started, today),
        "start": _effects(started, start),
        "best": None if best is None else _effects(started, best),
        "totals": _totals(started.model, today, start, best),
    }


def _as_plan(allocation: Array) -> Array:
    return allocation if allocation.ndim == 3 else allocation[None]


def frontier_answer(started: Started, points: int = FRONTIER_POINTS, watch: Watch = unwatched) -> dict[str, Any]:
    """Best total for each limit on the gender gap; `baseline` is where the start stands."""
    found = find_frontier(started.calibrated, points, n_years=started.n_years, watch=watch)
    rows = [
        {key: value for key, value in row.items() if key != "allocation"} for row in frontier_rows(started.model, found)
    ]
    return {"points": rows, "start": _effects(started, carried_on(started.horizon, started.start))}


def _effects(started: Started, plan: Array) -> dict[str, Any]:
    """What a plan (T, P, A) does; one of several years over all of them, with each year's groups and money."""
    if len(plan) == 1:
        document = scenario_document(simulate(started.calibrated, plan[0]), ())
        return {key: document[key] for key in ("groups", "needs", "spent", "gap")}
    document = plan_document(simulate_plan(started.horizon, plan), ())
    years = [{key: year[key] for key in YEAR_KEYS} for year in document["years"]]
    return {**{key: document["horizon"][key] for key in ("groups", "needs", "spent", "gap")}, "years": years}


def _totals(model: BudgetModel, today: Array, start: Array, best: Array | None) -> dict[str, dict[str, Any]]:
    """Programme -> money of the plans (T, P, A), over areas and years."""

    def whole(plan: Array, index: int) -> float:
        return round(float(plan[:, index].sum()), 2)

    rows: dict[str, dict[str, Any]] = {}
    for index, code in enumerate(model.programmes):
        proposed = None if best is None else whole(best, index)
        rows[code] = {"today": whole(today, index), "start": whole(start, index), "best": proposed}
        if best is not None and len(best) > 1:
            rows[code]["years"] = [round(float(amount), 2) for amount in best[:, index].sum(axis=1)]
            rows[code]["start_years"] = [round(float(amount), 2) for amount in start[:, index].sum(axis=1)]
    return rows


@dataclass(frozen=True)
class Part:
    """What is taken over of a proposal: programmes, and years of a plan (empty: all of them)."""

    programmes: Collection[str]
    years: Collection[int] = ()

    def has(self, programme: str, year: int) -> bool:
        return programme in self.programmes and (not self.years or year in self.years)


def years_taken(
    started: Started, rows: Sequence[Mapping[str, Any]], part: Part
) -> tuple[dict[tuple[str, str], Decimal], ...]:
    """Every line of every year as an exact amount: the chosen ones as proposed, the others as at the start.

    The start is carried on through the years as today's budget is.
    """
    model, taken = started.model, carried_on(started.horizon, started.start)
    for row in rows:
        year, programme = row.get("year", 1), row["programme"]
        if part.has(programme, year):
            taken[year - 1, model.programmes.index(programme), model.areas.index(row["area"])] = row["amount"]
    return exact_years(model, taken)
