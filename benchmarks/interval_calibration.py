"""Do intervals hold what they promise? On simulated truth, P5-P95 must cover it in 88 to 92 % of the cases.

    .venv/bin/python benchmarks/interval_calibration.py [--worlds 2000] [--draws 1000] [--seed 1]

A world is a municipality whose true deficits, unit costs, effectiveness and reach are known because they were made. A
survey of it is drawn (binomial answers, its own standard errors), the ranges are those from which the truth came, and
the model sees only survey and stated values. For each kind of figure that `simulate --draws` reports, the share of
cases is printed in which the interval holds the figure that the true world would show. Everything is seeded.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.intervals import year_intervals
from budget_model.coverage.project import build_horizon
from budget_model.coverage.scenario import simulate
from budget_model.coverage.types import BudgetModel, Constraints, Links
from budget_model.coverage.uncertainty import run_draws

NEEDS, PROGRAMMES, AREAS, INTERVIEWS = 5, 6, 4, 300
LOW, HIGH = 0.88, 0.92


def world(random: np.random.Generator) -> BudgetModel:
    """The truth, except that costs, effectiveness and reach are still the stated values with their ranges."""
    shape = (NEEDS, AREAS, 2)
    universe = random.integers(800, 6000, shape).astype(float)
    share = random.uniform(0.08, 0.7, (NEEDS, 1, 2)) * random.uniform(0.7, 1.3, shape)
    unit_cost = random.uniform(40, 400, (PROGRAMMES, 1)) * random.uniform(0.9, 1.1, (PROGRAMMES, AREAS))
    pairs = np.array([(p, n) for p in range(PROGRAMMES) for n in range(NEEDS) if (p + n) % 3 == 0])
    women = random.uniform(0.3, 0.7, (len(pairs), 1))
    effectiveness = random.uniform(0.3, 0.8, len(pairs))
    return BudgetModel(
        currency="PEN",
        areas=tuple(f"area-{index}" for index in range(AREAS)),
        groups=("women", "men"),
        needs=tuple(f"need-{index}" for index in range(NEEDS)),
        programmes=tuple(f"programme-{index}" for index in range(PROGRAMMES)),
        overlap=("independent", "additive", "nested", "independent", "additive"),
        weight=np.ones((NEEDS, 2)),
        universe=universe,
        deficit=universe * share,
        deficit_se=np.zeros(shape),
        unit_cost=unit_cost,
        unit_cost_range=np.stack([0.7 * unit_cost, 1.5 * unit_cost], axis=-1),
        capacity=np.full(unit_cost.shape, np.inf),
        durability=np.ones(PROGRAMMES),
        baseline=unit_cost * random.uniform(50, 400, unit_cost.shape),
        floor=np.zeros(unit_cost.shape),
        ceiling=np.full(unit_cost.shape, np.inf),
        locked=np.zeros(PROGRAMMES, dtype=bool),
        links=Links(
            programme=pairs[:, 0],
            need=pairs[:, 1],
            reach=np.repeat(np.stack([women, 1 - women], axis=-1), AREAS, axis=1),
            effectiveness=effectiveness,
            ceiling=random.uniform(0.5, 1, len(pairs)),
            response=tuple(random.choice(["exponential", "tanh", "linear"], len(pairs)).tolist()),
            effectiveness_range=np.stack([0.6 * effectiveness, np.minimum(1, 1.3 * effectiveness)], axis=-1),
        ),
        constraints=Constraints(),
    )


def truth_of(stated: BudgetModel, random: np.random.Generator) -> BudgetModel:
    """The true world: costs and effectiveness drawn from their ranges by NumPy's own triangular distribution."""
    place = random.triangular(0, 0.3 / 0.8, 1, PROGRAMMES)[:, None]  # 0.7, 1, 1.5 times the stated value
    low, high = stated.unit_cost_range[..., 0], stated.unit_cost_range[..., 1]
    links = stated.links
    ends = links.effectiveness_range
    return dataclasses.replace(
        stated,
        unit_cost=low + place * (high - low),
        links=dataclasses.replace(links, effectiveness=random.triangular(ends[:, 0], links.effectiveness, ends[:, 1])),
    )


def surveyed(truth: BudgetModel, stated: BudgetModel, random: np.random.Generator) -> BudgetModel:
    """What the model is given: answers of a survey of the true deficits, and the stated values with their ranges."""
    found = random.binomial(INTERVIEWS, truth.deficit / truth.universe) / INTERVIEWS
    error = np.sqrt(found * (1 - found) / INTERVIEWS)
    return dataclasses.replace(stated, deficit=truth.universe * found, deficit_se=truth.universe * error)


def held(ends: tuple[np.ndarray, np.ndarray], true: np.ndarray) -> np.ndarray:
    return ((true >= ends[0]) & (true <= ends[1])).ravel()


def cases(seed: int, n_draws: int) -> dict[str, np.ndarray]:
    """Whether the interval of each figure holds the true one, in one world."""
    random = np.random.default_rng(seed)
    stated = world(random)
    truth = truth_of(stated, random)
    given = surveyed(truth, stated, random)
    allocation = stated.baseline * random.choice([0, 0.5, 1.5, 2.5], stated.baseline.shape)
    true = simulate(calibrate(truth), allocation)
    draws = run_draws(build_horizon(calibrate(given), 1), [allocation[None]], n_draws, seed)
    found = year_intervals(draws, draws.plans[0], 1)
    (needs_low, needs_high), (groups_low, groups_high) = found.needs, found.groups
    return {
        "coverage of cells": held(found.coverage, true.coverage),
        "change of cells": held(found.change, true.change),
        "coverage of needs": held((needs_low.coverage, needs_high.coverage), true.needs.coverage),
        "gap of needs, pp": held((needs_low.gap_pp, needs_high.gap_pp), true.needs.gap_pp),
        "gained, by group": held((groups_low.gained, groups_high.gained), true.groups.gained),
        "lost, by group": held((groups_low.lost, groups_high.lost), true.groups.lost),
        "coverage of groups": held((groups_low.coverage, groups_high.coverage), true.groups.coverage),
        "cost per met need": held(found.per_met_need, true.money.per_met_need),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--worlds", type=int, default=2000)
    arguments.add_argument("--draws", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    results = [cases(options.seed * 100_000 + index, options.draws) for index in range(options.worlds)]
    print(
        f"{options.worlds} simulated municipalities, {options.draws:,} draws each; P5-P95 should hold the truth in 90 %"
    )
    print(f"{'figure':24}{'cases':>8}{'held':>9}   90 % ± two standard errors of the study")
    for name in results[0]:
        worlds = np.array([result[name].mean() for result in results])
        error = 2 * worlds.std(ddof=1) / np.sqrt(len(worlds))  # cases of one world hang together: counted by world
        inside = "within" if LOW <= worlds.mean() <= HIGH else "OUTSIDE"
        count = sum(len(result[name]) for result in results)
        print(f"{name:24}{count:>8,}{worlds.mean():>9.1%}   ± {error:.1%}   {inside} 88-92 %")


if __name__ == "__main__":
    main()
