"""Municipalities compared in a browser: a compact list on a phone, and no question that nobody asked."""

from __future__ import annotations

import pytest

from data.workflows.municipalities import import_budgets
from tests.dashboard_seed import make_store
from tests.data.test_municipalities import ROWS, query_page
from tests.e2e.reader import DESK, PHONE, served

pytestmark = pytest.mark.browser
PAGE = "/es/valle/municipalities"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    store = make_store(tmp_path_factory.mktemp("municipalities"))
    years = [row.replace("2024,", f"{year},", 1) for year in (2024, 2025) for row in ROWS]
    import_budgets(store.factory, query_page(tmp_path_factory.mktemp("file"), *years), "test")
    with served(store) as address:
        yield address


def asked_of_the_server(page):
    """Outputs that callbacks ask for from now on."""
    found = []
    page.on("request", lambda one: found.append(one.post_data_json["output"]) if "_dash-update" in one.url else None)
    return found


@pytest.mark.parametrize("reader", [PHONE], indirect=True, ids=["phone"])
def test_on_a_phone_a_place_in_the_list_is_two_lines_and_a_button_opens_the_others(reader):
    page = reader.open(PAGE)
    row = page.locator(".ranking tbody tr").first
    assert row.locator("td:visible").all_text_contents()[:2] == ["Villa El Salvador", "75.0\u00a0%"]
    assert row.bounding_box()["height"] < 75
    button = row.get_by_role("button", name="Más: 1 Villa El Salvador")
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    assert row.get_by_text("S/\u00a0200").is_visible()
    assert reader.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    button.click()
    assert not row.get_by_text("S/\u00a0200").is_visible()


@pytest.mark.parametrize("reader", [DESK], indirect=True, ids=["desk"])
def test_a_small_chart_has_a_dot_a_year_and_the_desk_has_no_buttons(reader):
    page = reader.open(PAGE)
    charts = page.locator("#municipalities-content .small-charts li svg")
    assert charts.first.locator("circle").count() == 2  # 2024 and 2025
    assert page.locator(".row-more:visible").count() == 0
    assert reader.violations() == []


@pytest.mark.parametrize("reader", [DESK], indirect=True, ids=["desk"])
def test_one_municipality_is_asked_about_only_while_it_is_open(reader):
    page = reader.open(PAGE)
    asked = asked_of_the_server(page)
    page.select_option("#municipalities-by", "revision")
    page.wait_for_function("() => document.querySelector('.ranking caption').textContent.includes('apertura')")
    assert not [one for one in asked if "municipalities-one" in one]
    page.locator(".ranking a").first.click()
    page.wait_for_selector("#municipalities-one .data-table")
    before = len([one for one in asked if "municipalities-one" in one])
    with page.expect_request(lambda one: "municipalities-one" in (one.post_data or "")):
        page.select_option("#municipalities-by", "execution")  # its place is told by the new measure
    assert before == 1
    page.get_by_role("link", name="Cerrar esta municipalidad").click()
    page.wait_for_function("() => !document.querySelector('#municipalities-one .data-table')")
