"""Reasons of plans of several years: parts add up, and what money does is what changing it does, by brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.explain import explain_changes, next_money
from budget_model.coverage.explain_programmes import best_year_of_each
from budget_model.coverage.explain_report import plan_reasons_document
from budget_model.coverage.explain_years import explain_plan_changes, next_money_of_plan
from budget_model.coverage.plans import simulate_plan
from budget_model.coverage.project import build_horizon
from data.readers.portable_model import read_plan, read_portable_model

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "examples"


@pytest.fixture(scope="module")
def horizon():
    return build_horizon(calibrate(read_portable_model(EXAMPLES / "works_and_services.yaml")), 4)


@pytest.fixture(scope="module")
def plan(horizon):
    file = EXAMPLES / "works_and_services_plan.csv"
    return read_plan(file, build_horizon(horizon.calibrated, 5))[:4]


def met(horizon, plan):
    """(G,) person-years covered, from the reports of the years."""
    return sum(np.nansum(year.covered, axis=(0, 1)) for year in simulate_plan(horizon, plan).years)


def test_contributions_of_each_year_and_of_all_add_up_to_whom_the_plan_covers(horizon, plan):
    document, result = plan_reasons_document(horizon, plan), simulate_plan(horizon, plan)
    for part, covered in [
        *zip(document["years"], (year.groups.covered for year in result.years), strict=True),
        (document["horizon"], result.groups.covered),
    ]:
        for g, group in enumerate(horizon.model.groups):
            rows = [*part["contributions"], *part["background"]]
            assert sum(row["persons"] for row in rows if row["group"] == group) == pytest.approx(covered[g], rel=1e-9)


def test_the_next_money_of_a_year_meets_what_adding_it_meets_until_the_plan_ends(horizon, plan):
    found = next_money_of_plan(horizon, plan, 1000.0)
    for line in [(0, 0, 0), (2, 0, 1), (1, 1, 0), (3, 1, 1)]:
        more = plan.copy()
        more[line] += 1000.0
        assert found[line[0]].gained[line[1:]] == pytest.approx(met(horizon, more) - met(horizon, plan), abs=1e-7)


def test_a_work_built_earlier_meets_more_of_its_later_years(horizon, plan):
    first, *_, last = next_money_of_plan(horizon, plan)
    works = int(np.argmax(horizon.model.durability))
    assert (first.gained[works].sum(axis=1) > last.gained[works].sum(axis=1)).all()


def test_undoing_a_cut_alone_gives_its_yield(horizon, plan):
    for index, year in enumerate(explain_plan_changes(horizon, plan)):
        for line in (*year.cuts, *year.increases):
            place = index, line.programme, line.area
            undone = plan.copy()
            undone[place] = horizon.baseline[place]
            assert line.change == pytest.approx(plan[place] - horizon.baseline[place])
            assert line.mean == pytest.approx(
                (met(horizon, undone) - met(horizon, plan)) * 1000 / -line.change, abs=1e-7
            )


def test_a_plan_of_one_year_has_the_reasons_of_its_allocation(horizon):
    one = build_horizon(horizon.calibrated, 1)
    plan = one.baseline * np.array([0.8, 1.1]).reshape(1, -1, 1)
    found, alone = next_money_of_plan(one, plan)[0], next_money(one.calibrated, plan[0])
    assert found.gained == pytest.approx(alone.gained, abs=1e-9)
    assert found.lost == pytest.approx(alone.lost, abs=1e-9)
    assert (found.limit == alone.limit).all()
    cuts, alone_cuts = explain_plan_changes(one, plan)[0].cuts, explain_changes(one.calibrated, plan[0]).cuts
    assert [line.programme for line in cuts] == [line.programme for line in alone_cuts]
    assert [line.mean.sum() for line in cuts] == pytest.approx([line.mean.sum() for line in alone_cuts])


def test_each_programme_is_told_in_the_year_where_it_meets_most(horizon, plan):
    years = next_money_of_plan(horizon, plan)
    best, in_year = best_year_of_each(years)
    for p in range(len(horizon.model.programmes)):
        most = [year.gained[p].sum(axis=1).max() for year in years]
        assert in_year[p] == 1 + int(np.argmax(most))
        assert best.gained[p] == pytest.approx(years[in_year[p] - 1].gained[p])
