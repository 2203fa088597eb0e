"""The header's menus in a browser: mouse, keyboard, phone and desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.reader import DESK, PHONE, Reader

pytestmark = pytest.mark.browser
WIDTHS = (1081, 1280, 1440)


def open_as_official(reader: Reader, path: str = "/es/valle/needs"):
    reader.log_in("ana")
    return reader.open(path)


def test_a_menu_opens_by_click_closes_by_a_click_beside_it_and_only_one_is_open(reader):
    page = open_as_official(reader)
    budget = page.locator(".menu", has_text="Presupuesto").first
    survey = page.locator(".menu", has_text="Encuesta").first
    budget.locator("summary").click()
    expect(budget.locator("a", has_text=re.compile("^Programas$"))).to_be_visible()
    survey.locator("summary").click()
    expect(budget.locator("a", has_text=re.compile("^Programas$"))).not_to_be_visible()
    expect(survey.locator("ul")).to_be_visible()
    page.click("h1")
    expect(survey.locator("ul")).not_to_be_visible()


def test_a_menu_is_worked_by_keyboard_alone_and_escape_gives_the_focus_back(reader):
    page = open_as_official(reader)
    summary = page.locator(".menu summary", has_text="Presupuesto")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".menu[open] ul")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Presupuesto"
    assert page.evaluate("document.activeElement.tagName") == "A"
    page.keyboard.press("Escape")
    expect(page.locator(".menu[open]")).to_have_count(0)
    expect(summary).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    third = page.evaluate("document.activeElement.href")
    assert third == page.locator(".menu[open] li:nth-child(3) a").evaluate("link => link.href")
    page.keyboard.press("Enter")
    page.wait_for_url(third)


def test_leaving_a_menu_with_the_tabulator_closes_it(reader):
    page = open_as_official(reader)
    page.locator(".menu summary").last.focus()
    page.keyboard.press("Enter")
    page.locator(".menu[open] a").last.focus()
    page.keyboard.press("Tab")
    expect(page.locator(".menu[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement.closest('.personal') !== null")


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_header_stays_on_one_line_at_every_width_of_a_desk(reader, language):
    page = open_as_official(reader, f"/{language}/valle/needs")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        tops = page.evaluate(
            "[...document.querySelectorAll('.bar > *, .main-navigation > *')].filter(e => e.offsetHeight)"
            ".map(e => Math.round(e.getBoundingClientRect().top + e.getBoundingClientRect().height / 2))"
        )
        assert max(tops) - min(tops) <= 2, (width, tops)
        assert page.evaluate("document.querySelector('.site-header').scrollWidth - innerWidth") <= 0, width


@pytest.mark.parametrize("reader", [PHONE], indirect=True, ids=["phone"])
def test_the_menu_of_a_phone_opens_by_keyboard_shows_the_current_group_and_leads_on(reader):
    page = open_as_official(reader)
    link = page.locator(".main-navigation a", has_text="Mapa")
    expect(link).not_to_be_visible()
    page.focus("#menu-button")
    page.keyboard.press("Space")
    expect(link).to_be_visible()
    expect(page.locator("#menu-button")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(link).not_to_be_visible()
    expect(page.locator("#menu-button")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".menu summary", has_text="Presupuesto").click()
    page.locator(".main-navigation a", has_text=re.compile("^Programas$")).click()
    page.wait_for_url(re.compile("/es/valle/programmes"))


@pytest.mark.parametrize("reader", [PHONE], indirect=True, ids=["phone"])
def test_a_stranger_on_a_phone_finds_the_pages_too(reader):
    page = reader.open("/es/valle/")
    page.click("#menu-button")
    page.locator(".main-navigation a", has_text="Necesidades").click()
    page.wait_for_url(re.compile("/es/valle/needs"))


@pytest.mark.parametrize("reader", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
def test_open_menus_are_accessible_and_fit_the_window(reader):
    page = open_as_official(reader)
    if page.locator("#menu-button").is_visible():
        page.click("#menu-button")
    for number in range(page.locator(".menu").count()):
        menu = page.locator(".menu").nth(number)
        if menu.get_attribute("open") != "":
            menu.locator("summary").click()
        assert reader.violations() == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
