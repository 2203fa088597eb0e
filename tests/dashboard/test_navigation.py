"""The header's navigation: groups in order, only what the person may see, no empty group."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.groups import Group
from dashboard.navigation import FLAT_UP_TO, navigation
from dashboard.pages import PAGES, SITE_LIST


def made_page(name: str, group: Group | None) -> Any:
    return SimpleNamespace(NAME=name, TITLE=name, GROUP=group)


def names(groups: Any) -> list[tuple[str, list[str]]]:
    return [(group.title, [link.title for link in group.links]) for group in groups]


def test_every_page_says_which_group_of_the_navigation_is_its_own():
    assert {type(page.GROUP) for page in PAGES} <= {Group, type(None)}
    assert SITE_LIST.GROUP is None


def test_groups_come_in_their_order_pages_in_theirs_and_empty_groups_vanish(see):
    pages = [
        made_page("lines", Group.BUDGET),
        made_page("survey-1", Group.SURVEY),
        made_page("", Group.LACKING),
        made_page("needs", Group.LACKING),
        made_page("survey-2", Group.SURVEY),
        made_page("tags", Group.BUDGET),
    ]
    assert names(navigation(pages, see("ana", "en"))) == [
        ("What is lacking", ["", "needs"]),
        ("Survey", ["survey-1", "survey-2"]),
        ("Budget", ["lines", "tags"]),
    ]


def test_few_pages_stand_side_by_side_and_one_more_makes_menus(see):
    few = [made_page(str(number), Group.LACKING) for number in range(FLAT_UP_TO)]
    assert names(navigation(few, see("ana", "en"))) == [("", ["0", "1", "2", "3", "4"])]
    more = [*few, made_page("lines", Group.BUDGET)]
    assert [group.title for group in navigation(more, see("ana", "en"))] == ["What is lacking", "Budget"]


def test_a_page_of_no_group_is_not_in_the_navigation(see):
    pages = [made_page("needs", Group.LACKING), made_page("one-proposal", None)]
    assert names(navigation(pages, see("ana", "en"))) == [("", ["needs"])]
    assert navigation([made_page("one-proposal", None)], see("ana", "en")) == ()


def test_the_group_of_the_current_page_is_marked_and_no_other(visit):
    html = visit("ana").get("/es/valle/programmes").text
    header = html[html.index("<header") : html.index("</header>")]
    assert re.findall(r'<summary aria-current="true">([^<]+)</summary>', header) == ["Presupuesto"]
    assert header.count('aria-current="page"') == 1
    assert 'href="/es/valle/programmes" aria-current="page">Programas' in header


@pytest.mark.parametrize(("login", "has_budget"), [(None, False), ("ana", True)])
def test_strangers_get_menus_of_what_they_may_see_and_officials_of_more(visit, login, has_budget):
    html = visit(login).get("/es/valle/needs").text
    menus = re.findall(r"<summary[^>]*>([^<]+)</summary>", html)
    assert ("Encuesta" in menus) is has_budget
    assert {"Qué falta", "Asamblea"} <= set(menus)
    assert ("/es/valle/budget" in html) is has_budget
    assert 'href="/es/valle/needs" aria-current="page"' in html
