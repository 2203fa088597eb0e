"""A list on the plain page: added up to the cent, warnings, an address that others and phones open."""

from __future__ import annotations

import html
import re

from data.readers.process_file import parse_process
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from tests.dashboard import test_assembly_pages as pages
from tests.dashboard.test_phone_proposals import DESK, PHONE
from tests.dashboard.test_phone_results import text_of

own_store = pages.own_store  # a fixture
PLAIN = "/es/valle/phone/list"


def propose(store, code, cost, **more):
    cells = {"code": code, "title_es": f"Propuesta {code}", "cost": cost, "state": "feasible", "reason": "Sí"}
    save_proposal(store.factory, "valle", 2027, {**cells, **more}, "ana")


def offer(store):
    save_process(store.factory, "valle", 2027, parse_process("envelope: 100.50\n", "p.yaml"), "ana")
    propose(store, "B", "40.25")
    propose(store, "A", "60.25", excludes="B")
    propose(store, "D", "50")


def test_boxes_become_an_address_that_is_added_up_to_the_cent(visit_own, own_store):
    offer(own_store)
    stranger = visit_own(None)
    assert "checked" not in stranger.get(PLAIN).text
    sent = stranger.get(f"{PLAIN}?year=2027&c=A&c=B")
    assert (sent.status_code, sent.location) == (302, f"{PLAIN}?year=2027&codes=A%2CB")
    page = stranger.get(sent.location)
    shown = text_of(page)
    assert "Total S/ 100.50" in shown  # 60.25 + 40.25, which is the envelope
    assert "Queda S/ 0" in shown
    assert "Solo una de estas puede ganar: A, B" in shown
    assert "más que el monto disponible" not in shown
    assert "Necesidades de mujeres atendidas: " not in shown.split("lado a lado")[0]  # no score: not nought
    assert page.text.count(" checked") == 2
    assert "<script" not in page.text
    assert "phone/list?year=2027&codes=A,B" in html.unescape(page.text)
    assert 'class="qr"' in page.text
    assert "/es/valle/side-by-side?year=2027&codes=A%2CB" in html.unescape(page.text)
    assert "La lista cuesta S/ 9.75 más que el monto disponible" in text_of(stranger.get(f"{PLAIN}?codes=A,D"))


def test_codes_that_are_not_offered_are_passed_over_and_a_wrong_year_is_nothing_here(visit_own, own_store):
    offer(own_store)
    stranger = visit_own(None)
    assert "Elegidas 1" in text_of(stranger.get(f"{PLAIN}?codes=D,nowhere,%3Cb%3E"))
    assert stranger.get(f"{PLAIN}?year=1999").status_code == 404
    assert stranger.get(f"{PLAIN}?year=x").status_code == 404


def test_a_phone_is_led_to_the_same_list_and_officials_and_desks_are_not(visit_own, own_store):
    offer(own_store)
    asked = "/es/valle/my-list?year=2027&codes=A,B"
    led = visit_own(None).client.get(asked, headers=PHONE)
    assert (led.status_code, led.location) == (302, f"{PLAIN}?year=2027&codes=A%2CB")
    assert visit_own(None).client.get(asked, headers=DESK).status_code == 200
    assert visit_own("ana").client.get(asked, headers=PHONE).status_code == 200


def test_the_first_page_leads_phones_without_an_account_where_there_is_a_participatory_budget(visit_own, own_store):
    first = "/es/valle/"
    assert visit_own(None).client.get(first, headers=PHONE).status_code == 200  # no participatory budget yet
    offer(own_store)
    phone = visit_own(None).client
    led = phone.get(first, headers=PHONE)
    assert (led.status_code, led.location) == (302, "/es/valle/phone")
    assert phone.get("/en/valle", headers=PHONE).location == "/en/valle/phone"
    assert phone.get("/es/valle/?round=R1", headers=PHONE).status_code == 200
    assert phone.get("/es/pampa/", headers=PHONE).status_code == 200
    assert phone.get(first, headers=DESK).status_code == 200
    assert visit_own("ana").client.get(first, headers=PHONE).status_code == 200
    assert "/es/valle/?full=1" in phone.get("/es/valle/phone").text
    assert phone.get("/es/valle/?full=1", headers=PHONE).status_code == 200
    assert phone.get(first, headers=PHONE).status_code == 200  # chose charts


def test_what_the_survey_found_is_the_publics_and_names_its_round(visit_own, own_store):
    offer(own_store)
    shown = text_of(visit_own(None).get("/es/valle/phone"))
    part = re.search(r"Lo que encontró la encuesta (.*?) Propuestas", shown)
    assert part
    assert "%" in part[1]
    assert "Fuente:" in part[1]
    official = text_of(visit_own("ana").get("/es/valle/phone"))
    assert f"Lo que encontró la encuesta {part[1]} Propuestas" in official
