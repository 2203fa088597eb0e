"""An uploaded budget file is read in the background, for its owner alone; cancelled or refused, it keeps nothing."""

from __future__ import annotations

import gzip
import io
from decimal import Decimal

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from data.jobs.execution import run_job
from data.jobs.kind import JobCancelled
from data.jobs.kinds import KINDS, budget_reading
from data.jobs.kinds.budget_reading import problems_of
from data.readers import delimited
from data.readers.table import read_mapping, read_table
from data.store.jobs import JobState
from data.store.tables import BudgetImport, BudgetLine
from data.workflows import budget_wizard
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


def uploaded(store, content=ROWS, owner="ana", year=None):
    upload = Upload("gasto.csv", io.BytesIO(content if isinstance(content, bytes) else content.encode()))
    wishes = Wishes("table", year=year, mapping=MAPPING)
    return start_budget_import(store.bank_folder, "valle", owner, upload, wishes)


def kept_lines(store):
    """Every budget line and every record of an import."""
    with store.factory() as session:
        lines = [(one.year, one.code, one.pim) for one in session.scalars(select(BudgetLine).order_by(BudgetLine.id))]
        return lines, session.scalar(select(func.count()).select_from(BudgetImport))


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
    assert (job.done, job.total, job.step) == (len(ROWS), len(ROWS), "rows/3/2")
    kept = preview_budget_import(store.factory, store.bank_folder, stage)
    assert kept.read.lines.frame.equals(at_once.read.lines.frame)
    assert kept.read.lines.frame.schema == at_once.read.lines.frame.schema
    assert kept.read.provenance == at_once.read.provenance
    assert kept.diff == at_once.diff
    assert [Decimal(one.facts["total"]) for one in kept.read.lines.problems if "total" in one.facts] == [Decimal(-2)]


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        ("codigo,distrito,aprobado\n01,A,1\n01,A,2\n", "line_repeated", 3),
        ("codigo,distrito,aprobado\n01,A,1\n02,A", "field_count", 3),  # half of a file
        (b"codigo,distrito,aprobado\n01,A,1\n" + "02,Ñ,1\n".encode("cp1252") + "03,ñ,1\n".encode(), None, None),
        ("codigo,distrito,aprobado\n", "no_rows", None),
        ("codigo,distrito,aprobado\n01,B,1\n", "no_rows", None),
    ],
    ids=["twice", "half", "two encodings", "header alone", "nothing asked for"],
)
def test_a_refused_file_is_told_with_its_places_and_keeps_no_reading(store, content, rule, line):
    stage = uploaded(store, content)
    before = kept_lines(store)
    job = done(store, stage)
    assert job.state == JobState.DONE, job.failure
    (problem,) = problems_of(job.result)
    assert problem.file == "gasto.csv"
    assert (problem.rule, problem.line) == (rule or "encoding_wrong", line or problem.line)
    assert reading(store, stage) is None
    assert kept_lines(store) == before


def test_a_year_that_the_file_lacks_is_a_refusal_of_the_reading_too(store):
    stage = uploaded(store, year=2024)
    (problem,) = problems_of(done(store, stage).result)
    assert (problem.rule, problem.value) == ("no_rows", "2024")
    assert reading(store, stage) is None


@pytest.mark.parametrize("name", ["gasto.csv", "gasto.csv.gz"])
def test_the_bytes_that_are_told_rise_to_the_size_of_the_file(tmp_path, monkeypatch, name):
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 2_000)
    rows = "".join(f"{number:06},A,{(number * 7919) % 10_000}\n" for number in range(1_000))
    content, file = f"codigo,distrito,aprobado\n{rows}".encode(), tmp_path / name
    file.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    told = []
    read_table(file, read_mapping(MAPPING, "m.yaml"), told.append)
    seen = [one.bytes for one in told]
    assert len(seen) > 5
    assert seen == sorted(seen)
    assert seen[0] <= file.stat().st_size == seen[-1]
    assert (told[-1].rows, told[-1].kept) == (1_000, 1_000)


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


def test_a_packed_workbook_is_large_sooner_than_a_text(store, monkeypatch):
    book, content = Workbook(), io.BytesIO()
    book.active.append(["codigo", "distrito", "aprobado"])
    book.save(content)
    size = len(content.getvalue())
    monkeypatch.setattr(budget_wizard, "LARGE_WORKBOOK_BYTES", size - 1)
    monkeypatch.setattr(budget_wizard, "LARGE_BYTES", size)
    text = uploaded(store, "x" * size)
    workbook = start_budget_import(
        store.bank_folder, "valle", "ana", Upload("gasto.xlsx", io.BytesIO(content.getvalue())), Wishes()
    )
    assert [budget_wizard.is_large(store.bank_folder, stage) for stage in (text, workbook)] == [False, True]
    assert budget_wizard.is_large(store.bank_folder, uploaded(store, "x" * (size + 1)))
