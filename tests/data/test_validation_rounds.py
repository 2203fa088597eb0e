"""A round from draft to published: corrections as a log, states with who and why, refusals that leave nothing."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from budget_model.__main__ import main
from budget_model.errors import InputError, NotFoundError
from data.readers.corrections_file import read_corrections
from data.store.engine import transaction
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.tables import AuditEntry, Correction, Estimate, RoundEvent, ValidationRun
from data.workflows.corrected import corrected_answers
from data.workflows.corrections import apply_corrections
from data.workflows.indicators import run_indicators
from data.workflows.round_states import Representation, change_state, record_representation
from data.workflows.surveys import RoundSpec, import_survey, store_round
from data.workflows.validation import answers_to_correct, check_round_answers, id_ranges, report_of
from data.writers.validation_report import cases_csv
from tests.workflow_builders import CATALOGUE, MAPPING, Workshop, make_workshop

HEADER = "record,id,column,old,new,reason\n"
TOOK_PART = Representation("Comedor Las Flores", 9, 1, date(2026, 6, 12), "The hours of care were asked again.")


@pytest.fixture
def workshop(tmp_path: Path, factory) -> Workshop:
    made = make_workshop(tmp_path, factory)
    import_survey(
        made.factory,
        made.bank,
        "testville",
        "2026",
        made.survey_files(),
        made.write("map.yaml", MAPPING),
        "ana",
        seed=3,
    )
    return made


def answers(workshop: Workshop):
    with workshop.factory() as session:
        found = load_round(session, load_site(session, "testville").id, "2026")
        return corrected_answers(session, workshop.bank, found)


def person_of(workshop: Workshop, age: int) -> int:
    """The id that the import gave to the one person of this age."""
    return answers(workshop).persons.filter(pl.col("age") == age)["person_id"].item()


def correct(workshop: Workshop, *lines: str, actor: str = "ana"):
    content = (HEADER + "\n".join(lines)).encode()
    return apply_corrections(workshop.factory, workshop.bank, "testville", "2026", content, "fix.csv", actor)


def check(workshop: Workshop, actor: str = "ana"):
    return check_round_answers(workshop.factory, workshop.bank, "testville", "2026", actor)


def move(workshop: Workshop, to_state: str, actor: str = "ana", reason: str = ""):
    return change_state(workshop.factory, "testville", "2026", to_state, actor, reason)


def files(workshop: Workshop) -> dict[str, str]:
    stored = workshop.everything_stored()["bank"]
    return {name: sha256 for name, sha256 in stored.items() if name.endswith(".parquet")}


def refused(workshop: Workshop, *lines: str) -> list[str]:
    before = workshop.everything_stored()
    with pytest.raises(InputError) as refusal:
        correct(workshop, *lines)
    assert workshop.everything_stored() == before
    return [str(problem) for problem in refusal.value.problems]


# --- corrections -------------------------------------------------------------------------------------------------


def test_a_correction_is_applied_on_reading_and_the_imported_files_stay_as_they_are(workshop):
    before, person = files(workshop), person_of(workshop, 61)
    applied = correct(workshop, f"person,{person},age,61,16,The form says 16")
    assert (applied.applied, applied.total) == (1, 1)
    row = answers(workshop).persons.filter(pl.col("person_id") == person).row(0, named=True)
    assert (row["age"], row["age_band"]) == (16, "12-17")  # the band follows
    assert files(workshop) == before
    raw = pl.read_parquet(workshop.bank / "testville/2026/persons.parquet")
    assert raw.filter(pl.col("person_id") == person)["age"].item() == 61


def test_the_log_says_who_when_what_and_why_and_the_provenance_its_number_and_hash(workshop):
    person = person_of(workshop, 61)
    applied = correct(workshop, f"person,{person},Works,no,yes,Asked again", actor="rosa")
    with workshop.factory() as session:
        row = session.scalars(select(Correction)).one()
        assert (row.actor, row.record, row.record_id, row.column_name) == ("rosa", "person", person, "Works")
        assert (row.old_value, row.new_value, row.reason) == ("no", "yes", "Asked again")
        assert datetime.now(UTC) - row.at < timedelta(minutes=5)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "survey.correct")).one()
        assert "yes" not in json.dumps(entry.detail)  # answers of persons stay out of the audit trail
    provenance = json.loads((workshop.bank / "testville/2026/round.json").read_text(encoding="utf-8"))
    assert provenance["corrections"] == {"applied": 1, "sha256": applied.sha256}
    assert provenance["source"] == "made up for a test"


def test_corrections_build_on_each_other_and_an_old_one_no_longer_matches(workshop):
    person = person_of(workshop, 61)
    correct(workshop, f"person,{person},age,61,16,first")
    assert "the round has '16'" in refused(workshop, f"person,{person},age,61,17,again")[0]
    correct(workshop, f"person,{person},age,16,,not known after all")
    row = answers(workshop).persons.filter(pl.col("person_id") == person).row(0, named=True)
    assert (row["age"], row["age_band"]) == (None, None)


def test_a_household_answer_changes_for_all_its_members_and_what_was_derived_is_computed_again(workshop):
    """The household of the man of 36 has a child of 3; made 33, no child is left in it."""
    child = person_of(workshop, 3)
    household = answers(workshop).persons.filter(pl.col("person_id") == child)["household_id"].item()
    correct(workshop, f"household,{household},Water,tap,well,Seen", f"person,{child},age,3,33,Typing error")
    after = answers(workshop)
    members = after.persons.filter(pl.col("household_id") == household)
    assert members["Water"].to_list() == ["well"] * 3
    assert members["has_child"].to_list() == [False] * 3
    assert after.households.filter(pl.col("household_id") == household)["has_child"].item() is False


def test_a_record_that_was_sent_twice_is_taken_out(workshop):
    household = answers(workshop).persons.filter(pl.col("age") == 61)["household_id"].item()
    correct(workshop, f"household,{household},*,,remove,Sent twice")
    after = answers(workshop)
    assert (after.households.height, after.persons.height) == (3, 7)
    assert "There is no household" in refused(workshop, f"household,{household},Water,well,tap,x")[0]


def test_every_problem_of_a_file_comes_at_once_with_its_line_and_nothing_is_stored(workshop):
    person = person_of(workshop, 61)
    problems = refused(
        workshop,
        "person,99,age,3,4,x",
        f"person,{person},agee,3,4,x",
        f"person,{person},Water,well,tap,x",
        f"person,{person},weight,1,2,x",
        f"person,{person},age_band,60+,0-5,x",
        f"person,{person},age,60,61.5,x",
        f"person,{person},sex,female,woman,x",
        f"household,1,sector,{answers(workshop).households['sector'][0]},west,x",
        f"person,{person},age,61,62,x",
        f"persona,{person},age,61,62,",
    )
    expected = [
        "fix.csv, line 2, column age: There is no person 99",
        "line 3, column agee: A person has no answer 'agee'. Did you mean 'age'?",
        "line 4, column Water: 'Water' is an answer of the household",
        "line 5, column weight: 'weight' is an id or part of the sample design",
        "line 6, column age_band: 'age_band' is computed",
        "line 7, column age: Old value of person",
        "line 7, column age: '61.5' is no value for 'age', which holds whole numbers.",
        "line 8, column sex: The sex is female or male",
        "line 9, column sector: 'sector' is an id or part of the sample design",
        "line 10, column age: Line 7 corrects the same answer",
        "line 11, column record: The record is 'persona'",
        "line 11, column reason: The reason is missing",
    ]
    for words in expected:
        assert any(words in problem for problem in problems), words
    assert len(problems) == len(expected)


def test_a_household_moves_to_an_area_of_the_site_and_to_no_other(workshop):
    persons = pl.DataFrame({"person_id": [1], "household_id": [1], "sex": ["female"], "age": [40], "sector": ["north"]})
    spec = RoundSpec(code="2027", coverage_area="x", is_census=True, area_columns=("sector",))
    households = persons.select("household_id", "sector")
    store_round(workshop.factory, workshop.bank, "testville", spec, persons, households, "ana")

    def moved(code: str):
        content = f"{HEADER}household,1,sector,north,{code},Wrong side of the street\n".encode()
        return apply_corrections(workshop.factory, workshop.bank, "testville", "2027", content, "fix.csv", "ana")

    with pytest.raises(InputError, match="No area of the site's level has the code 'west'"):
        moved("west")
    assert moved("south").applied == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"record,id,column,old,new\n", "The column 'reason' is missing"),
        (HEADER.replace("reason", "reasom").encode(), "Did you mean 'reason'?"),
        (HEADER.encode(), "no corrections below its header"),
        ((HEADER + "persona,x,,1,1,\n").encode(), "Write person or household"),
        ((HEADER + "person,1,age,3,3,x\n").encode(), "Old and new are the same"),
        ((HEADER + "person,1,*,,delete,x\n").encode(), "only a removal is possible"),
        ((HEADER + "person,1\n").encode(), "fewer cells than the header"),
        (HEADER.encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_holds_no_corrections_is_refused_with_what_would_do(content, words):
    try:
        lines, problems = read_corrections(content, "fix.csv")
    except InputError as refusal:
        lines, problems = (), list(refusal.problems)
    told = "; ".join(str(problem) for problem in problems)
    assert lines == ()
    assert words in told
    assert "fix.csv" in told


def test_a_spreadsheets_semicolons_and_byte_order_mark_are_read():
    content = "\ufeff" + HEADER.replace(",", ";") + "person;1;Works;no;sí;así dijo\n"
    line = read_corrections(content.encode("utf-8"), "fix.csv")[0][0]
    assert (line.line, line.new, line.reason) == (2, "sí", "así dijo")


def test_an_answer_that_nobody_else_gave_is_applied_with_a_warning_that_names_the_nearest(workshop):
    person = person_of(workshop, 61)
    warnings = correct(workshop, f"person,{person},Works,no,yess,x").warnings
    assert "Did you mean 'yes'?" in str(warnings[0])


# --- rules on a stored round ----------------------------------------------------------------------------------------


def test_a_run_is_kept_with_its_counts_and_the_hashes_of_rules_and_answers(workshop):
    checked = check(workshop)
    with workshop.factory() as session:
        run = session.scalars(select(ValidationRun)).one()
        assert (run.errors, run.warnings) == (checked.errors, checked.warnings)
        assert run.rules_sha256 == checked.rules_sha256
    first = checked.answers_sha256
    correct(workshop, f"person,{person_of(workshop, 61)},age,61,60,x")
    assert check(workshop).answers_sha256 != first


def many_wrong(workshop: Workshop, number: int = 3000) -> None:
    persons = pl.DataFrame(
        {
            "person_id": range(1, number + 1),
            "household_id": range(1, number + 1),
            "sex": ["female", "male"] * (number // 2),
            "age": [999] * number,
            "enumerator_code": [f"=e{i % 2}" for i in range(number)],
        }
    )
    households = persons.select("household_id")
    spec = RoundSpec(code="wall", coverage_area="x", is_census=True, source="made up")
    store_round(workshop.factory, workshop.bank, "testville", spec, persons, households, "ana")


def test_three_thousand_wrong_rows_are_two_groups_and_not_a_wall(workshop):
    many_wrong(workshop)
    checked = check_round_answers(workshop.factory, workshop.bank, "testville", "wall", "ana")
    rule = next(rule for rule in checked.result["rules"] if rule["id"] == "AGE_RANGE")
    assert rule["cases"] == 3000
    assert [(g["enumerator"], g["found"], g["cases"]) for g in rule["groups"]] == [
        ("=e0", ["age = 999"], 1500),
        ("=e1", ["age = 999"], 1500),
    ]
    book = openpyxl.load_workbook(io.BytesIO(report_of(checked, "en")))
    assert book.sheetnames == ["Summary", "By rule", "By enumerator", "By sector", "Cases"]
    assert book["Cases"].max_row < 60
    summary = dict(book["Summary"].iter_rows(values_only=True))
    assert (summary["Round"], summary["Source"], summary["Cases of error"]) == ("wall", "made up", "3,000")
    enumerator = book["By enumerator"]["A2"]
    assert (enumerator.value, enumerator.data_type, enumerator.quotePrefix) == ("=e0", "s", True)
    assert "wall" in str(book["Cases"].cell(book["Cases"].max_row, 1).value)


def test_ids_of_a_group_are_ranges_and_the_rest_is_counted():
    assert id_ranges([1, 2, 3, 7, 9, 10]) == ("1–3, 7, 9–10", 0)
    assert id_ranges([1, 3, 5, 6], most=2) == ("1, 3", 2)


def test_the_answers_of_a_rule_come_out_as_a_file_of_corrections_that_can_be_filled_in(workshop):
    child = person_of(workshop, 3)
    correct(workshop, f"person,{child},age,3,115,x")
    with workshop.factory() as session:
        found = load_round(session, load_site(session, "testville").id, "2026")
        rows = answers_to_correct(session, workshop.bank, found, "AGE_RANGE")
        with pytest.raises(NotFoundError):
            answers_to_correct(session, workshop.bank, found, "NOPE")
    assert rows == [("person", child, "age", "115")]
    text = cases_csv(rows).decode("utf-8-sig").replace("115,,", "115,3,as in the form")
    line = read_corrections(text.encode(), "f.csv")[0][0]
    assert (line.old, line.new) == ("115", "3")


# --- states ----------------------------------------------------------------------------------------------------------


def test_a_round_goes_from_draft_to_published_with_who_when_and_what_was_left(workshop):
    check(workshop)
    move(workshop, "validated", "ana", "The two rows were confirmed in the field")
    record_representation(workshop.factory, "testville", "2026", TOOK_PART, "ana")
    change = move(workshop, "published", "rosa")
    assert (change.from_state, change.to_state, change.warnings) == ("validated", "published", ())
    with workshop.factory() as session:
        events = session.scalars(select(RoundEvent).order_by(RoundEvent.id)).all()
        assert [(e.actor, e.from_state, e.to_state) for e in events] == [
            ("ana", "draft", "validated"),
            ("rosa", "validated", "published"),
        ]
        assert events[1].detail["women"] == 9
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "survey.state")).all()
        assert len(actions) == 2


def rules_of(refusal) -> list[str]:
    return [problem.rule for problem in refusal.value.problems]


def test_validating_needs_a_run_on_the_answers_as_they_are(workshop):
    with pytest.raises(InputError) as refusal:
        move(workshop, "validated", reason="x")
    assert rules_of(refusal) == ["state.not_checked"]
    check(workshop)
    correct(workshop, f"person,{person_of(workshop, 61)},age,61,60,x")
    with pytest.raises(InputError, match="Run them first"):
        move(workshop, "validated", reason="x")


def test_validating_with_errors_left_needs_a_reason(workshop):
    correct(workshop, f"person,{person_of(workshop, 61)},age,61,119,x")
    checked = check(workshop)
    assert checked.errors >= 1
    with pytest.raises(InputError) as refusal:
        move(workshop, "validated")
    assert "state.errors_remain" in rules_of(refusal)
    assert move(workshop, "validated", reason="Seen with the identity card").to_state == "validated"


def test_a_round_to_which_few_rules_apply_is_validated_with_a_reason_only_and_that_is_kept(workshop):
    """The small survey of these tests lacks most questions of the rules, so that no error found says little."""
    rules = check(workshop).result["rules"]
    applied = [rule for rule in rules if not rule["missing"] and not rule["reason"]]
    assert 0 < len(applied) < len(rules) / 2
    with pytest.raises(InputError) as refusal:
        move(workshop, "validated")
    assert f"Only {len(applied)} of {len(rules)} rules" in str(refusal.value)
    move(workshop, "validated", reason="A form of our own")
    with workshop.factory() as session:
        event = session.scalars(select(RoundEvent)).one()
    kept = (event.reason, event.detail["rules"], event.detail["rules_applied"])
    assert kept == ("A form of our own", len(rules), len(applied))


def validated(workshop: Workshop) -> None:
    check(workshop)
    move(workshop, "validated", reason="known")


def test_who_validated_does_not_publish_and_without_womens_organisations_there_must_be_a_reason(workshop):
    validated(workshop)
    before = workshop.everything_stored()
    with pytest.raises(InputError) as refusal:
        move(workshop, "published", "ana")
    assert rules_of(refusal) == ["state.second_person", "state.no_representation"]
    assert workshop.everything_stored() == before
    change = move(workshop, "published", "rosa", "The federation was invited twice and did not come")
    assert [warning.rule for warning in change.warnings] == ["state.no_representation"]


def test_going_back_to_draft_needs_a_reason(workshop):
    validated(workshop)
    with pytest.raises(InputError) as refusal:
        move(workshop, "draft", reason="  ")
    assert rules_of(refusal) == ["state.reason_missing"]
    assert move(workshop, "draft", reason="Sector 3 was entered twice").to_state == "draft"


def test_only_a_draft_is_corrected(workshop):
    person = person_of(workshop, 61)
    validated(workshop)
    assert "Send it back to draft" in refused(workshop, f"person,{person},age,61,60,x")[0]


def test_what_is_published_never_changes(workshop):
    person = person_of(workshop, 61)
    validated(workshop)
    move(workshop, "published", "rosa", "no organisation there")
    assert "is published and is not corrected any more" in refused(workshop, f"person,{person},age,61,60,x")[0]
    for state in ("draft", "validated", "published"):
        with pytest.raises(InputError, match="What is published never changes"):
            move(workshop, state, "rosa", "x")
    with pytest.raises(InputError, match="is published"):
        record_representation(workshop.factory, "testville", "2026", TOOK_PART, "ana")


def test_a_draft_is_not_published_at_once(workshop):
    with pytest.raises(InputError) as refusal:
        move(workshop, "published", "rosa", "x")
    assert rules_of(refusal) == ["state.no_such_step"]


def test_estimates_are_made_of_the_corrected_answers_and_stale_ones_are_not_published(workshop):
    """Five of the seven aged 15 or more answer who works; the woman of 61 does after all: one more in the count."""

    def counted() -> float:
        with workshop.factory() as session:
            query = select(Estimate.count).where(Estimate.sex == "all", Estimate.age_band == "all")
            rows = session.execute(query.order_by(Estimate.count.desc())).all()
        return sum(row[0] for row in rows)

    run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana")
    before = counted()
    correct(workshop, f"person,{person_of(workshop, 61)},Works,no,yes,Asked again")
    validated(workshop)
    with pytest.raises(InputError) as refusal:
        move(workshop, "published", "rosa", "x")
    assert rules_of(refusal) == ["state.stale_estimates"]
    run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana")
    assert counted() == pytest.approx(before + 2)  # weight 1: once in the sector, once in the site
    assert move(workshop, "published", "rosa", "x").to_state == "published"


# --- representation ----------------------------------------------------------------------------------------------


def test_a_representation_record_is_refused_with_all_that_is_wrong_with_it(workshop):
    before = workshop.everything_stored()
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    wrong = Representation(" ", 0, 0, tomorrow, "Call Rosa on 999 111 222")
    with pytest.raises(InputError) as refusal:
        record_representation(workshop.factory, "testville", "2026", wrong, "ana")
    expected = ["organisation", "nobody", "day", "contact"]
    assert rules_of(refusal) == [f"representation.{name}" for name in expected]
    assert workshop.everything_stored() == before


def test_what_looks_like_a_persons_name_is_kept_with_a_warning(workshop):
    entry = Representation("Vaso de Leche", 4, 0, date(2026, 6, 12), "La señora Carmen pidió agua; don Julio también")
    warnings = record_representation(workshop.factory, "testville", "2026", entry, "ana")
    assert [warning.facts["name"] for warning in warnings] == ["señora Carmen", "don Julio"]


# --- command line --------------------------------------------------------------------------------------------------


def test_the_commands_take_a_round_from_import_to_publication(tmp_path, sqlite_url, monkeypatch):
    from data.store.engine import make_engine, session_factory
    from data.store.users import add_user, give_role

    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    made = make_workshop(tmp_path, session_factory(engine))
    monkeypatch.setenv("BANK_FOLDER", str(made.bank))
    import_survey(
        made.factory, made.bank, "testville", "2026", made.survey_files(), made.write("m.yaml", MAPPING), "ana", seed=3
    )
    with transaction(made.factory) as session:
        rosa = add_user(session, login="rosa", display_name="Rosa", password_hash="x", actor="test")
        give_role(session, rosa, "official", load_site(session, "testville").id, "test")
        add_user(session, login="nadie", display_name="Nadie", password_hash="x", actor="test")

    def run(*arguments: str):
        return CliRunner().invoke(main, ["survey", *arguments])

    report = tmp_path / "r.xlsx"
    seen = run("validate", "testville", "2026", "--check", "--json", "--report", str(report))
    document = json.loads(seen.stdout)
    assert (seen.exit_code, document["state"], document["persons"]) == (0, "draft", 8)
    assert report.exists()
    fix = made.write("fix.csv", f"{HEADER}person,{person_of(made, 61)},age,61,60,Asked again\n")
    assert json.loads(run("correct", "testville", "2026", "--file", str(fix), "--json").stdout)["applied"] == 1
    again = run("correct", "testville", "2026", "--file", str(fix))
    assert (again.exit_code, again.stdout) == (1, "")
    assert "fix.csv, line 2, column age" in again.stderr
    unsaid = run("validate", "testville", "2026", "--json")
    assert (json.loads(unsaid.stdout)["state"], "rules could be applied" in unsaid.stderr) == ("draft", True)
    reasoned = run("validate", "testville", "2026", "--json", "--reason", "A form of our own")
    assert json.loads(reasoned.stdout)["state"] == "validated"
    refusal = run("publish", "testville", "2026")
    assert refusal.exit_code == 1
    assert "second person" in refusal.stderr
    assert run("publish", "testville", "2026", "--by", "nadie", "--reason", "x").exit_code == 1
    published = run("publish", "testville", "2026", "--by", "rosa", "--reason", "nobody came", "--json")
    assert json.loads(published.stdout)["state"] == "published"
    assert run("reopen", "testville", "2026", "--reason", "x").exit_code == 1
    engine.dispose()
