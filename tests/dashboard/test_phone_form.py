"""The form of a proposal on a phone: who may use it, what comes of it, what is refused, what is sent twice."""

from __future__ import annotations

import html
import io
import re

import pytest

from data.readers.process_file import parse_process
from data.store.assembly import list_proposals, load_process
from data.store.sites import load_site
from data.store.tables import AuditEntry
from data.workflows.processes import save_process
from tests.dashboard_seed import make_store
from tests.data.test_proposal_photos import picture, with_gps
from tests.map_site import add_map
from tests.support import form_body, store_fingerprint

FORM = "/es/valle/phone/propose"
WRITTEN = {
    "title": "Agua <b>limpia</b>", "description": "Para todas", "zone": "S1", "latitude": "-12.195",
    "longitude": "-76.945", "cost": "1500.50", "category": "Agua", "need": "WATER", "women": "30", "men": "20",
    "photo_text": "Un caño", "key": "a-key-of-the-form",
}  # fmt: skip


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    add_map(made)
    save_process(made.factory, "valle", 2027, parse_process("{rule: greedy, envelope: 100.00}", "p"), "ana")
    yield made
    made.factory.kw["bind"].dispose()


def send(visitor, content=None, name="foto.jpg", **fields):
    data = {"csrf_token": visitor.token(), **WRITTEN, **fields}
    if content is None:
        return visitor.client.post(FORM, **form_body(data))
    data["photo_file"] = (io.BytesIO(content), name)
    return visitor.client.post(FORM, data=data, content_type="multipart/form-data")


def stored(own_store):
    with own_store.factory() as session:
        return list_proposals(session, load_process(session, load_site(session, "valle").id, 2027).id)


def text_of(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_proposal_comes_with_everything_and_waits_for_review(visit_own, own_store):
    ana = visit_own("ana")
    sent = send(ana, with_gps((900, 600)), state="feasible", reason="x", code="Z-1", excludes="P-09")
    assert (sent.status_code, sent.location) == (303, f"{FORM}/P-01?year=2027&key=a-key-of-the-form")
    arrived = ana.get(sent.location)
    assert "Su propuesta llegó" in text_of(arrived)
    assert 'data-key="a-key-of-the-form"' in arrived.text
    row = stored(own_store)[0]
    assert (row.code, row.state, row.reason, row.excludes) == (
        "P-01",
        "submitted",
        "",
        [],
    )  # a review is not sent along
    assert (row.title, row.photo_text, row.saved_by) == ({"es": "Agua <b>limpia</b>"}, {"es": "Un caño"}, "ana")
    assert (str(row.cost), row.need_code, row.women, str(row.latitude)) == ("1500.50", "WATER", 30, "-12.195000")
    assert row.photo_sha256
    assert visit_own(None).get("/es/valle/phone/proposals/P-01").status_code == 404
    with own_store.factory() as session:
        actions = [one.action for one in session.query(AuditEntry).all()]
    assert actions.count("assembly.proposal.save") == 1


def test_texts_are_in_the_language_of_the_page(visit_own, own_store):
    ana = visit_own("ana")
    data = {"csrf_token": ana.token(), "title": "Clean water"}
    assert ana.client.post("/en/valle/phone/propose", data=data).status_code == 303
    assert stored(own_store)[0].title == {"en": "Clean water"}


def test_what_is_sent_twice_counts_once(visit_own, own_store):
    ana = visit_own("ana")
    first, again = send(ana, picture()), send(ana, picture())
    assert first.location == again.location
    assert len(stored(own_store)) == 1
    assert send(ana, picture(), key="another").location != first.location


@pytest.mark.parametrize("login", ["beto", "carla"])
def test_other_roles_are_told_so_and_strangers_log_in(visit_own, own_store, login):
    before = stored(own_store)
    stranger = visit_own(None)
    assert stranger.get(FORM).location == f"/es/login?next={FORM}"
    assert stranger.get(f"{FORM}/P-01").status_code == 302
    assert send(stranger).status_code == 302
    other = visit_own(login)
    for refused in (other.get(FORM), send(other), other.get(f"{FORM}/P-01")):
        assert refused.status_code == 403
        assert "Su rol no lo permite" in text_of(refused)
    assert stored(own_store) == before == []


def test_a_form_without_the_token_or_from_elsewhere_is_refused(visit_own, own_store):
    ana = visit_own("ana")
    assert ana.client.post(FORM, data=WRITTEN).status_code == 400
    foreign = {**WRITTEN, "csrf_token": ana.token()}
    assert ana.client.post(FORM, data=foreign, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert stored(own_store) == []


@pytest.mark.parametrize(
    ("fields", "content", "told"),
    [
        ({"title": ""}, None, "no tiene título"),
        ({"description": "x" * 5_000_000}, None, "Descríbala: Un texto tiene 5000000 letras y se permiten 5000"),
        ({"title": "x" * 5_000_000}, None, "Qué propone: Un texto tiene 5000000 letras y se permiten 200"),
        ({"cost": "1,500"}, None, "Cuánto cuesta:"),
        ({"latitude": "-13"}, None, "no está dentro del municipio"),
        ({"zone": "S2"}, None, "El lugar está en Sector S1 y no en Sector S2"),
        ({"photo_text": ""}, picture(), "Escriba qué muestra la foto"),
        ({}, b"MZ" + bytes(5000), "Foto: El archivo no es una foto"),
        ({"women": "muchas"}, None, "Mujeres que se benefician en un año:"),
    ],
)
def test_what_is_refused_is_told_with_its_field_and_what_was_written_stays(visit_own, own_store, fields, content, told):
    ana = visit_own("ana")
    before = store_fingerprint(own_store.factory.kw["bind"])
    refused = send(ana, content, **fields)
    assert refused.status_code == 400
    assert told in text_of(refused)
    assert 'value="1500.50"' in refused.text or "cost" in fields
    assert 'value="a-key-of-the-form"' in refused.text
    assert "<b>" not in refused.text
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def test_words_without_a_photo_are_left_out(visit_own, own_store):
    assert send(visit_own("ana")).status_code == 303
    assert (stored(own_store)[0].photo_text, stored(own_store)[0].photo_sha256) == ({}, None)


def test_the_form_alone_may_ask_where_the_phone_is(visit_own):
    ana = visit_own("ana")
    form = ana.get(FORM)
    assert "geolocation=(self)" in form.headers["Permissions-Policy"]
    assert "geolocation=()" in ana.get("/es/valle/phone").headers["Permissions-Policy"]
    assert "unsafe-inline" not in form.headers["Content-Security-Policy"].split("style-src")[0]
    assert form.text.count("data-code=") == 2
    assert "<script>" not in form.text
    assert len(form.data) < 12_000


def test_a_site_without_a_process_takes_no_proposal(visit_own, own_store):
    beto = visit_own("beto")
    assert beto.get("/es/pampa/phone/propose").status_code == 404
    assert beto.get("/es/atlantis/phone/propose").status_code == 404
