"""The model of a site takes how far women's and men's survey errors go together from the round."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from budget_model.coverage.portable import parse_model
from data.readers.strict_yaml import load_document
from data.store.engine import transaction
from data.store.tables import SexContrast
from data.workflows.indicators import run_indicators
from data.workflows.models import build_model
from data.workflows.programme_files import model_yaml
from data.workflows.programmes import import_programmes
from data.workflows.surveys import import_survey
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES, Workshop, make_workshop

# Six households a sector, each a woman and a man: a roof is shared, work is not.
HOMES = [f"h{number}" for number in range(12)]
HOUSEHOLDS = "KEY,Sector,Water,weight\n" + "".join(
    f"{home},{'NS'[number // 6]},{'well' if number % 3 else 'tap'},1\n" for number, home in enumerate(HOMES)
)
PERSONS = "KEY,Sex,Age,Works,Phone\n" + "".join(
    f"{home},F,30,{'yes' if number % 2 else 'no'},\n{home},M,30,{'no' if number % 4 > 1 else 'yes'},\n"
    for number, home in enumerate(HOMES)
)


@pytest.fixture
def ready(tmp_path: Path, factory) -> Workshop:
    workshop = make_workshop(tmp_path, factory)
    files = workshop.survey_files(persons=PERSONS, households=HOUSEHOLDS)
    import_survey(
        workshop.factory, workshop.bank, "testville", "2026", files, workshop.write("map.yaml", MAPPING), "ana"
    )
    run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana")
    import_programmes(workshop.factory, "testville", PROGRAMMES, "ana")
    return workshop


def needs_of(workshop: Workshop) -> dict:
    with workshop.factory() as session:
        return {need["id"]: need for need in build_model(session, 1, 1)["needs"]}


def test_a_need_of_the_household_has_the_same_errors_and_a_need_of_the_person_has_not(ready):
    needs = needs_of(ready)
    assert needs["NO_TAP"]["deficit_correlation"] == pytest.approx(1.0)
    # women work in every second home, men in two of four that alternate otherwise: no more in common than by chance
    assert needs["WORKS"]["deficit_correlation"] < 0.5


def test_the_portable_model_carries_it(ready):
    with ready.factory() as session:
        from data.store.sites import load_site

        text = model_yaml(session, load_site(session, "testville"))
    document, _lines = load_document(text, "model.yaml")
    model = parse_model(document)
    assert model.deficit_correlation is not None
    assert model.deficit_correlation[model.needs.index("NO_TAP")] == pytest.approx(1.0)


def test_a_round_without_differences_leaves_it_unsaid(ready):
    with transaction(ready.factory) as session:
        session.query(SexContrast).delete()
    assert all("deficit_correlation" not in need for need in needs_of(ready).values())
    assert not any(np.isnan(list(need["deficit_se"]["north"].values())).any() for need in needs_of(ready).values())


def test_a_census_has_no_errors_that_could_go_together(tmp_path, factory):
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING.replace("{census: false, weight: weight, strata: sector, psu: household_id}", "{census: true}"))  # fmt: skip # noqa: E501
    files = workshop.survey_files(persons=PERSONS, households=HOUSEHOLDS)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", files, mapping, "ana")
    run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana")
    import_programmes(workshop.factory, "testville", PROGRAMMES, "ana")
    assert all("deficit_correlation" not in need for need in needs_of(workshop).values())
