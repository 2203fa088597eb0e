"""The page of digests: only what the person may see, files that stay shut where access has ended, words of refusals."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import openpyxl
import pytest

from data.store.digests import list_subscriptions
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.users import find_user, give_role, take_role
from data.workflows.digest_run import run_digests
from data.workflows.tags import approve_tag, propose_tag, review_tag
from tests.dashboard.test_statement_page import PRINCIPAL
from tests.dashboard_seed import add_user, make_store

FORM = {
    "site-valle": "on",
    "rule-cut": "on",
    "rule-slow": "on",
    "scheme": "eu_eige",
    "stage": "pim",
    "language": "es",
    "frequency": "weekly",
    "delivery": "file",
}
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def own_store(tmp_path, monkeypatch):
    """Health counts in `valle`; dora is an official there, unifem monitors everywhere."""
    monkeypatch.delenv("SMTP_HOST", raising=False)
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        add_user(session, "dora", "Dora Luna", "official", load_site(session, "valle").id)
        add_user(session, "unifem", "Monitoreo", "monitor", None)
    line = (made.factory, "valle", 2026, "20-1")
    propose_tag(*line, PRINCIPAL, "Plan", "ana")
    review_tag(*line, "dora")
    approve_tag(*line, "dora")
    yield made
    made.factory.kw["bind"].dispose()


def shown(visitor, search="", language="es"):
    answer = visitor.open(f"/{language}/valle/digest", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def post(visitor, action, **fields):
    sent = {"csrf_token": visitor.token(), **fields}
    return visitor.client.post(f"/es/valle/digest/{action}", data=sent)


def search_of(answer):
    return "?" + answer.location.partition("?")[2]


def test_a_stranger_sees_no_digests(visit_own):
    assert visit_own(None).client.get("/es/valle/digest/preview.html?subscription=1").status_code in (302, 401, 403)


def test_somebody_subscribes_sees_it_and_ends_it(visit_own, own_store):
    ana = visit_own("ana")
    done = post(ana, "subscribe", **FORM)
    assert done.status_code in (302, 303)
    text = shown(ana, search_of(done))
    assert "Resumen 1: Valle" in text
    assert "Cada semana. Archivo para descargar en esta página." in text
    assert "Todavía no se hizo ningún resumen." in text
    ended = post(ana, "unsubscribe", subscription="1")
    assert "no se envía nada más" in shown(ana, search_of(ended))
    with own_store.factory() as session:
        assert list_subscriptions(session) == []


def test_a_form_without_sites_and_rules_is_refused_in_words(visit_own, own_store):
    ana = visit_own("ana")
    fields = {name: value for name, value in FORM.items() if not name.startswith(("site-", "rule-"))}
    text = shown(ana, search_of(post(ana, "subscribe", **fields)))
    assert "No se guardó nada." in text
    assert "Elija al menos una municipalidad" in text
    assert "Elija al menos una regla." in text
    with own_store.factory() as session:
        assert list_subscriptions(session) == []


def test_a_site_that_one_may_not_see_is_neither_offered_nor_taken(visit_own, own_store):
    ana = visit_own("ana")
    assert "site-pampa" not in shown(ana)
    assert "site-pampa" in shown(visit_own("unifem"))
    assert post(ana, "subscribe", **FORM, **{"site-pampa": "on"}).status_code == 403
    with own_store.factory() as session:
        assert list_subscriptions(session) == []


def test_without_a_mail_server_mail_is_not_offered(visit_own, monkeypatch):
    assert "resúmenes llegan como archivos" in shown(visit_own("ana"))
    monkeypatch.setenv("SMTP_HOST", "mail.test")
    monkeypatch.setenv("SMTP_FROM", "grb@muni.test")
    assert "Dirección de correo" in shown(visit_own("ana"))


def test_a_digest_is_fetched_by_its_owner_alone_and_while_access_lasts(visit_own, own_store, tmp_path):
    ana, dora = visit_own("ana"), visit_own("dora")
    post(ana, "subscribe", **FORM)
    run_digests(own_store.factory, tmp_path / "digests", None, NOW)
    assert "Entregado" in shown(ana)
    page = ana.client.get("/es/valle/digest/digest.html?issue=1")
    assert page.status_code == 200
    assert page.data == (tmp_path / "digests" / "subscription-1" / "2026-W48-es.html").read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(ana.client.get("/es/valle/digest/digest.xlsx?issue=1").data))
    assert {"Alertas", "Líneas"} <= set(book.sheetnames)
    assert ana.client.get("/es/valle/digest/preview.html?subscription=1").status_code == 200
    for path in ("digest.html?issue=1", "preview.html?subscription=1"):
        assert dora.client.get(f"/es/valle/digest/{path}").status_code == 404
    assert post(dora, "unsubscribe", subscription="1").status_code == 404
    with transaction(own_store.factory) as session:
        user = find_user(session, "ana")
        take_role(session, user, "official", load_site(session, "valle").id, "test")
    assert ana.client.get("/es/valle/digest/digest.html?issue=1").status_code == 403


def test_a_digest_with_a_site_closed_since_stays_shut_at_the_sites_that_are_open(visit_own, own_store, tmp_path):
    with transaction(own_store.factory) as session:
        add_user(session, "two", "Dos", "monitor", load_site(session, "valle").id)
        add_role(session, "two", "pampa")
    two = visit_own("two")
    post(two, "subscribe", **FORM, **{"site-pampa": "on"})
    run_digests(own_store.factory, tmp_path / "digests", None, NOW)
    with transaction(own_store.factory) as session:
        take_role(session, find_user(session, "two"), "monitor", load_site(session, "pampa").id, "test")
    assert two.client.get("/es/valle/digest/digest.html?issue=1").status_code == 403
    text = shown(two)
    assert "No abierto para usted ahora" in text
    assert "una municipalidad cerrada para usted" in text
    assert "Pampa" not in text


def add_role(session, login, slug):
    give_role(session, find_user(session, login), "monitor", load_site(session, slug).id, "test")


def test_a_failed_delivery_is_told_in_the_language_of_the_page(visit_own, own_store, tmp_path):
    ana = visit_own("ana")
    post(ana, "subscribe", **{**FORM, "delivery": "mail"}, address="ana@muni.test")
    (failed,) = run_digests(own_store.factory, tmp_path / "digests", None, NOW)
    assert failed.outcome == "failed"
    assert "ya no tiene servidor de correo configurado" in shown(ana)
    assert "has no mail server set up now" in shown(ana, language="en")
