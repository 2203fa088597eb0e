"""Random budget models for tests: all curves and overlaps, empty universes, capacities, inconsistent cells."""

from __future__ import annotations

import dataclasses

import numpy as np

from budget_model.coverage.overlap import OVERLAPS
from budget_model.coverage.response import CURVES
from budget_model.coverage.types import BudgetModel, Constraints, Links


def random_model(
    seed: int, programmes: int = 5, needs: int = 4, areas: int = 3, groups: int = 2, link_share: float = 0.5
) -> BudgetModel:
    """A model drawn from a seed; about a fifth of its cells have records that exceed the survey."""
    random = np.random.default_rng(seed)
    universe = random.integers(0, 5000, (needs, areas, groups)).astype(float)
    universe[random.random(universe.shape) < 0.1] = 0
    deficit = universe * random.choice([0, 1, *random.random(8)], universe.shape)
    unit_cost = random.uniform(5, 400, (programmes, areas))
    baseline = random.uniform(0, 200_000, (programmes, areas))
    baseline[random.random(programmes) < 0.2] = 0
    capacity = np.where(random.random((programmes, areas)) < 0.3, random.uniform(0, 800, (programmes, areas)), np.inf)
    names = ["women", "men", *(f"group-{index}" for index in range(groups - 2))][:groups]
    return BudgetModel(
        currency="PEN",
        areas=tuple(f"area-{index}" for index in range(areas)),
        groups=tuple(names),
        needs=tuple(f"need-{index}" for index in range(needs)),
        programmes=tuple(f"programme-{index}" for index in range(programmes)),
        overlap=tuple(random.choice(OVERLAPS, needs).tolist()),
        weight=random.integers(0, 4, (needs, groups)).astype(float),
        universe=universe,
        deficit=deficit,
        deficit_se=np.full(universe.shape, np.nan),
        unit_cost=unit_cost,
        unit_cost_range=np.stack([0.8 * unit_cost, 1.3 * unit_cost], axis=-1),
        capacity=capacity,
        durability=np.ones(programmes),
        baseline=baseline,
        floor=np.zeros((programmes, areas)),
        ceiling=np.full((programmes, areas), np.inf),
        locked=np.zeros(programmes, dtype=bool),
        links=_random_links(random, programmes, needs, areas, groups, link_share),
        constraints=Constraints(),
    )


def _random_links(random, programmes, needs, areas, groups, link_share) -> Links:
    pairs = np.argwhere(random.random((programmes, needs)) < link_share)
    pairs = pairs if len(pairs) else np.array([[0, 0]])
    pairs = random.permutation(pairs)
    count = len(pairs)
    reach = random.dirichlet(np.ones(groups), (count, areas)) * random.random((count, areas, 1))
    return Links(
        programme=pairs[:, 0],
        need=pairs[:, 1],
        reach=reach,
        effectiveness=random.random(count),
        ceiling=random.uniform(0.05, 1, count),
        response=tuple(random.choice(list(CURVES), count).tolist()),
    )


def random_allocation(seed: int, model: BudgetModel) -> np.ndarray:
    """Amounts around the baseline, some at 0, some far above it."""
    random = np.random.default_rng(seed)
    factor = random.choice([0, 0.5, 1, 1.7, 20], model.baseline.shape)
    return model.baseline * factor + random.choice([0, 30_000], model.baseline.shape)


def reordered(model: BudgetModel, programmes, needs, areas, groups, links) -> BudgetModel:
    """The same model with its axes permuted; each argument says which old position comes where."""
    new_programme, new_need = np.argsort(programmes), np.argsort(needs)
    cells, lines = np.ix_(needs, areas, groups), np.ix_(programmes, areas)
    old = model.links
    return dataclasses.replace(
        model,
        areas=tuple(model.areas[index] for index in areas),
        groups=tuple(model.groups[index] for index in groups),
        needs=tuple(model.needs[index] for index in needs),
        programmes=tuple(model.programmes[index] for index in programmes),
        overlap=tuple(model.overlap[index] for index in needs),
        weight=model.weight[np.ix_(needs, groups)],
        universe=model.universe[cells],
        deficit=model.deficit[cells],
        deficit_se=model.deficit_se[cells],
        unit_cost=model.unit_cost[lines],
        unit_cost_range=model.unit_cost_range[lines],
        capacity=model.capacity[lines],
        durability=model.durability[programmes],
        baseline=model.baseline[lines],
        floor=model.floor[lines],
        ceiling=model.ceiling[lines],
        locked=model.locked[programmes],
        links=Links(
            programme=new_programme[old.programme[links]],
            need=new_need[old.need[links]],
            reach=old.reach[np.ix_(links, areas, groups)],
            effectiveness=old.effectiveness[links],
            ceiling=old.ceiling[links],
            response=tuple(old.response[index] for index in links),
        ),
    )
