"""What must hold for every budget model, whatever its curves, overlaps and gaps."""

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.scenario import evaluate, simulate
from tests.model_builders import random_allocation, random_model, reordered

MODELS = st.builds(
    random_model,
    seed=st.integers(0, 2**32 - 1),
    programmes=st.integers(1, 6),
    needs=st.integers(1, 5),
    areas=st.integers(1, 4),
    groups=st.integers(1, 3),
    link_share=st.sampled_from([0.2, 0.6, 1.0]),
)
SEEDS = st.integers(0, 2**32 - 1)


@given(MODELS)
def test_the_baseline_reproduces_the_survey(model):
    calibrated = calibrate(model)
    difference = np.abs(evaluate(calibrated, model.baseline) - calibrated.survey)
    assert difference[model.universe > 0].max(initial=0) < 1e-9


@given(MODELS, SEEDS)
def test_coverage_is_a_share_wherever_somebody_is_concerned(model, seed):
    coverage = evaluate(calibrate(model), random_allocation(seed, model))
    assert (np.isnan(coverage) == (model.universe == 0)).all()
    concerned = coverage[model.universe > 0]
    assert ((concerned >= 0) & (concerned <= 1 + 1e-12)).all()


@given(MODELS, SEEDS, SEEDS)
def test_more_money_never_covers_fewer_people(model, seed, extra_seed):
    calibrated = calibrate(model)
    less = random_allocation(seed, model)
    more = less + random_allocation(extra_seed, model)
    rise = evaluate(calibrated, more) - evaluate(calibrated, less)
    assert rise[model.universe > 0].min(initial=0) > -1e-12


@given(MODELS, SEEDS)
def test_persons_and_money_are_conserved(model, seed):
    allocation = random_allocation(seed, model)
    result = simulate(calibrate(model), allocation)
    people = max(1.0, model.universe.sum())
    for totals in (result.needs, result.groups):
        change = totals.covered - totals.covered_baseline
        np.testing.assert_allclose(totals.gained - totals.lost, change, atol=1e-11 * people)
        assert (totals.gained >= 0).all()
        assert (totals.lost >= 0).all()
    np.testing.assert_allclose(result.needs.gained.sum(axis=0), result.groups.gained, atol=1e-11 * people)
    concerned = model.universe > 0
    np.testing.assert_allclose((result.covered + result.uncovered)[concerned], model.universe[concerned])
    assert np.isclose(result.spent, allocation.sum())
    assert np.isclose((result.served * model.unit_cost + result.beyond_capacity).sum(), result.spent)


@given(MODELS, SEEDS)
def test_the_order_of_rows_never_matters(model, seed):
    random = np.random.default_rng(seed)
    programmes, needs, areas, groups, links = (
        random.permutation(len(items))
        for items in (model.programmes, model.needs, model.areas, model.groups, model.links.need)
    )
    allocation = random_allocation(seed, model)
    plain = evaluate(calibrate(model), allocation)
    shuffled_model = reordered(model, programmes, needs, areas, groups, links)
    shuffled = evaluate(calibrate(shuffled_model), allocation[np.ix_(programmes, areas)])
    np.testing.assert_allclose(shuffled, plain[np.ix_(needs, areas, groups)], atol=1e-10)


@given(MODELS, SEEDS)
def test_relabelled_groups_give_relabelled_results(model, seed):
    """Nothing in the model favours a group: with the names swapped, the gap only changes its sign."""
    allocation = random_allocation(seed, model)
    plain = simulate(calibrate(model), allocation)
    swapped = {"women": "men", "men": "women"}
    renamed = dataclasses.replace(model, groups=tuple(swapped.get(group, group) for group in model.groups))
    other = simulate(calibrate(renamed), allocation)
    np.testing.assert_array_equal(other.coverage, plain.coverage)
    np.testing.assert_array_equal(other.needs.gap_pp, -plain.needs.gap_pp)


@given(MODELS, SEEDS, st.sampled_from([0.001, 7.0, 1000.0]))
def test_the_unit_of_the_currency_never_matters(model, seed, rate):
    allocation = random_allocation(seed, model)
    plain = evaluate(calibrate(model), allocation)
    other = dataclasses.replace(model, unit_cost=model.unit_cost * rate, baseline=model.baseline * rate)
    np.testing.assert_allclose(evaluate(calibrate(other), allocation * rate), plain, atol=1e-10)
