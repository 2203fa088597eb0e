"""What a phone shows whole: texts of charts, every column of a table, nothing below the footer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.reader import DESK, PHONE

pytestmark = pytest.mark.browser

CUT = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => {
    const room = chart.getBoundingClientRect();
    return [...chart.querySelectorAll('.bartext, .annotation text, .ytick text, .xtick text')]
        .filter(text => text.textContent.trim())
        .map(text => [text.textContent, text.getBoundingClientRect()])
        .filter(([, box]) => box.right > room.right + 1 || box.left < room.left - 1)
        .map(([words]) => words);
})"""
TOUCHING = """() => [...document.querySelectorAll('.xaxislayer-above')].flatMap(layer => {
    const boxes = [...layer.querySelectorAll('.xtick text')].map(text => text.getBoundingClientRect());
    return boxes.slice(1).filter((box, i) => box.left < boxes[i].right + 3).length ? ['touching'] : [];
})"""
HIDDEN_CELLS = """() => [...document.querySelectorAll('main .data-table td, main .data-table tbody th')]
    .filter(cell => cell.offsetParent && cell.textContent.trim())
    .filter(cell => cell.getBoundingClientRect().right > innerWidth || cell.getBoundingClientRect().left < 0)
    .map(cell => cell.textContent)"""
BELOW_FOOTER = """() => document.documentElement.scrollHeight
    - Math.max(innerHeight, document.querySelector('.site-footer').getBoundingClientRect().bottom + scrollY)"""
READ = [
    "valle/",
    "valle/needs",
    "valle/budget",
    "valle/budget-imports",
    "valle/statement",
    "valle/trends",
    "valle/digest",
    "valle/municipalities",
    "valle/profile",
    "valle/links",
    "valle/scorecards",
    "valle/programmes",
    "valle/focus-groups",
]


@pytest.mark.parametrize("reader", [PHONE], indirect=True, ids=["phone"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_phone_shows_every_text_of_a_chart_and_every_cell_of_a_table(reader, language):
    reader.log_in("ana")
    for path in READ:
        page = reader.open(f"/{language}/{path}")
        assert page.evaluate(CUT) == [], path
        assert page.evaluate(TOUCHING) == [], path
        assert page.evaluate(HIDDEN_CELLS) == [], path


@pytest.mark.parametrize("reader", [PHONE], indirect=True, ids=["phone"])
def test_a_table_that_does_not_fit_becomes_blocks_that_are_still_a_table(reader):
    page = reader.open("/es/valle/")
    page.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")
    table = page.locator("main table.is-stacked").first
    expect(table).to_be_visible()
    first = table.locator("tbody td").first
    assert first.get_attribute("data-column") == table.locator("thead th").nth(1).text_content()
    assert table.locator("[role=columnheader]").count() == table.locator("thead th").count()
    assert reader.violations() == []
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("main table.is-stacked")).to_have_count(0)


@pytest.mark.parametrize("reader", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
def test_nothing_makes_a_page_longer_than_its_footer(reader):
    reader.log_in("ana")
    for path in READ:
        assert reader.open(f"/es/{path}").evaluate(BELOW_FOOTER) <= 1, path
