"""What an allocation does: coverage, persons, who gains and who loses, and whether the allocation keeps its limits.

Knows nothing of files, names in other languages or charts. Gains and losses are kept apart everywhere: a need met
for one area never hides a need lost in another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.costs import MoneyTotals, met_by_programmes, spending_by_group, user_shares
from budget_model.coverage.effect import intensity, programme_coverage, served
from budget_model.coverage.types import Array, BudgetModel

WOMEN, MEN = "women", "men"


@dataclass(frozen=True)
class NeedTotals:
    """Each need and group over all areas. Arrays (N, G); gaps (N,), women minus men, NaN unless both are groups.

    Coverages and gaps are NaN where nobody belongs to the universe. Of many draws, every array but the universe has
    the draws as its first axis.
    """

    universe: Array  # persons
    covered: Array  # persons
    covered_baseline: Array
    coverage: Array  # share
    coverage_baseline: Array
    gained: Array  # persons newly covered, summed over the areas that gain
    lost: Array  # persons no longer covered, summed over the areas that lose; >= 0
    gap_pp: Array  # percentage points
    gap_pp_baseline: Array
    ratio: Array  # women / men; NaN where men's coverage is 0
    ratio_baseline: Array


@dataclass(frozen=True)
class GroupTotals:
    """Each group over all needs and areas. Arrays (G,). A person with three needs counts three times in `needs`.

    Of many draws, every array but `needs` has the draws as its first axis.
    """

    needs: Array  # sum of the universe over applicable cells
    covered: Array
    covered_baseline: Array
    coverage: Array  # covered / needs
    coverage_baseline: Array
    weighted_coverage: Array  # the same with the priority weights of the needs
    weighted_coverage_baseline: Array
    gained: Array  # persons, over needs and areas that gain
    lost: Array  # persons, over needs and areas that lose; >= 0


@dataclass(frozen=True)
class InconsistentCell:
    """The programme records claim more than the survey finds: both shares of the universe."""

    need: str
    area: str
    group: str
    records: float
    survey: float


@dataclass(frozen=True)
class ScenarioResult:
    """The answer for one allocation. Cell arrays are (N, A, G), NaN where the universe is 0 (not applicable)."""

    calibrated: CalibratedModel
    allocation: Array  # (P, A) currency / year
    served: Array  # (P, A) persons / year
    beyond_capacity: Array  # (P, A) currency / year that serves nobody, because the capacity is reached
    coverage: Array  # share
    coverage_baseline: Array
    covered: Array  # persons
    covered_baseline: Array
    uncovered: Array
    needs: NeedTotals
    groups: GroupTotals
    money: MoneyTotals  # its `spent` holds running costs too, where the scenario is a year of a plan
    spent: float  # currency / year
    spent_baseline: float
    inconsistent: tuple[InconsistentCell, ...]

    @property
    def model(self) -> BudgetModel:
        return self.calibrated.model

    @property
    def change(self) -> Array:
        """Coverage against the baseline, as a share (0.01 is one percentage point)."""
        return self.coverage - self.coverage_baseline

    @property
    def persons_change(self) -> Array:
        """Persons covered against the baseline: above 0 gains, below 0 loses."""
        return self.covered - self.covered_baseline


def evaluate(calibrated: CalibratedModel, allocation: Array) -> Array:
    """Coverage `C(x) = B + (1 - B) m(x)`.

    Parameters
    ----------
    allocation : (P, A), or (..., P, A) for many at once   [currency / year, >= 0]

    Returns
    -------
    (N, A, G), or (..., N, A, G)   [share, 0-1]; NaN where the universe is 0.

    Raises
    ------
    AllocationError : wrong shape, or an amount that is negative or missing.
    """
    persons = served(calibrated.model, allocation)
    by_programmes = programme_coverage(calibrated.effect, intensity(calibrated.effect, persons))
    return calibrated.background + (1.0 - calibrated.background) * by_programmes


def simulate(calibrated: CalibratedModel, allocation: Array | None = None) -> ScenarioResult:
    """Everything that is reported for one allocation (P, A); the baseline where none is given."""
    model = calibrated.model
    amounts = model.baseline if allocation is None else np.asarray(allocation, dtype=np.float64)
    coverage, baseline = evaluate(calibrated, amounts), evaluate(calibrated, model.baseline)
    return scenario_result(calibrated, amounts, served(model, amounts), coverage, baseline)


def scenario_result(
    calibrated: CalibratedModel,
    amounts: Array,
    persons: Array,
    coverage: Array,
    coverage_baseline: Array,
    running: tuple[float, float] = (0.0, 0.0),
) -> ScenarioResult:
    """The report on coverages (N, A, G) that are known already; amounts and persons served are (P, A).

    `running` is what works of earlier years cost to run, in the scenario and where today's budget is carried on.
    """
    model = calibrated.model
    covered, covered_baseline = model.universe * coverage, model.universe * coverage_baseline
    return ScenarioResult(
        calibrated=calibrated,
        allocation=amounts,
        served=persons,
        beyond_capacity=np.maximum(amounts - persons * model.unit_cost, 0.0) * (persons >= model.capacity),
        coverage=coverage,
        coverage_baseline=coverage_baseline,
        covered=covered,
        covered_baseline=covered_baseline,
        uncovered=model.universe * (1.0 - coverage),
        needs=totals_by_need(model, covered, covered_baseline),
        groups=totals_by_group(model, covered, covered_baseline),
        money=_money(calibrated, amounts, coverage, coverage_baseline, running),
        spent=float(amounts.sum()),
        spent_baseline=float(model.baseline.sum()),
        inconsistent=inconsistent_cells(calibrated),
    )


def _money(
    calibrated: CalibratedModel, amounts: Array, coverage: Array, baseline: Array, running: tuple[float, float]
) -> MoneyTotals:
    model, background = calibrated.model, calibrated.background
    by_group, unassigned = spending_by_group(amounts, user_shares(model, model.links.reach))
    return MoneyTotals(
        met=met_by_programmes(model.universe, coverage, background),
        met_baseline=met_by_programmes(model.universe, baseline, background),
        spent=np.asarray(amounts.sum() + running[0]),
        spent_baseline=np.asarray(model.baseline.sum() + running[1]),
        by_group=by_group,
        unassigned=unassigned,
    )


def inconsistent_cells(calibrated: CalibratedModel) -> tuple[InconsistentCell, ...]:
    """Cells where the records exceed the survey, in the order of the model."""
    model = calibrated.model
    return tuple(
        InconsistentCell(
            model.needs[need],
            model.areas[area],
            model.groups[group],
            float(calibrated.records[need, area, group]),
            float(calibrated.survey[need, area, group]),
        )
        for need, area, group in np.argwhere(calibrated.inconsistent)
    )


def share(part: Array, whole: Array) -> Array:
    """`part / whole`, NaN where the whole is 0: nobody to cover is not a coverage of 0.

    part, whole : persons, of shapes that broadcast against each other; the shares 0-1 have the common shape.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def gains_and_losses(persons_change: Array, axis: int | tuple[int, ...]) -> tuple[Array, Array]:
    """Persons gained and persons lost, each summed on its own; both >= 0. Cells that do not apply count as none.

    persons_change : (..., N, A, G) persons; axis : what is summed over, such as (-3, -2) for needs and areas.
    """
    gained = np.nansum(np.maximum(persons_change, 0.0), axis=axis)
    lost = np.nansum(np.maximum(-persons_change, 0.0), axis=axis)
    return gained, lost


def totals_by_need(model: BudgetModel, covered: Array, covered_baseline: Array) -> NeedTotals:
    """Persons covered (..., N, A, G) summed over the areas of `model`."""
    universe = model.universe.sum(axis=-2)
    total, total_baseline = np.nansum(covered, axis=-2), np.nansum(covered_baseline, axis=-2)
    coverage, baseline = share(total, universe), share(total_baseline, universe)
    gained, lost = gains_and_losses(covered - covered_baseline, axis=-2)
    gap, ratio = women_and_men(model, coverage)
    gap_baseline, ratio_baseline = women_and_men(model, baseline)
    return NeedTotals(
        universe=universe,
        covered=total,
        covered_baseline=total_baseline,
        coverage=coverage,
        coverage_baseline=baseline,
        gained=gained,
        lost=lost,
        gap_pp=gap,
        gap_pp_baseline=gap_baseline,
        ratio=ratio,
        ratio_baseline=ratio_baseline,
    )


def women_and_men(model: BudgetModel, coverage: Array) -> tuple[Array, Array]:
    """Gap (percentage points, women minus men) and ratio (women / men) of a coverage (..., G), each of shape (...).

    NaN where the model has no women or no men, or nobody of them is concerned.
    """
    if WOMEN not in model.groups or MEN not in model.groups:
        nothing = np.full(coverage.shape[:-1], np.nan)
        return nothing, nothing
    women = coverage[..., model.groups.index(WOMEN)]
    men = coverage[..., model.groups.index(MEN)]
    return 100.0 * (women - men), share(women, men)


def totals_by_group(model: BudgetModel, covered: Array, covered_baseline: Array) -> GroupTotals:
    """Persons covered (..., N, A, G) summed over the needs and areas of `model`."""
    needs = model.universe.sum(axis=(-3, -2))
    by_need, by_need_baseline = np.nansum(covered, axis=-2), np.nansum(covered_baseline, axis=-2)
    total, total_baseline = by_need.sum(axis=-2), by_need_baseline.sum(axis=-2)
    weighted_needs = (model.weight * model.universe.sum(axis=-2)).sum(axis=-2)
    gained, lost = gains_and_losses(covered - covered_baseline, axis=(-3, -2))
    return GroupTotals(
        needs=needs,
        covered=total,
        covered_baseline=total_baseline,
        coverage=share(total, needs),
        coverage_baseline=share(total_baseline, needs),
        weighted_coverage=share((model.weight * by_need).sum(axis=-2), weighted_needs),
        weighted_coverage_baseline=share((model.weight * by_need_baseline).sum(axis=-2), weighted_needs),
        gained=gained,
        lost=lost,
    )
