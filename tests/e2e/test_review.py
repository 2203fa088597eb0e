"""Review desk in a browser: keyboard through the grid, a tag by two people, bulk, what a phone shows, accessibility."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.sites import load_site
from tests.dashboard_seed import add_user, make_store
from tests.e2e.reader import DESK, PHONE, Reader, listen, served
from tests.store_builders import budget_row

pytestmark = pytest.mark.browser

LINES = 350  # more than three pages of the grid
SHOTS = os.environ.get("SCREENSHOTS")  # a folder: pictures of what was tested are kept there


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = make_store(tmp_path_factory.mktemp("review"))
    with transaction(store.factory) as session:
        site = load_site(session, "valle")
        add_user(session, "dora", "Dora Luna", "official", site.id)
        rows = [
            budget_row(
                f"m-{number:03}",
                2027,
                labels={"function": ("SALUD", "AGUA")[number % 2], "activity": f"Actividad {number:03}"},
                pim=Decimal(number),
            )
            for number in range(1, LINES + 1)
        ]
        large = {"pim": Decimal("12345678901.25"), "paid": Decimal("647212138.55")}
        rows.append(budget_row("m-large", 2026, labels={"function": "SALUD", "activity": "Hospital"}, **large))
        save_lines(session, site.id, "test", rows)
    with served(store) as address:
        yield address


def open_desk(reader, query="", language="es"):
    page = reader.open(f"/{language}/valle/review{query}")
    # Rows that still wait for the server have no key in their name.
    page.wait_for_selector(".ag-row[row-id*='|'] .ag-cell", state="attached")
    return page


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_keys_move_through_the_grid_and_the_panel_follows(reader):
    reader.log_in("ana")
    page = open_desk(reader)
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#review-panel h2")).to_have_text("Actividad 001")
    page.keyboard.press("j")
    expect(page.locator("#review-panel h2")).to_have_text("Actividad 002")
    expect(page).to_have_url(re.compile("line=m-002"))
    page.keyboard.press("/")
    page.keyboard.type("Actividad 350")
    page.keyboard.press("Enter")
    expect(page.locator("#review-summary")).to_contain_text("1 líneas mostradas")
    expect(page.locator(".ag-row[row-index='0']").first).to_contain_text("Actividad 350")


def check_amounts_in_sight(page):
    """All columns up to the paid amounts end inside of the grid."""
    edge = page.evaluate("document.getElementById('review-grid').getBoundingClientRect().right")
    for column in ("name", "state", "marker", "women", "pim", "certified", "accrued"):
        box = page.locator(f".ag-header-cell[col-id='{column}']").bounding_box()
        assert box["x"] + box["width"] <= edge


def test_no_digit_of_a_large_amount_is_cut(reader):
    reader.log_in("ana")
    page = open_desk(reader, "?year=2026&text=Hospital")
    for key in (None, "p"):  # without and beside the panel
        if key:
            page.keyboard.press(key)
        for column, amount in (("pim", "12,345,678,901.25"), ("accrued", "647,212,138.55")):
            cell = page.locator(f".ag-row[row-index='0'] [col-id='{column}']")
            expect(cell).to_contain_text(amount)
            assert cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth")


def test_every_amount_is_in_sight_without_a_chosen_line_and_beside_the_panel_that_a_key_shows(reader):
    reader.log_in("ana")
    page = open_desk(reader)
    panel, switch = page.locator("#review-panel"), page.locator("#review-panel-switch")
    expect(panel).to_be_hidden()
    check_amounts_in_sight(page)
    assert reader.violations() == []
    shoot(page, "review-alone")
    page.locator("h1").click()
    page.keyboard.press("p")
    expect(panel).to_be_visible()
    expect(switch).to_have_attribute("aria-expanded", "true")
    check_amounts_in_sight(page)
    page.keyboard.press("p")
    expect(panel).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".ag-cell-focus[col-id='name']")).to_contain_text("m-002")
    expect(panel).to_be_hidden()  # it was hidden by hand
    page.keyboard.press("p")
    expect(page.locator("#review-panel h2")).to_have_text("Actividad 002")


def test_tab_leaves_the_grid_and_arrows_move_in_it(reader):
    reader.log_in("ana")
    page = open_desk(reader)
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    is_in_grid = "document.activeElement.closest('#review-grid') !== null"
    assert page.evaluate(is_in_grid)
    for _ in range(4):
        page.keyboard.press("Tab")
        if not page.evaluate(is_in_grid):
            break
    assert not page.evaluate(is_in_grid)
    assert page.evaluate("document.getElementById('review-grid').compareDocumentPosition(document.activeElement)") & 4


def test_rows_far_down_come_from_the_server_as_they_are_scrolled_to(reader):
    reader.log_in("ana")
    page = open_desk(reader)
    expect(page.locator("[row-id='2027|m-300']")).to_have_count(0)
    page.evaluate("dash_ag_grid.getApi('review-grid').ensureIndexVisible(299)")
    expect(page.locator("[row-id='2027|m-300']").first).to_contain_text("Actividad 300")


def test_a_header_sorts_all_lines_and_not_those_that_are_loaded(reader):
    reader.log_in("ana")
    page = open_desk(reader)
    header = page.locator(".ag-header-cell[col-id='pim']")
    header.click()
    header.click()
    expect(page.locator(".ag-row[row-index='0']").first).to_contain_text(f"Actividad {LINES}")


def propose(page, words="Plan local"):
    page.select_option('select[id*=\'"path":"marker"\']', "0")
    page.fill('textarea[id*=\'"path":"rationale"\']', words)
    page.click("#review-propose")


def test_one_proposes_another_reviews_and_approves_and_the_third_to_come_is_told(reader, browser, address):
    reader.log_in("ana")
    page = open_desk(reader, "?line=m-010&text=m-010")
    propose(page)
    expect(page.locator("#review-message")).to_contain_text("Propuesta")
    expect(page.locator("#review-review")).to_be_hidden()  # her own
    expect(page.locator(".ag-row[row-index='0']").first).to_contain_text("Propuesta")
    context = browser.new_context(viewport=DESK, locale="es-PE")
    other = Reader(context.new_page(), context, address)
    listen(other)
    other.log_in("dora")
    second = open_desk(other, "?show=to-review&text=m-010&line=m-010")
    page.click("#review-form summary")
    page.fill('textarea[id*=\'"path":"rationale"\']', "Otra razón")
    second.locator("h1").click()
    second.keyboard.press("r")
    expect(second.locator("#review-message")).to_contain_text("Revisada")
    second.keyboard.press("a")
    expect(second.locator("#review-panel")).to_contain_text("Esta versión cuenta")
    page.click("#review-propose")
    expect(page.locator("#review-message")).to_contain_text("dora guardó la versión 3")
    shoot(page, "conflict")
    assert page.input_value('textarea[id*=\'"path":"rationale"\']') == "Otra razón"
    page.click("text=Proponer lo mío sobre la versión 3")
    expect(page.locator("#review-panel .review-state")).to_contain_text("una versión aprobada cuenta")
    assert other.troubles == []
    context.close()


def test_many_lines_are_previewed_and_then_proposed(reader):
    reader.log_in("ana")
    page = open_desk(reader, "?text=m-20")
    page.click("#review-bulk > summary")
    page.select_option("#review-bulk-which", "all")
    page.select_option("select[id*='\"path\":\"sharp\"'][id*='bulk']", "S3")
    page.fill("#review-bulk-rationale", "Gasto general")
    page.click("#review-bulk-preview")
    expect(page.locator("#review-bulk-shown")).to_contain_text("10 líneas cambiarían")
    assert reader.violations() == []
    shoot(page, "bulk")
    page.click("#review-bulk-apply")
    expect(page.locator("#review-message")).to_contain_text("10 líneas cambiadas")
    expect(page.locator("#review-summary")).to_contain_text("propuesta 1")


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_desk_is_accessible_with_a_line_open_and_the_checklist_unfolded(reader, language):
    reader.log_in("ana")
    page = open_desk(reader, "?line=m-001&by=function", language)
    assert reader.violations() == []
    shoot(page, f"review-desk-{language}")
    page.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")
    assert reader.violations() == []
    shoot(page, f"review-desk-open-{language}")


def test_points_of_the_checklist_are_added_up_as_they_are_chosen(reader):
    reader.log_in("ana")
    page = open_desk(reader, "?line=m-001")
    page.evaluate("document.querySelectorAll('#review-form details').forEach(part => part.open = true)")
    for item in page.locator(".hgdg select").all():
        item.select_option(index=item.locator("option").count() - 1)
    expect(page.locator("#review-score")).to_contain_text("20.00 de 20 puntos")


@pytest.mark.parametrize("reader", [PHONE], indirect=True, ids=["phone"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_phone_gets_a_list_of_links_that_open_a_line(reader, language):
    reader.log_in("ana")
    page = reader.open(f"/{language}/valle/review")
    expect(page.locator("#review-grid")).to_be_hidden()
    assert reader.violations() == []
    shoot(page, f"review-phone-{language}")
    page.click("#review-list li:nth-child(2) a")
    expect(page.locator("#review-panel h2")).to_have_text("Actividad 002")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert reader.violations() == []
    shoot(page, f"review-phone-line-{language}")
