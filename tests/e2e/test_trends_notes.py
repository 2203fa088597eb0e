"""Notes of a trend in a browser: pinned with the keyboard, marked in the chart, accessible, and all of it on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.reader import DESK, PHONE

pytestmark = pytest.mark.browser

MARKS = "#trends-chart .annotation text"


def pin(page, text):
    """With the keyboard alone: from the heading that opens the form to its button."""
    page.locator("#trends-note-pin summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("2025")
    page.keyboard.press("Tab")
    page.keyboard.type("may")
    page.keyboard.press("Tab")
    page.keyboard.type("14")
    page.keyboard.press("Tab")
    page.keyboard.type(text)
    for _ in range(3):  # stage, source, button
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("note_done=pinned"))


@pytest.mark.parametrize("reader", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
def test_a_note_is_pinned_by_keyboard_and_stands_in_chart_list_and_table(reader, request):
    words = f"La ordenanza 412 juntó dos programas ({request.node.callspec.id})"
    reader.log_in("ana")
    pin(reader.open("/es/valle/trends"), words)
    page = reader.open("/es/valle/trends")
    item = page.locator(".pinned-notes li").filter(has_text=words)
    expect(item).to_contain_text("14 de mayo de 2025")
    expect(item).to_contain_text("Ana Quispe")
    number = item.locator(".note-number").inner_text()
    marks = page.locator(MARKS).all_text_contents()
    assert any(number in mark for mark in marks), marks
    assert reader.violations() == []
    item.get_by_role("link", name="Cambiar o retirar").click()
    page.wait_for_url(re.compile("note="))
    page.wait_for_selector("#trends-notes-form")
    page.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert reader.violations() == []


def test_paper_shows_what_the_screen_folds_and_the_screen_is_as_before(reader):
    reader.log_in("ana")
    page = reader.open("/es/valle/statement")
    states = "[...document.querySelectorAll('details.printed')].map(part => part.open)"
    before = page.evaluate(states)
    assert len(before) >= 4
    assert not any(before)
    page.evaluate(f"window.addEventListener('beforeprint', () => {{ window.onPaper = {states}; }})")
    page.pdf()
    assert all(page.evaluate("window.onPaper"))
    assert page.evaluate(states) == before


def test_paper_cuts_no_column_of_a_wide_table(reader):
    reader.log_in("ana")
    for path in ("valle/trends", "valle/statement"):
        page = reader.open(f"/es/{path}")
        page.emulate_media(media="print")
        page.evaluate("document.querySelectorAll('details.printed').forEach(part => part.open = true)")
        page.evaluate("document.querySelector('main').style.width = '718px'")  # a sheet of A4 between its margins
        wide = page.evaluate(
            """() => [...document.querySelectorAll('.table-scroll')].filter(one => one.offsetParent)
            .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.getAttribute('aria-label'))"""
        )
        assert wide == [], path
        assert page.locator(".table-scroll").first.evaluate("one => getComputedStyle(one).overflowX") == "visible"
