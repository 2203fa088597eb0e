"""Judges of the optimiser that share nothing with it: the model written out in loops, and random search."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from budget_model.coverage.types import BudgetModel, Constraints, Earmark
from tests.model_builders import random_model


def plain_coverage(model: BudgetModel, amounts) -> dict[tuple[int, int, int], float]:
    """C of every cell with a universe, calibrated by bisection and without any array operation."""
    found = {}
    for n in range(len(model.needs)):
        for a in range(len(model.areas)):
            for g in range(len(model.groups)):
                if model.universe[n, a, g] > 0:
                    found[n, a, g] = _plain_cell(model, amounts, n, a, g)
    return found


def _plain_cell(model, amounts, n, a, g) -> float:
    survey = 1.0 - model.deficit[n, a, g] / model.universe[n, a, g]
    today = _plain_m(model, model.baseline, n, a, g, 1.0)
    factor = 1.0
    if today > survey + 1e-12:
        low, high = 0.0, 1.0
        for _ in range(200):
            factor = 0.5 * (low + high)
            low, high = (factor, high) if _plain_m(model, model.baseline, n, a, g, factor) < survey else (low, factor)
        return _plain_m(model, amounts, n, a, g, factor)
    background = 0.0 if today >= 1.0 else (survey - today) / (1.0 - today)
    return background + (1.0 - background) * _plain_m(model, amounts, n, a, g, 1.0)


def _plain_m(model, amounts, n, a, g, factor) -> float:
    coverages, links = [], model.links
    for link in range(len(links.need)):
        if links.need[link] != n:
            continue
        p, s = links.programme[link], links.ceiling[link]
        people = min(amounts[p][a] / model.unit_cost[p, a], model.capacity[p, a])
        u = factor * links.effectiveness[link] * links.reach[link, a, g] * people / model.universe[n, a, g]
        curve = {"linear": min(u, s), "exponential": s * (1 - math.exp(-u / s)), "tanh": s * math.tanh(u / s)}
        coverages.append(curve[links.response[link]])
    if model.overlap[n] == "additive":
        return min(1.0, sum(coverages))
    if model.overlap[n] == "nested":
        return max(coverages, default=0.0)
    return 1.0 - math.prod(1.0 - coverage for coverage in coverages)


def plain_value(model: BudgetModel, amounts, coverage=None) -> float:
    """The value of the model's objective, as docs/model.md defines it."""
    if model.objective == "min_cost":
        return float(np.sum(amounts))
    coverage = plain_coverage(model, amounts) if coverage is None else coverage
    met = dict.fromkeys(model.groups, 0.0)
    weighted = dict(met)
    for (n, a, g), share in coverage.items():
        persons = model.weight[n, g] * model.universe[n, a, g]
        met[model.groups[g]] += persons * share
        weighted[model.groups[g]] += persons
    shares = {group: met[group] / weighted[group] for group in model.groups if weighted[group] > 0}
    if model.objective == "min_gap":
        return abs(shares["women"] - shares["men"])
    if model.objective == "max_min":
        return min(shares.values())
    return sum(met.values()) if model.objective == "total" else met["women"]


def keeps_plain_rules(model: BudgetModel, amounts, tolerance: float = 1e-9) -> bool:
    """Whether an allocation keeps budget, limits of lines, minimum share and rules on coverage (not earmarks)."""
    limits, x, today = model.constraints, np.asarray(amounts), model.baseline
    room = 1e-9 * (1 + np.abs(today))
    if limits.budget is not None and x.sum() > limits.budget * (1 + 1e-12) + 1e-9:
        return False
    free = ~model.locked[:, None] & np.ones_like(today, dtype=bool)
    if (np.abs(x - today)[~free] > 0).any() or ((x < model.floor - room) | (x > model.ceiling + room))[free].any():
        return False
    if limits.max_change is not None and (np.abs(x - today) > limits.max_change * today + room)[free].any():
        return False
    if limits.min_share:
        named = [model.programmes.index(name) for name in limits.min_share["programmes"]]
        if x[named].sum() < limits.min_share["share"] * x.sum() - 1e-6:
            return False
    return _keeps_coverage(model, x, tolerance)


def _keeps_coverage(model, x, tolerance) -> bool:
    limits = model.constraints
    coverage = plain_coverage(model, x)
    baseline = plain_coverage(model, model.baseline) if limits.no_group_worse_off else {}

    def share(of, need, group, areas):
        n, g = model.needs.index(need), model.groups.index(group)
        cells = [(n, a, g) for a in areas if (n, a, g) in of]
        people = sum(model.universe[cell] for cell in cells)
        return sum(model.universe[cell] * of[cell] for cell in cells) / people if people else None

    everywhere = range(len(model.areas))
    wanted = [
        (share(coverage, need, group, everywhere), share(baseline, need, group, everywhere))
        for need in limits.no_group_worse_off
        for group in model.groups
    ]
    wanted += [
        (share(coverage, need, group, everywhere), target)
        for need, groups in limits.min_coverage.items()
        for group, target in groups.items()
    ]
    if any(reached is not None and reached < target - tolerance for reached, target in wanted):
        return False
    if limits.max_gap is None:
        return True
    return plain_value(dataclasses.replace(model, objective="min_gap"), x, coverage) <= limits.max_gap + tolerance


def random_allocations(model: BudgetModel, count: int, seed: int = 0):
    """Allocations within the limits of lines and the budget, near the corners and in the middle."""
    random = np.random.default_rng(seed)
    change = model.constraints.max_change
    low = model.floor if change is None else np.maximum(model.floor, model.baseline * (1 - change))
    high = model.ceiling if change is None else np.minimum(model.ceiling, model.baseline * (1 + change))
    low, high = (np.where(model.locked[:, None], model.baseline, limit) for limit in (low, high))
    budget = model.constraints.budget or model.baseline.sum()
    room = budget - low.sum()
    high = np.maximum(low, np.minimum(high, low + max(room, 0.0)))
    for _ in range(count if room >= 0 else 0):
        more = random.random(low.shape) ** random.choice([0.2, 1, 5]) * (high - low)
        spend = room * random.choice([1.0, 1.0, random.random()])
        yield low + more * min(1.0, spend / more.sum() if more.sum() > 0 else 0.0)


def random_task(seed: int, concave: bool) -> BudgetModel:
    """A small model with random limits, constraints and objective; concave by `docs/model.md`, or of any kind."""
    random = np.random.default_rng(seed + 10_000)
    programmes, needs, areas = (int(random.integers(1, high)) for high in (6, 5, 4))
    model = random_model(seed, programmes, needs, areas, 2, float(random.choice([0.4, 0.8])))
    model = dataclasses.replace(model, baseline=np.round(model.baseline, 2), weight=np.maximum(model.weight, 0.5))
    if concave:
        model = _made_concave(model, random)
    objective = str(random.choice(["total", "women", "max_min", *([] if concave else ["min_gap"])]))
    limits = _random_limits(model, random, concave)
    if "min_coverage" in limits and random.random() < 0.5:
        objective = "min_cost"
    lines = {}
    if random.random() < 0.4:
        lines["floor"] = np.round(model.baseline * random.choice([0, 0.3], model.baseline.shape), 2)
    if random.random() < 0.4:
        lines["ceiling"] = np.round(model.baseline * random.choice([1, 2, 5], model.baseline.shape) + 100, 2)
    if random.random() < 0.3:
        lines["locked"] = random.random(programmes) < 0.3
    return dataclasses.replace(model, constraints=Constraints(**limits), objective=objective, **lines)


def _made_concave(model, random):
    links = model.links
    overlap = tuple(random.choice(["additive", "independent"], len(model.needs)).tolist())
    response = tuple(
        "exponential" if overlap[need] == "independent" else curve
        for need, curve in zip(links.need, links.response, strict=True)
    )
    return dataclasses.replace(model, overlap=overlap, links=dataclasses.replace(links, response=response))


def _random_limits(model, random, concave):
    limits = {"budget": float(np.round(model.baseline.sum() * random.choice([0.7, 1, 1.3]), 2))}
    if random.random() < 0.3:
        limits["max_change"] = float(random.choice([0.2, 0.5, 1]))
    if random.random() < 0.3:
        limits["no_group_worse_off"] = model.needs[:1]
    if random.random() < 0.3:
        share = float(random.choice([0.05, 0.3]))
        limits["min_share"] = {"programmes": list(model.programmes[:1]), "share": share}
    if random.random() < 0.2:
        held = round(limits["budget"] * 0.3, 2)
        limits["earmarks"] = (Earmark("canon", held, model.programmes[:2]),)
    if random.random() < 0.2:
        limits["min_coverage"] = {model.needs[0]: {"women": float(random.choice([0.2, 0.5]))}}
    if random.random() < 0.15 and not concave:
        limits["max_gap"] = float(random.choice([0.02, 0.1]))
    return limits
