"""Proposals on plain pages: what everybody sees there, what nobody sees, and how a phone is led to them."""

from __future__ import annotations

import html
import re

import pytest

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services
from data.readers.process_file import parse_process
from data.settings import StoreSettings
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from tests.dashboard.conftest import Visitor
from tests.dashboard_seed import make_store

LIST = "/es/valle/phone/proposals"
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36"}
HINT = {"Sec-CH-UA-Mobile": "?1"}
DESK = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/120", "Sec-CH-UA-Mobile": "?0"}
PROCESS = """
rule: greedy
ties: lexicographic
envelope: 100.00
zones: {S1: 40.00, S2: 60.00}
citation: Ley 28056
phases: [{phase: vote, starts_on: 2026-12-01, ends_on: 2026-12-07}]
participants:
  - {sex: female, age: 18-29, zone: S1, persons: 30}
  - {sex: male, age: 18-29, zone: S1, persons: 20}
"""
REVIEWED = {
    "code": "P-01", "title_es": "Agua <b>limpia</b>", "description_es": "Primera línea\n\nSegunda línea",
    "cost": "60", "need": "WATER", "women": "30", "men": "20", "zone": "S1",
}  # fmt: skip


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    save_process(made.factory, "valle", 2027, parse_process(PROCESS, "process.yaml"), "ana")
    save = save_proposal
    save(made.factory, "valle", 2027, REVIEWED, "ana")
    doubt = {**REVIEWED, "state": "needs_work", "reason": "Falta el terreno"}
    save(made.factory, "valle", 2027, doubt, "dora", seen=1)
    good = {**REVIEWED, "cost": "75", "state": "feasible", "reason": "Hay terreno"}
    save(made.factory, "valle", 2027, good, "dora", seen=2)
    save(made.factory, "valle", 2027, {**good, "description_es": "Otra"}, "eva", seen=3)
    save(made.factory, "valle", 2027, {"code": "P-02", "title_es": "Obra secreta"}, "ana")
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def server(own_store):
    settings = Settings(StoreSettings("unused", own_store.bank_folder), "k" * 40)
    return create_app(settings, make_services(own_store)).server


def text_of(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_the_list_has_every_feasible_proposal_and_no_other(server):
    for login in (None, "ana"):
        shown = Visitor(server.test_client(), login).get(LIST)
        assert shown.status_code == 200
        assert "Agua <b>limpia</b> P-01 · Sector S1" in text_of(shown)
        assert "S/ 75" in text_of(shown)
        assert "Obra secreta" not in shown.text
        assert "<script" not in shown.text
        assert "<b>" not in shown.text
        assert len(shown.data) < 8_000


def test_a_proposal_tells_what_is_stated_and_how_its_review_went(server):
    shown = text_of(server.test_client().get(f"{LIST}/P-01?year=2027"))
    assert "30 mujeres, 20 hombres" in shown
    assert "Personas sin agua segura" in shown
    steps = re.search("Revisión técnica (Espera.*)Todo, con", shown)
    assert steps
    found = [steps.group(1).index(part) for part in ("Espera revisión", "Falta el terreno", "Hay terreno")]
    assert found == sorted(found)
    assert steps.group(1).count("Hay terreno") == 1  # a version that changes nothing of the review is no step of it
    assert "todavía no se calculó un puntaje" in shown
    for name in ("dora", "eva", "ana"):
        assert name not in re.findall(r"\w+", shown)


@pytest.mark.parametrize("path", ["P-02", "P-99", "P-01?year=1999", "P-01?year=x", "..%2f"])
def test_what_is_not_feasible_or_not_there_is_nothing_here(server, path):
    for login in (None, "ana"):
        shown = Visitor(server.test_client(), login).get(f"{LIST}/{path}")
        assert shown.status_code == 404
        assert "Obra secreta" not in shown.text


def test_sites_and_languages_that_are_not_there_are_nothing_here(server):
    phone = server.test_client()
    assert phone.get("/es/atlantis/phone/proposals").status_code == 404
    assert phone.get("/fr/valle/phone/proposals").status_code == 404
    assert "no tiene presupuesto participativo" in text_of(phone.get("/es/pampa/phone/proposals"))


def test_the_process_has_days_money_by_zone_participants_in_numbers_and_the_legal_ground(server):
    shown = text_of(server.test_client().get("/es/valle/phone"))
    assert "Sector S1 S/ 40" in shown
    assert "1 de diciembre de 2026" in shown
    assert "Mujeres 30 60.0 %" in shown
    assert "Ley 28056" in shown
    english = text_of(server.test_client().get("/en/valle/phone"))
    assert "Women 30 60.0%" in english


@pytest.mark.parametrize("headers", [PHONE, HINT])
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("/es/valle/process", "/es/valle/phone"),
        ("/es/valle/proposals?year=2027", "/es/valle/phone/proposals?year=2027"),
        ("/en/valle/proposals?year=2027&code=P-01", "/en/valle/phone/proposals/P-01?year=2027"),
    ],
)
def test_a_phone_is_led_to_the_plain_page(server, headers, asked, found):
    led = server.test_client().get(asked, headers=headers)
    assert (led.status_code, led.location) == (302, found)
    assert server.test_client().get(found, headers=headers).status_code == 200


def test_other_pages_other_screens_and_officials_are_not_led(server):
    assert server.test_client().get("/es/valle/process", headers=DESK).status_code == 200
    assert server.test_client().get("/es/valle/needs", headers=PHONE).status_code == 200
    assert Visitor(server.test_client(), "ana").get("/es/valle/proposals", headers=PHONE).status_code == 200


def test_whoever_chose_charts_keeps_them_until_a_plain_page_is_opened(server):
    phone = server.test_client()
    assert phone.get("/es/valle/process?full=1", headers=PHONE).status_code == 200
    assert phone.get("/es/valle/proposals", headers=PHONE).status_code == 200
    assert "/es/valle/process?full=1" in phone.get("/es/valle/phone", headers=PHONE).text
    assert phone.get("/es/valle/proposals", headers=PHONE).status_code == 302


def test_what_was_merged_is_told_where_it_went_on_and_its_own_address_leads_there(own_store, server):
    good = {**REVIEWED, "cost": "75", "state": "feasible", "reason": "Hay terreno", "code": "P-03", "title_es": "Caño"}
    save_proposal(own_store.factory, "valle", 2027, good, "ana")
    merged = {**good, "state": "merged", "reason": "Es lo mismo", "merged_into": "P-01"}
    save_proposal(own_store.factory, "valle", 2027, merged, "dora", seen=1)
    client = server.test_client()
    assert "P-03 · Caño" in client.get(f"{LIST}/P-01?year=2027").get_data(as_text=True)
    answer = client.get(f"{LIST}/P-03?year=2027")
    assert (answer.status_code, answer.location) == (302, f"{LIST}/P-01?year=2027")
    assert "Caño" not in client.get(f"{LIST}?year=2027").get_data(as_text=True)
    assert client.get(f"{LIST}/P-03?year=abcd").status_code == 404
    assert client.get(f"{LIST}/P-03?year=2031").status_code == 404
    visitor = Visitor(client, None)
    assert "P-03 se fusionó con P-01" in str(visitor.open("/es/valle/proposals", "?year=2027&code=P-03").get_json())
