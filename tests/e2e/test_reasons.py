"""Reasons and who benefits in a browser: both languages, desk and phone, accessible, from a slider to its reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from dashboard.services import make_services
from data.workflows.incidence_inputs import import_input
from tests.dashboard.conftest import person
from tests.e2e.reader import DESK, PHONE, Reader, listen, served
from tests.e2e.test_narrow import CUT, HIDDEN_CELLS
from tests.incidence_site import QUESTIONS, TABLE, make_incidence_store
from tests.simulate_site import make_simulate_store

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with a scenario that moves money from one programme to another."""
    store = make_simulate_store(tmp_path_factory.mktemp("reasons"), needs=8, programmes=24, areas=4)
    services = make_services(store)
    ana = person(services, "ana")
    lomas = services.sites.find(ana, "lomas")
    loaded = services.simulate.workbench(ana, lomas).loaded
    totals = dict(zip(loaded.model.programmes, loaded.model.baseline.sum(axis=1), strict=True))
    moved = round(totals["p-01"] / 10)
    changes = {"p-01": f"{totals['p-01'] - moved:.2f}", "p-03": f"{totals['p-03'] + moved:.2f}"}
    services.scenarios.save(ana, lomas, loaded.sha256, changes, "De uno a otro", "")
    services.scenarios.save(ana, lomas, loaded.sha256, {}, "Como hoy", "")
    with served(store) as address:
        yield address


@pytest.fixture(scope="module")
def benefits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = make_incidence_store(tmp_path_factory.mktemp("benefits"))
    for name, text in (("preguntas.yaml", QUESTIONS), ("usuarios.csv", TABLE)):
        import_input(store.factory, "testville", name, text.encode(), "ana", store.bank_folder)
    with served(store) as address:
        yield address


@pytest.fixture
def read(browser: Browser) -> Iterator[Callable[[str, dict[str, int]], Reader]]:
    """`read(address, viewport)`: a window of the official; it fails the test at its end for what went wrong in it."""
    readers: list[Reader] = []

    def opened(address: str, viewport: dict[str, int]) -> Reader:
        context = browser.new_context(viewport=viewport, locale="es-PE")
        made = Reader(context.new_page(), context, address)
        listen(made)
        made.log_in("ana")
        readers.append(made)
        return made

    yield opened
    for made in readers:
        made.context.close()
        assert made.troubles == []


def looked_at(reader: Reader, path: str, is_phone: bool) -> Any:
    page = reader.open(path)
    page.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert reader.violations() == []
    if is_phone:
        assert page.evaluate(CUT) == []
        assert page.evaluate(HIDDEN_CELLS) == []
    return page


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_reasons_are_accessible_and_the_picture_is_the_windows_own(simulated, read, viewport, language):
    reader, is_phone = read(simulated, viewport), viewport is PHONE
    page = looked_at(reader, f"/{language}/lomas/reasons?scenario=1", is_phone)
    picture = page.locator(".flow-picture img")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    assert ("size=phone" in picture.evaluate("image => image.currentSrc")) == is_phone
    assert picture.get_attribute("alt")
    expect(page.locator("ol.reasons-cuts li")).to_have_count(1)
    looked_at(reader, f"/{language}/lomas/reasons", is_phone)


# Pages that show something chosen have parts that the empty page has not.
CHOSEN = (
    "workbench?programme=p-01",
    "workbench?programme=p-02",
    "simulate?scenario=1",
    "years?scenario=1&years=3",
    "certainty?scenario=1",
    "modification?scenario=1",
    "compare?s1=on&s2=on",
    "optimise?scenario=1",
    "reasons?scenario=1&years=3&year=2",
    "indicator?code=N01",
    "map?indicator=N01",
)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_with_something_chosen_are_accessible_with_every_fold_open(simulated, read, viewport):
    reader = read(simulated, viewport)
    found = {}
    for path in CHOSEN:
        page = reader.open(f"/es/lomas/{path}")
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")
        found[path] = reader.violations()
    assert {path: troubles for path, troubles in found.items() if troubles} == {}


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_who_benefits_is_accessible_and_fits_its_window(benefits, read, viewport, language):
    looked_at(read(benefits, viewport), f"/{language}/testville/incidence", viewport is PHONE)


def test_a_slider_shows_the_best_reachable_and_leads_to_its_reasons(simulated, read):
    page = read(simulated, DESK).open("/es/lomas/simulate")
    page.wait_for_selector("#simulate-workbench:not([hidden])")
    best = page.locator("#simulate-best")
    expect(best).to_contain_text("Lo mejor que se encontró", timeout=30_000)
    before = best.inner_text()
    page.click("#simulate-open-all")
    field = page.locator(".amount-field:not([disabled])").first
    field.fill("1000")
    field.press("Enter")
    expect(best).not_to_have_text(before, timeout=30_000)
    page.click("text=Razones de este resultado")
    expect(page.locator("h1")).to_have_text("Razones")
    expect(page).to_have_url(re.compile(r"/reasons\?model="))
    expect(page.locator("#reasons-cuts li")).to_have_count(1)


def test_the_reasons_of_another_scenario_are_asked_for_by_keyboard(simulated, read):
    page = read(simulated, DESK).open("/es/lomas/reasons")
    page.locator("#reasons-scenario").focus()
    page.keyboard.press("ArrowDown")
    for _ in range(3):  # years stand between the scenario and the button
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"scenario=2"))  # the newest stands first
    expect(page.locator("main")).to_contain_text("Como hoy")


def test_a_table_of_users_is_brought_in_and_a_broken_one_told_with_its_line(benefits, read, tmp_path: Path):
    reader = read(benefits, DESK)
    page = reader.open("/es/testville/incidence")
    good, broken = tmp_path / "nuevo.csv", tmp_path / "roto.csv"
    good.write_text(TABLE, encoding="utf-8")
    broken.write_text(TABLE.replace("women,2,7", "women,2,muchos"), encoding="utf-8")
    page.set_input_files("#incidence-inputs input[type=file]", str(good))
    page.click("text=Incorporar")
    page.wait_for_selector("text=El archivo fue incorporado.")
    expect(page.locator("#incidence-inputs")).to_contain_text("nuevo.csv")
    page.set_input_files("#incidence-inputs input[type=file]", str(broken))
    page.click("text=Incorporar")
    page.wait_for_selector("text=línea 3")
    expect(page.locator("main")).to_contain_text("No se guardó nada")
    assert all("400" in trouble for trouble in reader.troubles)
    reader.troubles.clear()  # the console reports the 400 itself
