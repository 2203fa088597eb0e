"""What the review desk asks of tags: the queue, one line, who may do what, and conflicts in the reader's words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import delete

from budget_model.errors import AccessError, InputError, NotFoundError, StaleVersionError
from dashboard.auth.person import Person
from dashboard.context import PageContext
from dashboard.services import Store, make_services
from dashboard.shown_errors import sentences_of
from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.tables import BudgetLine
from data.store.tag_queue import QueueQuery
from data.store.users import find_user, roles_of
from data.workflows.tag_bulk import BulkChange
from tests.store_builders import budget_row
from tests.tag_builders import ANA, BETO, MONA, PRINCIPAL, SITE, make_tag_site

YEAR = 2026
A, B = (YEAR, "a"), (YEAR, "b")


@pytest.fixture
def desk(factory, tmp_path):
    """Services over the site `lomas`, its reference, and its people by login."""
    make_tag_site(factory, ())
    with transaction(factory) as session:
        rows = [
            budget_row("a", labels={"function": "SALUD", "activity": "Vacunas"}, pim=Decimal(300)),
            budget_row("b", labels={"function": "SALUD", "activity": "Partos seguros"}, pim=Decimal(100)),
            budget_row("c", labels={"function": "AGUA", "activity": "Redes"}, pim=None),
            budget_row("b", 2025, labels={"function": "SALUD", "activity": "Partos seguros"}, pim=Decimal(90)),
        ]
        save_lines(session, 1, "test", rows)
    services = make_services(Store(factory, tmp_path, None))
    with factory() as session:
        people = {
            login: Person(user.id, login, login, roles_of(session, user.id))
            for login in (ANA, BETO, MONA)
            if (user := find_user(session, login))
        }
    site = services.sites.find(people[ANA], SITE)
    return services.tags, site, people


def propose(desk, key=A, login=ANA, content=PRINCIPAL, based_on=0):
    tags, site, people = desk
    return tags.propose(people[login], site, key, content, "Plan", [], based_on)


def codes(desk, **query):
    tags, site, people = desk
    return [row.code for row in tags.queue(people[ANA], site, QueueQuery(YEAR, **query)).rows]


def test_the_queue_is_filtered_sorted_and_given_a_page_at_a_time(desk):
    tags, site, people = desk
    propose(desk)
    assert codes(desk, sort=[("pim", True)]) == ["a", "b", "c"]
    assert codes(desk, sort=[("pim", False)]) == ["b", "a", "c"]  # what is missing comes last, either way
    assert codes(desk, sort=[("label:function", False), ("code", True)]) == ["c", "b", "a"]
    assert codes(desk, text="partos seg") == ["b"]
    assert codes(desk, text="100%") == []
    assert codes(desk, labels={"function": "SALUD"}) == ["a", "b"]
    assert codes(desk, states=["proposed"]) == ["a"]
    assert codes(desk, states=["untagged"]) == ["b", "c"]
    assert codes(desk, values={"marker": ["2", "1"]}) == ["a"]
    assert codes(desk, states=["proposed"], not_author=ANA) == []
    assert codes(desk, states=["proposed"], not_author=BETO) == ["a"]
    page = tags.queue(people[ANA], site, QueueQuery(YEAR, offset=1, limit=1))
    assert ([row.code for row in page.rows], page.count, page.years) == (["b"], 3, (2025, 2026))
    assert page.states == {"untagged": 2, "proposed": 1, "reviewed": 0, "approved": 0, "disputed": 0}


@pytest.mark.parametrize("query", [{"sort": [("site_id", False)]}, {"values": {"id": ["1"]}}, {"limit": 5000}])
def test_nothing_else_can_be_sorted_or_filtered_by(desk, query):
    with pytest.raises(InputError):
        codes(desk, **query)


def test_groups_add_up_exactly_and_a_missing_amount_is_not_0(desk):
    tags, site, people = desk
    propose(desk)
    water, health = tags.groups(people[ANA], site, QueueQuery(YEAR), "function")
    assert (health.label, health.lines, health.tagged, health.approved, health.amounts["pim"]) == (
        "SALUD",
        2,
        1,
        0,
        400,
    )
    assert (water.label, water.amounts["pim"]) == ("AGUA", None)


def test_a_line_says_what_each_person_may_do_now(desk):
    tags, site, people = desk

    def may(login):
        line = tags.line(people[login], site, *A)
        return (line.may_propose, line.may_review, line.may_approve, line.may_dispute, line.may_return)

    assert may(ANA) == (True, False, False, False, False)
    propose(desk)
    assert may(ANA) == (True, False, False, True, False)  # her own: no review
    assert may(BETO) == (True, True, False, True, False)
    assert may(MONA) == (False, False, False, True, False)
    tags.review(people[BETO], site, A, 1)
    assert may(BETO) == (True, False, True, True, True)
    tags.approve(people[BETO], site, A, 2)
    line = tags.line(people[MONA], site, *A)
    assert [(one.version, one.action, one.counts) for one in line.history] == [
        (3, "approve", True),
        (2, "review", False),
        (1, "propose", False),
    ]


def test_similar_lines_begin_with_the_same_line_of_another_year(desk):
    tags, site, people = desk
    propose(desk, (2025, "b"))
    propose(desk, A, content={"marker": "0"})
    similar = tags.similar(people[ANA], site, B)
    assert [(one.year, one.code, one.is_same_series) for one in similar] == [(2025, "b", True), (2026, "a", False)]
    assert similar[0].shared == ("activity", "function")


def test_strangers_and_monitors_are_refused_before_officials_are_admitted(desk):
    tags, site, people = desk
    stranger = Person(None, "", "")
    for read in (lambda: tags.queue(stranger, site, QueueQuery(YEAR)), lambda: tags.line(stranger, site, *A)):
        with pytest.raises(AccessError):
            read()
    with pytest.raises(AccessError):
        propose(desk, login=MONA)
    with pytest.raises(AccessError):
        tags.apply(people[MONA], site, {A: 0}, BulkChange({"marker": "0"}, "x"))
    with pytest.raises(NotFoundError):
        tags.line(people[ANA], site, YEAR, "zzz")
    assert propose(desk).saved


def test_the_second_person_reads_in_spanish_what_the_first_did(desk):
    _, site, people = desk
    propose(desk)
    with pytest.raises(StaleVersionError) as stale:
        propose(desk, login=BETO, content={"marker": "0"})
    context = PageContext("es", site, people[BETO], {}, "")
    sentences = sentences_of(stale.value, context)
    assert "ana guardó la versión 1" in sentences[0]
    assert "Su cambio no se guardó" in sentences[0]
    assert "Marcador de género: – → 2" in sentences
    assert "Estado: – → Propuesta" in sentences


def test_a_bulk_change_goes_through_preview_and_apply(desk):
    tags, site, people = desk
    keys = tags.keys(people[ANA], site, QueueQuery(YEAR, labels={"function": "SALUD"}))
    change = BulkChange({"sharp": "S3"}, "General")
    preview = tags.preview(people[ANA], site, keys, change)
    assert [line.code for line in preview.changed] == ["a", "b"]
    states = tags.apply(people[ANA], site, preview.versions(), change)
    reviewed = tags.review_many(people[BETO], site, {(one.year, one.code): one.version for one in states})
    tags.approve_many(people[BETO], site, {(one.year, one.code): one.version for one in reviewed})
    totals = tags.totals(people[MONA], site, "sharp", "pim", YEAR)
    assert {one.code: one.amount for one in totals.classes}["S3"] == 400


def test_last_years_tags_are_carried_over_as_proposals(desk):
    tags, site, people = desk
    propose(desk, (2025, "b"))
    tags.review(people[BETO], site, (2025, "b"), 1)
    tags.approve(people[BETO], site, (2025, "b"), 2)
    shown = tags.carry_over(people[ANA], site, 2025, 2026, True)
    assert (shown.proposed, shown.ambiguous, shown.without) == ((B,), (), 2)
    tags.carry_over(people[ANA], site, 2025, 2026, False)
    newest = tags.line(people[ANA], site, *B).newest
    assert (newest.state, newest.content["marker"]) == ("proposed", "2")
    assert newest.rationale == "Carried over from 2025: Plan"


def test_counts_are_those_of_the_rows_whatever_is_asked_also_beside_a_tag_whose_line_is_gone(desk, factory):
    tags, site, people = desk
    propose(desk, A)
    propose(desk, B, content={"marker": "0"})
    with transaction(factory) as session:
        session.execute(delete(BudgetLine).where(BudgetLine.year == YEAR, BudgetLine.code == "b"))
    queries = [
        {},
        {"states": ["proposed"]},
        {"states": ["untagged"]},
        {"states": ["untagged", "proposed"]},
        {"states": ["approved"]},
        {"values": {"marker": ["2"]}},
        {"values": {"marker": []}},
        {"labels": {"function": "SALUD"}},
        {"text": "vacunas"},
        {"text": "nothing of this"},
        {"text": "a", "states": ["proposed"]},
        {"not_author": BETO},
        {"is_approved": False},
        {"is_locked": False, "sort": [("state", True)]},
        {"sort": [("women_share", False)]},
    ]
    for query in queries:
        page = tags.queue(people[ANA], site, QueueQuery(YEAR, **query))
        rows, count = tags.rows(people[ANA], site, QueueQuery(YEAR, **query))
        assert (page.count, count, tuple(rows)) == (len(page.rows), len(page.rows), page.rows), query
    assert tags.counts(people[ANA], site, QueueQuery(YEAR))[1] == {
        "untagged": 1,
        "proposed": 1,
        "reviewed": 0,
        "approved": 0,
        "disputed": 0,
    }
    far = tags.rows(people[ANA], site, QueueQuery(YEAR, text="a", offset=5))
    assert far == ([], 2)  # as many as there are, also beyond the last page
