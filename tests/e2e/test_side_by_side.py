"""Proposals side by side in a browser: on a phone, in a hall, on paper, without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services
from data.settings import StoreSettings
from data.store.sites import load_site
from data.store.tables import Indicator
from data.workflows.proposal_scores import score_process
from data.workflows.proposals import save_proposal
from tests.e2e.test_ballot import check
from tests.simulate_site import make_simulate_store

pytestmark = pytest.mark.browser

CODES = ("A", "B", "C", "D")
LONG = "Mejoramiento del servicio de agua potable y alcantarillado del sector"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with four scored proposals."""
    store = make_simulate_store(tmp_path_factory.mktemp("hall"), needs=4, programmes=5, areas=2)
    with store.factory() as session:
        site = load_site(session, "lomas").id
        needs = [row.code for row in session.query(Indicator).filter_by(site_id=site).order_by(Indicator.id)]
    for code, need in zip(CODES, needs, strict=True):
        cells = {"code": code, "title_es": f"{LONG} {code}", "cost": "50000", "need": need, "women": "60", "men": "40"}
        told = {"state": "feasible", "reason": LONG, "excludes": "A" if code == "B" else ""}
        save_proposal(store.factory, "lomas", 2027, {**cells, **told}, "ana")
    score_process(store.factory, "lomas", 2027, "ana", 100)
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), make_services(store))
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/es/lomas"
    server.shutdown()
    thread.join()
    server.server_close()
    store.factory.kw["bind"].dispose()


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("query", ["", "&projector=1"], ids=["usual", "projector"])
def test_side_by_side_is_accessible_and_fits(browser: Browser, hall: str, width: int, query: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="es-PE")
    page = context.new_page()
    for codes in ("A,B,C,D", "A"):
        page.goto(f"{hall}/side-by-side?codes={codes}{query}")
        check(page)
    context.close()


def test_boxes_of_the_list_lead_there_and_paper_holds_four_on_one_page(browser: Browser, hall: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="es-PE")
    page = context.new_page()
    page.goto(f"{hall}/proposals")
    expect(page.get_by_role("checkbox")).to_have_count(4)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Ver lado a lado").click()
    expect(page.get_by_role("article")).to_have_count(4)
    expect(page.get_by_text("A y B no se pueden hacer las dos.")).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True))) == 1
    context.close()


def test_a_phone_without_javascript_chooses_and_reads(browser: Browser, hall: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{hall}/side-by-side")
    page.get_by_role("checkbox").nth(0).check()
    page.get_by_role("checkbox").nth(2).check()
    page.get_by_role("button", name="Ver lado a lado").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.locator("svg.people")).to_have_count(4)
    context.close()
