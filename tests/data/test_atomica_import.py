"""Atomica program books: the real ones read as printed, made ones become programmes, what is lost is told."""

from __future__ import annotations

import json
import math

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.coverage.response import respond, rows_by_curve
from budget_model.errors import CatalogueError
from data.readers.atomica_book import SATURATION, SPEND, UNIT_COST, is_program_book, read_program_book
from data.store.sites import load_site
from data.workflows.atomica_programmes import code_of, edit_of_book
from data.workflows.indicators import run_indicators
from data.workflows.programme_parts import document_of, stored_parts
from data.workflows.programmes import import_programmes, save_edit
from data.workflows.surveys import import_survey
from tests.atomica_books import Row, book_of, bytes_of
from tests.support import store_fingerprint
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES, Workshop, make_workshop

CLINICS = Row("Clinics", {2024: 100.0, 2026: 300.0}, 40, saturation=0.4)
VISITS = Row("Home visits", 50, {2025: 20}, capacity=7)
WORKS = {"WORKS": [("Adults", 0.3, "Random", 0.8, None)]}  # of those who are covered 80 % work, of the others 30 %


@pytest.fixture
def ready(tmp_path, factory) -> Workshop:
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", workshop.survey_files(), mapping, "ana")
    run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana")
    import_programmes(workshop.factory, "testville", PROGRAMMES, "ana")
    return workshop


def asked(workshop: Workshop, book, year: int | None = None):
    with workshop.factory() as session:
        read = read_program_book(bytes_of(book), "book.xlsx")
        return edit_of_book(session, load_site(session, "testville"), read, year)


# ---- the books that come with Atomica


@pytest.mark.shared
def test_the_demonstration_book_is_read_as_it_is_printed(shared_data):
    """Figures as they stand in the sheets of sir_progbook.xlsx."""
    file = shared_data / "models" / "atomica_library" / "sir_progbook.xlsx"
    book = read_program_book(file.read_bytes(), file.name)
    assert book.populations == ("Adults",)
    assert [one.abbreviation for one in book.programmes] == [
        "Risk avoidance", "Harm reduction 1", "Harm reduction 2", "Treatment 1", "Treatment 2",
    ]  # fmt: skip
    first, last = book.programmes[0], book.programmes[-1]
    assert first.series[SPEND].years == {2014: 500_000}
    assert first.series[UNIT_COST].years == {2014: 5, 2017: 7}
    assert first.series[UNIT_COST].at(2015) == pytest.approx(5 + 2 / 3)  # between two years in a straight line
    assert last.series[SPEND].at(2013) == 1_500_000  # before the first year as there
    assert last.series[SPEND].at(2030) == 2_500_000
    assert not first.series[SATURATION].is_stated
    contacts = next(one for one in book.effects if one.parameter == "Number of contacts annually")
    assert (contacts.baseline, contacts.interaction) == (110, "Additive")
    assert contacts.outcomes == {"Risk avoidance": 15, "Harm reduction 2": 20}
    assert book.last_year == 2017


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "programmes", "effects", "covered"),
    [("hypertension_dyn", 5, 20, 42_103), ("sir", 5, 5, None), ("tb_simple_dyn", None, None, None)],
)
def test_every_book_of_the_library_is_read(shared_data, name, programmes, effects, covered):
    file = shared_data / "models" / "atomica_library" / f"{name}_progbook.xlsx"
    assert is_program_book(file.read_bytes())
    book = read_program_book(file.read_bytes(), file.name)
    assert programmes is None or len(book.programmes) == programmes
    assert effects is None or len(book.effects) == effects
    assert len({code_of(one.abbreviation) for one in book.programmes}) == len(book.programmes)
    if covered:  # the book prints how many people its spending reaches
        screening = book.programmes[0].series
        assert screening[SPEND].at(2017) / screening[UNIT_COST].at(2017) == covered


@pytest.mark.shared
def test_other_workbooks_of_the_library_are_no_program_books(shared_data):
    for name in ("sir_framework", "sir_databook"):
        assert not is_program_book((shared_data / "models" / "atomica_library" / f"{name}.xlsx").read_bytes())


@pytest.mark.shared
def test_the_worked_example_gives_the_printed_coverage_and_outcome_through_the_link(shared_data, ready):
    """Clinics alone: 214,806 of 876,958 people, and the testing rate from 0.3 to 0.3 + 0.5 · 0.244945."""
    sheet = openpyxl.load_workbook(shared_data / "models" / "atomica_modalities_worked_example.xlsx", data_only=True)
    rows = {row[0]: row[1:6] for row in sheet["3 programs"].iter_rows(values_only=True) if row[0]}
    population, (saturation, unit_cost, spend, _number, coverage) = rows["Target pop size"][0], rows["HTC clinics"]
    book = book_of([Row("Clinics", spend, unit_cost, saturation=saturation)], {"WORKS": [("All", 0.3, "Random", 0.8)]})
    entry = asked(ready, book).edit.entries["clinics"]
    (link,) = entry["serves"]
    assert entry["baseline"]["value"] == spend
    assert link["response"] == "tanh"
    assert link["effectiveness"] == pytest.approx(0.5 / 0.7, abs=1e-6)
    served = link["effectiveness"] * spend / unit_cost / population
    met = respond(np.array([[served]]), np.array([link["ceiling"]]), rows_by_curve([link["response"]]))[0, 0]
    assert 0.3 + 0.7 * met == pytest.approx(0.3 + 0.5 * coverage, abs=1e-6)
    assert 0.3 + 0.5 * coverage == pytest.approx(0.3 + 0.5 * 0.4 * math.tanh(spend / unit_cost / population / 0.4))


# ---- books made by hand


def test_a_book_becomes_programmes_and_leaves_the_others_alone(ready):
    edit = asked(ready, book_of([CLINICS, VISITS], WORKS)).edit
    assert not edit.is_whole_list
    save_edit(ready.factory, "testville", edit, "ana")
    with ready.factory() as session:
        stored = {parts.programme.code: document_of(parts) for parts in stored_parts(session, 1)}
    assert list(stored) == ["taps", "jobs", "clinics", "home-visits"]
    clinics, visits = stored["clinics"], stored["home-visits"]
    assert clinics["baseline"]["value"] == 300  # the last year with a spending
    assert clinics["unit_cost"]["source"] == "Atomica program book book.xlsx, Spending data, row 3, 2026"
    assert clinics["serves"][0]["need"] == "WORKS"
    assert clinics["serves"][0]["effectiveness"] == pytest.approx(0.5 / 0.7, abs=1e-6)
    assert clinics["serves"][0]["ceiling"] == pytest.approx(0.4 * 0.5 / 0.7, abs=1e-6)
    assert visits["capacity"]["value"] == 7
    assert visits.get("serves", []) == []


def test_the_year_is_a_choice_and_years_between_lie_on_a_line(ready):
    book = book_of([CLINICS], {"WORKS": [("Adults", 0.3, "Random", 0.8)]})
    assert asked(ready, book, 2025).edit.entries["clinics"]["baseline"]["value"] == 200
    assert asked(ready, book, 2020).edit.entries["clinics"]["baseline"]["value"] == 100


def test_a_parameter_that_counts_those_who_lack_falls(ready):
    """NO_TAP counts those without: from 0.5 to 0.2 meets three fifths of those covered, in a straight line."""
    book = book_of([VISITS], {"No tap": [("Women of 15 and more", 0.5, "Random", 0.2)]}, ["Women of 15 and more"])
    (link,) = asked(ready, book).edit.entries["home-visits"]["serves"]
    assert (link["need"], link["response"], link["reach"]) == ("NO_TAP", "linear", {"women": 1.0, "men": 0.0})
    assert link["effectiveness"] == link["ceiling"] == pytest.approx(0.6)


def test_an_existing_programme_keeps_its_names_lines_and_other_links(ready):
    book = book_of([Row("Jobs", 70, 30, saturation=0.5)], {"NO_TAP": [("Adults", 0.5, "Random", 0.25)]})
    entry = asked(ready, book).edit.entries["jobs"]
    assert entry["name"] == {"en": "Jobs"}
    assert [link["need"] for link in entry["serves"]] == ["WORKS", "NO_TAP"]
    assert entry["unit_cost"]["value"] == 30
    assert entry["beneficiaries"]["women"] == 3


@pytest.mark.parametrize(
    ("effects", "rule"),
    [
        ({"Contacts a year": [("Adults", 110, "Additive", 15)]}, "atomica-parameter"),
        ({"WORKS": [("Adults", 110, "Random", 15)]}, "atomica-outcome"),
        ({"WORKS": [("Adults", 0.5, "Random", 0.4)]}, "atomica-outcome"),  # it gets worse
        ({"WORKS": [("Adults", None, "Random", 0.4)]}, "atomica-outcome"),
        ({"WORKS": [("Adults", 0.3, "Random", 0.8), ("Old", 0.3, "Random", 0.6)]}, "atomica-populations"),
    ],
)
def test_what_cannot_be_taken_over_is_told_and_gives_no_link(ready, effects, rule):
    found = asked(ready, book_of([VISITS], effects))
    assert [note.rule for note in found.notes] == ["atomica-money", rule]
    assert found.notes[1].sheet == "Program effects"
    assert found.edit.entries["home-visits"]["serves"] == []


def test_another_interaction_of_a_need_is_told(ready):
    book = book_of([CLINICS, VISITS], {"WORKS": [("Adults", 0.3, "Nested", 0.8, 0.5)]})
    money, note = asked(ready, book).notes
    assert (money.rule, money.facts) == ("atomica-money", {"currency": "PEN", "year": 2026})
    assert (note.rule, note.facts["interaction"]) == ("atomica-interaction", "Nested")


BROKEN = [
    (lambda book: book["Spending data"].__setitem__("D2", "much"), "atomica-number", "Spending data", "D"),
    (lambda book: book["Spending data"].__setitem__("D2", -5), "atomica-number", "Spending data", "D"),
    (lambda book: book["Spending data"].__setitem__("D5", 1.5), "atomica-number", "Spending data", "D"),
    (lambda book: book["Spending data"].__setitem__("D2", "=1+1"), "atomica-number", "Spending data", "D"),
    (lambda book: book["Spending data"].__setitem__("D2", None), "atomica-spend", "Spending data", None),
    (lambda book: book["Spending data"].__setitem__("D3", 0), "atomica-cost", "Spending data", None),
    (lambda book: book["Spending data"].__setitem__("A1", "Visitz"), "atomica-programme", "Spending data", "A"),
    (lambda book: book["Program effects"].__setitem__("G1", "Visitz"), "atomica-programme", "Program effects", "G"),
    (
        lambda book: book["Program targeting"].append(["Visits", "again", "Y"]),
        "atomica-twice",
        "Program targeting",
        "A",
    ),
    (lambda book: book["Program targeting"].delete_rows(3), "atomica-empty", "Program targeting", "A"),
    (lambda book: book.remove(book["Spending data"]), "atomica-sheet", None, None),
]


@pytest.mark.parametrize(("spoil", "rule", "sheet", "column"), BROKEN)
def test_a_broken_book_is_refused_in_its_place(spoil, rule, sheet, column):
    book = book_of([Row("Visits", 50, 20)], {"WORKS": [("Adults", 0.3, "Random", 0.8)]}, references=False)
    spoil(book)
    with pytest.raises(CatalogueError) as caught:
        read_program_book(bytes_of(book), "book.xlsx")
    problem = next(one for one in caught.value.problems if one.rule == rule)
    assert (problem.file, problem.sheet, problem.column) == ("book.xlsx", sheet, column)
    assert problem.line or sheet is None


def test_programmes_without_a_code_of_their_own_are_refused(ready, engine):
    before = store_fingerprint(engine, ready.bank)
    with pytest.raises(CatalogueError, match="gives no code of its own"):
        asked(ready, book_of([Row("Visits", 1, 1), Row("visits!", 1, 1)], {}))
    with pytest.raises(CatalogueError, match="no XLSX at all"):
        read_program_book(b"PK nothing", "book.xlsx")
    assert store_fingerprint(engine, ready.bank) == before


def test_the_command_adds_the_programmes_and_tells_what_is_lost(ready, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", str(ready.factory.kw["bind"].url.render_as_string(hide_password=False)))
    monkeypatch.setenv("BANK_FOLDER", str(ready.bank))
    file = ready.folder / "book.xlsx"
    file.write_bytes(bytes_of(book_of([CLINICS], {"WORKS": [("A", 0.3, "Random", 0.8)], "Deaths": [("A", 9, "", 4)]})))
    words = ["programmes", "import", "testville", str(file), "--year", "2024", "--json"]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["programmes"] == ["clinics"]
    assert "'Deaths' is no need of this site" in answer.stderr
    with ready.factory() as session:
        stored = {parts.programme.code: document_of(parts) for parts in stored_parts(session, 1)}
    assert list(stored) == ["taps", "jobs", "clinics"]
    assert stored["clinics"]["baseline"]["value"] == 100
