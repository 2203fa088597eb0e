"""Simulate in a browser: what moves, what the server confirms, what is undone, shared, saved and refused."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from budget_model.coverage.scenario import evaluate
from dashboard.context import PageContext
from dashboard.services import Services, make_services
from tests.dashboard.conftest import person
from tests.dashboard_seed import PASSWORD
from tests.e2e.reader import AXE, served
from tests.simulate_site import make_simulate_store

pytestmark = pytest.mark.browser

CALLBACK = "**/_dash-update-component*"
AGREEMENT = 1e-6  # share of the universe


@dataclass
class Desk:
    """A page of somebody who has logged in, and what went wrong on it."""

    page: Page
    address: str
    troubles: list[str] = field(default_factory=list)

    def open(self, search: str = "", site: str = "lomas", language: str = "es") -> Page:
        self.page.goto(f"{self.address}/{language}/{site}/simulate{search}")
        self.page.wait_for_selector("#simulate-workbench:not([hidden])")
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until the server has answered to the newest state."""
        self.page.wait_for_function("() => { const s = simulation.look(); return s && s.answered === s.version; }")

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("() => simulation.look()")
        return found

    def slider(self, code: str) -> Any:
        return self.page.locator(f'[data-code="{code}"] input[type=range]')

    def amount(self, code: str) -> Any:
        return self.page.locator(f'[data-code="{code}"] .amount-field')

    def type_amount(self, code: str, text: str) -> None:
        self.amount(code).fill(text)
        self.amount(code).press("Enter")
        self.amount(code).blur()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Services]]:
    """The dashboard over the made-up site, on a port of its own."""
    store = make_simulate_store(tmp_path_factory.mktemp("simulate-browser"))
    services = make_services(store)
    with served(store, services) as address:
        yield address, services


def sit_down(browser: Browser, address: str, login: str, **options: Any) -> Desk:
    """A new context of somebody who has logged in."""
    context = browser.new_context(**options)
    desk = watched(Desk(context.new_page(), address))
    desk.page.goto(f"{address}/es/login")
    desk.page.fill("#login", login)
    desk.page.fill("#password", PASSWORD)
    desk.page.click("button[type=submit]")
    desk.page.wait_for_url("**/es/")
    return desk


def watched(desk: Desk) -> Desk:
    desk.page.on("console", lambda m: desk.troubles.append(m.text) if m.type in ("error", "warning") else None)
    desk.page.on("pageerror", lambda error: desk.troubles.append(str(error)))
    desk.page.on("request", lambda request: note_foreign(desk, request.url))
    return desk


def note_foreign(desk: Desk, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
        desk.troubles.append(f"request to {url}")


@pytest.fixture(scope="module")
def office(browser: Browser, live: tuple[str, Services]) -> Iterator[BrowserContext]:
    """Where Ana is logged in; its cache makes opening the page quick."""
    context = sit_down(browser, live[0], "ana", viewport={"width": 1440, "height": 1000}).page.context
    yield context
    context.close()


@pytest.fixture
def desk(office: BrowserContext, live: tuple[str, Services]) -> Iterator[Desk]:
    """Ana at her desk; the test fails where the page complained or asked another host."""
    made = watched(Desk(office.new_page(), live[0]))
    yield made
    made.page.close()
    assert made.troubles == []


def text_of(page: Page, selector: str) -> str:
    return page.locator(selector).inner_text().strip()


# ---- moving ------------------------------------------------------------------------------------------------------


def test_arrow_keys_on_a_slider_move_amount_tiles_dumbbells_and_what_is_left(desk):
    page = desk.open()
    before = {name: text_of(page, f"#simulate-tile-{name}") for name in ("women", "left")}
    numbers = text_of(page, "#simulate-coverage")
    desk.slider("p-00").focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    desk.settled()
    assert text_of(page, "#simulate-tile-left") != before["left"]
    assert text_of(page, "#simulate-tile-women") != before["women"]
    assert text_of(page, "#simulate-coverage") != numbers
    assert page.locator(".gains-row:visible").count() >= 1
    assert "\u2212S/" in desk.slider("p-00").get_attribute("aria-valuetext")


def test_the_picture_follows_before_the_server_has_said_anything(desk):
    page = desk.open()
    page.route(CALLBACK, lambda route: route.abort())
    before = text_of(page, "#simulate-tile-women")
    page.evaluate(
        """() => { const s = document.querySelector('[data-code="p-00"] input[type=range]');
        s.value = 0; s.dispatchEvent(new Event('input', {bubbles: true})); }"""
    )
    page.wait_for_function(
        "before => document.getElementById('simulate-tile-women').textContent !== before", arg=before
    )
    assert page.locator("#simulate-result").get_attribute("aria-busy") == "true"


def test_browser_and_server_agree_in_every_cell_after_a_release(desk, live):
    services = live[1]
    page = desk.open()
    for code, amount in (("p-00", "20000"), ("p-05", "35000,50"), ("p-07", "1,000")):
        desk.type_amount(code, amount)
        desk.settled()
    seen = desk.look()
    assert seen["difference"] < AGREEMENT
    ana = person(services, "ana")
    lomas = services.sites.find(ana, "lomas")
    sha256 = page.evaluate("() => new URLSearchParams(location.search).get('model')")
    loaded = services.simulate.workbench(ana, lomas, sha256).loaded
    run = services.simulate.run(ana, lomas, loaded.sha256, {"p-00": "20000", "p-05": "35000.50", "p-07": "1000"})
    expected = evaluate(run.loaded.calibrated, run.result.allocation).ravel()
    found = np.array([np.nan if value is None else value for value in seen["cells"]], dtype=float)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert np.nanmax(np.abs(found - expected)) < AGREEMENT
    assert text_of(page, "#simulate-server") == ""


def test_a_late_answer_never_overwrites_a_newer_one(desk):
    page = desk.open()
    held: list[tuple[Route, Any]] = []

    def hold_the_first(route: Route) -> None:
        if "simulate-answer" in (route.request.post_data or "") and not held:
            held.append((route, route.fetch()))
            return
        route.continue_()

    page.route(CALLBACK, hold_the_first)
    desk.type_amount("p-00", "1000")
    page.wait_for_function("() => simulation.look().answered < simulation.look().version")
    while not held:
        page.wait_for_timeout(20)
    desk.type_amount("p-00", "90000")
    desk.settled()
    newest, amounts = text_of(page, "#simulate-sentence"), desk.look()["amounts"]
    route, response = held[0]
    route.fulfill(response=response)
    page.wait_for_timeout(300)
    assert text_of(page, "#simulate-sentence") == newest
    assert desk.look()["amounts"] == amounts


def test_a_server_that_differs_is_said_so_and_believed(desk):
    page = desk.open()

    def differ(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        answer = body.get("response", {}).get("simulate-answer", {}).get("data")
        if answer:
            cells = np.frombuffer(base64.b64decode(answer["cells"]), dtype="<f4").copy()
            cells[0] += 0.01
            answer["cells"] = base64.b64encode(cells.tobytes()).decode()
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    page.route(CALLBACK, differ)
    desk.type_amount("p-00", "1000")
    expect(page.locator("#simulate-server")).to_contain_text(re.compile(r"difieren hasta en (0\.9999|1\.0000)"))


# ---- limits ------------------------------------------------------------------------------------------------------


def test_above_the_total_is_said_at_once_and_saving_is_refused(desk):
    page = desk.open()
    desk.type_amount("p-05", "5000")
    assert "por encima del total" in text_of(page, "#simulate-over-shown")
    assert text_of(page, "#simulate-over") == "Los montos superan ahora el total."
    desk.settled()
    page.fill("#simulate-name", "Demasiado")
    page.click("#simulate-save")
    expect(page.locator("#simulate-save-message")).to_contain_text("No se guardó.")
    desk.type_amount("p-05", "0")
    assert text_of(page, "#simulate-over-shown") == "Los montos caben en el total."
    desk.settled()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mucho", "Esto no es un monto"),
        ("1.250", "¿El punto marca miles o decimales?"),
        ("-5", "no puede ser menor que 0"),
        ("", "Escriba un monto"),
        ("999999999", "supera el máximo"),
    ],
)
def test_a_field_says_why_it_does_not_take_an_amount_and_nothing_moves(desk, text, sentence):
    page = desk.open()
    amounts = desk.look()["amounts"]
    desk.type_amount("p-00", text)
    assert sentence in text_of(page, '[data-code="p-00"] .programme-problem')
    assert desk.amount("p-00").get_attribute("aria-invalid") == "true"
    assert desk.look()["amounts"] == amounts


def test_a_locked_line_cannot_be_moved_and_shows_the_law(desk):
    desk.open()
    assert desk.slider("p-02").is_disabled()
    assert desk.amount("p-02").is_disabled()
    assert "Ley 27470" in text_of(desk.page, '[data-code="p-02"] .lock-reason')


# ---- history, addresses, saving ----------------------------------------------------------------------------------


def test_undo_redo_and_reset_walk_the_whole_history(desk):
    page = desk.open()
    start = desk.look()["amounts"]
    desk.type_amount("p-00", "1000")
    desk.type_amount("p-01", "2000")
    changed = desk.look()["amounts"]
    page.click("#simulate-undo")
    page.click("#simulate-undo")
    assert desk.look()["amounts"] == start
    assert page.locator("#simulate-undo").is_disabled()
    page.click("#simulate-redo")
    page.click("#simulate-redo")
    assert desk.look()["amounts"] == changed
    assert desk.amount("p-01").input_value() == "2,000"
    page.click("#simulate-reset")
    assert desk.look()["amounts"] == start
    page.click("#simulate-undo")
    assert desk.look()["amounts"] == changed
    desk.settled()


def test_a_run_of_key_presses_on_one_slider_is_one_step_back(desk):
    page = desk.open()
    start = desk.look()["amounts"]
    desk.slider("p-00").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    first = desk.look()["amounts"]
    assert first != start
    desk.slider("p-01").focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    page.click("#simulate-undo")
    assert desk.look()["amounts"] == first
    page.click("#simulate-undo")
    assert desk.look()["amounts"] == start
    assert page.locator("#simulate-undo").is_disabled()
    page.click("#simulate-redo")
    assert desk.look()["amounts"] == first
    desk.settled()


def test_undo_after_a_refused_entry_takes_back_that_entry_only(desk):
    page = desk.open()
    start = desk.look()["amounts"]
    desk.type_amount("p-00", "1000")
    valid = desk.look()["amounts"]
    desk.amount("p-01").fill("")
    desk.amount("p-01").press_sequentially("999999999")  # its first digits are amounts that could be taken
    desk.amount("p-01").press("Enter")
    assert "supera el máximo" in text_of(page, '[data-code="p-01"] .programme-problem')
    assert desk.look()["amounts"] == valid
    assert desk.amount("p-01").input_value() == "999999999"
    page.click("#simulate-undo")
    assert desk.look()["amounts"] == valid
    assert text_of(page, '[data-code="p-01"] .programme-problem') == ""
    assert desk.amount("p-01").input_value() != "999999999"
    page.click("#simulate-undo")
    assert desk.look()["amounts"] == start
    desk.settled()


@pytest.fixture(scope="module")
def by_area(live: tuple[str, Services]) -> tuple[int, dict[tuple[str, str], Decimal]]:
    """A scenario with money moved between areas: number and the lines that it changes."""
    services = live[1]
    ana = person(services, "ana")
    lomas = services.sites.find(ana, "lomas")
    loaded = services.simulate.workbench(ana, lomas).loaded
    first = Decimal(repr(float(loaded.model.baseline[8, 0]))).quantize(Decimal("0.01"))
    second = Decimal(repr(float(loaded.model.baseline[8, 1]))).quantize(Decimal("0.01"))
    lines = {
        ("p-00", "lomas-S1"): Decimal("10.00"),
        ("p-08", "lomas-S1"): Decimal("0.00"),  # the same total in other areas
        ("p-08", "lomas-S2"): first + second,
    }
    return services.scenarios.save_lines(ana, lomas, loaded.sha256, lines, "Por sector", "").id, lines


def test_a_scenario_saved_by_area_shows_and_downloads_its_stored_result(desk, live, by_area):
    number, lines = by_area
    services = live[1]
    ana = person(services, "ana")
    lomas = services.sites.find(ana, "lomas")
    page = desk.open(f"?scenario={number}")
    seen, run = desk.look(), services.scenarios.run(ana, lomas, number, {})
    expected = run.loaded.model.baseline.copy()
    for (code, area), amount in lines.items():
        expected[run.loaded.model.programmes.index(code), run.loaded.model.areas.index(area)] = float(amount)
    assert seen["difference"] < AGREEMENT
    assert_cells(seen, evaluate(run.loaded.calibrated, expected))
    saved = services.scenarios.scenario(ana, lomas, number)
    assert text_of(page, "#simulate-tile-women") == PageContext("es").formats.share(saved.coverage["women"], 2)
    assert page.url.endswith(f"?scenario={number}")
    assert page.locator("#simulate-download-csv").get_attribute("href").endswith(f"scenario.csv?scenario={number}")
    assert page.locator("#simulate-reset").is_disabled()
    page.select_option("#simulate-needs-choice", "changed")
    needs = {int(n) for p in (0, 8) for n in run.loaded.model.links.need[run.loaded.model.links.programme == p]}
    assert page.locator(".dumbbell-row").count() == len(needs)  # also those of money moved between areas only


def test_moving_one_programme_of_a_scenario_leaves_the_areas_of_the_others(desk, live, by_area):
    number, _lines = by_area
    services = live[1]
    ana = person(services, "ana")
    lomas = services.sites.find(ana, "lomas")
    page = desk.open(f"?scenario={number}")
    start, tile = desk.look()["amounts"], text_of(page, "#simulate-tile-women")
    desk.type_amount("p-00", "1000")
    desk.settled()
    seen = desk.look()
    assert seen["difference"] < AGREEMENT
    assert_cells(seen, services.scenarios.run(ana, lomas, number, {"p-00": "1000"}).result.coverage)
    assert re.search(rf"\?scenario={number}&t=0-255s$", page.url)  # 100,000 cents to the base 36
    again = page.context.new_page()
    other = Desk(again, live[0])
    other.open(page.url[page.url.index("?") :])
    assert other.look()["amounts"] == seen["amounts"]
    assert other.look()["cells"] == seen["cells"]
    again.close()
    page.click("#simulate-reset")
    desk.settled()
    assert desk.look()["amounts"] == start
    assert text_of(page, "#simulate-tile-women") == tile
    assert page.url.endswith(f"?scenario={number}")


def assert_cells(seen: dict[str, Any], expected: Any) -> None:
    found = np.array([np.nan if value is None else value for value in seen["cells"]], dtype=float)
    assert np.array_equal(np.isnan(found), np.isnan(expected.ravel()))
    assert np.nanmax(np.abs(found - expected.ravel())) < AGREEMENT


def test_the_address_gives_the_same_allocation_to_a_colleague(desk, browser, live):
    page = desk.open()
    desk.type_amount("p-00", "12345.50")
    desk.settled()
    shared = page.locator("#simulate-share-address").input_value()
    assert "&t=0-qgl2" in shared  # place 0, 1,234,550 cents to the base 36
    colleague = sit_down(browser, live[0], "carla")
    colleague.open(shared[shared.index("?") :])
    assert colleague.look()["amounts"] == desk.look()["amounts"]
    assert colleague.page.locator("#simulate-save").count() == 0  # a monitor may look, not save
    colleague.page.context.close()


def test_what_does_not_fit_into_an_address_is_neither_copied_nor_downloaded_and_says_what_to_do(desk):
    page = desk.open()
    made = """([longest, number]) => {
        const programmes = [...Array(number)].map(() => ({ today: 0 }));
        const view = { programmes, model: 'a'.repeat(64), short_hash: 16, longest_query: longest, is_current: true,
                       texts: { too_long: 'Save it as a scenario.' } };
        const tried = { view, amounts: programmes.map((_, p) => p + 0.5) };
        const query = window.simulation.queryOf(tried);
        window.simulation.followAddress(tried, query);
        return query;
    }"""
    assert page.evaluate(made, [7000, 3]) == "?model=aaaaaaaaaaaaaaaa&t=0-1e.1-46.2-6y"  # 50, 150 and 250 cents
    expect(page.locator("#simulate-share")).to_be_enabled()
    assert page.evaluate(made, [7000, 2000]) is None
    expect(page.locator("#simulate-share")).to_be_disabled()
    expect(page.locator("#simulate-shared")).to_have_text("Save it as a scenario.")
    assert page.locator("#simulate-download-csv").get_attribute("href") is None
    assert "t=" not in page.url


def test_a_saved_scenario_is_listed_and_opens_again(desk):
    page = desk.open()
    desk.type_amount("p-00", "4321")
    desk.settled()
    page.fill("#simulate-name", "Menos para el cero")
    page.click("#simulate-save")
    expect(page.locator("#simulate-save-message")).to_contain_text("Se guardó como «Menos para el cero»")
    page.wait_for_url(re.compile(r"scenario=\d+$"))
    page.click("#simulate-save-message a")
    page.click("text=Menos para el cero")
    page.wait_for_selector("#simulate-workbench:not([hidden])")
    desk.settled()
    assert desk.amount("p-00").input_value() == "4,321"
    assert "Está abierto el escenario" in text_of(page, "#simulate-notices")


def test_the_language_switch_keeps_the_allocation(desk):
    page = desk.open()
    desk.type_amount("p-00", "4321")
    desk.settled()
    page.click("a.language")
    page.wait_for_selector("#simulate-workbench:not([hidden])")
    desk.settled()
    assert page.locator("html").get_attribute("lang") == "en"
    assert desk.amount("p-00").input_value() == "4,321"


def test_the_files_hold_what_is_tried(desk):
    page = desk.open()
    desk.type_amount("p-00", "4321")
    desk.settled()
    with page.expect_download() as caught:
        page.click("#simulate-download-csv")
    text = Path(caught.value.path()).read_text(encoding="utf-8-sig")
    assert "p-00" in text
    assert caught.value.suggested_filename == "lomas-escenario-movido.csv"


# ---- map, tables, other sites ------------------------------------------------------------------------------------


def test_areas_of_the_map_are_reached_with_arrow_keys_and_say_their_figures(desk):
    page = desk.open()
    page.wait_for_selector(".area-map .area")
    page.locator(".area-map .area").first.focus()
    page.keyboard.press("ArrowRight")
    label = page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert re.match(r"Sector 2: [\d,]+ personas sin cubrir \(hoy [\d,]+, cambio 0\)", label)
    assert text_of(page, "#simulate-map-reading") == label
    page.select_option("#simulate-map-group", "-1")
    page.locator("#simulate-area-table").locator("xpath=..").locator("summary").click()
    assert page.locator("#simulate-area-table tbody tr").count() == 9


def test_losses_are_said_in_words_and_the_printed_persons_add_up(desk):
    page = desk.open()
    desk.type_amount("p-00", "1000")
    desk.settled()
    assert re.fullmatch(r"[\d,]+ necesidades? atendidas? menos", text_of(page, "#simulate-met-women"))
    page.locator("#simulate-area-table").locator("xpath=..").locator("summary").click()
    changes = []
    for need in page.locator("#simulate-map-need option").all():
        page.select_option("#simulate-map-need", need.get_attribute("value"))
        for row in page.locator("#simulate-area-table tbody tr").all_inner_texts():
            cells = [cell.replace(",", "").replace("\u2212", "-") for cell in row.split("\t")[1:]]
            if "–" not in cells:
                today, scenario, change = map(int, cells)
                assert scenario - today == change, row
                changes.append(change)
    assert any(changes)


def test_choosing_needs_and_their_order_changes_the_rows(desk):
    page = desk.open()
    assert page.locator(".dumbbell-row").count() == 12
    page.select_option("#simulate-needs-choice", "all")
    assert page.locator(".dumbbell-row").count() == 14
    page.select_option("#simulate-needs-choice", "changed")
    assert page.locator("#simulate-needs-none").is_visible()
    desk.type_amount("p-00", "1000")
    assert page.locator(".dumbbell-row").count() == 2
    desk.settled()


def test_on_a_desk_slider_dumbbells_and_map_are_seen_together(browser, live):
    desk = sit_down(browser, live[0], "ana", viewport={"width": 1440, "height": 900})
    page = desk.open()
    page.wait_for_selector(".area-map .area")
    page.evaluate("document.querySelector('.dumbbell-row:nth-child(4)').scrollIntoView({block: 'center'})")
    page.wait_for_function(
        """() => ['.programme input[type=range]', '.dumbbell-row:nth-child(4)', '.area-map'].every((selector) => {
          const box = document.querySelector(selector).getBoundingClientRect();
          return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
        })"""
    )
    page.context.close()


def test_a_site_without_shapes_works_without_a_map(browser, live):
    beto = sit_down(browser, live[0], "beto")
    page = beto.open(site="otra")
    assert "no hay mapa" in text_of(page, ".simulate .no-data")
    beto.type_amount("p-00", "1000")
    beto.settled()
    assert beto.look()["difference"] < AGREEMENT
    page.context.close()
    assert beto.troubles == []


def test_an_address_that_asks_in_vain_says_so(desk):
    page = desk.open("?scenario=4040")
    assert "no tiene el escenario «4040»" in text_of(page, "#simulate-notices")
    assert text_of(page, "#simulate-tile-left") == "S/\u00a00"


# ---- for everybody -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "width"), [("es", 1440), ("en", 390)])
def test_axe_finds_nothing_on_simulate_and_scenarios(browser, live, language, width):
    desk = sit_down(browser, live[0], "ana", viewport={"width": width, "height": 900})
    page = desk.open(language=language)
    page.wait_for_selector(".area-map .area")
    desk.type_amount("p-00", "mucho")
    for summary in page.locator(".simulate-results details > summary").all():
        summary.click()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    page.goto(f"{live[0]}/{language}/lomas/scenarios")
    page.wait_for_selector("h1")
    assert violations(page) == []
    page.context.close()
    assert desk.troubles == []


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{entry['id']}: {[node['html'][:140] for node in entry['nodes'][:3]]}" for entry in found]


def test_on_a_phone_what_is_left_stays_in_sight_while_sliders_move(browser, live):
    desk = sit_down(browser, live[0], "ana", viewport={"width": 390, "height": 844})
    page = desk.open()
    desk.slider("p-08").scroll_into_view_if_needed()
    page.mouse.wheel(0, 400)
    page.wait_for_timeout(100)
    box = page.locator("#simulate-tile-left").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 120
    page.context.close()
