"""What an optimisation is asked for: the aim, and the rules on coverage, as rows over the cells of the pieces.

`docs/model.md`, *The best allocation*, defines the value of each aim. Knows nothing of solvers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.optimise_pieces import Pieces, build_pieces
from budget_model.coverage.optimise_space import DecisionSpace, build_space
from budget_model.coverage.optimise_years import areas_of_year, base_model, coverage_of, money_due, years_of
from budget_model.coverage.scenario import MEN, WOMEN
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import InputError, Problem

EVERYWHERE = slice(None)
SMALLEST_REACH = 1e-9  # of the whole: less is nothing
LEAST_WHOLE = 1e-12  # persons: nothing is divided by 0 where nobody needs anything


@dataclass(frozen=True)
class CoverageRule:
    """One rule on coverage with the facts that name it."""

    kind: str  # no_group_worse_off | min_coverage | min_coverage_by_area | max_gap
    facts: dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """Linear functions of the cells' coverage: `matrix @ m + constant`, each a share (0-1)."""

    matrix: sparse.csr_matrix  # (Q, K)
    constant: Array  # (Q,) what the background covers
    lower: Array  # (Q,) -inf where there is none
    upper: Array

    def shares(self, values: Array) -> Array:
        return np.asarray(self.matrix @ values + self.constant)

    def violations(self, values: Array) -> Array:
        """(Q,) how far each row misses its limits, share; 0 where it keeps them."""
        shares = self.shares(values)
        return np.asarray(np.maximum(np.maximum(self.lower - shares, shares - self.upper), 0.0))


@dataclass(frozen=True)
class Aim:
    """What is to be as large (`sense` 1) or as small (-1) as possible.

    Either `gain @ m + constant` (total, women), money (min_cost), or a level of `rows`: their lowest share (max_min),
    or the largest absolute share (min_gap).
    """

    kind: str
    sense: float
    gain: Array  # (K,) persons x weight
    constant: float
    rows: Rows | None
    whole: float  # what the value is set in proportion to: weighted needs, currency, or 1 for shares
    reach: float  # what decisions add to the constant at most, about: size of the master's objective


Watch = Callable[[], None]  # called before each linear programme; whatever it raises ends the search


def unwatched() -> None:
    """Nobody waits for the search."""


@dataclass(frozen=True)
class Task:
    calibrated: CalibratedModel
    space: DecisionSpace
    pieces: Pieces
    aim: Aim
    rows: Rows
    rules: tuple[CoverageRule, ...]
    watch: Watch = unwatched

    def value(self, columns: Array, values: Array | None = None) -> float:
        """The aim's true value at an answer; `values` are the cells' m there, where already known."""
        m = self.pieces.values(columns) if values is None else values
        if self.aim.kind == "min_cost":
            return float(self.space.cost_fixed + self.space.cost @ columns[: len(self.space.cost)])
        if self.aim.rows is None:
            return float(self.aim.gain @ m + self.aim.constant)
        shares = self.aim.rows.shares(m)
        return float(shares.min() if self.aim.kind == "max_min" else np.abs(shares).max())


def build_task(calibrated: CalibratedModel, check: bool = True) -> Task:
    """The task of a model: its objective under its constraints.

    Without `check`, an objective that makes no sense is let pass, for those who ask only what is possible.

    Raises
    ------
    InputError : the objective or a bound needs a group, a need or a target that the model does not have.
    """
    if check:
        _check_objective(calibrated.model)
    space = build_space(calibrated)
    pieces = build_pieces(calibrated, space)
    rows, rules = build_rules(calibrated, pieces)
    return Task(calibrated, space, pieces, build_aim(calibrated, pieces, calibrated.model.objective), rows, rules)


# ---- aims ------------------------------------------------------------------------------------------------------------


def build_aim(calibrated: CalibratedModel, pieces: Pieces, kind: str) -> Aim:
    """The aim of that name. `women` and `total` weigh persons by the priority weights of the needs."""
    model, sense = calibrated.model, -1.0 if kind in ("min_gap", "min_cost") else 1.0
    nothing = np.zeros(pieces.n_cells)
    if kind == "min_cost":
        whole = float(model.constraints.budget or model.baseline.sum() or 1.0)
        return Aim(kind, sense, nothing, 0.0, None, whole, whole)
    if kind == "max_min":
        shares = [group_share(calibrated, group) for group in model.groups if _has_needs(model, group)]
        return Aim(kind, sense, nothing, 0.0, stack_rows(calibrated, pieces, shares), 1.0, 1.0)
    if kind == "min_gap":
        return Aim(kind, sense, nothing, 0.0, stack_rows(calibrated, pieces, [gap_share(calibrated)]), 1.0, 1.0)
    persons = persons_weighted(model, kind)
    covered = persons * np.nan_to_num(calibrated.background)
    gain = persons.ravel()[pieces.index] * pieces.factor
    whole = max(float(persons.sum()), LEAST_WHOLE)
    most = float(gain @ pieces.values(np.ones(pieces.matrix.shape[1]))) if pieces.n_cells else 0.0
    reach = min(most, whole) if most > SMALLEST_REACH * whole else whole
    return Aim(kind, sense, gain, float(covered.sum()), None, whole, reach)


def value_of(calibrated: CalibratedModel, kind: str, allocation: Array) -> float:
    """The aim's true value of any allocation (P, A), straight from the model."""
    if kind == "min_cost":
        return float(money_due(calibrated, allocation).sum())
    model, coverage = calibrated.model, np.nan_to_num(coverage_of(calibrated, allocation))
    if kind == "min_gap":
        return abs(float((gap_share(calibrated) * coverage).sum()))
    if kind == "max_min":
        groups = [group for group in model.groups if _has_needs(model, group)]
        return min(float((group_share(calibrated, group) * coverage).sum()) for group in groups)
    return float((persons_weighted(model, kind) * coverage).sum())


def persons_weighted(model: BudgetModel, kind: str) -> Array:
    """(N, A, G) persons times priority weight; of women only where the aim is `women`."""
    weight = np.broadcast_to(model.weight[:, None, :], model.universe.shape).copy()
    if kind == "women":
        weight[:, :, [group != WOMEN for group in model.groups]] = 0.0
    return weight * model.universe


def group_share(calibrated: CalibratedModel, group: str, areas: slice = EVERYWHERE) -> Array:
    """(N, A, G) weights of a group's priority-weighted coverage in some areas; they add up to 1."""
    model = calibrated.model
    weights = np.zeros_like(model.universe)
    weights[:, areas] = model.weight[:, None, :] * model.universe[:, areas]
    own = np.zeros_like(weights)
    position = model.groups.index(group)
    own[..., position] = weights[..., position] / weights[..., position].sum()
    return own


def gap_share(calibrated: CalibratedModel, areas: slice = EVERYWHERE) -> Array:
    """(N, A, G) weights whose sum over coverage is women's minus men's priority-weighted coverage."""
    return group_share(calibrated, WOMEN, areas) - group_share(calibrated, MEN, areas)


def _has_needs(model: BudgetModel, group: str) -> bool:
    position = model.groups.index(group)
    return float((model.weight[:, None, :] * model.universe)[..., position].sum()) > 0


# ---- rules on coverage -----------------------------------------------------------------------------------------------


def build_rules(calibrated: CalibratedModel, pieces: Pieces) -> tuple[Rows, tuple[CoverageRule, ...]]:
    """The rules of a model on coverage; one about a universe of 0 does not apply and is left out."""
    found = list(_rules(calibrated))
    rows = stack_rows(calibrated, pieces, [weights for weights, *_ in found])
    lower, upper = np.array([r[1] for r in found]), np.array([r[2] for r in found])
    return Rows(rows.matrix, rows.constant, lower, upper), tuple(rule for *_, rule in found)


Found = tuple[Array, float, float, CoverageRule]  # weights over (N, A, G), limits, name


def _rules(calibrated: CalibratedModel) -> Iterator[Found]:
    model, limits = calibrated.model, calibrated.model.constraints
    today = np.nan_to_num(coverage_of(calibrated, model.baseline))
    years = years_of(calibrated)
    for year in range(years):
        areas, facts = areas_of_year(calibrated, year), {} if years == 1 else {"year": year + 1}
        for need in dict.fromkeys(limits.no_group_worse_off):
            for group in model.groups:
                weights = need_share(model, need, group, areas)
                share = 0.0 if weights is None else float((weights * today).sum())
                yield from _at_least(weights, "no_group_worse_off", share, need=need, group=group, **facts)
        yield from _target_rules(calibrated, areas, facts)
        if limits.max_gap is not None:
            rule = CoverageRule("max_gap", {"gap": limits.max_gap, **facts})
            yield gap_share(calibrated, areas), -limits.max_gap, limits.max_gap, rule


def _target_rules(calibrated: CalibratedModel, areas: slice, facts: dict[str, int]) -> Iterator[Found]:
    """Targets of one year, over all its areas and by area."""
    model, limits, names = calibrated.model, calibrated.model.constraints, base_model(calibrated).areas
    for need, groups in limits.min_coverage.items():
        for group, share in groups.items():
            weights = need_share(model, need, group, areas)
            yield from _at_least(weights, "min_coverage", share, need=need, group=group, **facts)
    for need, by_area in limits.min_coverage_by_area.items():
        for area, groups in by_area.items():
            position = areas.start + names.index(area)
            for group, share in groups.items():
                weights = need_share(model, need, group, slice(position, position + 1))
                place = {"need": need, "area": area, "group": group}
                yield from _at_least(weights, "min_coverage_by_area", share, **place, **facts)


def _at_least(weights: Array | None, kind: str, share: float, **place: str | int) -> Iterator[Found]:
    if weights is not None:
        yield weights, share, np.inf, CoverageRule(kind, {**place, "coverage": share})


def need_share(model: BudgetModel, need: str, group: str, areas: slice) -> Array | None:
    """(N, A, G) weights of a need's coverage in a group over some areas; None: nobody there."""
    n, g = model.needs.index(need), model.groups.index(group)
    people = float(model.universe[n, areas, g].sum())
    if people <= 0:
        return None
    weights = np.zeros_like(model.universe)
    weights[n, areas, g] = model.universe[n, areas, g] / people
    return weights


def stack_rows(calibrated: CalibratedModel, pieces: Pieces, weights: list[Array]) -> Rows:
    """Rows over the cells from weights over (N, A, G), without limits."""
    if not weights:
        return Rows(sparse.csr_matrix((0, pieces.n_cells)), np.zeros(0), np.zeros(0), np.zeros(0))
    table = np.stack([array.ravel() for array in weights])
    constant = table @ np.nan_to_num(calibrated.background).ravel()
    free = np.full(len(weights), np.inf)
    return Rows(sparse.csr_matrix(table[:, pieces.index] * pieces.factor), constant, -free, free)


# ---- what cannot be asked --------------------------------------------------------------------------------------------


def _check_objective(model: BudgetModel) -> None:
    limits, problems = model.constraints, []
    wants_gap = model.objective == "min_gap" or limits.max_gap is not None
    needed = {WOMEN: model.objective == "women" or wants_gap, MEN: wants_gap}
    for group, is_needed in needed.items():
        if is_needed and group not in model.groups:
            problems.append(_missing_group(model, group))
        elif is_needed and not _has_needs(model, group):
            problems.append(_no_needs(group))
    if model.objective == "max_min" and not any(_has_needs(model, group) for group in model.groups):
        problems.append(_no_needs(", ".join(model.groups)))
    if model.objective == "min_cost" and not (limits.min_coverage or limits.min_coverage_by_area):
        problems.append(
            Problem(
                "no-targets",
                "objective: min_cost looks for the least money that reaches targets, but constraints.min_coverage "
                "gives none. Add the coverage to be reached, such as {WATER: {women: 0.7}}.",
            )
        )
    if problems:
        raise InputError(problems)


def _missing_group(model: BudgetModel, group: str) -> Problem:
    known = ", ".join(model.groups)
    return Problem(
        "missing-group",
        f"The objective or the bound on the gender gap needs the group '{group}', but the groups are {known}. Name "
        f"one of them '{group}', or choose another objective.",
        facts={"group": group, "groups": known},
    )


def _no_needs(group: str) -> Problem:
    return Problem(
        "group-without-needs",
        f"No need with a weight above 0 applies to the group '{group}', so it has no coverage to compare. Give one a "
        "weight, or choose another objective.",
        facts={"group": group},
    )
