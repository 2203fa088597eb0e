"""Lines and programmes, and a scenario as a proposed modification: what officials see, and what others may not."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.tables import BudgetLine, ProgrammeLineShare
from tests.dashboard.conftest import Visitor
from tests.modification_site import SLUG, make_modification_store


@pytest.fixture
def own_store(tmp_path):
    made = make_modification_store(tmp_path)
    yield made
    made.factory.kw["bind"].dispose()


def shown(visitor, page, search="", language="es"):
    answer = visitor.open(f"/{language}/{SLUG}/{page}", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def test_links_tell_what_of_the_budget_stands_behind_programmes(visit_own):
    text = shown(visit_own("carla"), "links")
    assert "4 de 5 líneas" in text
    assert "69.7 %" in text  # 2,300 of 3,300
    assert "Activity other" in text
    assert "Cada necesidad de la última ronda tiene un programa" in text
    answer = visit_own("ana").get(f"/es/{SLUG}/links/links.xlsx?year=2026")
    book = load_workbook(io.BytesIO(answer.data))
    assert ("sin vínculo", "other", "Activity other", 1000, 0, 1000) in list(book["Líneas sin vínculo completo"].values)
    assert "lines.csv" in visit_own("ana").get(f"/es/{SLUG}/links/links.csv").text
    assert visit_own("ana").get(f"/es/{SLUG}/links/links.csv?year=1999").status_code == 400


def test_a_line_shared_too_far_is_told(visit_own, own_store):
    with transaction(own_store.factory) as session:
        shares = session.query(ProgrammeLineShare).order_by(ProgrammeLineShare.budget_line_id).all()
        session.add(ProgrammeLineShare(programme_id=shares[-1].programme_id, budget_line_id=1, share=1))
    assert "reparten más que el total de estas líneas" in shown(visit_own("ana"), "links")


def test_an_official_sees_the_modification_and_takes_the_workbook(visit_own):
    ana = visit_own("ana")
    text = shown(ana, "modification", "?scenario=1")
    assert "S/ 950.00 se pueden llevar a líneas y fuentes; S/ 50.00 no" in text
    assert "son supuestos que la oficina de presupuesto debe verificar" in text
    # parks keep 50.00 that could not be placed, care lacks them; no line is shared
    assert "Al registrarla con las participaciones de hoy, 2 programas quedan con montos distintos" in text
    assert "Tras registrarla" in text
    assert "modification?scenario=1" in shown(ana, "scenarios")
    book = load_workbook(io.BytesIO(ana.get(f"/en/{SLUG}/modification/modification.xlsx?scenario=1").data))
    assert [row[2] for row in list(book["Transfers"].values)[1:]] == [350, 600]
    whole = ana.callback(
        "modification-content.children",
        {"modification-scenario.value": "1", "modification-basis.value": "next_year"},
        {"location.pathname": f"/es/{SLUG}/modification"},
    )
    assert "S/ 0.00 no." in json.dumps(whole.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def test_the_page_lists_the_programmes_whose_money_changes_and_says_how_many_keep_theirs(tmp_path):
    made = make_modification_store(tmp_path, {"library": {"other": Decimal(1)}})
    own = create_app(Settings(StoreSettings("unused", made.bank_folder), "k" * 40), make_services(made))
    text = shown(Visitor(own.server.test_client(), "ana"), "modification", "?scenario=1")
    assert "1 programa conserva lo que tiene hoy y figura solo en el XLSX." in text
    after = text[text.index("Tras registrarla") :]
    assert "Programa parks" in after
    assert "Programa library" not in after
    made.factory.kw["bind"].dispose()


@pytest.mark.parametrize("login", [None, "carla", "beto"])
def test_only_officials_of_the_site_get_a_modification(visit_own, login):
    visitor = visit_own(login)
    file = visitor.get(f"/es/{SLUG}/modification/modification.xlsx?scenario=1")
    assert file.status_code in (302, 401, 403)
    called = visitor.callback(
        "modification-content.children",
        {"modification-scenario.value": "1", "modification-basis.value": "this_year"},
        {"location.pathname": f"/es/{SLUG}/modification"},
    )
    assert called.status_code in (302, 401, 403) or "no lo permite" in called.get_data(as_text=True)
    assert "S/" not in called.get_data(as_text=True)
    if login == "carla":
        assert "modification?scenario" not in shown(visitor, "scenarios")


def test_what_cannot_be_proposed_is_told_in_a_sentence(visit_own, own_store):
    ana = visit_own("ana")
    assert "ningún escenario «77»" in shown(ana, "modification", "?scenario=77")
    assert ana.get(f"/es/{SLUG}/modification/modification.xlsx?scenario=x").status_code == 404
    assert ana.get(f"/es/{SLUG}/modification/modification.xlsx?scenario=1&basis=never").status_code == 400
    with transaction(own_store.factory) as session:
        session.query(BudgetLine).filter_by(code="care-tax").one().pim = 300
    assert "cambiaron desde que se guardó este escenario: care" in shown(ana, "modification", "?scenario=1")


def test_without_lines_both_pages_say_what_is_missing(own_store):
    app = create_app(Settings(StoreSettings("unused", own_store.bank_folder), "k" * 40), make_services(own_store))
    beto = Visitor(app.server.test_client(), "beto")
    answers = [beto.open(f"/es/otra/{page}").text for page in ("links", "modification")]
    texts = [json.dumps(json.loads(answer), ensure_ascii=False) for answer in answers]
    assert "Aún no hay líneas" in texts[0] or "líneas de presupuesto" in texts[0]
    assert "escenario" in texts[1]
