"""Claim: 1,000 draws of 60 programmes x 40 needs x 10 areas x 2 groups in under 2 s; one evaluation in under 2 ms.

    .venv/bin/python benchmarks/draws_of_a_municipality.py

Beside it, in the same run: the same draws one at a time (draw, calibrate, evaluate, as a loop would do it), and their
ratio. Models by how many needs a programme serves; records exceed the survey in a part of the cells, as in life, so
that every draw also solves for the factors there.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from budget_model.coverage.assumptions import draw_parameters
from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.draws import draw_scores, random_source
from budget_model.coverage.intervals import chances, year_intervals
from budget_model.coverage.project import build_horizon
from budget_model.coverage.scenario import evaluate
from budget_model.coverage.types import BudgetModel
from budget_model.coverage.uncertainty import run_draws
from tests.drawn_models import model_of_draw
from tests.model_builders import random_allocation, random_model

DRAWS, LOOP_DRAWS = 1000, 20


def municipality(needs_served: int) -> BudgetModel:
    """60 x 40 x 10 x 2 with an error on every deficit and a range on every unit cost and effectiveness."""
    model = random_model(1, 60, 40, 10, 2, needs_served / 40)
    effectiveness, deficit = model.links.effectiveness, model.deficit
    ends = np.stack([0.8 * effectiveness, np.minimum(1, 1.1 * effectiveness)], axis=-1)
    return dataclasses.replace(
        model,
        deficit_se=0.1 * np.sqrt(deficit * (model.universe - deficit)),
        links=dataclasses.replace(model.links, effectiveness_range=ends),
    )


def seconds(action) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def one_at_a_time(model: BudgetModel, allocation: np.ndarray) -> None:
    source = random_source(model, 1)
    for draw in range(LOOP_DRAWS):
        drawn = draw_parameters(model, draw_scores(source, draw, draw + 1))
        calibrated = calibrate(model_of_draw(model, drawn, 0))
        evaluate(calibrated, allocation), evaluate(calibrated, model.baseline)


def row(needs_served: int) -> str:
    model = municipality(needs_served)
    allocation = random_allocation(2, model)
    calibrated = calibrate(model)
    horizon = build_horizon(calibrated, 1)
    evaluation = median(seconds(lambda: evaluate(calibrated, allocation)) for _ in range(50))
    draws = median(seconds(lambda: run_draws(horizon, [allocation[None]], DRAWS, 1)) for _ in range(3))
    result = run_draws(horizon, [allocation[None]], DRAWS, 1)
    plan, baseline = result.plans[0], result.baseline
    reading = seconds(lambda: (year_intervals(result, plan, 1), chances(result, plan, baseline)))
    loop = seconds(lambda: one_at_a_time(model, allocation)) * DRAWS / LOOP_DRAWS
    return (
        f"{needs_served:24} | {len(model.links.need):5} | {1000 * evaluation:14.2f} | {draws:14.2f} | "
        f"{draws + reading:21.2f} | {loop / draws:.1f}  ({calibrated.inconsistent.mean():.0%} of cells scaled)"
    )


def main() -> None:
    print("needs a programme serves | links | evaluation, ms | 1,000 draws, s | with all intervals, s | loop / draws")
    for needs_served in (4, 8, 12, 40):
        print(row(needs_served), flush=True)


if __name__ == "__main__":
    main()
