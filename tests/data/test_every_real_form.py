"""Every file among the real forms and exports is listed here with what becomes of it; one that is not listed fails."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from budget_model.__main__ import main
from budget_model.errors import InputError
from data.store import sites
from data.store.engine import make_engine, session_factory, transaction
from data.workflows.import_found import look_into
from data.workflows.import_preview import preview_import
from data.workflows.import_wizard import ask_mapping, finish_import, keep_draft, start_import
from data.workflows.mapping_guess import RoundFacts
from data.workflows.staging import Upload
from tests.support import store_fingerprint

pytestmark = pytest.mark.shared

# form -> questions and repeats where it is read, or the rule of the error and its line where it is refused
FORMS: dict[str, tuple[int, int] | tuple[str, int]] = {
    "ceat_nairobi_2021.xls": ("name_duplicate", 62),  # as pyxform says; with its answers it is read all the same
    "kobo_question_examples.xlsx": (15, 0),
    "living_goods_family_survey.xlsx": ("type_unknown", 6),  # db:clinic
    "odk_socio_economic_survey.xlsx": (17, 1),
    "reach_msna_2024_tool.xlsx": (275, 4),
    "unhcr_sample_form.xlsx": (9, 1),
    "onadata/childrens_survey.xlsx": (13, 3),
    "onadata/household.xlsx": (6, 3),
    "onadata/mali_health.xlsx": (15, 0),
    "onadata/tutorial_w_repeats.xlsx": (8, 1),
    "pyxform/calculate.xls": (4, 0),
    "pyxform/choice_filter_test.xlsx": (3, 0),
    "pyxform/group.xlsx": (3, 0),
    "pyxform/loop.xls": (4, 0),
    "pyxform/or_other.xlsx": (2, 0),
    "pyxform/repeat_date_test.xls": (5, 1),
    "pyxform/table-list.xls": (5, 0),
    "pyxform/widgets.csv": (21, 0),
    "pyxform/widgets.xls": (32, 0),
    "pyxform/xlsform_spec_test.xlsx": (46, 1),
    "pyxform_bugs/bad_calc.xlsx": ("expression_invalid", 2),
    "pyxform_bugs/badly_named_choices_sheet.xls": (3, 0),
    "pyxform_bugs/blank_second_row.xls": (1, 0),
    "pyxform_bugs/duplicate_columns.xlsx": ("column_duplicate", 1),
    "formpack/grouped_repeatable_v1.json": (4, 1),
    "formpack/nested_grouped_repeatable_v1.json": (6, 3),
    "formpack/nested_grouped_repeatable_v2.json": (6, 3),
    "formpack/sanitation_report_v1.json": (3, 0),
}
NO_SEX = "sex_absent"  # people are listed and nobody asked their sex
NO_PEOPLE = "members_missing"
FORMPACK_NESTS = {"": 2, "group_tree": 3, "group_tree/group_nest": 4, "group_tree/group_nest/group_egg": 7}
# form and its export -> rows by level; and households and persons in the bank, or the rule by which it stops
EXPORTS: dict[tuple[str, ...], tuple[dict[str, int], tuple[int, int] | str]] = {
    ("unhcr_sample_form.xlsx", "unhcr_sample_submissions.xlsx"): ({"": 5, "members": 12}, (5, 12)),
    ("reach_msna_2024_tool.xlsx", "reach_msna_2024_dummy_submissions.xlsx"): (
        {
            "": 241,
            "consented/demographics/roster": 965,
            "consented/edu/edu_ind": 965,
            "consented/health/health_ind": 965,
            "consented/nutrition/nut_ind": 965,
        },
        (241, 965),
    ),
    ("ceat_nairobi_2021.xls", "ceat_nairobi_households.csv", "ceat_nairobi_individuals.csv"): (
        {"": 1147, "group_HH_members/Rep_Bio_HH": 3786},
        (1147, 3786),
    ),
    ("onadata/tutorial_w_repeats.xlsx", "onadata/tutorial_w_repeats.csv"): ({"": 1, "children": 2}, NO_SEX),
    ("onadata/tutorial_w_repeats.xlsx", "onadata/tutorial_w_repeats_flattened.csv"): ({"": 1, "children": 2}, NO_SEX),
    ("onadata/tutorial_w_repeats.xlsx", "onadata/tutorial_w_repeats_truncate_titles.csv"): (
        {"": 1, "children": 2},
        NO_SEX,
    ),
    (
        "onadata/childrens_survey.xlsx",
        "onadata/split/childrens_survey.csv",
        "onadata/split/children.csv",
        "onadata/split/children_cartoons.csv",
        "onadata/split/children_cartoons_characters.csv",
    ): ({"": 2, "children": 3, "children/cartoons": 4, "children/cartoons/characters": 2}, NO_SEX),
    # the form and its submissions in one file
    ("formpack/grouped_repeatable_v1.json",): ({"": 6, "household_visit/houshold_member_repeat": 13}, NO_SEX),
    ("formpack/nested_grouped_repeatable_v1.json",): (FORMPACK_NESTS, NO_PEOPLE),
    ("formpack/nested_grouped_repeatable_v2.json",): (FORMPACK_NESTS, NO_PEOPLE),
    ("formpack/sanitation_report_v1.json",): ({"": 4}, NO_PEOPLE),
}
PUBLISHED = {"ceat_nairobi_golden.json"}  # results, neither form nor export


def test_every_file_of_the_folder_is_listed(shared_data: Path):
    folder = shared_data / "xlsform"
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert there == {*FORMS, *PUBLISHED, *(name for names in EXPORTS for name in names)}


def checked(folder: Path, *names: str) -> tuple[int, dict]:
    done = CliRunner().invoke(main, ["form", "check", *(str(folder / name) for name in names), "--json"])
    assert done.exit_code in (0, 1), done.output
    return done.exit_code, json.loads(done.stdout)


@pytest.mark.parametrize(("name", "outcome"), FORMS.items())
def test_a_form_is_read_or_refused_with_its_reason_and_place(name, outcome, shared_data: Path):
    code, document = checked(shared_data / "xlsform", name)
    errors = [(problem["rule"], problem["row"]) for problem in document["problems"] if problem["level"] == "error"]
    if isinstance(outcome[0], str):
        assert (code, outcome in errors) == (1, True)
    else:
        form = document["form"]
        assert (code, errors, form["questions"], len(form["repeats"])) == (0, [], *outcome)


@pytest.mark.parametrize(("names", "outcome"), EXPORTS.items(), ids=lambda value: value[-1] if value else "")
def test_an_export_comes_in_as_it_is(names, outcome, shared_data: Path):
    code, document = checked(shared_data / "xlsform", *names)
    assert (code, document["data"]["rows"]) == (0, outcome[0])


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    made = make_engine(sqlite_url)
    with transaction(session_factory(made)) as session:
        sites.add_site(session, slug="testville", name="Testville", country="PE", currency="PEN", actor="ana")
    yield made
    made.dispose()


def walked(engine: Engine, bank: Path, files: list[Path]) -> tuple[int, int]:
    """Households and persons that came in through the steps of the page with what it guessed, nothing typed but words.

    Raises InputError where a step refuses.
    """
    factory = session_factory(engine)
    uploads = [Upload(path.name, io.BytesIO(path.read_bytes())) for path in files]
    stage = start_import(factory, bank, "testville", "2026", "ana", uploads[0], uploads[1:], {})
    found = look_into(bank, stage)
    refuse([group.rule for group in found.problems if group.level == "error"])
    with factory() as session:
        draft = ask_mapping(session, sites.load_site(session, "testville").id, stage, found, "en").draft
    stage = keep_draft(factory, bank, stage, found, draft, RoundFacts("a test", "a place", None, not draft.weight))
    preview = preview_import(stage, found)
    refuse([group.rule for group in preview.problems if group.level == "error"])
    done = finish_import(factory, bank, stage, "ana")
    assert (done.households, done.persons) == (preview.households, preview.persons)
    return done.households, done.persons


class RefusedError(Exception):
    """Rules by which a step stops."""


def refuse(rules: list[str]) -> None:
    if rules:
        raise RefusedError(rules)


@pytest.mark.parametrize(("names", "outcome"), EXPORTS.items(), ids=lambda value: value[-1] if value else "")
def test_an_export_goes_through_the_steps_of_the_import_or_is_told_why_not(
    names, outcome, engine, tmp_path, shared_data: Path
):
    files = [shared_data / "xlsform" / name for name in names]
    before, bank = store_fingerprint(engine), tmp_path / "bank"
    if not isinstance(outcome[1], str):
        assert walked(engine, bank, files) == outcome[1]
        return
    with pytest.raises((InputError, RefusedError)) as refused:
        walked(engine, bank, files)
    reason = refused.value
    rules = [problem.rule for problem in reason.problems] if isinstance(reason, InputError) else reason.args[0]
    assert outcome[1] in rules
    assert store_fingerprint(engine) == before
    assert not (bank / "testville").exists()


def test_eggs_find_their_nests_and_nests_their_trees(shared_data: Path):
    from data.readers.kobo import read_export
    from data.readers.xlsform import read_form

    file = shared_data / "xlsform" / "formpack" / "nested_grouped_repeatable_v1.json"
    export = read_export(read_form(file).form, [file])
    nest, egg = ("group_tree", "group_nest"), ("group_tree", "group_nest", "group_egg")
    trees = export.tables[("group_tree",)]
    # by hand from the file: two trees in the first submission, one in the second; 3, 1, 2 and 1 eggs
    assert trees.select("What_kind_of_tree_is_this", "_parent").rows() == [("pine", 1), ("spruce", 1), ("maple", 2)]
    assert export.tables[nest].select("How_high_above_the_ground_is_the_nest", "_parent").rows() == [
        (13, 1),
        (15, 1),
        (10, 2),
        (23, 3),
    ]
    assert export.tables[egg]["_parent"].to_list() == [1, 1, 1, 2, 3, 3, 4]
    assert export.tables[egg]["_household"].to_list() == [1, 1, 1, 1, 1, 1, 2]


def test_submissions_of_an_earlier_version_are_told(shared_data: Path):
    folder = shared_data / "xlsform" / "formpack"
    names = ("nested_grouped_repeatable_v2.json", "nested_grouped_repeatable_v1.json")
    _, document = checked(folder, *names)
    told = [problem["message"] for problem in document["problems"] if problem["rule"] == "version_other"]
    assert len(told) == 1
    assert "bird_nests_v1 (2 submissions), the form is version bird_nests_v2" in told[0]
