"""The best plan of several years: works last, services lapse, running costs are owed, every year has its own rules."""

import dataclasses
import math

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import optimise
from budget_model.coverage.optimise_report import allocation_rows
from budget_model.coverage.optimise_task import build_task
from budget_model.coverage.optimise_years import coverage_of, fold, money_due, stretch, unfold
from budget_model.coverage.overlap import OVERLAPS
from budget_model.coverage.plans import check_plan
from budget_model.coverage.project import build_horizon, evaluate_plan, running_costs, served_by_money
from budget_model.coverage.types import Constraints, Earmark, Outlook
from tests.coverage.optimise_judges import random_task
from tests.coverage.test_optimise import link, two_services


def lasting(seed, **changes):
    """A random model with works, growth of people, prices and money, and running costs."""
    model = random_task(seed, concave=True)
    random = np.random.default_rng(seed)
    outlook = Outlook(
        population_growth=random.uniform(-0.02, 0.05, len(model.areas)),
        price_growth=0.03,
        budget_growth=0.02,
        running_cost=0.02 * model.unit_cost,
    )
    durability = random.choice([1.0, 5.0, 20.0], len(model.programmes))
    limits = Constraints(budget=round(float(model.baseline.sum()) * 1.2, 2))
    objective = {"objective": "total", "constraints": limits, "durability": durability, "outlook": outlook}
    return dataclasses.replace(model, **{**objective, **changes})


@pytest.mark.parametrize("seed", range(8))
def test_pieces_of_a_plan_give_the_coverage_and_the_costs_of_the_plan(seed):
    model = lasting(seed)
    model = dataclasses.replace(model, overlap=(OVERLAPS[seed % 3],) * len(model.needs))
    calibrated = calibrate(model)
    horizon, stretched = build_horizon(calibrated, 3), stretch(calibrated, 3)
    task = build_task(stretched)
    columns = np.random.default_rng(seed).random(task.space.n_columns)
    amounts = task.space.allocation(columns)
    plan = unfold(amounts, 3)
    np.testing.assert_array_equal(fold(plan), amounts)
    coverage = evaluate_plan(horizon, plan)  # (T, N, A, G)
    areas = len(model.areas)
    covered = np.nan_to_num(stretched.background).ravel()
    covered[task.pieces.index] += task.pieces.factor * task.pieces.values(columns)
    covered = covered.reshape(stretched.model.universe.shape)
    for year in range(3):
        part = slice(year * areas, (year + 1) * areas)
        truth = np.nan_to_num(coverage[year])
        np.testing.assert_allclose(np.where(model.universe > 0, covered[:, part], 0), truth, atol=1e-9)
        np.testing.assert_allclose(np.nan_to_num(coverage_of(stretched, amounts)[:, part]), truth, atol=1e-12)
    due = plan + running_costs(horizon, served_by_money(horizon, plan))
    np.testing.assert_allclose(money_due(stretched, amounts), due.sum(axis=2), rtol=1e-9, atol=1e-6)
    assert task.space.cost_fixed + task.space.cost @ columns[: len(task.space.cost)] == pytest.approx(due.sum())


def test_a_work_is_built_first_and_a_service_bought_later():
    # One need; a work (d huge) for 300 a person and a service for 100. Over three years a person served by a work of
    # year 1 is served three times: 100 a person-year, the same as the service; of years 2 and 3, it is dearer.
    serves = [link("WATER", response="linear")]
    model = two_services(
        programmes=[
            {"id": "main", "unit_cost": 300, "durability": 1e9, "baseline": {"all": 0}, "serves": serves},
            {"id": "tanker", "unit_cost": 120, "baseline": {"all": 0}, "serves": serves},
        ],
        constraints={"budget": 30_000},
    )
    model = dataclasses.replace(model, overlap=("additive", "additive"))
    optimum = optimise(calibrate(model), n_years=3)
    assert optimum.status == "optimal"
    # year 1: the work serves 100 people three times; in year 2 it would serve 100 twice, the tanker 250 once
    np.testing.assert_allclose(optimum.allocation[:, :, 0], [[30_000, 0], [0, 30_000], [0, 30_000]], atol=0.02)
    person_years = 0.75 * (3 * 100 + 250 + 250)
    assert optimum.value == pytest.approx(3 * 1000 + person_years, rel=1e-6)
    assert [row["year"] for row in allocation_rows(optimum)][:3] == [1, 1, 2]


def test_running_costs_leave_less_for_later_years():
    serves = [link("WATER", response="linear")]
    model = two_services(
        programmes=[
            {"id": "main", "unit_cost": 100, "durability": 1e9, "baseline": {"all": 0}, "serves": serves},
        ],
        constraints={"budget": 30_000},
    )
    model = dataclasses.replace(model, outlook=Outlook(running_cost=np.array([[20.0]])))
    optimum = optimise(calibrate(model), n_years=2)
    # year 1: 300 people; year 2: 6,000 to run them, 24,000 to build on
    np.testing.assert_allclose(optimum.allocation.ravel(), [30_000, 24_000], atol=0.02)
    assert optimum.spent == pytest.approx(60_000, abs=0.05)


@pytest.mark.parametrize("seed", range(10))
def test_best_plans_keep_every_years_limits_and_no_random_plan_beats_the_bound(seed):
    model = lasting(seed)
    if seed % 2:
        model = dataclasses.replace(
            model,
            constraints=dataclasses.replace(model.constraints, max_change=0.8, no_group_worse_off=model.needs[:1]),
        )
    calibrated = calibrate(model)
    optimum = optimise(calibrated, n_years=3)
    if optimum.status == "infeasible":
        assert optimum.conflicts
        return
    horizon = build_horizon(calibrated, 3)
    assert check_plan(horizon, optimum.allocation) == ()
    people = horizon.universe * model.weight[None, :, None, :]
    value = float((people * np.nan_to_num(evaluate_plan(horizon, optimum.allocation))).sum())
    assert optimum.value == pytest.approx(value, rel=1e-9)
    assert optimum.status == "optimal"
    random = np.random.default_rng(seed)
    for _ in range(60):
        mixed = optimum.allocation * random.uniform(0.3, 1.7, optimum.allocation.shape)
        tried = np.clip(mixed, horizon.floor, horizon.ceiling)
        if check_plan(horizon, tried) == () and not model.constraints.no_group_worse_off:
            found = float((people * np.nan_to_num(evaluate_plan(horizon, tried))).sum())
            assert found <= optimum.bound * (1 + 1e-9)


def test_a_plan_of_one_year_is_the_best_allocation():
    calibrated = calibrate(lasting(4))
    one, other = optimise(calibrated), optimise(calibrated, n_years=1)
    np.testing.assert_array_equal(one.allocation, other.allocation)


def test_targets_and_sources_hold_in_every_year():
    limits = Constraints(
        budget=400_000,
        min_coverage={"WATER": {"women": 0.7}},
        earmarks=(Earmark("canon", 100_000, ("day-care",)),),
    )
    calibrated = calibrate(dataclasses.replace(two_services(), constraints=limits))
    optimum = optimise(calibrated, n_years=2)
    assert optimum.status == "optimal"
    needed = 200_000 * math.log(2.5)
    assert (optimum.allocation[:, 0, 0] >= needed - 0.01).all()
    assert (optimum.allocation[:, 0, 0] <= 300_000 + 0.01).all()  # canon does not pay for it
    short = dataclasses.replace(two_services(), constraints=dataclasses.replace(limits, budget=250_000))
    found = {c.constraint: c for c in optimise(calibrate(short), n_years=2).conflicts}
    assert set(found) == {"earmark", "min_coverage", "budget"}
    assert found["budget"].relaxation["needed"] == pytest.approx(100_000 + needed, abs=0.1)
