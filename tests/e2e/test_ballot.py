"""The ballot in a browser at 360 px: accessible in every step, works without JavaScript, adds up with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from data.readers.process_file import parse_process
from data.workflows.ballot_boxes import BoxToOpen, open_box
from data.workflows.ballot_codes import CodeGroup, make_codes
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from tests.ballot_builders import COSTS, PROCESS, SECRET
from tests.dashboard_seed import make_store
from tests.e2e.reader import AXE, served

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The address of a ballot and codes for it."""
    store = replace(make_store(tmp_path_factory.mktemp("ballot")), secret=SECRET)
    save_process(store.factory, "valle", 2027, parse_process(PROCESS, "process.yaml"), "ana")
    for code, cost in COSTS.items():
        long = "Mejoramiento del servicio de agua potable y alcantarillado del sector"
        cells = {"code": code, "title_es": f"{long} {code}", "description_es": long * 3, "cost": cost}
        save_proposal(store.factory, "valle", 2027, {**cells, "state": "feasible", "reason": "Sí"}, "ana")
    now = datetime.now(UTC)
    wanted = BoxToOpen("knapsack", None, now - timedelta(hours=1), now + timedelta(hours=9))
    box = open_box(store.factory, "valle", 2027, wanted, "ana")
    codes = list(make_codes(store.factory, "valle", box.id, 20, CodeGroup(), SECRET, "ana").codes)
    with served(store) as address:
        yield f"{address}/es/valle/ballot", codes


def check(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = page.evaluate(AXE + "; axe.run()")
    assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]] == []


def test_every_step_is_accessible_and_fits_360_pixels(browser: Browser, hall: tuple[str, list[str]]) -> None:
    address, codes = hall
    context = browser.new_context(viewport=PHONE, locale="es-PE")
    page = context.new_page()
    for plain in ("phone/proposals", "phone/proposals/A", "phone"):
        page.goto(address.replace("ballot", plain))
        check(page)
    page.get_by_role("link", name="Vote con su código").click()
    check(page)
    page.fill("#code", codes.pop().lower())
    page.get_by_role("button", name="Abrir la cédula").click()
    check(page)
    page.get_by_role("checkbox").nth(0).check()
    expect(page.locator("#total")).to_have_text(re.compile("Queda: 40"))
    page.get_by_role("checkbox").nth(1).check()
    expect(page.locator("#total")).to_have_text(re.compile("Se pasa por 20"))
    page.get_by_role("button", name="Revisar antes de enviar").click()
    expect(page.get_by_role("alert")).to_contain_text("cuesta más")
    check(page)
    page.get_by_role("checkbox").nth(1).uncheck()
    page.get_by_role("button", name="Revisar antes de enviar").click()
    check(page)
    page.get_by_role("button", name="Cambiar").click()
    expect(page.get_by_role("checkbox").nth(0)).to_be_checked()
    page.get_by_role("button", name="Revisar antes de enviar").click()
    page.get_by_role("button", name="Enviar mi voto").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Su voto llegó")
    check(page)
    context.close()


def test_a_phone_without_javascript_votes_by_qr(browser: Browser, hall: tuple[str, list[str]]) -> None:
    address, codes = hall
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}?code={codes.pop()}")
    page.get_by_role("checkbox").nth(2).check()
    page.get_by_role("button", name="Revisar antes de enviar").click()
    page.get_by_role("button", name="Enviar mi voto").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Su voto llegó")
    context.close()
