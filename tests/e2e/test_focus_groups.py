"""Focus groups in a browser: a session is entered, names are asked about, the page is accessible on desk and phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.dashboard_seed import make_store
from tests.e2e.reader import DESK, PHONE, served
from tests.focus_seed import add_focus_groups

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = make_store(tmp_path_factory.mktemp("focus"))
    add_focus_groups(store)
    with served(store) as address:
        yield address


@pytest.mark.parametrize("reader", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
def test_the_page_and_its_form_are_accessible_and_fit_their_window(reader):
    reader.log_in("ana")
    for path in ("es/valle/focus-groups", "en/valle/focus-groups?edit=FG-3"):
        page = reader.open(f"/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.locator("h1").count() == 1
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, path
        assert reader.violations() == [], path


def test_a_session_with_a_name_is_stored_only_after_somebody_answers_for_it(reader):
    reader.log_in("sol")
    page = reader.open("/es/valle/focus-groups")
    expect(page.get_by_label("Personas sin agua segura, Hombres")).to_be_hidden()
    page.fill("#focus-held-on", "2026-04-20")
    page.fill("#focus-place", "Plaza")
    page.fill("#focus-facilitator", "Red de mujeres")
    page.get_by_label("Mujeres, 18 a 29").fill("9")
    page.get_by_label("Personas sin agua segura, Mujeres").fill("7")
    page.fill("#focus-findings", "Según María Quispe falta agua.")
    page.click("#focus-save")
    expect(page.locator("#focus-hint-list")).to_contain_text("“María Quispe” parece el nombre de una persona.")
    assert reader.violations() == []
    expect(page.locator("#focus-content")).not_to_contain_text("FG-004")
    page.check("#focus-confirm")
    page.click("#focus-save")
    expect(page.locator("#focus-message")).to_contain_text("Guardada: FG-004, versión 1.")
    expect(page.locator("#focus-content")).to_contain_text("FG-004")
    expect(page.locator("#focus-hint-box")).to_be_hidden()
    expect(page.locator("#focus-place")).to_have_value("")


def test_the_fields_follow_who_took_part(reader):
    reader.log_in("sol")
    page = reader.open("/es/valle/focus-groups")
    page.select_option("#focus-composition", "men")
    expect(page.get_by_label("Hombres, 18 a 29")).to_be_visible()
    expect(page.get_by_label("Mujeres, 18 a 29")).to_be_hidden()
    page.select_option("#focus-composition", "mixed")
    expect(page.get_by_label("Mujeres, 18 a 29")).to_be_visible()
    page.click("#focus-save")
    expect(page.locator("#focus-message")).to_contain_text("no es un día")
