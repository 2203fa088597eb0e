"""Scenarios of a stored model in many draws of what is not known exactly, compared draw by draw, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.draws_report import chances_against, draws_document, tornado_rows
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.project import Horizon, build_horizon
from budget_model.coverage.tornado import tornado
from budget_model.coverage.types import Array
from budget_model.coverage.uncertainty import Progress, run_draws
from budget_model.errors import InputError, Problem
from data.workflows.plans import plan_problems
from data.workflows.scenarios import as_array, exact_allocation

MOST_PLANS = 4
MOST_DRAWS = 10_000
MOST_YEARS = 10
USUAL_DRAWS = 1000


@dataclass(frozen=True)
class DrawQuestion:
    """What is asked: a model, up to four allocations as new totals by programme, how many draws and years.

    An allocation holds in every year of the plan. `has_tornado`: which assumption the first answer hangs on most.
    """

    model_sha256: str
    allocations: tuple[Mapping[str, Decimal], ...]
    n_draws: int = USUAL_DRAWS
    seed: int = 0
    n_years: int = 1
    has_tornado: bool = False


def read_draw_question(parameters: Mapping[str, Any]) -> DrawQuestion:
    """A question from plain JSON; InputError with every problem."""
    problems: list[Problem] = []
    given = parameters.get("allocations")
    is_list = isinstance(given, Sequence) and not isinstance(given, str) and 1 <= len(given) <= MOST_PLANS
    if not is_list or not all(isinstance(one, Mapping) for one in given or ()):
        problems.append(_wrong("allocations", f"1 to {MOST_PLANS} allocations, each programme: amount", given))
        given = []
    question = DrawQuestion(
        model_sha256=str(parameters.get("model", "")),
        allocations=tuple(_amounts(one, problems) for one in given or []),
        n_draws=_whole(parameters, "draws", USUAL_DRAWS, (2, MOST_DRAWS), problems),
        seed=_whole(parameters, "seed", 0, (0, 2**32 - 1), problems),
        n_years=_whole(parameters, "years", 1, (1, MOST_YEARS), problems),
        has_tornado=bool(parameters.get("tornado", False)),
    )
    if problems:
        raise InputError(problems)
    return question


def draw_question_document(question: DrawQuestion) -> dict[str, Any]:
    """The question as plain JSON, always written the same way."""
    return {
        "model": question.model_sha256,
        "allocations": [{code: format(amount, "f") for code, amount in one.items()} for one in question.allocations],
        "draws": question.n_draws,
        "seed": question.seed,
        "years": question.n_years,
        "tornado": question.has_tornado,
    }


def drawn_answer(
    calibrated: CalibratedModel, question: DrawQuestion, on_progress: Progress | None = None
) -> dict[str, Any]:
    """Each allocation with its intervals, and how often each beats each other, draw by draw.

    `allocations` has the documents of `simulate --draws`, in their order; `chances[i][j]` says how often the i-th
    beats the j-th (null on the diagonal).
    """
    plans = [_plan(calibrated, one, question.n_years) for one in question.allocations]
    horizon = build_horizon(calibrated, question.n_years)
    return {**draw_question_document(question), **drawn_plans(horizon, plans, question, on_progress)}


def drawn_plans(
    horizon: Horizon, plans: Sequence[Array], question: DrawQuestion, on_progress: Progress | None = None
) -> dict[str, Any]:
    """The same for plans (T, P, A) that are there already: `allocations`, `chances` and perhaps `tornado`."""
    draws = run_draws(horizon, plans, question.n_draws, question.seed, on_progress)
    documents = [
        draws_document(simulate_plan(horizon, plan), draws, drawn, plan_problems(horizon, plan))
        for plan, drawn in zip(plans, draws.plans, strict=True)
    ]
    chances = [
        [None if one is other else chances_against(draws, one, other) for other in draws.plans] for one in draws.plans
    ]
    answer: dict[str, Any] = {"allocations": documents, "chances": chances}
    if question.has_tornado:
        answer["tornado"] = tornado_rows(horizon.model, tornado(horizon, plans[0]))
    return answer


def _plan(calibrated: CalibratedModel, totals: Mapping[str, Decimal], n_years: int) -> Array:
    """(T, P, A): the same amounts every year; AllocationError for an unknown programme or amount."""
    amounts = as_array(calibrated.model, exact_allocation(calibrated.model, totals=totals))
    return np.repeat(amounts[None], n_years, axis=0)


def _amounts(given: Mapping[str, Any], problems: list[Problem]) -> dict[str, Decimal]:
    amounts = {}
    for code, text in given.items():
        try:
            amounts[str(code)] = Decimal(str(text))
        except InvalidOperation:
            problems.append(_wrong(str(code), "an amount of 0 or more", text))
    return amounts


def _whole(
    parameters: Mapping[str, Any], name: str, otherwise: int, limits: tuple[int, int], problems: list[Problem]
) -> int:
    value = parameters.get(name, otherwise)
    if isinstance(value, int) and not isinstance(value, bool) and limits[0] <= value <= limits[1]:
        return value
    problems.append(_wrong(name, f"a whole number from {limits[0]:,} to {limits[1]:,}", value))
    return otherwise


def _wrong(name: str, wanted: str, found: Any) -> Problem:
    message = f"'{name}' must be {wanted}; found {found!r}."
    return Problem("draws-question", message, value=str(found)[:80], facts={"name": name, "found": str(found)[:80]})
