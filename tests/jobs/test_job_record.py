"""The job record: its owner's only, one at a time of a kind, one worker at a time. On SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from budget_model.errors import InputError, NotFoundError
from data.store.engine import transaction
from data.store.jobs import JobState, Outcome, Standing, cancel_job, claim_job, finish_job, keep_alive, load_job
from data.store.jobs import list_jobs as jobs_of
from data.store.tables import AuditEntry, Job, User
from tests.jobs.builders import ask, make_owner, stored


def test_a_job_is_found_by_its_owner_at_its_site_only(factory):
    job_id = ask(factory, "count", to=3)
    ana, lomas = make_owner(factory)
    beto, _ = make_owner(factory, "beto")
    _, valle = make_owner(factory, "ana", "valle")
    with factory() as session:
        assert load_job(session, ana.id, lomas, job_id).kind == "count"
        refusals = []
        for owner, site, wanted in [
            (beto.id, lomas, job_id),
            (ana.id, valle, job_id),
            (None, lomas, job_id),
            (ana.id, lomas, "0" * 32),
        ]:
            with pytest.raises(NotFoundError) as refused:
                load_job(session, owner, site, wanted)
            refusals.append(str(refused.value).replace(wanted, "…"))
        assert len(set(refusals)) == 1, "somebody else's job reads like one that does not exist"
        assert jobs_of(session, beto.id, lomas) == []


def test_nobody_cancels_the_job_of_somebody_else(factory):
    job_id = ask(factory, "count", to=3)
    beto, lomas = make_owner(factory, "beto")
    with pytest.raises(NotFoundError), transaction(factory) as session:
        cancel_job(session, beto, lomas, job_id)
    assert stored(factory, job_id).state == JobState.QUEUED


def test_asking_twice_for_the_same_gives_the_same_job_and_something_else_is_refused(factory):
    first = ask(factory, "count", to=3)
    assert ask(factory, "count", to=3) == first
    with pytest.raises(InputError) as refused:
        ask(factory, "count", to=4)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.facts["job"]) == ("job-active", first)
    assert ask(factory, "file") != first, "another kind may run beside it"
    assert ask(factory, "count", login="beto", to=4) != first, "and somebody else's too"


def test_the_database_itself_refuses_a_second_active_job_of_a_kind(factory):
    first = stored(factory, ask(factory, "count", to=3))
    copy = {c.name: getattr(first, c.name) for c in Job.__table__.columns if c.name != "file_content"}
    with pytest.raises(Exception, match=r"(?i)unique"), transaction(factory) as session:
        session.add(Job(**{**copy, "id": "other"}))
    with transaction(factory) as session:
        session.add(Job(**{**copy, "id": "ended", "state": "done"}))


def test_a_job_is_taken_once_and_ended_by_the_one_who_has_it(factory):
    job_id = ask(factory, "count", to=3)
    with transaction(factory) as session:
        assert claim_job(session, job_id, "one") is not None
    with transaction(factory) as session:
        assert claim_job(session, job_id, "two") is None
        assert keep_alive(session, job_id, "two", (9, 9, "draws")) is Standing.LOST
        assert not finish_job(session, job_id, "two", Outcome(JobState.DONE, {"wrong": True}))
        assert keep_alive(session, job_id, "one", (1, 3, "draws")) is Standing.GOING
    with transaction(factory) as session:
        assert finish_job(session, job_id, "one", Outcome(JobState.DONE, {"sum": 6}))
    job = stored(factory, job_id)
    assert (job.state, job.result, job.done, job.total, job.step) == ("done", {"sum": 6}, 1, 3, "draws")
    assert job.finished_at >= job.started_at >= job.created_at


def test_a_waiting_job_is_cancelled_at_once_and_then_no_worker_takes_it(factory):
    job_id = ask(factory, "count", to=3)
    ana, lomas = make_owner(factory)
    with transaction(factory) as session:
        assert cancel_job(session, ana, lomas, job_id).state == "cancelled"
    with transaction(factory) as session:
        assert claim_job(session, job_id, "one") is None
    assert ask(factory, "count", to=4) != job_id, "the next one may be asked for"


def test_cancelling_what_has_ended_changes_nothing(factory):
    job_id = ask(factory, "count", to=3)
    ana, lomas = make_owner(factory)
    with transaction(factory) as session:
        claim_job(session, job_id, "one")
    with transaction(factory) as session:
        finish_job(session, job_id, "one", Outcome(JobState.DONE, {"sum": 6}))
    with transaction(factory) as session:
        assert cancel_job(session, ana, lomas, job_id).result == {"sum": 6}
    assert stored(factory, job_id).state == "done"


def test_asking_and_cancelling_stand_in_the_audit_trail(factory):
    job_id = ask(factory, "count", to=3)
    ana, lomas = make_owner(factory)
    with transaction(factory) as session:
        cancel_job(session, session.get_one(User, ana.id), lomas, job_id)
    with factory() as session:
        found = session.execute(select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject))
        entries = [tuple(row) for row in found if row.action.startswith("job.")]
    assert entries == [("ana", "job.start", f"job {job_id}"), ("ana", "job.cancel", f"job {job_id}")]
