"""The map and the profile in a browser: keys, zoom, colours, files, one printed page, accessibility, the phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard_seed import make_store
from tests.e2e.reader import DESK, PHONE, Reader, served
from tests.map_site import SQUARES, add_map, add_needs, square

pytestmark = pytest.mark.browser
PAPER = {"format": "A4", "print_background": True, "prefer_css_page_size": True}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = make_store(tmp_path_factory.mktemp("maps"))
    add_map(store)
    add_needs(store, 12)
    with served(store) as address:
        yield address


def open_map(reader: Reader, query: str = "indicator=WATER", language: str = "es") -> Page:
    page = reader.open(f"/{language}/valle/map?{query}")
    page.wait_for_selector("#map-table[data-turn] tbody tr")
    return page


@pytest.mark.parametrize("reader", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
@pytest.mark.parametrize("login", [None, "ana"])
def test_map_and_profile_are_accessible_and_fit_their_window(reader, login):
    if login:
        reader.log_in(login)
    for language in ("es", "en"):
        open_map(reader, "indicator=RARE", language)
        assert reader.violations() == []
        page = reader.open(f"/{language}/valle/profile?area=S1")
        assert reader.violations() == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_areas_are_reached_by_keys_in_reading_order_with_name_and_value(reader):
    reader.log_in("ana")
    page = open_map(reader)
    first = page.locator("#map-maps .map-area[tabindex='0']").first
    first.focus()
    name = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(name) == "Sector S1: 30.0\u00a0%"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(name) == "Sector S2: 50.0\u00a0%"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(name) == "Sector S1: 30.0\u00a0%"
    page.keyboard.press("End")
    expect(page.locator("#map-reading")).to_contain_text("Sector S2: Mujeres 50.0\u00a0%; Hombres 20.0\u00a0%")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/profile\?area=S2"))


def test_zoom_by_keys_and_by_buttons_moves_both_panels(reader):
    page = open_map(reader)
    boxes = "[...document.querySelectorAll('.map-svg')].map(svg => svg.getAttribute('viewBox'))"
    whole = page.evaluate(boxes)
    page.click("#map-zoom-in")
    near = page.evaluate(boxes)
    assert near[0] == near[1] != whole[0]
    page.locator("#map-maps .map-area[tabindex='0']").first.focus()
    page.keyboard.press("0")
    assert page.evaluate(boxes) == whole
    page.keyboard.press("+")
    assert page.evaluate(boxes) == near
    page.click("#map-zoom-all")
    assert page.evaluate(boxes) == whole


def test_choices_recolour_the_map_and_stand_in_the_address(reader):
    reader.log_in("ana")
    page = open_map(reader)
    fills = "[...document.querySelectorAll('.map-area')].map(area => area.getAttribute('fill'))"
    before = page.evaluate(fills)
    page.select_option("#map-show", "gap")
    expect(page.locator("#map-legend")).to_contain_text("●")
    expect(page.locator("#map-table")).to_contain_text("+30.0\u00a0pp")
    assert page.evaluate(fills) != before
    expect(page).to_have_url(re.compile(r"show=gap"))
    expect(page.locator("#map-download-csv")).to_have_attribute("href", re.compile(r"show=gap"))
    page.select_option("#map-over", "change")
    expect(page.locator("#map-unit")).to_contain_text("2024-1")


def test_own_bounds_that_do_not_rise_are_told_and_the_map_stays(reader):
    page = open_map(reader)
    page.select_option("#map-method", "own")
    page.fill("#map-own", "50; 20")
    page.keyboard.press("Enter")
    expect(page.locator("#map-problem")).to_contain_text("deben ir en aumento")
    expect(page.locator("#map-table tbody tr")).to_have_count(2)
    page.fill("#map-own", "35")
    page.keyboard.press("Enter")
    expect(page.locator("#map-problem")).to_be_hidden()
    expect(page.locator("#map-legend li")).to_have_count(2)


def test_what_is_protected_is_marked_and_explained(reader):
    page = open_map(reader, "indicator=RARE&show=women")
    assert page.locator(".map-area").first.get_attribute("fill") == "url(#map-panel-0-protected)"
    expect(page.locator("#map-marks")).to_contain_text("Protegido: menos de unas 20 personas")
    assert "protegid" in (page.locator(".map-area").first.get_attribute("aria-label") or "")


def test_the_picture_is_saved_as_png_in_the_browser(reader, tmp_path):
    page = open_map(reader)
    with page.expect_download() as waiting:
        page.click("#map-download-png")
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_size > 10_000


def test_an_official_uploads_shapes_and_sees_the_check_first(reader, tmp_path):
    reader.log_in("ana")
    page = open_map(reader)
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": square(*corner)}
        for code, corner in SQUARES.items()
    ]
    file = tmp_path / "sectores.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features[:1]}))
    expect(page.locator("#map-store")).to_be_hidden()
    page.set_input_files("#map-file input[type=file]", file)
    expect(page.locator("#map-checked")).to_contain_text("1 formas con 5 puntos")
    page.click("#map-store")
    expect(page.locator("#map-stored")).to_contain_text("1 formas guardadas")
    twice = tmp_path / "dos_veces.geojson"
    twice.write_text(json.dumps({"type": "FeatureCollection", "features": [features[0], features[0]]}))
    page.set_input_files("#map-file input[type=file]", twice)
    expect(page.locator("#map-checked")).to_contain_text("ya es la del elemento 1")
    expect(page.locator("#map-store")).to_be_hidden()


@pytest.mark.parametrize("area", ["", "S1"])
@pytest.mark.parametrize("login", [None, "ana"])
def test_a_profile_is_one_printed_page(reader, area, login):
    if login:
        reader.log_in(login)
    page = reader.open(f"/es/valle/profile?area={area}")
    page.wait_for_function("() => [...document.images].every(image => image.complete && image.naturalWidth)")
    assert pages_of(page.pdf(**PAPER)) == 1


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page[^s]", pdf))


def test_the_profile_follows_the_choice_of_the_area(reader):
    page = reader.open("/es/valle/profile")
    page.select_option("#profile-area", "S2")
    expect(page.locator("h1")).to_have_text("Sector S2")
    expect(page).to_have_url(re.compile("area=S2"))
    assert Path(page.locator(".profile-map").get_attribute("src") or "").name.endswith("area=S2")
