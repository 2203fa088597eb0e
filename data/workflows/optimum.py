"""The best reallocation of a stored model: plain questions become constraints, and the answer plain data.

The question starts from where somebody stands (today's budget, or amounts that she tries), and limits on change are
counted from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise import Optimum, is_provable, optimise
from budget_model.coverage.optimise_concave import Effort
from budget_model.coverage.optimise_frontier import find_frontier
from budget_model.coverage.optimise_report import frontier_rows, optimum_document
from budget_model.coverage.report import scenario_document
from budget_model.coverage.scenario import simulate
from budget_model.coverage.types import Array, BudgetModel, Constraints
from budget_model.errors import InputError, Problem
from data.workflows.scenarios import as_array, exact_allocation, load_calibrated

OBJECTIVES = ("total", "women", "max_min", "min_gap", "min_cost")
FRONTIER_POINTS = 13
QUICK = Effort(gap=0.005, boxes=40)  # where no best value can be proved, a page waits no longer for the last digits
MOST_CHANGE = 10.0  # a change of 1,000 % is no limit any more


@dataclass(frozen=True)
class Question:
    """What is looked for.

    changes : new totals of programmes that the search starts from; the others stand at today's amounts
    budget_pen : most that may be spent, in the model's currency; None: what the start spends
    max_change : share of each amount at the start that it may change by; None: no limit
    protects_all : no group may be worse off than today in any need
    max_gap : most that women's and men's weighted coverage may differ (share)
    targets : need -> lowest coverage of women and of men (share)
    """

    model_sha256: str
    objective: str = "total"
    changes: Mapping[str, Decimal] = field(default_factory=dict)
    budget_pen: Decimal | None = None
    max_change: float | None = None
    protects_all: bool = False
    max_gap: float | None = None
    targets: Mapping[str, float] = field(default_factory=dict)


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
        problems.append(Problem("optimum-objective", message, value=objective))
    question = Question(
        model_sha256=str(parameters.get("model") or ""),
        objective=objective,
        changes=_amounts(parameters.get("changes") or {}, problems),
        budget_pen=_amount(parameters.get("budget"), problems),
        max_change=_share(parameters.get("max_change"), "optimum-change", MOST_CHANGE, problems),
        protects_all=parameters.get("protects_all") is True,
        max_gap=_share(parameters.get("max_gap"), "optimum-gap", 1.0, problems),
        targets=_targets(parameters.get("targets") or {}, problems),
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
    }


def _amounts(values: Any, problems: list[Problem]) -> dict[str, Decimal]:
    if not isinstance(values, Mapping):
        problems.append(Problem("optimum-changes", "'changes' must give an amount a programme."))
        return {}
    read = {str(code): _amount(value, problems) for code, value in values.items()}
    return {code: amount for code, amount in read.items() if amount is not None}


def _amount(value: Any, problems: list[Problem]) -> Decimal | None:
    if value in (None, ""):
        return None
    text = str(value)
    whole, _, cents = text.partition(".")
    if not (
        whole.isascii()
        and whole.isdigit()
        and len(whole) <= 15
        and (cents == "" or (cents.isascii() and cents.isdigit() and len(cents) <= 2))
    ):
        message = f"'{text[:40]}' is no amount. Write 0 or more with at most two decimals, such as 1500.50."
        problems.append(Problem("optimum-amount", message, value=text[:40], facts={"value": text[:40]}))
        return None
    return Decimal(text)


def _share(value: Any, rule: str, most: float, problems: list[Problem]) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        message = f"'{value}' is no share between 0 and {most:g}."
        problems.append(Problem(rule, message, value=str(value)[:40], facts={"value": str(value)[:40], "most": most}))
        return None
    return float(value)


def _targets(values: Any, problems: list[Problem]) -> dict[str, float]:
    if not isinstance(values, Mapping):
        problems.append(Problem("optimum-targets", "'targets' must give a share a need."))
        return {}
    read = {str(need): _share(value, "optimum-target", 1.0, problems) for need, value in values.items()}
    return {need: share for need, share in read.items() if share is not None}


@dataclass(frozen=True)
class Started:
    """A question ready to be solved: the model with its limits, and where the search starts."""

    calibrated: CalibratedModel
    start: Array  # (P, A) currency / year

    @property
    def model(self) -> BudgetModel:
        return self.calibrated.model


def pose(session: Session, site_id: int, question: Question) -> Started:
    """The model of a question.

    Raises
    ------
    NotFoundError : no such model of this site. AllocationError : a start that cannot be one.
    InputError : a need that the model does not have.
    """
    calibrated = load_calibrated(session, site_id, question.model_sha256)
    model = calibrated.model
    unknown = sorted(set(question.targets) - set(model.needs))
    if unknown:
        message = f"There is no need '{unknown[0]}' in the model. It has: {', '.join(model.needs)}."
        raise InputError(Problem("unknown-need", message, value=unknown[0], facts={"need": unknown[0]}))
    start = as_array(model, exact_allocation(model, totals=question.changes))
    floor, ceiling = limits(model, start, question.max_change)
    posed = replace(
        model,
        floor=floor,
        ceiling=ceiling,
        objective=question.objective,
        constraints=_constraints(model, start, question),
    )
    return Started(replace(calibrated, model=posed), start)


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


def _constraints(model: BudgetModel, start: Array, question: Question) -> Constraints:
    stated = model.constraints
    budget = float(question.budget_pen) if question.budget_pen is not None else _own_budget(stated, start)
    targets = {need: dict.fromkeys(model.groups, share) for need, share in question.targets.items()}
    return replace(
        stated,
        budget=budget,
        max_change=None if question.max_change is not None else stated.max_change,
        no_group_worse_off=tuple(model.needs) if question.protects_all else stated.no_group_worse_off,
        min_coverage={**stated.min_coverage, **targets},
        max_gap=question.max_gap if question.max_gap is not None else stated.max_gap,
    )


def _own_budget(stated: Constraints, start: Array) -> float:
    spent = float(start.sum())
    return spent if stated.budget is None else max(stated.budget, 0.0)


def optimum_answer(started: Started) -> dict[str, Any]:
    """The best allocation beside today's and the start's, as plain data.

    `optimum` as `optimise --json`; `today`, `start` and (where there is one) `best`: `groups` and `needs` of the
    scenario; `totals`: programme -> `today, start, best` in currency a year.
    """
    is_hard = not is_provable(started.model)
    optimum = optimise(started.calibrated, QUICK if is_hard else None)
    answer: dict[str, Any] = {
        "optimum": optimum_document(optimum),
        "today": _effects(started.calibrated, started.model.baseline),
        "start": _effects(started.calibrated, started.start),
        "best": None if optimum.allocation is None else _effects(started.calibrated, optimum.allocation),
        "totals": _totals(started, optimum),
    }
    return answer


def frontier_answer(started: Started, points: int = FRONTIER_POINTS) -> dict[str, Any]:
    """Best total for each limit on the gender gap; `baseline` is where the start stands."""
    found = find_frontier(started.calibrated, points)
    rows = [
        {key: value for key, value in row.items() if key != "allocation"} for row in frontier_rows(started.model, found)
    ]
    return {"points": rows, "start": _effects(started.calibrated, started.start)}


def _effects(calibrated: CalibratedModel, allocation: Array) -> dict[str, Any]:
    document = scenario_document(simulate(calibrated, allocation), ())
    return {key: document[key] for key in ("groups", "needs", "spent", "gap")}


def _totals(started: Started, optimum: Optimum) -> dict[str, dict[str, float | None]]:
    best = None if optimum.allocation is None else optimum.allocation.sum(axis=1)
    today, start = started.model.baseline.sum(axis=1), started.start.sum(axis=1)
    return {
        code: {
            "today": round(float(today[index]), 2),
            "start": round(float(start[index]), 2),
            "best": None if best is None else round(float(best[index]), 2),
        }
        for index, code in enumerate(started.model.programmes)
    }


def amounts_taken(
    started: Started, rows: Sequence[Mapping[str, Any]], programmes: Sequence[str]
) -> dict[tuple[str, str], Decimal]:
    """Every line as an exact amount: those of the chosen programmes as proposed, the others as at the start."""
    model = started.model
    proposed = {(row["programme"], row["area"]): row["amount"] for row in rows}
    chosen = set(programmes)
    return {
        (programme, area): Decimal(f"{proposed[programme, area] if programme in chosen else started.start[p, a]:.2f}")
        for p, programme in enumerate(model.programmes)
        for a, area in enumerate(model.areas)
    }
