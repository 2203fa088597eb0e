"""An uploaded budget file is read in the background, for its owner alone; cancelled or refused, it keeps nothing."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from data.jobs.execution import run_job
from data.jobs.kind import JobCancelled
from data.jobs.kinds import KINDS, budget_reading
from data.store.jobs import JobState
from data.workflows.budget_wizard import Wishes, preview_budget_import, start_budget_import
from data.workflows.kept_reading import load_reading
from data.workflows.staging import Upload, staging_folder
from tests.dashboard_seed import make_store
from tests.jobs.builders import ask, stored, workplace
from tests.support import store_fingerprint

MAPPING = "year: 2027\ncurrency: PEN\nline: [codigo]\nstages: {pia: aprobado}\nwhere: {distrito: [A]}\n"
ROWS = "codigo,distrito,aprobado\n01,A,10.5\n02,A,-2\n03,B,7\n"


@pytest.fixture
def store(tmp_path):
    made = make_store(tmp_path)
    yield made
    made.factory.kw["bind"].dispose()


def uploaded(store, content=ROWS, owner="ana"):
    upload = Upload("gasto.csv", io.BytesIO(content.encode()))
    return start_budget_import(store.bank_folder, "valle", owner, upload, Wishes("table", mapping=MAPPING))


def done(store, stage, login="ana"):
    job_id = ask(store.factory, "budget-reading", login, "valle", draft=stage.token)
    run_job(workplace(store.factory, store.bank_folder, kinds=KINDS), job_id)
    return stored(store.factory, job_id)


def reading(store, stage):
    return load_reading(staging_folder(store.bank_folder) / stage.token)


def test_a_reading_counts_its_rows_and_the_preview_is_the_one_without_it(store):
    stage = uploaded(store)
    at_once = preview_budget_import(store.factory, store.bank_folder, stage)
    job = done(store, stage)
    assert (job.state, job.result) == (JobState.DONE, {"rows_read": 3, "rows_kept": 2})
    assert (job.done, job.step) == (3, "rows/2")
    kept = preview_budget_import(store.factory, store.bank_folder, stage)
    assert kept.read.lines.frame.equals(at_once.read.lines.frame)
    assert kept.read.lines.frame.schema == at_once.read.lines.frame.schema
    assert kept.read.provenance == at_once.read.provenance
    assert kept.diff == at_once.diff
    assert [Decimal(one.facts["total"]) for one in kept.read.lines.problems if "total" in one.facts] == [Decimal(-2)]


def test_a_refused_file_is_told_with_its_places_and_keeps_no_reading(store):
    stage = uploaded(store, "codigo,distrito,aprobado\n01,A,1\n01,A,2\n")
    job = done(store, stage)
    assert job.state == JobState.DONE
    assert {problem["file"] for problem in job.result["problems"]} == {"gasto.csv"}
    assert reading(store, stage) is None


def test_nobody_has_the_upload_of_somebody_else_read(store):
    stage = uploaded(store)
    job = done(store, stage, "beto")
    assert (job.state, job.failure) == (JobState.FAILED, {"not_found": ["upload", stage.token[:8]]})
    assert reading(store, stage) is None


def test_a_reading_that_is_cancelled_keeps_nothing(store):
    stage = uploaded(store)
    before = store_fingerprint(store.factory.kw["bind"])
    job = stored(store.factory, ask(store.factory, "budget-reading", "ana", "valle", draft=stage.token))
    after_asking = store_fingerprint(store.factory.kw["bind"])

    class Run:
        factory, bank_folder, parameters = store.factory, store.bank_folder, job.parameters
        site_id, owner_id = job.site_id, job.owner_id

        def progress(self, rows, total=None, step=""):
            if rows:
                raise JobCancelled

    with pytest.raises(JobCancelled):
        budget_reading.read(Run())
    assert reading(store, stage) is None
    assert store_fingerprint(store.factory.kw["bind"]) == after_asking != before
