"""The parts of the optimiser, each against an independent judge: estimators, bounds, the fast way, rounding."""

import dataclasses
import itertools

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import optimise, solve_provable
from budget_model.coverage.optimise_branching import ENOUGH, MANY_LINES, solve_branching
from budget_model.coverage.optimise_concave import (
    Effort,
    Hope,
    gap_between,
    solve_box,
    solve_concave,
    start_points,
    worst_violation,
)
from budget_model.coverage.optimise_estimators import (
    build_estimators,
    envelope_estimate,
    highest_values,
    lower_estimate,
    lowest_values,
    upper_estimate,
)
from budget_model.coverage.optimise_fast import is_simple, solve_fast
from budget_model.coverage.optimise_local import improve
from budget_model.coverage.optimise_master import Master
from budget_model.coverage.optimise_pieces import NESTED, build_pieces, slopes
from budget_model.coverage.optimise_rounding import can_be_paid, keeps_money_rules, round_to_cents
from budget_model.coverage.optimise_space import build_space
from budget_model.coverage.optimise_task import build_task, value_of
from budget_model.coverage.optimise_tightening import limits_by_prices, tightened
from budget_model.coverage.types import Constraints, Earmark
from tests.coverage.optimise_judges import plain_coverage, random_task
from tests.model_builders import random_model


@pytest.mark.parametrize("seed", range(12))
def test_pieces_give_the_coverage_of_the_plain_model(seed):
    model = random_model(seed)
    calibrated = calibrate(model)
    space = build_space(calibrated)
    pieces = build_pieces(calibrated, space)
    columns = np.random.default_rng(seed).random(len(space.line))
    covered = np.nan_to_num(calibrated.background).ravel()
    covered[pieces.index] += pieces.factor * pieces.values(columns)
    for (n, a, g), share in plain_coverage(model, space.allocation(columns)).items():
        assert covered[np.ravel_multi_index((n, a, g), model.universe.shape)] == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_estimators_enclose_the_truth_on_any_box(seed):
    random = np.random.default_rng(seed)
    calibrated = calibrate(random_model(seed))
    space = build_space(calibrated)
    pieces = build_pieces(calibrated, space)
    count = len(space.line)
    for size in (0.01, 0.3, 1.0):
        low = random.random(count) * random.choice([0, 0.01, 0.5])
        high = low + (1 - low) * random.random(count) * size
        estimators = build_estimators(pieces, low, high)
        at_corner, rise = lower_estimate(estimators)
        points = [low, high, *(low + (high - low) * random.random(count) for _ in range(6))]
        for point in points:
            u, truth = pieces.intensity(point), pieces.values(point)
            value, weight = upper_estimate(estimators, u)
            below = at_corner + np.add.reduceat(rise * (u - estimators.low), pieces.start)
            assert (np.minimum(value, 1.0) >= truth - 1e-10).all()
            assert (below <= truth + 1e-10).all()
            assert (lowest_values(estimators) <= truth + 1e-12).all()
            assert (highest_values(estimators) >= truth - 1e-12).all()
            for other in points:  # a tangent lies above the truth everywhere in the box
                tangent = value + np.add.reduceat(weight * (pieces.intensity(other) - u), pieces.start)
                assert (np.minimum(tangent, 1.0) >= pieces.values(other) - 1e-10).all()


@pytest.mark.parametrize("seed", range(12))
def test_facets_of_the_envelope_lie_below_the_truth_and_touch_it_at_every_corner(seed):
    random = np.random.default_rng(seed)
    calibrated = calibrate(random_model(seed))
    space = build_space(calibrated)
    pieces = build_pieces(calibrated, space)
    count = len(space.line)
    low = random.random(count) * random.choice([0, 0.01, 0.5])
    high = low + (1 - low) * random.random(count) * random.choice([0.01, 0.3, 1.0])
    estimators = build_estimators(pieces, low, high)
    corners = [np.where(random.random(count) < 0.5, low, high) for _ in range(8)]
    inside = [low + (high - low) * random.random(count) for _ in range(8)]
    touches = pieces.rule != NESTED
    for point in (*corners, *inside):
        u = pieces.intensity(point)
        at_corner, rise = envelope_estimate(estimators, u)
        for other in (*corners, *inside, low, high):
            below = at_corner + np.add.reduceat(rise * (pieces.intensity(other) - estimators.low), pieces.start)
            assert (below <= pieces.values(other) + 1e-10).all()
    for corner in corners:
        at_corner, rise = envelope_estimate(estimators, pieces.intensity(corner))
        reached = at_corner + np.add.reduceat(rise * (pieces.intensity(corner) - estimators.low), pieces.start)
        np.testing.assert_allclose(reached[touches], pieces.values(corner)[touches], atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_that_a_search_finds_has_a_smaller_gap_than_the_bound(seed):
    random = np.random.default_rng(seed)
    model = random_model(seed, programmes=9, needs=6, areas=1, link_share=0.4)
    model = dataclasses.replace(
        model, objective="min_gap", weight=np.maximum(model.weight, 1.0), universe=np.maximum(model.universe, 50.0)
    )
    task = build_task(calibrate(model))
    search = solve_branching(task, Effort(gap=1e-5, boxes=10))
    assert search.bound <= search.value + 1e-9
    for _ in range(30):
        found = improve(task, random.random(task.space.n_columns) * random.choice([0.05, 0.3, 1.0]), steps=8)
        if task.space.keeps_rules(found):
            assert task.value(found) >= search.bound - 1e-9
            allocation = task.space.allocation(found)
            assert value_of(task.calibrated, "min_gap", allocation) == pytest.approx(task.value(found), abs=1e-9)


@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_tangents_of_one_side_alone_still_bound_the_smallest_gap(seed, side):
    model = dataclasses.replace(random_model(seed), objective="min_gap")
    model = dataclasses.replace(model, weight=np.maximum(model.weight, 1.0))
    task = build_task(calibrate(model))
    low, high = np.zeros(task.space.n_columns), np.ones(task.space.n_columns)
    half = solve_box(task, low, high, Effort(rounds=5), start_points(task), None, Hope(np.inf, side))
    random = np.random.default_rng(seed)
    tried = random.random((300, task.space.n_columns)) * random.random((300, 1)) ** 3
    kept = [columns for columns in tried if task.space.keeps_rules(columns)]
    assert len(kept) > 50
    assert half.bound <= min(task.value(columns) for columns in kept) + 1e-9


def test_many_lines_prove_their_smallest_gap_to_a_share_of_it_and_no_search_finds_a_smaller_one():
    model = random_model(2, 20, 6, 1, 2, 0.25)
    model = dataclasses.replace(model, weight=np.maximum(model.weight, 1.0), objective="min_gap")
    task = build_task(calibrate(model))
    assert len(task.space.line) > MANY_LINES
    found = solve_branching(task, Effort(boxes=40))
    assert found.value - found.bound <= max(1.01 * ENOUGH * found.value, 1e-5)
    random = np.random.default_rng(0)
    starts = random.random((5, task.space.n_columns))
    tried = [improve(task, start) for start in starts]
    assert min(task.value(columns) for columns in tried if task.space.keeps_rules(columns)) >= found.bound - 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_prices_never_cut_away_an_allocation_better_than_the_value_at_hand(seed):
    random = np.random.default_rng(seed)
    task = build_task(calibrate(random_task(seed, concave=True)))
    low, high = np.zeros(task.space.n_columns), np.ones(task.space.n_columns)
    search = solve_box(task, low, high, Effort(gap=1e-2, rounds=4), start_points(task))
    if search.best is None or search.answer is None:
        return
    new_low, new_high = limits_by_prices(task, search, low, high, search.value)
    best = solve_concave(task, Effort()).best
    for point in (best, *(best + 0.02 * random.normal(size=len(best)) for _ in range(20))):
        point = np.clip(point, 0.0, 1.0)
        values = task.pieces.values(point)
        if not task.space.keeps_rules(point) or worst_violation(task, values) > 0:
            continue
        if task.aim.sense * (task.value(point, values) - search.value) > 1e-9:
            assert (point >= new_low - 1e-6).all()
            assert (point <= new_high + 1e-6).all()


def test_slopes_are_the_derivatives_of_coverage():
    calibrated = calibrate(random_model(5))
    space = build_space(calibrated)
    pieces = build_pieces(calibrated, space)
    point = np.full(len(space.line), 0.03)
    slope = slopes(pieces, pieces.intensity(point))
    for column in range(len(point)):
        step = np.zeros(len(point))
        step[column] = 1e-7
        measured = (pieces.values(point + step) - pieces.values(point - step)) / 2e-7
        expected = np.zeros(pieces.n_cells)
        entries = pieces.matrix[:, column].toarray().ravel()
        np.add.at(expected, pieces.cell, slope * entries)
        np.testing.assert_allclose(measured, expected, rtol=1e-4, atol=1e-4)


def test_the_bound_read_off_row_prices_is_that_of_another_solver_and_holds_for_any_prices():
    task = build_task(calibrate(random_task(6, concave=True)))
    low, high = np.zeros(task.space.n_columns), np.ones(task.space.n_columns)
    money = slice(len(task.space.line))
    master = Master(task, build_estimators(task.pieces, low[money], high[money]), low, high)
    master.aim_at_task()
    for share in (0.1, 0.4, 0.9):
        master.add_cuts(np.full(task.space.n_columns, share))
    answer = master.solve()
    rows = [block.matrix for block in master.blocks]
    parts = [sparse.csr_matrix((row.data, row.indices, row.indptr), row.shape).toarray() for row in rows]
    matrix = np.vstack(parts)
    lower, upper = (np.concatenate([getattr(b, side) for b in master.blocks]) for side in ("lower", "upper"))
    has_lower, has_upper = np.isfinite(lower), np.isfinite(upper)
    judge = linprog(
        master.cost,
        A_ub=np.vstack([matrix[has_upper], -matrix[has_lower]]),
        b_ub=np.concatenate([upper[has_upper], -lower[has_lower]]),
        bounds=np.column_stack([master.low, master.high]),
    )
    assert answer.bound == pytest.approx(judge.fun, rel=1e-7, abs=1e-9)
    wrong = [price * 0.7 for price in answer.prices]
    assert master.bound_from_prices(wrong) <= judge.fun + 1e-9


@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_the_fast_way_and_the_linear_programme_agree(seed):
    model = random_task(seed, concave=True)
    links = model.links
    response = tuple("tanh" if curve == "linear" else curve for curve in links.response)
    budget = Constraints(budget=model.constraints.budget)
    model = dataclasses.replace(
        model, objective="total", constraints=budget, links=dataclasses.replace(links, response=response)
    )
    task = build_task(calibrate(model))
    if not is_simple(task):
        assert task.pieces.n_cells == 0
        return
    fast, judge = solve_fast(task, Effort(gap=1e-5)), solve_concave(task, Effort())
    assert fast.is_infeasible == judge.is_infeasible
    if judge.is_infeasible or fast.best is None:
        return
    assert fast.bound >= judge.value - 1e-9 * abs(judge.value)
    assert fast.value <= judge.bound + 1e-9 * abs(judge.bound)
    assert gap_between(task, fast.value, fast.bound) <= 5e-4


def test_the_fast_way_is_left_where_more_than_a_budget_binds():
    model = random_task(0, concave=True)
    simple = dataclasses.replace(model, objective="total", constraints=Constraints(budget=1e5))
    assert is_simple(build_task(calibrate(simple))) == ("linear" not in simple.links.response)
    for limits in (
        Constraints(budget=1e5, no_group_worse_off=model.needs[:1]),
        Constraints(budget=1e5, min_share={"programmes": [model.programmes[0]], "share": 0.1}),
        Constraints(budget=1e5, earmarks=(Earmark("canon", 1.0, model.programmes),)),
    ):
        assert not is_simple(build_task(calibrate(dataclasses.replace(simple, constraints=limits))))


@pytest.mark.parametrize("seed", [1, 5, 9, 13, 21])
def test_branching_and_tightening_agree_with_the_concave_way_where_both_apply(seed):
    model = random_task(2 * seed, concave=True)
    task = build_task(calibrate(model))
    judge, found = solve_provable(task, Effort()), solve_branching(task, Effort(boxes=10))
    assert judge.is_infeasible == found.is_infeasible
    if not judge.is_infeasible:
        assert found.value == pytest.approx(judge.value, rel=1e-4, abs=1e-6)
        assert task.aim.sense * (found.bound - judge.value) >= -1e-8 * max(1, abs(judge.value))


def test_a_tightened_box_still_holds_the_best():
    model = random_task(3, concave=False)
    task = build_task(calibrate(dataclasses.replace(model, objective="total", constraints=Constraints(budget=2e5))))
    found = solve_branching(task, Effort(boxes=40))
    low, high = np.zeros(task.space.n_columns), np.ones(task.space.n_columns)
    root = solve_concave(task, Effort(rounds=8))
    new_low, new_high, search = tightened(task, low, high, root, 0.999 * found.value, Effort(rounds=8), None)
    assert (found.best >= new_low - 1e-6).all()
    assert (found.best <= new_high + 1e-6).all()
    assert search.bound >= found.value * (1 - 1e-9)


# ---- rounding --------------------------------------------------------------------------------------------------------


def test_sources_are_checked_by_a_flow_that_a_greedy_order_would_get_wrong():
    model = random_task(0, concave=True)
    names = ("a", "b", "c")
    model = dataclasses.replace(model, programmes=names)
    amounts = np.array([[5.0], [5.0], [5.0]])
    model = dataclasses.replace(model, areas=("all",), baseline=amounts, floor=0 * amounts, locked=np.zeros(3, bool))

    def paid(*sources, budget=15.0):
        limits = Constraints(budget=budget, earmarks=tuple(Earmark(*source) for source in sources))

        stated = dataclasses.replace(model, constraints=limits)
        return can_be_paid(stated, amounts.sum(axis=1), budget=budget)

    assert paid(("canon", 5.0, ("a",)), ("tax", 10.0, ("a", "b", "c")))
    assert paid(("canon", 10.0, ("a", "b")), ("tax", 5.0, ("c", "b")))
    assert not paid(("canon", 10.0, ("a",)), ("tax", 5.0, ("b", "c")))
    assert not paid(("canon", 9.0, ("a", "b")), ("tax", 6.0, ("c",)))
    assert paid(("canon", 9.0, ("a", "b")), ("tax", 6.0, ("c",)), budget=17.0)


@pytest.mark.parametrize("seed", range(30))
def test_rounding_keeps_money_rules_and_moves_no_line_by_more_than_cents(seed):
    model = random_task(seed, concave=True)
    task = build_task(calibrate(model))
    search = solve_concave(task, Effort(gap=1e-4))
    if search.best is None:
        return
    amounts = round_to_cents(task, search.best, search.inside)
    assert keeps_money_rules(task, amounts)
    assert (amounts >= task.space.floor - 1e-9).all()
    assert (amounts <= task.space.ceiling + 1e-9).all()
    free = task.space.ceiling > task.space.floor + 0.02
    np.testing.assert_array_equal(np.round(amounts[free], 2), amounts[free])
    if not len(task.rows.lower):
        assert np.abs(amounts - task.space.allocation(search.best)).max() <= 0.02


# ---- frontier and ties -----------------------------------------------------------------------------------------------


def two_sexes():
    """One programme for women, one for men, of equal cost; women lack more. Money is short."""
    from tests.coverage.test_optimise import link, two_services

    women, men = {"women": 1.0, "men": 0.0}, {"women": 0.0, "men": 1.0}
    return two_services(
        programmes=[
            {"id": "hers", "unit_cost": 100, "baseline": {"all": 0}, "serves": [link("WATER", reach=women)]},
            {"id": "his", "unit_cost": 300, "baseline": {"all": 0}, "serves": [link("WATER", reach=men)]},
        ],
    )


def test_the_smallest_gap_is_not_had_by_leaving_everybody_unserved():
    model = dataclasses.replace(two_sexes(), objective="min_gap", constraints=Constraints(budget=100_000))
    optimum = optimise(calibrate(model))
    assert optimum.status == "bounded"
    assert optimum.value == pytest.approx(0, abs=1e-6)
    # equal coverage: 25,000 for her programme and 75,000 for his, everything spent
    np.testing.assert_allclose(optimum.allocation[:, 0], [25_000, 75_000], rtol=1e-3)


def test_the_frontier_falls_from_the_best_total_to_the_smallest_gap():
    from budget_model.coverage.optimise_frontier import find_frontier

    calibrated = calibrate(dataclasses.replace(two_sexes(), constraints=Constraints(budget=100_000)))
    points = find_frontier(calibrated, 5)
    assert [point.max_gap for point in points] == sorted(point.max_gap for point in points)
    assert all(one.total <= two.total + 0.1 for one, two in itertools.pairwise(points))
    assert all(abs(point.gender_gap) <= point.max_gap + 1e-6 for point in points)
    assert all(point.gap <= 1e-3 for point in points)
    best = optimise(dataclasses.replace(calibrated, model=dataclasses.replace(calibrated.model, objective="total")))
    assert points[-1].total == pytest.approx(best.value, rel=1e-3)
    # in the middle the bound on the gap binds: total = 1000 + 750 (2 h - gap ...), checked by scanning one free amount
    middle = points[2]
    scan = max(
        value_of(calibrated, "total", np.array([[x], [100_000 - x]]))
        for x in np.linspace(0, 100_000, 20_001)
        if value_of(calibrated, "min_gap", np.array([[x], [100_000 - x]])) <= middle.max_gap
    )
    assert middle.total == pytest.approx(scan, rel=1e-4)
    assert middle.bound >= scan - 1e-6
