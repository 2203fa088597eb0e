"""What must hold for the best allocation of any model: names, units and order do not matter, money never hurts."""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import optimise
from budget_model.coverage.optimise_concave import Effort
from budget_model.coverage.types import BudgetModel
from tests.coverage.optimise_judges import random_task
from tests.model_builders import reordered

SEEDS = st.integers(0, 500)
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EFFORT = Effort(boxes=30)
MONEY = ("unit_cost", "unit_cost_range", "baseline", "floor", "ceiling")


def best(model: BudgetModel):
    return optimise(calibrate(model), EFFORT)


def agree(one, other, factor=1.0):
    """Two answers to the same question: each value within the other's bound, and both possible or neither."""
    assert (one.status == "infeasible") == (other.status == "infeasible")
    if one.allocation is None or other.allocation is None:
        return
    sense = -1 if one.model.objective in ("min_gap", "min_cost") else 1
    margin = 2e-6 * max(1.0, abs(other.value))
    assert sense * (one.value * factor - other.bound) <= margin
    assert sense * (other.value - one.bound * factor) <= margin
    if one.is_concave:
        assert one.value * factor == pytest.approx(other.value, rel=1e-4, abs=1e-5)


@QUICK
@given(seed=SEEDS)
def test_relabelling_women_and_men_relabels_the_answer(seed):
    model = random_task(seed, concave=seed % 3 > 0)
    if model.objective == "women" or model.constraints.min_coverage:
        return  # these name a group; relabelling changes the question
    count = [range(len(axis)) for axis in (model.programmes, model.needs, model.areas)]
    swapped = reordered(model, *count, [1, 0], range(len(model.links.need)))
    swapped = dataclasses.replace(swapped, groups=model.groups)
    agree(best(model), best(swapped))


@QUICK
@given(seed=SEEDS)
def test_the_order_of_programmes_needs_and_areas_does_not_matter(seed):
    model = random_task(seed, concave=seed % 3 > 0)
    random = np.random.default_rng(seed)
    axes = [random.permutation(len(axis)) for axis in (model.programmes, model.needs, model.areas)]
    links = random.permutation(len(model.links.need))
    agree(best(model), best(reordered(model, *axes, [0, 1], links)))


@QUICK
@given(seed=SEEDS, unit=st.sampled_from([10.0, 100.0, 3750.0]))
def test_the_unit_of_currency_does_not_matter(seed, unit):
    model = random_task(seed, concave=seed % 3 > 0)
    limits = model.constraints
    earmarks = tuple(dataclasses.replace(source, amount=source.amount * unit) for source in limits.earmarks)
    scaled = dataclasses.replace(
        model,
        **{
            name: getattr(model, name) * unit
            for name in ("unit_cost", "unit_cost_range", "baseline", "floor", "ceiling")
        },
        constraints=dataclasses.replace(limits, budget=limits.budget * unit, earmarks=earmarks),
    )
    agree(best(model), best(scaled), unit if model.objective == "min_cost" else 1.0)


@QUICK
@given(seed=SEEDS, more=st.floats(1.0, 3.0))
def test_more_budget_never_hurts(seed, more):
    model = random_task(seed, concave=seed % 3 > 0)
    richer_limits = dataclasses.replace(model.constraints, budget=round(model.constraints.budget * more, 2))
    poor, rich = best(model), best(dataclasses.replace(model, constraints=richer_limits))
    if poor.allocation is None:
        return
    assert rich.status != "infeasible"
    sense = -1 if model.objective in ("min_gap", "min_cost") else 1
    assert sense * (poor.value - rich.bound) <= 1e-6 * max(1.0, abs(poor.value))


@QUICK
@given(seed=SEEDS)
def test_locked_lines_never_move_and_floors_and_ceilings_hold_to_the_cent(seed):
    model = random_task(seed, concave=seed % 3 > 0)
    amounts = best(model).allocation
    if amounts is None:
        return
    np.testing.assert_array_equal(amounts[model.locked], model.baseline[model.locked])
    free = ~model.locked
    assert (amounts[free] >= model.floor[free]).all()
    assert (amounts[free] <= model.ceiling[free]).all()
    assert amounts.sum() <= model.constraints.budget + 1e-6


@QUICK
@given(seed=SEEDS)
def test_the_same_model_gives_the_same_digits(seed):
    model = random_task(seed, concave=seed % 3 > 0)
    one, other = best(model), best(model)
    assert (one.status, one.bound) == (other.status, other.bound) or one.allocation is None
    if one.allocation is not None:
        np.testing.assert_array_equal(one.allocation, other.allocation)
