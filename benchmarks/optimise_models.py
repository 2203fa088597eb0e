"""Models that the benchmarks of the optimiser share: seeded, of realistic proportions, all curves exponential."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from budget_model.coverage.types import BudgetModel, Constraints, Earmark
from tests.model_builders import random_model


def municipal_model(
    programmes: int = 40, needs: int = 30, areas: int = 1, seed: int = 1, link_share: float = 0.1
) -> BudgetModel:
    """A municipality (or a country of them): independent overlap, today's money as the budget."""
    drawn = random_model(seed, programmes, needs, areas, 2, link_share)
    links = dataclasses.replace(drawn.links, response=("exponential",) * len(drawn.links.need))
    baseline = np.round(drawn.baseline, 2)
    return dataclasses.replace(
        drawn,
        overlap=("independent",) * needs,
        links=links,
        universe=np.maximum(drawn.universe, 50.0),
        weight=np.maximum(drawn.weight, 1.0),
        capacity=np.full((programmes, areas), np.inf),
        baseline=baseline,
        constraints=Constraints(budget=float(np.round(baseline.sum(), 2))),
    )


def with_every_constraint(model: BudgetModel) -> BudgetModel:
    """Limits on change, protected needs, targets over all and by area, a minimum share, two sources, floors."""
    budget = model.constraints.budget or 0.0
    count = len(model.needs)
    today = 1.0 - model.deficit.sum(axis=1) / model.universe.sum(axis=1)
    by_area = 1.0 - model.deficit / model.universe
    protected, targeted, local = (range(count // 3), range(count // 3, 2 * count // 3), range(count - 5, count))
    limits = Constraints(
        budget=budget,
        max_change=0.8,
        no_group_worse_off=tuple(model.needs[n] for n in protected),
        min_coverage={model.needs[n]: {"women": float(0.97 * today[n, 0])} for n in targeted},
        min_coverage_by_area={
            model.needs[n]: {area: {"women": float(0.9 * by_area[n, a, 0])} for a, area in enumerate(model.areas)}
            for n in local
        },
        min_share={"programmes": list(model.programmes[:8]), "share": 0.05},
        earmarks=(
            Earmark("canon", 0.1 * budget, model.programmes[: len(model.programmes) // 2]),
            Earmark("foncomun", 0.2 * budget, model.programmes[len(model.programmes) // 4 :]),
        ),
    )
    return dataclasses.replace(model, constraints=limits, floor=0.1 * model.baseline)
