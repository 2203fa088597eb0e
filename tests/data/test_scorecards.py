"""Answers to scorecards: history, evidence, what the system holds, and who may answer."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
import typst
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy import select

from budget_model.errors import AccessError, InputError, NotFoundError, StaleVersionError
from data.commands.budget import budget
from data.store.audit import list_entries
from data.store.engine import make_engine, session_factory, transaction
from data.store.programmes import list_programmes
from data.store.rounds import load_round
from data.store.scorecards import GivenAnswer
from data.store.sites import load_site
from data.store.tables import Area, Estimate, Indicator
from data.workflows.scorecard_tables import card_notes, card_tables
from data.workflows.scorecard_words import evidence_text, lacking_text
from data.workflows.scorecards import answer_question, card_years, load_card, shown_year
from data.workflows.tags import approve_tag, propose_tag, review_tag
from data.writers.pdf import column_widths, pdf_bytes
from data.writers.tables import Table, xlsx_bytes
from tests.modification_site import SLUG as OTHER
from tests.modification_site import fill
from tests.support import store_fingerprint
from tests.tag_builders import ANA, BETO, MONA, PRINCIPAL, SITE, make_tag_site

SDG = "sdg_5c1"


@pytest.fixture
def place(factory):
    return factory, make_tag_site(factory)


def approve(factory):
    line = (factory, SITE, 2026, "a")
    propose_tag(*line, PRINCIPAL, "Plan", ANA)
    review_tag(*line, BETO)
    approve_tag(*line, BETO)


def card(place, name=SDG, year=2026):
    with place[0]() as session:
        return load_card(session, place[1], name, year)


def answer(place, question, value, *evidence, based_on=0, actor=ANA, **more):
    return answer_question(place[0], SITE, SDG, 2026, GivenAnswer(question, value, evidence, **more), actor, based_on)


def test_an_answer_is_kept_with_evidence_author_and_history_and_stands_in_the_audit_trail(place):
    answer(place, "2.1", "yes", " Directiva 004-2026 ", "", note="cada marzo")
    answer(place, "2.1", "no", based_on=1, actor=BETO)
    answer(place, "2.1", None, based_on=2, actor=ANA)
    state = card(place).questions["2.1"]
    assert state.value is None  # taken back: not assessed
    told = [(one.version, one.value, one.evidence, one.note, one.actor) for one in state.history]
    assert told == [
        (3, None, [], "", ANA),
        (2, "no", [], "", BETO),
        (1, "yes", ["Directiva 004-2026"], "cada marzo", ANA),
    ]
    with place[0]() as session:
        entries = [entry for entry in list_entries(session, place[1]) if entry.action == "scorecard.answer"]
    assert [(entry.actor, entry.detail["from"], entry.detail["to"]) for entry in entries] == [
        (ANA, "no", None),
        (BETO, "yes", "no"),
        (ANA, None, "yes"),
    ]


@pytest.mark.parametrize(
    ("question", "value", "evidence", "year", "rule"),
    [
        ("2.1", "yes", (), 2026, "scorecard_evidence"),
        ("2.1", "yes", ("  ",), 2026, "scorecard_evidence"),
        ("2.1", "maybe", (), 2026, "scorecard_answer"),
        ("2.1", "no", ("x" * 1001,), 2026, "scorecard_text"),
        ("2.1", "no", ("x",) * 21, 2026, "scorecard_text"),
        ("2.1", "no", (), 26, "scorecard_year"),
    ],
)
def test_a_refused_answer_changes_nothing(place, question, value, evidence, year, rule):
    before = store_fingerprint(place[0].kw["bind"])
    with pytest.raises(InputError) as refusal:
        answer_question(place[0], SITE, SDG, year, GivenAnswer(question, value, evidence), ANA, 0)
    assert [problem.rule for problem in refusal.value.problems] == [rule]
    assert store_fingerprint(place[0].kw["bind"]) == before


def test_only_officials_answer_and_unknown_questions_are_told(place):
    for actor in (MONA, "nobody"):
        with pytest.raises(AccessError):
            answer(place, "2.1", "no", actor=actor)
    with pytest.raises(NotFoundError):
        answer(place, "9.9", "no")
    with pytest.raises(NotFoundError):
        answer_question(place[0], SITE, "no_card", 2026, GivenAnswer("2.1", "no"), ANA, 0)


def test_the_second_of_two_people_is_told_and_loses_nothing_of_the_first(place):
    answer(place, "3.1", "no")
    with pytest.raises(StaleVersionError, match="'ana' saved version 1"):
        answer(place, "3.1", "yes", "Portal", actor=BETO)
    assert card(place).questions["3.1"].value == "no"


def test_what_the_system_holds_proposes_but_never_counts_until_a_person_takes_it_over(place):
    assert card(place).questions["2.5"].proposal is None  # nothing is tagged
    with pytest.raises(InputError, match="does not hold"):
        answer(place, "2.5", "yes", prefill="tagged_lines")
    approve(place[0])
    found = card(place)
    assert found.questions["2.5"].proposal == "yes"
    assert found.questions["2.5"].evidence["tagged_lines"] == {"lines": 1, "pim": "100", "currency": "PEN"}
    assert (found.grade.answered, found.grade.verdict) == (0, None)
    with pytest.raises(InputError, match="does not hold"):
        answer(place, "2.5", "no", prefill="tagged_lines")  # the proposal was another
    answer(place, "2.5", "yes", prefill="tagged_lines")
    taken = card(place).questions["2.5"]
    assert (taken.value, taken.answer.prefill, taken.answer.prefill_facts["pim"], taken.proposal) == (
        "yes",
        "tagged_lines",
        "100",
        None,
    )


def test_a_proposed_tag_a_line_without_accrued_and_a_year_without_lines_are_no_evidence(place):
    propose_tag(place[0], SITE, 2026, "b", PRINCIPAL, "Plan", ANA)
    assert card(place).questions["2.5"].evidence == {}
    approve(place[0])
    questions = card(place).questions
    assert questions["1.3"].evidence == {}  # no line has an accrued amount: execution is not tracked
    assert questions["2.4"].evidence["statement_by_stage"]["stages"] == ["pim"]
    assert questions["2.3"].evidence == {}  # no round with needs
    assert {kind for one in card(place, year=2020).questions.values() for kind in one.evidence} == set()


@pytest.mark.parametrize(
    ("year", "round_code", "held"),
    [
        (2026, "2026-1", {"needs_links", "estimates_by_sex", "beneficiaries_by_sex"}),
        (2027, "2026-1", {"estimates_by_sex"}),  # no line of 2027 feeds a programme
        (2029, "2026-1", {"estimates_by_sex"}),
        (2030, None, set()),  # the round ended more than three years before
        (2025, None, set()),  # what came later is no evidence
        (1990, None, set()),
    ],
)
def test_evidence_of_needs_and_programmes_belongs_to_the_year_that_is_assessed(factory, year, round_code, held):
    fill(factory)  # programmes on lines of 2026
    with transaction(factory) as session:
        site_id = load_site(session, OTHER).id
        found = load_round(session, site_id, "2026-1")
        found.ends_on = date(2026, 4, 30)
        indicator = session.scalars(select(Indicator.id).where(Indicator.site_id == site_id)).one()
        area = session.scalars(select(Area.id).where(Area.site_id == site_id)).first()
        session.add_all(
            Estimate(round_id=found.id, indicator_id=indicator, area_id=area, sex=sex, estimate=0.5)
            for sex in ("female", "male")
        )
        for one in list_programmes(session, site_id):
            one.beneficiaries = {"women": 10.0, "men": 5.0}
    with factory() as session:
        question = load_card(session, site_id, SDG, year).questions["2.3"]
    assert set(question.evidence) == held
    assert set(question.lacking) == {"needs_links", "estimates_by_sex", "beneficiaries_by_sex"} - held
    assert question.proposal == ("yes" if "needs_links" in held else None)
    assert {one["round"] for one in question.evidence.values() if "round" in one} == ({round_code} - {None})
    taken = GivenAnswer("2.3", "yes", prefill="needs_links")
    if question.proposal is None:
        with pytest.raises(InputError, match=f"does not hold what would propose this answer for {year}"):
            answer_question(factory, OTHER, SDG, year, taken, ANA, 0)
    else:
        assert answer_question(factory, OTHER, SDG, year, taken, ANA, 0) == 1


def test_a_round_that_says_no_day_is_evidence_of_no_year(factory):
    fill(factory)
    with factory() as session:
        question = load_card(session, load_site(session, OTHER).id, SDG, 2026).questions["2.3"]
    assert (question.proposal, "needs_links" in question.lacking) == (None, True)
    assert "2023" in lacking_text(["needs_links"], 2026, "es")


def test_a_tag_that_only_locks_a_line_is_no_evidence_of_tagging(place):
    line = (place[0], SITE, 2026, "a")
    propose_tag(*line, {"is_locked": True, "lock_law": "Ley 27470"}, "Plan", ANA)
    review_tag(*line, BETO)
    approve_tag(*line, BETO)
    assert card(place).questions["2.5"].evidence == {}
    assert card(place).questions["2.5"].lacking == ("tagged_lines", "reviewed_tags")


def test_answers_that_contradict_each_other_are_refused_from_either_side(place):
    answer(place, "3.1", "no")
    before = store_fingerprint(place[0].kw["bind"])
    with pytest.raises(InputError, match=r"3\.2 can be 'yes' only where question 3\.1 is 'yes'"):
        answer(place, "3.2", "yes", "Portal")
    assert store_fingerprint(place[0].kw["bind"]) == before
    answer(place, "3.2", "no")
    answer(place, "1.2", "yes", "Ley")  # 1.1 is not answered yet
    answer(place, "1.3", "yes", "Ley")
    with pytest.raises(InputError, match=r"1\.2, 1\.3 can be 'yes' only where question 1\.1 is 'yes'"):
        answer(place, "1.1", "no")
    answer(place, "1.1", "yes", "Plan")


def test_the_year_that_is_shown_first_is_the_last_that_is_over():
    assert shown_year((2021, 2025, 2026), 2026) == 2025
    assert shown_year((2026,), 2026) == 2026  # none is over yet
    assert shown_year((), 2026) is None


def test_one_of_a_thing_is_told_in_the_singular():
    facts = {"lines": 1}
    assert evidence_text("reviewed_tags", facts, 2026, "es").startswith("1 etiqueta de 2026 aprobada por")
    assert evidence_text("reviewed_tags", {"lines": 2}, 2026, "es").startswith("2 etiquetas de 2026 aprobadas por")
    assert evidence_text("scenarios_by_sex", {"scenarios": 1}, 2026, "en").startswith("1 scenario on")


def measured_cm(words):
    """Widths of words in the bold header of a document, measured by Typst itself."""
    told = ", ".join(f'"{word}"' for word in words)
    code = f"""#set text(font: "Libertinus Serif", size: 9pt, weight: "bold")
#context [#metadata(({told},).map(word => measure(word).width.cm())) <widths>]"""
    return json.loads(typst.query(code.encode(), "<widths>", field="value", one=True, ignore_system_fonts=True))


def test_columns_of_a_pdf_hold_their_longest_word():
    header = ["Respuesta", "Sustento", "Nota", "Pregunta", "Lo que hay en el sistema", "MMMMMM"]
    long = "Las políticas y programas clave pasan por una evaluación de impacto de género. " * 3
    widths = column_widths(Table("Preguntas", header, [["Sí", "", "", long, long, None]]))
    inset = 0.29  # 4 points on either side
    longest = [max(text.split(), key=len) for text in header]
    assert [
        word for word, cm, wide in zip(longest, measured_cm(longest), widths, strict=True) if cm + inset > wide
    ] == []
    assert sum(widths) == pytest.approx(26.5, abs=0.01)  # A4 on its side: 29.7 less 2 x 1.6


def test_years_with_lines_or_answers_can_be_chosen(place):
    answer_question(place[0], SITE, SDG, 2023, GivenAnswer("2.1", "no"), ANA, 0)
    with place[0]() as session:
        assert card_years(session, place[1], SDG) == (2023, 2026)
        assert card_years(session, place[1], "oecd_gb") == (2026,)


def test_documents_hold_result_answers_evidence_and_history(place):
    answer(place, "2.1", "yes", "=HYPERLINK(1)")
    found = card(place)
    notes, tables = card_notes(found, "Lomas", True, "es"), card_tables(found, "es")
    assert "No evaluado: faltan respuestas a: 1.1" in dict(notes)["Resultado"]
    book = load_workbook(io.BytesIO(xlsx_bytes("Notas", notes, tables)))
    questions = {row[0]: row for row in book["Preguntas"].values}
    assert questions["2.1"][2:4] == ("Sí", "=HYPERLINK(1)")  # a text, not a formula
    assert book["Preguntas"]["D5"].data_type == "s"
    assert questions["1.1"][2] == "No evaluado"
    made = pdf_bytes("Ficha", "es", notes, tables, "DATOS SINTÉTICOS")
    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made  # tagged, for readers aloud


def test_no_text_becomes_a_command_in_a_pdf_and_a_table_may_be_empty():
    text = '#panic("x") $ [ ] * _ <a> @b \\ "'
    assert pdf_bytes(text, "en", [(text, text)], [Table(text, [text], [[text], [None]]), Table("t", ["a"], [])])


def test_the_commands_answer_show_and_write(sqlite_url, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    make_tag_site(session_factory(engine))
    engine.dispose()

    def run(*arguments):
        return CliRunner().invoke(budget, ["scorecard", *arguments])

    where = ("--site", SITE, "--year", "2026", "--card", SDG)
    assert len(json.loads(run("list", "--json").stdout)["scorecards"]) == 3
    assert (
        run("answer", *where, "--question", "1.1", "--value", "yes", "--evidence", "Plan", "--as", ANA).exit_code == 0
    )
    told = run("answer", *where, "--question", "1.2", "--value", "yes", "--as", ANA)
    assert (told.exit_code, "needs evidence" in told.output) == (1, True)
    run("answer", *where, "--question", "1.2", "--value", "yes", "--evidence", "Ley", "--as", ANA)
    shown = json.loads(run("show", *where, "--json").stdout)
    assert {one["part"]: one["grade"] for one in shown["parts"]} == {"c1": "satisfied", "c2": None, "c3": None}
    assert (shown["verdict"], shown["missing"][0]) == (None, "1.3")
    assert "Not assessed" in run("show", *where).output
    for ending in ("pdf", "xlsx", "csv"):
        assert run("export", str(tmp_path / f"card.{ending}"), *where).exit_code == 0
    assert run("export", str(tmp_path / "card.doc"), *where).exit_code == 1
