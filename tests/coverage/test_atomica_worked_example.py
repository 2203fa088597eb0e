"""Atomica's worked example (spend -> people covered -> outcome), a spreadsheet that nobody here wrote."""

import numpy as np
import openpyxl
import pytest

from budget_model.coverage.overlap import build_segments, combine
from budget_model.coverage.response import respond, rows_by_curve

pytestmark = pytest.mark.shared
PROGRAMMES = ("HTC clinics", "HTC outreach", "HTC home test")
PEOPLE_COVERED = (214_806.11, 19_990.37, 49_664.11)  # as listed beside the file
OUTCOMES = {"additive": 0.4418126, "independent": 0.4375362, "nested": 0.4247518}
CHANGE = np.array([0.5, 0.6, 0.1])  # outcomes 0.8, 0.9 and 0.4, from 0.3 without programmes


@pytest.fixture(scope="module")
def sheet(shared_data):
    """The sheet "3 programs": population, then saturation, unit cost, spend and number covered of each programme."""
    book = openpyxl.load_workbook(shared_data / "models" / "atomica_modalities_worked_example.xlsx", data_only=True)
    rows = {row[0]: row[1:5] for row in book["3 programs"].iter_rows(values_only=True) if row[0]}
    return rows["Target pop size"][0], np.array([rows[name] for name in PROGRAMMES], dtype=float)


def coverage_by_our_curve(sheet):
    population, programmes = sheet
    saturation, unit_cost, spend, _ = programmes.T
    return respond(spend / unit_cost / population, saturation, rows_by_curve(["tanh"] * 3))


def test_people_covered_by_each_programme_are_met(sheet):
    population, programmes = sheet
    people = population * coverage_by_our_curve(sheet)
    np.testing.assert_allclose(people, programmes[:, 3], rtol=1e-12)
    np.testing.assert_allclose(people, PEOPLE_COVERED, atol=0.005)


@pytest.mark.parametrize("rule", OUTCOMES)
def test_the_outcome_of_the_three_programmes_together_is_met(sheet, rule):
    order = np.argsort(CHANGE)[::-1]
    ranked = coverage_by_our_curve(sheet)[order]
    steps = CHANGE[order] - np.append(CHANGE[order][1:], 0.0)
    reached = [
        combine(ranked[: count + 1], build_segments(np.zeros(count + 1, dtype=np.intp), [rule]))[0]
        for count in range(3)
    ]
    assert 0.3 + float(steps @ reached) == pytest.approx(OUTCOMES[rule], abs=5e-8)
