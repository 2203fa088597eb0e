"""The ballot on a phone and the officials' page: each step, each refusal, no script and no cookie needed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services
from dashboard.services.ballots import desk_box
from data.readers.process_file import parse_process
from data.settings import StoreSettings
from data.store import ballots as store
from data.store.assembly import find_process
from data.store.engine import transaction
from data.store.sites import load_site
from data.workflows.ballot_boxes import BoxToOpen, open_box
from data.workflows.ballot_codes import CodeGroup, make_codes, shown_code
from data.workflows.casting import cast
from data.workflows.closing import close_box
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from tests.ballot_builders import COSTS, PROCESS, SECRET
from tests.dashboard.conftest import Visitor
from tests.dashboard_seed import add_user, make_store
from tests.support import store_fingerprint

BALLOT = "/es/valle/ballot"


@pytest.fixture
def own_store(tmp_path):
    made = replace(make_store(tmp_path), secret=SECRET)
    save_process(made.factory, "valle", 2027, parse_process(PROCESS, "process.yaml"), "ana")
    for code, cost in COSTS.items():
        cells = {"code": code, "title_es": f"Obra {code} <b>", "cost": cost, "state": "feasible", "reason": "Se puede"}
        save_proposal(made.factory, "valle", 2027, cells, "ana")
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def server(own_store):
    settings = Settings(StoreSettings("unused", own_store.bank_folder), "k" * 40)
    return create_app(settings, make_services(own_store)).server


@pytest.fixture
def phone(server):
    """A browser that keeps no cookies."""
    return server.test_client(use_cookies=False)


def make_vote(own_store, kind="knapsack", most=None, asks=(), starts_in=-1, number=12):
    now = datetime.now(UTC)
    wanted = BoxToOpen(kind, most, now + timedelta(hours=starts_in), now + timedelta(hours=9), asks)
    box = open_box(own_store.factory, "valle", 2027, wanted, "ana")
    return box, make_codes(own_store.factory, "valle", box.id, number, CodeGroup(), SECRET, "ana").codes


def text_of(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def send(phone, step, code, chosen="", **numbers):
    fields = {"step": step, "code": code, "c": list(chosen), **{f"n-{key}": value for key, value in numbers.items()}}
    return phone.post(BALLOT, data=fields)


def test_a_person_votes_in_four_steps_without_scripts_and_cookies(own_store, phone):
    box, codes = make_vote(own_store)
    entry = phone.get(BALLOT)
    assert "Vote con su código" in text_of(entry)
    assert "Obra A" in text_of(entry)
    opened = send(phone, "open", shown_code(codes[0]).lower())
    assert "Marque propuestas hasta donde alcance el dinero: S/ 100" in text_of(opened)
    preview = send(phone, "preview", codes[0], "AC")
    assert "¿Este es su voto?" in text_of(preview)
    assert "En total: S/ 100 de S/ 100." in text_of(preview)
    with own_store.factory() as session:
        assert store.count_ballots(session, box.id) == 0
    done = send(phone, "send", codes[0], A="1", C="1")
    assert "Su voto llegó" in text_of(done)
    again = send(phone, "send", codes[0], B="1")
    assert again.status_code == 400
    assert "Con este código ya se votó" in text_of(again)
    closed = close_box(own_store.factory, "valle", box.id, "ana", "all voted")
    assert closed.vote.result["outcome"]["winners"] == ["A", "C"]


def test_the_qr_opens_the_ballot_and_texts_of_proposals_stay_texts(own_store, phone):
    _box, codes = make_vote(own_store)
    opened = phone.get(f"{BALLOT}?code={shown_code(codes[0])}")
    assert "Su cédula" in text_of(opened)
    assert "Obra A &lt;b&gt;" in opened.text


def test_the_receipt_is_the_same_whatever_was_chosen(own_store, phone):
    _box, codes = make_vote(own_store)
    first = send(phone, "send", codes[0], A="1")
    second = send(phone, "send", codes[1], B="1", C="1")
    mark = r"Constancia: [0-9A-F]{4}-[0-9A-F]{4}"
    assert re.sub(mark, "", text_of(first)) == re.sub(mark, "", text_of(second))
    assert "Obra" not in text_of(first)


def test_a_refused_ballot_keeps_the_marks_and_says_what_to_do(own_store, phone):
    _box, codes = make_vote(own_store)
    dear = send(phone, "preview", codes[0], "AB")
    assert dear.status_code == 400
    assert "Lo que eligió cuesta más de lo que hay" in text_of(dear)
    assert dear.text.count("checked") == 2
    assert "No ha elegido nada" in text_of(send(phone, "preview", codes[0]))
    assert "no está en esta cédula" in text_of(send(phone, "send", codes[0], "Z"))


@pytest.mark.parametrize(
    ("kind", "most", "good", "bad", "told"),
    [
        ("ranking", 2, {"A": "1", "B": "2", "C": ""}, {"A": "1", "B": "1"}, "Dé los puestos 1, 2, 3"),
        ("points", 5, {"A": "3", "B": "2"}, {"A": "3", "B": "x"}, "números enteros"),
        ("points", 5, {"A": "5"}, {"A": "3", "B": "3"}, "Dio 6 puntos, y tiene 5"),
        ("k-approval", 1, {"A": "1"}, {"A": "1", "B": "1"}, "Eligió 2, y se permiten 1"),
        ("approval", None, {"A": "1", "B": "1", "C": "1"}, {}, "No ha elegido nada"),
    ],
)
def test_every_kind_of_ballot_is_filled_in_and_refused_in_words(own_store, phone, kind, most, good, bad, told):
    _box, codes = make_vote(own_store, kind, most)
    assert "Su cédula" in text_of(send(phone, "open", codes[0]))
    refused = send(phone, "send", codes[0], **bad)
    assert refused.status_code == 400
    assert told in text_of(refused)
    assert "Su voto llegó" in text_of(send(phone, "send", codes[0], **good))


def test_a_vote_that_has_not_begun_and_one_that_is_closed_say_so(own_store, phone):
    box, codes = make_vote(own_store, starts_in=2)
    early = send(phone, "send", codes[0], A="1")
    assert "La votación aún no empieza" in text_of(early)
    close_box(own_store.factory, "valle", box.id, "ana", "called off")
    assert "Ahora no hay ninguna votación abierta" in text_of(phone.get(BALLOT))
    assert "Ese código no existe" in text_of(send(phone, "send", codes[0], A="1"))


def test_guessing_is_slowed_down_with_its_own_status(own_store, phone):
    _box, codes = make_vote(own_store)
    answers = [send(phone, "open", f"AAAA-AAAA-AA{number:02d}") for number in range(31)]
    assert [one.status_code for one in answers] == [400] * 30 + [429]
    assert "Espere un minuto" in text_of(answers[-1])
    assert send(phone, "open", codes[0]).status_code == 200  # one person does not lock the hall


def test_a_form_of_another_site_is_refused(own_store, phone):
    _box, codes = make_vote(own_store)
    data = {"step": "send", "code": codes[0], "n-A": "1"}
    before = store_fingerprint(own_store.factory.kw["bind"])
    assert phone.post(BALLOT, data=data, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


@pytest.mark.parametrize("address", ["/es/nowhere/ballot", "/xx/valle/ballot"])
def test_an_address_without_a_site_is_404_in_words(own_store, phone, address):
    answer = phone.get(address)
    assert answer.status_code == 404
    assert "No hay nada" in text_of(answer)


def test_the_ballot_is_light(own_store, phone):
    _box, codes = make_vote(own_store)
    page = send(phone, "open", codes[0])
    assert len(page.data) < 8_000
    assert "/_dash" not in page.text
    assert "bootstrap" not in page.text


# --- officials -------------------------------------------------------------------------------------------------------


def post(visitor, name, **fields):
    return visitor.client.post(f"/es/valle/ballot-box/{name}", data={"csrf_token": visitor.token(), **fields})


def times():
    now = datetime.now(UTC)
    return {"opens_at": f"{now - timedelta(hours=8):%Y-%m-%dT%H:%M}", "closes_at": f"{now:%Y-%m-%dT%H:%M}"}


@pytest.mark.parametrize("login", [None, "beto", "carla"])
def test_nobody_but_officials_of_the_site_opens_prints_or_closes(own_store, server, login):
    box, _codes = make_vote(own_store)
    visitor = Visitor(server.test_client(), login)
    before = store_fingerprint(own_store.factory.kw["bind"])
    answers = [
        post(visitor, "open", year="2027", kind="approval", **times()),
        post(visitor, "codes.pdf", box=str(box.id), number="5"),
        post(visitor, "close", box=str(box.id), reason="x"),
        post(visitor, "cancel", box=str(box.id), reason="x"),
    ]
    assert {answer.status_code for answer in answers} == {403 if login else 302}  # a stranger is sent to log in
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def test_an_official_opens_prints_and_closes(own_store, server):
    ana = Visitor(server.test_client(), "ana")
    opened = post(ana, "open", year="2027", kind="k-approval", most="2", by_sex="1", **times())
    assert opened.status_code == 303, text_of(opened)
    with own_store.factory() as session:
        (_process, box) = store.site_boxes(session, 1)[0]
    sheet = post(ana, "codes.pdf", box=str(box.id), number="12", sex="F")
    assert sheet.data[:5] == b"%PDF-"
    assert "attachment" in sheet.headers["Content-Disposition"]
    assert sheet.headers["Cache-Control"] == "no-store"
    shown = json.dumps(ana.open("/es/valle/ballot-box").get_json(), ensure_ascii=False)
    assert "Códigos impresos" in shown
    assert "Marcar hasta un número (2)" in shown
    early = post(ana, "close", box=str(box.id), reason="")
    assert early.status_code == 400
    assert "Diga por qué se cierra antes" in text_of(early)
    assert post(ana, "close", box=str(box.id), reason="Llovió").status_code == 303
    again = post(ana, "cancel", box=str(box.id), reason="x")
    assert "Esta votación está cerrada" in text_of(again)


def test_the_process_page_leads_to_the_ballot_while_a_vote_is_open(own_store, server):
    stranger = Visitor(server.test_client(), None)

    def shown() -> str:
        return json.dumps(stranger.open("/es/valle/process").get_json(), ensure_ascii=False)

    assert BALLOT not in shown()
    make_vote(own_store)
    assert BALLOT in shown()


def test_a_server_without_a_key_makes_no_codes(own_store, tmp_path):
    bare = replace(own_store, secret=None)
    server = create_app(Settings(StoreSettings("unused", tmp_path), "k" * 40), make_services(bare)).server
    ana = Visitor(server.test_client(), "ana")
    box, _codes = make_vote(own_store)
    refused = post(ana, "codes.pdf", box=str(box.id), number="12")
    assert refused.status_code == 400
    assert "SECRET_KEY" in text_of(refused)


def test_a_count_by_hand_is_entered_by_one_and_signed_by_another(own_store, server):
    with transaction(own_store.factory) as session:
        add_user(session, "dora", "Dora Vega", "official", 1)
    ana, dora = (Visitor(server.test_client(), login) for login in ("ana", "dora"))
    box, _codes = make_vote(own_store, "approval")
    count = {"box": str(box.id), "rows": "A C; 5; 4; 0"}
    assert post(ana, "tally", place="Mesa 3", way="paper", **count).status_code == 303
    assert "no puede firmarlo" in text_of(post(ana, "sign", tally="1", **count))
    seen = json.dumps(dora.open("/es/valle/ballot-box").get_json(), ensure_ascii=False)
    assert "Contar de nuevo: Mesa 3" in seen
    assert '"9"' not in seen  # the first count is not shown to whoever counts again
    differs = post(dora, "sign", tally="1", box=str(box.id), rows="A C; 5; 3; 0")
    assert "el primer conteo dice 4 y este 3" in text_of(differs)
    assert post(dora, "sign", tally="1", **count).status_code == 303
    closed = close_box(own_store.factory, "valle", box.id, "ana", "done")
    assert closed.vote.ballots == 9


def test_the_light_overview_shows_days_money_proposals_and_winners(own_store, phone):
    assert "Obra A" in text_of(phone.get("/es/valle/phone"))
    box, codes = make_vote(own_store)
    shown = text_of(phone.get("/es/valle/phone"))
    assert "Vote con su código" in shown
    assert "S/ 100" in shown
    for code in codes[:4]:
        send(phone, "send", code, A="1", C="1")
    close_box(own_store.factory, "valle", box.id, "ana", "done")
    page = phone.get("/es/valle/phone?year=2027")
    assert re.search("Quiénes ganaron.*Obra A.*Obra C.*Propuestas", text_of(page))
    assert len(page.data) < 10_000
    assert phone.get("/es/valle/phone?year=1999").status_code == 404
    assert phone.get("/es/valle/phone?year=x").status_code == 404
    assert "no tiene presupuesto participativo" in text_of(phone.get("/es/pampa/phone"))


def test_the_light_overview_shows_nobody_what_is_not_feasible(own_store, server):
    cells = {"code": "D", "title_es": "Obra en revisión", "state": "submitted"}
    save_proposal(own_store.factory, "valle", 2027, cells, "ana")
    for login in (None, "ana"):
        shown = Visitor(server.test_client(), login).client.get("/es/valle/phone")
        assert "Obra A" in text_of(shown)
        assert "Obra en revisión" not in shown.text


def test_the_ballot_names_proposals_that_cannot_both_win(own_store, phone):
    cells = {
        "code": "A",
        "title_es": "Obra A",
        "cost": "60",
        "state": "feasible",
        "reason": "Se puede",
        "excludes": "C",
    }
    save_proposal(own_store.factory, "valle", 2027, cells, "ana", seen=1)
    _box, codes = make_vote(own_store, kind="approval")
    told = text_of(send(phone, "open", codes[0]))
    assert "No se puede hacer junto con “Obra C <b>”" in told
    assert "No se puede hacer junto con “Obra A”" in told
    assert told.count("No se puede hacer junto con") == 2


def test_a_vote_whose_time_is_over_says_so_before_it_is_counted(own_store, phone):
    box, _codes = make_vote(own_store)
    assert "El tiempo para votar terminó" not in text_of(phone.get(BALLOT))
    with transaction(own_store.factory) as session:
        session.merge(box).closes_at = datetime.now(UTC) - timedelta(minutes=1)
    assert "El tiempo para votar terminó" in text_of(phone.get(BALLOT))


def test_zones_are_chosen_by_name_and_used_codes_stay_told_after_closing(own_store):
    box, codes = make_vote(own_store, kind="approval", asks=("zone",))
    with own_store.factory() as session:
        site = load_site(session, "valle")
        process = find_process(session, site.id, 2027)
        assert desk_box(session, process, session.merge(box), "ana").zones == (("S1", "Sector S1"), ("S2", "Sector S2"))
        cast(own_store.factory, site.id, codes[0], {"A": 1}, SECRET, "x")
    close_box(own_store.factory, "valle", box.id, "ana", "all voted")
    with own_store.factory() as session:
        desk = desk_box(session, find_process(session, site.id, 2027), session.merge(box), "ana")
    assert [(one.codes, one.used) for one in desk.batches] == [(12, 1)]
