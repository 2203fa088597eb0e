"""A large budget file on its page: read in the background, there when one comes back, nobody else's business."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal

import pytest

from budget_model.errors import NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.pages.calculations import rows_of
from dashboard.services import make_services
from dashboard.views.jobs import job_view
from data.jobs.execution import run_job
from data.jobs.kinds import KINDS
from data.settings import StoreSettings
from data.store.jobs import JobState
from data.workflows import budget_wizard
from data.workflows.kept_reading import load_reading
from data.workflows.staging import staging_folder
from tests.dashboard.conftest import Visitor, person
from tests.dashboard.test_budget_imports import ROWS, lines_of, post, query_of, shown, upload
from tests.dashboard_seed import make_store
from tests.jobs.builders import stored, workplace

KIND, PANEL = "budget-reading", "budget-imports-reading-start"
HALF = ROWS[: ROWS.rindex(",")]  # the last record has a field too few


@pytest.fixture
def own_store(tmp_path, monkeypatch):
    monkeypatch.setattr(budget_wizard, "LARGE_BYTES", 10)  # every file of these tests is large
    made = make_store(tmp_path)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def services(own_store):
    return make_services(own_store)


@pytest.fixture
def visit(own_store, services):
    app = create_app(Settings(StoreSettings("unused", own_store.bank_folder), "k" * 40), services)
    return lambda login: Visitor(app.server.test_client(), login)


def news_of(services, draft, login="ana", site="valle"):
    user = person(services, login)
    return services.jobs.latest(user, services.sites.find(user, site), KIND, {"draft": draft})


def finished(store, visitor, draft):
    """The file is imported, as its worker does it."""
    job_id = query_of(post(visitor, "finish", {"draft": draft}))["job"]
    run_job(workplace(store.factory, store.bank_folder, kinds=KINDS), job_id)


def read(store, services, draft):
    run_job(workplace(store.factory, store.bank_folder, kinds=KINDS), news_of(services, draft).id)


def test_one_leaves_the_page_and_finds_the_reading_when_one_comes_back(visit, own_store, services):
    ana = visit("ana")
    draft = query_of(upload(ana))["draft"]
    waiting = shown(ana, draft=draft)
    assert PANEL in waiting
    assert "Espera su turno" in waiting
    assert "/budget-imports/finish" not in waiting
    read(own_store, services, draft)
    assert draft in shown(ana)  # the list of uploads leads back
    text = shown(ana, draft=draft)
    assert "2 filas leídas, 2 conservadas, 2 líneas" in text
    assert PANEL not in text
    assert lines_of(own_store) == {}
    finished(own_store, ana, draft)
    assert lines_of(own_store) == {"01": Decimal(20), "02": Decimal(-2)}


def test_the_lines_that_were_looked_at_are_imported(visit, own_store, services):
    """The file on the disk is another one meanwhile: what was seen counts."""
    ana = visit("ana")
    draft = query_of(upload(ana))["draft"]
    read(own_store, services, draft)
    file = staging_folder(own_store.bank_folder) / draft / "data" / "gasto.csv"
    file.write_text(ROWS.replace("20", "99"), encoding="utf-8")
    finished(own_store, ana, draft)
    assert lines_of(own_store)["01"] == 20


def test_a_refused_file_says_its_problems_in_the_panel_and_stores_nothing(visit, own_store, services):
    ana = visit("ana")
    draft = query_of(upload(ana, HALF))["draft"]
    read(own_store, services, draft)
    text = shown(ana, draft=draft)
    assert PANEL in text
    for words in ("La lectura terminó", "No se guardó nada", "gasto.csv, línea 3", "se cortó en el camino"):
        assert words in text, words
    assert "/budget-imports/finish" not in text
    finished(own_store, ana, draft)
    assert lines_of(own_store) == {}


def test_nobody_of_another_site_and_no_other_official_sees_the_reading(visit, own_store, services):
    ana, beto = visit("ana"), visit("beto")
    draft = query_of(upload(ana))["draft"]
    read(own_store, services, draft)
    job_id = news_of(services, draft).id
    user = person(services, "beto")
    pampa = services.sites.find(user, "pampa")
    for site in ("valle", "pampa"):
        answer = beto.open(f"/es/{site}/budget-imports", f"?draft={draft}")
        assert "gasto.csv" not in answer.text
        assert "conservadas" not in answer.text
    for asked in (services.jobs.job, services.jobs.cancel):
        with pytest.raises(NotFoundError):
            asked(user, pampa, job_id)
    assert services.jobs.latest(user, pampa, KIND, {"draft": draft}) is None
    news = services.jobs.start(user, pampa, KIND, {"draft": draft})  # her token, asked for by him
    run_job(workplace(own_store.factory, own_store.bank_folder, kinds=KINDS), news.id)
    failed = stored(own_store.factory, news.id)
    assert (failed.state, failed.result) == (JobState.FAILED, None)


def test_a_second_file_waits_for_its_owner_while_the_first_is_being_read(visit, own_store, services):
    ana = visit("ana")
    first = query_of(upload(ana))["draft"]
    second = query_of(upload(ana, ROWS.replace("20", "30")))
    assert second["refused"] == "job-active"
    assert news_of(services, second["draft"]) is None
    text = shown(ana, **second)
    assert "Otro archivo suyo se está leyendo" in text
    assert "Leerlo de inmediato" in text
    assert "28.00" in shown(ana, draft=second["draft"], now="1").replace("\u00a0", " ")
    post(ana, "finish", {"draft": second["draft"], "now": "1"})
    assert lines_of(own_store)["01"] == 30
    assert news_of(services, first).state == JobState.QUEUED


@pytest.mark.parametrize("way", ["finish", "abandon"])
def test_a_reading_that_nobody_waits_for_any_more_is_cancelled(visit, own_store, services, way):
    ana = visit("ana")
    draft = query_of(upload(ana))["draft"]
    shown(ana, draft=draft, now="1")
    assert load_reading(staging_folder(own_store.bank_folder) / draft) is not None
    post(ana, way, {"draft": draft})
    assert news_of(services, draft).state == JobState.CANCELLED


def test_my_calculations_name_the_file_and_lead_to_it_as_long_as_it_is_there(visit, own_store, services, see):
    ana = visit("ana")
    draft = query_of(upload(ana))["draft"]
    read(own_store, services, draft)
    context = see()
    (row,) = rows_of(services, context)
    assert (row.kind, row.question) == ("Lectura de un archivo de presupuesto", "gasto.csv")
    assert row.address.endswith(f"/valle/budget-imports?draft={draft}")
    finished(own_store, ana, draft)
    imported, row = rows_of(services, context)
    assert (row.question, row.address) == ("Un archivo que ya se importó o se retiró", "")
    assert (imported.kind, imported.state) == ("Importación de un archivo de presupuesto", "terminado")
    assert imported.address.endswith(f"/valle/budget-imports?job={imported.id}")


def test_a_stated_year_leaves_the_lines_of_others_out_and_says_so(visit):
    ana = visit("ana")
    rows = "anio,codigo,nombre,aprobado,vigente\n2026,01,Salud,1,2\n2027,01,Salud,3,4\n2027,02,Obras,5,6\n"
    mapping = (
        "year: {column: anio}\ncurrency: PEN\nline: [codigo]\nlabels: {activity: nombre}\n"
        "stages: {pia: aprobado, pim: vigente}\n"
    )
    draft = query_of(upload(ana, rows, mapping, year="2026"))["draft"]
    text = shown(ana, draft=draft, now="1")
    assert "Las líneas de otros años se dejan fuera" in text
    assert "2 líneas o filas; 2027" in text


def test_a_record_says_what_became_of_the_rows_of_the_file(visit):
    ana = visit("ana")
    mapping = (
        "year: 2027\ncurrency: PEN\nline: [codigo]\nstages: {pia: aprobado, pim: vigente}\nwhere: {nombre: [Salud]}\n"
    )
    draft = query_of(upload(ana, mapping=mapping))["draft"]
    shown(ana, draft=draft, now="1")
    record = json.loads(shown(ana, **query_of(post(ana, "finish", {"draft": draft, "now": "1"}))))
    assert tiles_of(record) == {
        "Filas leídas": "2",
        "Filas conservadas": "1",
        "Filas dejadas fuera": "1",
        "Filas rechazadas": "0",
        "Líneas de presupuesto en el archivo": "1",
    }


def test_a_workbook_that_declares_more_than_a_gigabyte_is_refused_before_it_is_unpacked(visit, own_store):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    declared = bytearray(content.getvalue())
    place = declared.rindex(b"PK\x01\x02") + 24  # in the directory: how large the part is once unpacked
    declared[place : place + 4] = (1_200_000_000).to_bytes(4, "little")
    ana = visit("ana")
    file = (io.BytesIO(bytes(declared)), "gasto.xlsx")
    query = query_of(post(ana, "start", {"file": file, "source": "auto", "mapping": ""}))
    assert query == {"refused": "upload_large"}
    assert "budget import" in shown(ana, **query)
    assert list(staging_folder(own_store.bank_folder).iterdir()) == []


def test_a_form_that_declares_more_than_a_gigabyte_is_answered_with_a_sentence(visit, own_store):
    ana = visit("ana")
    part = b'--B\r\nContent-Disposition: form-data; name="file"; filename="gasto.csv"\r\n\r\na,b\n1,2\n'
    answer = ana.client.post(
        "/es/valle/budget-imports/start",
        input_stream=io.BytesIO(part),
        content_type="multipart/form-data; boundary=B",
        environ_overrides={"CONTENT_LENGTH": "1200000000"},
    )
    assert answer.status_code == 413
    assert "más grande de lo que esta página recibe" in answer.text
    assert not staging_folder(own_store.bank_folder).exists()


def tiles_of(part):
    """Label -> figure of the tiles of a page."""
    found = {}
    if isinstance(part, dict):
        props = part.get("props", {})
        if props.get("className") == "tile":
            label, value = props["children"]
            found[label["props"]["children"]] = value["props"]["children"][0]["props"]["children"]
        for value in part.values():
            found |= tiles_of(value)
    elif isinstance(part, list):
        for value in part:
            found |= tiles_of(value)
    return found


# --- the import after the preview ----------------------------------------------------------------------------------


def imported_in_background(ana, own_store, services):
    """The address of an import that waits, and its draft."""
    draft = query_of(upload(ana))["draft"]
    read(own_store, services, draft)
    return query_of(post(ana, "finish", {"draft": draft}))["job"], draft


def test_a_large_file_is_imported_in_the_background_and_its_report_is_shown(visit, own_store, services):
    ana = visit("ana")
    job_id, draft = imported_in_background(ana, own_store, services)
    waiting = shown(ana, job=job_id)
    assert "Espera su turno" in waiting
    assert "Importarlo de inmediato" in waiting
    assert lines_of(own_store) == {}
    assert query_of(post(ana, "finish", {"draft": draft}))["job"] == job_id  # asked twice, done once
    run_job(workplace(own_store.factory, own_store.bank_folder, kinds=KINDS), job_id)
    text = shown(ana, job=job_id)
    for words in ("La importación terminó", "gasto.csv está importado", "Ver qué cambió", "S/ 18.00"):
        assert words in text.replace("\u00a0", " "), words
    assert "Importarlo de inmediato" not in text
    assert lines_of(own_store) == {"01": Decimal(20), "02": Decimal(-2)}


def test_where_nobody_imports_it_it_is_imported_at_once_and_the_waiting_import_is_cancelled(visit, own_store, services):
    ana = visit("ana")
    job_id, draft = imported_in_background(ana, own_store, services)
    assert "import" in query_of(post(ana, "finish", {"draft": draft, "gone": "keep", "now": "1"}))
    assert stored(own_store.factory, job_id).state == JobState.CANCELLED
    assert lines_of(own_store) == {"01": Decimal(20), "02": Decimal(-2)}


def test_an_import_is_its_owners_alone(visit, own_store, services):
    ana, beto = visit("ana"), visit("beto")
    job_id, _draft = imported_in_background(ana, own_store, services)
    assert ana.get(f"/es/valle/budget-imports?job={job_id}").status_code == 200
    assert beto.get(f"/es/pampa/budget-imports?job={job_id}").status_code == 404
    reading = query_of(upload(ana))
    other = news_of(services, reading["draft"]).id
    assert ana.get(f"/es/valle/budget-imports?job={other}").status_code == 404  # a reading is no import


def test_an_abandoned_upload_is_not_imported(visit, own_store, services):
    ana = visit("ana")
    job_id, draft = imported_in_background(ana, own_store, services)
    post(ana, "abandon", {"draft": draft})
    assert stored(own_store.factory, job_id).state == JobState.CANCELLED
    assert lines_of(own_store) == {}


def test_silence_while_lines_are_stored_is_told_for_what_it_is(visit, own_store, services, see):
    job_id, _draft = imported_in_background(visit("ana"), own_store, services)
    user = person(services, "ana")
    news = services.jobs.job(user, services.sites.find(user, "valle"), job_id)
    silent = replace(news, state=JobState.RUNNING, is_unanswered=True)
    assert "nada se guarda dos veces" in job_view(replace(silent, step="store"), see()).sentences[0]
    assert "no da señales" in job_view(replace(silent, step="rows/1/1"), see()).sentences[0]
