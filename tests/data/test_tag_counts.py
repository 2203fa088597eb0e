"""Counts of lines by the state of their tags follow every change of lines and of tags, also the ones taken back."""

from __future__ import annotations

from collections import Counter

import pytest

from data.store.engine import transaction
from data.store.lines import list_lines, load_line, remove_lines, save_lines
from data.store.tag_counts import count_quickly, count_states
from data.store.tag_queue import QueueQuery, list_rows
from data.workflows.tags import approve_tag, propose_tag, review_tag
from tests.store_builders import budget_row
from tests.tag_builders import ANA, BETO, SITE, make_tag_site

YEAR = 2026


@pytest.fixture
def site_id(factory):
    return make_tag_site(factory)


@pytest.fixture
def counted(factory, site_id):
    """The counts, held against the rows themselves."""

    def counts():
        with factory() as session:
            found = count_states(session, site_id, YEAR)
            rows = Counter(row.state for row in list_rows(session, site_id, QueueQuery(YEAR)))
            assert {state: number for state, number in found.items() if number} == dict(rows)
            assert count_quickly(session, site_id, QueueQuery(YEAR)) == sum(rows.values())
            assert count_quickly(session, site_id, QueueQuery(YEAR, states=["proposed"])) == rows["proposed"]
            return found

    return counts


def propose(factory, code):
    propose_tag(factory, SITE, YEAR, code, {"marker": "0"}, "Plan", ANA)


def remove(factory, site_id, code):
    with transaction(factory) as session:
        remove_lines(session, site_id, [load_line(session, site_id, YEAR, code)])


def test_counts_follow_the_steps_of_a_tag(factory, site_id, counted):
    lines = sum(counted().values())
    propose(factory, "a")
    assert (counted()["proposed"], counted()["untagged"]) == (1, lines - 1)
    review_tag(factory, SITE, YEAR, "a", BETO)
    assert (counted()["proposed"], counted()["reviewed"]) == (0, 1)
    approve_tag(factory, SITE, YEAR, "a", BETO)
    assert (counted()["reviewed"], counted()["approved"]) == (0, 1)


def test_a_line_that_is_removed_takes_its_tag_along_and_brings_it_back(factory, site_id, counted):
    propose(factory, "a")
    lines = sum(counted().values())
    remove(factory, site_id, "a")
    assert (sum(counted().values()), counted()["proposed"]) == (lines - 1, 0)
    propose(factory, "b")
    assert counted()["proposed"] == 1
    with transaction(factory) as session:
        save_lines(session, site_id, "test", [budget_row("a", YEAR), budget_row("new", YEAR)])
    assert (sum(counted().values()), counted()["proposed"]) == (lines + 1, 2)


def test_a_change_of_lines_that_is_taken_back_leaves_no_count_behind(factory, site_id, counted):
    lines = sum(counted().values())
    with factory() as session:
        remove_lines(session, site_id, list_lines(session, site_id, YEAR)[:1])
        session.flush()
        assert sum(count_states(session, site_id, YEAR).values()) == lines - 1
        session.rollback()
    assert sum(counted().values()) == lines
    with transaction(factory) as session:  # on SQLite with the number of the change before
        save_lines(session, site_id, "test", [budget_row("new", YEAR)])
    assert sum(counted().values()) == lines + 1


def test_a_year_without_lines_has_none(factory, site_id):
    with factory() as session:
        assert set(count_states(session, site_id, 1999).values()) == {0}
