"""What the addresses of files may ask for: known names, values that there are, everything else refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.pages import PAGES


def test_every_file_of_every_page_says_what_its_address_may_carry():
    missing = {
        f"{page.NAME}/{name}"
        for page in PAGES
        for name in getattr(page, "RESOURCES", {})
        if name not in getattr(page, "QUERIES", {})
    }
    assert missing == set()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("needs/needs.csv?area=nowhere", 404, "This site has no area “nowhere”"),
        ("needs/needs.csv?sector=S1", 400, "does not take “sector” in its address. It takes: area, dimension, round."),
        ("needs/needs.csv?dimension=nothing", 400, "“nothing” is no choice of “dimension” here. There is: water,"),
        ("needs/needs.xlsx?area=S1&area=S2", 400, "“area” stands more than once in the address"),
        ("budget/budget.csv?year=1999", 400, "“1999” is no choice of “year” here. There is: 2025, 2026."),
        ("budget/budget.csv?year=abc", 400, "“abc” is no choice of “year” here"),
        ("budget/budget.csv?by=colour", 400, "“colour” is no choice of “by” here. There is: function, activity."),
        ("map/map.csv?indicator=NOTHING", 404, "This site has no indicator “NOTHING” to show"),
        ("map/map.geojson?colour=red", 400, "does not take “colour”"),
        ("map/areas.json?level=x", 400, "“x” is no choice of “level” here"),
        ("profile/map.svg?area=nowhere", 404, "This site has no area “nowhere”"),
        ("instrument/form.xlsx?form=nothing", 404, "This site has no form “nothing”"),
        ("data-bank/extract.zip?round=1999", 404, "This site has no survey round “1999” to show"),
        ("validation/report.xlsx?round=1999", 404, "This site has no survey round “1999” to show"),
    ],
)
def test_a_file_that_is_not_there_is_refused_with_the_reason(visit, path, status, words):
    answer: Any = visit("ana").get(f"/en/valle/{path}")
    assert words in answer.text
    assert answer.status_code == status


@pytest.mark.parametrize(
    "path",
    ["needs/needs.csv?area=S1&dimension=water", "budget/budget.xlsx?year=2025&by=activity", "map/areas.json?level=1"],
)
def test_a_file_with_choices_that_there_are_is_given(visit, path):
    assert visit("ana").get(f"/en/valle/{path}").status_code == 200


def test_names_from_an_address_are_shown_as_text(visit):
    answer = visit("ana").get("/en/valle/needs/needs.csv?%3Cscript%3E=1")
    assert "<script>=" not in answer.text
    assert "&lt;script&gt;" in answer.text
