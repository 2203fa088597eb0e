"""Reviewers at once on one store: no update is lost, and the trail is complete and in order. The benchmark
`benchmarks/tags_together.py` does the same with 20 reviewers and 200 edits each."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from benchmarks.tags_together import SITE, check, fill, run_together
from data.store.tables import AuditEntry
from data.workflows.tags import propose_tag

REVIEWERS, EDITS, LINES = 3, 12, 4


@pytest.mark.parametrize("is_insistent", [True, False])
def test_reviewers_at_once_lose_no_update_and_leave_a_complete_trail(factory, database_url, is_insistent):
    """Insistent reviewers read again after a refusal until their edit is in; others are refused and say so."""
    site_id = fill(factory, REVIEWERS, LINES)
    done = run_together(database_url, REVIEWERS, EDITS, LINES, is_insistent)
    report = check(factory, site_id, done)
    assert report["lost"] == 0
    assert report["wrong_order"] == 0
    assert report["stored"] == sum(one["saved"] for one in done)
    assert sum(one["saved"] + one["refused"] for one in done) >= REVIEWERS * EDITS
    if is_insistent:
        assert report["stored"] == REVIEWERS * EDITS


def test_entries_of_the_trail_have_the_order_of_the_versions(factory):
    site_id = fill(factory, 2, 1)
    for number in range(4):
        propose_tag(factory, SITE, 2026, "line-0", {"marker": "0"}, f"edit {number}", f"reviewer-{number % 2}")
    with factory() as session:
        query = select(AuditEntry).where(AuditEntry.site_id == site_id, AuditEntry.action == "tag.propose")
        entries = list(session.scalars(query.order_by(AuditEntry.id)))
    assert [entry.detail["version"] for entry in entries] == [1, 2, 3, 4]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
