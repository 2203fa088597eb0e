"""The reading pages in a browser: both languages, desk and phone, no error, nothing foreign, accessible, light."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.dashboard_seed import PASSWORD

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
HEAVIEST_COLD_PAGE = 1_300_000  # bytes over the wire
PAGES = [
    "",
    "valle/",
    "valle/needs",
    "valle/budget",
    "valle/budget-imports",
    "valle/review",
    "valle/statement",
    "valle/trends",
    "valle/digest",
    "valle/municipalities",
    "valle/suggestions",
    "valle/links",
    "valle/scorecards",
    "valle/modification",
    "valle/programmes",
    "valle/process",
    "valle/proposals?new=1",
    "valle/my-list",
    "valle/ballot-box",
    "valle/results",
    "valle/follow-up",
    "pampa/",
    "pampa/needs",
]


@pytest.mark.parametrize("reader", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_is_accessible_has_one_heading_and_fits_its_window(reader, language):
    reader.log_in("ana")
    for path in PAGES:
        page = reader.open(f"/{language}/{path}")
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.lang") == language
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, path
        assert reader.violations() == [], path


def test_log_in_and_the_page_that_is_not_there_are_accessible(reader):
    for path in ("/es/login", "/en/login"):
        reader.page.goto(reader.address + path)
        assert reader.violations() == []
    reader.page.goto(f"{reader.address}/es/atlantis/")
    assert "No hay nada" in reader.page.inner_text("main")
    assert reader.violations() == []
    assert [trouble for trouble in reader.troubles if "404" not in trouble] == []
    reader.troubles.clear()  # the console reports the 404 itself


def test_open_tables_and_programmes_are_accessible_too(reader):
    reader.log_in("ana")
    for path in ("valle/needs", "valle/budget", "valle/programmes"):
        page = reader.open(f"/es/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.locator("table caption").count() >= 1
        assert reader.violations() == [], path


def test_a_filter_changes_the_page_and_the_address_and_survives_the_language(reader):
    page = reader.open("/es/valle/needs")
    page.select_option("#needs-dimension", "water")
    expect(page.locator(".finding")).to_contain_text("Personas sin agua segura")
    expect(page).to_have_url(re.compile(r"dimension=water"))
    expect(page.locator("#needs-downloads a[href*='.csv']").first).to_have_attribute(
        "href", re.compile(r"dimension=water")
    )
    page.click("a.language")
    page.wait_for_selector("#needs-dimension")
    assert page.input_value("#needs-dimension") == "water"
    assert "/en/valle/needs" in page.url


def test_an_official_sees_a_sector_and_the_public_has_no_choice_of_area(reader):
    page = reader.open("/es/valle/needs")
    expect(page.locator("#needs-area")).not_to_be_visible()
    reader.log_in("ana")
    page = reader.open("/es/valle/needs")
    page.select_option("#needs-area", "S1")
    expect(page).to_have_url(re.compile(r"area=S1"))
    expect(page.locator("#needs-content")).not_to_contain_text("Violencia de pareja")


def test_the_budget_page_follows_year_and_grouping(reader):
    reader.log_in("ana")
    page = reader.open("/es/valle/budget")
    page.select_option("#budget-year", "2025")
    expect(page.locator("#budget-parts")).to_contain_text("Función, 2025")
    page.select_option("#budget-by", "activity")
    expect(page.locator("#budget-parts")).to_contain_text("Actividad, 2025")


def test_a_session_that_has_ended_leads_to_log_in_and_back(reader):
    reader.log_in("ana")
    page = reader.open("/es/valle/budget")
    reader.context.clear_cookies()
    page.select_option("#budget-year", "2025")
    page.wait_for_url(re.compile(r"/es/login\?next="))
    assert all("401" in trouble or "Callback error" in trouble for trouble in reader.troubles)
    reader.troubles.clear()
    page.fill("#login", "ana")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile(r"/es/valle/budget"))


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(reader):
    page = reader.open("/es/valle/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("path", ["/es/valle/", "/es/valle/needs"])
def test_a_cold_page_is_light(reader, path):
    session = reader.context.new_cdp_session(reader.page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    reader.open(path)
    assert 100_000 < sum(sizes) < HEAVIEST_COLD_PAGE


def test_markup_in_a_table_stays_a_text(reader):
    """Tables are written from JSON as texts: markup in a name stays a text."""
    page = reader.open("/es/valle/")
    page.evaluate(
        """() => { const place = document.createElement('div');
        const rows = [['<img src=x onerror=alert(1)>']];
        place.dataset.table = JSON.stringify({caption: 'c', columns: [['a', false]], rows});
        document.querySelector('main').append(place); }"""
    )
    expect(page.locator("main th[scope=row]").last).to_have_text("<img src=x onerror=alert(1)>")
