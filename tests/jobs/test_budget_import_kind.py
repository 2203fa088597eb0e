"""A large budget file is imported in the background: once, for its owner alone, all of it or nothing."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from data.jobs.execution import run_job
from data.jobs.kind import JobCancelled
from data.jobs.kinds import KINDS, budget_import
from data.jobs.kinds.budget_reading import problems_of
from data.store.engine import transaction
from data.store.jobs import JobState, cancel_job
from data.store.tables import BudgetImport, BudgetLine, User
from data.workflows import budget_wizard
from data.workflows.budget_wizard import Wishes, start_budget_import
from data.workflows.staging import Upload, staging_folder
from tests.dashboard_seed import make_store
from tests.jobs.builders import ask, stored, workplace
from tests.support import store_fingerprint

MAPPING = "year: 2027\ncurrency: PEN\nline: [codigo]\nstages: {pia: aprobado}\n"
ROWS = "codigo,aprobado\n01,10.5\n02,-2\n"


@pytest.fixture
def store(tmp_path):
    made = make_store(tmp_path)
    yield made
    made.factory.kw["bind"].dispose()


def uploaded(store, content=ROWS, owner="ana"):
    upload = Upload("gasto.csv", io.BytesIO(content.encode()))
    return start_budget_import(store.bank_folder, "valle", owner, upload, Wishes("table", mapping=MAPPING))


def asked(store, stage, gone="keep", login="ana"):
    return ask(store.factory, "budget-import", login, "valle", draft=stage.token, gone=gone)


def done(store, job_id):
    run_job(workplace(store.factory, store.bank_folder, kinds=KINDS), job_id)
    return stored(store.factory, job_id)


def kept(store):
    """Opening amounts of 2027 by code, and how many imports are on record."""
    with store.factory() as session:
        lines = session.execute(select(BudgetLine.code, BudgetLine.pia).where(BudgetLine.year == 2027)).all()
        return dict(map(tuple, lines)), session.scalar(select(func.count()).select_from(BudgetImport))


def test_the_answer_names_the_import_and_the_upload_is_gone(store):
    stage = uploaded(store)
    job = done(store, asked(store, stage))
    assert (job.state, job.step) == (JobState.DONE, "store")
    with store.factory() as session:
        record = session.get_one(BudgetImport, job.result["import"])
        assert (record.actor, record.source_file, record.new_count) == ("ana", "gasto.csv", 2)
    assert kept(store) == ({"01": Decimal("10.5"), "02": Decimal(-2)}, 1)
    assert not (staging_folder(store.bank_folder) / stage.token).exists()


def test_a_refused_file_is_told_with_its_place_and_stores_nothing(store):
    stage = uploaded(store, ROWS + "03\n")
    job_id = asked(store, stage)
    job = done(store, job_id)
    assert job.state == JobState.DONE
    assert [(one.rule, one.line) for one in problems_of(job.result)] == [("field_count", 4)]
    assert kept(store) == ({}, 0)
    assert (staging_folder(store.bank_folder) / stage.token).exists()


def test_lines_that_are_gone_are_removed_where_that_was_asked_for_alone(store):
    done(store, asked(store, uploaded(store)))
    done(store, asked(store, uploaded(store, "codigo,aprobado\n01,11\n")))
    assert kept(store) == ({"01": Decimal(11), "02": Decimal(-2)}, 2)
    done(store, asked(store, uploaded(store, "codigo,aprobado\n01,12\n"), "remove"))
    assert kept(store) == ({"01": Decimal(12)}, 3)


def test_a_worker_that_ends_after_storing_and_before_saying_so_does_not_import_twice(store):
    stage = uploaded(store)
    first = done(store, asked(store, stage))
    again = done(store, asked(store, stage))  # the same question once more, its upload gone
    assert (again.state, again.result) == (JobState.DONE, first.result)
    assert kept(store)[1] == 1


def test_an_upload_that_two_bring_in_at_once_comes_in_once(store, monkeypatch):
    stage = uploaded(store)
    monkeypatch.setattr(budget_wizard, "abandon_stage", lambda *_: None)  # the second has read it before it is gone
    done(store, asked(store, stage))
    monkeypatch.setattr(budget_import, "find_import_of_upload", lambda *_: None)  # and asked before it was stored
    job = done(store, asked(store, stage))
    assert [one.rule for one in problems_of(job.result)] == ["upload_imported"]
    assert kept(store)[1] == 1


def test_a_wish_to_cancel_before_the_lines_are_stored_takes_everything_back(store):
    stage = uploaded(store)
    job = stored(store.factory, asked(store, stage))
    before = store_fingerprint(store.factory.kw["bind"])

    class Run:
        factory, bank_folder, parameters = store.factory, store.bank_folder, job.parameters
        site_id, owner_id = job.site_id, job.owner_id

        def progress(self, done, total=None, step=""):
            pass

        def is_cancelled(self):
            return True

    with pytest.raises(JobCancelled):
        budget_import.bring_in(Run())
    assert store_fingerprint(store.factory.kw["bind"]) == before
    assert (staging_folder(store.bank_folder) / stage.token).exists()


def test_a_wish_to_cancel_that_comes_after_storing_does_not_call_the_import_cancelled(store, monkeypatch):
    stage = uploaded(store)
    job_id = asked(store, stage)
    finish = budget_import.finish_budget_import

    def finished(*given):
        imported = finish(*given)
        job = stored(store.factory, job_id)
        with transaction(store.factory) as session:
            cancel_job(session, session.get_one(User, job.owner_id), job.site_id, job_id)
        return imported

    monkeypatch.setattr(budget_import, "finish_budget_import", finished)
    assert done(store, job_id).state == JobState.DONE
    assert kept(store)[1] == 1


def test_nobody_has_the_upload_of_somebody_else_imported(store):
    stage = uploaded(store)
    job = done(store, asked(store, stage, login="beto"))
    assert (job.state, job.failure) == (JobState.FAILED, {"not_found": ["upload", stage.token[:8]]})
    assert kept(store) == ({}, 0)
