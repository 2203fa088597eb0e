"""Draws against loops and other people's distributions, intervals by hand, chances and the tornado."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from budget_model.coverage import uncertainty
from budget_model.coverage.assumptions import draw_parameters
from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.draws import draw_scores, random_source
from budget_model.coverage.draws_report import chances_against, draws_document, tornado_rows
from budget_model.coverage.intervals import chances, ends_of, year_intervals
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.portable import parse_model
from budget_model.coverage.project import build_horizon, evaluate_plan, served_by_money
from budget_model.coverage.tornado import tornado, width
from budget_model.coverage.types import Outlook
from budget_model.coverage.uncertainty import run_draws
from budget_model.errors import InputError
from tests.coverage.test_assumptions import DOCUMENT as ONE_NEED
from tests.drawn_models import model_of_draw
from tests.model_builders import random_allocation, random_model, reordered
from tests.plain_model import plain_plan


def uncertain_model(seed, **sizes):
    """A random model with errors, ranges, durable works and a correlation."""
    model = random_model(seed, **sizes)
    random = np.random.default_rng(seed)
    effectiveness, reach, deficit = model.links.effectiveness, model.links.reach, model.deficit
    ends = np.stack([0.7 * effectiveness, effectiveness + 0.5 * (1 - effectiveness)], axis=-1)
    largest = np.sqrt(deficit * (model.universe - deficit))
    return dataclasses.replace(
        model,
        deficit_se=np.where(random.random(largest.shape) < 0.8, 0.1 * largest, np.nan),
        deficit_correlation=random.choice([0, 0.6], len(model.needs)),
        durability=random.choice([1.0, 8.0], len(model.programmes)),
        outlook=Outlook(population_growth=random.uniform(0, 0.05, len(model.areas)), price_growth=0.02),
        links=dataclasses.replace(
            model.links,
            effectiveness_range=ends,
            reach_range=np.stack([0.9 * reach, 0.9 * reach + 0.1], axis=-1),
            reach_by_need=None,
        ),
    )


def plain_parameters(model, scores, draw):
    """One draw's model, with the distributions of scipy."""
    links = model.links
    unit_cost, deficit = model.unit_cost.copy(), model.deficit.copy()
    effectiveness, reach = links.effectiveness.copy(), links.reach.copy()
    for p, a in np.ndindex(unit_cost.shape):
        low, high = model.unit_cost_range[p, a]
        unit_cost[p, a] = stats.triang.ppf(
            scores.unit_cost[p, draw], (unit_cost[p, a] - low) / (high - low), low, high - low
        )
    for n, a, g in np.ndindex(deficit.shape):
        error, people = model.deficit_se[n, a, g], model.universe[n, a, g]
        if people > 0 and error > 0:
            share = deficit[n, a, g] / people
            logit = np.log(share / (1 - share)) + scores.deficit[n, draw, a, g] * error / (people * share * (1 - share))
            deficit[n, a, g] = people / (1 + np.exp(-logit))
    for row in range(len(links.need)):
        low, high = links.effectiveness_range[row]
        effectiveness[row] = stats.triang.ppf(
            scores.effectiveness[row, draw], (effectiveness[row] - low) / (high - low), low, high - low
        )
        for a in range(reach.shape[1]):
            ends = links.reach_range[row, a]
            values = [
                stats.triang.ppf(u, (stated - low) / (high - low), low, high - low)
                for u, stated, (low, high) in zip(scores.reach[row, draw], links.reach[row, a], ends, strict=True)
            ]
            above = sum(values) - 1
            if above > 0:
                room = sum(values) - sum(low for low, _ in ends)
                values = [v - above * (v - low) / room for v, (low, _) in zip(values, ends, strict=True)]
            reach[row, a] = values
    return dataclasses.replace(
        model,
        unit_cost=unit_cost,
        deficit=deficit,
        links=dataclasses.replace(links, effectiveness=effectiveness, reach=reach),
    )


@pytest.mark.parametrize("seed", range(4))
def test_every_draw_equals_the_plain_implementation(seed):
    model = uncertain_model(seed, programmes=3, needs=3, areas=2)
    plan = np.stack([random_allocation(seed, model), random_allocation(seed + 1, model)])
    result = run_draws(build_horizon(calibrate(model), 2), [plan], n_draws=6, seed=seed)
    scores = draw_scores(random_source(model, seed), 0, 6)
    for draw in range(6):
        drawn = plain_parameters(model, scores, draw)
        for found, amounts in ((result.plans[0], plan), (result.baseline, np.stack([model.baseline] * 2))):
            expected = plain_plan(drawn, amounts, 0.02, model.outlook.population_growth)
            np.testing.assert_allclose(found.coverage[draw], expected, atol=1e-9)
        survey = np.where(
            model.universe > 0, 1 - drawn.deficit / np.where(model.universe > 0, model.universe, 1), np.nan
        )
        np.testing.assert_allclose(result.baseline.coverage[draw, 0], survey, atol=1e-9)  # the identity, draw by draw


@pytest.mark.parametrize(("programmes", "years"), [(8, 1), (24, 1), (24, 3)])
def test_every_draw_is_a_model_of_its_own_calibrated_and_evaluated(programmes, years):
    model = uncertain_model(programmes, programmes=programmes, needs=6, areas=3)
    plan = np.stack([random_allocation(year, model) for year in range(years)])
    result = run_draws(build_horizon(calibrate(model), years), [plan], n_draws=40, seed=3)
    drawn = draw_parameters(model, draw_scores(random_source(model, 3), 0, 40))
    for draw in range(0, 40, 7):
        alone = build_horizon(calibrate(model_of_draw(model, drawn, draw)), years)
        np.testing.assert_allclose(result.plans[0].coverage[draw], evaluate_plan(alone, plan), atol=1e-11)
        np.testing.assert_allclose(result.baseline.coverage[draw], evaluate_plan(alone, alone.baseline), atol=1e-11)
        np.testing.assert_allclose(result.plans[0].served[draw], served_by_money(alone, plan), rtol=1e-12)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_the_order_of_rows_never_matters_to_a_draw(seed):
    model = dataclasses.replace(random_model(seed), deficit_se=np.full((4, 3, 2), np.nan))
    model = dataclasses.replace(model, deficit_se=0.1 * np.sqrt(model.deficit * (model.universe - model.deficit)))
    random = np.random.default_rng(seed)
    orders = [
        random.permutation(len(names))
        for names in (model.programmes, model.needs, model.areas, model.groups, model.links.need)
    ]
    other = reordered(model, *orders)
    plan = random_allocation(seed, model)[None]
    shuffled_plan = plan[:, orders[0]][:, :, orders[1 + 1]]
    plain = run_draws(build_horizon(calibrate(model), 1), [plan], 5, seed=9).plans[0].coverage
    shuffled = run_draws(build_horizon(calibrate(other), 1), [shuffled_plan], 5, seed=9).plans[0].coverage
    np.testing.assert_allclose(shuffled, plain[:, :, orders[1]][:, :, :, orders[2]][..., orders[3]], atol=1e-9)


def test_blocks_do_not_change_a_draw(monkeypatch):
    model = uncertain_model(5)
    horizon, plan = build_horizon(calibrate(model), 1), random_allocation(5, model)[None]
    whole = run_draws(horizon, [plan], 40, seed=2)
    monkeypatch.setattr(uncertainty, "BLOCK", 1000)
    reports = []
    parts = run_draws(horizon, [plan], 40, seed=2, on_progress=lambda done, of: reports.append((done, of)))
    np.testing.assert_allclose(parts.plans[0].coverage, whole.plans[0].coverage, atol=1e-12)
    assert reports[-1] == (40, 40)
    assert len(reports) > 3
    fewer = run_draws(horizon, [plan], 10, seed=2)
    np.testing.assert_allclose(fewer.plans[0].coverage, whole.plans[0].coverage[:10], atol=1e-12)


def one_need(**programme):
    document = ONE_NEED | {"needs": [{k: v for k, v in ONE_NEED["needs"][0].items() if k != "deficit_se"}]}
    link = {"need": "WATER", "reach": {"women": 0.5, "men": 0.5}, "effectiveness": 1, "response": "linear"}
    return parse_model(document | {"programmes": [ONE_NEED["programmes"][0] | {"serves": [link]} | programme]})


def test_an_interval_of_one_range_is_that_range_seen_through_the_model():
    # Only the unit cost c is uncertain, triangular 80, 100, 140. Baseline serves 10000 / c, of whom half are women:
    # m0 = 5 / c; at half the money m = 2.5 / c. C rises with c towards the survey's 0.75: P5 of C is at P5 of c.
    model = one_need()
    horizon = build_horizon(calibrate(model), 1)
    result = run_draws(horizon, [np.array([[[5000.0]]])], 20000, seed=1)
    found = year_intervals(result, result.plans[0], 1)

    def women(cost):
        background = 1 - 0.25 / (1 - 5 / cost)
        return background + (1 - background) * 2.5 / cost

    costs = stats.triang.ppf([0.05, 0.95], 20 / 60, 80, 60)
    assert found.coverage[0][0, 0, 0] == pytest.approx(women(costs[0]), abs=2e-5)
    assert found.coverage[1][0, 0, 0] == pytest.approx(women(costs[1]), abs=2e-5)
    assert found.change[0][0, 0, 0] == pytest.approx(women(costs[0]) - 0.75, abs=2e-5)
    lost = 1000 * (0.75 - women(costs[0]))
    assert found.needs[1].lost[0, 0] == pytest.approx(lost, abs=0.05)


@pytest.mark.parametrize("count", [1, 2, 20, 999])
def test_ends_are_the_percentiles_of_numpy(count):
    values = np.random.default_rng(count).normal(size=(count, 3, 2))
    values[0, 1, 1] = np.nan
    np.testing.assert_allclose(ends_of(values), np.quantile(values, [0.05, 0.95], axis=0), rtol=1e-12)


def test_taking_the_ends_leaves_the_draws_in_their_order_however_they_lie_in_memory():
    draws_last = np.array([[3.0, 1.0, 2.0], [5.0, 6.0, 4.0]])  # two figures in three draws
    values = np.moveaxis(draws_last, -1, 0)
    low, high = ends_of(values)
    assert values.tolist() == [[3.0, 5.0], [1.0, 6.0], [2.0, 4.0]]
    assert np.allclose((low, high), ([1.1, 4.1], [2.9, 5.9]))  # 5 % and 95 % of the way from the least to the most


def test_half_of_the_money_covers_fewer_in_every_draw():
    model = one_need()
    result = run_draws(build_horizon(calibrate(model), 1), [np.array([[[5000.0]]])], 200, seed=1)
    found = chances(result, result.plans[0], result.baseline)
    assert found.better.tolist() == [0, 0]
    assert found.equal.tolist() == [0, 0]
    back = chances(result, result.baseline, result.plans[0])
    assert back.better.tolist() == [1, 1]


def test_a_plan_never_beats_itself():
    model = uncertain_model(3)
    plan = random_allocation(3, model)[None]
    result = run_draws(build_horizon(calibrate(model), 1), [plan, plan], 50, seed=4)
    found = chances_against(result, *result.plans)
    assert found["groups"]["women"] == {"better": 0.0, "equal": 1.0, "worse": 0.0}
    assert found["narrower_gap"] == 0


def leaves(document, path=()):
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


@pytest.mark.parametrize("years", [1, 3])
def test_every_reported_figure_has_its_interval(years):
    model = uncertain_model(8)
    horizon = build_horizon(calibrate(model), years)
    plan = np.stack([random_allocation(8 + year, model) for year in range(years)])
    draws = run_draws(horizon, [plan], 30, seed=1)
    document = draws_document(simulate_plan(horizon, plan), draws, draws.plans[0])
    figures = dict(leaves(document))
    exact = {"universe", "needs", "amount", "allocated", "allocated_baseline", "scenario", "records", "survey"}
    labels = {"need", "area", "group", "programme", "year", "years", "currency", "p5", "p95"}
    spent = {"spent", "spent_baseline"}  # exact in a scenario; a plan adds running costs
    for path, value in figures.items():
        name = str(path[-1])
        if name in exact | labels or name.endswith(("_p5", "_p95")) or path[0] == "draws" or path[0] in spent:
            continue
        assert (*path[:-1], f"{name}_p5") in figures, path
        low, high = figures[(*path[:-1], f"{name}_p5")], figures[(*path[:-1], f"{name}_p95")]
        if value is not None and low is not None:
            assert low <= high
    assert {"p5", "p95"} <= set(document["coverage"][0])
    women = document["groups"]["women"]
    assert women["p5"] == women["coverage_p5"] < women["p95"]


def test_the_tornado_moves_one_assumption_at_a_time():
    model = one_need()
    horizon = build_horizon(calibrate(model), 1)
    found = tornado(horizon, np.array([[[5000.0]]]))
    assert [(bar.kind, bar.programme) for bar in found.bars] == [("unit_cost", "mains")]
    costs = stats.triang.ppf([0.05, 0.95], 20 / 60, 80, 60)
    for cost, end in zip(costs, (found.bars[0].at_low, found.bars[0].at_high), strict=True):
        changed = dataclasses.replace(model, unit_cost=np.full((1, 1), cost))
        result = simulate_plan(build_horizon(calibrate(changed), 1), np.array([[[5000.0]]])).groups
        np.testing.assert_allclose(end.coverage, result.coverage, rtol=1e-12)
        np.testing.assert_allclose(end.change, result.covered - result.covered_baseline, rtol=1e-9)


def test_survey_errors_of_areas_add_up_as_squares():
    # Baseline coverage moves with the deficit itself: the bar of the need is the root of summed squares of the cells.
    model = dataclasses.replace(uncertain_model(2, areas=3), deficit_correlation=None)
    horizon = build_horizon(calibrate(model), 1)
    bars = {bar.need: bar for bar in tornado(horizon, horizon.baseline).bars if bar.kind == "deficit"}
    stated = tornado(horizon, horizon.baseline).as_stated
    for n, need in enumerate(model.needs):
        if need not in bars:
            continue
        ends = np.zeros(2)
        for g in range(2):
            errors, lacks = np.nan_to_num(model.deficit_se[n, :, g]), model.deficit[n, :, g]
            people = model.universe[n, :, g]
            use = (errors > 0) & (people > 0)
            share = lacks[use] / people[use]
            scale = errors[use] / (people[use] * share * (1 - share))
            high = people[use] / (1 + np.exp(-(np.log(share / (1 - share)) + 1.6448536269514722 * scale)))
            ends[g] = np.sqrt(((high - lacks[use]) ** 2).sum())
        total = model.universe.sum(axis=(0, 1))
        np.testing.assert_allclose(stated.coverage - bars[need].at_high.coverage, ends / total, rtol=1e-6, atol=1e-12)


def test_the_width_of_a_bar_is_between_its_ends():
    model = one_need()
    bar = tornado(build_horizon(calibrate(model), 1), np.array([[[5000.0]]])).bars[0]
    assert width(bar, "change") == pytest.approx(abs(bar.at_high.change.sum() - bar.at_low.change.sum()))
    assert width(bar, "coverage", 0) == pytest.approx(abs(bar.at_high.coverage[0] - bar.at_low.coverage[0]))
    rows = tornado_rows(model, tornado(build_horizon(calibrate(model), 1), np.array([[[5000.0]]])))
    assert rows["bars"][0]["at_p5"]["change"]["women"] == pytest.approx(bar.at_low.change[0])


@pytest.mark.parametrize(("n_draws", "seed"), [(0, 1), (-5, 1), (1000000, 1), (10, -1)])
def test_absurd_numbers_of_draws_and_seeds_are_refused(n_draws, seed):
    with pytest.raises(InputError):
        run_draws(build_horizon(calibrate(one_need()), 1), [], n_draws, seed)


def test_a_model_without_ranges_has_intervals_of_no_width():
    model = random_model(4)
    model = dataclasses.replace(model, unit_cost_range=np.stack([model.unit_cost] * 2, axis=-1))
    plan = random_allocation(4, model)[None]
    result = run_draws(build_horizon(calibrate(model), 1), [plan], 20, seed=0)
    found = year_intervals(result, result.plans[0], 1)
    np.testing.assert_allclose(found.coverage[0], found.coverage[1], atol=1e-12)
