"""What became of the winners: shown to everybody, written by officials of the site."""

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
from data.store.lines import save_lines
from data.store.sites import load_site
from data.workflows.stored_votes import VoteToImport, import_vote
from tests.dashboard.conftest import Visitor
from tests.dashboard.test_assembly_pages import ballots
from tests.dashboard_seed import make_store
from tests.store_builders import budget_row
from tests.support import store_fingerprint

MAKE = {"year": "2027", "budget_year": "2027", "code:A": "1/2", "source:A": "Canon", "amount:A": ""}
MATCH = {"year": "2027", "budget_year": "2027", "proposal": "A", "line": "-", "code": "M/1", "share": "50"}


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    import_vote(made.factory, "valle", 2027, VoteToImport(ballots(women=13).encode(), "voto.pb"), "ana")
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def visit(own_store):
    app = create_app(Settings(StoreSettings("unused", own_store.bank_folder), "k" * 40), make_services(own_store))
    return lambda login: Visitor(app.server.test_client(), login)


def post(visitor, name, fields):
    data = {"csrf_token": visitor.token(), **fields}
    return visitor.client.post(f"/es/valle/follow-up/{name}", data=data, content_type="multipart/form-data")


def shown(visitor, page="follow-up", search="?year=2027"):
    answer = visitor.open(f"/es/valle/{page}", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def bring_line(store, code="M/1"):
    row = budget_row(code, 2027, labels={"activity": "Obra A"}, pim=Decimal(80), accrued=Decimal(20), paid=Decimal(10))
    with transaction(store.factory) as session:
        save_lines(session, load_site(session, "valle").id, "test", [row])


def test_everybody_reads_that_a_winner_has_no_line_yet(visit):
    text = shown(visit(None))
    assert "Aún sin línea en el presupuesto" in text
    assert "Para funcionarias" not in text
    assert "Qué pasó con las propuestas ganadoras de 2027" in shown(visit(None), "process")


@pytest.mark.parametrize("login", [None, "beto", "carla"])
def test_nobody_but_officials_of_the_site_writes_lines(visit, own_store, login):
    visitor = visit(login)
    shown(visitor)
    before = store_fingerprint(own_store.factory.kw["bind"])
    answers = [post(visitor, "make", MAKE), post(visitor, "match", MATCH)]
    answers.append(post(visitor, "unmatch", {**MATCH, "reason": "x"}))
    assert {answer.status_code for answer in answers} == {403}
    assert store_fingerprint(own_store.factory.kw["bind"]) == before or login


def test_an_official_writes_a_line_and_the_ministrys_line_takes_its_place(visit, own_store):
    ana = visit("ana")
    assert post(ana, "make", MAKE).status_code == 303
    assert "1/2" in shown(ana)
    bring_line(own_store)
    assert "nombra la propuesta" in shown(ana)
    assert post(ana, "match", MATCH).status_code == 303
    text = shown(visit(None))
    # half of the line is A's: PIM 40, accrued 10
    assert "25.0 %" in text
    assert "En marcha" in text
    assert "Ganó: qué pasó con ella" not in shown(visit(None), "results")
    book = load_workbook(io.BytesIO(ana.get("/es/valle/follow-up/follow-up.xlsx?year=2027").data))
    assert [cell.value for cell in book["Ejecución"][2]][4:10] == [2027, None, 40, 10, 5, 25]
    assert post(ana, "unmatch", {**MATCH, "reason": "Era otra"}).status_code == 303
    assert "Aún sin línea" in shown(visit(None))


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("make", {"source:A": ""}, "fuente de financiamiento"),
        ("make", {"code:A": ""}, "No hay ninguna línea"),
        ("make", {"amount:A": "1,500"}, "punto decimal"),
        ("make", {"amount:A": "61"}, "suman 61"),
        ("make", {"budget_year": "20277"}, "no es un año"),
        ("match", {"code": "none"}, "no tiene ninguna línea"),
        ("match", {"proposal": "B"}, "no ganó"),
        ("match", {"share": "101"}, "como máximo 100"),
        ("match", {"share": "-1"}, "como máximo 100"),
        ("unmatch", {}, "por qué"),
    ],
)
def test_what_is_refused_is_told_in_spanish_and_nothing_is_stored(visit, own_store, name, change, words):
    bring_line(own_store)
    ana = visit("ana")
    shown(ana)
    before = store_fingerprint(own_store.factory.kw["bind"])
    answer = post(ana, name, {**(MAKE if name == "make" else MATCH), **change})
    assert answer.status_code == 400
    assert words in answer.text
    assert store_fingerprint(own_store.factory.kw["bind"]) == before
