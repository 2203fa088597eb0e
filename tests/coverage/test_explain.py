"""Reasons: contributions against all orders of the programmes, marginal yields against plain differences."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.explain import (
    LIMITS,
    contributions,
    contributions_of_plan,
    explain_changes,
    next_money,
)
from budget_model.coverage.explain_programmes import ProgrammeChange, beside, best_area_of_each, split_changes
from budget_model.coverage.explain_report import reasons_document
from budget_model.coverage.overlap import OVERLAPS
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.portable import parse_model
from budget_model.coverage.project import build_horizon
from budget_model.coverage.scenario import evaluate, simulate
from budget_model.coverage.shapley import parts
from tests.coverage.test_plans import outlook_of
from tests.model_builders import random_allocation, random_model
from tests.plain_model import together

MODELS = st.builds(
    random_model,
    seed=st.integers(0, 2**32 - 1),
    programmes=st.integers(1, 6),
    needs=st.integers(1, 4),
    areas=st.integers(1, 3),
    groups=st.integers(1, 3),
    link_share=st.sampled_from([0.3, 1.0]),
)
SEEDS = st.integers(0, 2**32 - 1)


def over_all_orders(coverage, rule):
    """The Shapley value as it is defined: what each adds, averaged over all orders of coming."""
    found = np.zeros(len(coverage))
    for order in itertools.permutations(range(len(coverage))):
        before = 0.0
        for place in range(len(order)):
            after = together(rule, [coverage[index] for index in order[: place + 1]])
            found[order[place]] += after - before
            before = after
    return found / math.factorial(len(coverage))


# ---- parts


def test_two_programmes_that_meet_by_chance_share_what_both_would_cover():
    # 0.5 and 0.4 cover 0.7 together: 0.2 of the people are met by both, and each answers for half of those
    np.testing.assert_allclose(parts(np.array([0.5, 0.4]), "independent"), [0.4, 0.3])


def test_nested_programmes_share_the_lower_steps():
    # 0.6 covers whom 0.2 covers too: the first 0.2 are shared, the rest is its own
    np.testing.assert_allclose(parts(np.array([0.6, 0.2]), "nested"), [0.5, 0.1])


def test_additive_programmes_keep_their_own_and_are_cut_alike_where_they_pass_everybody():
    np.testing.assert_allclose(parts(np.array([0.5, 0.3]), "additive"), [0.5, 0.3])
    np.testing.assert_allclose(parts(np.array([0.9, 0.6]), "additive"), [0.6, 0.4])


@pytest.mark.parametrize("rule", OVERLAPS)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_parts_are_the_average_over_all_orders(rule, count):
    random = np.random.default_rng(count)
    most = 1 / count if rule == "additive" else 1.0  # where the sum passes 1 another value is meant
    coverage = random.choice([0.0, 0.2, 0.2, 1.0, *random.random(4)], (count, 5)) * most
    found = parts(coverage, rule)
    for cell in range(5):
        np.testing.assert_allclose(found[:, cell], over_all_orders(coverage[:, cell], rule), atol=1e-14)


@pytest.mark.parametrize("rule", OVERLAPS)
def test_sixty_programmes_still_add_up(rule):
    coverage = np.random.default_rng(1).random((60, 40))
    whole = [together(rule, coverage[:, cell].tolist()) for cell in range(40)]
    np.testing.assert_allclose(parts(coverage, rule).sum(axis=0), whole, atol=1e-13)


# ---- contributions


@given(MODELS, SEEDS)
def test_contributions_and_background_add_up_to_the_people_covered(model, seed):
    calibrated, allocation = calibrate(model), random_allocation(seed, model)
    found = contributions(calibrated, allocation)
    whole = found.background + found.of_programmes(model).sum(axis=0)
    covered = np.nan_to_num(model.universe * evaluate(calibrated, allocation))
    np.testing.assert_allclose(whole, covered, atol=1e-9 * max(1, model.universe.max()))
    assert (found.by_link >= 0).all()


@given(MODELS, SEEDS)
def test_a_programme_without_money_contributes_nothing(model, seed):
    allocation = random_allocation(seed, model)
    allocation[0] = 0
    assert contributions(calibrate(model), allocation).of_programmes(model)[0].sum() == 0


@given(MODELS, SEEDS)
def test_contributions_of_a_plan_add_up_in_every_year(model, seed):
    model = outlook_of(model, seed)
    horizon = build_horizon(calibrate(model), 3)
    plan = np.stack([random_allocation(seed + year, model) for year in range(3)])
    years = simulate_plan(horizon, plan).years
    for found, year in zip(contributions_of_plan(horizon, plan), years, strict=True):
        whole = found.background + found.of_programmes(model).sum(axis=0)
        np.testing.assert_allclose(whole, np.nan_to_num(year.covered), atol=1e-8 * max(1, model.universe.max()))


# ---- the next money


@given(MODELS, SEEDS, st.sampled_from([1.0, 1000.0]))
def test_the_next_money_is_the_plain_difference_of_each_line(model, seed, amount):
    calibrated, allocation = calibrate(model), random_allocation(seed, model)
    found = next_money(calibrated, allocation, amount)
    now = np.nan_to_num(simulate(calibrated, allocation).covered)
    for line in itertools.islice(np.ndindex(allocation.shape), 6):
        more, less = allocation.copy(), allocation.copy()
        more[line] += amount
        less[line] -= min(amount, allocation[line])
        gained = np.nan_to_num(simulate(calibrated, more).covered) - now
        np.testing.assert_allclose(found.gained[line], gained.sum(axis=(0, 1)), atol=1e-7)
        np.testing.assert_allclose(found.weighted_gained[line], (gained.sum(axis=1) * model.weight).sum(), atol=1e-6)
        lost = now - np.nan_to_num(simulate(calibrated, less).covered)
        expected = lost.sum(axis=(0, 1)) * (amount / min(amount, allocation[line]) if allocation[line] else 0)
        np.testing.assert_allclose(found.lost[line], expected, atol=1e-6)


DOCUMENT = {
    "currency": "PEN",
    "areas": ["north", "south"],
    "groups": ["women", "men"],
    "needs": [
        {
            "id": "WATER",
            "overlap": "additive",
            "universe": {"north": {"women": 1000, "men": 1000}, "south": {"women": 1000, "men": 1000}},
            "deficit": {"north": {"women": 500, "men": 500}, "south": {"women": 500, "men": 500}},
        }
    ],
    "programmes": [
        {
            "id": "mains",
            "unit_cost": 10,
            "capacity": {"north": 200, "south": None},
            "baseline": {"north": 1000, "south": 1000},
            "ceiling": {"north": 5000, "south": 3000},
            "serves": [{"need": "WATER", "reach": {"women": 1}, "effectiveness": 1, "response": "linear"}],
        },
        {
            "id": "tankers",
            "unit_cost": 40,
            "baseline": {"north": 4000, "south": 0},
            "serves": [{"need": "WATER", "reach": {"men": 1}, "effectiveness": 0.5, "response": "linear"}],
        },
    ],
}
# North, women: mains serve 100 of 1000, m0 = 0.1, 1 - B = 0.5 / 0.9. Men: tankers 100 x 0.5, 1 - B = 0.5 / 0.95.


def test_a_cut_stands_beside_the_increase_that_got_its_money():
    calibrated = calibrate(parse_model(DOCUMENT))
    allocation = np.array([[2000.0, 1000.0], [3000.0, 0.0]])  # 1000 from tankers to mains in the north
    found = explain_changes(calibrated, allocation)
    (cut,), (increase,) = found.cuts, found.increases
    assert (cut.programme, cut.area, cut.change) == (1, 0, -1000)
    # tankers: 1000 / 40 x 0.5 = 12.5 of 1000 men, times 0.5 / 0.95; mains: 100 of 1000 women, times 0.5 / 0.9
    np.testing.assert_allclose(cut.mean, [0, 12.5 * 0.5 / 0.95])
    np.testing.assert_allclose(increase.mean, [100 * 0.5 / 0.9, 0])
    np.testing.assert_allclose(increase.first, increase.mean)
    np.testing.assert_allclose(cut.last, cut.mean)
    assert found.beside(cut) == increase


def test_a_line_says_why_more_money_would_serve_nobody():
    model = parse_model(DOCUMENT)
    found = next_money(calibrate(model), np.array([[2500.0, 3000.0], [4000.0, 0.0]]))
    assert [[LIMITS[index] for index in row] for row in found.limit] == [["capacity", "ceiling"], ["", ""]]
    assert found.gained[0, 0].tolist() == [0, 0]
    assert found.lost[1, 1].tolist() == [0, 0]  # nothing there to take away


# ---- the document


def test_what_flows_into_a_need_flows_out_of_it():
    model = random_model(4, programmes=6, needs=5)
    calibrated, allocation = calibrate(model), random_allocation(4, model)
    flow = reasons_document(calibrated, allocation)["flow"]
    for number, node in enumerate(flow["nodes"]):
        if node["kind"] == "need":
            into = sum(link["persons"] for link in flow["links"] if link["target"] == number)
            out = sum(link["persons"] for link in flow["links"] if link["source"] == number)
            assert into == pytest.approx(out, abs=1e-6)
    covered = simulate(calibrated, allocation).groups.covered
    for g, group in enumerate(model.groups):
        number = flow["nodes"].index({"kind": "group", "id": group})
        assert sum(link["persons"] for link in flow["links"] if link["target"] == number) == pytest.approx(covered[g])


def test_rows_of_contributions_and_background_add_up_to_the_cells():
    model = random_model(6)
    calibrated, allocation = calibrate(model), random_allocation(6, model)
    document = reasons_document(calibrated, allocation)
    covered = dict.fromkeys(((row["need"], row["area"], row["group"]) for row in document["background"]), 0.0)
    for row in (*document["contributions"], *document["background"]):
        covered[row["need"], row["area"], row["group"]] += row["persons"]
    result = simulate(calibrated, allocation)
    for (need, area, group), persons in covered.items():
        cell = model.needs.index(need), model.areas.index(area), model.groups.index(group)
        assert persons == pytest.approx(result.covered[cell], abs=1e-7)
    change = sum(row["change"] for row in document["contributions"])
    assert change == pytest.approx(np.nansum(result.persons_change), abs=1e-6)


def test_lines_that_can_take_no_more_come_last():
    lines = reasons_document(calibrate(parse_model(DOCUMENT)), np.array([[1000.0, 3000.0], [4000.0, 0.0]]))["next"]
    assert lines["lines"][-1]["limit"] == "ceiling"
    yields = [sum(row["gained"].values()) for row in lines["lines"][:-1]]
    assert yields == sorted(yields, reverse=True)


# ---- by programme


@given(MODELS, SEEDS)
def test_changes_of_a_programme_in_several_areas_are_what_undoing_all_of_them_does(model, seed):
    calibrated = calibrate(model)
    allocation = random_allocation(seed, model)
    for changes in split_changes(explain_changes(calibrated, allocation)):
        assert [abs(one.change) for one in changes] == sorted((abs(one.change) for one in changes), reverse=True)
        for one in changes:
            undone, areas = allocation.copy(), list(one.areas)
            undone[one.programme, areas] = model.baseline[one.programme, areas]
            difference = np.nan_to_num(
                model.universe * (evaluate(calibrated, undone) - evaluate(calibrated, allocation))
            )
            np.testing.assert_allclose(one.mean * -one.change / 1000, difference.sum(axis=(0, 1)), rtol=1e-6, atol=1e-6)


def test_a_cut_is_held_against_the_largest_increase_of_another_programme():
    zero = np.zeros(2)
    cut = ProgrammeChange(0, (0,), -50.0, zero, zero, zero)
    own, other = (ProgrammeChange(p, (1,), 100.0 - 50 * p, zero, zero, zero) for p in (0, 1))
    assert beside(cut, [own, other]) is other
    assert beside(cut, [own]) is own
    assert beside(cut, []) is None


@given(MODELS, SEEDS)
def test_each_programme_stands_once_where_it_meets_most_and_shut_lines_come_last(model, seed):
    found = next_money(calibrate(model), random_allocation(seed, model))
    lines = best_area_of_each(found)
    assert sorted(p for p, _ in lines) == list(range(len(model.programmes)))
    is_shut = [bool(found.limit[line]) for line in lines]
    assert is_shut == sorted(is_shut)
    for p, a in lines:
        free = [float(found.gained[p, b].sum()) for b in range(len(model.areas)) if not found.limit[p, b]]
        assert not free or float(found.gained[p, a].sum()) == max(free)
