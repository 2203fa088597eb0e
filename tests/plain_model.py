"""The budget model a second time: plain loops over cells straight from the formulas, slow and independent.

Shares nothing with `budget_model.coverage` but the dataclass that holds the numbers.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq


def curve(response: str, u: float, s: float) -> float:
    if response == "linear":
        return min(u, s)
    if response == "exponential":
        return s * (1 - math.exp(-u / s))
    return 2 * s / (1 + math.exp(-2 * u / s)) - s


def together(overlap: str, parts: list[float]) -> float:
    if not parts:
        return 0.0
    if overlap == "additive":
        return min(1.0, sum(parts))
    if overlap == "nested":
        return max(parts)
    left = 1.0
    for part in parts:
        left *= 1 - part
    return 1 - left


def plain_cell(model, n: int, a: int, g: int, persons: list[float], growth: float = 1.0, scale: float = 1.0) -> float:
    """m of one cell, from the persons that each programme serves in the area."""
    links = model.links
    parts = []
    for row in range(len(links.need)):
        if links.need[row] == n:
            p = links.programme[row]
            u = links.effectiveness[row] * links.reach[row, a, g] * persons[p] / (model.universe[n, a, g] * growth)
            parts.append(curve(links.response[row], scale * u, links.ceiling[row]))
    return together(model.overlap[n], parts)


def plain_calibration(model, n: int, a: int, g: int) -> tuple[float, float]:
    """Background share and scale of one cell."""
    persons = [
        min(model.baseline[p, a] / model.unit_cost[p, a], model.capacity[p, a]) for p in range(len(model.programmes))
    ]
    survey = 1 - model.deficit[n, a, g] / model.universe[n, a, g]
    claimed = plain_cell(model, n, a, g, persons)
    if claimed <= survey + 1e-12:
        return ((survey - claimed) / (1 - claimed) if claimed < 1 else 0.0), 1.0
    if survey <= 0:
        return 0.0, 0.0
    return 0.0, brentq(lambda k: plain_cell(model, n, a, g, persons, scale=k) - survey, 0, 1, xtol=1e-15, rtol=1e-14)


def plain_plan(model, plan, prices: float = 0.0, people=None) -> np.ndarray:
    """Coverage (T, N, A, G) of a plan (T, P, A), year after year: the stock of people served is carried along."""
    years = len(plan)
    people = np.zeros(len(model.areas)) if people is None else people
    coverage = np.full((years, *model.universe.shape), np.nan)
    for n, a, g in np.ndindex(model.universe.shape):
        if model.universe[n, a, g] == 0:
            continue
        background, scale = plain_calibration(model, n, a, g)
        stock = [0.0] * len(model.programmes)
        for t in range(years):
            for p in range(len(model.programmes)):
                new = min(plan[t][p, a] / (model.unit_cost[p, a] * (1 + prices) ** t), model.capacity[p, a])
                stock[p] = (1 - 1 / model.durability[p]) * stock[p] + new
            m = plain_cell(model, n, a, g, stock, (1 + people[a]) ** t, scale)
            coverage[t, n, a, g] = background + (1 - background) * m
    return coverage
