"""A job done by a worker: progress, result, failure, cancel, a worker that vanishes, a job that hangs."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.jobs.execution import CANCEL_PATIENCE_SECONDS, OneRun, run_job
from data.jobs.failures import sentence_of
from data.jobs.housekeeping import KEPT, MOST_ATTEMPTS, SILENCE, WAIT, tend
from data.jobs.kind import JobKind, JobResult
from data.jobs.worker import drain
from data.store.engine import transaction
from data.store.jobs import JobState, cancel_job, claim_job, load_job
from data.store.tables import Job
from data.store.users import take_role
from tests.jobs.builders import KINDS, ROLES, ToldTime, ask, make_owner, queue_in, stored, workplace

ROOT = Path(__file__).resolve().parents[2]


def later(span: timedelta) -> datetime:
    return datetime.now(UTC) + span + timedelta(seconds=1)


def test_a_done_job_keeps_its_result_and_unknown_is_null_in_it(factory, tmp_path):
    job_id = ask(factory, "count", to=4)
    assert run_job(workplace(factory, tmp_path), job_id) is JobState.DONE
    job = stored(factory, job_id)
    assert (job.result, job.done, job.total, job.step) == ({"sum": 10, "unknown": None}, 4, 4, "draws")
    assert (job.failure, job.attempts) == (None, 1)


def test_a_message_that_comes_twice_does_the_job_once(factory, tmp_path):
    job_id = ask(factory, "count", to=4)
    place = workplace(factory, tmp_path)
    assert [run_job(place, job_id), run_job(place, job_id), run_job(place, "unknown")] == [JobState.DONE, None, None]
    assert stored(factory, job_id).attempts == 1


def test_a_file_is_kept_as_it_was_made(factory, tmp_path):
    job_id = ask(factory, "file")
    run_job(workplace(factory, tmp_path), job_id)
    with factory() as session:
        job = session.get_one(Job, job_id)
        assert (job.file_name, job.file_type, job.file_content) == ("answer.csv", "text/csv", b"a,b\n1,2\n")
        assert job.result is None


def test_a_refusal_is_a_failure_with_its_facts(factory, tmp_path):
    job_id = ask(factory, "refuse")
    assert run_job(workplace(factory, tmp_path), job_id) is JobState.FAILED
    job = stored(factory, job_id)
    assert job.failure["problems"][0]["facts"] == {"programme": "care", "amount": 5.0, "limit": 3.0}
    assert sentence_of(job.failure) == "Too much."
    assert job.result is None


def test_what_nobody_foresaw_is_a_failure_with_a_reference_and_its_trace_is_in_the_log_only(factory, tmp_path, caplog):
    job_id = ask(factory, "break")
    assert run_job(workplace(factory, tmp_path), job_id) is JobState.FAILED
    failure = stored(factory, job_id).failure
    assert set(failure) == {"reference"}
    assert failure["reference"] in caplog.text
    assert "an inner matter" in caplog.text


def test_a_job_of_a_kind_that_the_worker_does_not_know_fails_with_that_sentence(factory, tmp_path):
    job_id = ask(factory, "unheard of")
    assert run_job(workplace(factory, tmp_path), job_id) is JobState.FAILED
    assert "Nobody here knows the calculation 'unheard of'" in sentence_of(stored(factory, job_id).failure)


def test_a_role_that_was_taken_away_meanwhile_counts(factory, tmp_path):
    job_id = ask(factory, "count", to=3)
    ana, lomas = make_owner(factory)
    with transaction(factory) as session:
        take_role(session, ana, "official", lomas, "test")
    assert run_job(workplace(factory, tmp_path), job_id) is JobState.FAILED
    assert "no longer allows" in sentence_of(stored(factory, job_id).failure)


def test_cancelling_half_way_ends_the_run_and_keeps_no_result(factory, tmp_path):
    steps = []

    def cancelled_at_two(run):
        for number in range(1, 6):
            steps.append(number)
            if number == 2:
                ana, lomas = make_owner(factory)
                with transaction(factory) as session:
                    cancel_job(session, ana, lomas, job_id)
            run.progress(number, 5)
        return JobResult("never")

    job_id = ask(factory, "long")
    place = workplace(factory, tmp_path, kinds={"long": JobKind("long", cancelled_at_two, ROLES)})
    assert run_job(place, job_id) is JobState.CANCELLED
    job = stored(factory, job_id)
    assert (steps, job.state, job.result, job.failure) == ([1, 2], "cancelled", None, None)


def test_a_run_that_takes_too_long_fails_and_says_so(factory, tmp_path):
    clock = ToldTime()

    def slow(run):
        for number in range(10):
            clock.now += 40.0
            run.progress(number, 10)
        return JobResult("never")

    job_id = ask(factory, "slow")
    kinds = {"slow": JobKind("slow", slow, ROLES, limit_seconds=120.0)}
    assert run_job(workplace(factory, tmp_path, kinds=kinds, clock=clock), job_id) is JobState.FAILED
    assert "longer than 2 minutes" in sentence_of(stored(factory, job_id).failure)


def test_a_process_whose_job_does_not_listen_is_ended_after_a_while(factory, tmp_path):
    clock, job_id = ToldTime(), ask(factory, "count", to=1)
    place = workplace(factory, tmp_path, clock=clock)
    with transaction(factory) as session:
        job = claim_job(session, job_id, "one")
    run = OneRun(place, job, limit_seconds=100.0)
    assert run.stuck_outcome() is None
    ana, lomas = make_owner(factory)
    with transaction(factory) as session:
        cancel_job(session, ana, lomas, job_id)
    run.beat()
    assert run.is_cancelled()
    assert run.stuck_outcome() is None, "it is given time to end by itself"
    clock.now += CANCEL_PATIENCE_SECONDS + 1
    assert run.stuck_outcome().state is JobState.CANCELLED


def test_a_job_gives_signs_of_life_while_it_says_nothing(factory, tmp_path):
    beaten = threading.Event()
    job_id = ask(factory, "silent")

    def silent(run):
        first = run.beat

        def beat(*arguments):
            first(*arguments)
            beaten.set()

        run.beat = beat
        assert beaten.wait(30)
        return JobResult("done")

    place = workplace(factory, tmp_path, kinds={"silent": JobKind("silent", silent, ROLES)}, beat_seconds=0.01)
    assert run_job(place, job_id) is JobState.DONE
    job = stored(factory, job_id)
    assert job.heartbeat_at > job.started_at


def test_what_a_stopped_worker_had_waits_again_and_is_not_counted_against_it(factory, tmp_path):
    def stopped(run):
        raise KeyboardInterrupt

    job_id = ask(factory, "stopped")
    with pytest.raises(KeyboardInterrupt):
        run_job(workplace(factory, tmp_path, kinds={"stopped": JobKind("stopped", stopped, ROLES)}), job_id)
    job = stored(factory, job_id)
    assert (job.state, job.attempts) == ("queued", 0)


def test_the_job_of_a_vanished_worker_is_done_by_another_and_the_late_one_changes_nothing(factory, tmp_path):
    job_id, queue = ask(factory, "count", to=3), queue_in(tmp_path)
    with transaction(factory) as session:
        claim_job(session, job_id, "vanished")
    assert tend(factory, queue).given_back == (), "a minute of silence is not over yet"
    assert tend(factory, queue, later(SILENCE)).given_back == (job_id,)
    assert queue.take() == job_id
    place = workplace(factory, tmp_path, name="two")
    assert run_job(place, job_id) is JobState.DONE
    late = OneRun(workplace(factory, tmp_path, name="vanished"), stored(factory, job_id), 10.0)
    late.beat((0, 3, ""))
    assert late.is_cancelled()
    assert stored(factory, job_id).done == 3


def test_a_job_whose_workers_vanish_again_and_again_fails_and_says_so(factory, tmp_path):
    job_id, queue = ask(factory, "count", to=3), queue_in(tmp_path)
    for number in range(MOST_ATTEMPTS):
        assert stored(factory, job_id).state == "queued"
        with transaction(factory) as session:
            claim_job(session, job_id, f"worker {number}")
        tend(factory, queue, later(SILENCE))
    job = stored(factory, job_id)
    assert job.state == "failed"
    assert "stopped, twice" in sentence_of(job.failure)


def test_a_job_to_be_cancelled_whose_worker_vanished_is_cancelled(factory, tmp_path):
    job_id = ask(factory, "count", to=3)
    ana, lomas = make_owner(factory)
    with transaction(factory) as session:
        claim_job(session, job_id, "vanished")
    with transaction(factory) as session:
        cancel_job(session, ana, lomas, job_id)
    assert tend(factory, queue_in(tmp_path), later(SILENCE)).given_back == ()
    assert stored(factory, job_id).state == "cancelled"


def test_a_job_whose_message_was_lost_is_sent_again_once_the_queue_is_empty(factory, tmp_path):
    job_id, queue = ask(factory, "count", to=3), queue_in(tmp_path)
    assert tend(factory, queue).sent_again == ()
    queue.put("somebody else's")
    assert tend(factory, queue, later(WAIT)).sent_again == ()
    queue.take()
    assert tend(factory, queue, later(WAIT)).sent_again == (job_id,)
    assert queue.take() == job_id


def test_jobs_of_long_ago_are_forgotten_and_waiting_ones_are_not(factory, tmp_path):
    old = ask(factory, "count", to=3)
    run_job(workplace(factory, tmp_path), old)
    waiting = ask(factory, "count", to=3)
    assert tend(factory, queue_in(tmp_path), later(KEPT)).forgotten == 1
    ana, lomas = make_owner(factory)
    with factory() as session:
        assert load_job(session, ana.id, lomas, waiting).state == "queued"
        assert session.get(Job, old) is None


def test_two_workers_side_by_side_do_every_job_once(factory, tmp_path):
    ids = [ask(factory, "count", login=f"user{number}", to=5) for number in range(12)]
    queue, begin, done = queue_in(tmp_path), threading.Barrier(2), {"one": 0, "two": 0}
    for job_id in [*ids, *ids]:  # each message twice
        queue.put(job_id)

    def work(name):
        place = workplace(factory, tmp_path, name=name)
        begin.wait()
        while (job_id := queue.take()) is not None:
            done[name] += run_job(place, job_id) is not None

    threads = [threading.Thread(target=work, args=(name,)) for name in done]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done.values()) == len(ids)
    assert {stored(factory, job_id).state for job_id in ids} == {"done"}
    assert {stored(factory, job_id).attempts for job_id in ids} == {1}


def test_everything_that_waits_is_done_in_this_process_when_asked_to(factory, tmp_path):
    queue = queue_in(tmp_path)
    ids = [ask(factory, kind) for kind in ("file", "refuse")]
    for job_id in ids:
        queue.put(job_id)
    assert drain(factory, tmp_path, queue, KINDS) == 2
    assert [stored(factory, job_id).state for job_id in ids] == ["done", "failed"]


def test_two_worker_processes_share_a_queue(factory, database_url, tmp_path):
    """Real processes on the command line: they do not know the kind, and say so once for each job."""
    ids = [ask(factory, "unheard of", login=f"user{number}") for number in range(4)]
    environment = {"DATABASE_URL": database_url, "VAR_FOLDER": str(tmp_path), "PATH": "/usr/bin"}
    folder = Path(database_url.removeprefix("sqlite:///")).parent if database_url.startswith("sqlite") else tmp_path
    queue = queue_in(folder)
    for job_id in ids:
        queue.put(job_id)
    command = [sys.executable, "-m", "budget_model", "worker", "--drain", "--json"]
    workers = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) for _ in range(2)]
    outputs = [worker.communicate(timeout=120)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert sum(int(output.decode().split(":")[1].strip(" }\n")) for output in outputs) == len(ids)
    assert {stored(factory, job_id).state for job_id in ids} == {"failed"}
