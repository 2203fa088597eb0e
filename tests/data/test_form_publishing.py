"""Versions of questionnaires: published with local modules, never overwritten, read back as they went out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, NotFoundError
from data.commands.form import form as form_command
from data.readers.xlsform import read_form_bytes
from data.store.engine import transaction
from data.store.sites import add_site, load_site
from data.store.tables import AuditEntry, FormVersion
from data.workflows.forms import INSTRUMENTS, form_xlsx_bytes, list_versions, load_form, publish_form
from tests.data.form_builders import HOUSEHOLD, rows_of, workbook, written

MODULE = """
survey
 | type | name | label::es | label::en | relevant | label::qu
 | begin group | radio_local | Radio | Radio | |
 | select_one often | listens | ¿Escucha? | Listens? | ${size} > 1 | Uyarinki?
 | end group | | | |
 | begin repeat | members | | |
 | begin group | speech | Lenguas | Languages | |
 | select_one often | speaks | ¿Habla? | Speaks? | ${age} >= 3 |
 | end group | | | |
 | end repeat | | | |
choices
 | list_name | name | label::es | label::en
 | often | daily | A diario | Daily
 | often | never | Nunca | Never
"""


@pytest.fixture
def site(factory: sessionmaker[Session]) -> str:
    with transaction(factory) as session:
        add_site(session, slug="north", name="North", country="PE", currency="PEN", actor="test")
    return "north"


def file(folder: Path, text: str, name: str = "form.xlsx") -> Path:
    path = folder / name
    path.write_bytes(workbook(text))
    return path


def stored(factory: sessionmaker[Session]) -> list[tuple[str, str]]:
    with factory() as session:
        return [(row.form_id, row.version) for row in list_versions(session, load_site(session, "north").id)]


def test_a_published_form_is_kept_audited_and_read_back(factory, site, tmp_path):
    done = publish_form(factory, site, file(tmp_path, HOUSEHOLD), "ana")
    assert (done.form_id, done.version, done.question_count, done.is_new) == ("household", "3", 7, True)
    with factory() as session:
        home = load_site(session, site).id
        (row,) = list_versions(session, home)
        assert (row.published_by, row.languages, row.sha256) == ("ana", ["es", "en"], done.sha256)
        assert load_form(session, home, "household").members == ("members",)
        assert form_xlsx_bytes(session, home, "household", "3") == workbook(HOUSEHOLD)
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "form.publish"))
        assert (entry.actor, entry.detail["sha256"]) == ("ana", done.sha256)


def test_the_same_content_again_changes_nothing(factory, site, tmp_path):
    publish_form(factory, site, file(tmp_path, HOUSEHOLD), "ana")
    again = publish_form(factory, site, file(tmp_path, HOUSEHOLD), "ben")
    assert not again.is_new
    with factory() as session:
        assert len(session.scalars(select(FormVersion)).all()) == 1
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "form.publish")).all()) == 1


def test_a_changed_form_needs_a_new_version(factory, site, tmp_path):
    publish_form(factory, site, file(tmp_path, HOUSEHOLD), "ana")
    changed = HOUSEHOLD.replace("Public network", "Piped")
    with pytest.raises(InputError, match="Version 3 of 'household' is stored with another content"):
        publish_form(factory, site, file(tmp_path, changed), "ana")
    publish_form(factory, site, file(tmp_path, changed), "ana", version="4")
    assert stored(factory) == [("household", "4"), ("household", "3")]


def test_a_module_goes_to_the_household_and_to_each_member(factory, site, tmp_path):
    module = file(tmp_path, MODULE, "local.xlsx")
    done = publish_form(factory, site, file(tmp_path, HOUSEHOLD), "ana", [module])
    assert done.version.startswith("3-")
    with factory() as session:
        found = load_form(session, load_site(session, site).id, "household")
    paths = {question.name: question.path for question in found.questions}
    assert paths["listens"] == ("radio_local", "listens")
    assert paths["speaks"] == ("members", "speech", "speaks")
    assert found.by_name["listens"][0].labels["qu"] == "Uyarinki?"
    assert [choice.name for choice in found.lists["often"]] == ["daily", "never"]
    assert found.version == done.version


def test_the_product_s_questionnaire_takes_a_local_module_and_passes_pyxform(factory, site, tmp_path):
    pyxform = pytest.importorskip("pyxform.xls2xform")
    text = MODULE.replace(" | label::qu", "").replace(" | Uyarinki?", "").replace("${size}", "${household_size}")
    text = text.replace("label::es", "label::Español (es)").replace("label::en", "label::English (en)")
    module = file(tmp_path, text, "local.xlsx")
    done = publish_form(factory, site, INSTRUMENTS / "cbms_grb", "ana", [module])
    with factory() as session:
        content = form_xlsx_bytes(session, load_site(session, site).id, "cbms_grb")
    target = tmp_path / "whole.xlsx"
    target.write_bytes(content)
    result = pyxform.convert(str(target), validate=False)
    assert not result.warnings
    assert done.version in result.xform
    assert "/data/roster/members/speech/speaks" in result.xform


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("listens", "sector"), r"local\.xlsx, sheet survey, line 3, column name: The module asks 'sector'"),
        (("often", "yn"), "The module's list 'yn' has other choices"),
        (("${size}", "${sise}"), r"\$\{sise\} refers to a question that the form does not have"),
        (("select_one often | speaks", "wobble | speaks"), "'wobble' is no question type"),
    ],
)
def test_a_module_that_does_not_fit_is_refused_and_nothing_stored(change, says, factory, site, tmp_path):
    module = file(tmp_path, MODULE.replace(*change), "local.xlsx")
    with pytest.raises(InputError, match=says):
        publish_form(factory, site, file(tmp_path, HOUSEHOLD), "ana", [module])
    assert stored(factory) == []


def test_a_form_without_members_is_refused_unless_it_is_of_persons(factory, site):
    with pytest.raises(InputError, match="no repeat of household members"):
        publish_form(factory, site, INSTRUMENTS / "cbms_grb_violence", "ana")
    done = publish_form(factory, site, INSTRUMENTS / "cbms_grb_violence", "ana", is_of_persons=True)
    assert stored(factory) == [("cbms_grb_violence", done.version)]


def test_a_form_without_a_version_is_refused(factory, site, tmp_path):
    with pytest.raises(InputError, match="states no version"):
        publish_form(factory, site, file(tmp_path, HOUSEHOLD.replace("| 3 |", "| |")), "ana")


def test_a_form_with_errors_is_refused_with_all_of_them(factory, site, tmp_path):
    text = HOUSEHOLD.replace("select_one sex | sex", "select_one sez | sex").replace("integer | age", "wobble | age")
    with pytest.raises(InputError) as caught:
        publish_form(factory, site, file(tmp_path, text), "ana")
    assert {"list_missing", "type_unknown"} <= {problem.rule for problem in caught.value.problems}


def test_an_unknown_form_is_not_found(factory, site):
    with factory() as session, pytest.raises(NotFoundError, match="form 'other'"):
        load_form(session, load_site(session, site).id, "other")


def test_the_command_prints_one_json_document(tmp_path):
    data = written(tmp_path, "household.csv", "sector,size,_uuid\nA,two,u1\nB,1,u1")
    done = CliRunner().invoke(form_command, ["check", str(file(tmp_path, HOUSEHOLD)), str(data), "--json"])
    document = json.loads(done.stdout)
    assert done.exit_code == 1
    assert document["form"]["members"] == "members"
    assert document["data"]["households"] == 2
    found = {problem["rule"]: problem for problem in document["problems"]}
    assert {"submission_duplicate", "type_wrong", "question_absent"} <= set(found)
    wrong = found["type_wrong"]
    assert (wrong["level"], wrong["file"], wrong["row"], wrong["column"], wrong["value"]) == (
        "error",
        "household.csv",
        2,
        "size",
        "two",
    )


def test_the_command_says_which_indicators_a_form_carries(tmp_path):
    catalogue = written(
        tmp_path,
        "c.yaml",
        "- {id: OLD, label: {en: O}, level: person, universe: 'TRUE', numerator: age > 60, direction: up, version: 1}\n"
        "- {id: FED, label: {en: F}, level: person, universe: 'TRUE', numerator: meals > 2, direction: up, version: 1}",
    )
    arguments = ["check", str(file(tmp_path, HOUSEHOLD)), "--catalogue", str(catalogue), "--json"]
    document = json.loads(CliRunner().invoke(form_command, arguments).stdout)
    assert [(one["indicator"], one["possible"], one["missing"]) for one in document["indicators"]] == [
        ("OLD", True, []),
        ("FED", False, ["meals"]),
    ]


def test_the_command_refuses_what_is_no_form_with_its_reason(tmp_path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK nothing")
    done = CliRunner().invoke(form_command, ["check", str(broken), "--json"])
    assert done.exit_code == 1
    (problem,) = json.loads(done.stdout)["problems"]
    assert (problem["rule"], problem["file"]) == ("workbook_broken", "broken.xlsx")


def test_the_product_s_questionnaire_is_exported_as_a_workbook(tmp_path):
    target = tmp_path / "cbms.xlsx"
    done = CliRunner().invoke(form_command, ["export", "cbms_grb", str(target)])
    assert done.exit_code == 0, done.output
    assert read_form_bytes(target.read_bytes(), "cbms.xlsx").form.form_id == "cbms_grb"
    assert rows_of(HOUSEHOLD)["settings"][1][1] == "household"
