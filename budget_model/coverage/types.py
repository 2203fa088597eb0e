"""The budget model as arrays: what `docs/model.md` calls U, D, x, c, K, r, e, s, d. Holds no computation.

Axis order everywhere: P programmes, N needs, A areas, G groups, L links (a programme that serves a need).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Response = Literal["linear", "exponential", "tanh"]
Overlap = Literal["additive", "independent", "nested"]


@dataclass(frozen=True)
class Links:
    """One row a link: programme `programme[l]` serves need `need[l]`."""

    programme: NDArray[np.intp]  # (L,) index into programmes
    need: NDArray[np.intp]  # (L,) index into needs
    reach: Array  # (L, A, G) share of the people served, 0-1; its sum over groups is at most 1
    effectiveness: Array  # (L,) 0-1
    ceiling: Array  # (L,) 0-1, above 0
    response: tuple[Response, ...]  # (L,)
    effectiveness_range: Array | None = None  # (L, 2)
    reach_range: Array | None = None  # (L, A, G, 2)
    reach_by_need: NDArray[np.bool_] | None = None  # (L,) reach follows the deficit, also where that is drawn


@dataclass(frozen=True)
class Earmark:
    """A funding source that the law lets pay for some programmes only."""

    source: str
    amount: float  # currency / year, what the source holds
    programmes: tuple[str, ...]  # what it may pay for


@dataclass(frozen=True)
class Constraints:
    """Limits on an allocation; `None` where the model states none."""

    budget: float | None = None  # currency / year
    max_change: float | None = None  # share of each baseline amount
    no_group_worse_off: tuple[str, ...] = ()  # need ids
    min_coverage: dict[str, dict[str, float]] = field(default_factory=dict)  # need -> group -> share
    min_share: dict[str, Any] | None = None  # {"programmes": [...], "share": 0-1}, of all money spent
    min_coverage_by_area: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)  # need, area, group
    max_gap: float | None = None  # share: most that women's and men's weighted coverage may differ
    earmarks: tuple[Earmark, ...] = ()


@dataclass(frozen=True)
class Outlook:
    """What changes after the first year of a plan; the defaults change nothing. `None` arrays are zeros."""

    horizon_years: int = 1  # how long a plan runs where the question does not say, 1-10
    population_growth: Array | None = None  # (A,) share / year
    price_growth: float = 0.0  # share / year, of unit costs and running costs
    budget_growth: float = 0.0  # share / year, of baseline amounts, floors, ceilings and the total budget
    running_cost: Array | None = None  # (P, A) currency / person served by a work of earlier years / year


@dataclass(frozen=True)
class AssumedMaximum:
    """Ceilings that nobody stated: of these programmes each area may grow to so many times today's money."""

    times_today: float | None  # at least 1; None: no such limit is assumed
    programmes: tuple[str, ...]


@dataclass(frozen=True)
class BudgetModel:
    """A complete model of one baseline year, and what is assumed of the years after it."""

    currency: str
    areas: tuple[str, ...]
    groups: tuple[str, ...]
    needs: tuple[str, ...]
    programmes: tuple[str, ...]
    overlap: tuple[Overlap, ...]  # (N,)
    weight: Array  # (N, G)
    universe: Array  # (N, A, G) persons
    deficit: Array  # (N, A, G) persons, 0 <= deficit <= universe
    deficit_se: Array  # (N, A, G) persons; NaN where there is none (census)
    unit_cost: Array  # (P, A) currency / person / year, above 0
    unit_cost_range: Array  # (P, A, 2) low, high; equal to unit_cost where none is stated
    capacity: Array  # (P, A) persons / year; inf where there is no limit
    durability: Array  # (P,) years, at least 1
    baseline: Array  # (P, A) currency / year
    floor: Array  # (P, A) currency / year
    ceiling: Array  # (P, A) currency / year; inf where there is none
    locked: NDArray[np.bool_]  # (P,)
    links: Links
    constraints: Constraints
    objective: str = "total"
    outlook: Outlook = Outlook()
    hours_saved: Array | None = None  # (P, G) hours of unpaid work in a week that one person served spares each group
    hour_value: float | None = None  # currency an hour
    deficit_correlation: Array | None = None  # (N,) of the groups' survey errors in one area, 0-1; None: independent
    assumed_maximum: AssumedMaximum | None = None  # which ceilings are assumptions; None: nothing is said of them
