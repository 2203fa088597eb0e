"""A plan over several years for the optimiser: each area once a year, and works that go on serving.

The stretched model has the areas `year 1: all areas, year 2: all areas, ...`. Money of a line serves people in its own
year and, where works last, in later ones (`served_map`, linear), and running costs are owed for those. One year is the
same with the identity as map. Nothing else of the optimiser knows about years.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from budget_model.coverage.calibrate import CalibratedModel
from budget_model.coverage.effect import served
from budget_model.coverage.project import Horizon, build_horizon, evaluate_plan, side_by_side, years_as_areas
from budget_model.coverage.scenario import evaluate
from budget_model.coverage.types import Array, BudgetModel


@dataclass(frozen=True)
class StretchedModel(CalibratedModel):
    """A calibrated model whose areas are those of every year of a plan."""

    horizon: Horizon
    money: Array  # (T,) growth of budget and sources over year 1


def stretch(calibrated: CalibratedModel, n_years: int) -> CalibratedModel:
    """The model of a plan; the model itself where the plan has one year.

    Raises
    ------
    InputError : fewer than 1 or more than 10 years.
    """
    horizon = build_horizon(calibrated, n_years)
    if n_years == 1:
        return calibrated
    years, base = horizon.n_years, calibrated.model
    growth = horizon.growth.ravel()  # (T * A,)

    def repeated(cells: Array, axis: int) -> Array:
        return np.concatenate([cells] * years, axis=axis)

    model = dataclasses.replace(
        years_as_areas(horizon),
        deficit=side_by_side(base.deficit[None] * horizon.growth[:, None, :, None]),
        deficit_se=repeated(base.deficit_se, 1),
        unit_cost=fold(horizon.unit_cost),
        unit_cost_range=repeated(base.unit_cost_range, 1),
        capacity=repeated(base.capacity, 1),
        baseline=fold(horizon.baseline),
        floor=fold(horizon.floor),
        ceiling=fold(horizon.ceiling),
        links=dataclasses.replace(base.links, reach=repeated(base.links.reach, 1)),
    )
    coefficient = repeated(calibrated.effect.coefficient, 1) / growth[None, :, None]
    return StretchedModel(
        model=model,
        effect=dataclasses.replace(calibrated.effect, coefficient=coefficient),
        horizon=horizon,
        money=np.asarray((1.0 + base.outlook.budget_growth) ** np.arange(years), dtype=np.float64),
        background=repeated(calibrated.background, 1),
        scale=repeated(calibrated.scale, 1),
        records=repeated(calibrated.records, 1),
        survey=repeated(calibrated.survey, 1),
        inconsistent=np.concatenate([calibrated.inconsistent] * years, axis=1),
    )


def fold(plan: Array) -> Array:
    """(P, T * A) from (T, P, A)."""
    years, programmes, areas = plan.shape
    return np.ascontiguousarray(np.moveaxis(plan, 0, 1)).reshape(programmes, years * areas)


def unfold(amounts: Array, n_years: int) -> Array:
    """(T, P, A) from (P, T * A)."""
    programmes, columns = amounts.shape
    return np.moveaxis(amounts.reshape(programmes, n_years, columns // n_years), 1, 0)


def years_of(calibrated: CalibratedModel) -> int:
    return calibrated.horizon.n_years if isinstance(calibrated, StretchedModel) else 1


def money_growth(calibrated: CalibratedModel) -> Array:
    """(T,) what budget and sources of each year are multiplied by."""
    return calibrated.money if isinstance(calibrated, StretchedModel) else np.ones(1)


def areas_of_year(calibrated: CalibratedModel, year: int) -> slice:
    """Positions of a year's areas (the first is 0) on the area axis."""
    count = len(calibrated.model.areas) // years_of(calibrated)
    return slice(year * count, (year + 1) * count)


def coverage_of(calibrated: CalibratedModel, allocation: Array) -> Array:
    """(N, A, G) coverage of an allocation, or of a plan side by side; NaN where the universe is 0."""
    if isinstance(calibrated, StretchedModel):
        plan = unfold(allocation, calibrated.horizon.n_years)
        return side_by_side(evaluate_plan(calibrated.horizon, plan))
    return evaluate(calibrated, allocation)


def served_map(calibrated: CalibratedModel) -> sparse.csr_matrix:
    """(lines, lines) people still served on each line by each person whom the money of a line serves."""
    model = calibrated.model
    programmes, columns = model.baseline.shape
    if not isinstance(calibrated, StretchedModel):
        return sparse.csr_matrix(sparse.identity(programmes * columns, format="csr"))
    areas = sparse.identity(columns // calibrated.horizon.n_years, format="csr")
    blocks = [sparse.kron(sparse.csr_matrix(carry), areas) for carry in calibrated.horizon.carry]
    return sparse.csr_matrix(sparse.block_diag(blocks, format="csr"))


def spending_map(calibrated: CalibratedModel) -> sparse.csr_matrix:
    """(T * P, lines) money that each year owes for a programme by each unit of currency that serves people on a line.

    1 in its own year, and the running cost of what it built in later ones.
    """
    own = own_year_map(calibrated)
    if not isinstance(calibrated, StretchedModel):
        return own
    later = served_map(calibrated) - sparse.identity(calibrated.model.baseline.size, format="csr")
    running = sparse.diags(fold(calibrated.horizon.running_cost).ravel())
    per_money = sparse.diags(1.0 / calibrated.model.unit_cost.ravel())
    return sparse.csr_matrix(own + own @ running @ later @ per_money)


def own_year_map(calibrated: CalibratedModel) -> sparse.csr_matrix:
    """(T * P, lines) 1 where a line belongs to the programme and the year."""
    programmes, columns = calibrated.model.baseline.shape
    years = years_of(calibrated)
    lines = np.arange(programmes * columns)
    programme, year = lines // columns, (lines % columns) // (columns // years)
    shape = (years * programmes, programmes * columns)
    return sparse.csr_matrix((np.ones(len(lines)), (year * programmes + programme, lines)), shape=shape)


def money_due(calibrated: CalibratedModel, allocation: Array) -> Array:
    """(T, P) what each year owes for each programme: its amounts, and running costs of what the plan has built."""
    model = calibrated.model
    serving = np.minimum(allocation, model.unit_cost * model.capacity).ravel()
    beyond = allocation.ravel() - serving
    due = spending_map(calibrated) @ serving + own_year_map(calibrated) @ beyond
    return np.asarray(due).reshape(years_of(calibrated), -1)


def people_served(calibrated: CalibratedModel, allocation: Array) -> Array:
    """(P, A) people served on each line by its own money and by works of earlier years."""
    model = calibrated.model
    persons = served(model, allocation)
    return np.asarray(served_map(calibrated) @ persons.ravel()).reshape(persons.shape)


def line_facts(calibrated: CalibratedModel, programme: int, area: int) -> dict[str, str | int]:
    """The names of a line: programme, area, and the year where there are several."""
    model = calibrated.model
    if not isinstance(calibrated, StretchedModel):
        return {"programme": model.programmes[programme], "area": model.areas[area]}
    base = calibrated.horizon.model
    year, position = divmod(area, len(base.areas))
    return {"programme": model.programmes[programme], "area": base.areas[position], "year": year + 1}


def base_model(calibrated: CalibratedModel) -> BudgetModel:
    """The one-year model with the areas as people know them."""
    return calibrated.horizon.model if isinstance(calibrated, StretchedModel) else calibrated.model
