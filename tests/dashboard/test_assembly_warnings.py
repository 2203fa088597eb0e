"""What a page says of a counted vote that people should not overlook, and of figures that are left out."""

from __future__ import annotations

from dashboard.views.assembly_result_parts import size_note
from tests.dashboard.test_assembly_pages import ballots, own_store, post, shown, upload

__all__ = ["own_store"]
PEOPLE = {"year": "2027", "rule": "greedy", "ties": "lexicographic"}


def test_more_ballots_than_registered_people_are_told_to_everybody(visit_own):
    ana = visit_own("ana")
    post(ana, "process", "save", {**PEOPLE, "participants": "female, unknown, -, 20\nmale, unknown, -, 14"})
    upload(ana, ballots(women=20, men=15))
    text = shown(visit_own(None), "results")
    assert "Hay más papeletas (35) que personas registradas (34)" in text
    upload(ana, ballots(women=20, men=14), reason="Se contó de más")
    assert "Hay más papeletas" not in shown(visit_own(None), "results")


def test_where_no_figure_of_a_group_is_told_the_page_says_how_many_ballots_it_takes(visit_own):
    ana = visit_own("ana")
    upload(ana, ballots(women=12, men=12))  # all women A, all men B: whatever is told would tell every ballot
    assert "cada grupo necesita al menos 20 papeletas" in shown(visit_own(None), "results")


def test_nothing_is_said_of_sizes_where_a_figure_is_told():
    groups = {"F": {"ranges": {"exclusion": (0.1, 0.4), "satisfaction": None}}, "M": {"ranges": {}}}
    assert size_note(None, groups, None) == []
