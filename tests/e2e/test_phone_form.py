"""The form of a proposal in a browser at 360 px: drafts outlive a lost connection, a tap marks the place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import Store, make_services
from data.readers.process_file import parse_process
from data.settings import StoreSettings
from data.store.assembly import list_proposals, load_process
from data.store.sites import load_site
from data.workflows.processes import save_process
from tests.dashboard_seed import PASSWORD, make_store
from tests.data.test_proposal_photos import with_gps
from tests.e2e.test_ballot import PHONE, check
from tests.map_site import add_map

pytestmark = pytest.mark.browser

IN_S1 = {"latitude": -12.195, "longitude": -76.945}
FAR_AWAY = {"latitude": -12.0, "longitude": -77.0}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """The address of a site that takes proposals, and its store."""
    store = make_store(tmp_path_factory.mktemp("form"))
    add_map(store)
    save_process(store.factory, "valle", 2027, parse_process("{rule: greedy, envelope: 100.00}", "p"), "ana")
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), make_services(store))
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", store
    server.shutdown()
    thread.join()
    server.server_close()
    store.factory.kw["bind"].dispose()


def open_form(browser: Browser, address: str, **options: Any) -> tuple[BrowserContext, Page]:
    context = browser.new_context(viewport=PHONE, locale="es-PE", **options)
    page = context.new_page()
    page.goto(f"{address}/es/login?next=/es/valle/phone/propose")
    page.fill("#login", "ana")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("#proposal")
    return context, page


def titles(store: Store) -> list[str]:
    with store.factory() as session:
        rows = list_proposals(session, load_process(session, load_site(session, "valle").id, 2027).id)
    return [row.title["es"] for row in rows]


def photo() -> dict[str, Any]:
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": with_gps((2400, 1200))}


def test_a_draft_with_its_photo_outlives_the_connection_and_is_sent_when_it_is_back(
    browser: Browser, place: tuple[str, Store]
) -> None:
    address, store = place
    context, page = open_form(browser, address)
    check(page)
    page.fill("#title", "Agua sin conexión")
    expect(page.locator("#draft")).to_have_text(re.compile(r"Guardado en este teléfono a las \d\d:\d\d\."))
    page.set_input_files("#photo_file", photo())
    expect(page.locator("#photo-shown img")).to_be_visible()
    page.fill("#photo_text", "Un caño")
    check(page)
    context.set_offline(True)
    page.get_by_role("button", name="Enviar la propuesta").click()
    expect(page.locator("#draft")).to_have_text(re.compile("Sin conexión"))
    assert "Agua sin conexión" not in titles(store)
    kept = page.evaluate("Object.values(localStorage)[0]")
    assert "PhoneMaker" not in kept
    assert len(kept) < 1_000_000
    context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Su propuesta llegó")
    check(page)
    assert titles(store).count("Agua sin conexión") == 1
    assert page.evaluate("localStorage.length") == 0
    context.close()


def test_a_draft_is_back_after_the_page_was_loaded_again(browser: Browser, place: tuple[str, Store]) -> None:
    context, page = open_form(browser, place[0])
    page.fill("#title", "Agua otra vez")
    page.select_option("#zone", "S2")
    page.set_input_files("#photo_file", photo())
    expect(page.locator("#photo-shown img")).to_be_visible()
    expect(page.locator("#draft")).to_have_text(re.compile("Guardado"))
    page.reload()
    expect(page.locator("#draft")).to_have_text(re.compile("Su borrador está de vuelta"))
    assert page.input_value("#title") == "Agua otra vez"
    assert page.input_value("#zone") == "S2"
    assert page.evaluate("document.getElementById('photo_file').files[0].size") > 0
    page.get_by_role("button", name="Enviar la propuesta").click()
    expect(page.get_by_role("alert")).to_contain_text("Escriba qué muestra la foto")
    check(page)
    page.get_by_role("button", name="Borrar el borrador").click()
    expect(page.locator("#title")).to_have_value("")
    assert page.evaluate("localStorage.length") == 0
    context.close()


def test_a_tap_and_the_position_of_the_phone_mark_the_place(browser: Browser, place: tuple[str, Store]) -> None:
    context, page = open_form(browser, place[0], geolocation=IN_S1, permissions=["geolocation"])
    page.get_by_role("button", name="Usar el lugar donde estoy").click()
    expect(page.locator("#place-words")).to_have_text("El lugar está en Sector S1.")
    assert page.input_value("#latitude") == "-12.195000"
    assert page.input_value("#zone") == "S1"
    page.locator("#place svg path").nth(1).click()
    expect(page.locator("#place-words")).to_have_text("El lugar está en Sector S2.")
    assert page.input_value("#zone") == "S2"
    assert float(page.input_value("#longitude")) == pytest.approx(-76.935, abs=0.0005)  # the middle of the sector
    assert float(page.input_value("#latitude")) == pytest.approx(-12.195, abs=0.0005)
    context.set_geolocation(FAR_AWAY)
    page.get_by_role("button", name="Usar el lugar donde estoy").click()
    expect(page.locator("#place-words")).to_have_text(re.compile("no está dentro del municipio"))
    assert page.input_value("#latitude") == ""
    page.get_by_role("button", name="Quitar el lugar").click()
    expect(page.locator("#place-words")).to_have_text("No hay un lugar marcado.")
    context.close()


def test_without_scripts_the_form_is_sent_as_it_is(browser: Browser, place: tuple[str, Store]) -> None:
    address, store = place
    context, page = open_form(browser, address, java_script_enabled=False)
    page.fill("#title", "Agua sin guiones")
    page.set_input_files("#photo_file", photo())
    page.get_by_role("button", name="Enviar la propuesta").click()
    expect(page.get_by_role("alert")).to_contain_text("Escriba qué muestra la foto")
    assert page.input_value("#title") == "Agua sin guiones"
    page.set_input_files("#photo_file", photo())
    page.fill("#photo_text", "Un caño")
    page.get_by_role("button", name="Enviar la propuesta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Su propuesta llegó")
    assert titles(store).count("Agua sin guiones") == 1
    context.close()
