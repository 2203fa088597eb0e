"""A mapping file in the import wizard: what the command line takes, the wizard takes, to the published figures."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from budget_model.errors import InputError
from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import estimate
from data.readers.microdata import read_microdata
from data.workflows.import_found import look_into
from data.workflows.import_preview import preview_import
from data.workflows.import_wizard import finish_import, keep_draft, start_import
from data.workflows.mapping_guess import RoundFacts, draft_from_document
from data.workflows.staging import Stage, Upload, load_stage, staging_folder
from data.workflows.wizard_mapping import take_mapping
from tests.workflow_builders import HOUSEHOLDS, MAPPING, PERSONS, Workshop, make_workshop

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "examples" / "nairobi"


@pytest.fixture
def workshop(tmp_path: Path, factory) -> Workshop:
    return make_workshop(tmp_path, factory)


def staged(workshop: Workshop, form: Upload | None = None, data: tuple[Upload, ...] = ()) -> Stage:
    tables = data or tuple(
        Upload(name, io.BytesIO(text.encode()))
        for name, text in (("persons.csv", PERSONS), ("households.csv", HOUSEHOLDS))
    )
    return start_import(workshop.factory, workshop.bank, "testville", "2026", "ana", form, tables, {})


def given(workshop: Workshop, stage: Stage, text: str, name: str = "map.yaml") -> Stage:
    found = look_into(workshop.bank, stage)
    return take_mapping(workshop.bank, stage, found, Upload(name, io.BytesIO(text.encode())))


def test_a_mapping_file_goes_to_the_preview_with_design_areas_and_derived_columns(workshop):
    stage = given(workshop, staged(workshop), MAPPING)
    preview = preview_import(stage, look_into(workshop.bank, stage))
    assert not preview.is_refused, preview.problems
    assert (preview.persons, preview.households) == (8, 4)
    assert {"household_size", "has_child"} <= set(preview.columns)
    assert [row[0] for row in preview.by_area] == ["", "North", "South"]
    finish_import(workshop.factory, workshop.bank, stage, "ana")
    record = json.loads((workshop.bank / "testville" / "2026" / "round.json").read_text())
    assert record["mapping"]["design"] == {
        "census": False,
        "weight": "weight",
        "strata": "sector",
        "psu": "household_id",
    }
    assert list(staging_folder(workshop.bank).iterdir()) == []


def test_answers_changed_on_the_page_keep_what_only_the_file_says(workshop):
    stage = given(workshop, staged(workshop), MAPPING)
    found = look_into(workshop.bank, stage)
    facts = RoundFacts(**{**stage.facts, "coverage_area": "another area", "starts_on": "2026-03-01"})
    kept = keep_draft(workshop.factory, workshop.bank, stage, found, draft_from_document(stage.draft), facts)
    assert kept.mapping["coverage"]["area"] == "another area"
    assert kept.mapping["derive"] == stage.base["derive"]
    assert kept.mapping["areas"][0]["values"]["N"]["code"] == "north"


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (MAPPING.replace("derive:", "derived:"), "map.yaml", "Did you mean 'derive'"),
        (f"starts_on: 2021-03-10\nends_on: 2021-01-02\n{MAPPING}", "map.yaml", "before the first day"),
        (MAPPING, "map.xlsx", "YAML"),
        ("x" * (2**20 + 1), "map.yaml", "1 MB"),
    ],
)
def test_a_mapping_file_that_is_refused_changes_nothing(workshop, text, name, words):
    stage = staged(workshop)
    with pytest.raises(InputError) as refusal:
        given(workshop, stage, text, name)
    assert words in str(refusal.value)
    assert load_stage(workshop.bank, "testville", "ana", stage.token) == stage


@pytest.mark.shared
@pytest.mark.parametrize("has_form", [True, False])
def test_the_nairobi_files_with_their_mapping_meet_the_published_figures_through_the_wizard(
    workshop, shared_data, has_form
):
    forms = shared_data / "xlsform"
    names = ("ceat_nairobi_households.csv", "ceat_nairobi_individuals.csv")
    data = tuple(Upload(name, io.BytesIO((forms / name).read_bytes())) for name in names)
    form = Upload("form.xls", io.BytesIO((forms / "ceat_nairobi_2021.xls").read_bytes())) if has_form else None
    stage = given(workshop, staged(workshop, form, data), (EXAMPLE / "mapping.yaml").read_text(encoding="utf-8"))
    preview = preview_import(stage, look_into(workshop.bank, stage))
    assert not preview.is_refused, preview.problems
    finish_import(workshop.factory, workshop.bank, stage, "ana")
    found = {}
    for name in ("households", "persons"):
        definitions = parse_catalogue((EXAMPLE / f"published_{name}.yaml").read_text(encoding="utf-8"), name)
        table = read_microdata(workshop.bank / "testville" / "2026" / f"{name}.parquet")
        design = SampleDesign(strata="settlement", psu="household_id")
        for line in estimate(table, definitions, [(), ("settlement",)], design).to_dict("records"):
            found[line["indicator"], line["settlement"] or "nairobi"] = (line["n"], line["count"])
    golden = json.loads((forms / "ceat_nairobi_golden.json").read_text(encoding="utf-8"))
    published = {
        (one["variable"] + ("U5" if "under five years" in one["name"] else ""), line["site"].lower()): line
        for one in golden["indicators"]
        for line in one["table"]
    }
    met = {key: found[key] for key in published if key in found}
    assert met == {key: (published[key]["n"], published[key]["count"]) for key in met}
    assert len({indicator for indicator, _site in met}) == len({indicator for indicator, _site in found})
