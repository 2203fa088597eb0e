"""The scorecards page: what is answered, what is only prefilled, and who may answer."""

from __future__ import annotations

import json

import pytest

from data.store.engine import transaction
from data.store.scorecards import GivenAnswer
from data.store.sites import load_site
from data.workflows.scorecards import answer_question
from data.workflows.tags import approve_tag, propose_tag, review_tag
from tests.dashboard_seed import add_user, make_store

PRINCIPAL = {"marker": "2", "objective": "Menos violencia", "indicator": "IPV12", "gap": "40 %"}
PAGE = "/es/valle/scorecards"


@pytest.fixture
def own_store(tmp_path):
    """`valle` of 2026 with 450,000.50 of health approved as principal."""
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        add_user(session, "dora", "Dora Luna", "official", load_site(session, "valle").id)
    line = (made.factory, "valle", 2026, "20-1")
    propose_tag(*line, PRINCIPAL, "Plan", "ana")
    review_tag(*line, "dora")
    approve_tag(*line, "dora")
    yield made
    made.factory.kw["bind"].dispose()


def shown(visitor, search="?year=2026"):
    answer = visitor.open(PAGE, search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def post(visitor, **fields):
    content = {"card": "sdg_5c1", "year": "2026", "based_on": "0", "csrf_token": visitor.token(), **fields}
    return visitor.client.post(f"{PAGE}/answer", data=content)


def test_an_unanswered_card_is_not_assessed_and_shows_what_the_system_holds(visit_own):
    text = shown(visit_own("carla"))
    assert "No evaluado: faltan respuestas a: 1.1, 1.2" in text
    assert "0 de 13 preguntas tienen respuesta" in text
    assert "1 línea de 2026 con etiqueta de género aprobada (PIM: PEN 450,000.50)" in text
    assert "devengado PEN 300,000.00 de PIM 450,000.50" in text
    assert "Prellenado, aún no cuenta: Sí" in text
    assert "Cambiar la respuesta" not in text
    assert "?card=sdg_5c1&year=2026&question=" not in text  # a monitor reads


def test_an_official_answers_and_takes_a_proposal_over(visit_own):
    ana = visit_own("ana")
    form = shown(ana, "?card=sdg_5c1&year=2026&question=2.5")
    assert "Confirmar la propuesta: Sí" in form
    assert post(ana, question="2.5", value="-", evidence="", note="", prefill="tagged_lines").status_code == 303
    answer = post(ana, question="2.1", value="yes", evidence="Directiva 4\nPortal", note="")
    assert answer.headers["Location"].endswith("#question-2.1")
    text = shown(ana)
    assert "2 de 13 preguntas tienen respuesta" in text
    assert "Propuesta del sistema, confirmada por una persona: 1 línea de 2026" in text
    assert "Directiva 4; Portal" in text
    pdf = ana.get(f"{PAGE}/scorecard.pdf?card=sdg_5c1&year=2026")
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert ana.get(f"{PAGE}/scorecard.xlsx?card=pefa_grpfm").status_code == 200
    assert ana.get(f"{PAGE}/scorecard.xlsx?card=none").status_code == 400


def test_a_refused_answer_comes_back_with_its_texts_and_the_reason(visit_own):
    ana = visit_own("ana")
    back = post(ana, question="2.1", value="yes", evidence="", note="por revisar").headers["Location"]
    assert "refused=scorecard_evidence" in back
    text = shown(ana, back.partition("scorecards")[2].partition("#")[0])
    assert "Esta respuesta necesita sustento" in text
    assert "por revisar" in text


def test_an_answer_that_contradicts_another_is_refused_in_a_sentence(visit_own, own_store):
    ana = visit_own("ana")
    answer_question(own_store.factory, "valle", "sdg_5c1", 2026, GivenAnswer("3.1", "no"), "dora", 0)
    back = post(ana, question="3.2", value="yes", evidence="Portal", note="").headers["Location"]
    text = shown(ana, back.partition("scorecards")[2].partition("#")[0])
    assert "3.2 solo puede ser «sí» si 3.1 es «sí»" in text


def test_a_year_that_is_not_there_is_told_and_what_is_lacking_stands_at_the_question(visit_own):
    text = shown(visit_own("ana"), "?year=2005")
    assert "ni respuestas del año «2005». Se muestra 202" in text  # the last year that is over
    text = shown(visit_own("ana"))
    assert "Se muestra" not in text
    assert "Falta para 2026: no hay escenario guardado sobre el presupuesto de 2026" in text


def test_the_second_of_two_people_sees_the_first_answer_and_keeps_what_was_written(visit_own, own_store):
    ana = visit_own("ana")
    answer_question(own_store.factory, "valle", "sdg_5c1", 2026, GivenAnswer("3.1", "no"), "dora", 0)
    back = post(ana, question="3.1", value="yes", evidence="Portal", note="").headers["Location"]
    text = shown(ana, back.partition("scorecards")[2].partition("#")[0])
    assert "Alguien respondió esta pregunta" in text
    assert "por dora" in text
    assert "Portal" in text


@pytest.mark.parametrize("login", ["carla", "beto"])
def test_others_cannot_answer(visit_own, login):
    answer = post(visit_own(login), question="2.1", value="no", evidence="", note="")
    assert answer.status_code in (401, 403)
    assert "0 de 13" in shown(visit_own("ana"))


def test_a_site_without_lines_says_what_is_missing(visit_own):
    answer = visit_own("beto").open("/es/pampa/scorecards")
    assert "Budget files" not in answer.text
    assert "presupuesto" in json.dumps(answer.get_json(), ensure_ascii=False)
