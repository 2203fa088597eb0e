"""Log-in and log-out."""

from __future__ import annotations

import pytest

from dashboard.app import create_app
from dashboard.auth.login import safe_target
from dashboard.config import Settings
from dashboard.services import make_services
from data.settings import StoreSettings
from tests.dashboard.conftest import Visitor
from tests.dashboard_seed import PASSWORD, make_store


@pytest.fixture
def own_app(tmp_path):
    """An app with a store of its own, for tests that write."""
    store = make_store(tmp_path)
    yield create_app(Settings(StoreSettings("unused", tmp_path), "k" * 40), make_services(store))
    store.factory.kw["bind"].dispose()


@pytest.fixture
def stranger(own_app):
    return Visitor(own_app.server.test_client(), None)


def test_a_wrong_password_is_refused_in_the_language_and_the_right_one_admitted(stranger):
    refused = stranger.log_in("ana", "no es esta clave")
    assert refused.status_code == 401
    assert "no coinciden" in refused.text
    assert stranger.log_in("ana", PASSWORD).location == "/es/"


def test_an_unknown_name_reads_like_a_wrong_password(stranger):
    wrong, unknown = stranger.log_in("ana", "x"), stranger.log_in("nobody", "x")
    assert unknown.status_code == wrong.status_code
    assert "no coinciden" in unknown.text


def test_a_closed_account_does_not_get_in(stranger):
    assert stranger.log_in("gone", PASSWORD).status_code == 401


def test_many_failures_close_the_door_even_for_the_right_password(stranger):
    statuses = [stranger.log_in("ana", "x").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert stranger.log_in("ana", PASSWORD).status_code == 429


def test_log_in_without_token_is_refused(own_app):
    answer = own_app.server.test_client().post("/es/login", data={"login": "ana", "password": PASSWORD})
    assert answer.status_code == 401


def test_log_out_is_a_post_and_ends_the_session(stranger):
    stranger.log_in("ana", PASSWORD)
    assert stranger.get("/es/valle/budget").status_code == 200
    assert stranger.get("/es/logout").status_code == 404
    assert stranger.get("/es/valle/budget").status_code == 200
    stranger.client.post("/es/logout", data={"csrf_token": stranger.token()})
    assert stranger.get("/es/valle/budget").status_code == 302


def test_a_lost_session_cannot_use_its_old_callbacks(stranger):
    stranger.log_in("ana", PASSWORD)
    token = stranger.token()
    stranger.client.delete_cookie("cbms_session")
    inputs = {"budget-year.value": "2026", "budget-by.value": "function"}
    output = "..budget-parts.children...budget-downloads.children.."
    state = {"location.pathname": "/es/valle/budget"}
    assert stranger.callback(output, inputs, state, headers={"X-CSRFToken": token}).status_code == 401


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:1", "", None]
)
def test_log_in_leads_only_to_our_own_pages(target):
    assert safe_target(target, "es") == "/es/"


def test_log_in_leads_back_to_where_somebody_came_from(stranger):
    assert stranger.log_in("ana", PASSWORD, next="/es/valle/budget?year=2025").location == "/es/valle/budget?year=2025"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger):
    answer = stranger.log_in("ana", PASSWORD)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("cbms_session"))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
