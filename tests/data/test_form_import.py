"""An export with its form into the bank: the form joins, types and labels; the mapping stays with the site."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from budget_model.errors import InputError, NotFoundError
from data.readers.sniff import ANSWERS, check_content
from data.readers.survey_mapping import SurveyMapping, read_survey_mapping
from data.readers.xlsform import read_form
from data.workflows.forms import core_form
from data.workflows.import_found import grouped, look_into
from data.workflows.mapping_guess import area_name, columns_of, draft_document, draft_from_document, guess
from data.workflows.staging import (
    LIFETIME,
    Upload,
    find_stages,
    load_stage,
    make_stage,
    remove_expired,
    safe_name,
    staging_folder,
)
from data.workflows.survey_forms import answers_of_form, harmless_columns
from data.workflows.surveys import import_form_survey
from tests.data.form_builders import HOUSEHOLD, form, workbook, written
from tests.workflow_builders import Workshop, make_workshop

HOUSEHOLDS = "_index,sector,size,home/water,home/goods,_uuid\n1,A,2,network,radio fridge,u1\n2,B,1,truck,,u2\n"
MEMBERS = (
    "members/sex,members/age,members/reads,_index,_parent_index\nfemale,34,yes,1,1\nmale,3,,2,1\nfemale,71,no,3,2\n"
)
MAPPING = """source: a test
coverage: {area: two sectors}
design: {census: true}
areas: [{column: sector, file: households, name: sector}]
persons: {sex: {column: sex, values: {female: female, male: male}}, age: {column: age}}
households: {}
"""


@pytest.fixture
def workshop(tmp_path: Path, factory) -> Workshop:
    return make_workshop(tmp_path, factory)


def exported(workshop: Workshop, members: str = MEMBERS) -> tuple[Path, list[Path]]:
    form_file = workshop.folder / "form.xlsx"
    form_file.write_bytes(workbook(HOUSEHOLD))
    names = {"household.csv": HOUSEHOLDS, "members.csv": members}
    return form_file, [written(workshop.folder, name, text) for name, text in names.items()]


def imported(workshop: Workshop, code: str = "2026", mapping: str | None = MAPPING, **changes: str):
    form_file, files = exported(workshop, **changes)
    read = read_survey_mapping(mapping, "map.yaml") if mapping else None
    return import_form_survey(workshop.factory, workshop.bank, "testville", code, form_file, files, read, "ana")


def test_people_stand_beside_their_households_and_several_answers_in_columns_of_their_own(workshop):
    stored = imported(workshop)
    persons = pl.read_parquet(workshop.bank / "testville" / "2026" / "persons.parquet")
    assert (stored.households, stored.persons, stored.new_areas) == (2, 3, ("A", "B"))
    found = persons.sort("age").select("sex", "age", "sector", "water", "goods/radio", "reads").rows()
    assert found == [
        ("male", 3, "A", "network", 1, None),
        ("female", 34, "A", "network", 1, "yes"),
        ("female", 71, "B", "truck", None, "no"),
    ]
    assert not [name for name in persons.columns if name.startswith("_")]


def test_the_codebook_stays_with_the_round(workshop):
    imported(workshop)
    record = json.loads((workshop.bank / "testville" / "2026" / "round.json").read_text(encoding="utf-8"))
    assert record["form"]["id"] == "household"
    assert record["questions"]["water"]["question"] == {"es": "Agua", "en": "Water"}
    assert record["questions"]["water"]["codes"][1] == {
        "code": "truck",
        "label": {"es": "Cisterna", "en": "Water truck"},
    }
    assert record["questions"]["goods/radio"]["option"]["code"] == "radio"


def test_the_mapping_is_kept_for_the_next_round_of_the_same_form(workshop):
    with pytest.raises(InputError, match="kept no mapping"):
        imported(workshop, mapping=None)
    imported(workshop)
    assert imported(workshop, "2027", mapping=None).persons == 3


def test_a_wrong_row_is_named_with_its_file_and_line_and_nothing_is_stored(workshop):
    before = workshop.everything_stored()
    with pytest.raises(InputError) as refused:
        imported(workshop, members=MEMBERS.replace("71", "171"))
    (problem,) = refused.value.problems
    assert (problem.rule, problem.file, problem.line, problem.column) == ("age_wrong", "members.csv", 4, "age")
    assert workshop.everything_stored() == before


def persons_of(workshop: Workshop) -> pl.DataFrame:
    return pl.read_parquet(workshop.bank / "testville" / "2026" / "persons.parquet")


THIRD = HOUSEHOLD.replace(" | sex | male", " | sex | other | Otro | Other\n | sex | male")


def test_people_of_another_sex_count_in_totals_where_the_mapping_says_so(workshop):
    """Without a word of the mapping such rows are refused; with it they have no sex, and everybody is told how many."""
    answers = MEMBERS.replace("\nmale,3", "\nother,3").replace("female,71", ",71")
    with pytest.raises(InputError) as refused:
        imported(workshop, members=answers)
    assert [(p.rule, p.line) for p in refused.value.problems] == [("sex_blank", 4), ("sex_wrong", 3)]
    done = imported(
        workshop, mapping=MAPPING.replace("male: male", 'male: male, other: null, "": null'), members=answers
    )
    persons = persons_of(workshop)
    assert sorted(persons.select("age", "sex").rows()) == [(3, None), (34, "female"), (71, None)]
    (told,) = [warning.message for warning in done.warnings if warning.rule == "sex_unstated"]
    assert told.startswith("2 of 3 persons are by the mapping neither female nor male.")


def test_a_guess_leaves_another_sex_to_the_totals_and_offers_blank_cells(tmp_path):
    answers = MEMBERS.replace("\nmale,3", "\nother,3").replace("female,71", ",71")
    files = [written(tmp_path, "household.csv", HOUSEHOLDS), written(tmp_path, "members.csv", answers)]
    columns = columns_of(answers_of_form(form(THIRD), files).raw, {})
    found = guess(columns, {}, has_form=True)
    assert found.sex_values == {"female": "female", "other": "other"}
    assert next(column.blanks for column in columns if column.name == "sex") == 1


def test_a_question_asked_of_household_and_person_is_kept_twice(workshop):
    """`age` of the household (its informant's) stands beside the person's, under a name of its own, and is told."""
    text = HOUSEHOLD.replace(" | integer | size", " | integer | age | Edad | Age | | | |\n | integer | size")
    form_file = workshop.folder / "form.xlsx"
    form_file.write_bytes(workbook(text))
    homes = HOUSEHOLDS.replace("sector,size", "sector,age,size").replace(",A,2", ",A,52,2").replace(",B,1", ",B,71,1")
    files = [written(workshop.folder, name, rows) for name, rows in (("home.csv", homes), ("members.csv", MEMBERS))]
    mapping = read_survey_mapping(MAPPING, "map.yaml")
    import_form_survey(workshop.factory, workshop.bank, "testville", "2026", form_file, files, mapping, "ana")
    assert sorted(persons_of(workshop).select("age", "household_age").rows()) == [(3, 52), (34, 52), (71, 71)]


def test_a_raw_key_never_stands_where_the_bank_gives_its_own(workshop):
    done = imported(
        workshop,
        members=MEMBERS.replace("_index,_parent", "person_id,_index,_parent")
        .replace(",1,1", ",p9,1,1")
        .replace(",2,1", ",p8,2,1")
        .replace(",3,2", ",p7,3,2"),
    )
    assert sorted(persons_of(workshop)["person_id"]) == [1, 2, 3]
    assert ("identity_dropped", "person_id") in [(warning.rule, warning.column) for warning in done.warnings]


def test_questions_that_hold_codes_are_vouched_for_by_the_form():
    """`has_dni` asks whether somebody has a card, not for its number; the code of an interviewer is needed to check."""
    core = core_form("cbms_grb")
    assert harmless_columns(core, ["has_dni", "enumerator_code", "interviewer_remarks"]) == (
        "has_dni",
        "enumerator_code",
    )


# --- guesses -------------------------------------------------------------------------------------------------------


def test_a_guess_finds_sex_age_and_area_marks_them_and_survives_its_document(tmp_path):
    files = [written(tmp_path, "household.csv", HOUSEHOLDS), written(tmp_path, "members.csv", MEMBERS)]
    answers = answers_of_form(form(), files)
    found = guess(columns_of(answers.raw, {}), {"sex": {"female": "Mujer", "male": "Hombre"}}, has_form=True)
    assert (found.sex, found.age, found.areas) == ("persons|sex", "persons|age", ("households|sector",))
    assert found.sex_values == {"female": "female", "male": "male"}
    assert found.guessed == {"sex", "age", "area1"}
    assert draft_from_document(json.loads(json.dumps(draft_document(found)))) == found


@pytest.mark.parametrize(
    ("column", "name"), [("Site", "site"), ("grp/Sector Nº", "sector_no"), ("2nd", "area_2nd"), ("sex", "area_sex")]
)
def test_area_columns_get_names_that_conditions_can_use(column, name):
    assert area_name(column) == name


def test_problems_of_one_kind_are_one_group_with_its_count_and_first_lines():
    with pytest.raises(InputError) as refused:
        many_wrong_ages()
    (problem,) = refused.value.problems
    assert "3,000 rows: 2, 3, 4, 5, 6, …; found '400'" in problem.message
    (group,) = grouped(refused.value.problems)
    assert (group.rule, group.count, group.lines) == ("age_wrong", 3000, (2, 3, 4, 5, 6))


def many_wrong_ages() -> None:
    from data.readers.answers import RawFile
    from data.workflows.survey_frames import map_answers

    frame = pl.DataFrame({"key": range(3000), "sex": ["f"] * 3000, "age": [400] * 3000})
    document = {
        "source": "a test",
        "coverage": {"area": "here"},
        "design": {"census": True},
        "persons": {"household": "key", "sex": {"column": "sex", "values": {"f": "female"}}, "age": {"column": "age"}},
    }
    map_answers(SurveyMapping.model_validate(document), {"persons": RawFile(Path("p.csv"), frame)})


# --- staged uploads ------------------------------------------------------------------------------------------------


def staged(bank: Path, now: datetime | None = None, owner: str = "ana"):
    data = [Upload("household.csv", BytesIO(HOUSEHOLDS.encode())), Upload("members.csv", BytesIO(MEMBERS.encode()))]
    return make_stage(bank, "testville", owner, "r", Upload("f.xlsx", BytesIO(workbook(HOUSEHOLD))), data, {}, now)


def test_an_upload_is_private_and_gone_after_a_day(tmp_path):
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    stage = staged(tmp_path, start)
    assert load_stage(tmp_path, "testville", "ana", stage.token, start) == stage
    for site, owner in (("testville", "eva"), ("other", "ana")):
        with pytest.raises(NotFoundError):
            load_stage(tmp_path, site, owner, stage.token, start)
    assert staging_folder(tmp_path).stat().st_mode & 0o077 == 0
    assert [one.token for one in find_stages(tmp_path, "testville", "ana", start)] == [stage.token]
    with pytest.raises(NotFoundError):
        load_stage(tmp_path, "testville", "ana", stage.token, start + LIFETIME)
    assert list(staging_folder(tmp_path).iterdir()) == []


def test_removing_what_expired_leaves_what_is_fresh(tmp_path):
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    old, fresh = staged(tmp_path, start, "ana"), staged(tmp_path, start + timedelta(hours=23), "eva")
    assert remove_expired(tmp_path, start + timedelta(hours=25)) == 1
    assert [folder.name for folder in staging_folder(tmp_path).iterdir()] == [fresh.token]
    assert old.token != fresh.token


@pytest.mark.parametrize("token", ["../../etc", "", "x" * 300, "a/b" * 8])
def test_a_token_is_no_path(tmp_path, token):
    with pytest.raises(NotFoundError):
        load_stage(tmp_path, "testville", "ana", token)


def test_names_of_uploads_cannot_leave_their_folder():
    assert [safe_name(name) for name in ("../../x.csv", "C:\\a\\b.csv", ".hidden", "")] == [
        *("x.csv", "b.csv", "hidden", "file")
    ]


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.exe", b"MZ", "upload_type"),
        ("a.csv", b"", "upload_empty"),
        ("a.csv", b"PK\x03\x04", "upload_content"),
        ("a.xlsx", b"PK\x03\x04 cut off", "upload_content"),
        ("a.parquet", b"PAR1 cut off", "upload_content"),
        ("a.sav", b"sex,age\n", "upload_content"),
    ],
)
def test_files_are_judged_by_their_content(tmp_path, name, content, rule):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError) as refused:
        check_content(file, ANSWERS)
    assert refused.value.problems[0].rule == rule


def test_a_refused_upload_leaves_no_folder(tmp_path):
    with pytest.raises(InputError):
        make_stage(tmp_path, "s", "ana", "r", None, [Upload("a.parquet", BytesIO(b"PAR1"))], {})
    assert list(staging_folder(tmp_path).iterdir()) == []


def test_looking_into_an_upload_stores_nothing_and_counts_tables(tmp_path):
    found = look_into(tmp_path, staged(tmp_path))
    assert [(file, rows) for file, _, _, rows in found.tables] == [("household.csv", 2), ("members.csv", 3)]
    assert not found.is_refused
    assert [path.name for path in tmp_path.iterdir()] == [".staging"]


# --- whom the form lists -------------------------------------------------------------------------------------------


LAND = """
survey
 | type | name | label
 | integer | rooms | Rooms
 | begin repeat | plots | Plots
 | integer | size | Size
 | end repeat | |
settings
 | form_title | form_id | version
 | Land | land | 1
"""


def test_a_form_with_other_repeats_says_which_and_why_they_list_nobody(workshop):
    form_file = workshop.folder / "land.xlsx"
    form_file.write_bytes(workbook(LAND))
    files = [written(workshop.folder, "land.csv", "rooms,_index\n3,1\n")]
    files.append(written(workshop.folder, "plots.csv", "plots/size,_index,_parent_index\n4,1,1\n"))
    before, mapping = workshop.everything_stored(), read_survey_mapping(MAPPING, "map.yaml")
    with pytest.raises(InputError) as refused:
        import_form_survey(workshop.factory, workshop.bank, "testville", "2026", form_file, files, mapping, "ana")
    (problem,) = refused.value.problems
    assert problem.rule == "members_missing"
    assert problem.message.startswith(
        "The form's repeat 'plots' lists no household members: it asks nobody's sex or age"
    )
    assert workshop.everything_stored() == before


def test_an_export_without_the_rows_of_members_asks_for_their_file_by_name(workshop):
    form_file, files = exported(workshop)
    read = read_survey_mapping(MAPPING, "map.yaml")
    with pytest.raises(InputError) as refused:
        import_form_survey(workshop.factory, workshop.bank, "testville", "2026", form_file, files[:1], read, "ana")
    (problem,) = refused.value.problems
    assert (problem.rule, problem.value) == ("member_rows_missing", "members")
    assert "Give the file or sheet of 'members' too." in problem.message


def test_a_form_that_asks_nothing_of_the_household_itself_is_no_other_form(workshop):
    """Its main file has columns of the system only; what keeps it out is that it lists nobody."""
    form_file = workshop.folder / "land.xlsx"
    form_file.write_bytes(workbook(LAND.replace(" | integer | rooms | Rooms\n", "")))
    files = [written(workshop.folder, "land.csv", "_index,_uuid\n1,u1\n")]
    files.append(written(workshop.folder, "plots.csv", "plots/size,_index,_parent_index\n4,1,1\n"))
    with pytest.raises(InputError) as refused:
        answers_of_form(read_form(form_file).form, files)
    assert [problem.rule for problem in refused.value.problems] == ["members_missing"]
