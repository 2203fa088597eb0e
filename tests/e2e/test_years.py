"""Years, certainty, conditions of a search and one's calculations in a browser: asked, computed, shown, accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.services import Services, Store, make_services
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from tests.dashboard.conftest import person
from tests.e2e.reader import DESK, PHONE, Reader, served
from tests.jobs.builders import workplace
from tests.years_site import SERVICE, make_years_store

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("reader", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Live:
    """A running site, the hands of a worker, and a saved scenario."""

    address: str
    store: Store
    services: Services
    scenario: int
    second: int
    folder: Path

    def jobs(self, kind: str) -> list[str]:
        """What ana has asked for of a kind."""
        ana = person(self.services, "ana")
        found = self.services.jobs.list(ana, self.services.sites.find(ana, "lomas"))
        return [news.id for news in found if news.kind == kind]

    def work(self, kind: str) -> None:
        """Do what ana asked for last."""
        ana = person(self.services, "ana")
        news = self.services.jobs.latest(ana, self.services.sites.find(ana, "lomas"), kind)
        assert news is not None
        assert run_job(workplace(self.store.factory, self.folder, kinds=KINDS), news.id) == "done"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("years-browser")
    store = make_years_store(folder)
    services = make_services(store)
    ana = person(services, "ana")
    lomas = services.sites.find(ana, "lomas")
    loaded = services.simulate.workbench(ana, lomas).loaded
    more = {SERVICE: "1000.00"}
    scenario = services.scenarios.save(ana, lomas, loaded.sha256, more, "Menos servicio", "")
    second = services.scenarios.save(ana, lomas, loaded.sha256, {}, "Como hoy", "")
    with served(store, services) as address:
        yield Live(address, store, services, scenario.id, second.id, folder)


@pytest.fixture(scope="module")
def address(live: Live) -> str:
    return live.address


@pytest.fixture
def reader(reader: Reader) -> Reader:
    """Logged in, as all of these pages are closed."""
    reader.log_in("ana")
    return reader


def sound(reader: Reader, page: Page) -> None:
    """Every fold open: accessible, and nothing wider than the window."""
    page.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")
    assert page.evaluate(OVERFLOW) <= 0
    assert reader.violations() == []


@BOTH
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_years_are_accessible_and_fit(reader, live, language):
    sound(reader, reader.open(f"/{language}/lomas/years?scenario={live.scenario}&years=10&prices=3"))


def test_a_scenario_is_carried_on_with_growth_and_taken_away(reader, live):
    page = reader.open("/es/lomas/years")
    page.select_option("#years-scenario", str(live.scenario))
    page.select_option("#years-years", "3")
    page.click(".years-form summary")
    page.fill("#years-prices", "5")
    page.click(".years-form button[type=submit]")
    expect(page).to_have_url(re.compile(r"scenario=\d+&years=3&prices=5"))
    expect(page.locator(".lead-sentence")).to_contain_text("«Menos servicio» durante 3 años")
    page.select_option("#years-need", label=page.locator("#years-need option").nth(2).inner_text())
    expect(page.locator("#years-lines .finding")).to_contain_text("en el año 3")
    with page.expect_download() as caught:
        page.click(".page-actions a:has-text('CSV')")
    assert caught.value.suggested_filename == "lomas-por-periodo.csv"


@BOTH
def test_intervals_come_from_a_calculation_beside_the_estimate(reader, live):
    page = reader.open(
        f"/es/lomas/certainty?scenario={live.scenario}&years={2 if reader.page.viewport_size == DESK else 3}"
    )
    expect(page.locator(".tile").first).to_be_visible()
    page.click("#certainty-draws-start")
    expect(page.locator("#certainty-draws-status")).to_contain_text("turno")
    live.work("plan-draws")
    expect(page.locator(".finding-list li").first).to_contain_text("9 de cada 10 sorteos", timeout=15_000)
    page.wait_for_selector("#certainty-tornado .main-svg")
    sound(reader, page)


@BOTH
def test_a_search_has_conditions_in_rows_and_a_plan_of_years(reader, live):
    page = reader.open("/es/lomas/optimise")
    page.click("#optimise-add-target")
    expect(page.locator("#optimise-targets .added-row")).to_have_count(2)
    row = page.locator("#optimise-targets .added-row").nth(1)
    row.locator("select").nth(0).select_option("N01")
    row.locator("select").nth(1).select_option(label="Sector 2")
    row.locator("input[inputmode=decimal]").fill("5")
    row.locator("input[inputmode=decimal]").blur()
    page.select_option("#optimise-years", "2")
    page.click("#optimise-best-start")
    expect(page.locator("#optimise-best-status")).to_contain_text("turno")
    live.work("optimise")
    expect(page.locator("#optimise-best-result .asked")).to_contain_text(re.compile(r"al menos 5\s%"), timeout=15_000)
    expect(page.locator("#optimise-best-result .asked")).to_contain_text("Sector 2")
    expect(page.locator("#optimise-best-result button[type=submit]").first).to_contain_text("plan de 2 años")
    sound(reader, page)


def still_there(reader: Reader, part: str, words: str) -> None:
    """What the server put on the page outlives the calls that a browser makes when it inserts the page."""
    reader.page.wait_for_load_state("networkidle")
    expect(reader.page.locator(part)).to_contain_text(words)


@BOTH
def test_a_finished_search_is_shown_again_however_one_comes_back(reader, live):
    page = reader.open("/es/lomas/optimise")
    page.click("#optimise-best-start")
    expect(page.locator("#optimise-best-status")).to_contain_text("turno")
    live.work("optimise")
    result, words = "#optimise-best-result", "Se pidió"
    expect(page.locator(result)).to_contain_text(words, timeout=15_000)
    page.click(".optimise-answer .hint a")
    expect(page.locator("h1")).to_have_text("Mis cálculos")
    page.locator("main tbody tr").first.locator("a", has_text="respuesta").click()
    expect(page).to_have_url(re.compile(r"/optimise\?job="))
    still_there(reader, result, words)
    page.reload()
    still_there(reader, result, words)
    expect(page.locator(f"{result} button[type=submit]").first).to_be_visible()
    reader.open("/es/lomas/optimise")
    still_there(reader, result, words)
    page.click("#optimise-best-start")  # another one in its place takes the old answer away
    expect(page.locator("#optimise-best-status")).to_contain_text("turno")
    expect(page.locator(result)).to_be_empty()
    live.work("optimise")
    expect(page.locator(result)).to_contain_text(words, timeout=15_000)


@pytest.mark.parametrize(
    ("kind", "panel", "path", "words"),
    [
        ("frontier", "optimise-frontier", "optimise", "brecha"),
        ("plan-draws", "certainty-draws", "certainty?scenario=today&years=4", "9 de cada 10 sorteos"),
        ("compare", "compare-chances", "compare?s{first}=on&s{second}=on", "sorteos"),
    ],
)
def test_every_panel_shows_a_finished_calculation_when_one_comes_back(reader, live, kind, panel, path, words):
    address = f"/es/lomas/{path.format(first=live.scenario, second=live.second)}"
    page = reader.open(address)
    page.click(f"#{panel}-start")
    expect(page.locator(f"#{panel}-status")).to_contain_text("turno")
    live.work(kind)
    expect(page.locator(f"#{panel}-result")).to_contain_text(words, timeout=15_000)
    reader.open("/es/lomas/calculations")
    reader.open(address)
    still_there(reader, f"#{panel}-result", words)
    page.reload()
    still_there(reader, f"#{panel}-result", words)


def test_a_number_outside_its_range_is_refused_and_nothing_is_searched(reader, live):
    page = reader.open("/es/lomas/optimise")
    before = len(live.jobs("optimise"))
    page.fill("#optimise-budget", "-5")
    page.fill("#optimise-change", "-3")
    page.click("#optimise-best-start")
    told = page.locator("[role=alert], .notice-danger").first
    expect(told).to_contain_text("«-5»")
    expect(told).to_contain_text("«-3»")
    assert len(live.jobs("optimise")) == before
    reader.troubles.clear()  # the console reports the refusal itself


@BOTH
def test_a_calculation_is_listed_and_cancelled(reader, live):
    page = reader.open(f"/es/lomas/certainty?scenario=today&years={5 if reader.page.viewport_size == DESK else 6}")
    page.click("#certainty-draws-start")
    expect(page.locator("#certainty-draws-status")).to_contain_text("turno")
    page = reader.open("/es/lomas/calculations")
    page.locator("main form button", has_text="Cancelar").first.click()
    expect(page.locator("main tbody tr").first).to_contain_text("cancelado")
    sound(reader, page)


@BOTH
def test_two_scenarios_are_mapped_on_one_scale(reader, live):
    page = reader.open(f"/es/lomas/compare?s{live.scenario}=on&s{live.second}=on")
    page.select_option("#compare-map-need", "N01")
    expect(page.locator("#compare-maps .unit")).to_contain_text("Personas sin servicio 1")
    expect(page.locator("#compare-maps img")).to_have_count(2)
    sound(reader, page)
