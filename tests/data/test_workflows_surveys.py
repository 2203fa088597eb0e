"""Survey import: what is kept, what is left out, and what a refused file leaves behind (nothing)."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from budget_model.__main__ import main
from budget_model.errors import InputError, NotFoundError
from data.readers.survey_mapping import read_survey_mapping
from data.store.tables import Area, AuditEntry, SurveyRound
from data.workflows.identifiers import identifying_columns
from data.workflows.surveys import RoundSpec, import_survey, store_round
from tests.workflow_builders import HOUSEHOLDS, MAPPING, PERSONS, Workshop, make_workshop


@pytest.fixture
def workshop(tmp_path: Path, factory) -> Workshop:
    return make_workshop(tmp_path, factory)


def imported(workshop: Workshop, persons=PERSONS, households=HOUSEHOLDS, mapping=MAPPING, code="2026", **options):
    files = workshop.survey_files(persons, households)
    return import_survey(
        workshop.factory, workshop.bank, "testville", code, files, workshop.write("map.yaml", mapping), "ana", **options
    )


def bank_frame(workshop: Workshop, name: str = "persons") -> pl.DataFrame:
    return pl.read_parquet(workshop.bank / "testville" / "2026" / f"{name}.parquet")


def test_a_round_is_stored_with_its_areas_answers_and_audit_entry(workshop):
    stored = imported(workshop)
    assert (stored.households, stored.persons, stored.new_areas) == (4, 8, ("north", "south"))
    with workshop.factory() as session:
        survey_round = session.scalars(select(SurveyRound)).one()
        areas = {area.code: (area.level, area.name) for area in session.scalars(select(Area))}
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "survey.import")).one()
    assert areas == {"testville": (0, "Testville"), "north": (1, "North"), "south": (1, "South")}
    assert (survey_round.coverage_rate, survey_round.weight_column, survey_round.area_columns) == (
        0.9,
        "weight",
        ["sector"],
    )
    assert (entry.actor, entry.action) == ("ana", "survey.import")
    record = json.loads((workshop.bank / "testville" / "2026" / "round.json").read_text())
    assert [file["name"] for file in record["files"]] == ["persons.csv", "households.csv"]
    assert all(len(file["sha256"]) == 64 for file in record["files"])


def test_every_answer_survives_and_household_answers_stand_on_each_member(workshop):
    imported(workshop)
    persons = bank_frame(workshop)
    found = sorted(persons.select("sex", "age", "sector", "Water", "weight", "household_size").rows())
    assert found == sorted(
        [
            ("female", 34, "north", "tap", 2.0, 3),
            ("male", 36, "north", "tap", 2.0, 3),
            ("female", 3, "north", "tap", 2.0, 3),
            ("female", 61, "north", "well", 1.0, 1),
            ("male", 17, "south", "well", 1.5, 2),
            ("female", 40, "south", "well", 1.5, 2),
            ("male", 25, "south", "tap", 1.5, 2),
            ("female", 22, "south", "tap", 1.5, 2),
        ]
    )
    assert dict(persons.select("age", "age_band").rows())[17] == "12-17"
    children = bank_frame(workshop, "households").select("Water", "sector", "has_child").sort("sector", "Water").rows()
    assert children == [
        ("tap", "north", True),
        ("well", "north", False),
        ("tap", "south", False),
        ("well", "south", True),
    ]


def test_ids_count_from_one_and_their_order_says_nothing_about_the_raw_file(workshop):
    imported(workshop, seed=1)
    imported(workshop, seed=2, code="2027")
    first, second = (
        pl.read_parquet(workshop.bank / "testville" / code / "persons.parquet") for code in ("2026", "2027")
    )
    for persons in (first, second):
        assert persons["person_id"].sort().to_list() == list(range(1, 9))
        assert sorted(set(persons["household_id"])) == [1, 2, 3, 4]
    assert first.sort("age")["person_id"].to_list() != second.sort("age")["person_id"].to_list()


def test_a_column_that_identifies_people_is_left_out_and_named(workshop):
    stored = imported(workshop)
    assert [warning.column for warning in stored.warnings] == ["Phone"]
    for name in ("persons", "households"):
        assert not {"Phone", "KEY"} & set(bank_frame(workshop, name).columns)
        assert b"999 111" not in (workshop.bank / "testville" / "2026" / f"{name}.parquet").read_bytes()


def test_identities_are_known_by_name_and_by_the_look_of_their_values():
    frame = pl.DataFrame(
        {
            "respondent_name": ["a"],
            "_uuid": ["b"],
            "gps_latitude": [1.0],
            "contact": ["ana@example.org"],
            "link": ["uuid:2b72ea56-8a29-4874-94ae-d3f2b699f725"],
            "age": [3],
            "water_source": ["tap"],
        }
    )
    assert identifying_columns(frame) == ("respondent_name", "_uuid", "gps_latitude", "contact", "link")
    assert "link" not in identifying_columns(frame, not_identifying=["link"])


def test_a_derived_answer_is_missing_where_nobody_is_asked_or_the_deciding_answer_is_missing(workshop):
    persons = PERSONS.replace("h2,F,61", "h2,F,999").replace("h4,M,25", "h4,M,999")
    mapping = MAPPING + "  has_elder: {any: age >= 60}\n"
    imported(workshop, persons=persons, mapping=mapping)
    rows = (
        bank_frame(workshop, "households").sort("sector", "Water").select("sector", "Water", "has_child", "has_elder")
    )
    assert rows.rows() == [
        ("north", "tap", True, False),
        ("north", "well", None, None),  # its only member's age is not known
        ("south", "tap", False, None),  # the other member is 22, so an elder cannot be ruled out
        ("south", "well", True, False),
    ]


BAD = {
    "unknown column": (PERSONS, HOUSEHOLDS, MAPPING.replace("column: Sex,", "column: Sexo,"), "Did you mean 'Sex'?"),
    "bad sex code": (PERSONS.replace("h3,M", "h3,X"), HOUSEHOLDS, MAPPING, "persons.csv, line 6, column Sex"),
    "household without match": (PERSONS.replace("h2,", "h9,"), HOUSEHOLDS, MAPPING, "line 5, column KEY"),
    "household twice": (PERSONS, HOUSEHOLDS.replace("h3,", "h2,"), MAPPING, "more than once"),
    "negative weight": (
        PERSONS,
        HOUSEHOLDS.replace("tap,2", "tap,-2"),
        MAPPING,
        "households.csv, line 2, column weight",
    ),
    "missing weight": (PERSONS, HOUSEHOLDS.replace("tap,2", "tap,"), MAPPING, "never missing"),
    "single-PSU stratum": (
        PERSONS,
        HOUSEHOLDS.replace("h2,N", "h2,S"),
        MAPPING,
        "Stratum 'north' has a single PSU",
    ),
    "file without rows": (PERSONS.splitlines()[0] + "\n", HOUSEHOLDS, MAPPING, "no rows"),
    "empty file": ("", HOUSEHOLDS, MAPPING, "empty"),
    "impossible age": (PERSONS.replace("h2,F,61", "h2,F,610"), HOUSEHOLDS, MAPPING, "no age between 0 and 120"),
    "unknown area": (PERSONS, HOUSEHOLDS.replace("h4,S", "h4,W"), MAPPING, "households.csv, line 5, column Sector"),
    "unknown key of the mapping": (
        PERSONS,
        HOUSEHOLDS,
        MAPPING.replace("derive:", "derived:"),
        "Did you mean 'derive'",
    ),
    "unknown column of a rule": (PERSONS, HOUSEHOLDS, MAPPING.replace("any: age <", "any: agee <"), "agee"),
    "days in the wrong order": (
        PERSONS,
        HOUSEHOLDS,
        f"starts_on: 2021-03-10\nends_on: 2021-01-02\n{MAPPING}",
        "The last day, 2021-01-02, is before the first day, 2021-03-10",
    ),
    "a day ahead": (PERSONS, HOUSEHOLDS, f"ends_on: 2999-01-02\n{MAPPING}", "2999-01-02 lies ahead"),
    "no households file": (PERSONS, None, MAPPING, "--households"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_refused_survey_names_the_place_and_leaves_nothing_behind(workshop, case):
    persons, households, mapping, words = BAD[case]
    before = workshop.everything_stored()
    with pytest.raises(InputError) as refusal:
        imported(workshop, persons, households, mapping)
    assert words in str(refusal.value)
    assert workshop.everything_stored() == before


def test_all_wrong_codes_come_at_once_with_their_lines(workshop):
    with pytest.raises(InputError) as refusal:
        imported(workshop, persons=PERSONS.replace(",M,", ",?,"))
    (problem,) = refusal.value.problems
    assert (problem.line, problem.facts["rows"], problem.facts["count"]) == (3, [3, 6, 8], 3)
    assert "(3 rows: 3, 6, 8; found '?'). It knows F, M." in problem.message


def test_blank_answers_of_sex_are_told_apart_from_unknown_codes_and_say_what_would_do(workshop):
    """Lines 3 and 6 are blank, line 8 is a code that nobody knows."""
    persons = PERSONS.replace("h1,M,", "h1,,").replace("h3,M,", "h3,,").replace("h4,M,", "h4,X,")
    with pytest.raises(InputError) as refusal:
        imported(workshop, persons=persons)
    blank, unknown = refusal.value.problems
    assert (blank.rule, blank.facts["rows"]) == ("sex_blank", [3, 6])
    assert blank.message.startswith(
        "Rows have no sex (2 rows: 3, 6). Fill it in. If a blank means that none was stated"
    )
    assert (unknown.rule, unknown.line, unknown.value) == ("sex_wrong", 8, "X")


def test_a_round_is_never_overwritten(workshop):
    imported(workshop)
    before = workshop.everything_stored()
    with pytest.raises(InputError, match="already"):
        imported(workshop)
    assert workshop.everything_stored() == before


def test_an_unknown_site_is_refused_before_anything_is_written(workshop):
    files = workshop.survey_files()
    with pytest.raises(NotFoundError):
        import_survey(
            workshop.factory, workshop.bank, "elsewhere", "1", files, workshop.write("m.yaml", MAPPING), "ana"
        )
    assert workshop.everything_stored()["bank"] == {}


@pytest.mark.parametrize("step", ["data.store.audit.record", "data.workflows.surveys.StoredRound"])
def test_a_failure_before_or_after_the_files_are_in_place_takes_them_back(workshop, monkeypatch, step):
    def fail(*arguments):
        raise RuntimeError("the disk of the database is full")

    before = workshop.everything_stored()
    monkeypatch.setattr(step, fail)
    with pytest.raises(RuntimeError, match="full"):
        imported(workshop)
    assert workshop.everything_stored() == before


def test_a_round_code_cannot_leave_the_bank_folder(workshop):
    with pytest.raises(InputError, match="cannot name a folder"):
        imported(workshop, code="../../elsewhere")


def test_frames_with_raw_keys_are_refused(workshop):
    persons = pl.DataFrame({"person_id": [70211, 70212], "household_id": [1, 1], "sex": ["female", "male"]})
    with pytest.raises(InputError, match="re-keyed"):
        store_round(
            workshop.factory,
            workshop.bank,
            "testville",
            RoundSpec(code="1", coverage_area="all", is_census=True),
            persons,
            pl.DataFrame({"household_id": [1]}),
            "ana",
        )


def test_every_problem_of_a_mapping_comes_with_its_line():
    text = MAPPING.replace("source: made up for a test\n", "").replace("{count: persons}", "{count: dogs}")
    with pytest.raises(InputError) as refusal:
        read_survey_mapping(text, "map.yaml")
    assert {(problem.line, problem.column) for problem in refusal.value.problems} == {
        (1, "source"),
        (15, "derive.household_size.count"),
    }


def test_an_import_that_comes_second_leaves_the_first_ones_files_alone(workshop, monkeypatch):
    """Another process puts the same round in place between our check and our rename."""
    from data.workflows import bank

    place = bank.StagedRound.put_in_place

    def overtaken(staged):
        staged.target.mkdir()
        (staged.target / "persons.parquet").write_text("of the other process")
        place(staged)

    monkeypatch.setattr(bank.StagedRound, "put_in_place", overtaken)
    with pytest.raises(OSError, match="not empty"):
        imported(workshop)
    assert list(workshop.everything_stored()["bank"]) == [
        "testville",
        "testville/2026",
        "testville/2026/persons.parquet",
    ]


@pytest.mark.parametrize("ending", ["parquet", "sav", "dta"])
def test_other_formats_give_the_same_round_as_csv(workshop, ending):
    """Text cells that are missing in CSV are missing in every format; numbers come as floats from SPSS and Stata."""
    frame = pl.read_csv(PERSONS.encode(), null_values=[""])
    file = workshop.folder / f"persons.{ending}"
    if ending == "parquet":
        frame.write_parquet(file)
    else:
        texts = frame.with_columns(pl.col(pl.String).fill_null("")).to_pandas()
        getattr(pyreadstat, {"sav": "write_sav", "dta": "write_dta"}[ending])(texts, str(file))
    imported(workshop, code="csv", seed=3)
    files = {**workshop.survey_files(), "persons": file}
    mapping = workshop.write("map.yaml", MAPPING)
    import_survey(workshop.factory, workshop.bank, "testville", "other", files, mapping, "ana", seed=3)
    first, second = (
        pl.read_parquet(workshop.bank / "testville" / code / "persons.parquet") for code in ("csv", "other")
    )
    assert second.equals(first)


def test_the_command_refuses_with_exit_code_one_and_a_sentence_on_standard_error(tmp_path, sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("BANK_FOLDER", str(tmp_path / "bank"))
    for name, text in (("p.csv", PERSONS.replace(",F,", ",W,")), ("h.csv", HOUSEHOLDS), ("m.yaml", MAPPING)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    run = CliRunner()
    assert (
        run.invoke(main, ["site", "add", "testville", "--name", "T", "--country", "PE", "--currency", "PEN"]).exit_code
        == 0
    )
    files = ["--persons", tmp_path / "p.csv", "--households", tmp_path / "h.csv", "--map", tmp_path / "m.yaml"]
    refused = run.invoke(main, ["survey", "import", "testville", "1", *map(str, files)])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "p.csv, line 2, column Sex" in refused.stderr
    assert not (tmp_path / "bank").exists() or not list((tmp_path / "bank").rglob("*"))


def test_ages_with_a_fraction_become_completed_years_and_that_is_said(workshop):
    stored = imported(workshop, persons=PERSONS.replace("h2,F,61", "h2,F,61.5"))
    (note,) = [warning for warning in stored.warnings if warning.rule == "age_rounded"]
    assert (note.file, note.level, note.facts["count"]) == ("persons.csv", "warning", 1)
    assert "61.5" in note.message
    assert PERSONS.splitlines()[note.line - 1].startswith("h2,F,61")
    assert sorted(bank_frame(workshop)["age"].drop_nulls().to_list()) == [3, 17, 22, 25, 34, 36, 40, 61]


def test_whole_ages_need_no_note(workshop):
    assert "age_rounded" not in {warning.rule for warning in imported(workshop).warnings}


def test_ages_written_as_text_are_read_as_numbers_before_their_fraction_is_told(workshop):
    text = PERSONS.replace("h2,F,61", "h2,F,not known").replace(",34", ",34.5")
    with pytest.raises(InputError, match="no age between 0 and 120"):
        imported(workshop, persons=text)
    stored = imported(workshop, persons=PERSONS.replace(",34", ",34.5"))
    (note,) = [warning for warning in stored.warnings if warning.rule == "age_rounded"]
    assert "34.5" in note.message
