"""A deficit whose sample is one sampling unit: its error is unknown, so the model borrows it from the whole site."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.portable import parse_model
from budget_model.coverage.project import build_horizon
from budget_model.coverage.uncertainty import run_draws
from dashboard.context import PageContext
from dashboard.views.years_assumptions import error_sentences
from data.workflows.indicators import run_indicators
from data.workflows.models import build_model
from data.workflows.programmes import import_programmes
from data.workflows.surveys import import_survey
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES, make_workshop

# The north is one household: two women, of whom one works, and a man who works. The south is four households.
PERSONS = """KEY,Sex,Age,Works,Phone
h1,F,30,yes,
h1,F,31,no,
h1,M,32,yes,
h2,F,30,yes,
h2,M,30,yes,
h3,F,30,no,
h3,M,30,no,
h4,F,30,no,
h4,M,30,no,
h5,F,30,no,
h5,M,30,yes,
"""
HOUSEHOLDS = "KEY,Sector,Water,weight\nh1,N,well,1\n" + "".join(f"h{number},S,tap,1\n" for number in range(2, 6))
DESIGN = "{census: false, weight: weight, psu: household_id}"


def model_of(tmp_path: Path, factory, households: str = HOUSEHOLDS, design: str = DESIGN) -> dict:
    workshop = make_workshop(tmp_path, factory)
    mapping = MAPPING.replace("{census: false, weight: weight, strata: sector, psu: household_id}", design)
    assert design in mapping
    files = workshop.survey_files(persons=PERSONS, households=households)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", files, workshop.write("map.yaml", mapping), "a")
    run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana")
    import_programmes(workshop.factory, "testville", PROGRAMMES, "ana")
    with workshop.factory() as session:
        return build_model(session, 1, 1)


def errors_of(document: dict, need: str) -> dict:
    return next(entry["deficit_se"] for entry in document["needs"] if entry["id"] == need)


def test_the_error_of_one_household_is_that_of_the_site_for_as_many_answers(tmp_path, factory):
    document = model_of(tmp_path, factory)
    # Women who work: 2 of 6 on the whole site. Residuals by household (1/3, 2/3, −1/3, −1/3, −1/3)/6, so the
    # variance is 5/4 · (8/9)/36 = 0.0309; of single persons 2/9 · 6/5 / 6 = 0.0444. The design effect 0.69 counts as
    # 1: √(2/9 / 2) = 1/3 of two women. Men: 3 of 5, one of them here: √(0.24 / 1).
    assert errors_of(document, "WORKS")["north"] == {
        "women": pytest.approx(2 / 3, rel=1e-9),
        "men": pytest.approx(0.24**0.5, rel=1e-9),
    }
    # No tap: all of the north, nobody of the south. Women: residuals (4/3, −1/3 …)/6, variance 5/4 · (20/9)/36 =
    # 0.0772, design effect 1.7361, so √(1.7361 · 2/9 / 2) = 0.4392 of two women.
    assert errors_of(document, "NO_TAP")["north"]["women"] == pytest.approx(2 * (125 / 72 / 9) ** 0.5, rel=1e-9)
    # Nobody of four households: the survey's own 0 stays, because what it may be is one-sided
    assert errors_of(document, "NO_TAP")["south"]["women"] == 0
    assert document["survey_errors"] == {
        "borrowed": {"NO_TAP": {"north": ["women", "men"]}, "WORKS": {"north": ["women", "men"]}}
    }


def test_the_draws_then_move_what_one_household_said(tmp_path, factory):
    model = parse_model(model_of(tmp_path, factory))
    drawn = run_draws(build_horizon(calibrate(model)), [], n_draws=200, seed=1).baseline.coverage
    women = (model.needs.index("WORKS"), model.areas.index("north"), model.groups.index("women"))
    assert np.ptp(drawn[:, 0][:, *women]) > 0.3


def test_what_the_whole_site_does_not_tell_stays_unknown_and_is_said(tmp_path, factory):
    document = model_of(tmp_path, factory, HOUSEHOLDS.replace("well", "tap"))
    assert errors_of(document, "NO_TAP")["north"] == {"women": None, "men": None}
    assert document["survey_errors"]["unknown"] == {"NO_TAP": {"north": ["women", "men"]}}
    loaded = SimpleNamespace(survey_errors=document["survey_errors"])
    told = error_sentences(loaded, PageContext("en", None, None, {}))
    assert told[0].startswith("2 deficits of areas rest on the answers of a single sampling unit each")
    assert told[1].startswith("The survey errors of 2 deficits are not known")


def test_a_census_borrows_nothing(tmp_path, factory):
    document = model_of(tmp_path, factory, design="{census: true}")
    assert "survey_errors" not in document
    assert all("deficit_se" not in need for need in document["needs"])
