"""Where nothing is possible: which constraints contradict each other, and the smallest change that helps."""

import dataclasses
import math

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.optimise import optimise
from budget_model.coverage.optimise_conflicts import Conflict
from budget_model.coverage.optimise_report import conflict_sentence, optimum_document
from budget_model.coverage.optimise_task import value_of
from budget_model.coverage.types import Constraints, Earmark
from tests.coverage.test_optimise import two_services
from tests.model_builders import random_model

TARGET = {"WATER": {"women": 0.7}}
NEEDED = 200_000 * math.log(2.5)  # money for the target, see the test of least cost: 183,258.15
REACHED = 0.25 + 0.75 * (1 - math.exp(-0.5))  # with 100,000


def conflicts(model=None, **limits):
    model = two_services() if model is None else model
    optimum = optimise(calibrate(dataclasses.replace(model, constraints=Constraints(**limits))))
    assert optimum.status == "infeasible"
    assert optimum.allocation is None
    return {conflict.constraint: conflict for conflict in optimum.conflicts}


def test_a_target_beyond_the_budget_names_both_and_what_each_would_have_to_be():
    found = conflicts(budget=100_000, min_coverage={**TARGET, "CARE": {"men": 0.1}})
    assert set(found) == {"budget", "min_coverage"}
    assert found["budget"].relaxation["needed"] == pytest.approx(NEEDED, abs=0.02)
    assert found["min_coverage"].facts == {"need": "WATER", "group": "women", "coverage": 0.7}
    assert found["min_coverage"].relaxation["needed"] == pytest.approx(REACHED, abs=2e-6)


def test_a_relaxed_model_is_possible_and_one_short_of_it_is_not():
    for budget, status in ((NEEDED + 1, "optimal"), (NEEDED - 1, "infeasible")):
        limits = Constraints(budget=budget, min_coverage=TARGET)
        assert optimise(calibrate(dataclasses.replace(two_services(), constraints=limits))).status == status


def test_floors_above_the_budget_are_a_contradiction_about_money_alone():
    floor = np.array([[0.0], [50_000.0]])
    found = conflicts(dataclasses.replace(two_services(), floor=floor, baseline=floor), budget=40_000)
    assert set(found) == {"budget", "floor"}
    assert found["budget"].relaxation["needed"] == 50_000


def test_a_minimum_share_that_starves_a_target():
    found = conflicts(budget=250_000, min_coverage=TARGET, min_share={"programmes": ["day-care"], "share": 0.5})
    assert set(found) == {"budget", "min_coverage", "min_share"}
    assert found["min_share"].relaxation["needed"] == pytest.approx(1 - NEEDED / 250_000, abs=1e-5)
    assert found["budget"].relaxation["needed"] == pytest.approx(2 * NEEDED, abs=0.05)


def test_a_limit_on_change_and_a_source_are_named_with_what_helps():
    today = np.array([[50_000.0], [50_000.0]])
    found = conflicts(dataclasses.replace(two_services(), baseline=today), max_change=0.1, min_coverage=TARGET)
    assert set(found) == {"budget", "min_coverage"}  # a larger budget is not enough: no line may grow by more
    assert [name for name, _ in found["budget"].still] == ["max_change", "min_coverage"]
    found = conflicts(
        dataclasses.replace(two_services(), baseline=today), budget=1e6, max_change=0.1, min_coverage=TARGET
    )
    # the first 50,000 are in the survey's coverage already: it takes 50,000 + NEEDED, a change of NEEDED / 50,000
    assert found["max_change"].relaxation["needed"] == pytest.approx(NEEDED / 50_000, abs=1e-3)
    found = conflicts(budget=400_000, min_coverage=TARGET, earmarks=(Earmark("canon", 350_000, ("day-care",)),))
    assert found["earmark"].relaxation == {"quantity": "left_out"}
    assert found["budget"].relaxation["needed"] == pytest.approx(350_000 + NEEDED, abs=0.05)


def test_a_target_above_what_the_programmes_can_reach_stands_alone():
    model = dataclasses.replace(two_services(), capacity=np.array([[1000.0], [np.inf]]))
    found = conflicts(model, budget=1e7, min_coverage=TARGET)
    assert set(found) == {"min_coverage"}
    assert found["min_coverage"].relaxation["needed"] == pytest.approx(REACHED, abs=2e-6)


def test_two_targets_that_are_both_out_of_reach_are_told_apart_each_with_what_can_be_reached():
    model = dataclasses.replace(two_services(), capacity=np.array([[1000.0], [1000.0]]))
    limits = Constraints(budget=1e7, min_coverage={"WATER": {"women": 0.7, "men": 0.9999}, "CARE": {"men": 0.9}})
    optimum = optimise(calibrate(dataclasses.replace(model, constraints=limits)))
    told = {(one.facts["need"], one.facts["group"]): one for one in optimum.conflicts}
    assert set(told) == {("WATER", "women"), ("WATER", "men"), ("CARE", "men")}
    for (need, group), conflict in told.items():  # each alone: the others left out, by the search for the best itself
        alone = Constraints(budget=1e7, min_coverage={need: {group: conflict.relaxation["needed"]}})
        assert optimise(calibrate(dataclasses.replace(model, constraints=alone))).status == "optimal"
        beyond = Constraints(budget=1e7, min_coverage={need: {group: conflict.relaxation["needed"] + 1e-4}})
        assert optimise(calibrate(dataclasses.replace(model, constraints=beyond))).status == "infeasible"
        assert len(conflict.aside) == 2
    assert told["WATER", "women"].relaxation["needed"] == pytest.approx(REACHED, abs=2e-6)
    said = [conflict_sentence(optimum.model, conflict) for conflict in optimum.conflicts]
    assert any(one.startswith("The target of 99.99 % for need 'WATER', men. At most ") for one in said)
    assert all("Worked out without what cannot be kept in any case: the target of" in one for one in said)


def test_the_sentences_say_what_is_asked_and_what_would_do():
    limits = Constraints(budget=100_000, min_coverage=TARGET)
    optimum = optimise(calibrate(dataclasses.replace(two_services(), constraints=limits)))
    said = [conflict_sentence(optimum.model, conflict) for conflict in optimum.conflicts]
    assert said == [
        "The target of 70 % for need 'WATER', women. At most 54.51 % can be reached.",
        "The budget of 100,000.00 PEN. It would take 183,258.15 PEN, 83,258.15 more.",
    ]
    document = optimum_document(optimum)
    assert document["status"] == "infeasible"
    assert document["allocation"] == []
    assert document["value"] is None
    assert [row["message"] for row in document["conflicts"]] == said


def test_a_floor_above_what_the_limit_on_change_allows_contradicts_it():
    # today's 50,000 may rise to 75,000 at most, but the floor is 100,000: a change of 100 % is needed
    today, floor = np.array([[50_000.0], [50_000.0]]), np.array([[100_000.0], [0.0]])
    model = dataclasses.replace(two_services(), baseline=today, floor=floor)
    found = conflicts(model, budget=300_000, max_change=0.5)
    assert set(found) == {"floor", "max_change"}
    assert found["max_change"].relaxation["needed"] == pytest.approx(1.0, abs=1e-5)
    named = {"programme": model.programmes[0], "area": model.areas[0], "amount": 100_000.0}
    assert found["floor"].facts == named
    assert found["floor"].relaxation["needed"] == pytest.approx(75_000, abs=0.011)
    said = conflict_sentence(model, found["floor"])
    assert said.startswith(
        f"The floor of 100,000.00 PEN for programme '{model.programmes[0]}', area '{model.areas[0]}'. "
    )
    assert "can be kept" in said


def test_a_ceiling_below_what_a_target_needs_is_named_with_what_it_would_have_to_be():
    model = dataclasses.replace(two_services(), ceiling=np.array([[100_000.0], [np.inf]]))
    found = conflicts(model, budget=1e6, min_coverage=TARGET)
    assert set(found) == {"ceiling", "min_coverage"}
    assert found["ceiling"].facts == {"programme": model.programmes[0], "area": model.areas[0], "amount": 100_000.0}
    assert found["ceiling"].relaxation["needed"] == pytest.approx(NEEDED, abs=0.03)
    assert "It would have to be 183,258." in conflict_sentence(model, found["ceiling"])


def test_floors_above_the_budget_are_named_one_by_one_and_many_of_them_together():
    today = np.full((2, 1), 50_000.0)
    model = dataclasses.replace(two_services(), baseline=today, floor=np.array([[30_000.0], [50_000.0]]))
    optimum = optimise(calibrate(dataclasses.replace(model, constraints=Constraints(budget=60_000))))
    kept = {one.facts["programme"]: one for one in optimum.conflicts if one.constraint == "floor"}
    assert kept[model.programmes[0]].relaxation["needed"] == pytest.approx(10_000, abs=0.011)
    assert kept[model.programmes[1]].relaxation["needed"] == pytest.approx(30_000, abs=0.011)
    many = random_model(5, programmes=9, needs=3, areas=2, link_share=0.6)
    many = dataclasses.replace(many, floor=many.baseline, objective="total", locked=np.zeros(9, bool))
    limits = Constraints(budget=0.5 * float(many.baseline.sum()))
    optimum = optimise(calibrate(dataclasses.replace(many, constraints=limits)))
    floors = [one for one in optimum.conflicts if one.constraint == "floor"]
    assert len(floors) <= 6
    assert {one.constraint for one in optimum.conflicts} == {"budget", "floor"}


def test_an_amount_of_today_outside_its_limits_is_brought_inside():
    today, ceiling = np.array([[50_000.0], [50_000.0]]), np.array([[20_000.0], [np.inf]])
    model = dataclasses.replace(two_services(), baseline=today, ceiling=ceiling)
    optimum = optimise(calibrate(dataclasses.replace(model, constraints=Constraints(budget=100_000))))
    assert optimum.allocation[:, 0].tolist() == [20_000, 80_000]


def test_a_gap_that_cannot_be_reached_comes_with_what_was_found_and_what_is_proved():
    model = dataclasses.replace(random_model(3, programmes=12, needs=8, areas=5, link_share=0.4), objective="total")
    today = value_of(calibrate(model), "min_gap", model.baseline)
    found = conflicts(model, budget=float(model.baseline.sum()), max_gap=0.0, max_change=0.02)
    assert "max_gap" in found
    relaxation = found["max_gap"].relaxation
    assert 0 < relaxation["limit"] <= relaxation["needed"] + 1e-9
    assert relaxation["needed"] <= today + 1e-6  # today's amounts keep every other rule
    assert relaxation["is_proven"] == (relaxation["needed"] - relaxation["limit"] <= 1e-4)
    random = np.random.default_rng(1)
    for _ in range(300):  # no allocation at hand has a gap below what is proved
        changed = model.baseline * (1 + 0.02 * random.uniform(-1, 1, model.baseline.shape))
        changed *= min(1.0, model.baseline.sum() / changed.sum())
        if (changed >= 0.98 * model.baseline).all():
            assert value_of(calibrate(model), "min_gap", changed) >= relaxation["limit"] - 1e-9


def test_what_was_not_proved_is_said_so():
    relaxation = {"quantity": "gap", "now": 0.01, "needed": 0.05, "difference": 0.04, "limit": 0.03, "is_proven": False}
    sentence = conflict_sentence(two_services(), Conflict("max_gap", {"gap": 0.01}, relaxation))
    assert "5.00 percentage points" in sentence
    assert "below 3.00 is proved" in sentence
