"""Programmes as files: what goes out comes in again unchanged; what is wrong is told by sheet, row and column."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import yaml
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.coverage.portable import parse_model
from budget_model.errors import CatalogueError, InputError
from data.readers.yaml_document import parse_yaml
from data.store.engine import make_engine, session_factory
from data.store.sites import load_site
from data.workflows.indicators import run_indicators
from data.workflows.models import build_model
from data.workflows.portable_programmes import read_portable
from data.workflows.programme_edits import Edit
from data.workflows.programme_files import in_place, model_yaml, programmes_workbook, programmes_yaml, read_edit
from data.workflows.programme_parts import document_of, stored_parts
from data.workflows.programmes import import_programmes, preview_edit, save_edit
from data.workflows.surveys import import_survey
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES, Workshop, make_workshop

SITE = "testville"


@pytest.fixture
def ready(tmp_path: Path, sqlite_url) -> Workshop:
    factory = session_factory(make_engine(sqlite_url))
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING)
    import_survey(factory, workshop.bank, SITE, "2026", workshop.survey_files(), mapping, "ana")
    run_indicators(factory, workshop.bank, SITE, "2026", CATALOGUE, "ana")
    import_programmes(factory, SITE, PROGRAMMES, "ana")
    yield workshop
    factory.kw["bind"].dispose()


def exported(workshop: Workshop, make, *arguments):
    with workshop.factory() as session:
        return make(session, load_site(session, SITE), *arguments)


def planned(workshop: Workshop, edit: Edit):
    with workshop.factory() as session:
        return preview_edit(session, load_site(session, SITE), edit)


def changed_book(content: bytes, *cells: tuple[str, str, object]) -> bytes:
    """The workbook with cells of sheets changed."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet, cell, value in cells:
        book[sheet][cell] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_yaml_that_goes_out_changes_nothing_when_it_comes_in(ready):
    edit, _ = read_edit(exported(ready, programmes_yaml).encode(), "programmes.yaml")
    assert planned(ready, edit) == ()
    assert edit.price_year == 2026


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_workbook_that_goes_out_changes_nothing_when_it_comes_in(ready, language):
    serves = {"need": "WORKS", "reach": {"survey": "NO_TAP"}, "effectiveness": 0.5, "ceiling": 0.9}
    with ready.factory() as session:
        jobs = next(document_of(p) for p in stored_parts(session, 1) if p.programme.code == "jobs")
    jobs["serves"] = [{**serves, "source": "=1+1", "response": "tanh", "effectiveness_range": [0.25, 0.7]}]
    jobs["unit_cost"] = {"value": Decimal("50.1234"), "source": "@cmd"}
    with ready.factory() as session:
        taps = next(document_of(p) for p in stored_parts(session, 1) if p.programme.code == "taps")
    taps["serves"][0]["reach"] = {"women": 0.48760330578512395, "men": 0.51239669421487605}  # more than 15 digits
    save_edit(ready.factory, SITE, Edit({"jobs": jobs, "taps": taps}), "ana")
    edit, read = read_edit(exported(ready, programmes_workbook, language), "book.xlsx")
    assert planned(ready, edit) == ()
    assert read.versions == {"taps": 2, "jobs": 2}


def test_what_could_be_a_formula_stays_text(ready):
    with ready.factory() as session:
        taps = next(document_of(p) for p in stored_parts(session, 1) if p.programme.code == "taps")
    taps["name"] = {"es": '=HYPERLINK("http://x")', "en": "+1"}
    save_edit(ready.factory, SITE, Edit({"taps": taps}), "ana")
    book = openpyxl.load_workbook(io.BytesIO(exported(ready, programmes_workbook, "es")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert book["Programas"]["C2"].value == '=HYPERLINK("http://x")'
    assert book["Necesidades (solo lectura)"].protection.sheet
    assert book["Necesidades atendidas"].data_validations.dataValidation


def test_a_filled_in_workbook_is_an_edit_of_what_differs(ready):
    content = exported(ready, programmes_workbook, "en")
    edit, _ = read_edit(changed_book(content, ("Programmes", "G3", 55), ("Needs served", "G2", 60)), "book.xlsx")
    told = {one.code: {c.path: (c.before, c.after) for c in one.changes} for one in planned(ready, edit)}
    assert told == {"taps": {"serves.NO_TAP.effectiveness": ("0.5", "0.6")}, "jobs": {"unit_cost.value": ("50", "55")}}


def test_everything_wrong_with_a_workbook_is_told_at_once_with_its_cells(ready):
    before = ready.everything_stored()
    content = changed_book(
        exported(ready, programmes_workbook, "en"),
        ("Programmes", "G2", "a lot"),
        ("Programmes", "AD3", "by magic"),
        ("Needs served", "A3", "jobz"),
    )
    with pytest.raises(CatalogueError) as refused:
        read_edit(content, "book.xlsx")
    places = {(p.sheet, p.line, p.column) for p in refused.value.problems}
    assert places == {
        ("Programmes", 2, "Unit cost (a person and year)"),
        ("Programmes", 3, "Split over the sectors"),
        ("Needs served", 3, "Programme code"),
    }
    assert "Did you mean 'jobs'?" in str(refused.value)
    assert ready.everything_stored() == before


def test_what_the_site_does_not_know_is_told_with_its_cell(ready):
    content = changed_book(exported(ready, programmes_workbook, "es"), ("Necesidades atendidas", "B2", "NO_TAPP"))
    edit, read = read_edit(content, "book.xlsx")
    with pytest.raises(InputError) as refused:
        planned(ready, edit)
    (problem,) = in_place(refused.value, read).problems
    assert (problem.sheet, problem.line, problem.column) == ("Necesidades atendidas", 2, "Necesidad")


def test_a_workbook_of_an_older_version_is_refused_with_what_happened_since(ready):
    content = exported(ready, programmes_workbook, "es")
    with ready.factory() as session:
        jobs = next(document_of(p) for p in stored_parts(session, 1) if p.programme.code == "jobs")
    save_edit(ready.factory, SITE, Edit({"jobs": {**jobs, "unit_cost": {"value": 70, "source": "bid"}}}), "beto")
    edit, _read = read_edit(content, "book.xlsx")
    with pytest.raises(InputError, match="changed by beto"):
        save_edit(ready.factory, SITE, edit, "ana")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"%PDF", "ends with"),
        ("a.xlsx", b"no workbook", "cannot be opened"),
        ("a.yaml", b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(name, content, words):
    with pytest.raises(CatalogueError if name != "a.xlsx" else InputError, match=words):
        read_edit(content, name)


def test_the_model_goes_out_as_the_portable_model(ready):
    document, _ = parse_yaml(exported(ready, model_yaml), "model")
    with ready.factory() as session:
        assert parse_model(document).baseline.tolist() == parse_model(build_model(session, 1, 1)).baseline.tolist()


def test_commands_write_read_and_tell_the_history(ready, sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    run = CliRunner().invoke
    book = tmp_path / "book.xlsx"
    assert run(main, ["programmes", "export", SITE, str(book), "--language", "en"]).exit_code == 0
    book.write_bytes(changed_book(book.read_bytes(), ("Programmes", "G3", 55)))
    assert run(main, ["programmes", "import", SITE, str(book)]).exit_code == 0
    told = json.loads(run(main, ["programmes", "history", SITE, "jobs", "--json"]).stdout)["versions"]
    assert [(row["version"], row["action"], row["origin"]) for row in told] == [
        (2, "change", "book.xlsx"),
        (1, "add", "programmes"),
    ]
    assert told[0]["changes"] == [{"path": "unit_cost.value", "before": "50", "after": "55"}]
    assert json.loads(run(main, ["model", "export", SITE, "--json"]).stdout)["currency"] == "PEN"
    book.write_bytes(changed_book(book.read_bytes(), ("Programmes", "G3", -1)))
    refused = run(main, ["programmes", "import", SITE, str(book)])
    assert refused.exit_code == 1
    assert "sheet Programmes, line 3, column Unit cost (a person and year)" in refused.stderr


# --- the portable model comes in ------------------------------------------------------------------------------------


def portable(workshop: Workshop, text: str):
    with workshop.factory() as session:
        return read_portable(session, load_site(session, SITE), text, "model.yaml")


def test_the_model_that_goes_out_changes_nothing_when_it_comes_in(ready):
    read = portable(ready, exported(ready, model_yaml))
    assert planned(ready, read.edit) == ()
    assert read.other_need_cells == 0


def test_what_a_model_changes_is_taken_over_and_sources_of_the_rest_stay(ready):
    document, _ = parse_yaml(exported(ready, model_yaml), "model")
    taps, jobs = document["programmes"]
    jobs["unit_cost"], jobs["unit_cost_range"] = 55, [45, 60]
    taps["serves"][0]["effectiveness"] = 0.6
    document["needs"][0]["deficit"]["north"]["women"] = 0.5
    read = portable(ready, yaml.safe_dump(document))
    told = {one.code: {c.path: c.after for c in one.changes} for one in planned(ready, read.edit)}
    assert told["jobs"] == {
        "unit_cost.value": "55",
        "unit_cost.low": "45",
        "unit_cost.source": "assumption: taken from model.yaml",
    }
    assert set(told["taps"]) == {"serves.NO_TAP.effectiveness"}
    assert read.other_need_cells == 1
    saved = save_edit(ready.factory, SITE, read.edit, "ana")
    with ready.factory() as session:
        assert [p["unit_cost"] for p in build_model(session, 1, 1)["programmes"]] == [100.0, 55.0]
    assert saved.model_sha256


def test_amounts_by_sector_that_the_site_cannot_keep_are_refused(ready):
    document, _ = parse_yaml(exported(ready, model_yaml), "model")
    document["programmes"][1]["floor"] = {"north": 4.0, "south": 0.0}
    with pytest.raises(CatalogueError, match="cannot keep its floor"):
        portable(ready, yaml.safe_dump(document))
    document["programmes"][1]["floor"] = {"north": 0.0, "south": 0.0}
    document["programmes"][1]["unit_cost"] = {"north": 50.0, "south": 55.0}
    with pytest.raises(CatalogueError, match="cannot keep its unit_cost"):
        portable(ready, yaml.safe_dump(document))


def test_another_split_of_todays_money_becomes_the_programmes_split(ready):
    document, _ = parse_yaml(exported(ready, model_yaml), "model")
    document["programmes"][1]["baseline"] = {"north": 12.0, "south": 8.0}
    for field, factor in (("ceiling", 3.0), ("floor", 0.0)):
        document["programmes"][1][field] = {"north": 12.0 * factor, "south": 8.0 * factor}
    document["programmes"][1]["capacity"] = {"north": 6.0, "south": 4.0}
    save_edit(ready.factory, SITE, portable(ready, yaml.safe_dump(document)).edit, "ana")
    with ready.factory() as session:
        jobs = build_model(session, 1, 1)["programmes"][1]
    assert (jobs["baseline"], jobs["capacity"]) == ({"north": 12.0, "south": 8.0}, {"north": 6.0, "south": 4.0})
